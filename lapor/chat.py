"""`lapor chat`: one citizen at this terminal. The same road as every other channel; this process handles and delivers."""

from __future__ import annotations

import secrets
import signal
import sys
import threading
from collections.abc import Sequence

from rich.console import Console as Screen

from bots import console
from bots.console.adapter import Console
from bots.console.terminal import Terminal, Words
from core.channels import Raw, Stored
from core.config import Config
from core.errors import SchemaOutdated, StorageUnavailable
from core.intake import accept
from core.keepsakes import Shelf
from core.office import now_utc
from core.storage import schema
from core.texts import catalogue
from core.working import Worker
from lapor import wiring

CHANNEL = "console"
_RETRY_SECONDS = 1.0


def run(config: Config, *, name: str) -> None:
    """Until the input ends. Raises SchemaOutdated where nothing has been set up yet."""
    language = config.office.language
    raw = {key: catalogue(language)[f"chat.{key}"] for key in ("hint", "file_missing", "no_answer", "file")}
    terminal = Terminal(
        name=name,
        language=language,
        words=Words(**raw),
        screen=Screen(highlight=False, soft_wrap=True, markup=False),
        source=sys.stdin,
        new_id=lambda: secrets.token_hex(12),
    )
    shelf = Shelf()
    channels = wiring.build_channels(config, [one for one in wiring.enabled(config) if one != CHANNEL], shelf)
    door = console.build(config.channel(CHANNEL, console.Settings), deliver=terminal.deliver)
    channels[CHANNEL] = door
    office = wiring.open_with_keys(config, wiring.capabilities(channels), shelf)
    if not schema.is_current(office.database):
        office.close()
        raise SchemaOutdated("there is no office here yet: start `make serve` first, or run `lapor migrate` and `lapor demo`")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    worker = Worker(office, channels, runs=[CHANNEL], senders=1, to=name)

    def take(raws: Sequence[Raw]) -> Sequence[Stored]:
        """What is typed is not lost because the database is busy or away for a moment."""
        while True:
            try:
                return accept(office, raws, now=now_utc())
            except StorageUnavailable:
                if stop.wait(_RETRY_SECONDS):
                    raise

    worker.start()
    try:
        if isinstance(door, Console):
            terminal.run(lambda typed: door.hand_in(typed, take), stop)
    except KeyboardInterrupt:
        stop.set()
    finally:
        worker.stop()
        for channel in channels.values():
            channel.close()
        office.close()

"""X for the contract suite: a person who writes in private, the X API on loopback between, the vendor's library on our side."""

from __future__ import annotations

import threading

from bots import twitter
from core.channels import Channel, FileRef, InMemory, Surroundings
from tests.bots.contract import HOUSE, Door, Inbox
from tests.bots.xapi import KEYS, XApi


class TwitterDoor(Door):
    """Polls ten times a second, with more money than it can spend."""

    longest = twitter.CAPABILITIES.text_limit
    secrets = KEYS.secrets()

    def __init__(self, **more: object) -> None:
        self.server = XApi().__enter__()
        self.siti = self.server.person("siti")
        self.address = self.siti.id
        self.inbox = Inbox()
        self._said: list[str] = []
        self._more = {"poll_seconds": 0.1, "budget_usd_per_day": 1e6, "answer_timeout_seconds": 1.0, **more}
        self._start()

    def _start(self) -> None:
        """A process that remembers nothing of the one before."""
        settings = twitter.Settings.model_validate(self.server.settings(**self._more))
        self.channel: Channel = twitter.build(settings, Surroundings(office="LAPOR!", sign=HOUSE.sign, keep=InMemory()))
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.channel.listen, args=(self.inbox, self.stop), name="listener")

    def open(self) -> None:
        self.thread.start()
        self.server.wait(lambda: self.server.calls("events"))

    def say(self, text: str) -> None:
        self._said.append(self.siti.dms(text))

    def say_again(self) -> None:
        """X never brings anything: the channel has lost the note of how far it had come, and asks for the last day."""
        self.rest()
        self.channel.close()
        self._start()
        self.thread.start()

    def owes(self) -> bool:
        stored = {raw.source_id for raw in self.inbox.raws()}
        return any(f"dm:{number}" not in stored for number in self._said)

    def shown(self) -> list[str]:
        return self.siti.reads()

    def attach(self, content: bytes) -> FileRef:
        """In private, where X wants our signature for it."""
        if not self.thread.ident:
            self.open()
        number = self.siti.dms("ini buktinya", media=[self.siti.photo(content)])
        found = self.server.wait(lambda: [raw for raw in self.inbox.raws() if raw.source_id == f"dm:{number}"])
        (ref,) = self.channel.parse(found[0].body, found[0].source_id).files
        return ref

    def rest(self) -> None:
        self.stop.set()
        if self.thread.ident:
            self.thread.join(10)

    def shut(self) -> None:
        self.rest()
        self.channel.close()
        self.server.__exit__(None, None, None)

"""Answers that leave through the outbox and Telegram's adapter, next to a bare send with the same library.

Both talk to a Bot API server on loopback in a process of its own, eight messages at once; rounds alternate, medians count. Ours
is the whole delivery: claimed and committed as sending, sent, the outcome committed. Telegram itself takes 30 a second.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import func, select
from telegram import Bot
from telegram.request import HTTPXRequest

from benchmarks.places import PLACES, ROOT, prepared
from bots import telegram
from bots.telegram.client import hush
from bots.telegram.send import keyboard
from core.channels import Channel, Choice, Outbound, Outcome
from core.config import load
from core.delivery import Deliverer
from core.office import Office, now_utc
from core.storage import outbox, people
from core.storage.outbox import Part
from core.storage.tables import outbox as outbox_table
from lapor import wiring

ROUNDS = 5
MESSAGES = 400
AT_ONCE = 8
TEXT = "Baik, sudah saya catat. Boleh instansi melihat nama Anda? Kalau tidak dijawab, nama Anda disembunyikan."
CHOICES = (Choice("yes", "Boleh"), Choice("no", "Sembunyikan"))
TOKEN = "1708:benchmark-benchmark-benchmark-00"
FIRST_CHAT = 700_000


@contextmanager
def bot_api() -> Iterator[str]:
    """URL of a Bot API server that knows every chat."""
    command = [sys.executable, "-m", "tests.bots.botapi", "--any-chat", "--token", TOKEN]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("the Bot API server says no URL")
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def bare(url: str) -> float:
    """Messages per second of the library alone."""
    request = HTTPXRequest(connection_pool_size=AT_ONCE)
    bot = Bot(TOKEN, base_url=f"{url}/bot", request=request)
    chats = iter(range(FIRST_CHAT, FIRST_CHAT + MESSAGES))

    async def send_some() -> None:
        for chat in chats:
            await bot.send_message(chat_id=chat, text=TEXT, reply_markup=keyboard(CHOICES))

    async with bot:
        await send_few(bot)
        began = time.perf_counter()
        await asyncio.gather(*(send_some() for _ in range(AT_ONCE)))
        return MESSAGES / (time.perf_counter() - began)


async def send_few(bot: Bot) -> None:
    """Opens the connections before the clock runs."""
    await asyncio.gather(*(bot.send_message(chat_id=FIRST_CHAT, text=TEXT) for _ in range(AT_ONCE)))


def fill(office: Office, round_: int) -> None:
    """One answer for each of so many people."""
    with office.database.write() as connection:
        for number in range(MESSAGES):
            address, _ = people.ensure_address(
                connection,
                channel="telegram",
                value=str(FIRST_CHAT + round_ * MESSAGES + number),
                name=None,
                language="id",
                verified=True,
                now=now_utc(),
            )
            parts = [Part(TEXT, CHOICES)]
            outbox.enqueue(connection, parts, channel="telegram", address_id=address.id, language="id", now=now_utc())


def ours(office: Office, channel: Channel, round_: int) -> float:
    """Messages per second out of a full outbox."""
    fill(office, round_)
    deliverer = Deliverer(office, channel, owner=f"bench-{round_}", workers=AT_ONCE)
    began = time.perf_counter()
    while deliverer.step(now_utc()) or deliverer.flying:
        deliverer.wait(0.05)
    seconds = time.perf_counter() - began
    deliverer.finish(now_utc, 5)
    with office.database.read() as connection:
        left = connection.execute(select(func.count()).where(outbox_table.c.state != outbox.DELIVERED)).scalar_one()
    if left:
        raise RuntimeError(f"{left} messages were not delivered")
    return MESSAGES / seconds


def adapter_only(channel: Channel) -> float:
    """Messages per second of the adapter without outbox and database."""
    outbound = [Outbound(f"k{chat}", str(chat), TEXT, CHOICES) for chat in range(FIRST_CHAT, FIRST_CHAT + MESSAGES)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(channel.send, outbound[:AT_ONCE]))  # opens connections, finds those that were closed
        began = time.perf_counter()
        for delivery in pool.map(channel.send, outbound):
            if delivery.outcome is not Outcome.ACCEPTED:
                raise RuntimeError(f"not sent: {delivery.detail}")
        return MESSAGES / (time.perf_counter() - began)


def measure(kind: str) -> str:
    with ExitStack() as stack:
        api = stack.enter_context(bot_api())
        url = stack.enter_context(PLACES[kind]())
        config = load(prepared(url, Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        settings = telegram.Settings.model_validate(
            {"enabled": True, "token": TOKEN, "api_url": api, "messages_per_second": 100_000, "seconds_between": 0}
        )
        channel = telegram.build(settings)
        stack.callback(channel.close)
        office = wiring.open_with_keys(config, {"telegram": channel.capabilities})
        stack.callback(office.close)
        rounds = [(asyncio.run(bare(api)), adapter_only(channel), ours(office, channel, number)) for number in range(ROUNDS)]
    library, adapter, whole = (statistics.median(one) for one in zip(*rounds, strict=True))
    return (
        f"telegram, {kind}: bare send {library:.0f}/s; our adapter {adapter:.0f}/s (ratio {adapter / library:.2f}); "
        f"out of the outbox {whole:.0f}/s (ratio {whole / library:.2f})"
    )


def run() -> Iterator[str]:
    """Lines for the record."""
    hush()
    yield from map(measure, PLACES)

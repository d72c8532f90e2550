"""`lapor check`: configuration, key, database, files, channels, calendar: each line fine or what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from core.channels import Check
from core.config import Config
from core.errors import LaporError, StorageUnavailable
from core.keepsakes import Shelf
from core.office import Office, now_utc
from core.spool import waiting
from core.storage import accounts, channelstates, schema
from core.storage.channelstates import ChannelState
from core.storage.files import free_bytes
from lapor import wiring

_LOW_BYTES = 1024**3
_LATE_AFTER = timedelta(minutes=5)


def lines(config: Config) -> Iterator[Check]:
    """One line after the other; stops early only where nothing further can be asked."""
    yield Check("configuration", True, f"{config.office.name}, {config.office.language}, {config.office.timezone}")
    shelf = Shelf()
    channels = wiring.build_channels(config, wiring.enabled(config), shelf)
    given = config.key is not None
    yield Check(
        "key", True, "given by the configuration" if given else "kept in var/key: back it up, what is encrypted needs it"
    )
    office = wiring.open_with_keys(config, wiring.capabilities(channels), shelf)
    try:
        yield from _database(config, office)
        for name, channel in channels.items():
            for line in channel.check():
                yield Check(name if line.name == name else f"{name}: {line.name}", line.ok, line.message)
            channel.close()
        yield from _running(office)
        if any(not channel.capabilities.sender_repeats for channel in channels.values()) or config.spool.exists():
            yield _spool(config, now_utc())
        with suppress(StorageUnavailable):  # said already
            yield _calendar(office)
        yield _disk(config)
    finally:
        office.close()


def _database(config: Config, office: Office) -> Iterator[Check]:
    try:
        if not schema.is_current(office.database):
            yield Check("database", False, "of another version or empty: run `lapor migrate`")
            return
        with office.database.read() as conn:
            demonstration = accounts.demonstration_enabled(conn)
            directory = office.tree(conn).root_id is not None
    except LaporError as error:
        yield Check("database", False, f"{error}; is it running, and is `database:` right?")
        return
    yield Check("database", True, f"{office.database.dialect}, version {schema.head()}")
    if not directory:
        yield Check("directory", False, "no offices yet: run `lapor demo` to try it out")
    if demonstration:
        open_desk = not config.desk.listen.is_loopback
        yield Check(
            "accounts",
            not open_desk,
            "demonstration accounts are enabled: `lapor account disable --demonstration` before real use",
        )


def _running(office: Office) -> Iterator[Check]:
    """What the channels of a running service have said last."""
    try:
        if not schema.is_current(office.database):
            return
        with office.database.read() as conn:
            states = channelstates.every(conn)
    except LaporError:
        return  # said already
    now = now_utc()
    for each in states:
        trouble = each.trouble_at(now)
        heard = f"last word {each.at:%Y-%m-%d %H:%M} UTC"
        if trouble == channelstates.SILENT:
            yield Check(f"{each.channel}: service", False, f"{heard}, silent since: start it again, or look at its log")
        elif trouble is not None:
            yield Check(f"{each.channel}: service", False, f"{heard}, in trouble: {trouble}")
        else:
            yield Check(f"{each.channel}: service", True, f"{heard}, all is well")
        yield from _remarks(each)


def _remarks(said: ChannelState) -> Iterator[Check]:
    """What the running channel wants known: how the money stands, and when it may have heard nothing."""
    for code, given in sorted(said.remarks.items()):
        told = ", ".join(f"{name} {value}" for name, value in given.items())
        if code == "gap":
            remedy = "messages of that time may not have been read: look at the channel itself"
            yield Check(f"{said.channel}: gap", False, f"{told}: {remedy}")
        else:
            spent = code == "budget" and said.trouble == "budget"
            yield Check(f"{said.channel}: {code} of the service", not spent, told)


def _spool(config: Config, now: datetime) -> Check:
    """What senders that do not repeat brought while the database was away; said while it is away, too."""
    found = waiting(config.spool)
    folder = config.spool.relative_to(config.folder)
    if config.spool.exists() and not os.access(config.spool, os.R_OK | os.W_OK | os.X_OK):
        return Check("spool", False, f"{folder}/ cannot be written to: give it to the service's user")
    if found.bad:
        return Check(
            "spool",
            False,
            f"{found.bad} message(s) in {folder}/ cannot be read or stored: is the key the right one? Each start tries again",
        )
    if found.oldest_at is None:
        return Check("spool", True, "nothing waits")
    told = f"{found.count} message(s) wait for the database since {found.oldest_at:%Y-%m-%d %H:%M} UTC"
    late = now - found.oldest_at > _LATE_AFTER
    return Check(
        "spool", not late, f"{told}: is it there, and does `lapor serve` or `lapor run ingress` run?" if late else told
    )


def _calendar(office: Office) -> Check:
    year = now_utc().astimezone(office.config.office.zone).year
    unsure = [str(one) for one in (year, year + 1) if not office.calendar().confirmed(one)]
    if unsure:
        return Check("calendar", True, f"joint leave of {', '.join(unsure)} is not known yet: due dates there may move")
    return Check("calendar", True, f"holidays and joint leave of {year} and {year + 1} are known")


def _disk(config: Config) -> Check:
    config.files.mkdir(parents=True, exist_ok=True)
    free = free_bytes(config.files)
    return Check(
        "disk", free > _LOW_BYTES, f"{free // 1024**2:,} MiB free for files{'' if free > _LOW_BYTES else ': make room'}"
    )

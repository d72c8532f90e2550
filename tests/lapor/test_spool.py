"""The spool: what a sender that does not repeat brings while the database is away."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bots import console
from core.channels import Accept, Raw, Request, Response, Route, Stored
from core.config import Config
from core.errors import StorageUnavailable
from core.office import Office, now_utc
from core.spool import Spool, Unreadable, Waiting, waiting
from core.spooling import drain, keeping
from core.storage import crypto
from core.storage.engine import open_database
from core.storage.tables import inbox
from lapor.serve import Service

NOON = datetime(2026, 3, 13, 5, 0, tzinfo=UTC)
OTHER_KEY = b"another secret of an installation"


def raw(number: int, lane: str = "+628123456789") -> Raw:
    return Raw("hook", f"m{number}", lane, f"message {number}".encode())


def away(raws: Sequence[Raw]) -> Sequence[Stored]:
    raise StorageUnavailable("the database is away")


class Shelf:
    """Where a drained spool goes in tests of the spool alone."""

    def __init__(self, *, refuses: frozenset[str] = frozenset(), away_after: int | None = None) -> None:
        self.came: list[str] = []
        self.moments: list[datetime] = []
        self._refuses, self._left = refuses, away_after

    def __call__(self, raws: Sequence[Raw], at: datetime) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise StorageUnavailable("away again")
        if self._refuses & {one.source_id for one in raws}:
            raise ValueError("cannot be stored")
        self.came += [one.source_id for one in raws]
        self.moments += [at] * len(raws)


@pytest.fixture
def folder(office: Office) -> Path:
    return office.config.spool


@pytest.fixture
def spool(folder: Path) -> Spool:
    return Spool(folder)


def empty(spool: Spool, take: Callable[[Sequence[Raw], datetime], object]) -> bool:
    return drain(spool, take, threading.Event())


@pytest.mark.parametrize(
    "kept",
    [
        Raw("hook", "1", "+62811", b""),
        Raw("hook", "\udcff\0\n", "\ud800", bytes(range(256)), group="album\n2", ready_at=NOON),
        Raw("hook", "é" * 500, "x" * 1000, b"\n\n{" + b"z" * 200_000),
    ],
)
def test_what_is_put_comes_back_as_it_was(spool: Spool, kept: Raw) -> None:
    spool.put([kept], at=NOON)
    (name,) = spool.names("hook")
    found = spool.read("hook", name)
    assert (found.raw, found.at) == (kept, NOON)


def test_nobody_else_can_read_it(spool: Spool, folder: Path) -> None:
    spool.put([raw(1)], at=NOON)
    (file,) = (folder / "hook").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"message" not in file.read_bytes()
    assert b"+6281" not in file.read_bytes()


def test_it_goes_out_in_the_order_in_which_it_came_with_the_moment_of_arrival(spool: Spool, folder: Path) -> None:
    other_process, shelf = Spool(folder), Shelf()
    for number in range(250):
        (spool if number % 2 else other_process).put([raw(number)], at=NOON + timedelta(seconds=number // 120))
    assert waiting(folder).count == 250
    assert empty(spool, shelf)
    assert shelf.came == [f"m{number}" for number in range(250)]
    assert {moment.replace(microsecond=0) for moment in shelf.moments} == {NOON + timedelta(seconds=n) for n in range(3)}
    assert waiting(folder) == Waiting()


def test_a_clock_that_was_put_back_does_not_change_the_order(spool: Spool, folder: Path) -> None:
    spool.put([raw(1)], at=NOON)
    (first,) = (folder / "hook").iterdir()
    ahead = time.time_ns() + 10**15
    first.rename(first.with_name(f"{ahead:020d}-00000000.raw"))
    started_later, shelf = Spool(folder), Shelf()
    started_later.put([raw(2)], at=NOON)
    started_later.put([raw(3)], at=NOON)
    empty(spool, shelf)
    assert shelf.came == ["m1", "m2", "m3"]


def test_while_something_waits_what_comes_goes_behind_it(spool: Spool) -> None:
    direct: list[str] = []

    def there(raws: Sequence[Raw]) -> Sequence[Stored]:
        direct.extend(one.source_id for one in raws)
        return [Stored.NEW] * len(raws)

    assert keeping(away, spool, now_utc)([raw(1)]) == [Stored.NEW]
    back = keeping(there, spool, now_utc)
    back([raw(2)])
    back([Raw("other", "o1", "lane", b"")])
    assert direct == ["o1"]
    shelf = Shelf()
    empty(spool, shelf)
    assert shelf.came == ["m1", "m2"]
    back([raw(3)])
    assert direct == ["o1", "m3"]


def test_a_defect_loses_nothing_either(spool: Spool) -> None:
    def broken(raws: Sequence[Raw]) -> Sequence[Stored]:
        raise ZeroDivisionError

    assert keeping(broken, spool, now_utc)([raw(1)]) == [Stored.NEW]
    assert waiting(spool.folder).count == 1


def test_a_database_that_goes_away_again_leaves_the_rest_in_order(spool: Spool) -> None:
    for number in range(5):
        spool.put([raw(number)], at=NOON + timedelta(seconds=number))
    shelf = Shelf(away_after=2)
    with pytest.raises(StorageUnavailable):
        empty(spool, shelf)
    rest = Shelf()
    empty(spool, rest)
    assert (shelf.came, rest.came) == (["m0", "m1"], ["m2", "m3", "m4"])


def test_what_cannot_be_read_is_set_aside_and_blocks_nobody(spool: Spool, folder: Path) -> None:
    for number in range(3):
        spool.put([raw(number)], at=NOON)
    names = spool.names("hook")
    (folder / "hook" / names[0]).write_bytes(b"")
    cut = (folder / "hook" / names[1]).read_bytes()[:-3]
    (folder / "hook" / names[1]).write_bytes(cut)
    (folder / "hook" / "00000000000000000000-aaaaaaaa.raw").mkdir()
    shelf = Shelf()
    empty(spool, shelf)
    assert shelf.came == ["m2"]
    assert waiting(folder) == Waiting(0, None, bad=3)


def test_what_another_key_wrote_comes_back_when_the_key_is_there_again(spool: Spool, folder: Path) -> None:
    ours = crypto.Keys.from_secret(b"the secret of this installation")
    crypto.use_keys(ours)
    spool.put([raw(1)], at=NOON)
    crypto.use_keys(crypto.Keys.from_secret(OTHER_KEY))
    shelf = Shelf()
    empty(spool, shelf)
    spool.tidy()
    assert (shelf.came, waiting(folder)) == ([], Waiting(0, None, 1))
    crypto.use_keys(ours)
    spool.tidy()
    empty(spool, shelf)
    assert (shelf.came, waiting(folder)) == (["m1"], Waiting())


def test_a_delivery_that_cannot_be_stored_is_set_aside_only_if_others_can(spool: Spool, folder: Path) -> None:
    for number in range(3):
        spool.put([raw(number)], at=NOON)
    assert not empty(spool, Shelf(refuses=frozenset({"m0", "m1", "m2"})))
    assert waiting(folder).count == 3
    shelf = Shelf(refuses=frozenset({"m1"}))
    assert empty(spool, shelf)
    assert shelf.came == ["m0", "m2"]
    assert waiting(folder) == Waiting(0, None, 1)


def test_what_was_never_acknowledged_is_cleared_away_after_a_while(spool: Spool, folder: Path) -> None:
    spool.put([raw(1)], at=NOON)
    old, new = folder / "hook" / "1.tmp", folder / "hook" / "2.tmp"
    for file in (old, new):
        file.write_bytes(b"half")
    os.utime(old, (1, 1))
    spool.tidy()
    assert (old.exists(), new.exists(), waiting(folder).count) == (False, True, 1)


def test_one_process_at_a_time_brings_it_in(spool: Spool, folder: Path) -> None:
    spool.put([raw(1)], at=NOON)
    with spool.alone() as first, Spool(folder).alone() as second:
        assert (first, second) == (True, False)
    with Spool(folder).alone() as third:
        assert third


def test_a_spool_that_never_was_waits_for_nothing(spool: Spool, folder: Path) -> None:
    with spool.alone() as ours:
        assert not ours
    assert (spool.channels(), spool.anything("hook"), waiting(folder)) == ([], False, Waiting())
    assert not folder.exists()


def test_names_that_are_not_ours_do_no_harm(spool: Spool, folder: Path) -> None:
    spool.put([raw(1)], at=NOON)
    (folder / "hook" / "notes.raw").write_bytes(b"")
    assert waiting(folder).count == 2
    with pytest.raises(Unreadable):
        spool.read("hook", "notes.raw")


# --- through the web server -------------------------------------------------------------------------------------------------


class Unrepeating:
    """The terminal's channel with a webhook whose sender does not repeat; the body is the source id."""

    def __init__(self, *, repeats: bool = False) -> None:
        self._door = console.build(console.Settings())
        self.capabilities = replace(self._door.capabilities, sender_repeats=repeats)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._door, name)

    def routes(self, accept: Accept) -> tuple[Route, ...]:
        def handle(request: Request) -> Response:
            accept([Raw("hook", request.body.decode(), "+62811", request.body)])
            return Response(200)

        return (Route("POST", "/hook", handle),)


def send(service: Service, number: int) -> int:
    asked = urllib.request.Request(f"{service.addresses['ingress']}/hook", f"m{number}".encode(), method="POST")
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def ready(service: Service) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"{service.addresses['ingress']}/readyz", timeout=20) as answer:
            return int(answer.status), json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def served(office: Office, *, repeats: bool = False) -> Service:
    service = Service(office, {"hook": Unrepeating(repeats=repeats)}, ("ingress",))
    service.start()
    return service


def without_database(config: Config) -> Office:
    office = Office(config, open_database("postgresql://nobody@127.0.0.1:1/nothing"), None, None, {})  # type: ignore[arg-type]
    return replace(office, wakeups=type("Nobody", (), {"wake": lambda *_: None, "close": lambda *_: None})())


def stored(office: Office) -> list[str]:
    with office.database.read() as conn:
        return list(conn.execute(select(inbox.c.source_id).order_by(inbox.c.id)).scalars())


def test_a_service_that_starts_without_its_database_keeps_everything_and_brings_it_in_later(
    config: Config, office: Office
) -> None:
    service = served(without_database(config))
    try:
        assert [send(service, number) for number in range(3)] == [200, 200, 200]
        status, told = ready(service)
        assert (status, told["database"], told["spool"]["waiting"]) == (503, "away", 3)
        assert told["spool"]["oldest_at"]
    finally:
        service.stop()
    assert stored(office) == []

    service = served(office)
    try:
        assert send(service, 3) == 200
        until = time.monotonic() + 15
        while len(stored(office)) < 4 and time.monotonic() < until:
            time.sleep(0.05)
        assert stored(office) == ["m0", "m1", "m2", "m3"]
        assert ready(service)[1]["spool"] == {"waiting": 0, "oldest_at": None, "unreadable": 0}
    finally:
        service.stop()


def test_a_sender_that_repeats_is_sent_away_as_before(config: Config, office: Office) -> None:
    service = served(without_database(config), repeats=True)
    try:
        assert send(service, 1) == 503
    finally:
        service.stop()
    assert waiting(config.spool) == Waiting()


def test_a_disk_that_takes_nothing_sends_everybody_away(config: Config, office: Office) -> None:
    config.spool.write_text("a file where the folder should be")
    service = served(without_database(config))
    try:
        assert send(service, 1) == 503
        assert ready(service)[0] == 503
    finally:
        service.stop()

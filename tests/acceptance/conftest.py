"""The service at work, on Friday 13 March 2026, 09.00 WIB."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest

from bots.twitter import deletions, faults, listen, prices
from core.config import parse
from core.office import open_office
from core.storage.crypto import Keys, use_keys
from lapor import demo
from tests.acceptance import xworld
from tests.acceptance.mailworld import MailCity, open_mail_city
from tests.acceptance.smsworld import SmsCity, open_sms_city
from tests.acceptance.world import KEY, City, open_city, wib
from tests.acceptance.xworld import XCity
from tests.bots.email.authority import Authority, establish

FRIDAY = wib(3, 13)
REST_SECONDS = 0.05
XCities = Callable[..., AbstractContextManager[XCity]]


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A database file with the demonstration government, to be copied, and its passwords: hashing seventeen takes a while."""
    folder = tmp_path_factory.mktemp("furnished")
    file = folder / "lapor.db"
    shutil.copyfile(sqlite_template, file)
    use_keys(Keys.from_secret(KEY))
    office = open_office(parse({"database": f"sqlite:///{file}"}, folder=folder), {})
    passwords = {one.email.partition("@")[0]: one.password for one in demo.fill(office, now=FRIDAY)}
    office.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file, passwords


@pytest.fixture
def city(furnished: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[City]:
    """By polling, on SQLite."""
    with _on_sqlite(furnished, tmp_path, "polling") as opened:
        yield opened


@pytest.fixture
def pushed(furnished: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[City]:
    """By webhook, on SQLite: there anybody's bytes come in as they are."""
    with _on_sqlite(furnished, tmp_path, "webhook") as opened:
        yield opened


def _on_sqlite(furnished: tuple[Path, dict[str, str]], folder: Path, mode: str):  # type: ignore[no-untyped-def]
    file, passwords = furnished
    own = folder / "lapor.db"
    shutil.copyfile(file, own)
    return open_city(f"sqlite:///{own}", folder, mode=mode, start=FRIDAY, passwords=passwords)


@pytest.fixture(params=["sqlite-polling", "postgres-webhook"])
def any_city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[City]:
    """Once on each database and once by each way in."""
    if request.param == "sqlite-polling":
        yield request.getfixturevalue("city")
        return
    with open_city(request.getfixturevalue("postgres_url"), tmp_path, mode="webhook", start=FRIDAY) as opened:
        yield opened


@pytest.fixture
def sms_city(furnished: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[SmsCity]:
    """Behind Kannel, on SQLite."""
    file, passwords = furnished
    own = tmp_path / "lapor.db"
    shutil.copyfile(file, own)
    with open_sms_city(f"sqlite:///{own}", tmp_path, start=FRIDAY, passwords=passwords) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgres"])
def any_sms_city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmsCity]:
    """Behind Kannel, once on each database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sms_city")
        return
    with open_sms_city(request.getfixturevalue("postgres_url"), tmp_path, start=FRIDAY) as opened:
        yield opened


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Of our SMTP door and of the relay."""
    return establish(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def mail_city(furnished: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[MailCity]:
    """With a relay, on SQLite."""
    with open_mail_city(_copied(furnished, tmp_path), tmp_path, start=FRIDAY, passwords=furnished[1]) as opened:
        yield opened


@pytest.fixture
def relayless(furnished: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[MailCity]:
    """As on the defaults: mails are kept in var/mail."""
    url = _copied(furnished, tmp_path)
    with open_mail_city(url, tmp_path, start=FRIDAY, passwords=furnished[1], relayed=False) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgres"])
def any_mail_city(
    request: pytest.FixtureRequest, furnished: tuple[Path, dict[str, str]], authority: Authority, tmp_path: Path
) -> Iterator[MailCity]:
    """Over STARTTLS both ways, once on each database."""
    on_sqlite = request.param == "sqlite"
    url = _copied(furnished, tmp_path) if on_sqlite else request.getfixturevalue("postgres_url")
    passwords = furnished[1] if on_sqlite else None
    with open_mail_city(url, tmp_path, start=FRIDAY, passwords=passwords, tls=authority) as opened:
        yield opened


@pytest.fixture
def x_city(x_cities: XCities) -> Iterator[XCity]:
    """In front of X, on SQLite."""
    with x_cities() as opened:
        yield opened


@pytest.fixture
def x_cities(furnished: tuple[Path, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> XCities:
    """Opens a city in front of X on the same SQLite database, with settings of the channel; its readers rest a moment only.

    How long they rest after trouble is real time, which no test's clock moves.
    """
    for module, name in (
        (listen, "FIRST_WAIT_SECONDS"),
        (listen, "LONGEST_WAIT_SECONDS"),
        (listen, "OPERATOR_WAIT_SECONDS"),
        (listen, "WANTING_SECONDS"),
        (deletions, "REST_SECONDS"),
        (prices, "LONGEST_INTERVAL_SECONDS"),
        (faults, "_CREDITS_SECONDS"),
    ):
        monkeypatch.setattr(module, name, REST_SECONDS)
    url = _copied(furnished, tmp_path)

    def opened(**more: Any) -> AbstractContextManager[XCity]:
        return xworld.open_city(url, tmp_path, **{"start": FRIDAY, "passwords": furnished[1], **more})

    return opened


def _copied(furnished: tuple[Path, dict[str, str]], folder: Path) -> str:
    """An own copy of the furnished database; its URL."""
    own = folder / "lapor.db"
    shutil.copyfile(furnished[0], own)
    return f"sqlite:///{own}"

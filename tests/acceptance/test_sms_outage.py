"""Texts survive what breaks around them: our database, Kannel's processes, the way out (design.md, the road)."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.acceptance.city import wib
from tests.acceptance.smsworld import BUDI, CODE, SITI, SmsCity, open_sms_city
from tests.acceptance.test_sms_first_to_last import GAPS, STORY, at_the_clinic

pytestmark = pytest.mark.needs("kannel")

LAMP = "lampu jalan di Jl Melati Kota Contoh mati sejak Senin, tidak ada foto"


@contextmanager
def away(server: str, url: str) -> Iterator[None]:
    """PostgreSQL sends everybody away and lets nobody in."""
    name = make_url(url).database or ""
    with psycopg.connect(server.format(name="postgres"), autocommit=True) as connection:
        allowed = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        connection.execute(allowed.format(sql.Identifier(name), sql.Literal(False)))
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            connection.execute(allowed.format(sql.Identifier(name), sql.Literal(True)))


def test_texts_that_come_while_the_database_is_away_are_brought_again_and_answered_once(
    postgres_server: str, postgres_url: str, tmp_path: Path
) -> None:
    with open_sms_city(postgres_url, tmp_path, start=wib(3, 13)) as city:
        siti, budi = city.phone(), city.phone(BUDI)
        siti.reports(STORY)
        with away(postgres_server, postgres_url):
            siti.sends(GAPS)
            budi.sends(LAMP)
            city.vendor.wait(lambda: city.sms.health.trouble == "storage", 10)
            assert city.ready() | {"spool": None} == {"ready": False, "database": "away", "spool": None}
            assert city.ready()["spool"]["waiting"] == 0, "Kannel repeats: nothing lies on our disk"
        assert "lengkap" in siti.reads()
        assert len(CODE.findall(budi.reads())) == 1
        assert (siti.segments(), budi.segments()) == (2, 1)
        assert len(city.kept()) == 3
        assert len(city.rows("reports")) == 2
        assert city.sms.health.trouble is None


def test_what_we_say_waits_for_a_kannel_that_is_away_and_comes_in_order(sms_city: SmsCity) -> None:
    city, siti = sms_city, sms_city.phone()
    code = at_the_clinic(city, siti)
    city.kannel.close()
    official = city.official("puskesmas")
    official.does("respond", code, words="Bidan Sari memeriksa hari ini.", promised_on="2026-03-16")
    official.does("progress", code, words="Loket sudah dibenahi.", promised_on="2026-03-17")
    official.does("settle", code, words="Uang sudah dikembalikan.")
    city.vendor.wait(lambda: city.sms.health.trouble == "unavailable", 10)
    assert siti.reads() == ""
    city.kannel.restart()
    city.on(wib(3, 13, 10))
    first, second, third = siti.reads().splitlines()
    assert "memeriksa" in first
    assert "dibenahi" in second
    assert "dikembalikan" in third
    assert city.sms.health.trouble is None
    assert {row["state"] for row in city.rows("outbox")} == {"delivered"}


def test_a_restart_of_kannel_in_the_middle_doubles_nothing(sms_city: SmsCity) -> None:
    city, siti = sms_city, sms_city.phone()
    code = siti.reports(STORY)
    city.kannel.restart()
    assert "lengkap" in siti.says(GAPS)
    phones = [city.phone(f"0813000000{number:02}") for number in range(12)]
    restarting = threading.Thread(target=city.kannel.restart)
    restarting.start()
    for number, phone in enumerate(phones):  # our side goes on while theirs is killed
        fields = {"id": f"r-{number}", "from": phone.number, "to": "1708", "text": LAMP, "charset": "UTF-8", "coding": "0"}
        city.vendor.said += 1
        assert city.calls("/sms/kannel", **fields) == city.calls("/sms/kannel", **fields) == 200
    restarting.join(30)
    assert not restarting.is_alive()
    city.clock.set(wib(3, 13, 10))
    city.vendor.wait(lambda: not {"waiting", "sending"} & {row["state"] for row in city.rows("outbox")}, 10)
    time.sleep(0.2)
    assert len(city.rows("reports")) == 13
    for phone in phones:
        texts = phone.texts()
        assert len(CODE.findall("\n".join(texts))) <= 1
        assert len(texts) <= 1, "never twice"
    for row in city.rows("outbox"):
        assert row["state"] in ("delivered", "accepted", "unknown"), row["state"]
    assert city.report(code)["state"] == "received"


def test_a_service_that_is_started_anew_goes_on_where_the_other_stopped(
    furnished: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    file, passwords = furnished
    own = tmp_path / "lapor.db"
    shutil.copyfile(file, own)
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with open_sms_city(f"sqlite:///{own}", first, start=wib(3, 13), passwords=passwords) as city:
        code = city.phone().reports(STORY)
    with open_sms_city(f"sqlite:///{own}", second, start=wib(3, 13, 11), passwords=passwords) as city:
        assert "lengkap" in city.phone(SITI).says(GAPS)
        assert city.report(code)["state"] == "received"
        assert city.phone().segments() == 1

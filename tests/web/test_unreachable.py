"""Failed addresses show on the desk: on the report, in the queue, in the state of the service; addresses themselves never."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from admin_web.app import create_app
from core import officialmail, settling
from core.channels import KEPT, Capabilities, Delivery, Fault, Outcome, Receipt
from core.procedure.vocabulary import Move
from core.report import Report
from core.storage import accounts, claims, crypto
from core.storage.crypto import Keys, use_keys
from tests.web.house import DOOR, House, build

POST = Capabilities(text_limit=20_000, may_start=True, reaches_accounts=True, subjects=True, bounce_hours=24)


@pytest.fixture
def town(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """A desk whose office has a letter-box for officials beside the reporters' channel."""
    use_keys(Keys.from_secret(b"a secret of the tests, nothing else"))
    built = build(sqlite_url, tmp_path, doors={"letter": replace(DOOR, receipts=True), "email": POST})
    yield built
    built.office.close()


def _sent(house: House, delivery: Delivery, channel: str = "letter") -> int:
    """Everything that waits ends so; how many."""
    house.later(minutes=1)
    ended = 0
    with house.office.database.write() as conn:
        while heads := claims.heads(conn, channel, now=house.now[0], limit=50):
            entries = [entry for entry, _ in heads]
            claims.sending(conn, [each.id for each in entries], owner="test", until=house.now[0])
            results = [(each, delivery) for each in entries]
            settling.record(conn, house.office, results, owner="test", now=house.now[0], chance=lambda: 0.0)
            ended += len(entries)
    return ended


def _asked(house: House) -> Report:
    report = house.reachable(house.at_clinic())
    house.does("puskesmas", report, Move.ASK, words="Loket nomor berapa, dan jam berapa?")
    return report


GONE = Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_GONE, detail="5.1.1")


def test_the_holder_reads_which_words_did_not_arrive_when_by_which_channel_and_why(town: House) -> None:
    report = _asked(town)
    assert _sent(town, GONE) >= 1
    browser = town.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    told = browser.text()
    assert "Pelapor tidak terjangkau." in told
    assert re.search(r"Pertanyaan · Letter · Jum, 13 Mar 2026 09\.01 WIB : Alamatnya tidak menerima pesan lagi\.", told)
    assert "5.1.1" not in told


def test_the_address_itself_is_shown_to_nobody(town: House) -> None:
    report = _asked(town)
    _sent(town, GONE)
    with town.office.database.write() as conn:
        conn.exec_driver_sql("UPDATE addresses SET address = ?", (crypto.encrypt(b"+628120000999"),))
    for login in ("nasional", "kota", "puskesmas"):
        browser = town.browser(login)
        browser.get(f"/laporan/{report.code}")
        assert "Pelapor tidak terjangkau." in browser.text()
        assert "0000999" not in browser.html


def test_as_long_as_one_address_works_nobody_is_called_unreachable(town: House) -> None:
    report = _asked(town)
    _sent(town, Delivery(Outcome.ACCEPTED, vendor_id="v1"))
    browser = town.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    assert "tidak terjangkau" not in browser.text()


@pytest.mark.parametrize(
    "delivery, words",
    [
        (Delivery(Outcome.FAILED, fault=Fault.REFUSED), "Pesan ditolak di sisi penerima."),
        (Delivery(Outcome.FAILED), "Sebabnya tidak disebut penyedia kanal."),
        (Delivery(Outcome.ACCEPTED, detail=KEPT), "Disimpan di sini, belum dikirim"),
    ],
)
def test_beside_each_message_stands_why_it_did_not_arrive(town: House, delivery: Delivery, words: str) -> None:
    report = _asked(town)
    _sent(town, delivery)
    browser = town.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    assert words in browser.text()


def test_what_counted_as_delivered_and_came_back_later_says_both(town: House) -> None:
    report = _asked(town)
    _sent(town, Delivery(Outcome.DELIVERED, vendor_id="v1"))
    with town.office.database.write() as conn:
        word = Receipt("v1", Outcome.FAILED, "5.1.1", fault=Fault.RECIPIENT_GONE)
        settling.receipt(conn, town.office, "letter", word, now=town.now[0])
    browser = town.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    assert "Sampai Sempat tercatat sampai, lalu kembali sebagai gagal." in browser.text()


def test_the_queue_marks_the_unreachable_and_shows_them_alone_on_request(town: House) -> None:
    lost = _asked(town)
    _sent(town, GONE)
    other = town.at_clinic(title="Yang lain")
    browser = town.browser("puskesmas")
    browser.get("/")
    assert browser.text().count("Tak terjangkau") == 1
    browser.get("/?unreachable=1")
    assert lost.code[:4] in browser.text()
    assert other.code[:4] not in browser.text(), "whoever never had an address is no news"
    browser.get("/?tab=running&unreachable=1")
    assert "Tidak ada yang cocok dengan saringan ini." in browser.text()


def test_the_state_of_the_service_counts_what_failed_and_what_waits_by_channel(town: House) -> None:
    _asked(town)
    failed = _sent(town, GONE)
    town.later(days=1)
    town.does("nasional", town.reachable(town.reported()), Move.ASK, words="Kapan kejadiannya, kira-kira?")
    browser = town.browser("nasional")
    browser.get("/layanan")
    row = re.search(r"<tr><td><strong>Letter</strong></td>(.*?)</tr>", browser.html)
    assert row is not None
    assert re.findall(r">(\d+)</td>", row.group(1)) == ["1", str(failed)]
    town.later(days=7)
    browser = town.browser("nasional")
    browser.get("/layanan")
    row = re.search(r"<tr><td><strong>Letter</strong></td>(.*?)</tr>", browser.html)
    assert row is not None
    assert re.findall(r">(\d+)</td>", row.group(1)) == ["1", "0"]


def _mailed(house: House, login: str, delivery: Delivery) -> None:
    with house.office.database.write() as conn:
        account = accounts.get(conn, house.account_ids[login])
        officialmail.send(conn, house.office, account, kind=officialmail.DIGEST, subject="-", text="-", now=house.now[0])
    assert _sent(house, delivery, "email") == 1


def test_an_official_whose_digest_fails_is_named_with_the_reason(town: House) -> None:
    _mailed(town, "puskesmas", GONE)
    _mailed(town, "kota", Delivery(Outcome.ACCEPTED, vendor_id="v1"))
    browser = town.browser("nasional")
    browser.get("/layanan")
    assert "Gilang Saputra puskesmas@demo.test Alamatnya tidak menerima pesan lagi." in browser.text()
    assert "Dewi Rahmawati" not in browser.text()
    town.later(days=8)
    browser = town.browser("nasional")
    browser.get("/layanan")
    assert "Gilang Saputra" not in browser.text()


@pytest.mark.parametrize("hours, said", [(0, True), (24, False)])
def test_mails_that_are_only_kept_are_said_to_be_so(town: House, hours: int, said: bool) -> None:
    office = replace(town.office, channels={"email": replace(POST, bounce_hours=hours)})
    town.app = create_app(office, clock=lambda: town.now[0])
    browser = town.browser("nasional")
    browser.get("/layanan")
    assert ("Email keluar belum dikirim" in browser.text()) is said


def test_without_a_channel_that_reaches_officials_the_desk_says_that_they_are_not_written_to(house: House) -> None:
    browser = house.browser("nasional")
    browser.get("/layanan")
    assert "petugas tidak menerima ringkasan pagi" in browser.text()


def test_what_waits_on_disk_for_the_database_is_shown(town: House) -> None:
    folder = town.office.config.spool / "letter"
    browser = town.browser("nasional")
    browser.get("/layanan")
    assert "Tidak ada pesan yang menunggu basis data." in browser.text()
    folder.mkdir(parents=True)
    at = town.now[0] - timedelta(hours=2)
    (folder / f"{int(at.timestamp()) * 10**9:020d}-1.raw").write_bytes(b"x")
    (folder / f"{int(at.timestamp()) * 10**9:020d}-2.bad").write_bytes(b"x")
    browser.get("/layanan")
    assert "1 pesan masuk menunggu basis data, yang tertua sejak Jum, 13 Mar 2026 07.00 WIB." in browser.text()
    assert "1 titipan tidak dapat dibaca" in browser.text()

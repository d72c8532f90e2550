"""What became of messages: deliveries on the report's page, quarantine, the state of the channels."""

import re
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from core import texts
from core.channels import Raw
from core.intake import accept
from core.procedure.vocabulary import Move
from core.storage import channelstates
from core.storage.tables import audit, channel_states, inbox, messages, outbox
from tests.web.house import House

ROOT = Path(__file__).resolve().parents[2]
WORDS = {
    "waiting": "Menunggu dikirim",
    "accepted": "Terkirim",
    "delivered": "Sampai",
    "failed": "Gagal terkirim",
    "unknown": "Tidak pasti terkirim",
}


@pytest.mark.parametrize("state", sorted(WORDS))
def test_the_holder_sees_what_became_of_each_message(house: House, state: str) -> None:
    report = house.reachable(house.at_clinic())
    house.does("puskesmas", report, Move.ASK, words="Loket nomor berapa, dan jam berapa?")
    with house.office.database.write() as conn:
        asked = select(messages.c.id).where(messages.c.kind == "question").scalar_subquery()
        changed = conn.execute(update(outbox).where(outbox.c.message_id == asked).values(state=state))
        assert changed.rowcount >= 1
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    assert "Loket nomor berapa, dan jam berapa?" in browser.text()
    assert WORDS[state] in browser.text()


def test_an_answer_to_somebody_without_an_address_says_that_it_was_not_sent(house: House) -> None:
    report = house.at_clinic()
    house.does("puskesmas", report, Move.SETTLE, words="Uang sudah dikembalikan dan loket diawasi.")
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    assert "Tidak dikirim: pelapor tanpa alamat" in browser.text()


def test_what_lies_in_quarantine_is_shown_without_its_words_and_can_be_tried_again(house: House) -> None:
    accept(house.office, [Raw("letter", "1", "lane", b"isi yang rahasia")], now=house.now[0])
    with house.office.database.write() as conn:
        conn.execute(update(inbox).values(state="quarantined", reason="third attempt: ValueError"))
        number = conn.execute(select(inbox.c.id)).scalar_one()
    browser = house.browser("nasional")
    browser.get("/karantina")
    assert "third attempt: ValueError" in browser.text()
    assert "isi yang rahasia" not in browser.text()
    assert browser.post(f"/karantina/{number}/coba-lagi").status_code == 303
    with house.office.database.read() as conn:
        assert conn.execute(select(inbox.c.state)).scalar_one() == "waiting"
        assert conn.execute(select(audit.c.id).where(audit.c.action == "quarantine_retried")).first() is not None
    browser.get("/karantina")
    assert "Karantina kosong" in browser.text()


def test_trouble_of_a_channel_is_shown_with_its_last_success(house: House) -> None:
    now = house.now[0]
    with house.office.database.write() as conn:
        rows = [
            {"channel": "pintu-a", "last_success_at": now, "trouble": None, "at": now},
            {"channel": "pintu-b", "last_success_at": None, "trouble": "unauthorised", "at": now},
        ]
        conn.execute(insert(channel_states), rows)
    browser = house.browser("nasional")
    browser.get("/layanan")
    assert "Lancar" in browser.text()
    assert "Kunci kanal ditolak." in browser.text()
    assert "var/mail" not in browser.text()


def test_a_channel_that_nobody_speaks_for_any_more_is_in_trouble(house: House) -> None:
    with house.office.database.write() as conn:
        channelstates.keep(conn, "pintu-a", last_success_at=house.now[0], trouble=None, at=house.now[0])
    house.later(minutes=3)
    browser = house.browser("nasional")
    browser.get("/layanan")
    assert "Lancar" not in browser.text()
    assert "tidak ada kabar" in browser.text()


def _trouble_codes() -> set[str]:
    """Every code that a channel or its worker can put on record, as the code says it."""
    found = set()
    for file in [*(ROOT / "bots").rglob("*.py"), ROOT / "core/working.py", ROOT / "core/storage/channelstates.py"]:
        for line in file.read_text(encoding="utf-8").splitlines():
            if re.search(r"_trouble\(|\btrouble\s*=[^=]|^(STOPPED|SILENT)\s*=", line):
                found |= set(re.findall(r'"([a-z_]+)"', line.partition("trouble=")[0] if "log." in line else line))
    return found


def test_every_trouble_of_a_channel_says_what_it_is_and_what_to_do_in_both_languages() -> None:
    codes = _trouble_codes()
    assert codes >= {"two_pollers", "unauthorised", "unavailable", "storage", "webhook_refused", "stopped", "silent"}
    for language in ("id", "en"):
        assert {code for code in codes if not texts.has(language, f"desk.service.trouble.{code}")} == set()


def _quarantined(house: House, source_id: str, body: bytes, reason: str = "third attempt: ValueError") -> int:
    accept(house.office, [Raw("letter", source_id, "lane", body)], now=house.now[0])
    with house.office.database.write() as conn:
        conn.execute(update(inbox).where(inbox.c.source_id == source_id).values(state="quarantined", reason=reason))
        return int(conn.execute(select(inbox.c.id).where(inbox.c.source_id == source_id)).scalar_one())


POISON = b"From: a@b\r\nSubject: <script>alert(1)</script>\r\n\r\n\xff\x00 isi"


@pytest.mark.parametrize("body", [POISON, POISON + b"x" * 200_000], ids=["in the row", "in a file"])
def test_the_bytes_of_a_poisonous_message_are_downloaded_as_they_came_and_never_shown(house: House, body: bytes) -> None:
    number = _quarantined(house, "1", body)
    browser = house.browser("nasional")
    browser.get("/karantina")
    assert f"/karantina/{number}/asli" in browser.html
    page = browser.get(f"/karantina/{number}/asli")
    assert page.get_data() == body
    assert page.headers["Content-Type"] == "application/octet-stream"
    assert page.headers["Content-Disposition"].startswith("attachment;")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in page.headers["Content-Security-Policy"]
    with house.office.database.read() as conn:
        seen = conn.execute(select(audit).where(audit.c.action == "quarantine_read")).one()
    assert (seen.account_id, seen.subject_id) == (house.account_ids["nasional"], number)


def test_only_what_lies_in_quarantine_can_be_downloaded_and_only_by_a_national_admin(house: House) -> None:
    number = _quarantined(house, "1", POISON)
    for login in ("kota", "puskesmas", "pemeriksa"):
        assert house.browser(login).get(f"/karantina/{number}/asli").status_code == 404
    browser = house.browser("nasional")
    assert browser.get(f"/karantina/{number + 1}/asli").status_code == 404
    with house.office.database.write() as conn:
        conn.execute(update(inbox).values(state="handled"))
    assert browser.get(f"/karantina/{number}/asli").status_code == 404


def test_bytes_that_were_altered_on_disk_are_not_found_instead_of_breaking_the_page(house: House) -> None:
    number = _quarantined(house, "1", POISON)
    with house.office.database.write() as conn:
        conn.exec_driver_sql("UPDATE inbox SET body = ?", (b"not what was written",))
    assert house.browser("nasional").get(f"/karantina/{number}/asli").status_code == 404

"""Silence counts only from a text that reached the phone (sop.md §6), as the network reports it.

Settled on Friday 2026-03-13; Nyepi, Idulfitri and Good Friday lie between. By hand: of the working days after it (16, 17, 25,
26, 27, 30, 31 March, 1, 2, 6 April) the 7th is 31 March and the 10th 6 April; after Monday the 16th they are 1 and 7 April.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.city import wib
from tests.acceptance.smsworld import CODE, SITI, SmsCity, open_sms_city
from tests.acceptance.test_sms_first_to_last import GAPS, SETTLEMENT, STORY, at_the_clinic
from tests.bots.sms.kannel import SECRET

pytestmark = pytest.mark.needs("kannel")

DEAD = "089901234567"  # the test network refuses every text for it


@pytest.fixture
def unreported(furnished: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[SmsCity]:
    """A gateway without delivery reports: so the configuration says."""
    own = tmp_path / "lapor.db"
    shutil.copyfile(furnished[0], own)
    with open_sms_city(f"sqlite:///{own}", tmp_path, start=wib(3, 13), passwords=furnished[1], receipts=False) as opened:
        yield opened


def closes_in_silence(city: SmsCity, code: str, *, seventh: tuple[int, int], tenth: tuple[int, int]) -> None:
    """Not before the end of the seventh day a reminder, once; not before the end of the tenth the end."""
    siti = city.phone()
    siti.reads()
    city.on(wib(*seventh, 23, 50))
    assert siti.reads() == ""
    city.on(wib(seventh[0] + seventh[1] // 31, seventh[1] % 31 + 1, 8))
    reminder = siti.reads()
    assert code in reminder
    assert reminder.endswith("1 Beres 2 Belum")
    city.on(wib(seventh[0] + seventh[1] // 31, seventh[1] % 31 + 1, 20))
    assert siti.reads() == ""
    city.on(wib(*tenth, 23, 50))
    assert city.report(code)["state"] == "in_progress"
    city.on(wib(tenth[0], tenth[1] + 1, 0, 5))
    report = city.report(code)
    assert (report["state"], report["closing"]) == ("closed", "silence")
    assert code in siti.reads()


def test_a_settlement_that_the_network_delivered_closes_after_ten_working_days(sms_city: SmsCity) -> None:
    code = at_the_clinic(sms_city, sms_city.phone())
    sms_city.does("puskesmas", "settle", code, words=SETTLEMENT)
    (settlement,) = [row for row in sms_city.out(code) if row["clock"] == "silence"]
    assert settlement["state"] == "delivered"
    closes_in_silence(sms_city, code, seventh=(3, 31), tenth=(4, 6))


def test_the_days_are_counted_from_the_delivery_not_from_the_settlement(sms_city: SmsCity) -> None:
    code = at_the_clinic(sms_city, sms_city.phone())
    sms_city.kannel.close()  # over the weekend
    sms_city.does("puskesmas", "settle", code, words=SETTLEMENT)
    assert {row["state"] for row in sms_city.out(code) if row["clock"] == "silence"} == {"waiting"}
    sms_city.kannel.restart()
    sms_city.on(wib(3, 16, 10))
    assert SETTLEMENT in sms_city.phone().texts()[-1]
    closes_in_silence(sms_city, code, seventh=(4, 1), tenth=(4, 7))


def test_without_reports_the_days_count_from_the_sending(unreported: SmsCity) -> None:
    code = at_the_clinic(unreported, unreported.phone())
    unreported.does("puskesmas", "settle", code, words=SETTLEMENT)
    assert [row for row in unreported.rows("inbox") if row["source_id"].startswith("dlr:")] == []
    closes_in_silence(unreported, code, seventh=(3, 31), tenth=(4, 6))


def test_a_settlement_that_the_network_refused_closes_nothing_and_shows_on_the_desk(sms_city: SmsCity) -> None:
    city, dead = sms_city, sms_city.phone(DEAD)
    assert dead.says(STORY) == ""
    (report,) = city.rows("reports")
    code = report["code"]
    assert CODE.fullmatch(code)
    dead.says(GAPS)
    city.does("nasional", "dispose", code, category="complaint", office_name="Pemerintah Kota Contoh")
    city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    assert {row["state"] for row in city.rows("outbox")} == {"failed"}
    assert any(row["source_id"].endswith(":16") for row in city.rows("inbox"))
    page = city.page("puskesmas", f"/laporan/{code}")
    assert DEAD[1:] not in page, "a unit sees no number"
    assert "tidak sampai" in page.lower() or "tak terjangkau" in page.lower(), page
    for moment in (wib(4, 1, 8), wib(4, 7, 0, 5), wib(4, 13, 8), wib(4, 30, 8)):
        city.on(moment)
    assert city.report(code)["state"] == "in_progress"
    # Ten working days after the last attempt, the overdue notice of 13 April, a person may close it (sop.md §5).
    assert "close_unreachable" in city.official("puskesmas").offered(code)


def test_reports_in_any_order_never_take_a_text_back(sms_city: SmsCity) -> None:
    siti = sms_city.phone()
    siti.says(STORY)
    (entry,) = sms_city.rows("outbox")
    assert entry["state"] == "delivered"
    for kind in ("8", "2", "16", "4", "1", "1", "99"):
        assert sms_city.calls("/sms/kannel/status", id=entry["vendor_id"], type=kind) == 200
        sms_city.quiet()
        assert sms_city.rows("outbox")[0]["state"] == "delivered"
    assert sms_city.calls("/sms/kannel/status", secret="guessed", id=entry["vendor_id"], type="2") == 403
    assert sms_city.calls("/sms/kannel/status", secret=SECRET, id="0" * 32 + ".0", type="2") == 200  # of a text we never sent
    sms_city.quiet()
    assert siti.segments() == 1
    assert len(sms_city.kept()) == 1
    assert siti.number == SITI

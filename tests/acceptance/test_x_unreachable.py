"""Whoever takes no messages from us on X any more: nothing is closed by silence, other doors come first (sop.md §5, §6, §7).

By hand from sop.md §6, over Nyepi, Idulfitri and joint leave: settled on Friday 13 March, the tenth working day is 6 April.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.acceptance.doorsworld import DoorsCity, open_city
from tests.acceptance.test_all_doors import one_time
from tests.acceptance.test_x_first_to_last import SETTLEMENT, at_the_clinic
from tests.acceptance.xworld import XCity, wib

LATER = (wib(4, 1, 8), wib(4, 2, 9), wib(4, 7, 0, 5), wib(4, 30, 8))


def silence(city: XCity | DoorsCity) -> list[object]:
    return [row for row in city.rows("clocks") if row["kind"] == "silence"]


def test_a_settlement_that_x_does_not_take_closes_nothing_and_the_holder_is_told(x_city: XCity) -> None:
    city, siti = x_city, x_city.citizen("siti")
    code = at_the_clinic(city, siti)
    siti.person.closes_dms()
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    assert siti.reads() == ""
    assert code in city.page("puskesmas", "/pemberitahuan")
    page = city.page("puskesmas", f"/laporan/{code}")
    assert "Pelapor tidak terjangkau" in page
    assert "Alamatnya tidak menerima pesan lagi" in page
    for moment in LATER:
        city.on(moment)
    assert city.report(code)["state"] == "in_progress"
    assert silence(city) == []
    assert "close_unreachable" in city.official("puskesmas").offered(code)  # a person may (sop.md §5)
    assert city.public() == [], "what does not arrive in private is not said in public"


def test_who_opens_the_messages_again_and_writes_is_reached_again(x_city: XCity) -> None:
    city, siti = x_city, x_city.citizen("siti")
    code = at_the_clinic(city, siti)
    siti.person.closes_dms()
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    siti.person.takes_dms_after_writing()
    heard = siti.says("status")
    assert SETTLEMENT in heard or code in heard
    siti.says("belum, uangnya belum saya terima")
    assert city.report(code)["not_settled"] == 1
    city.does("puskesmas", "settle", code, words="Uangnya kami antar hari ini.")
    assert "kami antar" in siti.reads()
    assert silence(city)


def test_a_question_that_does_not_arrive_gives_the_report_back(x_city: XCity) -> None:
    city, siti = x_city, x_city.citizen("siti")
    code = at_the_clinic(city, siti)
    siti.person.closes_dms()
    city.does("puskesmas", "ask", code, words="Jam berapa kejadiannya?")
    assert city.report(code)["state"] == "at_unit"
    assert "respond" in city.official("puskesmas").offered(code)


def test_what_may_not_have_arrived_is_said_once_more_and_counts_from_then(x_city: XCity) -> None:
    """A 500 after the message had left: a repeated question annoys, a lost one harms (design.md, the road)."""
    city, siti, budi = x_city, x_city.citizen("siti"), x_city.citizen("budi")
    code = at_the_clinic(city, siti)
    city.x.fault("dm", "internal", to=siti.person.id)
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    assert "Halo" in budi.says("halo"), "everybody else's messages go on"
    assert siti.reads() == ""
    assert silence(city) == []
    city.on(wib(3, 13, 9, 20))
    assert siti.reads().count(SETTLEMENT) == 1
    assert len(silence(city)) == 1
    assert {row["gone_at"] for row in city.rows("addresses")} == {None}


@pytest.mark.needs("kannel")
def test_a_settlement_goes_on_at_the_next_verified_door_and_this_is_on_record(
    furnished: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    file, passwords = furnished
    own = tmp_path / "lapor.db"
    shutil.copyfile(file, own)
    with open_city(f"sqlite:///{own}", tmp_path, start=wib(3, 13), passwords=passwords) as city:
        siti, phone = city.x.citizen("siti"), city.sms.phone()
        code = at_the_clinic(city.x, siti)
        phone.says(f"SAMBUNG {one_time(siti.says('sambung'))}")
        phone.says("1")
        siti.reads()
        siti.person.closes_dms()
        city.does("puskesmas", "settle", code, words=SETTLEMENT)
        assert siti.reads() == ""
        assert SETTLEMENT in phone.reads()
        page = city.page("puskesmas", f"/laporan/{code}")
        assert "meneruskan pemberitahuan lewat SMS; lewat X tidak sampai." in page
        assert "Pelapor tidak terjangkau" not in page
        assert "6281234567890" not in page
        (line,) = [row for row in city.rows("history") if row["move"] == "record_delivery"]
        assert line["details"] == {"from_channel": "twitter", "to_channel": "sms"}
        assert silence(city), "it arrived: ten working days from now"
        for moment in LATER[:3]:
            city.on(moment)
        report = city.report(code)
        assert (report["state"], report["closing"]) == ("closed", "silence")
        assert code.replace("-", "") in phone.reads()
        assert city.x.public() == []

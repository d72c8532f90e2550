"""The desk about doors: what channels want known and cost, which door a report was talked through, and who was forgotten."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core import erasing
from core.channels import Capabilities
from core.procedure.vocabulary import Move, Role, State
from core.storage import channelnotes, channelstates, conversations, history, lanes, messages
from core.storage import people as storage_people
from core.storage.crypto import Keys, lookup, use_keys
from core.storage.outbox import Part, enqueue
from core.storage.tables import outbox, people
from tests.web.house import DOOR, FRIDAY, House, build
from tests.web.test_report import assert_well_formed

BIRD = Capabilities(text_limit=10_000, label="Burung")
TODAY = date(2026, 3, 13)


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path):
    use_keys(Keys.from_secret(b"a secret of the tests, nothing else"))
    built = build(sqlite_url, tmp_path, doors={"bird": BIRD, "sms": DOOR})
    yield built
    built.office.close()


def service_page(house: House, language: str = "id") -> str:
    browser = house.browser("nasional")
    browser.get("/layanan", headers={"Accept-Language": language})
    assert_well_formed(browser.html)
    return browser.text()


def says(house: House, trouble: str | None = None, **remarks: dict[str, str]) -> None:
    with house.office.database.write() as conn:
        channelstates.keep(conn, "bird", last_success_at=None, trouble=trouble, at=house.now[0], remarks=remarks)


# --- the service's page ----------------------------------------------------------------------------------------------------


def test_a_channel_is_called_as_its_door_is_labelled(house: House) -> None:
    says(house)
    assert "Burung" in service_page(house)


def test_the_budget_is_said_in_the_readers_numbers(house: House) -> None:
    says(house, budget={"spent": "0.52", "limit": "3.00", "forecast": "1.20"})
    page = service_page(house)
    for amount in ("0,52", "3,00", "1,20"):
        assert amount in page


def test_a_gap_is_said_in_the_offices_zone(house: House) -> None:
    says(house, gap={"since": "2026-03-12 20:10 UTC", "until": "2026-03-13T01:00:00+00:00"})
    page = service_page(house)
    assert "03.10 WIB" in page
    assert "08.00 WIB" in page


def test_an_hour_is_written_as_the_rest_of_the_page_writes_it(house: House) -> None:
    says(house, saving={"until": "18:00"})
    assert "mulai pukul 18.00" in service_page(house)


@pytest.mark.parametrize("given", [{"quota": {"left": "7"}}, {"gap": {"since": "lama"}}])
def test_what_has_no_sentence_is_still_shown(house: House, given: dict[str, dict[str, str]]) -> None:
    says(house, **given)
    page = service_page(house)
    for code, params in given.items():
        assert code in page
        assert all(value in page for value in params.values())


def test_a_channel_in_trouble_says_what_it_means_for_citizens_and_what_to_do(house: House) -> None:
    says(house)
    assert "Apa artinya bagi warga" not in service_page(house)
    says(house, "budget")
    page = service_page(house)
    assert "Apa artinya bagi warga" in page
    assert "batas hariannya" in page


def test_the_cost_of_seven_days_stands_there_by_purpose_the_dearest_first(house: House) -> None:
    with house.office.database.write() as conn:
        channelnotes.spend(conn, "bird", TODAY, "answers", calls=3, micro_usd=45_000)
        channelnotes.spend(conn, "bird", TODAY - timedelta(days=6), "mentions", calls=20, micro_usd=1_200_000)
        channelnotes.spend(conn, "bird", TODAY - timedelta(days=7), "mentions", calls=999, micro_usd=99_000_000)
        channelnotes.spend(conn, "bird", TODAY, "something_new", calls=1, micro_usd=10_000)
    page = service_page(house)
    assert (
        page.index("Membaca sebutan") < page.index("Jawaban kepada warga") < page.index("something_new") < page.index("Jumlah")
    )
    assert "1,20" in page
    assert "1,26" in page  # the sum, rounded from 1.255
    assert "999" not in page
    assert "99," not in page


def test_the_offices_midnight_ends_the_day_of_a_bill(house: House) -> None:
    house.now[0] = FRIDAY.replace(hour=18)  # Saturday, 01:00 in Jakarta
    with house.office.database.write() as conn:
        channelnotes.spend(conn, "bird", TODAY, "answers", calls=1, micro_usd=500_000)
    page = service_page(house)
    row = page[page.index("Jawaban kepada warga") :]
    assert row.index("0,00") < row.index("0,50")


def test_without_costs_there_is_no_bill(house: House) -> None:
    assert "Biaya 7 hari" not in service_page(house)


# --- the report's page -----------------------------------------------------------------------------------------------------


def talk(house: House, channel: str, address: str) -> tuple[int, int]:
    """(address, conversation) of somebody at a door."""
    with house.office.database.write() as conn:
        row, _ = storage_people.ensure_address(
            conn, channel=channel, value=address, name=None, language="id", verified=True, now=house.now[0]
        )
        lane = lanes.ensure(conn, channel, lookup(channel, address))
        return row.id, conversations.add(conn, lane_id=lane, address_id=row.id, channel=channel, now=house.now[0])


def said(house: House, report_id: int, conversation_id: int, words: str, **more: object) -> None:
    with house.office.database.write() as conn:
        messages.add(
            conn,
            report_id=report_id,
            direction="in",
            kind=str(more.pop("kind", "addition")),
            words=words,
            at=house.now[0],
            conversation_id=conversation_id,
            **more,  # type: ignore[arg-type]
        )


def report_page(house: House, code: str, login: str = "puskesmas") -> str:
    browser = house.browser(login)
    assert browser.get(f"/laporan/{code}").status_code == 200
    assert_well_formed(browser.html)
    return browser.text()


def test_with_several_doors_each_piece_says_which_and_with_one_none_does(house: House) -> None:
    report = house.reachable(house.at_clinic())
    address_id, bird = talk(house, "bird", "1234567890")
    said(house, report.id, bird, "Lampunya masih mati.")
    assert "lewat Burung" not in report_page(house, report.code)
    _, phone = talk(house, "sms", "+628123456789")
    said(house, report.id, phone, "Sudah menyala.")
    with house.office.database.write() as conn:
        part = Part("Laporan diteruskan.", kind="notice.disposed", report_id=report.id)
        enqueue(conn, [part], channel="bird", address_id=address_id, language="id", now=house.now[0])
    page = report_page(house, report.code)
    assert "lewat Burung" in page
    assert "lewat SMS" in page
    for identity in ("1234567890", "+628123456789"):
        assert identity not in page


def test_what_was_said_in_public_is_marked(house: House) -> None:
    report = house.at_clinic()
    _, bird = talk(house, "bird", "1")
    said(house, report.id, bird, "@lapor lampu mati", public=True)
    assert "di depan umum" in report_page(house, report.code)
    _, phone = talk(house, "sms", "+62811")
    said(house, report.id, phone, "di jl melati")
    assert "lewat Burung, di depan umum" in report_page(house, report.code)


def test_what_its_author_took_away_is_still_there_and_says_so(house: House) -> None:
    report = house.at_clinic()
    _, bird = talk(house, "bird", "1")
    said(house, report.id, bird, "lampu mati", kind="story", deleted_at=house.now[0])
    page = report_page(house, report.code)
    assert "lampu mati" in page
    assert "Penulis menghapus kiriman ini di kanalnya; salinan kami tetap ada." in page
    said(house, report.id, bird, "di jl melati", kind="story")
    assert "menghapus sebagian kiriman" in report_page(house, report.code)


@pytest.mark.parametrize("login", ["nasional", "puskesmas"])
def test_a_forgotten_reporter_is_said_to_be_forgotten(house: House, login: str) -> None:
    report = house.reachable(house.at_clinic())
    with house.office.database.write() as conn:
        person_id = house.again(report).person_id
        assert person_id is not None
        conn.execute(update(people).where(people.c.id == person_id).values(name="Siti Aminah"))
        _, talking = (
            None,
            conversations.add(
                conn,
                lane_id=lanes.ensure(conn, "letter", lookup("letter", report.code)),
                address_id=house.again(report).address_id or 0,
                channel="letter",
                now=house.now[0],
            ),
        )
        erasing.begin(
            conn, house.office, person_id=person_id, conversation_id=talking, inbox_id=None, withdrawn=False, now=house.now[0]
        )
    page = report_page(house, report.code, login)
    assert "Pelapor menghapus datanya" in page
    assert "Siti Aminah" not in page
    with house.office.database.read() as conn:
        assert conn.execute(select(outbox.c.id).where(outbox.c.state == "waiting")).first() is None
    browser = house.browser("nasional")
    browser.get("/pemberitahuan")
    assert "tanpa jalan kembali kepadanya" in browser.text()
    assert f"Nomor pelapor: {person_id}" in browser.text()


def test_a_notice_that_went_on_at_another_door_stands_in_the_timeline(house: House) -> None:
    report = house.at_clinic()
    with house.office.database.write() as conn:
        history.add(
            conn,
            report_id=report.id,
            at=house.now[0],
            move=Move.RECORD_DELIVERY,
            from_state=State.AT_UNIT,
            to_state=State.AT_UNIT,
            role=Role.SYSTEM,
            details={"from_channel": "bird", "to_channel": "sms"},
        )
    assert "lewat SMS; lewat Burung tidak sampai" in report_page(house, report.code)

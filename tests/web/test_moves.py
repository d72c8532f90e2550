"""The forms of the moves: exactly what the procedure offers, what was typed is kept, pressing twice does no harm."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from admin_web.moves.forms import BESIDES, ORDER, form_of
from core.procedure.states import TABLE, Offer, moves_for
from core.procedure.vocabulary import Category, Ground, Move, OfficeKind, Role, State
from core.report import Report
from core.storage import offices
from core.storage.tables import history, report_words
from core.storage.tables import offices as offices_table
from core.texts import has
from tests.web.house import PEOPLE, Browser, House

ANSWER = "Kepala puskesmas memeriksa loket hari ini dan mengembalikan uang Anda."
OFFICIALS = {Role.NATIONAL_ADMIN, Role.AGENCY_ADMIN, Role.LIAISON, Role.EXAMINER, Role.COORDINATOR, Role.SUPERVISOR}


def _situations(house: House) -> dict[str, Report]:
    asked = house.reachable(house.at_clinic())
    house.does("puskesmas", asked, Move.ASK, words="Loket nomor berapa, dan jam berapa?")
    answered = house.at_clinic()
    house.does("puskesmas", answered, Move.RESPOND, words=ANSWER, promised_on=date(2026, 3, 17))
    unclassified = house.reported()
    house.change(unclassified, classified=False)
    inspected = house.at_clinic(category=Category.COMPLAINT)
    house.change(inspected, needs_inspection=True)
    return {
        "unclassified": unclassified,
        "received": house.reported(),
        "complaint": house.reported(category=Category.COMPLAINT),
        "at agency": house.at_city(),
        "at unit": house.at_clinic(),
        "appreciation": house.at_clinic(category=Category.APPRECIATION),
        "asked": asked,
        "answered": answered,
        "inspected": inspected,
        "archived": house.archived(),
    }


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_the_page_offers_exactly_the_moves_that_the_table_allows(house: House, login: str) -> None:
    from core.casework import case_for
    from core.errors import NotFound

    browser = house.browser(login)
    for name, report in _situations(house).items():
        with house.office.database.read() as conn:
            try:
                _, case = case_for(conn, house.office, report_id=report.id, by=house.actor(login), now=house.now[0])
            except NotFound:
                assert browser.get(f"/laporan/{report.code}").status_code == 404
                continue
        allowed = moves_for(case, house.actor(login), now=house.now[0], calendar=house.office.calendar())
        assert browser.get(f"/laporan/{report.code}").status_code == 200
        assert (name, browser.offered()) == (name, {offer.move.value for offer in allowed})


def test_every_move_that_an_official_can_be_offered_has_a_form_and_words_in_both_languages() -> None:
    for rule in TABLE:
        roles = rule.roles & OFFICIALS
        if not roles or rule.move is Move.REGISTER:
            continue
        form = form_of(Offer(rule.move, next(iter(roles)), State.RECEIVED, rule.needs, rule))
        for language in ("id", "en"):
            for part in ("name", "what", "do"):
                assert has(language, f"desk.move.{rule.move}.{part}")
            for field in form.fields:
                assert field.name in ORDER
                own = has(language, f"desk.form.{rule.move}.{field.name}")
                assert own or field.name == "parts" or has(language, f"desk.form.{field.name}")
    assert set(BESIDES) <= {rule.move for rule in TABLE}


def test_every_history_line_and_code_on_the_page_has_words_in_both_languages() -> None:
    from core.procedure.vocabulary import ClockKind

    for language in ("id", "en"):
        for family, codes in {
            "desk.state": [state for state in State if state is not State.DRAFT],
            "desk.category": list(Category),
            "desk.category_hint": list(Category),
            "desk.ground": list(Ground),
            "desk.clock": list(ClockKind),
            "desk.did": [move for move in Move if move not in {Move.CANCEL, Move.EXPIRE}],
            "desk.sent": ["waiting", "sending", "accepted", "delivered", "failed", "unknown"],
        }.items():
            assert [code for code in codes if not has(language, f"{family}.{code}")] == []


def test_a_report_goes_down_up_and_is_answered_through_the_forms(house: House) -> None:
    report = house.reported()
    national, city, clinic = house.browser("nasional"), house.browser("kota"), house.browser("puskesmas")
    assert national.move(report, "dispose", office_name="pemerintah kota contoh", reason="Mohon segera").status_code == 303
    assert city.move(report, "dispose", office_id=str(house.places["clinic"].id)).status_code == 303
    back = clinic.move(report, "return", reason="Pungutan ini oleh pihak luar.")
    assert back.status_code == 303
    clinic.get(back.headers["Location"])
    assert "Tersimpan: Kembalikan" in clinic.text()
    assert city.move(report, "progress", words=ANSWER, promised_on="2026-03-17").status_code == 303
    assert house.again(report).state is State.IN_PROGRESS
    assert city.move(report, "settle", words=ANSWER).status_code == 303
    assert house.again(report).settlements == 1


def test_a_form_that_does_not_go_through_keeps_what_was_typed_and_says_what_to_do(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("puskesmas")
    answer = browser.move(report, "respond", words="Singkat <b>", promised_on="2026-03-17")
    assert answer.status_code == 422
    assert "Singkat &lt;b&gt;" in browser.html
    assert 'value="2026-03-17"' in browser.html
    assert re.search(r'<details id="langkah-respond"[^>]* open', browser.html)
    assert 'aria-invalid="true"' in browser.html
    browser.move(report, "respond", words=ANSWER, promised_on="2026-03-12")
    assert browser.page is not None
    assert browser.page.status_code == 422
    browser.move(report, "respond", words=ANSWER, promised_on="kapan-kapan")
    assert ANSWER in browser.html
    assert house.again(report).state is State.AT_UNIT


@pytest.mark.parametrize("typed", ["Kantor yang tidak ada", "Kota Contoh"])
def test_an_office_that_no_or_no_single_name_fits_is_asked_about(house: House, typed: str) -> None:
    report = house.at_city()
    browser = house.browser("kota")
    assert browser.move(report, "dispose", office_name=typed).status_code == 422
    assert house.again(report).state is State.AT_AGENCY
    assert typed in browser.html


def test_the_reporters_words_propose_the_office_and_a_unit_proposes_its_agency(house: House) -> None:
    report = house.reported(who_office_id=house.places["clinic"].id)
    browser = house.browser("nasional")
    browser.get(f"/laporan/{report.code}")
    radio = re.search(r'<input type="radio" name="office_id" value="(\d+)"', browser.html)
    assert radio
    assert int(radio.group(1)) == house.places["city"].id


def test_the_office_that_was_recognised_is_picked_unless_it_handed_the_report_back(house: House) -> None:
    report = house.reported(who_office_id=house.places["clinic"].id)
    browser = house.browser("nasional")
    picked = rf'name="office_id" value="{house.places["city"].id}" checked'
    browser.get(f"/laporan/{report.code}")
    assert re.search(picked, browser.html)
    house.does("nasional", report, Move.DISPOSE, office_id=house.places["city"].id)
    house.does("kota", report, Move.RETURN, reason="Bukan wewenang kami.")
    browser.get(f"/laporan/{report.code}")
    assert "pernah mengembalikan" in browser.text()
    assert not re.search(picked, browser.html)


@pytest.mark.parametrize("typed", ["sukamaju puskesmas", "klinik suka"])
def test_among_six_hundred_units_one_is_found_by_parts_of_its_name_or_what_people_call_it(house: House, typed: str) -> None:
    with house.office.database.write() as conn:
        for number in range(600):
            offices.add(
                conn, kind=OfficeKind.UNIT, name=f"Kantor {number:03}", zone="Asia/Jakarta", parent=house.places["city"],
                now=house.now[0],
            )  # fmt: skip
        row = offices_table.c.id == house.places["clinic"].id
        conn.execute(offices_table.update().where(row).values(keywords=["klinik suka"]))
    house.office.refresh()
    report, browser = house.at_city(), house.browser("kota")
    answer = browser.move(report, "dispose", office_name=typed)
    if answer.status_code == 422:
        choice = str(house.places["clinic"].id)
        assert re.search(rf'<input type="radio" name="office_id" value="{choice}"', browser.html)
        answer = browser.move(report, "dispose", office_id=choice)
    assert answer.status_code == 303
    assert house.again(report).holder_id == house.places["clinic"].id


def test_disposing_again_to_one_who_returned_it_asks_for_a_confirmation(house: House) -> None:
    report = house.does("puskesmas", house.at_clinic(), Move.RETURN, reason="Bukan wewenang kami.")
    browser = house.browser("kota")
    place = str(house.places["clinic"].id)
    assert browser.move(report, "dispose", office_id=place).status_code == 422
    assert 'name="confirmed"' in browser.html
    assert house.again(report).state is State.AT_AGENCY
    assert browser.move(report, "dispose", office_id=place, confirmed="1").status_code == 303
    assert house.again(report).state is State.AT_UNIT


def test_pressing_the_button_twice_does_it_once(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    version, seen = (re.search(rf'name="{name}" value="(\d+)"', browser.html).group(1) for name in ("version", "seen"))  # type: ignore[union-attr]
    form = {"version": version, "seen": seen, "words": ANSWER, "promised_on": "2026-03-17", "csrf": browser.csrf()}
    answers = [browser.client.post(f"/laporan/{report.code}/langkah/respond", data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    with house.office.database.read() as conn:
        done = select(func.count()).select_from(history).where(history.c.report_id == report.id, history.c.move == "respond")
        assert conn.execute(done).scalar_one() == 1


def test_two_tabs_with_two_different_notes_lose_neither(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    version, seen = (re.search(rf'name="{name}" value="(\d+)"', browser.html).group(1) for name in ("version", "seen"))  # type: ignore[union-attr]
    form = {"version": version, "seen": seen, "csrf": browser.csrf()}
    path = f"/laporan/{report.code}/langkah/note"
    assert browser.client.post(path, data=form | {"words": "Kepala loket sudah dipanggil."}).status_code == 303
    browser.page = browser.client.post(path, data=form | {"words": "Kartu dicetak ulang hari Senin."})
    assert browser.page.status_code == 409
    assert "Kartu dicetak ulang hari Senin." in browser.html


def test_who_comes_second_sees_what_changed_and_keeps_the_words(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    version, seen = (re.search(rf'name="{name}" value="(\d+)"', browser.html).group(1) for name in ("version", "seen"))  # type: ignore[union-attr]
    house.does("kota", report, Move.RETITLE, title="Pungutan di loket puskesmas")
    form = {"version": version, "seen": seen, "words": ANSWER, "promised_on": "2026-03-17", "csrf": browser.csrf()}
    browser.page = browser.client.post(f"/laporan/{report.code}/langkah/respond", data=form)
    assert browser.page.status_code == 409
    assert "Dewi Rahmawati (admin instansi) mengubah judul." in browser.text()
    assert ANSWER in browser.html
    assert house.again(report).state is State.AT_UNIT


def test_a_move_that_is_not_offered_is_refused_whatever_is_posted(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    form = {"version": str(report.version), "csrf": browser.csrf(), "reason": "Karena saya mau saja.", "ground": "spam"}
    for move in ("archive", "recall", "dispose", "confirm", "close_silent", "seal"):
        assert browser.client.post(f"/laporan/{report.code}/langkah/{move}", data=form).status_code == 409
    assert browser.client.post(f"/laporan/{report.code}/langkah/hapus", data=form).status_code == 404
    assert house.again(report).version == report.version


def test_each_remaining_form_does_its_move(house: House) -> None:
    national, clinic, examiner = house.browser("nasional"), house.browser("puskesmas"), house.browser("pemeriksa")
    complaint = house.reachable(house.at_clinic(category=Category.COMPLAINT))
    other, third = house.reachable(house.reported()), house.reachable(house.reported())
    when = (house.now[0] + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    steps: tuple[tuple[Browser, Report, str, dict[str, Any]], ...] = (
        (national, complaint, "reclassify", {"category": "complaint", "needs_inspection": "1", "reason": "Ada dugaan pungli."}),
        (examiner, complaint, "record_finding", {"finding": "proven", "words": "Terbukti dari rekaman."}),
        (clinic, complaint, "ask", {"fields": ["when", "evidence"]}),
        (clinic, complaint, "take_back", {}),
        (clinic, complaint, "note", {"words": "Rekaman disimpan."}),
        (clinic, complaint, "add", {"words": "Pelapor membawa karcis ke puskesmas."}),
        (clinic, complaint, "record_delivery", {"how": "called", "at": when}),
        (national, complaint, "retitle", {"title": "Pungutan kartu berobat"}),
        (national, complaint, "mark_urgent", {"reason": "Pelapor diancam petugas loket."}),
        (national, complaint, "unmark_urgent", {"reason": "Petugasnya sudah dipindahkan."}),
        (national, complaint, "support", {"office_name": "Inspektorat Kota Contoh"}),
        (national, other, "link", {"code": complaint.code}),
        (national, other, "unlink", {"reason": "Ternyata hal lain."}),
        (national, third, "split", {"part_title_1": "Lampu mati", "part_story_1": "Lampu ruang tunggu mati."}),
        (national, third, "ask", {"words": "Di loket nomor berapa kejadiannya?"}),
        (national, third, "take_back", {}),
        (national, third, "archive", {"ground": "before_court", "reason": "Sudah di pengadilan.", "next_door": "Pengadilan"}),
        (national, third, "restore", {"reason": "Keliru diarsipkan."}),
    )  # fmt: skip
    for browser, report, move, data in steps:
        answer = browser.move(report, move, **data)
        reason = re.search(r'<div class="notice bad".*?</div>', browser.html, re.DOTALL)
        assert (move, answer.status_code, reason and reason.group()) == (move, 303, None)
    with house.office.database.read() as conn:
        title = select(report_words.c.official_title).where(report_words.c.report_id == complaint.id)
        assert conn.execute(title).scalar_one() == "Pungutan kartu berobat"


def test_sealing_away_names_the_accounts_of_the_chosen_unit(house: House) -> None:
    report = house.reported(category=Category.COMPLAINT)
    browser = house.browser("nasional")
    answer = browser.move(
        report,
        "dispose_sealed",
        office_id=str(house.places["inspectorate"].id),
        account_ids=[str(house.account_ids["inspektorat"])],
        accused_office_ids=[str(house.places["clinic"].id)],
    )
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/?")  # it is out of the national admin's sight now
    assert house.again(report).sealed
    assert house.browser("inspektorat").get(f"/laporan/{report.code}").status_code == 200


def test_an_unclassified_report_is_classified_and_disposed_by_one_press(house: House) -> None:
    report = house.reported(category=Category.COMPLAINT)
    house.change(report, classified=False)
    browser = house.browser("nasional")
    browser.get(f"/laporan/{report.code}")
    form = browser.html.partition('langkah/dispose"')[2].partition("</form>")[0]
    assert re.search(r'<option value="complaint" selected>', form)
    assert 'name="needs_inspection"' in form
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    given = {**hidden, "office_id": str(house.places["city"].id), "category": "complaint"}
    path = f"/laporan/{report.code}/langkah/dispose"
    assert browser.client.post(path, data=given).status_code == 303
    after = house.again(report)
    assert (after.state, after.classified, after.category) == (State.AT_AGENCY, True, Category.COMPLAINT)
    assert browser.client.post(path, data=given).status_code == 303, "pressed twice"
    browser.get(f"/laporan/{report.code}")
    assert "menetapkan klasifikasi: Pengaduan" in browser.text()
    assert "mendisposisikan ke Pemerintah Kota Contoh" in browser.text()


def test_another_category_on_the_way_down_asks_for_its_reason_and_keeps_what_was_chosen(house: House) -> None:
    report = house.reported()
    house.change(report, classified=False)
    browser = house.browser("nasional")
    given = {"office_id": str(house.places["city"].id), "category": "complaint", "needs_inspection": "1"}
    assert browser.move(report, "dispose", **given).status_code == 422
    assert re.search(r'<option value="complaint" selected>', browser.html)
    assert re.search(r'name="needs_inspection" value="1" checked', browser.html)
    assert not house.again(report).classified
    assert browser.move(report, "dispose", reason="Dugaan pungli.", **given).status_code == 303
    assert house.again(report).needs_inspection

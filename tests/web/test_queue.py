"""The queue: what waits for whom, in which order, and at which cost."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update

from core import queue
from core.piles import Tab
from core.procedure.vocabulary import Category, Move
from core.queue import PAGE
from core.storage import access
from core.storage.crypto import Keys, use_keys
from core.storage.tables import report_words, reports
from tests.web.house import PEOPLE, House, build


def _titles(html: str) -> list[str]:
    return re.findall(r'class="title"[^>]*>([^<]+)<', html)


def test_each_office_sees_what_it_has_to_act_on(house_on_either: House) -> None:
    house = house_on_either
    house.reported(title="Di nasional")
    house.at_city(title="Di kota")
    house.at_clinic(title="Di puskesmas")
    waiting = {
        "nasional": ["Di nasional"], "kota": ["Di kota"], "puskesmas": ["Di puskesmas"], "dinkes": [], "sekolah": [],
        "kementerian": [], "pemeriksa": [],
    }  # fmt: skip
    running = {
        "nasional": ["Di kota", "Di puskesmas"], "kota": ["Di puskesmas"], "puskesmas": [], "dinkes": ["Di puskesmas"],
        "sekolah": [], "kementerian": [], "pemeriksa": ["Di kota", "Di puskesmas"],
    }  # fmt: skip
    for login in waiting:
        browser = house.browser(login)
        assert (login, _titles(browser.get("/").get_data(as_text=True))) == (login, waiting[login])
        assert (login, sorted(_titles(browser.get("/?tab=running").get_data(as_text=True)))) == (login, running[login])


def test_the_national_admin_acts_for_an_agency_that_lost_its_last_account(house: House) -> None:
    from core.storage import accounts

    house.at_city(title="Di kota tanpa admin")
    with house.office.database.write() as conn:
        accounts.change(conn, house.account_ids["kota"], disabled_at=house.now[0])
    assert "Di kota tanpa admin" in _titles(house.browser("nasional").get("/").get_data(as_text=True))


def _running(house: House, login: str) -> list[str]:
    return sorted(_titles(house.browser(login).get("/?tab=running").get_data(as_text=True)))


def test_a_supporting_unit_sees_what_it_supports_among_what_is_under_way(house_on_either: House) -> None:
    house = house_on_either
    report = house.at_clinic(title="Didukung sekolah")
    house.at_clinic(title="Bukan urusan sekolah")
    with house.office.database.write() as conn:
        access.add(conn, report_id=report.id, kind=access.SUPPORTING, office_ids=[house.places["school"].id])
    assert _running(house, "sekolah") == ["Didukung sekolah"]
    assert _titles(house.browser("sekolah").get("/").get_data(as_text=True)) == []
    assert _running(house, "dinkes") == ["Bukan urusan sekolah", "Didukung sekolah"]
    house.change(report, sealed=True)
    assert _running(house, "sekolah") == []
    house.change(report, sealed=False, state="closed")
    assert _running(house, "sekolah") == []


def test_whoever_is_named_for_a_sealed_report_finds_it_under_way_and_nobody_else_does(house_on_either: House) -> None:
    house = house_on_either
    report = house.at_clinic(title="Tertutup")
    with house.office.database.write() as conn:
        access.add(conn, report_id=report.id, kind=access.CLEARED, account_ids=[house.account_ids["inspektorat"]])
    house.change(report, sealed=True)
    seen = {login for login in PEOPLE if _running(house, login) == ["Tertutup"]}
    assert seen == {"inspektorat"}
    assert house.browser("inspektorat").get(f"/laporan/{report.code}").status_code == 200


def test_what_is_entrusted_is_paged_in_one_order_with_the_rest(house_on_either: House) -> None:
    house = house_on_either
    _many(house, 2 * PAGE, 0)
    with house.office.database.write() as conn:
        ids = conn.execute(select(reports.c.id).order_by(reports.c.id)).scalars().all()
        for number, report_id in enumerate(ids):
            if number % 3:
                access.add(conn, report_id=report_id, kind=access.SUPPORTING, office_ids=[house.places["health"].id])
            else:
                holder = house.places["clinic"].id
                conn.execute(update(reports).where(reports.c.id == report_id).values(holder_id=holder, state="at_unit"))
    seen: list[queue.Item] = []
    after = None
    with house.office.database.read() as conn:
        while True:
            page = queue.page(conn, house.actor("dinkes"), Tab.RUNNING, after=after)
            seen += page.items
            after = page.after
            if after is None:
                break
    assert len(seen) == len({item.id for item in seen}) == 2 * PAGE
    assert seen == sorted(seen, key=lambda item: (item.due_at, item.received_at, item.id))


def test_a_settlement_and_a_question_wait_for_the_reporter(house: House) -> None:
    asked = house.reachable(house.at_clinic(title="Ditanya"))
    house.does("puskesmas", asked, Move.ASK, words="Loket nomor berapa, dan jam berapa?")
    settled = house.reachable(house.at_clinic(title="Diselesaikan"))
    house.does("puskesmas", settled, Move.SETTLE, words="Uang sudah dikembalikan dan loket diawasi.")
    replied = house.reachable(house.at_clinic(title="Belum beres"))
    house.does("puskesmas", replied, Move.SETTLE, words="Uang sudah dikembalikan dan loket diawasi.")
    house.change(replied, replied=True)
    browser = house.browser("puskesmas")
    assert sorted(_titles(browser.get("/?tab=reporter").get_data(as_text=True))) == ["Diselesaikan", "Ditanya"]
    assert _titles(browser.get("/").get_data(as_text=True)) == ["Belum beres"]


def test_urgent_first_then_the_nearest_due_date_then_the_oldest(house_on_either: House) -> None:
    house = house_on_either
    now = house.now[0]
    for title, due, urgent in (("C", 3, False), ("B", 1, False), ("A", 9, True), ("D", None, False)):
        report = house.reported(title=title)
        house.change(report, due_at=None if due is None else now + timedelta(days=due), urgent=urgent)
    older = house.reported(title="B0", arrived_on=date(2026, 3, 10))
    house.change(older, due_at=now + timedelta(days=1))
    assert _titles(house.browser("nasional").get("/").get_data(as_text=True)) == ["A", "B0", "B", "C", "D"]


def test_filters_and_finished_ones(house: House) -> None:
    house.reported(title="Aspirasi", category=Category.ASPIRATION)
    late = house.reported(title="Terlambat")
    house.change(late, overdue=True)
    house.archived()
    browser = house.browser("nasional")
    assert _titles(browser.get("/?category=aspiration").get_data(as_text=True)) == ["Aspirasi"]
    assert _titles(browser.get("/?overdue=1").get_data(as_text=True)) == ["Terlambat"]
    assert len(_titles(browser.get("/?tab=over").get_data(as_text=True))) == 1
    assert browser.get("/?tab=over&after=x&category=zz").status_code == 200
    assert browser.get("/?after=%FF%00garbage").status_code == 200


def test_search_finds_words_of_title_and_story_and_never_a_name(house_on_either: House) -> None:
    house = house_on_either
    house.reported(title="Pungutan di loket", story="Kami membayar 100% tunai di loket_tiga untuk kartu.", name="Siti Aminah")
    browser = house.browser("nasional")
    for wanted, found in (
        ("LOKET kartu", 1),
        ("100%", 1),
        ("loket_tiga", 1),
        ("loketXtiga", 0),
        ("%", 1),
        ("Aminah", 0),
        ("", 0),
    ):
        browser.get("/cari", query_string={"q": wanted})
        assert (wanted, len(_titles(browser.html))) == (wanted, found)
    assert _titles(house.browser("sekolah").get("/cari?q=loket").get_data(as_text=True)) == []


def test_a_code_of_a_report_outside_the_tree_finds_nothing(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("sekolah")
    assert browser.get(f"/cari?q={report.code}").status_code == 200
    assert "Tidak ada yang ditemukan" in browser.text()


def _many(house: House, waiting: int, over: int) -> None:
    """Bare rows, as after years of use."""
    root = house.places["national"].id
    template = {
        "channel": "letter",
        "language": "id",
        "category": "grievance",
        "privacy": "hidden",
        "holder_id": root,
        **dict.fromkeys(("received_at", "holder_since", "spoke_at"), house.now[0]),
        "classified": True,
        "asked_levels": [],
        "question_fields": [],
    }
    rows = [
        {**template, "code": f"W{number:08}", "state": "received", "due_at": house.now[0] + timedelta(minutes=number % 7)}
        for number in range(waiting)
    ]
    rows += [{**template, "code": f"V{number:08}", "state": "closed", "due_at": None} for number in range(over)]
    with house.office.database.write() as conn:
        conn.execute(insert(reports), rows)
        ids = conn.execute(select(reports.c.id, reports.c.code)).all()
        conn.execute(insert(report_words), [{"report_id": row.id, "title": row.code, "story": "cerita"} for row in ids])


@pytest.mark.parametrize("tab", [Tab.WAITING, Tab.OVER])
def test_paging_shows_every_report_once_and_in_order(house_on_either: House, tab: Tab) -> None:
    house = house_on_either
    _many(house, 3 * PAGE + 7, 3 * PAGE + 7)
    seen: list[int] = []
    after = None
    with house.office.database.read() as conn:
        while True:
            page = queue.page(conn, house.actor("nasional"), tab, after=after)
            seen += [item.id for item in page.items]
            after = page.after
            if after is None:
                break
    assert len(seen) == len(set(seen)) == 3 * PAGE + 7


def _asked(house: House, login: str) -> Sequence[tuple[str, Any]]:
    """The statements with which the piles, the count and the search of this person are read."""
    actor, told = house.actor(login), []

    def remember(_conn: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        told.append((statement, parameters))

    with house.office.database.read() as conn:
        event.listen(house.office.database.engine, "before_cursor_execute", remember)
        for tab in Tab:
            queue.page(conn, actor, tab)
            queue.page(conn, actor, tab, after="100")
        queue.waiting_count(conn, actor)
        queue.find_words(conn, actor, "cerita loket")
        event.remove(house.office.database.engine, "before_cursor_execute", remember)
    return told


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_no_pile_and_no_search_reads_the_whole_table_of_reports(house: House, login: str) -> None:
    _many(house, 20, 200)
    told = _asked(house, login)
    with house.office.database.read() as conn:
        for statement, parameters in told:
            plan = [row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            assert [line for line in plan if re.match(r"SCAN reports\b", line)] == []
            assert [line for line in plan if re.match(r"SCAN report_words\b", line)] == []
        assert conn.execute(text("SELECT count(*) FROM reports")).scalar_one() == 220


def test_among_twenty_thousand_on_postgresql_no_pile_reads_the_whole_table_of_reports(
    postgres_url: str, tmp_path: Path
) -> None:
    use_keys(Keys.from_secret(b"a secret of the tests, nothing else"))
    house = build(postgres_url, tmp_path)
    _many(house, 200, 20_000)
    with house.office.database.write() as conn:
        conn.execute(text("ANALYZE"))
    for login in ("nasional", "kota", "puskesmas", "pemeriksa"):
        told = _asked(house, login)
        with house.office.database.read() as conn:
            for statement, parameters in told:
                plan = [row[0] for row in conn.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
                assert [line for line in plan if re.search(r"Seq Scan on reports\b", line)] == []
    house.office.close()

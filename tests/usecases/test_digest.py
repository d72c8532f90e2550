"""sop.md §7: "a digest by email at 08:00 of the agency's zone (new, due today, overdue, answered), urgent ones at once, no case
content in the mail". Days of March 2026: the 13th is a Friday; the 18th to the 24th are holidays and joint leave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest
from sqlalchemy import event

from admin_web.presenting import times
from core import digest, officialmail, queue, settling, sweep
from core.channels import Capabilities, Delivery, Fault, Outcome
from core.dialogue.model import AnswerQuestion
from core.piles import Tab
from core.procedure.vocabulary import Category, Move
from core.queue import Filters
from core.storage import accounts, attempts, claims, outbox, people
from core.storage.crypto import Keys, use_keys
from core.sweep import digests
from tests.usecases.world import PIGEON, World, open_world, wib

POST = Capabilities(
    text_limit=20_000, may_start=True, subjects=True, reaches_accounts=True, receipts=True, bounce_hours=24, repeatable=True
)
STORY = "Di puskesmas Sukamaju diminta 20rb buat kartu, tidak ada kuitansi"
MONDAY, TUESDAY, AFTER_THE_HOLIDAYS = wib(3, 16, 8), wib(3, 17, 8), wib(3, 25, 8)


@pytest.fixture
def town(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """The small government with a letter-box that reaches officials."""
    yield from _town(sqlite_url, tmp_path)


@pytest.fixture
def town_on_either(database_url: str, tmp_path: Path) -> Iterator[World]:
    """On SQLite and on PostgreSQL, for what asks the database."""
    yield from _town(database_url, tmp_path)


def _town(url: str, folder: Path) -> Iterator[World]:
    use_keys(Keys.from_secret(b"a secret for the tests of the use cases"))
    town = open_world(url, folder)
    town.office = replace(town.office, channels={"pigeon": PIGEON, "post": POST})
    yield town
    town.office.close()


def _swept(town: World, at: datetime) -> list[str]:
    town.now = at
    return [effect.slot for effect in sweep.run(town.office, at=at) if effect.job == "digest"]


def _letters(town: World) -> dict[str, list[outbox.Part]]:
    """What waits in the letter-box, by the name in the address; it is empty afterwards."""
    found: dict[str, list[outbox.Part]] = {}
    with town.office.database.write() as connection:
        while heads := claims.heads(connection, "post", now=town.now + timedelta(days=1), limit=50):
            for entry, address in heads:
                assert entry.report_id is None, "what fails here says nothing about a reporter"
                assert entry.kind in officialmail.KINDS
                found.setdefault(address.partition("@")[0], []).append(outbox.part_of(entry.payload or ""))
            attempts.settle(connection, [attempts.Settled(entry.id, "delivered", None, None, town.now) for entry, _ in heads])
    return found


def _counts(part: outbox.Part) -> list[int]:
    """Overdue, due today, from the reporter, new; 0 where there is no line."""
    names = ("Lewat batas waktu", "Jatuh tempo hari ini", "Ada kabar dari pelapor", "Baru di kantor Anda")
    found = [re.search(rf"{name}: (\d+)", part.text) for name in names]
    return [int(one.group(1)) if one else 0 for one in found]


def test_whoever_has_something_to_do_gets_one_mail_at_eight_on_the_next_working_day(town: World) -> None:
    report = town.at_unit(town.submit())
    assert _swept(town, wib(3, 14, 9)) == []  # Saturday
    assert _swept(town, MONDAY - timedelta(minutes=1)) == []
    assert len(_swept(town, MONDAY)) == 1
    (letter,) = _letters(town)["liaison"]
    assert letter.subject == "Antrean LAPOR!-SP4N, Senin, 16 Maret"
    assert _counts(letter) == [0, 0, 0, 1]
    assert f"{report.code[:4]}-{report.code[4:8]}-{report.code[8:]}" in letter.text
    assert _swept(town, MONDAY + timedelta(hours=3)) == []
    assert _letters(town) == {}


def test_no_case_content_is_in_the_mail(town: World) -> None:
    report = town.at_unit(town.submit(story=STORY))
    town.do("liaison", Move.ASK, report, words="Loket nomor berapa?")
    town.deliver()
    town.say(AnswerQuestion(report.code, "Loket tiga, petugas bernama Budi"))
    _swept(town, MONDAY)
    for letter in chain(*_letters(town).values()):
        whole = f"{letter.subject}\n{letter.text}"
        for word in ("Sukamaju", "Pungutan", "kartu", "Loket", "Budi", "Ani", "Dinas", "20rb"):
            assert word not in whole


def test_the_hour_is_that_of_the_agencys_zone(town: World) -> None:
    for place in ("city", "ministry"):
        report = town.classified(town.submit())
        town.do("national", Move.DISPOSE, report, office_id=town.places[place])
    assert len(_swept(town, wib(3, 16, 6))) == 1  # 08.00 WIT
    assert set(_letters(town)) == {"minister"}
    assert len(_swept(town, MONDAY)) == 1
    assert set(_letters(town)) == {"admin"}


def test_after_a_weeks_outage_there_is_one_digest_with_all_that_is_new_since_the_last(town_on_either: World) -> None:
    town = town_on_either
    town.at_unit(town.submit())
    _swept(town, MONDAY)
    assert _counts(_letters(town)["liaison"][0])[3] == 1
    town.now = MONDAY + timedelta(hours=2)
    for _ in range(3):
        town.at_unit(town.submit())
    assert len(_swept(town, wib(3, 27, 15))) >= 1
    letters = _letters(town)
    assert len(letters["liaison"]) == 1
    assert _counts(letters["liaison"][0])[3] == 3
    assert "Jumat, 27 Maret" in letters["liaison"][0].text


def test_where_nothing_is_new_due_overdue_or_answered_no_mail_goes_out(town: World) -> None:
    town.in_progress(town.submit(Category.COMPLAINT))
    _swept(town, MONDAY)
    _letters(town)
    _swept(town, TUESDAY)
    assert "liaison" not in _letters(town)


def test_the_numbers_are_those_of_the_officials_own_queue(town_on_either: World) -> None:
    town = town_on_either
    late, today = town.at_unit(town.submit(Category.GRIEVANCE)), town.at_unit(town.submit())
    asked = town.do("liaison", Move.ASK, town.at_unit(town.submit(Category.COMPLAINT)), words="Loket nomor berapa?")
    town.do("liaison", Move.ASK, town.at_unit(town.submit()), words="Jam berapa kejadiannya?")
    town.at_unit(town.submit(), unit="inspectorate")
    town.deliver()
    _swept(town, MONDAY)
    _letters(town)
    town.now = AFTER_THE_HOLIDAYS - timedelta(hours=1)
    town.say(AnswerQuestion(asked.code, "Loket tiga"))
    fresh = town.at_unit(town.submit(Category.COMPLAINT))
    for moment in (AFTER_THE_HOLIDAYS, wib(3, 26, 8), wib(3, 27, 8), wib(3, 30, 8)):
        _swept(town, moment)
        letters = _letters(town)
        with town.office.database.read() as connection:
            actor = town.actor("liaison")
            late_now = queue.page(connection, actor, Tab.WAITING, filters=Filters(overdue=True)).items
            shown = queue.page(connection, actor, Tab.WAITING).items
            count = queue.waiting_count(connection, actor)
        calendar = town.office.calendar()
        tones = [times.due(each.due_at, moment, calendar, "Asia/Jakarta").tone for each in shown if each.due_at]
        answered, new = (1, 1) if moment == AFTER_THE_HOLIDAYS else (0, 0)
        expected = [len(late_now), tones.count("today"), answered, new]
        assert [_counts(part) for part in letters.get("liaison", [])] == ([expected] if any(expected) else [])
        if letters.get("liaison"):
            assert f"Seluruhnya {count} laporan" in letters["liaison"][0].text
    assert {late.id, today.id} <= {each.id for each in late_now}
    assert fresh.id in {each.id for each in shown}


def test_a_sealed_report_is_counted_for_nobody_who_may_not_open_it(town: World) -> None:
    report = town.at_unit(town.submit(Category.COMPLAINT))
    with town.office.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE reports SET sealed = {'1' if connection.dialect.name == 'sqlite' else 'true'}")
    _swept(town, MONDAY)
    assert "liaison" not in _letters(town)
    assert town.get(report).sealed


def test_an_urgent_report_is_mailed_at_any_hour_once_to_each_who_has_to_act(town_on_either: World) -> None:
    town = town_on_either
    town.now = wib(3, 15, 2)  # Sunday night
    report = town.submit(urgent=True)
    (letter,) = _letters(town)["national"]
    code = f"{report.code[:4]}-{report.code[4:8]}-{report.code[8:]}"
    assert letter.subject == f"Mendesak: {code}"
    assert "Pungutan" not in letter.text
    report = town.at_unit(report)
    assert set(_letters(town)) == {"admin", "liaison"}
    town.do("liaison", Move.RETURN, report, reason="Bukan wewenang kami.")
    assert _letters(town) == {}  # the agency's admin was told of it already


def test_a_report_that_is_not_urgent_is_no_reason_for_a_mail_at_night(town: World) -> None:
    town.at_unit(town.submit())
    assert _letters(town) == {}


def test_disabled_accounts_and_those_made_today_get_none(town: World) -> None:
    town.at_unit(town.submit())
    with town.office.database.write() as connection:
        accounts.change(connection, town.people["liaison"], disabled_at=town.now)
        accounts.change(connection, town.people["national"], created_at=MONDAY)
    town.office.refresh()
    _swept(town, MONDAY + timedelta(hours=1))
    assert {"liaison", "national"} & set(_letters(town)) == set()


@pytest.mark.parametrize("hours, written_to", [(24, False), (0, True)])
def test_invented_addresses_of_the_demonstration_are_written_to_only_where_mails_stay_in_the_house(
    town: World, hours: int, written_to: bool
) -> None:
    town.office = replace(town.office, channels={"pigeon": PIGEON, "post": replace(POST, bounce_hours=hours)})
    town.at_unit(town.submit())
    with town.office.database.write() as connection:
        accounts.change(connection, town.people["liaison"], demonstration=True)
    _swept(town, MONDAY)
    assert ("liaison" in _letters(town)) is written_to


def test_an_address_that_takes_no_mail_rests_for_a_week_and_is_tried_again(town: World) -> None:
    town.at_unit(town.submit())
    _swept(town, MONDAY)
    with town.office.database.write() as connection:
        for entry, _ in claims.heads(connection, "post", now=town.now, limit=50):
            attempts.settle(connection, [attempts.Settled(entry.id, "failed", None, None, town.now)])
            people.mark_gone(connection, entry.address_id, at=town.now)
    town.now = MONDAY + timedelta(hours=1)
    town.at_unit(town.submit())
    _swept(town, TUESDAY)
    assert "liaison" not in _letters(town)
    town.now = TUESDAY + timedelta(hours=1)
    town.at_unit(town.submit())
    _swept(town, AFTER_THE_HOLIDAYS)
    assert "liaison" in _letters(town)


def test_an_official_whose_mail_bounces_makes_no_reporter_unreachable(town: World) -> None:
    report = town.at_unit(town.submit(urgent=True))
    with town.office.database.write() as connection:
        entries = [entry for entry, _ in claims.heads(connection, "post", now=town.now, limit=50)]
        claims.sending(connection, [each.id for each in entries], owner="test", until=town.now)
        gone = [(each, Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_GONE)) for each in entries]
        settling.record(connection, town.office, gone, owner="test", now=town.now, chance=lambda: 0.0)
    assert entries
    assert town.get(report).unreachable_since is None


def test_an_official_reads_it_in_the_own_language(town: World) -> None:
    town.at_unit(town.submit())
    with town.office.database.write() as connection:
        accounts.change(connection, town.people["liaison"], language="en")
    _swept(town, MONDAY)
    (letter,) = _letters(town)["liaison"]
    assert "New at your office: 1" in letter.text
    assert letter.subject == "LAPOR!-SP4N queue, Monday, 16 March"


def test_without_a_channel_that_reaches_officials_the_sweep_goes_on_without_digests(town: World) -> None:
    town.office = replace(town.office, channels={"pigeon": PIGEON})
    town.at_unit(town.submit(urgent=True))
    assert _swept(town, MONDAY) == []
    assert _letters(town) == {}


def test_a_dry_run_says_whose_digest_would_go_out_and_sends_none(town: World) -> None:
    town.at_unit(town.submit())
    town.now = MONDAY
    effects = [effect for effect in sweep.run(town.office, at=MONDAY, dry_run=True) if effect.job == "digest"]
    assert len(effects) == 1
    assert _letters(town) == {}
    assert len(_swept(town, MONDAY)) == 1


def test_a_digest_names_five_codes_of_each_kind_and_how_many_more(town: World) -> None:
    for _ in range(7):
        town.at_unit(town.submit())
    _swept(town, MONDAY)
    (letter,) = _letters(town)["liaison"]
    assert _counts(letter)[3] == 7
    assert len(re.findall(r"\b\w{4}-\w{4}-\w\b", letter.text)) == digest.CODES_MOST
    assert "dan 2 lagi" in letter.text


def test_what_a_digest_costs_does_not_grow_with_the_pile(town: World) -> None:
    statements = [0]
    for _ in range(3):
        town.at_unit(town.submit())
    with town.office.database.read() as connection:
        event.listen(connection.engine, "before_cursor_execute", lambda *_: statements.__setitem__(0, statements[0] + 1))
    costs = []
    for moment in (MONDAY, AFTER_THE_HOLIDAYS):
        with town.office.database.write() as connection:
            statements[0] = 0
            effects, looked_at = digests.batch(connection, town.office, moment, set())
            costs.append(statements[0] / len(looked_at))
            assert effects
        town.now = moment + timedelta(hours=1)
        for _ in range(20):
            town.at_unit(town.submit())
    assert costs[1] <= costs[0] <= 16


def test_what_an_admin_marks_as_urgent_is_mailed_to_the_holder_at_once_and_goes_first(town: World) -> None:
    town.at_unit(town.submit())
    report = town.at_unit(town.submit())
    report = town.do("admin", Move.MARK_URGENT, report, reason="Pelapor diancam petugas.")
    assert set(_letters(town)) == {"liaison"}
    assert town.told("liaison")[0] == "urgent"
    with town.office.database.read() as connection:
        assert queue.page(connection, town.actor("liaison"), Tab.WAITING).items[0].id == report.id
    report = town.do("admin", Move.UNMARK_URGENT, report, reason="Sudah aman.")
    assert not report.urgent
    lines = town.rows("history", lambda c: c.report_id == report.id)
    assert [row.move for row in lines][-2:] == ["mark_urgent", "unmark_urgent"]
    assert all(row.message_id is not None for row in lines[-2:]), "the reason stands in the history"

"""Any course of a report: random moves by anybody at random times, against a copy of the rules typed from sop.md.

The copy knows the table of §5 for a complaint without inspection and the days of §6; it never asks the product what is allowed.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import update

from core import sweep
from core.dialogue.model import Add, AnswerQuestion, Confirm, Dispute, NotSettled, Object, Withdraw
from core.errors import NotFound, Refused
from core.procedure.vocabulary import Ground, Move
from core.report import Report
from core.storage import tables
from core.storage.crypto import Keys, use_keys
from tests.usecases.world import OWN_WORDS, World, open_world, wib

WIB = ZoneInfo("Asia/Jakarta")
OFF = {
    date(2026, month, day)
    for month, days in {
        3: (18, 19, 20, 23, 24),  # Nyepi, Lebaran, joint leave
        4: (3,),
        5: (1, 14, 15, 27, 28),
        6: (1, 16),
        8: (17, 25),
        12: (24, 25),
    }.items()
    for day in days
} | {date(2027, 1, 1), date(2027, 1, 5), date(2027, 2, 5)}

ABOVE = {"health": "city", "puskesmas": "city", "city": "root"}
ACTS_FOR = {"root": "national", "city": "admin", "health": "liaison", "puskesmas": "midwife"}
OPEN = ("received", "at_agency", "at_unit", "in_progress", "awaiting_reporter")
BEGUN: tuple[tuple[Move, ...], ...] = (
    (),
    (Move.DISPOSE,),
    (Move.DISPOSE, Move.DISPOSE),
    (Move.DISPOSE, Move.DISPOSE, Move.RESPOND),
    (Move.DISPOSE, Move.DISPOSE, Move.PROGRESS),
)
MOVES = (
    Move.DISPOSE,
    Move.RETURN,
    Move.RECALL,
    Move.RESPOND,
    Move.PROGRESS,
    Move.SETTLE,
    Move.ASK,
    Move.TAKE_BACK,
    Move.FINAL_DECISION,
    Move.ARCHIVE,
    Move.RESTORE,
    Move.ACKNOWLEDGE,
)
WITH_HOLDER = ("at_agency", "at_unit", "in_progress")


def day_of(moment: datetime) -> date:
    return moment.astimezone(WIB).date()


def working_days(since: datetime, now: datetime) -> int:
    """How many working days after that day have ended."""
    day, count = day_of(since) + timedelta(days=1), 0
    while day < day_of(now):
        count += day.weekday() < 5 and day not in OFF
        day += timedelta(days=1)
    return count


@dataclass
class Copy:
    """What sop.md says about one report."""

    since: datetime
    state: str = "received"
    holder: str = "root"
    before: str = ""
    settlements: int = 0
    arrived: datetime | None = None  # the last settlement
    on_record: bool = False
    replied: bool = False
    reminded: datetime | None = None
    unhappy: int = 0
    owed: bool = False  # an answer to a Belum or a reply
    asked_by: str = ""
    question_arrived: datetime | None = None
    over_at: datetime | None = None
    final: bool = False
    objected: bool = False
    returns: dict[str, int] = field(default_factory=lambda: {"units": 0, "agencies": 0})
    flagged: bool = False
    binding: bool = False

    def goes(self, state: str, holder: str | None = None) -> None:
        if holder is not None and holder != self.holder:
            self.arrived, self.on_record = None, False  # whoever takes it on answers anew
        self.state, self.holder = state, holder or self.holder

    def forget_clocks(self) -> None:
        self.owed, self.question_arrived = False, None


def may(copy: Copy, who: str, move: Move, unit: str) -> tuple[str, str | None] | None:
    """State and holder afterwards; None: refused."""
    state, holder = copy.state, copy.holder
    holds = ACTS_FOR[holder] == who
    of_unit = holder in ("health", "puskesmas")
    in_city = holder != "root"
    table: dict[Move, tuple[bool, str, str | None]] = {
        Move.RECALL: (
            (who == "admin" and of_unit and state in ("at_unit", "in_progress"))
            or (who == "national" and state in (*WITH_HOLDER, "awaiting_reporter")),
            "at_agency" if who == "admin" else "received",
            "city" if who == "admin" else "root",
        ),
        Move.RETURN: (
            holds and state in ("at_agency", "at_unit") and not copy.binding,
            "received" if state == "at_agency" else "at_agency",
            ABOVE.get(holder),
        ),
        Move.RESPOND: (holds and state in ("at_agency", "at_unit"), "in_progress", None),
        Move.PROGRESS: (holds and state in WITH_HOLDER, "in_progress", None),
        Move.SETTLE: (holds and state in WITH_HOLDER, "in_progress", None),
        Move.ASK: (holds and state in ("received", *WITH_HOLDER), "awaiting_reporter", None),
        Move.TAKE_BACK: (holds and state == "awaiting_reporter", copy.before, None),
        Move.FINAL_DECISION: (
            who == "admin" and in_city and state == "in_progress" and copy.settlements > 0 and copy.unhappy >= 2,
            "closed",
            None,
        ),
        Move.ARCHIVE: (who == "national" and state == "received", "archived", None),
        Move.RESTORE: (who == "national" and state == "archived", copy.before, None),
        Move.ACKNOWLEDGE: (False, "", None),
    }
    if move is Move.DISPOSE:
        if who == "national" and state == "received":
            return "at_agency", "city"
        if who == "admin" and holder == "city" and state in ("at_agency", "in_progress"):
            return "at_unit", unit
        return None
    allowed, to, next_holder = table[move]
    return (to, next_holder) if allowed else None


def inputs(world: World, move: Move, who: str, unit: str) -> dict[str, Any]:
    if move is Move.DISPOSE:
        return {"office_id": world.places["city" if who == "national" else unit], "confirmed": True}
    if move in (Move.RESPOND, Move.PROGRESS):
        return {"words": OWN_WORDS, "promised_on": day_of(world.now) + timedelta(days=300)}
    if move is Move.ARCHIVE:
        return {"ground": Ground.NOT_PUBLIC_SERVICE, "reason": "bukan pelayanan publik"}
    return {"words": OWN_WORDS, "reason": "alasan yang jelas"}


class Course(RuleBasedStateMachine):
    """One report on one database; the world goes on from one course to the next."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.report: Report
        self.copy: Copy

    @initialize(hours=st.integers(0, 30 * 24), begun=st.sampled_from(BEGUN), settled=st.booleans())
    def somebody_reports(self, hours: int, begun: tuple[Move, ...], settled: bool) -> None:
        self.world.now = wib(3, 9, 0) + timedelta(hours=hours)
        self.report = self.world.classified(self.world.submit())
        self.world.deliver()
        self.copy = Copy(self.world.now)
        self.version = self.report.version
        for move in begun:
            self.official(ACTS_FOR[self.copy.holder], move, "health")
        if settled and begun:
            self.official(ACTS_FOR[self.copy.holder], Move.SETTLE, "health")
        self.the_post_comes(True)

    # --- who does something -----------------------------------------------------------------------------------------------

    @rule(
        who=st.sampled_from(("national", "admin", "liaison", "midwife", "minister")),
        move=st.sampled_from(MOVES),
        unit=st.sampled_from(("health", "puskesmas")),
    )
    def an_official_acts(self, who: str, move: Move, unit: str) -> None:
        self.official(who, move, unit)

    @rule(pick=st.integers(0, 999), unit=st.sampled_from(("health", "puskesmas")))
    def somebody_does_what_is_allowed(self, pick: int, unit: str) -> None:
        allowed = [(who, move) for who in ACTS_FOR.values() for move in MOVES if may(self.copy, who, move, unit) is not None]
        if allowed:
            self.official(*allowed[pick % len(allowed)], unit)

    def official(self, who: str, move: Move, unit: str) -> None:
        answers = move in (Move.RESPOND, Move.PROGRESS, Move.SETTLE)
        if who == "admin" and self.copy.holder in ("health", "puskesmas") and answers:
            return  # for a silent unit only: its own test
        expected = may(self.copy, who, move, unit)
        try:
            self.world.do(who, move, self.report, **inputs(self.world, move, who, unit))
        except (Refused, NotFound):
            assert expected is None, (who, move, self.copy)
            return
        assert expected is not None, (who, move, self.copy)
        self.note(who, move, *expected)

    def note(self, who: str, move: Move, to: str, holder: str | None) -> None:
        copy = self.copy
        if move is Move.RETURN:
            level = "agencies" if copy.holder == "city" else "units"
            copy.returns[level] += 1
            copy.flagged |= copy.returns[level] >= 2
        if move is Move.DISPOSE and who == "national" and copy.flagged:
            copy.flagged, copy.binding = False, True
        if move is Move.ASK:
            copy.before, copy.asked_by, copy.question_arrived = copy.state, who, None
        if move in (Move.RESPOND, Move.PROGRESS, Move.SETTLE):
            copy.owed = False
        if move is Move.SETTLE:
            copy.settlements += 1
            copy.arrived, copy.reminded, copy.replied, copy.on_record = None, None, False, True
        if move is Move.ARCHIVE:
            copy.before = copy.state
        if to in ("closed", "archived"):
            copy.over_at = self.world.now
            copy.forget_clocks()
            copy.final = move is Move.FINAL_DECISION
        copy.goes(to, holder)

    # --- the reporter -----------------------------------------------------------------------------------------------------

    def says(self, effect: Any, allowed: bool) -> bool:
        try:
            self.world.say(effect)
        except Refused:
            assert not allowed, (effect, self.copy)
            return False
        assert allowed, (effect, self.copy)
        return True

    @precondition(lambda self: self.copy.state == "awaiting_reporter")
    @rule()
    def the_reporter_answers(self) -> None:
        self.world.say(AnswerQuestion(code=self.report.code, text="Kamis jam 8"))
        self.copy.goes(self.copy.before)

    @rule(whim=st.integers(0, 3))
    def beres(self, whim: int) -> None:
        if whim != 2:
            return
        if self.says(Confirm(code=self.report.code), self.copy.state == "in_progress"):
            self.over("closed")

    @rule()
    def belum(self) -> None:
        if self.says(NotSettled(code=self.report.code, text="belum"), self.copy.state == "in_progress"):
            self.copy.unhappy += self.copy.settlements > 0 and not self.copy.owed
            self.copy.replied = self.copy.owed = True

    @precondition(lambda self: self.copy.state == "in_progress")
    @rule(thanks=st.booleans())
    def a_reply(self, thanks: bool) -> None:
        self.world.say(Add(code=self.report.code, text="makasih" if thanks else "kapan?", trouble=not thanks))
        if not thanks:
            self.copy.owed = True
            self.copy.replied |= self.copy.on_record

    @rule()
    def a_dispute(self) -> None:
        copy = self.copy
        inside = copy.over_at is not None and working_days(copy.over_at, self.world.now) < 10
        allowed = copy.state == "closed" and not copy.final and inside
        if self.says(Dispute(code=self.report.code, text="belum benar"), allowed):
            copy.unhappy += 1
            copy.replied = copy.owed = True
            copy.goes("in_progress")

    @precondition(lambda self: self.copy.state in OPEN)
    @rule(solved=st.booleans(), whim=st.integers(0, 9))
    def withdrawn(self, solved: bool, whim: int) -> None:
        if whim != 7:
            return
        self.world.say(Withdraw(code=self.report.code, solved=solved))
        self.over("closed" if solved else "archived")

    @rule()
    def an_objection(self) -> None:
        copy = self.copy
        inside = copy.over_at is not None and working_days(copy.over_at, self.world.now) < 30
        allowed = copy.state == "archived" and not copy.objected and inside
        if self.says(Object(code=self.report.code, text="tidak setuju"), allowed):
            copy.objected = True
            copy.goes("received", "root")

    def over(self, state: str) -> None:
        copy = self.copy
        if state == "archived":
            copy.before = copy.before if copy.state == "awaiting_reporter" else copy.state
        copy.over_at, copy.final = self.world.now, False
        copy.forget_clocks()
        copy.goes(state)

    # --- the post and the clock -------------------------------------------------------------------------------------------

    @rule(luck=st.integers(0, 5))
    def the_post(self, luck: int) -> None:
        self.the_post_comes(luck != 3)

    def the_post_comes(self, arrives: bool) -> None:
        waiting = self.mine(state="waiting")
        if arrives:
            self.world.deliver()
        else:
            self.world.bounce()
            self.back_on_the_channel()
        for row in waiting:
            self.arrived(row) if arrives else self.failed(row)
        self.look()

    def arrived(self, row: Any) -> None:
        copy, now = self.copy, self.world.now
        if row.kind == "notice.question" and copy.state == "awaiting_reporter" and row.message_id == self.stored().question_id:
            copy.question_arrived = copy.question_arrived or now
        if row.kind == "notice.settlement" and copy.on_record and copy.arrived is None and self.is_latest(row):
            copy.arrived = now
        if row.kind == "notice.settlement_reminder":
            copy.reminded = copy.reminded or now

    def failed(self, row: Any) -> None:
        copy = self.copy
        if copy.state == "awaiting_reporter" and row.kind in ("notice.question", "notice.question_reminder"):
            copy.goes(self.stored().state)  # undeliverable: where it was; `look` holds it against `before`
            assert copy.state in ("awaiting_reporter", copy.before)

    def back_on_the_channel(self) -> None:
        with self.world.office.database.write() as connection:
            connection.execute(update(tables.addresses).values(gone_at=None))

    @rule(hours=st.sampled_from((1, 9, 24, 3 * 24, 7 * 24, 8 * 24, 15 * 24)), twice=st.booleans())
    def time_passes(self, hours: int, twice: bool) -> None:
        self.world.now += timedelta(hours=hours)
        sweep.run(self.world.office, at=self.world.now)
        if twice:
            again = sweep.run(self.world.office, at=self.world.now)
            assert not [effect for effect in again if effect.report is not None]
        self.the_clock_did()

    @rule(days=st.integers(1, 16))
    def days_of_good_post(self, days: int) -> None:
        for _ in range(days):
            self.the_post_comes(True)
            self.world.now += timedelta(days=1)
            sweep.run(self.world.office, at=self.world.now)
            self.the_clock_did()

    def the_clock_did(self) -> None:
        copy, now, stored = self.copy, self.world.now, self.stored()
        silence_over = (
            copy.state == "in_progress"
            and copy.arrived is not None
            and not copy.replied
            and working_days(copy.arrived, now) >= 10
            and copy.reminded is not None
            and working_days(copy.reminded, now) >= 3
        )
        if stored.state == copy.state:
            assert not silence_over or stored.state != "in_progress" or self.silence_was_stopped(), copy
            return
        if copy.state == "awaiting_reporter":  # gave up
            assert copy.question_arrived is not None
            assert working_days(copy.question_arrived, now) >= 10
            assert stored.state == ("archived" if copy.asked_by == "national" and copy.before == "received" else copy.before)
            if stored.state == "archived":
                self.over("archived")
            else:
                copy.goes(copy.before)
        else:
            assert (copy.state, stored.state, stored.closing) == ("in_progress", "closed", "silence")
            assert silence_over, copy
            self.over("closed")

    def silence_was_stopped(self) -> bool:
        """A question after the settlement took its word back."""
        moves = [row.move for row in self.history()]
        return "ask" in moves[len(moves) - moves[::-1].index("settle") :] or "restore" in moves or "object" in moves

    # --- what always holds ------------------------------------------------------------------------------------------------

    @invariant()
    def it_stands_where_the_procedure_says(self) -> None:
        self.look()

    def look(self) -> None:
        stored, copy = self.stored(), self.copy
        assert (stored.state, stored.holder_id) == (copy.state, self.world.places[copy.holder]), copy
        assert (stored.flagged, stored.binding) == (copy.flagged, copy.binding)
        assert stored.version >= self.version
        self.version = stored.version
        if stored.state == "closed":
            assert stored.closed_at is not None
            assert stored.closing is not None
        if stored.state == "archived":
            assert stored.archived_at is not None
            assert stored.ground is not None

    @invariant()
    def its_history_replays_to_where_it_stands(self) -> None:
        at = "draft"
        for row in self.history():
            assert row.from_state == at
            at = row.to_state
        assert at == self.stored().state

    @invariant()
    def no_clock_was_reset_and_each_thing_happened_once(self) -> None:
        rows = self.world.rows("clocks", lambda c: c.report_id == self.report.id)
        for kind in ("settlement", "ombudsman"):
            assert [row.started_at for row in rows if row.kind == kind] == [self.copy.since]
        running = [row.kind for row in rows if row.stopped_at is None]
        assert len(running) == len(set(running))
        assert bool(running) == (self.copy.state in OPEN) or set(running) <= {"settlement"}
        assert ("answer" in running) == self.copy.owed or self.copy.state not in OPEN
        kinds = [row.kind for row in self.mine()]
        assert kinds.count("notice.referred") <= 1
        assert kinds.count("notice.ombudsman_choice") <= 1
        assert kinds.count("notice.closed_silent") <= self.copy.settlements
        referred_at = self.stored().referred_at
        if referred_at is not None:
            assert working_days(self.copy.since, referred_at) >= 60

    def stored(self) -> Report:
        return self.world.get(self.report)

    def history(self) -> list[Any]:
        return self.world.rows("history", lambda c: c.report_id == self.report.id)

    def mine(self, **state: str) -> list[Any]:
        rows = self.world.rows("outbox", lambda c: c.report_id == self.report.id)
        return [row for row in rows if all(getattr(row, name) == value for name, value in state.items())]

    def is_latest(self, row: Any) -> bool:
        kept = self.world.rows("messages", lambda c: (c.report_id == self.report.id) & (c.kind == "settlement"))
        return bool(row.message_id == kept[-1].id)

    def teardown(self) -> None:
        """The next course begins with nothing that is due or on its way."""
        with self.world.office.database.write() as connection:
            connection.execute(update(tables.clocks).values(next_at=None, stopped_at=self.world.now))
            connection.execute(update(tables.reports).values(state="closed"))
        self.world.deliver()


def test_any_course_of_a_report_follows_the_procedure(sqlite_url: str, tmp_path: Path) -> None:
    use_keys(Keys.from_secret(b"a secret for the tests of the use cases"))
    world = open_world(sqlite_url, tmp_path)
    some = settings(
        max_examples=15,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Course(world), settings=some)
    world.office.close()

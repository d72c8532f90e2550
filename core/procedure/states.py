"""The state table of sop.md §5 as data, and the two questions asked of it: what may this person do now, and may they do this.

`moves_for` feeds the page, `require` holds every move against the same evaluation. What is not in the table is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.errors import NotFound, Refused
from core.procedure import checks, guards
from core.procedure.calendar import WorkingCalendar
from core.procedure.case import Actor, Case
from core.procedure.checks import Check
from core.procedure.given import Given, Situation, missing_input
from core.procedure.guards import Guard
from core.procedure.numbers import STANDARD, Numbers
from core.procedure.permissions import may_see, sight
from core.procedure.vocabulary import Input, Move, OfficeKind, Role, State
from core.procedure.who import ROLES, Who, role_for, why_not

Before = State | None
"""The state that a move begins in; None: there is no report yet."""


class To(StrEnum):
    """Targets that depend on the report."""

    SAME = "same"
    WHERE_IT_WAS = "where_it_was"
    GONE = "gone"  # a draft that never becomes a report
    WITHDRAWN = "withdrawn"  # archived; closed if solved; the same where inspection has begun
    ONE_UP = "one_up"  # follows the holder that it falls back to


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table. `guard` looks at the report, `check` at what was given; both answer a reason code or None.

    `classifies`: where only the classification is missing it may be given along, and is then recorded first.
    """

    from_states: frozenset[Before]
    move: Move
    who: Who
    to: State | To
    needs: frozenset[Input] = frozenset()
    guard: Guard = guards.free
    check: Check = checks.nothing_more
    classifies: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        return ROLES[self.who]


@dataclass(frozen=True, slots=True)
class Offer:
    """A move that this person may make on this report now. `to`: None where a draft goes. `role`: in which role.

    `needs` holds the category for a disposition that classifies first, in the same step.
    """

    move: Move
    role: Role
    to: State | None
    needs: frozenset[Input]
    rule: Rule


def _any(*states: Before) -> frozenset[Before]:
    return frozenset(states)


_DRAFT, _RECEIVED, _AT_AGENCY, _AT_UNIT = State.DRAFT, State.RECEIVED, State.AT_AGENCY, State.AT_UNIT
_IN_PROGRESS, _AWAITING, _CLOSED, _ARCHIVED = State.IN_PROGRESS, State.AWAITING_REPORTER, State.CLOSED, State.ARCHIVED
_WITH_HOLDER = _any(_AT_AGENCY, _AT_UNIT, _IN_PROGRESS)
_HANDLED = _any(_RECEIVED, _AT_AGENCY, _AT_UNIT, _IN_PROGRESS)
_OPEN = _HANDLED | {_AWAITING}
_BELOW = _WITH_HOLDER | {_AWAITING}
_REPORTS = _OPEN | {_CLOSED, _ARCHIVED}


def _needs(*inputs: Input) -> frozenset[Input]:
    return frozenset(inputs)


_REASON = _needs(Input.REASON)
_OFFICE = _needs(Input.OFFICE)
_ANSWER = _needs(Input.WORDS, Input.PROMISED_DATE)
_ARRIVAL = _needs(Input.SOURCE, Input.ARRIVED_ON)

TABLE: tuple[Rule, ...] = (
    # a draft and what comes by hand
    Rule(_any(_DRAFT), Move.SUBMIT, Who.REPORTER, _RECEIVED, guard=guards.complete),
    Rule(_any(_DRAFT), Move.CANCEL, Who.REPORTER, To.GONE),
    Rule(_any(_DRAFT), Move.EXPIRE, Who.SYSTEM, To.GONE),
    Rule(_any(None), Move.REGISTER, Who.NATIONAL, _RECEIVED, _ARRIVAL, check=checks.arrived_by_today),
    Rule(_any(None), Move.REGISTER, Who.REGISTRAR, _AT_AGENCY, _ARRIVAL, check=checks.own_agency_arrival),
    # down
    Rule(
        _any(_RECEIVED),
        Move.DISPOSE,
        Who.NATIONAL,
        _AT_AGENCY,
        _OFFICE,
        guards.classified_and_open,
        checks.an_agency,
        classifies=True,
    ),
    Rule(
        _any(_RECEIVED),
        Move.DISPOSE_SEALED,
        Who.NATIONAL,
        _AT_UNIT,
        _needs(Input.OFFICE, Input.ACCOUNTS),
        guards.may_be_sealed_away,
        checks.unit_and_accounts,
    ),
    Rule(_any(_AT_AGENCY, _IN_PROGRESS), Move.DISPOSE, Who.AGENCY, _AT_UNIT, _OFFICE, guards.agency_holds, checks.own_unit),
    # up
    Rule(_any(_AT_AGENCY), Move.RETURN, Who.AGENCY, _RECEIVED, _REASON, guards.not_binding),
    Rule(_any(_AT_UNIT), Move.RETURN, Who.HOLDER, _AT_AGENCY, _REASON, guards.not_binding_open),
    # sop.md §1: what the national admin sealed past the agency goes back past the agency
    Rule(_any(_AT_UNIT), Move.RETURN, Who.HOLDER, _RECEIVED, _REASON, guards.not_binding_sealed),
    Rule(_any(_AT_UNIT, _IN_PROGRESS), Move.RECALL, Who.AGENCY, _AT_AGENCY, _REASON, guards.unit_holds),
    Rule(_BELOW, Move.RECALL, Who.NATIONAL, _RECEIVED, _REASON),
    Rule(_BELOW, Move.FALL_BACK, Who.SYSTEM, To.ONE_UP, guard=guards.holder_unstaffed),
    # answering
    Rule(_any(_AT_AGENCY, _AT_UNIT), Move.RESPOND, Who.HOLDER_OR_AGENCY, _IN_PROGRESS, _ANSWER, check=checks.promise_ahead),
    Rule(_WITH_HOLDER, Move.PROGRESS, Who.HOLDER_OR_AGENCY, _IN_PROGRESS, _ANSWER, check=checks.promise_ahead),
    Rule(
        _WITH_HOLDER,
        Move.SETTLE,
        Who.HOLDER_OR_AGENCY,
        _IN_PROGRESS,
        _needs(Input.WORDS),
        guards.finding_if_inspected,
    ),
    Rule(_any(_AT_AGENCY, _AT_UNIT), Move.ACKNOWLEDGE, Who.HOLDER, _CLOSED, guard=guards.appreciation),
    # asking
    Rule(_HANDLED, Move.ASK, Who.HOLDER, _AWAITING, _needs(Input.QUESTION)),
    Rule(_any(_AWAITING), Move.ANSWER, Who.REPORTER, To.WHERE_IT_WAS),
    Rule(_any(_AWAITING), Move.TAKE_BACK, Who.HOLDER, To.WHERE_IT_WAS),
    Rule(_any(_AWAITING), Move.UNDELIVERABLE, Who.SYSTEM, To.WHERE_IT_WAS, guard=guards.every_address_failed),
    Rule(_any(_AWAITING), Move.GIVE_UP, Who.SYSTEM, _ARCHIVED, guard=guards.asked_by_national),
    Rule(_any(_AWAITING), Move.GIVE_UP, Who.SYSTEM, To.WHERE_IT_WAS, guard=guards.asked_below),
    # the end, and after it
    Rule(_any(_IN_PROGRESS), Move.CONFIRM, Who.REPORTER, _CLOSED),
    Rule(_any(_IN_PROGRESS), Move.NOT_SETTLED, Who.REPORTER, _IN_PROGRESS),
    Rule(_any(_IN_PROGRESS), Move.CLOSE_SILENT, Who.SYSTEM, _CLOSED, guard=guards.silent),
    Rule(_any(_IN_PROGRESS), Move.CLOSE_UNREACHABLE, Who.HOLDER, _CLOSED, guard=guards.unreachable),
    Rule(_any(_IN_PROGRESS), Move.FINAL_DECISION, Who.AGENCY, _CLOSED, _REASON, guards.disputed_enough),
    Rule(_any(_CLOSED), Move.DISPUTE, Who.REPORTER, _IN_PROGRESS, guard=guards.disputable),
    Rule(_OPEN, Move.WITHDRAW, Who.REPORTER, To.WITHDRAWN, _needs(Input.SOLVED)),
    Rule(
        _any(_RECEIVED),
        Move.ARCHIVE,
        Who.NATIONAL,
        _ARCHIVED,
        _needs(Input.GROUND, Input.REASON),
        check=checks.ground_fits,
    ),
    Rule(_any(_ARCHIVED), Move.OBJECT, Who.REPORTER, _RECEIVED, guard=guards.objectionable),
    Rule(_any(_ARCHIVED), Move.RESTORE, Who.NATIONAL, To.WHERE_IT_WAS, _REASON, guards.restorable),
    # acts that keep the state
    Rule(
        _HANDLED,
        Move.RECLASSIFY,
        Who.ADMIN,
        To.SAME,
        _needs(Input.CATEGORY, Input.REASON),
        check=checks.class_may_change,
    ),
    Rule(_OPEN | {_CLOSED}, Move.ADD, Who.REPORTER, To.SAME),
    Rule(_OPEN | {_CLOSED}, Move.ADD, Who.HOLDER, To.SAME),  # what reached the office by hand
    Rule(_any(_CLOSED), Move.RATE, Who.REPORTER, To.SAME, _needs(Input.RATING), check=checks.rating_in_range),
    Rule(_REPORTS, Move.NOTE, Who.CONTRIBUTOR, To.SAME, _needs(Input.WORDS)),
    Rule(_REPORTS, Move.RETITLE, Who.OFFICIAL, To.SAME, _needs(Input.TITLE)),
    # sop.md §5: urgent is a flag; danger that the words did not show is marked by hand
    Rule(_OPEN, Move.MARK_URGENT, Who.ADMIN, To.SAME, _REASON, guards.not_urgent),
    Rule(_OPEN, Move.UNMARK_URGENT, Who.ADMIN, To.SAME, _REASON, guards.urgent),
    Rule(_REPORTS, Move.LINK, Who.NATIONAL, To.SAME, _needs(Input.REPORT), guards.not_linked),
    Rule(_REPORTS, Move.UNLINK, Who.NATIONAL, To.SAME, guard=guards.linked),
    Rule(_OPEN, Move.SPLIT, Who.NATIONAL, To.SAME, _needs(Input.PARTS)),
    Rule(_REPORTS, Move.RECORD_DELIVERY, Who.OFFICIAL, To.SAME, _needs(Input.DELIVERED_BY_HAND)),
    Rule(_BELOW, Move.RECORD_FINDING, Who.EXAMINER, To.SAME, _needs(Input.FINDING), guards.inspected),
    Rule(_OPEN, Move.SUPPORT, Who.ADMIN, To.SAME, _OFFICE, check=checks.supporting_unit),
    Rule(_REPORTS, Move.SEAL, Who.NATIONAL, To.SAME, _REASON, guards.not_sealed, checks.accounts_unless_national),
    Rule(_REPORTS, Move.UNSEAL, Who.NATIONAL, To.SAME, _REASON, guards.sealed),
    Rule(_OPEN, Move.REFER, Who.SYSTEM, To.SAME, guard=guards.referable),
)


def moves_for(
    case: Case | None, actor: Actor, *, now: datetime, calendar: WorkingCalendar, numbers: Numbers = STANDARD
) -> tuple[Offer, ...]:
    """Exactly the moves that the table allows to this person on this report now, in the table's order.

    `case` None: what may be begun without a report. `calendar`: the office's. Empty for whoever must not see the report.
    """
    if case is not None and not may_see(case, actor):
        return ()
    verdicts = (_evaluate(rule, case, actor, now, calendar, numbers) for rule in TABLE)
    return _distinct(_offer(rule, case, verdict.role) for rule, verdict in zip(TABLE, verdicts, strict=True) if verdict.role)


def require(
    case: Case | None,
    actor: Actor,
    move: Move,
    given: Given | None = None,
    *,
    now: datetime,
    calendar: WorkingCalendar,
    numbers: Numbers = STANDARD,
) -> Offer:
    """The offer that allows this move; `Offer.to` is the state afterwards.

    With `given`, what the move needs and what was chosen (office, accounts, ground …) is checked too, here and nowhere else;
    without it only state, role and guard are: whoever stores a move asks with `given`.

    Raises NotFound where the actor must not see the report, Refused with the reason of the rule that came nearest otherwise.
    """
    if case is not None and not may_see(case, actor):
        raise NotFound("there is no such report")
    nearest = _Verdict(-1, "not_in_table")
    for rule in TABLE:
        if rule.move is not move:
            continue
        verdict = _evaluate(rule, case, actor, now, calendar, numbers, given)
        if verdict.role is not None:
            return _offer(rule, case, verdict.role, given)
        nearest = max(nearest, verdict, key=lambda each: each.stage)
    raise Refused(nearest.reason)


def target_state(rule: Rule, case: Case | None, given: Given | None = None) -> State | None:
    """Where the rule leads; None: a draft that is gone. ValueError if the report should remember where it was and does not."""
    if isinstance(rule.to, State):
        return rule.to
    if rule.to is To.GONE or case is None:
        return None
    if rule.to is To.SAME:
        return case.state
    if rule.to is To.WITHDRAWN:
        if case.inspection_begun:
            return case.state
        return _CLOSED if given is not None and given.solved else _ARCHIVED
    if rule.to is To.ONE_UP:
        return one_up(case, case.state)
    if case.before is None:
        raise ValueError(f"a report that is {case.state} remembers where it was")
    return case.before


def one_up(case: Case, state: State) -> State:
    """The state of a report whose holder was lost (sop.md §1); also for the state that an awaiting report remembers."""
    if state is _AT_UNIT:
        return _RECEIVED if case.sealed else _AT_AGENCY
    return _RECEIVED if state is _AT_AGENCY else state


def next_disposition_binds(case: Case, numbers: Numbers = STANDARD) -> bool:
    """sop.md §5: after the second return by units of one agency, or by agencies, the next national disposition binds."""
    return max(case.agency_returns, case.unit_returns) >= numbers.counts.returns_before_binding


@dataclass(frozen=True, slots=True)
class _Verdict:
    """How far a rule came: state, role, guard, inputs. `role` is set where it holds."""

    stage: int
    reason: str = ""
    role: Role | None = None


def _evaluate(
    rule: Rule,
    case: Case | None,
    actor: Actor,
    now: datetime,
    calendar: WorkingCalendar,
    numbers: Numbers,
    given: Given | None = None,
) -> _Verdict:
    if (case.state if case else None) not in rule.from_states:
        return _Verdict(0, "not_in_this_state")
    if case is not None and sight(case, actor).until is not None:
        return _Verdict(1, "not_with_you_any_more")
    role = role_for(rule.who, case, actor)
    if role is None:
        return _Verdict(1, why_not(rule.who, case, actor))
    situation = Situation(case or _NO_REPORT, actor, role, now, calendar, numbers)
    if reason := rule.guard(situation):
        if not _classifies_first(rule, situation, given):
            return _Verdict(2, reason)
        if given is not None and (reason := checks.class_may_change(situation, given)):
            return _Verdict(3, reason)
    if given is not None and (reason := missing_input(rule.needs, given) or rule.check(situation, given)):
        return _Verdict(3, reason)
    return _Verdict(4, role=role)


def _classifies_first(rule: Rule, situation: Situation, given: Given | None) -> bool:
    """Is the classification all that is missing, and was it given along (or may it still be)?"""
    if not rule.classifies or situation.case.classified:
        return False
    if given is not None and missing_input(frozenset({Input.CATEGORY}), given):
        return False
    return rule.guard(replace(situation, case=replace(situation.case, classified=True))) is None


_NO_REPORT = Case(state=State.DRAFT)


def _offer(rule: Rule, case: Case | None, role: Role, given: Given | None = None) -> Offer:
    needs = rule.needs
    if rule.move is Move.SEAL and case is not None and case.holder_kind is not OfficeKind.NATIONAL:
        needs |= {Input.ACCOUNTS}
    if rule.classifies and case is not None and not case.classified:
        needs |= {Input.CATEGORY}
    return Offer(rule.move, role, target_state(rule, case, given), needs, rule)


def _distinct(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    seen: dict[tuple[Move, State | None], Offer] = {}
    for offer in offers:
        seen.setdefault((offer.move, offer.to), offer)
    return tuple(seen.values())

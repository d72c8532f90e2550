"""Which clocks a move or a moment opens, stops, pauses (sop.md §6). The caller applies the changes in their order.

A change of a clock that is not in that condition does nothing: stopping what does not run, running on what was never opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.procedure.case import OPEN, Case
from core.procedure.clocks import LEGS, PAUSING
from core.procedure.vocabulary import Category, ClockKind, Move, State


class Moment(StrEnum):
    """What touches a clock without being a move."""

    QUESTION_DELIVERED = "question_delivered"
    SETTLEMENT_DELIVERED = "settlement_delivered"
    PROMISE_MISSED = "promise_missed"
    REPLIED = "replied"  # the reporter wrote while it is in progress


class Change(StrEnum):
    """What happens to a clock of this kind."""

    OPEN = "open"  # a new one, unless one of this kind is not stopped yet
    STOP = "stop"
    PAUSE = "pause"  # for what is left of the report's allowance
    RESUME = "resume"
    RUN_ON = "run_on"  # the last one, if it is stopped
    RECOMPUTE = "recompute"  # with the new category's numbers


@dataclass(frozen=True, slots=True)
class ClockChange:
    """`since_arrival`: opened as of the day on which the report reached an office (registered reports), not of now."""

    kind: ClockKind
    change: Change
    since_arrival: bool = False


LEG_OF = {
    State.RECEIVED: ClockKind.VERIFICATION,
    State.AT_AGENCY: ClockKind.AGENCY_DISPOSITION,
    State.AT_UNIT: ClockKind.INITIAL_RESPONSE,
}
"""The leg that begins where a report arrives."""

_HANDED_AROUND = frozenset({Move.DISPOSE, Move.DISPOSE_SEALED, Move.RETURN, Move.RECALL})
_ANSWERED = frozenset({Move.RESPOND, Move.PROGRESS, Move.SETTLE})
_UNHAPPY = frozenset({Move.NOT_SETTLED, Move.DISPUTE})
_BACK_FROM_ARCHIVE = frozenset({Move.OBJECT, Move.RESTORE})


def effects_of(event: Move | Moment, before: Case, after: Case) -> tuple[ClockChange, ...]:
    """The changes, in order. `before` and `after`: the report around the event; a moment that is no move may leave it equal.

    For QUESTION_DELIVERED, `before.asked_levels` names the levels whose question had been delivered earlier.
    """
    if isinstance(event, Moment):
        return _of_moment(event, before, after)
    if event in (Move.SUBMIT, Move.REGISTER):
        return _opened(after)
    if before.state in OPEN and after.state not in OPEN:
        return _each(Change.STOP, *ClockKind)
    changes: tuple[ClockChange, ...] = ()
    if before.state is State.AWAITING_REPORTER and after.state is not State.AWAITING_REPORTER:
        changes += (*_each(Change.STOP, ClockKind.CLARIFICATION), *_each(Change.RESUME, *PAUSING))
    return changes + _of_move(event, before, after)


def _of_moment(event: Moment, before: Case, after: Case) -> tuple[ClockChange, ...]:
    if event is Moment.QUESTION_DELIVERED and after.state is State.AWAITING_REPORTER:
        first = before.asked_by is not None and before.asked_by not in before.asked_levels
        return (*_each(Change.OPEN, ClockKind.CLARIFICATION), *(_each(Change.PAUSE, *PAUSING) if first else ()))
    if event is Moment.SETTLEMENT_DELIVERED and after.state is State.IN_PROGRESS and not after.replied_since_settlement:
        return (
            *_each(Change.STOP, ClockKind.SETTLEMENT, ClockKind.SILENCE),
            *_each(Change.OPEN, ClockKind.SILENCE),
        )
    if event is Moment.REPLIED and after.state is State.IN_PROGRESS:
        return _each(Change.OPEN, ClockKind.ANSWER)
    if event is Moment.PROMISE_MISSED and after.state in OPEN:
        return _ombudsman_runs_on(after)
    return ()


def _of_move(move: Move, before: Case, after: Case) -> tuple[ClockChange, ...]:
    if move in _HANDED_AROUND:
        return (
            *_each(Change.STOP, *LEGS, ClockKind.SILENCE),
            *_leg(after),
            *_each(Change.RUN_ON, ClockKind.SETTLEMENT),
        )
    if move in _ANSWERED:
        return _each(Change.STOP, *LEGS, ClockKind.ANSWER, *_ended_by(move))
    if move in _UNHAPPY:
        return (
            *_each(Change.STOP, ClockKind.SILENCE),
            *_each(Change.OPEN, ClockKind.ANSWER),
            *_each(Change.RUN_ON, ClockKind.SETTLEMENT),
            *_ombudsman_runs_on(after),
        )
    if move is Move.ASK and before.state is State.IN_PROGRESS:
        # a question after a settlement takes the settlement's word back: no closing by silence, and time counts again
        return (*_each(Change.STOP, ClockKind.SILENCE), *_each(Change.RUN_ON, ClockKind.SETTLEMENT))
    if move in _BACK_FROM_ARCHIVE:
        ombudsman = () if before.followed_up and move is Move.RESTORE else _ombudsman_runs_on(after)
        return (*_leg(after), *_each(Change.RUN_ON, ClockKind.SETTLEMENT), *ombudsman)
    if move is Move.RECLASSIFY:
        return _reclassified(before, after)
    if move is Move.REFER:
        return _each(Change.STOP, ClockKind.OMBUDSMAN)
    return ()


def _ended_by(move: Move) -> tuple[ClockKind, ...]:
    """An initial response does not stop the Ombudsman clock, only a follow-up does; a new settlement waits for its delivery."""
    if move is Move.SETTLE:
        return (ClockKind.OMBUDSMAN, ClockKind.SILENCE)
    return (ClockKind.OMBUDSMAN,) if move is Move.PROGRESS else ()


def _opened(after: Case) -> tuple[ClockChange, ...]:
    settlement = ClockChange(ClockKind.SETTLEMENT, Change.OPEN, since_arrival=True)
    ombudsman = ClockChange(ClockKind.OMBUDSMAN, Change.OPEN, since_arrival=True)
    never_referred = after.category is Category.APPRECIATION
    return (settlement, *(() if never_referred else (ombudsman,)), *_leg(after))


def _leg(after: Case) -> tuple[ClockChange, ...]:
    return _each(Change.OPEN, LEG_OF[after.state]) if after.state in LEG_OF else ()


def _ombudsman_runs_on(case: Case) -> tuple[ClockChange, ...]:
    """Once per report, never for an appreciation."""
    if case.referred or case.category is Category.APPRECIATION:
        return ()
    return _each(Change.RUN_ON, ClockKind.OMBUDSMAN)


def _reclassified(before: Case, after: Case) -> tuple[ClockChange, ...]:
    changes = _each(Change.RECOMPUTE, *PAUSING)
    was, is_ = (case.category is Category.APPRECIATION for case in (before, after))
    if is_ and not was:
        return (*changes, *_each(Change.STOP, ClockKind.OMBUDSMAN))
    if was and not is_ and not (after.referred or after.followed_up):
        return (*changes, ClockChange(ClockKind.OMBUDSMAN, Change.OPEN, since_arrival=True))
    return changes


def _each(change: Change, *kinds: ClockKind) -> tuple[ClockChange, ...]:
    return tuple(ClockChange(kind, change) for kind in kinds)

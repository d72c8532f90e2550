"""What must be true of a report before a move. A guard answers a reason code, or None where all is well.

Each reason has its sentence in core/texts as `refusal.<reason>`. Sources: sop.md §1 and §5.
"""

from __future__ import annotations

from collections.abc import Callable

from core.procedure.given import Situation
from core.procedure.vocabulary import Category, Ground, OfficeKind, Role

Guard = Callable[[Situation], str | None]


def free(_: Situation) -> str | None:
    """No guard."""
    return None


def complete(s: Situation) -> str | None:
    """sop.md §3: what the channel asks for, notice shown; in danger the draft is submitted as it stands."""
    if s.case.urgent:
        return None
    if s.case.missing:
        return "incomplete"
    return None if s.case.notice_shown else "notice_not_shown"


def classified_and_open(s: Situation) -> str | None:
    if s.case.sealed:
        return "sealed"
    return None if s.case.classified else "unclassified"


def may_be_sealed_away(s: Situation) -> str | None:
    """sop.md §1, §3: a corruption or misconduct report, or one about a child."""
    if not s.case.classified:
        return "unclassified"
    return None if s.case.category is Category.COMPLAINT or s.case.child or s.case.sealed else "not_for_sealing"


def agency_holds(s: Situation) -> str | None:
    if s.case.sealed:
        return "sealed"
    return None if s.case.holder_kind is OfficeKind.AGENCY else "agency_does_not_hold"


def unit_holds(s: Situation) -> str | None:
    return None if s.case.holder_kind is OfficeKind.UNIT else "unit_does_not_hold"


def not_binding(s: Situation) -> str | None:
    return "binding" if s.case.binding else None


def not_binding_sealed(s: Situation) -> str | None:
    return not_binding(s) or (None if s.case.sealed else "not_sealed")


def not_binding_open(s: Situation) -> str | None:
    return not_binding(s) or ("sealed" if s.case.sealed else None)


def finding_if_inspected(s: Situation) -> str | None:
    wanted = s.case.category is Category.COMPLAINT and s.case.needs_inspection
    return "no_finding" if wanted and not s.case.finding_on_record else None


def appreciation(s: Situation) -> str | None:
    return None if s.case.category is Category.APPRECIATION else "not_an_appreciation"


def every_address_failed(s: Situation) -> str | None:
    return None if s.case.unreachable_since is not None or not s.case.has_address else "still_reachable"


def question_unanswered(s: Situation) -> str | None:
    passed = s.passed(s.case.question_delivered_at, s.numbers.clarification.limit_days)
    return None if passed else "clarification_still_runs"


def asked_by_national(s: Situation) -> str | None:
    return question_unanswered(s) or (None if s.case.asked_by is Role.NATIONAL_ADMIN else "asked_below")


def asked_below(s: Situation) -> str | None:
    return question_unanswered(s) or ("asked_by_national" if s.case.asked_by is Role.NATIONAL_ADMIN else None)


def silent(s: Situation) -> str | None:
    """sop.md §5, §6: a settlement reached the reporter, nothing came back for ten working days."""
    if s.case.settlement_delivered_at is None:
        return "settlement_not_delivered"
    if s.case.replied_since_settlement:
        return "reporter_replied"
    return None if s.passed(s.case.settlement_delivered_at, s.numbers.silence.limit_days) else "silence_still_runs"


def unreachable(s: Situation) -> str | None:
    if not s.case.settlements or s.case.settled_at is None:
        return "no_settlement"
    if s.case.replied_since_settlement:
        return "answer_owed"
    since = s.case.unreachable_since if s.case.has_address else s.case.settled_at
    if since is None:
        return "still_reachable"
    return None if s.passed(max(since, s.case.settled_at), s.numbers.windows.unreachable_days) else "unreachable_too_short"


def disputed_enough(s: Situation) -> str | None:
    if not s.case.settlements:
        return "no_settlement"
    enough = s.case.dispute_count + s.case.not_settled_count >= s.numbers.counts.disputes_before_final
    return None if enough else "too_few_disputes"


def disputable(s: Situation) -> str | None:
    if s.case.final:
        return "final"
    return None if s.inside(s.case.closed_at, s.numbers.windows.dispute_days) else "dispute_window_over"


def objectionable(s: Situation) -> str | None:
    if s.case.ground is Ground.SPAM:
        return "archived_as_spam"
    if s.case.objected:
        return "already_objected"
    return None if s.inside(s.case.archived_at, s.numbers.windows.object_days) else "object_window_over"


def restorable(s: Situation) -> str | None:
    return None if s.case.before is not None else "nowhere_to_restore"


def inspected(s: Situation) -> str | None:
    return None if s.case.category is Category.COMPLAINT and s.case.needs_inspection else "not_inspected"


def referable(s: Situation) -> str | None:
    """sop.md §6: once per report, never an appreciation."""
    if s.case.category is Category.APPRECIATION:
        return "appreciation"
    return "already_referred" if s.case.referred else None


def not_urgent(s: Situation) -> str | None:
    return "urgent_already" if s.case.urgent else None


def urgent(s: Situation) -> str | None:
    return None if s.case.urgent else "not_urgent"


def not_sealed(s: Situation) -> str | None:
    return "sealed" if s.case.sealed else None


def sealed(s: Situation) -> str | None:
    """sop.md §3: a report about a child is sealed from the one concerned; the national admin lifts that too."""
    shut = s.case.sealed or (s.case.child and s.case.accused_offices)
    return None if shut else "not_sealed"


def linked(s: Situation) -> str | None:
    return None if s.case.duplicate else "not_linked"


def not_linked(s: Situation) -> str | None:
    return "already_linked" if s.case.duplicate else None


def holder_unstaffed(s: Situation) -> str | None:
    """sop.md §1: the last account of the holder was disabled. An external agency never had one."""
    holder = s.case.holder
    if holder is None or holder.kind is OfficeKind.NATIONAL or holder.external:
        return "nowhere_to_fall"
    return "holder_staffed" if holder.staffed else None

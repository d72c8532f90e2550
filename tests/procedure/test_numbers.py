"""Every default number, typed from sop.md §3-§7."""

from __future__ import annotations

from core.procedure.numbers import STANDARD


def test_the_numbers_of_the_procedure() -> None:
    numbers = STANDARD
    assert numbers.settlement.reminder_days_before == 2
    assert (numbers.answer.target_days, numbers.answer.limit_days) == (3, 5)
    assert (numbers.silence.reminder_days, numbers.silence.limit_days) == (7, 10)
    assert (numbers.clarification.reminder_days, numbers.clarification.limit_days) == (5, 10)
    assert numbers.pauses.limit_days == 10
    ombudsman = numbers.ombudsman
    assert (ombudsman.first_warning_days, ombudsman.second_warning_days, ombudsman.limit_days) == (45, 55, 60)
    windows = numbers.windows
    assert (windows.dispute_days, windows.object_days, windows.unreachable_days) == (10, 30, 10)
    assert (numbers.counts.disputes_before_final, numbers.counts.returns_before_binding) == (2, 2)
    draft = numbers.draft
    assert (draft.reminder_hours, draft.expiry_calendar_days, draft.resumable_calendar_days) == (24, 3, 30)
    assert (numbers.keeping.idle_address_months, numbers.keeping.raw_purge_calendar_days) == (6, 30)
    assert (numbers.flood.window_minutes, numbers.keeping.suppress_cells_under) == (60, 5)
    assert (numbers.digest_hour, numbers.highest_rating) == (8, 5)

"""Categories have their own procedure (sop.md §4): what they must collect, whether evidence is asked for, their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from core.procedure.numbers import STANDARD, Leg, Legs, Numbers
from core.procedure.vocabulary import Category, Field

_COMPLAINT = frozenset({Field.STORY, Field.WHEN, Field.WHERE, Field.WHO})
_GRIEVANCE = frozenset({Field.STORY, Field.WHEN, Field.WHERE})
_WHAT = frozenset({Field.STORY})

_MUST_COLLECT: Mapping[Category, frozenset[Field]] = {
    Category.COMPLAINT: _COMPLAINT,
    Category.GRIEVANCE: _GRIEVANCE,
    Category.INFORMATION_REQUEST: _WHAT,
    Category.ASPIRATION: _WHAT,
    Category.APPRECIATION: _WHAT,
}


def must_collect(category: Category) -> frozenset[Field]:
    """What blocks completeness; inspected or not. "Tidak tahu" is an answer to where and who (sop.md §3)."""
    return _MUST_COLLECT[category]


def asks_evidence(category: Category) -> bool:
    """Supporting data is asked for once and may be absent (sop.md §3, §4)."""
    return category in (Category.COMPLAINT, Category.GRIEVANCE)


def is_inspected(category: Category, needs_inspection: bool) -> bool:
    """Only a complaint can need inspection (berkadar pengawasan); unset counts as no."""
    return category is Category.COMPLAINT and needs_inspection


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """An agency's own limits in working days; None: the standard. Longer ones than the standard change nothing (sop.md §4)."""

    agency_disposition: int | None = None
    initial_response: int | None = None
    settlement: int | None = None

    @classmethod
    def read(cls, raw: Mapping[str, object]) -> OwnLimits:
        """From an office's `limits`. ValueError for unknown names and for what is not a number of days."""
        known = {each.name for each in fields(cls)}
        values: dict[str, int] = {}
        for name, value in raw.items():
            if name not in known:
                raise ValueError(f"unknown limit: {name}")
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name} must be a number of working days, at least 1")
            values[name] = value
        return cls(**values)


STANDARD_LIMITS = OwnLimits()


def legs(
    category: Category, *, needs_inspection: bool = False, numbers: Numbers = STANDARD, own: OwnLimits = STANDARD_LIMITS
) -> Legs:
    """Targets and limits of this class of report, shortened by the agency's own limits."""
    classes = numbers.classes
    by_category = {
        Category.COMPLAINT: classes.complaint_inspected if needs_inspection else classes.complaint,
        Category.GRIEVANCE: classes.grievance,
        Category.INFORMATION_REQUEST: classes.information_request,
        Category.ASPIRATION: classes.aspiration,
        Category.APPRECIATION: classes.appreciation,
    }
    standard = by_category[category]
    return Legs(
        verification=standard.verification,
        agency_disposition=_shorter(standard.agency_disposition, own.agency_disposition),
        initial_response=_shorter(standard.initial_response, own.initial_response),
        settle_days=min(standard.settle_days, own.settlement or standard.settle_days),
    )


def _shorter(leg: Leg, limit_days: int | None) -> Leg:
    limit = min(leg.limit_days, limit_days or leg.limit_days)
    return Leg(min(leg.target_days, limit), limit)

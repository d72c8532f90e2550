"""What was given with a move, held against the report. A check answers a reason code, or None where all is well.

Each reason has its sentence in core/texts as `refusal.<reason>`. Sources: sop.md §1 and §5.
"""

from __future__ import annotations

from collections.abc import Callable

from core.procedure.case import Office, of_agency
from core.procedure.given import Given, Situation
from core.procedure.vocabulary import Category, Ground, OfficeKind, Role

Check = Callable[[Situation, Given], str | None]


def nothing_more(_: Situation, __: Given) -> str | None:
    """Nothing to check beyond what the move needs."""
    return None


def an_agency(s: Situation, given: Given) -> str | None:
    """Handing goes one level, never sideways; disposing again to one who returned it asks for a confirmation."""
    office = given.office
    if office is None or office.kind is not OfficeKind.AGENCY:
        return "not_an_agency"
    if not (office.staffed or office.external):
        return "office_unstaffed"
    return _returned_it(s, office, given)


def own_unit(s: Situation, given: Given) -> str | None:
    office = given.office
    if office is None or office.kind is not OfficeKind.UNIT:
        return "not_a_unit"
    if s.case.agency is None or not of_agency(office, s.case.agency):
        return "not_of_your_agency"
    return _can_take(s, office) or _returned_it(s, office, given)


def unit_and_accounts(s: Situation, given: Given) -> str | None:
    """sop.md §1, §5: an oversight unit, or any unit that is not accused; the named accounts are not accused either."""
    office = given.office
    if office is None or office.kind is not OfficeKind.UNIT:
        return "not_a_unit"
    if s.case.accuses(office):
        return "office_accused"
    return _can_take(s, office) or unaccused_accounts(s, given) or _returned_it(s, office, given)


def unaccused_accounts(s: Situation, given: Given) -> str | None:
    return "account_accused" if given.account_ids & s.case.accused_account_ids else None


def accounts_unless_national(s: Situation, given: Given) -> str | None:
    if s.case.holder_kind is not OfficeKind.NATIONAL and not given.account_ids:
        return "accounts_missing"
    return unaccused_accounts(s, given)


def supporting_unit(s: Situation, given: Given) -> str | None:
    office = given.office
    if office is None or office.kind is not OfficeKind.UNIT:
        return "not_a_unit"
    if s.role is Role.AGENCY_ADMIN and (s.case.agency is None or not of_agency(office, s.case.agency)):
        return "not_of_your_agency"
    if office.id == s.case.holder_id:
        return "holds_it_already"
    if any(office.id == supporter.id for supporter in s.case.supporting):
        return "supports_already"
    return _can_take(s, office)


def promise_ahead(s: Situation, given: Given) -> str | None:
    return "promised_date_past" if given.promised_on is not None and given.promised_on < s.today else None


def ground_fits(s: Situation, given: Given) -> str | None:
    """sop.md §5: incomplete only after asking; withdrawn only by the reporter."""
    if given.ground is Ground.INCOMPLETE and Role.NATIONAL_ADMIN not in s.case.asked_levels:
        return "not_asked_yet"
    if given.ground is Ground.WITHDRAWN and not s.case.withdraw_wish:
        return "not_withdrawn"
    return None


def class_may_change(s: Situation, given: Given) -> str | None:
    """sop.md §5: "needs inspection" is set by the national admin; an accused unit gives an inspected complaint up first."""
    inspection = s.case.needs_inspection if given.needs_inspection is None else given.needs_inspection
    if s.role is not Role.NATIONAL_ADMIN and inspection != s.case.needs_inspection:
        return "inspection_is_national"
    category = given.category or s.case.category
    if s.role is not Role.NATIONAL_ADMIN and s.case.needs_inspection and category is not Category.COMPLAINT:
        return "inspection_is_national"  # another category would end the inspection
    if given.needs_inspection and category is not Category.COMPLAINT:
        return "inspection_needs_complaint"
    if inspection and s.case.holder is not None and s.case.accuses(s.case.holder):
        return "accused_holds"
    return None


def rating_in_range(s: Situation, given: Given) -> str | None:
    return None if given.rating is not None and 1 <= given.rating <= s.numbers.highest_rating else "rating_out_of_range"


def arrived_by_today(s: Situation, given: Given) -> str | None:
    return "arrived_in_future" if given.arrived_on is not None and given.arrived_on > s.today else None


def own_agency_arrival(s: Situation, given: Given) -> str | None:
    """sop.md §5: an agency's officials register for their own agency; without an office, that is the one meant."""
    own = {office.agency_id for office in s.actor.offices(s.role)}
    if given.office is not None and (given.office.kind is not OfficeKind.AGENCY or given.office.id not in own):
        return "not_of_your_agency"
    return arrived_by_today(s, given)


def _can_take(s: Situation, office: Office) -> str | None:
    if s.case.barred(office):
        return "office_accused"
    return None if office.staffed else "office_unstaffed"


def _returned_it(s: Situation, office: Office, given: Given) -> str | None:
    return "returned_it_before" if office.id in s.case.returned_by and not given.confirmed else None

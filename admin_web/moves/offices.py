"""Choosing an office in a form: a few proposals from the reporter's words, and every other one by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import InvalidInput
from core.office import Office, Tree
from core.procedure.case import Case, of_agency
from core.procedure.states import Offer
from core.procedure.vocabulary import Move, OfficeKind, Role, State
from core.report import ReportWords
from core.storage.offices import OfficeRow

PROPOSALS = 4
LISTED_MOST = 500  # names that the field suggests; every other one can be typed all the same
FOUND_MOST = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """An office that may be chosen. `label` names it apart from its namesakes; `returned`: it handed the report back before."""

    id: int
    label: str
    returned: bool = False
    oversight: bool = False


def choices_for(office: Office, offer: Offer, case: Case) -> Mapping[int, Choice]:
    """The offices that this move can name, by id, in the order of their names. The procedure has the last word on each."""
    tree = office.tree()
    rows = [row for row in tree.by_id.values() if row.active and _fits(row, offer, case, tree)]
    rows.sort(key=lambda row: (not row.oversight if offer.move is Move.DISPOSE_SEALED else False, row.name.casefold()))
    return {row.id: Choice(row.id, label(tree, row), row.id in case.returned_by, row.oversight) for row in rows}


def label(tree: Tree, row: OfficeRow) -> str:
    """The name, and for a unit whose it is: "Puskesmas Sukamaju – Dinas Kesehatan Kota Contoh"."""
    above = tree.by_id.get(row.parent_id) if row.parent_id is not None else None
    return f"{row.name} – {above.name}" if above is not None and row.kind is OfficeKind.UNIT else row.name


def _fits(row: OfficeRow, offer: Offer, case: Case, tree: Tree) -> bool:
    node = row.node(staffed=row.id in tree.staffed)
    if offer.move is Move.RETURN:
        return row.kind is OfficeKind.AGENCY if offer.to is State.RECEIVED else _unit_of(case, row, tree)
    if offer.move is Move.DISPOSE and offer.to is State.AT_AGENCY:
        return row.kind is OfficeKind.AGENCY and (node.staffed or node.external)
    if row.kind is not OfficeKind.UNIT or not node.staffed or case.barred(node):
        return False
    if offer.move is Move.DISPOSE_SEALED:
        return not case.accuses(node)
    if offer.move is Move.SUPPORT:
        return row.id != case.holder_id and (offer.role is Role.NATIONAL_ADMIN or _unit_of(case, row, tree))
    return _unit_of(case, row, tree)


def _unit_of(case: Case, row: OfficeRow, tree: Tree) -> bool:
    if case.agency is None or row.kind is not OfficeKind.UNIT:
        return False
    return of_agency(row.node(staffed=row.id in tree.staffed), case.agency)


def proposals(office: Office, words: ReportWords | None, choices: Mapping[int, Choice]) -> tuple[Choice, ...]:
    """What the reporter meant, best first: the office that was recognised, what the words about it name, what the story names.

    An office above stands for one of its units and the other way round: the one of the two that can be chosen.
    """
    if words is None:
        return ()
    directory, found = office.directory(), []
    if words.who_office_id is not None:
        found.append(words.who_office_id)
    found += [hit.entry.id for hit in directory.search(words.who_words, limit=6)] if words.who_words else []
    for told in (words.story, words.where_words or ""):
        found += [hit.entry.id for hit in directory.mentioned_in(told[:2000], limit=6)]
    tree, chosen = office.tree(), dict[int, Choice]()
    for each in found:
        for candidate in _itself_or_above(tree, each):
            if candidate in choices:
                chosen.setdefault(candidate, choices[candidate])
                break
    return tuple(chosen.values())[:PROPOSALS]


def _itself_or_above(tree: Tree, office_id: int) -> Sequence[int]:
    row = tree.by_id.get(office_id)
    return [int(part) for part in reversed(row.path.strip("/").split("/"))] if row is not None else []


def recognised(office: Office, words: ReportWords | None, proposed: Sequence[Choice]) -> int | None:
    """The proposal that stands for the office that the reporter named and we recognised; none that handed it back before."""
    if words is None or words.who_office_id is None:
        return None
    meant = set(_itself_or_above(office.tree(), words.who_office_id))
    return next((each.id for each in proposed if each.id in meant and not each.returned), None)


def choose(picked: str | None, typed: str, choices: Mapping[int, Choice]) -> int | None:
    """The office that was picked or typed; typing wins, it was done last. InvalidInput if no or no single one has that name."""
    wanted = " ".join(typed.split()).casefold()
    if wanted:
        exact = [
            each.id for each in choices.values() if wanted in (each.label.casefold(), each.label.partition(" – ")[0].casefold())
        ]
        alike = exact or [each.id for each in choices.values() if _like(each, wanted)]
        if len(alike) != 1:
            raise InvalidInput("office_id", "several" if alike else "unknown_name")
        return alike[0]
    if picked and picked.isascii() and picked.isdigit() and len(picked) < 19:
        return int(picked)
    return None


def matching(office: Office, typed: str, choices: Mapping[int, Choice]) -> tuple[Choice, ...]:
    """The offices that what was typed may mean, to be picked from: by parts of their names, then by what people call them."""
    wanted = " ".join(typed.split()).casefold()
    if not wanted:
        return ()
    found = {each.id: each for each in choices.values() if _like(each, wanted)}
    for hit in office.directory().search(wanted, limit=FOUND_MOST):
        if hit.entry.id in choices:
            found.setdefault(hit.entry.id, choices[hit.entry.id])
    return tuple(found.values())[:FOUND_MOST]


def _like(choice: Choice, wanted: str) -> bool:
    """Every word that was typed is in its name, in any order."""
    name = choice.label.casefold()
    return all(word in name for word in wanted.split())

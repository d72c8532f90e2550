"""Which fields the form of each move has: those that the offer needs, and those that may be given besides.

Field names are those of `core.casework.inputs.Inputs`. Every move that the procedure can offer to an official has a form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.procedure.states import Offer
from core.procedure.vocabulary import Input, Move

BY_INPUT: Mapping[Input, tuple[str, ...]] = {
    Input.OFFICE: ("office_id",),
    Input.ACCOUNTS: ("account_ids",),
    Input.REASON: ("reason",),
    Input.WORDS: ("words",),
    Input.PROMISED_DATE: ("promised_on",),
    Input.GROUND: ("ground",),
    Input.QUESTION: ("fields", "words"),
    Input.CATEGORY: ("category", "needs_inspection"),
    Input.FINDING: ("finding",),
    Input.TITLE: ("title",),
    Input.PARTS: ("parts",),
    Input.REPORT: ("code",),
    Input.DELIVERED_BY_HAND: ("how", "at"),
}
"""What the table calls an input, as fields of a form. Inputs of the reporter and of registering have none here."""

BESIDES: Mapping[Move, tuple[str, ...]] = {
    Move.DISPOSE: ("reason",),
    Move.DISPOSE_SEALED: ("accused_office_ids", "reason"),
    Move.RETURN: ("office_id",),
    Move.ACKNOWLEDGE: ("words",),
    Move.ADD: ("words",),
    Move.ARCHIVE: ("next_door",),
    Move.CLOSE_UNREACHABLE: ("reason",),
    Move.RECORD_DELIVERY: ("words",),
    Move.RECORD_FINDING: ("words",),
    Move.SEAL: ("account_ids", "accused_office_ids"),
    Move.UNLINK: ("reason",),
}
"""What may be given besides. `REQUIRED` says which of these the use case wants all the same."""

REQUIRED = frozenset({(Move.ADD, "words"), (Move.UNLINK, "reason")})
SOMETIMES = frozenset({(Move.RECLASSIFY, "reason")})  # confirming what the words were taken for needs none
EITHER = frozenset({"fields", "needs_inspection", "accused_office_ids"})  # never required by themselves

ORDER = (
    *(
        "office_id",
        "account_ids",
        "accused_office_ids",
        "category",
        "needs_inspection",
        "ground",
        "finding",
        "code",
        "title",
        "parts",
    ),
    *("fields", "how", "at", "words", "promised_on", "reason", "next_door"),
)

FIRST = (
    *(Move.TAKE_BACK, Move.ACKNOWLEDGE, Move.RESPOND, Move.PROGRESS, Move.SETTLE, Move.RECORD_FINDING, Move.DISPOSE, Move.ASK),
    *(Move.RETURN, Move.RECALL, Move.DISPOSE_SEALED, Move.ARCHIVE, Move.RESTORE, Move.FINAL_DECISION, Move.CLOSE_UNREACHABLE),
)
"""Steps of the procedure in the order in which they are usually wanted; all other moves are keeping order."""

GRAVE = frozenset({Move.ARCHIVE, Move.FINAL_DECISION, Move.CLOSE_UNREACHABLE})


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a form. `name` is the field of `Inputs`."""

    name: str
    required: bool


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an offer."""

    offer: Offer
    fields: tuple[FormField, ...]

    @property
    def move(self) -> Move:
        return self.offer.move

    @property
    def grave(self) -> bool:
        """Ends the report: its button is marked."""
        return self.move in GRAVE

    def has(self, name: str) -> bool:
        return any(field.name == name for field in self.fields)


def form_of(offer: Offer) -> Form:
    """Raises KeyError for an input that no form can ask: a test holds this table against the procedure's."""
    needed = [name for each in offer.needs for name in BY_INPUT[each]]
    names = {*needed, *BESIDES.get(offer.move, ())}
    both_ways = Input.QUESTION in offer.needs  # fields or words: neither is required alone

    def required(name: str) -> bool:
        if (offer.move, name) in REQUIRED:
            return True
        if (offer.move, name) in SOMETIMES:
            return False
        return name in needed and name not in EITHER and not (both_ways and name == "words")

    return Form(offer, tuple(FormField(name, required(name)) for name in sorted(names, key=ORDER.index)))


def forms_for(offers: Iterable[Offer]) -> tuple[Form, ...]:
    """One form for each move offered; of two ways of one move the first in the table."""
    once: dict[Move, Offer] = {}
    for offer in offers:
        once.setdefault(offer.move, offer)
    return tuple(form_of(offer) for offer in once.values())


def in_groups(forms: Sequence[Form], *, classified: bool) -> tuple[tuple[Form, ...], tuple[Form, ...]]:
    """The steps, the likeliest first, and the acts that keep order. Unclassified: disposed with its category, or classified."""
    order = (*FIRST,) if classified else (Move.DISPOSE, Move.RECLASSIFY, *(move for move in FIRST if move is not Move.DISPOSE))
    steps = sorted((form for form in forms if form.move in order), key=lambda form: order.index(form.move))
    return tuple(steps), tuple(form for form in forms if form.move not in order)

"""Which question comes next: only what the category requires and nobody said yet, one at a time (sop.md §3, §4)."""

from __future__ import annotations

from collections.abc import Mapping

from core.channels import MediaKind
from core.dialogue.model import Draft, Mode
from core.dialogue.turn import Option, Turn
from core.procedure.categories import asks_evidence, must_collect
from core.procedure.vocabulary import Category, Field, Privacy

ORDER = (Field.STORY, Field.WHERE, Field.WHEN, Field.WHO, Field.EVIDENCE)

_PRIVACY = (Option("hide", "choice.hide"), Option("show", "choice.show"))
_UNKNOWN = (Option("skip", "choice.unknown"),)
_OPTIONS: Mapping[Field, tuple[Option, ...]] = {
    Field.WHERE: _UNKNOWN,
    Field.WHEN: _UNKNOWN,
    Field.WHO: _UNKNOWN,
    Field.EVIDENCE: (Option("skip", "choice.none"),),
    Field.PRIVACY: _PRIVACY,
    Field.HOPED: (Option("skip", "choice.none"),),
}
_RIDDEN = frozenset({Field.WHERE, Field.WHEN, Field.WHO})
TRIES_BEFORE_HINT = 2
MOST_TRIES = 2
"""A question that was put this often without an answer is left out (it stays empty), save for the story itself."""


def category_of(draft: Draft) -> Category:
    """The proposed category; a story that says nothing else is a grievance."""
    return draft.category or Category.GRIEVANCE


def has_voice(draft: Draft) -> bool:
    """A voice note is a story, of which an official writes the gist (sop.md §3)."""
    return any(file.ref.kind in (MediaKind.VOICE, MediaKind.AUDIO, MediaKind.VIDEO) for file in draft.files)


def given(draft: Draft, field: Field) -> bool:
    """Was it said, or knowingly left empty?"""
    if field in draft.skipped:
        return True
    match field:
        case Field.STORY:
            return bool(draft.story) or has_voice(draft)
        case Field.WHEN:
            return draft.when_words is not None
        case Field.WHERE:
            return draft.where_words is not None or draft.place is not None
        case Field.WHO:
            return draft.who_words is not None
        case Field.EVIDENCE:
            return draft.evidence_none or any(draft.story or file.ref.kind is not MediaKind.VOICE for file in draft.files)
        case Field.PRIVACY:
            return draft.privacy is not None
        case Field.CATEGORY:
            return draft.category is not None
        case Field.HOPED:
            return draft.hoped is not None


def missing(draft: Draft) -> tuple[Field, ...]:
    """What still has to be asked, in the order of asking; the privacy question apart."""
    category = category_of(draft)
    asked = must_collect(category) | ({Field.EVIDENCE} if asks_evidence(category) else frozenset())
    return tuple(field for field in ORDER if field in asked and not given(draft, field))


def put_next(turn: Turn) -> bool:
    """Asks the next question, the privacy question riding along once. False: nothing is missing."""
    draft = turn.draft
    left = missing(draft)
    field = left[0] if left else None
    privacy_open = draft.privacy is None and Field.PRIVACY not in draft.asked
    if field is None and not privacy_open:
        return False
    if field is Field.STORY:
        put(turn, Field.STORY)
    elif privacy_open and field in _RIDDEN:
        put(turn, field, riding=True)
    elif privacy_open:
        put(turn, Field.PRIVACY)
    elif field is not None:
        put(turn, field)
    return True


def put(turn: Turn, field: Field, *, riding: bool = False) -> None:
    """Asks for one field. The same question for the second time offers to leave it (never a loop)."""
    notice(turn)
    tries = turn.session.tries + 1 if turn.session.asking is field else 1
    asked = {field, Field.PRIVACY} if riding else {field}
    turn.put(asked=turn.draft.asked | asked)
    turn.set(asking=field, tries=tries, mode=Mode.SUMMARY if turn.session.mode is Mode.SUMMARY else Mode.DRAFT)
    since = field is Field.WHEN and category_of(turn.draft) is Category.GRIEVANCE and bool(turn.draft.story)
    key = "ask.when.since" if since else f"ask.{field}"
    if field is Field.WHERE and turn.session.street:
        key = "ask.where.town"
    if riding:
        turn.ask(f"{key}.riding", _PRIVACY)
    elif field is Field.CATEGORY:
        turn.ask(key, [Option(f"c-{category}", f"category.plain.{category}") for category in Category])
    elif field is Field.STORY and turn.session.editing:
        turn.ask("ask.story.anew")
    elif field is Field.WHEN and tries == 1 and turn.draft.thin:
        turn.ask("ask.when.thin", _OPTIONS.get(field, ()))
    elif tries >= TRIES_BEFORE_HINT:
        turn.ask(f"{key if turn.session.street else f'ask.{field}'}.again", _OPTIONS.get(field, ()))
    else:
        turn.ask(key, _OPTIONS.get(field, ()))


def notice(turn: Turn) -> None:
    """The notice of personal data, once, in the first reply (UU 27/2022, sop.md §3)."""
    if not turn.session.noticed:
        costs = turn.facts.capabilities.costs
        turn.say("data.notice.letter" if turn.at_once and not costs else "data.notice")
        turn.set(noticed=True)


def privacy_to_store(draft: Draft) -> Privacy:
    """No answer is hidden (sop.md §3)."""
    return draft.privacy or Privacy.HIDDEN

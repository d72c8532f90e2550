"""Everything that one message says, read once: what the engine calls for each text (sop.md §3, §4)."""

from __future__ import annotations

from dataclasses import dataclass

from core.dialogue.understanding.amounts import Amount
from core.dialogue.understanding.category import Proposal
from core.dialogue.understanding.danger import ChildWords, Danger
from core.dialogue.understanding.intents import Intents
from core.dialogue.understanding.moments import Moment
from core.dialogue.understanding.offices import OfficeHit
from core.dialogue.understanding.places import PlaceWords
from core.dialogue.understanding.story import Identifying


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says. All spans are characters of `text`; a list without finds is empty, a find that is absent None.

    `text`: the words cleaned (sop.md: the reporter's own words are kept elsewhere, unchanged).
    `language`: "id", "en", or None where the words do not tell.
    `is_story`: a stranger understands that something happened or is wanted; `is_thin`: it does, but hardly ("jalan rusak pak").
    `title`: composed from the words, at most 80 characters; empty where there is no story.
    `offices`: best first; `confident` hits are named by the words, the others are guesses to offer.
    `category`: None where there is no story.
    """

    text: str
    language: str | None
    is_story: bool
    is_thin: bool
    title: str
    moment: Moment | None
    place: PlaceWords | None
    offices: tuple[OfficeHit, ...]
    category: Proposal | None
    danger: Danger | None
    child: ChildWords | None
    amounts: tuple[Amount, ...]
    intents: Intents
    identifying: tuple[Identifying, ...]


"""Everything that one message says, read once: what the engine calls for each text (sop.md §3, §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.dialogue.understanding.amounts import Amount, find_amounts
from core.dialogue.understanding.category import Proposal, propose
from core.dialogue.understanding.cleaning import clean
from core.dialogue.understanding.danger import ChildWords, Danger, child_in, danger_in
from core.dialogue.understanding.identity import Identifying, words_that_identify
from core.dialogue.understanding.intents import Intents, intents_in
from core.dialogue.understanding.moments import Moment, find_moment
from core.dialogue.understanding.offices import Directory, OfficeHit
from core.dialogue.understanding.places import PlaceWords, find_place
from core.dialogue.understanding.story import is_thin, language_of, tells_story, title_from
from core.dialogue.understanding.words import wording


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


def read(text: str, *, now: datetime, zone: str, language: str | None, directory: Directory) -> Reading:
    """Reads a message: pure and total. `now` is aware; `zone` an IANA name; `language` the conversation's, if it is known.

    Only the first 4,096 characters are understood; `text` is cleaned whole.
    """
    cleaned = clean(text)
    told = wording(cleaned)
    intents = intents_in(told)
    danger = danger_in(told)
    is_story = danger is not None or tells_story(told, intents=intents)
    spoken = language_of(told)
    return Reading(
        text=cleaned,
        language=spoken,
        is_story=is_story,
        is_thin=is_story and is_thin(told),
        title=title_from(cleaned, spoken or language) if is_story else "",
        moment=find_moment(told, now=now, zone=zone, language=spoken or language),
        place=find_place(told),
        offices=directory.mentioned_in(told),
        category=propose(told) if is_story else None,
        danger=danger,
        child=child_in(told),
        amounts=find_amounts(told),
        intents=intents,
        identifying=words_that_identify(told),
    )

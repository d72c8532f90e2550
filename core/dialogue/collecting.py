"""Everything that one message gives to a draft, all at once and in any order (sop.md §3)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from core.channels import MediaKind
from core.dialogue.model import Draft, DraftFile, StoryPart
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent
from core.dialogue.understanding.moments import Moment, MomentKind
from core.dialogue.understanding.offices import OfficeHit
from core.dialogue.understanding.reading import Reading
from core.dialogue.understanding.story import IdentifyingKind, tells_something, title_from
from core.dialogue.understanding.words import wording
from core.procedure.categories import must_collect
from core.procedure.vocabulary import Category, Field, Privacy

LONGEST_WHEN, LONGEST_WHERE, LONGEST_WHO = 300, 500, 300
_LONG_ANSWER_CHARACTERS = 60
_TAKEN_AS_IT_IS = 3
"""Asked this often what happened, any word is the story."""
_VAGUE_PLACES = ("kantor", "sekolah", "jalan", "rumah", "desa", "pasar", "puskesmas", "my", "the", "street", "village", "road")
_PREPOSITION = re.compile(r"^(?:di|d|at|in|on)\s+", re.IGNORECASE)
_SENSITIVE = frozenset(IdentifyingKind) - {IdentifyingKind.RELATION}
_NO_EVIDENCE = re.compile(
    r"\b(?:tidak (?:ada|punya|sempat)|tanpa|belum ada|no)\b(?: \w+){0,2} (?:foto|bukti|video|dokumen|photos?|evidence|proof)\b"
)
_NO_EVIDENCE_LEFT = re.compile(
    r"\b(?:tidak (?:ada|punya|sempat)|tanpa|belum ada|no)\b(?: \w+)?"
    r" (?:foto|fotonya|bukti|buktinya|video|photos?|evidence|proof)"
    r"(?: (?:terima kasih|makasih|ya|pak|bu|min|thanks))?[ .!]*$"
)
_FACILITY = re.compile(
    r"^(?:puskesmas|pustu|rs|rsud|rsu|klinik|sd|sdn|smp|smpn|sma|sman|smk|smkn|mts|kantor|kelurahan|kecamatan|desa|dinas|samsat"
    r"|polsek|polres|kua|bpn|disdukcapil|terminal|stasiun|pasar)\b \w+",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_COMMAND = re.compile(
    r"^\s*(?:(?:min|pak|bu|kak|halo|permisi)[\s,]+)?(?:(?:saya|sy|aku|gue)?\s*(?:mau|ingin|pengen|pgn)\s+)?"
    r"(?:[/#]?lapor(?:kan|in)?|/start|laporan baru)\b(?:\s+(?:lagi|baru|nih|ya|min|pak|bu))*[\s:,.!#*;/=-]*(?=\S)",
    re.IGNORECASE,
)


def files_of(message: Message) -> tuple[DraftFile, ...]:
    """The files that say something; a sticker does not."""
    return tuple(file for file in message.files if file.ref.kind is not MediaKind.STICKER)


def place_words(message: Message) -> str:
    """A shared location as words, for where only words can go."""
    place = message.inbound.place
    return "" if place is None else f"{place.label or ''} ({place.latitude:.5f}, {place.longitude:.5f})".strip()


def said_words(words: str) -> str:
    """The person's own words without the keyword that brought them here ("LAPOR jalan rusak")."""
    return _COMMAND.sub("", words).strip()


def readable(words: str) -> bool:
    """Are there words at all, not only marks and pictures?"""
    return bool(_LETTERS.search(words))


def take(turn: Turn, message: Message, *, answering: Field | None = None, correcting: bool = False) -> frozenset[Field]:
    """Puts all that the message says into the draft; which fields it gave. Words that tell more join the story.

    What was said before is only replaced by the answer to its own question, or by a correction (`correcting`).
    """
    before = turn.draft
    reading, words = message.reading, said_words(message.text)
    if message.source_id not in before.said:
        turn.put(said=(*before.said, message.source_id))
    _take_files(turn, message)
    if message.office is not None and turn.draft.who_office_id is None:
        set_office(turn, OfficeHit(message.office, 100.0, confident=True))
    if words:
        _take_privacy(turn, message)
        _take_moment(turn, reading.moment, replacing=correcting or answering is Field.WHEN)
        adding = answering is not None and not reading.is_story
        _take_place(turn, reading, replacing=correcting or answering is Field.WHERE, adding=adding)
        if answering is not Field.WHERE or correcting or _needs_office(turn.draft):
            _take_facility(turn, reading)
            _take_offices(turn, reading.offices, replacing=correcting or answering is Field.WHO)
        if reading.child is not None:
            turn.put(child=True)
        if _no_evidence(turn, reading, answering):
            turn.put(evidence_none=True)
        if joins_story(turn, message, words, answering):
            tell(turn, message, words)
    return _changed(before, turn.draft)


def joins_story(turn: Turn, message: Message, words: str, answering: Field | None) -> bool:
    """Do these words belong to the chronology, beside what they answer?"""
    if message.reading.is_story or answering is Field.STORY:
        told = message.reading.is_story or (tells_something(words) and turn.session.tries >= 1 and _adds_up(turn, words))
        return readable(words) and (told or turn.session.tries >= _TAKEN_AS_IT_IS)
    return len(words) > _LONG_ANSWER_CHARACTERS and readable(words)


def _adds_up(turn: Turn, words: str) -> bool:
    """One word is a story only behind others ("sampah", then "numpuk")."""
    return tells_something(words, least=2) or bool(turn.draft.parts)


def keep(turn: Turn, message: Message, words: str) -> None:
    """Words that tell no story yet: they stand before it once it is told."""
    if readable(words) and tells_something(words) and not turn.draft.parts:
        turn.put(parts=(StoryPart(message.source_id, words),))


def tell(turn: Turn, message: Message, words: str) -> None:
    """Adds words to the story, with what they propose: title, category, amounts, words that may show who wrote."""
    reading, draft = message.reading, turn.draft
    parts = (*(part for part in draft.parts if part.source_id != message.source_id), StoryPart(message.source_id, words))
    story = "\n".join(part.text for part in parts)
    title = "" if draft.category is None and reading.is_story else draft.title  # until now nothing told a story
    identifying = tuple(item.words for item in reading.identifying if item.kind in _SENSITIVE)
    turn.put(
        parts=parts,
        story=story,
        title=message.title or title or reading.title or title_from(story.replace("\n", " "), turn.language) or words[:80],
        thin=reading.is_thin if not draft.parts else False,
        amounts=tuple(dict.fromkeys((*draft.amounts, *(amount.text for amount in reading.amounts))))[:3],
        identifying=tuple(dict.fromkeys((*draft.identifying, *identifying)))[:3],
    )
    proposal = reading.category
    if proposal is not None and (draft.category is None or proposal.confidence > draft.category_confidence):
        choose_category(turn, proposal.category, proposal.confidence)


def choose_category(turn: Turn, category: Category, confidence: float) -> None:
    turn.put(category=category, category_confidence=confidence)


def forget_part(draft: Draft, source_id: str) -> Draft:
    """The draft without what this message told, before its new version is read."""
    parts = tuple(part for part in draft.parts if part.source_id != source_id)
    return replace(
        draft,
        parts=parts,
        story="\n".join(part.text for part in parts),
        title=draft.title if parts else "",
        amounts=draft.amounts if parts else (),
        identifying=draft.identifying if parts else (),
    )


def _take_files(turn: Turn, message: Message) -> None:
    files = files_of(message)
    if files:
        turn.put(files=(*turn.draft.files, *files))
    if message.inbound.place is not None:
        place = message.inbound.place
        turn.put(
            place=place, where_words=turn.draft.where_words or (place.label or None), skipped=turn.draft.skipped - {Field.WHERE}
        )


def _take_privacy(turn: Turn, message: Message) -> None:
    intents = message.reading.intents
    if intents.has(Intent.ANONYMOUS):
        turn.put(privacy=Privacy.ANONYMOUS, name=None)
    elif intents.has(Intent.HIDE_NAME):
        turn.put(privacy=Privacy.HIDDEN, name=None)
    elif intents.has(Intent.SHOW_NAME):
        show_name(turn, message)


def show_name(turn: Turn, message: Message) -> None:
    """The agency may see the name: what the person called themselves, else what the channel knows."""
    names = [item.words for item in message.reading.identifying if item.kind is IdentifyingKind.NAME]
    name = names[0] if names else turn.session.name_known or message.inbound.sender.name
    turn.put(privacy=Privacy.NAMED, name=name[:200] if name else None)


def _take_moment(turn: Turn, moment: Moment | None, *, replacing: bool) -> None:
    draft = turn.draft
    vague = draft.when_from is None and moment is not None and moment.start is not None
    if moment is None or (draft.when_words is not None and not replacing and not vague):
        return
    if moment.impossible or (moment.is_future and Field.WHEN not in draft.asked_again):
        return  # the engine asks about it once (sop.md §3)
    if moment.kind is MomentKind.UNKNOWN_WORDS and not replacing:
        return
    words = wording(moment.words).normal[:LONGEST_WHEN]
    if replacing and draft.when_words and draft.when_words in draft.title:  # what was wrong does not stay in the title
        turn.put(title=" ".join(draft.title.replace(draft.when_words, "").split()).rstrip(" …,"))
    turn.put(when_words=words, when_from=moment.start, when_to=moment.end, skipped=draft.skipped - {Field.WHEN})


def _take_place(turn: Turn, reading: Reading, *, replacing: bool, adding: bool) -> None:
    """`adding`: an answer that names a place says more than the story did ("kantor distrik", then "distrik abepura")."""
    draft = turn.draft
    if reading.place is None:
        return
    where, known = _PREPOSITION.sub("", reading.place.words), draft.where_words
    if known is not None and not replacing:
        if not (adding and reading.place.named) or wording(where).normal in wording(known).normal:
            return
        vague = set(wording(known).tokens()) <= {*wording(where).tokens(), *_VAGUE_PLACES}
        where = where if vague else f"{known}, {where}"
    where = in_its_town(turn, where)
    turn.put(where_words=where[:LONGEST_WHERE], skipped=draft.skipped - {Field.WHERE})


def in_its_town(turn: Turn, where: str) -> str:
    """The answer to "in which town?" behind the street that was known."""
    street = turn.session.street
    return where if not street or wording(street).normal in wording(where).normal else f"{street}, {where}"


def _needs_office(draft: Draft) -> bool:
    """A place is not who is reported, unless the category asks for that too."""
    return draft.category is not None and Field.WHO in must_collect(draft.category)


def _take_facility(turn: Turn, reading: Reading) -> None:
    """ "di puskesmas sukamaju" says who as well, where the directory offers nothing to pick from."""
    where = _PREPOSITION.sub("", reading.place.words) if reading.place is not None else ""
    kind = wording(where).normal.split(" ")[:1]
    alike = any(wording(hit.entry.name).normal.split(" ")[:1] == kind for hit in reading.offices)
    if turn.draft.who_words is None and not alike and _FACILITY.match(where) and named_office(reading.offices) is None:
        turn.put(who_words=where[:LONGEST_WHO], skipped=turn.draft.skipped - {Field.WHO})


def _take_offices(turn: Turn, offices: tuple[OfficeHit, ...], *, replacing: bool) -> None:
    sure = named_office(offices)
    if sure is None or (turn.draft.who_words is not None and not replacing):
        return
    set_office(turn, sure)


def named_office(offices: tuple[OfficeHit, ...]) -> OfficeHit | None:
    """The office that the words name."""
    return next((hit for hit in offices if hit.confident), None)


def set_office(turn: Turn, hit: OfficeHit) -> None:
    """This office of the directory is reported."""
    turn.put(who_words=hit.entry.name[:LONGEST_WHO], who_office_id=hit.entry.id, skipped=turn.draft.skipped - {Field.WHO})


def _no_evidence(turn: Turn, reading: Reading, answering: Field | None) -> bool:
    """ "Tidak ada foto" as an answer. In a story it may be part of what happened, unless it closes a message that costs."""
    if answering is not Field.EVIDENCE and reading.is_story:
        return turn.at_once and _NO_EVIDENCE_LEFT.search(wording(reading.text).normal) is not None
    return _NO_EVIDENCE.search(wording(reading.text).normal) is not None


def _changed(before: Draft, after: Draft) -> frozenset[Field]:
    pairs = {
        Field.STORY: (before.story, after.story),
        Field.WHEN: (before.when_words, after.when_words),
        Field.WHERE: ((before.where_words, before.place), (after.where_words, after.place)),
        Field.WHO: (before.who_words, after.who_words),
        Field.EVIDENCE: ((before.files, before.evidence_none), (after.files, after.evidence_none)),
        Field.PRIVACY: (before.privacy, after.privacy),
        Field.CATEGORY: (before.category, after.category),
    }
    return frozenset(field for field, (old, new) in pairs.items() if old != new)


def touched(turn: Turn, now: datetime) -> None:
    """The draft was talked about: the reminder starts anew."""
    turn.set(
        draft_started_at=turn.session.draft_started_at or now,
        draft_touched_at=now,
        reminded=False,
        expires_at=None,
    )

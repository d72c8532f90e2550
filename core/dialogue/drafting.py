"""A report that is being told: questions, free order, back and skip, the summary, sending, leaving off and coming back."""

from __future__ import annotations

import re
from dataclasses import replace

from core.dialogue import collecting, ending, onward, privacy, script, summary
from core.dialogue.model import Draft, Mode, ReportFacts
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent
from core.dialogue.understanding.moments import Moment
from core.dialogue.understanding.words import wording
from core.procedure.vocabulary import Category, Field, Privacy

_CORRECTION = re.compile(
    r"^.*?\b(?:bukan|bkn|salah|ralat|maksud\w*|maaf|eh|not)\b.*?"
    r"\b(?:tapi|tp|tetapi|melainkan|yang benar|yg bener|yg benar|harusnya|but|it was)\b[\s,:]*",
    re.IGNORECASE | re.DOTALL,
)

_OWN = re.compile(
    r"\b(?:saya|kami|kita|ibu|bapak|anak|anakku|istri|suami|adik|kakak|nenek|kakek|keluarga|me|my|us|our|i|we"
    r"|diminta|dimintai|disuruh|dipaksa|takut)\b"
)
_SHORT_WORDS = 4
_TIMELY = re.compile(
    r"\d|\b(?:pas|waktu|saat|sejak|dari|setelah|sesudah|sebelum|habis|lupa|lama|baru|awal|akhir|setiap|dulu|musim|hari|minggu|bulan"
    r"|tahun|jam|pagi|siang|sore|malam|subuh|sering|kadang\S*|terus|selalu|when|after|before|since|during|long|ago|every|forgot)\b"
)


def begin(turn: Turn, message: Message | None = None, *, origin: ReportFacts | None = None) -> None:
    """Starts a new draft, with what the message tells. After the dispute window it is linked to `origin` and prefilled."""
    draft = Draft(language=turn.language)
    if origin is not None:
        draft = replace(
            draft,
            origin_code=origin.code,
            category=origin.category,
            category_confidence=0.9,
            where_words=origin.where_words,
            who_words=origin.who_words,
            who_office_id=origin.who_office_id,
            title=origin.title,
        )
    turn.set(mode=Mode.DRAFT, draft=draft, asking=None, tries=0, trail=(), editing=False, gaps=(), telling=None)
    if message is None:
        if not turn.at_once:
            turn.say("begin")
        script.put(turn, Field.STORY)
        return
    fields = collecting.take(turn, message)
    if not fields and not message.reading.intents.found and not message.office:
        collecting.keep(turn, message, collecting.said_words(message.text))
    if origin is not None and Field.STORY not in fields and collecting.readable(message.text):
        collecting.tell(turn, message, message.text)
    _first_reply(turn, message, origin)


def _first_reply(turn: Turn, message: Message, origin: ReportFacts | None) -> None:
    draft = turn.draft
    if origin is not None and not turn.facts.capabilities.costs:
        turn.say("draft.linked", report=origin.code)
    elif turn.at_once and script.given(draft, Field.STORY):
        pass  # the code says it
    elif script.given(draft, Field.STORY) and (draft.story or script.has_voice(draft)):
        turn.say(_noted(draft) if draft.story else "noted.voice")
    elif collecting.files_of(message):
        turn.say("noted.files")
    elif message.inbound.place is not None:
        turn.say("noted.place")
    moment = message.reading.moment
    if Field.WHEN in script.missing(draft) and moment is not None and (moment.impossible or moment.is_future):
        _doubt(turn, moment)
    collecting.touched(turn, turn.now)
    onward.proceed(turn, message)


def _noted(draft: Draft) -> str:
    """What to say to a story: sorry to whom it happened, thanks to who saw it."""
    category = script.category_of(draft)
    if category is Category.COMPLAINT and not _OWN.search(wording(draft.story).normal):
        return "noted.witnessed"
    return f"noted.{category}"


# --- questions and answers ---------------------------------------------------------------------------------------------


def hear(turn: Turn, message: Message) -> None:
    """A message while questions are open."""
    if turn.draft.is_empty and Field.STORY not in turn.draft.asked and message.verb is None:
        begin(turn, message)
        return
    collecting.touched(turn, turn.now)
    if message.stale:
        turn.say("stale")
    elif message.verb is not None:
        if _pressed(turn, message, message.verb):
            return
    else:
        prompt = turn.session.prompt
        _answered(turn, message)
        if turn.session.prompt != prompt:
            return  # the reply is a question already
    onward.proceed(turn, message)


def _pressed(turn: Turn, message: Message, verb: str) -> bool:
    """Carries out a pressed choice. True: the reply is complete."""
    asking = turn.session.asking
    if verb in ("hide", "show"):
        privacy.choose(turn, message, verb)
        if asking is Field.PRIVACY:
            onward.passed(turn, Field.PRIVACY)
        else:
            turn.set(tries=max(0, turn.session.tries - 1))  # half of a question is answered
    elif verb == "skip" and asking is not None:
        onward.leave_empty(turn, asking)
        onward.passed(turn, asking)
        turn.acknowledge(empty=True)
    elif verb.startswith("o-"):
        _office_picked(turn, verb[2:])
        onward.passed(turn, Field.WHO)
    elif verb.startswith("c-"):
        _category_picked(turn, verb[2:])
    elif verb in ("send", "yes") and turn.session.mode is Mode.SUMMARY:
        ending.submit(turn)
        return True
    elif verb == "edit":
        summary.ask_what_to_change(turn)
        return True
    elif verb == "cancel":
        ending.cancel(turn)
        return True
    elif verb == "back":
        turn.set(editing=False, asking=None)
    elif verb.startswith("f-") and verb[2:] in set(Field):
        summary.ask_anew(turn, Field(verb[2:]))
        return True
    return False


def _office_picked(turn: Turn, identity: str) -> None:
    entries = turn.facts.directory.entries if turn.facts.directory is not None else ()
    entry = next((entry for entry in entries if str(entry.id) == identity), None)
    if entry is None:
        onward.leave_empty(turn, Field.WHO)
        turn.acknowledge(empty=True)
        return
    turn.put(
        who_words=entry.name[: collecting.LONGEST_WHO],
        who_office_id=entry.id,
        skipped=turn.draft.skipped - {Field.WHO},
    )
    turn.say("ack.who", who=entry.name)


def _category_picked(turn: Turn, code: str) -> None:
    if code in set(Category):
        collecting.choose_category(turn, Category(code), 1.0)
        turn.set(asking=None, editing=False, mode=Mode.DRAFT)  # the new category may need more


def _answered(turn: Turn, message: Message) -> None:
    """Words, files or a place while a question is open, or at the summary."""
    asking, intents = turn.session.asking, message.reading.intents
    if asking is None:
        _at_summary(turn, message)
        return
    if _says_nothing_to_give(message) and asking not in (Field.STORY, Field.PRIVACY):
        onward.leave_empty(turn, asking)
        onward.passed(turn, asking)
        turn.acknowledge(empty=True)
        return
    if asking in (Field.PRIVACY, Field.WHERE, Field.WHEN, Field.WHO) and privacy.said_plainly(turn, message, asking):
        return
    if asking is Field.STORY and turn.session.editing and collecting.readable(message.text):
        turn.put(parts=(), story="", title="", amounts=(), identifying=())  # told anew, without what shows who wrote it
    fields = collecting.take(turn, message, answering=asking)
    if asking is Field.WHEN and _asks_date_again(turn, message.reading.moment):
        return
    if asking not in fields and not intents.whole(Intent.THANKS, Intent.GREETING):
        fields |= _whole_message(turn, message, asking, fields)
    if asking in fields:
        onward.passed(turn, asking)
    acknowledge(turn, message, fields)


def _says_nothing_to_give(message: Message) -> bool:
    intents = message.reading.intents
    nothing = intents.whole(Intent.NONE, Intent.SKIP, Intent.UNKNOWN, Intent.NO)
    return nothing and not message.inbound.files and message.inbound.place is None


def _whole_message(turn: Turn, message: Message, asking: Field, fields: frozenset[Field]) -> frozenset[Field]:
    """The answer in the person's own words, where nothing in it could be read as one."""
    words = collecting.said_words(message.text)
    if not collecting.readable(words) or fields:
        return frozenset()
    match asking:
        case Field.WHERE:
            turn.put(where_words=collecting.in_its_town(turn, words)[: collecting.LONGEST_WHERE])
        case Field.WHEN if _tells_no_time(turn, words):
            collecting.tell(turn, message, words)
            return frozenset({Field.STORY})
        case Field.WHEN:
            turn.put(when_words=words[: collecting.LONGEST_WHEN])
        case Field.WHO:
            turn.put(who_words=words[: collecting.LONGEST_WHO])
        case Field.EVIDENCE if not message.reading.intents.whole(Intent.YES):
            collecting.tell(turn, message, words)
            turn.put(skipped=turn.draft.skipped | {Field.EVIDENCE})  # "nanti menyusul" is no "tidak ada"
        case Field.HOPED:
            turn.put(hoped=words)
        case Field.CATEGORY:
            return frozenset()
        case _:
            return frozenset()
    return frozenset({asking})


def _tells_no_time(turn: Turn, words: str) -> bool:
    """The first answer to "when?" has no word of time: it belongs to the story, and we ask once more."""
    return turn.session.tries < script.MOST_TRIES and not _TIMELY.search(wording(words).normal)


def _asks_date_again(turn: Turn, moment: Moment | None) -> bool:
    """A future or impossible date is asked about once; then a future one is kept, an impossible one left empty (sop.md §3)."""
    if moment is None or not (moment.impossible or moment.is_future):
        return False
    if Field.WHEN in turn.draft.asked_again:
        if moment.impossible:
            onward.leave_empty(turn, Field.WHEN)
            onward.passed(turn, Field.WHEN)
            turn.acknowledge(empty=True)
            return True
        return False
    _doubt(turn, moment)
    turn.set(tries=0, asking=None)
    return True


def _doubt(turn: Turn, moment: Moment) -> None:
    turn.put(asked_again=turn.draft.asked_again | {Field.WHEN})
    turn.say("date.impossible" if moment.impossible else "date.future", when=moment.words)


def acknowledge(turn: Turn, message: Message, fields: frozenset[Field]) -> None:
    """A short word on what was understood."""
    draft = turn.draft
    if turn.at_once and Field.STORY in fields:
        return  # the code says it
    if Field.STORY in fields and turn.session.trail[-1:] == (Field.STORY,) and not turn.session.editing and draft.category:
        turn.say(_noted(draft))
    elif collecting.files_of(message):
        turn.say("ack.files")
    elif Field.PRIVACY in fields and draft.privacy is not None:
        turn.say("ack.named" if draft.privacy is Privacy.NAMED else f"ack.{draft.privacy}")
    elif Field.WHEN in fields and draft.when_from is not None and draft.when_from == draft.when_to:
        turn.say("ack.when", when=turn.day(draft.when_from))
    elif fields:
        turn.acknowledge()


# --- at the summary --------------------------------------------------------------------------------------------------


def _at_summary(turn: Turn, message: Message) -> None:
    """Free words at the summary: sending, a correction of a part, or more of the story."""
    wants_edit = message.reading.intents.has(Intent.EDIT) and len(message.text.split()) <= _SHORT_WORDS
    field = _named_field(turn, message) if turn.session.editing or wants_edit else None
    if field is not None:
        summary.ask_anew(turn, field)
        return
    if wants_edit and message.reading.moment is None and message.reading.place is None:
        summary.ask_what_to_change(turn)
        return
    fields = collecting.take(turn, message, correcting=True)
    idle = (Intent.THANKS, Intent.GREETING, Intent.NONE, Intent.SKIP, Intent.UNKNOWN)
    if not fields and collecting.readable(message.text) and not message.reading.intents.whole(*idle):
        collecting.tell(turn, message, message.text)
        fields = frozenset({Field.STORY})
    added = bool(fields) and fields <= {Field.STORY, Field.EVIDENCE} and not turn.session.editing
    turn.say("summary.added" if added else "summary.changed" if fields else "summary.still")


def correction(words: str) -> str:
    """What is meant instead: "bukan kemarin, tapi senin" → "senin"; other words stay as they are."""
    return _CORRECTION.sub("", words, count=1) or words


def _named_field(turn: Turn, message: Message) -> Field | None:
    plain = message.text.casefold()
    names = {field: turn.text(f"field.{field}").casefold() for field in Field}
    return next((field for field, name in names.items() if name and name in plain), None)

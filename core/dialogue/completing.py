"""The answers to what was asked in one message of a report that was received at once (sop.md §3): any order, any number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from core.dialogue import collecting, ending, script
from core.dialogue.model import Add, Complete, Draft, Facts, Mode, Withdraw
from core.dialogue.reader import read_words
from core.dialogue.report_acts import act, by_code
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent
from core.dialogue.understanding.reading import Reading
from core.procedure.vocabulary import Field

_MARK = r"(?:(?:no|nomor|nomer|nmr|number|#)[. ]*)?\(?([1-9])"
_DELIMITED = re.compile(rf"(?:(?<=\s)|^){_MARK}\s*[.):=-]+\s*(?=\S)", re.IGNORECASE)
_LINED = re.compile(rf"(?:(?<=\n)|^){_MARK}(?:\s*[.):=-]+\s*|[ \t]+)(?=\S)", re.IGNORECASE)
_BARE = re.compile(rf"(?:(?<=[\s,;.])|^){_MARK}(?:\s*[.):=-]+\s*|\s+)(?=\S)", re.IGNORECASE)
_COUNTED = re.compile(
    r"(?:menit|jam|hari|minggu|bulan|bln|tahun|thn|th|orang|kali|km|m|meter|rb|ribu|jt|juta|foto|lembar|buah|unit|rumah"
    r"|jan\w*|feb\w*|mar\w*|apr\w*|mei|may|jun\w*|jul\w*|agu\w*|aug\w*|sep\w*|okt\w*|oct\w*|nov\w*|des\w*|dec\w*"
    r"|days?|weeks?|months?|years?|hours?|people|times|photos?)\b",
    re.IGNORECASE,
)
"""A number before one of these counts something ("3 Maret", "2 minggu"): it is no mark of an answer."""
_COUNTING = re.compile(
    r"(?:jam|pukul|pkl|rt|rw|jl|jalan|gang|gg|km|tanggal|tgl|blok|lantai|sdn?|smpn?|sman?|smkn?)[. ]*$", re.IGNORECASE
)
_BEFORE = 12
_LIST_MARKS = re.compile(r"\s*[\n,;]\s*")
_LONGEST_ITEM = 100
_BLANK = re.compile(r"^(?:x|-|\?)$", re.IGNORECASE)
_ANSWERED_WITHIN = timedelta(days=3)
_IN_ONE_BREATH = timedelta(hours=1)
_SAME_ALARM_WITHIN = timedelta(hours=6)
_SHORT_WORDS = 5
_CANCELS = re.compile(r"^\W*(?:batal\w*|cabut|ga jadi|gak jadi|tidak jadi|nggak jadi|cancel|withdraw)\b", re.IGNORECASE)
_NUMBER_ALONE = re.compile(r"^\W*\d\W*$")
_EMPTY_FIELDS = (Field.WHEN, Field.WHERE, Field.WHO, Field.EVIDENCE)


def hear(turn: Turn, message: Message) -> None:
    """Fills the gaps with whatever this message gives; one reply is all that we ask for."""
    session, code = turn.session, turn.session.about
    if code is None:
        turn.set(mode=Mode.IDLE, gaps=())
        return
    if _is_no_answer(turn, message, code):
        return
    draft = _filled(turn, message)
    filled = frozenset(field for field in session.gaps if script.given(draft, field))
    filled |= {Field.PRIVACY} if draft.privacy is not None else frozenset()
    files = collecting.files_of(message)
    turn.set(mode=Mode.IDLE, gaps=())
    if message.reading.is_story:  # what else a story says is about the story, not what was asked
        if Field.WHEN not in filled:
            draft = replace(draft, when_words=None, when_from=None, when_to=None)
        if Field.WHERE not in filled:
            draft = replace(draft, where_words=None, place=None)
    if filled:
        turn.do(_complete(code, message.text, filled, draft))
        if filled == {Field.PRIVACY} and session.gaps:
            turn.say(f"ack.{draft.privacy}")
            turn.set(mode=Mode.GAPS, gaps=session.gaps)  # only that was said: what was asked can still be answered
        else:
            turn.say("at_once.completed", report=code)
    elif message.text or files or message.inbound.place is not None:
        turn.do(Add(code, message.text or collecting.place_words(message), files))
        turn.say("add.done", report=code)
        if session.gaps and message.reading.is_story and turn.facts.capabilities.costs:
            turn.say("add.another")
    else:
        turn.say("add.what", report=code)
        turn.set(mode=Mode.TELLING, telling="add")


def _is_no_answer(turn: Turn, message: Message, code: str) -> bool:
    """A wish about the report itself, or nothing at all: carried out, asked about, or met with the questions again."""
    gaps, report, intents = turn.session.gaps, by_code(turn, code), message.reading.intents
    if intents.whole(Intent.CANCEL, Intent.WITHDRAW) and gaps:
        turn.set(mode=Mode.IDLE, gaps=())
        turn.do(Withdraw(code, solved=False))
        turn.say("at_once.withdrawn", report=code)
    elif report is not None and report.open and _gives_up(message):
        act(turn, "withdraw", report)
    elif report is not None and report.open and intents.whole(Intent.SETTLED):
        act(turn, "solved", report)
    elif gaps and _answers_nothing(message):
        ending.ask_gaps(turn, gaps)
    else:
        return False
    return True


def _gives_up(message: Message) -> bool:
    """ "batal aja, takut": more than the one word, and still no answer."""
    wishes = message.reading.intents.has(Intent.CANCEL, Intent.WITHDRAW) and not message.reading.is_story
    return wishes and len(message.text.split()) <= _SHORT_WORDS and _CANCELS.match(message.text) is not None


def _answers_nothing(message: Message) -> bool:
    """ "1", "ok": a number without an answer, a word that agrees to nothing."""
    if message.inbound.files or message.inbound.place is not None:
        return False
    agrees = (
        message.reading.intents.whole(Intent.YES, Intent.SEND, Intent.DONE) and message.text.casefold().strip(" .!") != "ada"
    )
    return agrees or _NUMBER_ALONE.match(message.text) is not None


def _complete(code: str, words: str, filled: frozenset[Field], draft: Draft) -> Complete:
    who_asked = Field.WHO in filled
    return Complete(
        code=code,
        text=words,
        filled=filled,
        files=draft.files,
        when_words=draft.when_words,
        when_from=draft.when_from,
        when_to=draft.when_to,
        where_words=draft.where_words,
        place=draft.place,
        who_words=draft.who_words if who_asked else None,
        who_office_id=draft.who_office_id if who_asked else None,
        privacy=draft.privacy,
        name=draft.name,
    )


def _filled(turn: Turn, message: Message) -> Draft:
    """The answers as a draft of their own; the turn's session is left as it was."""
    gaps, before = turn.session.gaps, turn.session
    scratch = Turn(replace(before, draft=Draft(), tries=0), turn.facts, turn.now)
    numbered = _segments(collecting.said_words(message.text), len(gaps))
    answers = {gaps[number - 1]: words for number, words in numbered.items()} or _by_item(turn, message, gaps)
    if answers:
        for field, words in answers.items():
            _answer(scratch, field, words, message, turn.facts)
        scratch.put(files=collecting.files_of(message))
        return scratch.draft
    if _BLANK.match(message.text) or message.reading.intents.whole(Intent.NONE, Intent.UNKNOWN, Intent.SKIP, Intent.NO):
        scratch.put(skipped=frozenset(gaps), evidence_none=Field.EVIDENCE in gaps)
        return scratch.draft
    only = gaps[0] if len(gaps) == 1 else None
    collecting.take(scratch, message, answering=only)
    if only is not None and message.text and not script.given(scratch.draft, only):
        _verbatim(scratch, only, message.text)
    return scratch.draft


def _answer(scratch: Turn, field: Field, words: str, message: Message, facts: Facts) -> None:
    reading = read_words(words, facts=facts, now=scratch.now)
    if _BLANK.match(words) or reading.intents.whole(Intent.NONE, Intent.UNKNOWN, Intent.SKIP, Intent.NO):
        scratch.put(
            skipped=scratch.draft.skipped | {field}, evidence_none=scratch.draft.evidence_none or field is Field.EVIDENCE
        )
        return
    part = Message(replace(message.inbound, text=words, files=(), place=None), reading)
    collecting.take(scratch, part, answering=field)
    if not script.given(scratch.draft, field):
        _verbatim(scratch, field, words)


def _verbatim(scratch: Turn, field: Field, words: str) -> None:
    match field:
        case Field.WHEN:
            scratch.put(when_words=words[: collecting.LONGEST_WHEN])
        case Field.WHERE:
            scratch.put(where_words=words[: collecting.LONGEST_WHERE])
        case Field.WHO:
            scratch.put(who_words=words[: collecting.LONGEST_WHO])
        case _:
            return  # "ada, nanti saya kirim" is no "tidak ada": the words are kept, nobody asks again


def is_another(turn: Turn, message: Message) -> bool:
    """Is this story no answer to what was asked a while ago? Then the person says whether it is a matter of its own."""
    if not message.reading.is_story or turn.facts.replying_to is not None or message.inbound.reply_to is not None:
        return False
    silent = turn.now - _last_said(turn)
    if silent > _ANSWERED_WITHIN:
        return True
    filled = _filled(turn, message)
    return silent > _IN_ONE_BREATH and not any(script.given(filled, field) for field in turn.session.gaps)


def is_over(turn: Turn) -> bool:
    """Has the report gone on since: an official asks, or it is closed and words dispute it or object?"""
    report = by_code(turn, turn.session.about)
    return report is not None and (not report.open or report.question is not None)


def is_same_alarm(turn: Turn) -> bool:
    """Did the report that waits for words tell of a danger just now? Later, or beside another report, it is a new alarm."""
    report = by_code(turn, turn.session.about)
    return report is not None and report.urgent and turn.now - _last_said(turn) <= _SAME_ALARM_WITHIN


def _last_said(turn: Turn) -> datetime:
    report = by_code(turn, turn.session.about)
    return max(filter(None, (turn.session.echo_at, report.spoke_at if report is not None else None)), default=turn.now)


def is_numbered(turn: Turn, message: Message) -> bool:
    """Does the message answer by the numbers of the gaps?"""
    return bool(_segments(collecting.said_words(message.text), len(turn.session.gaps)))


def _segments(words: str, count: int) -> Mapping[int, str]:
    """ "1 kemarin 2 depok 3 x" by number, in any order; empty unless it begins with a number that was asked."""
    kinds = (_marks(kind, words, count) for kind in (_LINED, _DELIMITED, _BARE))
    marks = next((found for found in kinds if len(found) > 1), []) or _marks(_BARE, words, count)
    if not marks or words[: marks[0].start()].strip():
        return {}
    ends = [mark.start() for mark in marks[1:]] + [len(words)]
    return {int(mark.group(1)): words[mark.end() : end].strip(" ,;.\n") for mark, end in zip(marks, ends, strict=True)}


def _marks(kind: re.Pattern[str], words: str, count: int) -> list[re.Match[str]]:
    """Each number once, where it stands as a mark and counts nothing."""
    kept: dict[str, re.Match[str]] = {}
    counting = False
    for mark in kind.finditer(words):
        counts = mark.group()[-1:].isspace() and _COUNTED.match(words, mark.end())
        counts = counts or _COUNTING.search(words[max(0, mark.start() - _BEFORE) : mark.start()])
        if int(mark.group(1)) <= count and (mark.start() == 0 or not counts):
            kept.setdefault(mark.group(1), mark)
            counting = counting or bool(counts)
    return [] if counting and len(kept) == 1 else list(kept.values())  # "3 Maret" alone is a day


def _by_item(turn: Turn, message: Message, gaps: Sequence[Field]) -> Mapping[Field, str]:
    """ "kemarin, kota contoh, tidak ada" without numbers: as many items as gaps. What an item says decides, then its place."""
    items = [item for item in _LIST_MARKS.split(message.text.strip()) if item]
    if len(gaps) < 2 or len(items) != len(gaps) or any(len(item) > _LONGEST_ITEM for item in items):
        return {}
    says = [_fields_in(read_words(item, facts=turn.facts, now=turn.now, language=turn.language)) for item in items]
    unread = sum(not fields for fields in says)
    if unread > 1 or any(fields and not set(fields) & set(gaps) for fields in says):
        return {}  # a story with as many commas
    found: dict[Field, str] = {}
    for item, fields in zip(list(items), says, strict=True):
        if len(fields) == 1 and fields[0] not in found:
            found[fields[0]] = item
            items.remove(item)
    return found | dict(zip([gap for gap in gaps if gap not in found], items, strict=True))


def _fields_in(reading: Reading) -> list[Field]:
    """What a short answer may be the answer to."""
    says: list[Field] = []
    if reading.moment is not None and reading.moment.start is not None:
        says.append(Field.WHEN)
    if collecting.named_office(reading.offices) is not None:
        says.append(Field.WHO)
    if reading.place is not None:
        says.append(Field.WHERE)
    if reading.intents.whole(Intent.NONE):
        says.append(Field.EVIDENCE)
    return says

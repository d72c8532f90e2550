"""A message as it came, read: its subject, an agency's keyword in front, what was pressed or typed for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core import trackingcode
from core.channels import Inbound
from core.dialogue import collecting, drafting
from core.dialogue.fitting import clean
from core.dialogue.model import Mode, Offered, Remember, ReportFacts, SayChoice
from core.dialogue.reader import read_words, tells_a_story
from core.dialogue.render import label_of
from core.dialogue.report_acts import OMBUDSMAN_OPTIONS, RATING_OPTIONS, SETTLED_OPTIONS, by_code
from core.dialogue.turn import Message, Option, Turn, pressed, typed
from core.dialogue.understanding.intents import intents_in
from core.dialogue.understanding.offices import Entry
from core.dialogue.understanding.story import tells_something, title_from
from core.dialogue.understanding.words import section, wording

_REPLY = re.compile(r"^\s*(?:re|bls|balas|balasan|aw|antw|sv|vs)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_FORWARDED = re.compile(r"^\s*(?:(?:fwd?|trs|terusan|wg)\s*:\s*)+", re.IGNORECASE)
_OPENING = re.compile(
    r"^(?:(?:surat|laporan|lapor|pengaduan|aduan|keluhan|report|complaint)\b[\s:.,#–-]*)+"
    r"(?:(?:tentang|mengenai|soal|terkait|perihal|about|on)\b[\s:]*)?",
    re.IGNORECASE,
)
WAITING = (Mode.CONFIRM, Mode.TELLING, Mode.GAPS)
"""What waits for words about the report `Session.about`."""
_LONGEST_SUBJECT = 200
_LEARNS_LANGUAGE_WORDS = 3
_PLAINLY_A_STORY = 12  # so many words that tell something need no closer look
_KEYWORD = re.compile(r"^\W*([^\W_]{2,20})[\s:#.,;/*-]*", re.UNICODE)


def read(turn: Turn, inbound: Inbound) -> Message:
    """The message with what was pressed, or typed in its place."""
    subject = told_subject(inbound) if turn.session.mode in (Mode.IDLE, Mode.GAPS, Mode.DRAFT) else ""
    inbound, reads = _with_subject(inbound, subject)
    words = inbound.text
    if turn.session.mode is Mode.SUMMARY and turn.session.asking is None and not inbound.choice:
        words = reads = drafting.correction(words)
        inbound = replace(inbound, text=words)
    reading = read_words(trackingcode.tidy(reads), facts=turn.facts, now=turn.now, language=turn.language)
    if reading.is_story and (told := collecting.said_words(words)) != words.strip():
        title = read_words(told, facts=turn.facts, now=turn.now, language=turn.language).title
        reading = replace(reading, title=title or reading.title)
    message = Message(inbound, reading, title=_title(subject, turn.language))
    token = inbound.choice or typed(_offered(turn), reading, words)
    if token is None:
        return _with_keyword(turn, message)
    found = pressed(token)
    if found is None or (found.prompt is not None and found.prompt != turn.session.prompt):
        return replace(message, stale=True)
    return replace(message, verb=f"r.{found.code}.{found.verb}" if found.code is not None else found.verb)


def learn_language(turn: Turn, message: Message) -> None:
    """The language of the first real words, until the person chooses one."""
    language = message.reading.language
    words = [word for word in message.text.split() if len(word) > 1]  # a code letter by letter speaks no language
    if turn.session.language is None and language is not None and len(words) >= _LEARNS_LANGUAGE_WORDS:
        turn.set(language=language)
        if language != turn.facts.office.language:
            turn.do(Remember(language=language))


def answered(turn: Turn) -> ReportFacts | None:
    """The own report whose message this one replies to."""
    return by_code(turn, turn.facts.replying_to)


def is_reply(inbound: Inbound) -> bool:
    return inbound.reply_to is not None or bool(_REPLY.match(inbound.subject or ""))


def told_subject(inbound: Inbound) -> str:
    """The subject line where it says something; that of a reply is ours."""
    if not inbound.subject or inbound.choice or is_reply(inbound):
        return ""
    subject = _FORWARDED.sub("", " ".join(clean(inbound.subject[:_LONGEST_SUBJECT]).split()))
    asks = not inbound.text.strip() and bool(intents_in(subject).found)
    return subject if asks or _says_something(subject) else ""


def starts_another(turn: Turn, message: Message) -> bool:
    """A story in a mail of its own, under another subject than the last one, or behind a keyword: a report of its own."""
    if not message.reading.is_story or turn.facts.replying_to is not None or is_reply(message.inbound):
        return False
    if message.office is not None or collecting.said_words(message.text) != message.text:
        return True
    return bool(message.title) and plain_subject(message.inbound) != turn.session.subject


def tells_apart(turn: Turn, message: Message) -> bool:
    """Is this no answer to what was asked on receipt? Where replies show as replies, a story in a mail of its own is none."""
    alone = turn.facts.capabilities.subjects and message.reading.is_story and not is_reply(message.inbound)
    return starts_another(turn, message) or (alone and turn.facts.replying_to is None)


def plain_subject(inbound: Inbound) -> str:
    """The subject as it is remembered, to see whether the next one is another."""
    return " ".join(wording(inbound.subject or "").tokens())[:_LONGEST_SUBJECT]


def _says_something(subject: str) -> bool:
    told = [norm for norm in wording(subject).tokens() if norm not in section("story", "lists")["subjects"]]
    return any(len(norm) > 2 for norm in told) and tells_something(" ".join(told))


def _with_subject(inbound: Inbound, subject: str) -> tuple[Inbound, str]:
    """The message with the story's words, and the words that are read: the subject may say where and when too."""
    if not subject:
        return inbound, inbound.text
    both = f"{subject}\n{inbound.text}".strip()
    if tells_something(inbound.text, least=_PLAINLY_A_STORY) or (inbound.text.strip() and tells_a_story(inbound.text)):
        return inbound, both
    return replace(inbound, text=both), both


def _title(subject: str, language: str) -> str:
    if not subject or not _says_something(subject):
        return ""
    bare = _OPENING.sub("", subject)
    return title_from(bare if tells_something(bare) else subject, language)


def _with_keyword(turn: Turn, message: Message) -> Message:
    """ "TANGKAB jalan rusak": an agency's own keyword in front says who is reported, where people text to a short number."""
    directory = turn.facts.directory
    if directory is None or not turn.facts.capabilities.costs or turn.session.mode not in (Mode.IDLE, Mode.GAPS):
        return message
    words = collecting.said_words(message.inbound.text)
    first = _KEYWORD.match(words)
    office: Entry | None = directory.by_keyword(first.group(1)) if first is not None else None
    if first is None or office is None:
        return message
    rest = words[first.end() :].strip()
    told = read_words(rest, facts=turn.facts, now=turn.now, language=turn.language)
    if message.reading.is_story and not told.is_story:
        return replace(message, office=office)  # "air mati": the keyword is a word of the story
    return replace(message, inbound=replace(message.inbound, text=rest), reading=told, office=office)


def _offered(turn: Turn) -> Sequence[Offered]:
    """The choices that a typed number means: those of the message that is answered, else those of the last question."""
    session, report = turn.session, answered(turn)
    if report is None or (session.about == report.code and session.mode in WAITING):
        return session.offered
    if any(choice.token.startswith(f"r.{report.code}.") for choice in session.offered):
        return session.offered
    options: tuple[Option, ...] = ()
    if report.settled:
        options = SETTLED_OPTIONS
    elif report.rateable and report.rating is None:
        options = RATING_OPTIONS
    elif report.ombudsman_asked:
        options = OMBUDSMAN_OPTIONS
    choices = [SayChoice(f"r.{report.code}.{option.verb}", option.key, option.label) for option in options]
    return [Offered(choice.token, label_of(choice, turn.language)) for choice in choices]

"""The private conversation takes up what was told in public: "Tentang …, ya?" (sop.md §7), or asks whether it is meant."""

from __future__ import annotations

import re
from dataclasses import replace

from core.dialogue import (
    collecting,
    commands,
    drafting,
    ending,
    inpublic,
    opening,
    publicstory,
    script,
    wishing,
)
from core.dialogue.codes import codes_in
from core.dialogue.model import EraseDraft, Mode, Session, StoryPart, Submit
from core.dialogue.reader import read_words, tells_a_story
from core.dialogue.turn import Message, Option, Turn
from core.dialogue.understanding.intents import Intent
from core.dialogue.understanding.words import wording
from core.procedure.vocabulary import Field

WHICH = "told"
"""`Session.telling` while "the earlier one, or another matter?" is open."""
_BEGINS = (Intent.NEW, Intent.START, Intent.GREETING, Intent.YES, Intent.SEND, Intent.DONE)
_COMMANDS = (
    Intent.LANGUAGE, Intent.HELP, Intent.PRIVACY, Intent.AFRAID, Intent.DELETE_DATA, Intent.STOP, Intent.REPORTS,
    Intent.STATUS, Intent.THANKS, Intent.WITHDRAW, Intent.LINK, Intent.UNLINK, Intent.NEWS_HERE, Intent.NEWS_THERE,
)  # fmt: skip
_NOT_THAT = re.compile(
    r"^\W*(?:bukan|bkn|not (?:that|this)(?: one)?)\b[\s,.:;!-]*(?:(?:yang |yg )?(?:itu|tadi|ini)\b)?[\s,.:;!-]*", re.IGNORECASE
)
_ANOTHER = re.compile(
    r"^\W*(?:ini )?(?:hal |urusan |masalah |soal |yang |yg )?lain(?:nya)?\b|^\W*(?:something|another)\b", re.IGNORECASE
)
_EARLIER = re.compile(
    r"^\W*(?:(?:ya|iya)\W+)?(?:yang|yg|itu|ini|lanjut\w*|that|the) ?(?:tadi|itu|pertama|one|earlier)?\b", re.IGNORECASE
)
_GOES_ON = re.compile(
    r"^\W*(?:(?:ini|mau|saya|sy) )*(?:lanjut\w*|tambah\w*|\w*sambung\w*|terkait|soal|tentang|mengenai|masih)?\W*"
    r"(?:soal |tentang )?(?:yang |yg )?(?:tadi|cuitan|kiriman|unggahan|post\w*|twit|tweet)\b",
    re.IGNORECASE,
)
_TELLING_LETTERS = 4
_ALIKE = 2


def tell_filed(turn: Turn, message: Message) -> bool:
    """The code of what was filed from a public cry for help, now that nobody reads along. True: there is no more to answer."""
    told = turn.session.told
    if not told.filed_untold or told.filed is None:
        return False
    turn.set(told=replace(told, filed_untold=False), about=told.filed)
    turn.say("told.filed", report=told.filed)
    script.notice(turn)
    asks = told.placeless and turn.session.mode is Mode.IDLE
    if asks:
        turn.set(mode=Mode.GAPS, gaps=(Field.WHERE,))
    bare = message.reading.intents.whole(*_BEGINS, Intent.THANKS) or not _says_anything(message)
    if bare and asks:
        turn.say("danger.where")
    return bare and (asks or told.is_empty)


def hear(turn: Turn, message: Message) -> bool:
    """A private message while something waits that was told in public. False: it is about something else."""
    if turn.session.told_asked:
        turn.set(told_asked=False)
        if _declined(turn, message):
            return True
    if turn.session.mode is Mode.DISAMBIGUATE and turn.session.telling == WHICH:
        return _which(turn, message)
    if turn.session.told.is_empty or message.verb is not None or not _free(turn, message) or _own_business(turn, message):
        return False
    intents, newest = message.reading.intents, _is_newest(turn)
    if message.reading.is_story:
        if _goes_on(turn, message):
            publicstory.begin(turn, message)
        else:
            _ask(turn, message)
        return True
    if intents.whole(Intent.CANCEL) and newest:
        inpublic.forget(turn)
        turn.say("cancel.done")
        return True
    if not _tells(turn):
        return False  # "min tolong dong": it stands before the story once that is told
    if intents.whole(*_BEGINS):
        publicstory.begin(turn)
        return True
    if intents.whole(*_COMMANDS, Intent.CANCEL) or commands.meant(turn, message, *_COMMANDS) or not newest:
        return False
    if not _says_anything(message):
        return False
    publicstory.begin(turn, message)
    return True


def _says_anything(message: Message) -> bool:
    return bool(message.text or collecting.files_of(message) or message.inbound.place)


def _free(turn: Turn, message: Message) -> bool:
    """Is nothing else under way?"""
    mode = turn.session.mode
    if mode is Mode.GAPS:
        return message.reading.intents.whole(Intent.NEW)
    return mode is Mode.IDLE or (mode is Mode.DRAFT and turn.draft.is_empty)


def _own_business(turn: Turn, message: Message) -> bool:
    """Is it plainly about a report that is filed already?"""
    return (
        opening.answered(turn) is not None
        or bool(codes_in(message.text))
        or wishing.wishes_something(turn, message)
        or (not message.reading.is_story and any(report.question is not None for report in turn.reports))
    )


def _tells(turn: Turn) -> bool:
    """Does it say or show something, beyond that somebody wants us?"""
    told = turn.session.told
    return bool(told.files or told.place) or tells_a_story("\n".join(part.text for part in told.parts))


def _is_newest(turn: Turn) -> bool:
    """Was the post the last that was said between us, after everything about the open reports?"""
    at = turn.session.told.at
    return at is not None and all(report.spoke_at is None or report.spoke_at <= at for report in turn.reports if report.open)


# --- no, or which? -----------------------------------------------------------------------------------------------------


def _declined(turn: Turn, message: Message) -> bool:
    """ "bukan": not that. What was told is dropped; a story behind it is another matter. "bukan X tapi Y" corrects."""
    found = _NOT_THAT.match(message.text)
    rest = message.text[found.end() :] if found is not None else ""
    another = _ANOTHER.match(message.text) is not None and not message.reading.is_story
    if turn.session.mode is not Mode.DRAFT or (not another and (found is None or (rest and not tells_a_story(rest)))):
        return False
    ending.erase(turn)
    turn.set(street="")
    turn.say("told.dropped")
    if rest:
        inbound = replace(message.inbound, text=rest)
        drafting.begin(turn, Message(inbound, read_words(rest, facts=turn.facts, now=turn.now, language=turn.language)))
    else:
        drafting.begin(turn)
    return True


def _goes_on(turn: Turn, message: Message) -> bool:
    """Does this story plainly belong to the one that was told in public?"""
    told = "\n".join(part.text for part in turn.session.told.parts)
    if _GOES_ON.match(message.text) or not tells_a_story(told):
        return True
    return len(_telling(told) & _telling(message.text)) >= _ALIKE


def _telling(words: str) -> set[str]:
    return {norm for norm in wording(words).tokens() if len(norm) >= _TELLING_LETTERS}


def _ask(turn: Turn, message: Message) -> None:
    again = turn.session.mode is Mode.DISAMBIGUATE
    session = turn.session
    turn.set(
        mode=Mode.DISAMBIGUATE,
        telling=WHICH,
        pending_text="\n".join(filter(None, (session.pending_text if again else "", message.text))),
        pending_files=(*(session.pending_files if again else ()), *collecting.files_of(message)),
        pending_source_id=session.pending_source_id if again else message.source_id,
        asked_about=again,
    )
    options = (Option("earlier", "choice.that_story"), Option("other", "choice.another_matter"))
    title = publicstory.title_of(turn)
    if title:
        turn.ask("told.which", options, title=title)
    else:
        turn.ask("told.which_files", options)


def _which(turn: Turn, message: Message) -> bool:
    """The answer to "the earlier one, or another matter?"; asked twice, what was written joins: nothing is lost."""
    intents = message.reading.intents
    if message.verb is None and intents.whole(*_COMMANDS):
        return False
    turn.placed = True
    if message.verb is None and intents.whole(Intent.CANCEL):
        if turn.session.pending_source_id:
            turn.do(EraseDraft((turn.session.pending_source_id,)))
        inpublic.forget(turn)
        ending.close(turn)
        turn.set(pending_text="", pending_files=(), pending_source_id="")
        turn.say("cancel.done")
        return True
    other = message.verb == "other" or intents.whole(Intent.NO, Intent.NEW) or bool(_ANOTHER.match(message.text))
    earlier = message.verb == "earlier" or intents.whole(Intent.YES) or bool(_EARLIER.fullmatch(message.text))
    if other and not message.reading.is_story:
        waiting = _pending(turn, message)
        drafting.begin(turn, waiting)
        turn.set(pending_text="", pending_files=(), pending_source_id="", asked_about=False)
    elif earlier or turn.session.asked_about:
        if not earlier:
            _ask(turn, message)  # joined to what waits; nobody sees the question a third time
            turn.effects.pop()
        publicstory.begin(turn, _pending(turn, message))
    else:
        _ask(turn, message)
    return True


def _pending(turn: Turn, message: Message) -> Message:
    """The message that waited, as if it came now."""
    session = turn.session
    words, files = session.pending_text, tuple(file.ref for file in session.pending_files)
    source_id = session.pending_source_id or message.source_id
    inbound = replace(message.inbound, text=words, choice=None, source_id=source_id, files=files)
    return Message(inbound, read_words(words, facts=turn.facts, now=turn.now, language=turn.language))


# --- at the end of a step -----------------------------------------------------------------------------------------------


def settle(turn: Turn, before: Session) -> None:
    """A question that was left behind loses nothing: its words wait with what was told in public. And what waits is named
    once the way is free."""
    session = turn.session
    left = before.mode is Mode.DISAMBIGUATE and before.telling == WHICH and not (turn.placed or turn.facts.idle)
    asked_still = session.telling == WHICH and Mode.DISAMBIGUATE in (session.mode, session.returning)
    if left and not asked_still:
        _put_back(turn, before)
    ended = not before.draft.is_empty and any(isinstance(effect, Submit | EraseDraft) for effect in turn.effects)
    if ended and turn.session.mode is Mode.IDLE and turn.session.draft.is_empty and _tells(turn) and turn.says:
        title = publicstory.title_of(turn)
        turn.say("told.waiting", title=title) if title else turn.say("told.waiting_files")


def _put_back(turn: Turn, before: Session) -> None:
    told = turn.session.told
    part = StoryPart(before.pending_source_id, before.pending_text)
    parts = (*told.parts, part) if part.text else told.parts
    turn.set(told=replace(told, parts=parts, files=(*told.files, *before.pending_files), at=told.at or turn.now))
    if turn.session.pending_source_id == before.pending_source_id:
        turn.set(pending_text="", pending_files=(), pending_source_id="", asked_about=False)
        if turn.session.telling == WHICH:
            turn.set(telling=None)

"""What was told in public becomes the draft of the private conversation: "Tentang …, ya?" (sop.md §7)."""

from __future__ import annotations

import re
from dataclasses import replace

from core.channels import Inbound, Sender
from core.dialogue import collecting, inpublic, onward, script, summary
from core.dialogue.reader import read_words
from core.dialogue.turn import Message, Turn
from core.procedure.categories import must_collect
from core.procedure.vocabulary import Field

_STREET = re.compile(r"^(?:jl|jln|jalan|gang|gg|street|road)\b", re.IGNORECASE)
_TOWN = re.compile(r",|\b(?:kota|kab|kabupaten|kec|kecamatan|desa|kel|kelurahan|city|town|village)\b", re.IGNORECASE)
_NOBODY = Sender("")


def begin(turn: Turn, message: Message | None = None) -> None:
    """The story that was told in public becomes the draft, with what this message adds; the next question follows."""
    told = turn.session.told
    first = message or Message(Inbound("", told.said[0], _NOBODY), read_words("", facts=turn.facts, now=turn.now))
    inpublic.draft_of(turn, told, first)
    turn.set(told=replace(told, parts=(), files=(), place=None, at=None), told_asked=True)
    turn.set(pending_text="", pending_files=(), pending_source_id="", asked_about=False)
    if message is not None:
        _add(turn, message)
    title = summary.title_of(turn)
    if turn.draft.story:
        turn.say("told.about", title=_as_said(turn.draft.story, title))
    else:
        turn.say("told.about_files")
    collecting.touched(turn, turn.now)
    _ask_for_the_town(turn)
    if not turn.session.street:
        onward.proceed(turn, first)


def _add(turn: Turn, message: Message) -> None:
    words = collecting.said_words(message.text)
    fields = collecting.take(turn, message)
    if Field.STORY not in fields and not fields and collecting.readable(words):
        collecting.tell(turn, message, words)


def _as_said(story: str, title: str) -> str:
    """In the middle of a sentence a title begins as the person wrote it."""
    small = title[:1].lower() + title[1:]
    return small if title not in story or small in story else title


def _ask_for_the_town(turn: Turn) -> None:
    """A street without its town says little to a stranger: the town is asked for first, the privacy question riding along."""
    draft = turn.draft
    where = draft.where_words or ""
    bare = bool(_STREET.match(where) and not _TOWN.search(where)) or summary.is_bare(where)
    if not (bare and draft.place is None and draft.who_office_id is None) or turn.at_once:
        return
    if Field.WHERE not in must_collect(script.category_of(draft)):
        return
    turn.set(street=where)
    turn.put(where_words=None)
    script.put(turn, Field.WHERE, riding=draft.privacy is None and Field.PRIVACY not in draft.asked)


def title_of(turn: Turn) -> str:
    """What was told in public in a few words; empty if there were only files."""
    words = "\n".join(part.text for part in turn.session.told.parts)
    if not words:
        return ""
    reading = read_words(words, facts=turn.facts, now=turn.now, language=turn.language)
    scratch = Turn(replace(turn.session, draft=replace(turn.draft, title=reading.title or words)), turn.facts, turn.now)
    return summary.title_of(scratch)

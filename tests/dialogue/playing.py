"""Plays a transcript file against the conversation and writes down what was said and done, in the same form.

Head: `date`, `channel` (buttons, numbers, sms, mail), `directory` (city, nowhere), optional `name`. After `---`:

    > words of the citizen         > [Label] a pressed button         > (photo) (voice) (place) before words: what is attached
      before the words of a mail: (subject …) its subject; (reply 1) it answers a message about report number 1; (left out 3) so
      many attachments did not get in; (stranger) nobody vouches for the sender; (public) said
      where others read along
    < words of the bot, with its buttons in brackets on the last line
    = effects besides talk         ! what happens outside: "+3 days", "settlement 1 holder=… words=…" (report number 1),
      "link SMS" (the next one-time code comes from there), "there …" (what was told at that door)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from core.channels import FileRef, InboundKind, Place
from core.dialogue.model import (
    CodeMeaning,
    Complete,
    Draft,
    Effect,
    LinkedAddress,
    LinkFacts,
    NoticeKind,
    Remember,
    Say,
    Session,
    Submit,
    WakeAt,
)
from core.dialogue.render import Rendered
from tests.dialogue.world import BUTTONS, CITY, MAIL, NOWHERE, NUMBERS, PHOTO, POSTS, SMS, VOICE, World

WIB = timezone(timedelta(hours=7))
CHANNELS = {"buttons": BUTTONS, "numbers": NUMBERS, "sms": SMS, "mail": MAIL, "posts": POSTS}
_ATTACHED = re.compile(r"^\((photo|voice|place|stranger|public|subject|reply|left out)(?: ([^)]*))?\)\s*")
_WAIT = re.compile(r"^\+(\d+) (hours?|days?)$")
_PARAMETER = re.compile(r"(\w+)=(.*?)(?= \w+=|$)")


def head_and_lines(transcript: str) -> tuple[dict[str, str], list[str]]:
    head, _, body = transcript.partition("---\n")
    pairs = (line.split(":", 1) for line in head.splitlines() if ":" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}, body.splitlines()


def citizen_turns(transcript: str) -> int:
    """Turns of the citizen until the first report is submitted."""
    turns = 0
    for line in head_and_lines(transcript)[1]:
        turns += line.startswith("> ")
        if line.startswith("= submit"):
            return turns
    raise ValueError("no report is submitted")


def play(transcript: str) -> str:
    """The transcript as it really goes: the same head and inputs, the bot's lines and effects as they come out."""
    head, lines = head_and_lines(transcript)
    now = datetime.fromisoformat(head["date"]).replace(tzinfo=WIB).astimezone(UTC)
    directory = NOWHERE if head.get("directory") == "nowhere" else CITY
    world = World(now, CHANNELS[head["channel"]], directory, head.get("name"))
    out: list[str] = []
    for line in lines:
        if line.startswith("# "):
            out.append(line)
        elif line.startswith(("> ", "! ")):
            out.append(line)
            says = _hear(world, line[2:]) if line.startswith("> ") else _outside(world, line[2:])
            out.extend(f"= {shown}" for shown in map(_shown, world.effects) if shown)
            out.extend(_said(says))
    return transcript.partition("---\n")[0] + "---\n" + "\n".join(out) + "\n"


def _hear(world: World, words: str) -> Sequence[Rendered]:
    if words.startswith("[") and words.endswith("]"):
        return world.press(words[1:-1])
    files: list[FileRef] = []
    given: dict[str, Any] = {}
    while found := _ATTACHED.match(words):
        words = words[found.end() :]
        what, value = found.groups()
        match what:
            case "place":
                given["place"] = Place(-6.2, 106.8, None)
            case "subject":
                given["subject"] = value
            case "reply":
                given["replying_to"] = world.reports[int(value) - 1].code
            case "left out":
                given["left_out"] = int(value)
            case "public":
                given["kind"] = InboundKind.PUBLIC
            case "stranger":
                given["verified"] = False
            case _:
                files.append(PHOTO if what == "photo" else VOICE)
    return world.hear(words.replace("\\n", "\n"), files=files, **given)


def _outside(world: World, what: str) -> Sequence[Rendered]:
    world.effects = ()
    if wait := _WAIT.match(what):
        amount = int(wait.group(1))
        return world.later(timedelta(hours=amount) if wait.group(2).startswith("hour") else timedelta(days=amount))
    if what.startswith(("link ", "there ")):
        return _elsewhere(world, what)
    kind, number, *rest = what.split(" ", 2)
    code = world.reports[int(number) - 1].code
    given = dict(_PARAMETER.findall(rest[0] if rest else ""))
    words = given.pop("words", None)
    if kind == "set":
        world.change(code, **{name: value == "yes" for name, value in given.items()})
        return ()
    params: dict[str, str | int | date] = {
        name: date.fromisoformat(value) if name.endswith("_on") else value for name, value in given.items()
    }
    return world.tell(NoticeKind(kind), code, words=words, **params)


def _elsewhere(world: World, what: str) -> Sequence[Rendered]:
    """ "link SMS": the next one-time code comes from there; "there " and words: what was told at that door."""
    kind, words = what.split(" ", 1)
    if kind == "link":
        world.code = LinkFacts(CodeMeaning.FITS, ref="hash", door=words, conversation=7, there=Session())
        world.linked = (LinkedAddress(1, "Obrolan", here=True), LinkedAddress(2, words))
    elif world.code is not None:
        other = World(world.now, world.capabilities, world.directory)
        other.hear(words)
        world.code = replace(world.code, there=other.session)
    return ()


def _said(says: Sequence[Rendered]) -> Iterator[str]:
    for message in says:
        first, *more = message.text.split("\n")
        buttons = " ".join(f"[{choice.label}]" for choice in message.choices)
        yield f"< {first}" + (f" {buttons}" if buttons and not more else "")
        yield from (f"  {line}".rstrip() for line in more)
        if buttons and more:
            yield f"  {buttons}"


def _shown(effect: Effect) -> str:
    """An effect in one line; talk and alarms are left out."""
    if isinstance(effect, Remember) and effect.gone is not None:
        return "no more messages" if effect.gone else "messages again"
    if isinstance(effect, Say | WakeAt | Remember):
        return ""
    if isinstance(effect, Submit):
        draft = effect.draft
        flags = [name for name in ("urgent", "child") if getattr(draft, name)]
        linked = [f"linked to {draft.origin_code}"] if draft.origin_code else []
        words = [str(draft.category), str(draft.privacy), *flags, *linked]
        return f"submit {effect.code} “{effect.title}” {' '.join(words)}{_fields(draft)}"
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(effect).__name__).lower()
    if isinstance(effect, Complete):
        return f"{name} {effect.code}{_fields(effect)}"
    values = [getattr(effect, spec.name) for spec in fields(effect) if spec.name != "public"]
    shown = [
        f"“{value}”" if " " in str(value) else str(value) for value in values if isinstance(value, str | int) and value != ""
    ]
    files = [
        f"{len(value)} file(s)" for value in values if isinstance(value, tuple) and value and not isinstance(value[0], str)
    ]
    return " ".join([name, *shown, *files])


def _fields(filled: Draft | Complete) -> str:
    when = f"{filled.when_from or '?'}…{filled.when_to or ''}" if filled.when_words else "-"
    where = filled.where_words or ("pin" if filled.place else "-")
    return f" | when {when} | where {where} | who {filled.who_words or '-'} | {len(filled.files)} file(s)"

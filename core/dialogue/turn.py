"""One step while it is being decided: the session as it becomes, what was said, and the numbered question at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from core.channels import Inbound
from core.dialogue.codes import shown
from core.dialogue.model import (
    Draft,
    DraftFile,
    Effect,
    Facts,
    Offered,
    ReportFacts,
    Say,
    SayChoice,
    Session,
)
from core.dialogue.render import label_of
from core.dialogue.understanding.offices import Entry
from core.dialogue.understanding.reading import Reading
from core.texts import day, known, text

LONGEST_TOKEN_BYTES = 40
_LONGEST_PARAMETER = 600


@dataclass(frozen=True, slots=True)
class Option:
    """A choice to offer. `verb`: what it means to the open question; `key`: its text, or `label` as it is written."""

    verb: str
    key: str = ""
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A person's message, read: what was pressed or typed for it (`verb`), and what the words say."""

    inbound: Inbound
    reading: Reading
    verb: str | None = None
    stale: bool = False  # a button of an earlier question
    title: str = ""  # the subject line, where it says something
    office: Entry | None = None  # an agency's keyword stood in front

    @property
    def source_id(self) -> str:
        return self.inbound.source_id

    @property
    def text(self) -> str:
        """The person's own words; none if a button was pressed."""
        return "" if self.verb is not None or self.stale else self.inbound.text.strip()

    @property
    def files(self) -> tuple[DraftFile, ...]:
        return tuple(DraftFile(self.inbound.source_id, ref) for ref in self.inbound.files)


@dataclass(slots=True)
class Turn:
    """Collects the effects of one step. Lives only inside `step`; what comes out is frozen."""

    session: Session
    facts: Facts
    now: datetime
    effects: list[Effect] = field(default_factory=list)
    silent: bool = False  # no reply at all is the reply
    placed: bool = False  # what waited behind "which one is meant?" went where the person said, or was called off

    @property
    def language(self) -> str:
        return known(self.session.language or self.facts.office.language)

    @property
    def draft(self) -> Draft:
        return self.session.draft

    @property
    def reports(self) -> tuple[ReportFacts, ...]:
        """The reporter's own reports; while the conversation is locked only what was filed there since (sop.md §7)."""
        if not self.session.locked:
            return self.facts.reports
        since, own = self.session.locked_on, () if self.facts.linked else self.facts.reports
        return tuple(one for one in own if since is not None and one.received_on is not None and one.received_on >= since)

    def is_answer_to(self, key: str) -> bool:
        """Can only whoever has read this question of ours have answered it? `key`: how its text key begins.

        Where a sender is believed because of an earlier message (its answering address may have been copied to others), only
        an answer to the question itself shows that.
        """
        answering = self.facts.answering or ""
        return self.facts.capabilities.sender_verified or answering.startswith((key, "confirm.reply_please"))

    @property
    def open_reports(self) -> int:
        """How many of the reporter's own reports are open, also those that are not told of one by one."""
        if self.session.locked or self.facts.open_reports is None:
            return sum(report.open for report in self.reports)
        return self.facts.open_reports

    @property
    def at_once(self) -> bool:
        return self.facts.capabilities.receives_at_once

    @property
    def says(self) -> bool:
        return any(isinstance(effect, Say) for effect in self.effects)

    def set(self, **changes: Any) -> None:
        self.session = replace(self.session, **changes)

    def put(self, **changes: Any) -> None:
        """Changes the draft."""
        self.session = replace(self.session, draft=replace(self.session.draft, **changes))

    def do(self, effect: Effect) -> None:
        self.effects.append(effect)

    def text(self, key: str, **params: str | int) -> str:
        return text(self.language, key, **params)

    def day(self, value: date) -> str:
        return day(self.language, value, today=self.now.date())

    def say(
        self, key: str, *, words: str | None = None, report: str | None = None, clock: str | None = None, **params: str | int
    ) -> None:
        """Says a sentence. `report`: the code it is about; `{code}` and `{plain}` are then filled in."""
        self.do(Say(key, self._params(report, params), words=words, code=report, clock=clock))

    def say_before_question(self, key: str, **params: str | int) -> None:
        """Says a sentence at the end, but before a question."""
        asks = (isinstance(one, Say) and bool(one.choices or one.key.startswith("ask.")) for one in self.effects)
        place = next((index for index, asking in enumerate(asks) if asking), None)
        self.effects.insert(len(self.effects) if place is None else place, Say(key, self._params(None, params)))

    def say_first(self, key: str, *, report: str | None = None) -> None:
        """Says a sentence before all others, save where somebody is in danger."""
        said = [index for index, effect in enumerate(self.effects) if isinstance(effect, Say)]
        alarmed = any(isinstance(effect, Say) and effect.key.startswith("danger.") for effect in self.effects)
        place = len(self.effects) if alarmed or not said else said[0]
        self.effects.insert(place, Say(key, self._params(report, {}), code=report))

    def acknowledge(self, *, empty: bool = False) -> None:
        """A short word that something was understood (or that it is fine to have nothing), not the same one each time."""
        other = "ack.none" if empty else "ack.again"
        self.say(other if len(self.session.trail) % 2 else "ack")

    def ask(self, key: str, options: Sequence[Option] = (), *, report: str | None = None, **params: str | int) -> None:
        """Says a sentence with choices that belong to the conversation's open question; earlier buttons become stale."""
        number = self.session.prompt + 1
        choices = tuple(SayChoice(f"{number}.{option.verb}", option.key, option.label) for option in options)
        self.do(Say(key, self._params(report, params), choices, code=report))
        self._offer(choices, prompt=number)

    def ask_about(
        self, report: str, key: str, options: Sequence[Option], *, clock: str | None = None, **params: str | int
    ) -> None:
        """Says a sentence with choices that stay good for this report whatever is talked about in between."""
        choices = tuple(SayChoice(f"r.{report}.{option.verb}", option.key, option.label) for option in options)
        self.do(Say(key, self._params(report, params), choices, code=report, clock=clock))
        self._offer(choices, prompt=self.session.prompt)

    def _offer(self, choices: Sequence[SayChoice], *, prompt: int) -> None:
        offered = tuple(Offered(choice.token, label_of(choice, self.language)) for choice in choices)
        self.set(prompt=prompt, offered=offered)

    def _params(self, report: str | None, params: dict[str, str | int]) -> dict[str, str | int]:
        cut = {name: value[:_LONGEST_PARAMETER] if isinstance(value, str) else value for name, value in params.items()}
        return {"code": shown(report), "plain": report, **cut} if report else cut


@dataclass(frozen=True, slots=True)
class Pressed:
    """A token taken apart: the question it belongs to (`prompt`) or the report it is about (`code`)."""

    verb: str
    prompt: int | None = None
    code: str | None = None


def pressed(token: str) -> Pressed | None:
    """None: not one of our tokens."""
    if not token.isascii() or len(token) > LONGEST_TOKEN_BYTES:
        return None
    head, _, verb = token.partition(".")
    if head == "r":
        code, _, verb = verb.partition(".")
        return Pressed(verb, code=code) if code and verb else None
    if not verb or not head.isdigit():
        return None
    return Pressed(verb, prompt=int(head))


def typed(offered: Sequence[Offered], reading: Reading, words: str) -> str | None:
    """The token whose number or label was typed instead of pressed."""
    number = reading.intents.number
    if number is not None and 1 <= number <= len(offered):
        return offered[number - 1].token
    plain = words.strip().strip("[]().!").casefold()
    for choice in offered:
        if plain and plain == choice.label.casefold():
            return choice.token
    return None

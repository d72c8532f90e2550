"""How a draft ends: sent on the summary, received at once, submitted in danger, or cancelled and erased."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.dialogue import script, summary
from core.dialogue.model import BeginAnew, Draft, EraseDraft, Mode, Submit
from core.dialogue.turn import Option, Turn
from core.dialogue.understanding.words import wording
from core.procedure.vocabulary import Category, Field, Privacy

_MUCH_CHARACTERS = 200
_MUCH_FIELDS = 3
_FEAR = re.compile(r"\b(?:takut|takutnya|ketakutan|khawatir|ketahuan|diancam|trauma|afraid|scared|threatened)\b")


def submit(turn: Turn) -> None:
    """The draft becomes a report with its code."""
    draft = turn.draft
    code, category = turn.facts.new_code, script.category_of(draft)
    _file(turn)
    turn.say("thanks.brave" if _took_courage(draft) else f"thanks.{category}")
    turn.say("filed.code", report=code)
    _say_verify_by(turn, category)
    turn.say("filed.news_here")


def _took_courage(draft: Draft) -> bool:
    """Whoever is afraid, or tells of a breach without a name, is thanked for daring."""
    complaint = script.category_of(draft) is Category.COMPLAINT
    return complaint and (draft.privacy is Privacy.ANONYMOUS or bool(_FEAR.search(wording(draft.story).normal)))


def _file(turn: Turn, *, urgent: bool = False) -> None:
    draft = replace(
        turn.draft,
        privacy=script.privacy_to_store(turn.draft),
        category=script.category_of(turn.draft),
        language=turn.language,
        urgent=turn.draft.urgent or urgent,
    )
    if turn.session.street and draft.where_words is None and draft.place is None:
        draft = replace(draft, where_words=turn.session.street)
    title = summary.title_of(turn)
    if turn.session.locked and turn.facts.linked:  # somebody new as far as we know: the other doors see nothing of it
        turn.do(BeginAnew())
        turn.set(locked=False, locked_on=None, held=())
    turn.do(Submit(turn.facts.new_code, draft, title))
    close(turn, about=turn.facts.new_code)


def close(turn: Turn, *, about: str | None = None) -> None:
    """Nothing is under way any more."""
    turn.set(
        mode=Mode.IDLE,
        draft=Draft(),
        asking=None,
        tries=0,
        trail=(),
        editing=False,
        offered=(),
        confirming=None,
        telling=None,
        gaps=(),
        prompt=turn.session.prompt + 1,
        draft_started_at=None,
        draft_touched_at=None,
        reminded=False,
        expires_at=None,
        asked_about=False,
        told_asked=False,
        street="",
        about=about if about is not None else turn.session.about,
    )


def _say_verify_by(turn: Turn, category: Category) -> None:
    due = turn.facts.office.verify_by.get(category)
    if due is not None:
        turn.say("filed.verify_by", due=turn.day(due))


def receive_at_once(turn: Turn) -> None:
    """Where messages come rarely: a code at once, and one message that asks for everything missing (sop.md §3)."""
    draft = turn.draft
    gaps = [field for field in script.missing(draft) if field is not Field.STORY]
    if Field.WHERE not in gaps and draft.who_office_id is None and draft.where_words and summary.is_bare(draft.where_words):
        gaps.insert(0, Field.WHERE)
    gaps.sort(key=(Field.WHEN, Field.WHERE, Field.WHO, Field.EVIDENCE).index)
    bare = bool(draft.where_words)
    category, code = script.category_of(draft), turn.facts.new_code
    privacy = script.privacy_to_store(draft)
    _file(turn)
    turn.say(f"at_once.{privacy}", report=code)
    if gaps:
        ask_gaps(turn, gaps, bare=bare)
    else:
        _say_verify_by(turn, category)
    turn.say("at_once.notice")
    turn.set(noticed=True)


def ask_gaps(turn: Turn, gaps: Sequence[Field], *, bare: bool = False) -> None:
    """Everything that is missing, numbered, in one sentence. `bare`: a place was named, but not where that is."""
    gap_words = [turn.text("gap.where.town" if field is Field.WHERE and bare else f"gap.{field}") for field in gaps]
    numbered = " ".join(f"{number} {words}" for number, words in enumerate(gap_words, 1))
    lines = "\n".join(f"{number}. {words[:1].upper()}{words[1:]}" for number, words in enumerate(gap_words, 1))
    turn.say("at_once.gaps", gaps=numbered, lines=lines)
    turn.set(mode=Mode.GAPS, gaps=tuple(gaps))


def file_in_danger(turn: Turn) -> bool:
    """Danger to life: submitted as it stands, urgent, the name hidden (sop.md §3). Is it unknown where?"""
    if turn.draft.privacy is not Privacy.ANONYMOUS:
        turn.put(privacy=Privacy.HIDDEN, name=None)
    if script.category_of(turn.draft) not in (Category.COMPLAINT, Category.GRIEVANCE):
        turn.put(category=Category.GRIEVANCE)  # "kebakaran, cepat pak" is no praise
    needs_place = not script.given(turn.draft, Field.WHERE)
    _file(turn, urgent=True)
    return needs_place


def submit_in_danger(turn: Turn) -> None:
    """The same with its code and the notice in the same message."""
    needs_place = file_in_danger(turn)
    turn.say("danger.filed", report=turn.facts.new_code)
    script.notice(turn)
    turn.say("danger.where" if needs_place else "danger.more")
    turn.set(mode=Mode.GAPS, gaps=(Field.WHERE,) if needs_place else ())


def cancel(turn: Turn, *, sure: bool = False) -> None:
    """Drops the draft; asks first if much was said."""
    draft = turn.draft
    answered = sum(script.given(draft, field) for field in script.ORDER)
    if not sure and not draft.is_empty and (len(draft.story) > _MUCH_CHARACTERS or draft.files or answered > _MUCH_FIELDS):
        turn.set(returning=turn.session.mode, mode=Mode.CONFIRM, confirming="cancel")
        turn.ask("cancel.sure", [Option("yes", "choice.cancel_yes"), Option("no", "choice.cancel_no")])
        return
    erase(turn)
    turn.say("cancel.done")


def erase(turn: Turn) -> None:
    """What was said for the draft is erased at once (sop.md §3)."""
    if turn.draft.said:
        turn.do(EraseDraft(turn.draft.said, turn.draft.elsewhere))
    close(turn)

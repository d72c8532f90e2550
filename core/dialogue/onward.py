"""The way on in a draft: the next question, offices to pick from, back, leaving a field empty (sop.md §3)."""

from __future__ import annotations

from core.dialogue import ending, script, summary
from core.dialogue.model import Mode
from core.dialogue.turn import Message, Option, Turn
from core.dialogue.understanding.story import tells_something
from core.procedure.vocabulary import Field

_OFFERED_OFFICES = 4


def leave_empty(turn: Turn, field: Field) -> None:
    """The person has nothing for this field; it is knowingly empty."""
    if field is Field.EVIDENCE:
        turn.put(evidence_none=True, skipped=turn.draft.skipped | {field})
    elif field is Field.PRIVACY:
        turn.put(asked=turn.draft.asked | {field})
    elif field is Field.WHERE and turn.session.street:
        turn.put(where_words=turn.session.street)  # the town is not known: the street still is
        turn.set(street="")
    elif field is not Field.STORY:
        turn.put(skipped=turn.draft.skipped | {field})


def passed(turn: Turn, field: Field) -> None:
    """The question is answered; "back" can return to it."""
    trail = tuple(item for item in turn.session.trail if item is not field)
    turn.set(trail=(*trail, field), asking=None, tries=0, editing=False, street="")


def proceed(turn: Turn, message: Message) -> None:
    """The next question, or the summary when nothing is missing."""
    session = turn.session
    if turn.at_once and script.given(turn.draft, Field.STORY) and session.mode is Mode.DRAFT:
        ending.receive_at_once(turn)
        return
    if session.mode is Mode.SUMMARY and session.asking is not None and session.editing:
        summary.ask_anew(turn, session.asking)
        return
    if session.mode is Mode.SUMMARY:
        summary.show(turn)
        return
    _give_up_on_silence(turn)
    if _offers_offices(turn, message) or script.put_next(turn):
        return
    script.notice(turn)
    summary.show(turn)


def _give_up_on_silence(turn: Turn) -> None:
    """A question that was put twice without an answer is left empty: no loops."""
    session, left = turn.session, script.missing(turn.draft)
    if session.asking is Field.PRIVACY and session.tries >= script.MOST_TRIES:
        turn.set(asking=None, tries=0)
    elif left and left[0] is session.asking and session.tries >= script.MOST_TRIES and left[0] is not Field.STORY:
        leave_empty(turn, left[0])
        turn.set(asking=None, tries=0)


def _offers_offices(turn: Turn, message: Message) -> bool:
    """Close hits in the directory are put to the person, never guessed (sop.md §3)."""
    left = script.missing(turn.draft)
    named = [hit for hit in message.reading.offices if not hit.confident] if tells_something(message.text) else []
    guesses = named[:_OFFERED_OFFICES]
    answered = Field.WHO in turn.session.trail and turn.session.trail[-1] is Field.WHO and turn.draft.who_office_id is None
    if (
        not guesses
        or not (answered or left[:1] == (Field.WHO,))
        or (turn.draft.privacy is None and Field.PRIVACY not in turn.draft.asked)
    ):
        return False
    if Field.WHO in turn.draft.asked_again:
        return False
    script.notice(turn)
    turn.put(asked=turn.draft.asked | {Field.WHO}, asked_again=turn.draft.asked_again | {Field.WHO})
    turn.set(asking=Field.WHO, tries=1, mode=Mode.DRAFT)
    options = [Option(f"o-{hit.entry.id}", label=hit.entry.name) for hit in guesses]
    turn.ask("ask.who.which", [*options, Option("skip", "choice.unknown")])
    return True


def put_again(turn: Turn) -> None:
    """The current question or the summary once more, for whoever was interrupted."""
    if turn.session.mode is Mode.SUMMARY and turn.session.asking is None:
        if turn.session.editing:
            summary.ask_what_to_change(turn)
        else:
            summary.show(turn)
    elif turn.session.asking is not None:
        turn.set(tries=max(0, turn.session.tries - 1))
        rode = any(choice.token.endswith(".hide") for choice in turn.session.offered)
        script.put(turn, turn.session.asking, riding=rode and turn.session.asking is not Field.PRIVACY)
    elif not script.put_next(turn):
        summary.show(turn)


def back(turn: Turn) -> None:
    """To the question before: what was answered there is asked again."""
    session = turn.session
    if session.mode is Mode.SUMMARY and session.editing:
        summary.show(turn)
        return
    if not session.trail:
        turn.say("back.first")
        put_again(turn)
        return
    field = session.trail[-1]
    turn.set(trail=session.trail[:-1], mode=Mode.DRAFT, asking=None, tries=0)
    turn.put(**_emptied(field), skipped=turn.draft.skipped - {field}, asked_again=turn.draft.asked_again - {field})
    script.put(turn, field)


def _emptied(field: Field) -> dict[str, object]:
    match field:
        case Field.WHEN:
            return {"when_words": None, "when_from": None, "when_to": None}
        case Field.WHERE:
            return {"where_words": None, "place": None}
        case Field.WHO:
            return {"who_words": None, "who_office_id": None}
        case Field.EVIDENCE:
            return {"evidence_none": False}
        case Field.PRIVACY:
            return {"privacy": None, "name": None}
        case _:
            return {}

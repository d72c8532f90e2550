"""A sender who may be somebody else: files a report, but reads and changes nothing; replying to our answer proves who it is."""

from __future__ import annotations

from dataclasses import replace

from core.channels import Inbound, InboundKind
from core.dialogue import alarm, drafting, echoes, invitation, linkcode, opening
from core.dialogue.codes import codes_in, without_codes
from core.dialogue.model import Effect, Say, Session, Submit, WakeAt
from core.dialogue.reader import tells_a_story
from core.dialogue.turn import Message, Turn
from core.procedure.vocabulary import Category


def heard(turn: Turn, inbound: Inbound) -> None:
    """A story becomes a report; anything else is asked to come as a reply."""
    if inbound.kind is InboundKind.PUBLIC:
        invitation.invite(turn)
    if inbound.kind is not InboundKind.MESSAGE:
        return
    if echoes.again(turn, inbound):
        return
    before = turn.session
    message = opening.read(turn, inbound)
    opening.learn_language(turn, message)
    reading = message.reading
    told = reading.danger is not None or (reading.is_story and not _asks_about_a_report(message))
    if message.verb is None and not message.stale and message.text and told:
        if reading.danger is not None:
            alarm.answer(turn, message)
        else:
            drafting.begin(turn, message)
    if any(isinstance(effect, Submit) for effect in turn.effects):
        _say_who_may_cancel(turn)
        turn.set(subject=opening.plain_subject(inbound))
        _finish(turn, inbound, before)
        return
    turn.effects.clear()
    turn.session = replace(before, language=turn.session.language)
    says = reading.intents.found or codes_in(message.text) or linkcode.typed(message.text)
    asks = bool(says) or message.verb is not None or message.stale
    turn.say("unverified.reply_please" if asks and not inbound.files else "unverified.story_please")
    _finish(turn, inbound, before)


def _asks_about_a_report(message: Message) -> bool:
    """Names a code and tells nothing beside it, or only asks: no new report, and no word to anybody but its reporter."""
    if not codes_in(message.text):
        return False
    proposed = message.reading.category
    asks = proposed is not None and proposed.category is Category.INFORMATION_REQUEST
    return asks or not tells_a_story(without_codes(message.text))


def _finish(turn: Turn, inbound: Inbound, before: Session) -> None:
    if inbound.files_left_out:
        turn.say_before_question("files.left_out", count=inbound.files_left_out)
    echoes.keep(turn, inbound, before)


def allowed(effects: list[Effect]) -> list[Effect]:
    """What a stranger may cause: a report, and words to the address that wrote."""
    return [effect for effect in effects if isinstance(effect, Say | WakeAt | Submit)]


def _say_who_may_cancel(turn: Turn) -> None:
    """Whoever reads this mailbox hears how to undo a report that somebody else sent in its name."""
    said = [effect.key for effect in turn.effects if isinstance(effect, Say)]
    if "at_once.notice" in said:
        turn.effects[:] = [
            Say("unverified.notice") if isinstance(effect, Say) and effect.key == "at_once.notice" else effect
            for effect in turn.effects
        ]
    else:
        turn.say("unverified.not_you")

"""An address that was silent for six months shows nothing without a code of its own: numbers are recycled (sop.md §7).

Whoever speaks there now and gives no code is somebody new as far as we know: what they file is theirs to see and to answer, and
nobody else's. Where the address was linked to others it leaves them with the first report that is filed without a code.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from core.channels import Inbound
from core.dialogue import announcing, lookup
from core.dialogue.codes import says_code
from core.dialogue.model import EraseDraft, Mode, Session, Told
from core.dialogue.turn import Message, Turn

_MOST_HELD = 10


def lock_if_idle(turn: Turn) -> None:
    """Whoever speaks from there now may be somebody else, in public too: nothing that was under way goes on."""
    if not turn.facts.idle:
        return
    session, guarded = turn.session, bool(turn.facts.reports or turn.facts.linked)
    for said in (session.draft, session.told):
        if said.said:
            turn.do(EraseDraft(said.said, said.elsewhere))
    turn.session = Session(
        language=session.language,
        prompt=session.prompt + 1,
        stopped=session.stopped,
        locked=guarded,
        locked_on=turn.now.astimezone(ZoneInfo(turn.facts.office.zone)).date() if guarded else None,
        held=(*session.held, *session.unread)[-_MOST_HELD:] if guarded else (),
    )


def unlock(turn: Turn, inbound: Inbound) -> None:
    """The code opens the conversation again, or a reply to our message about it.

    That of a report which was filed here since the silence proves nothing: whoever has the address now has it too.
    """
    if not turn.session.locked:
        return
    since = {report.code for report in turn.reports}
    older = [report for report in turn.facts.reports if report.code not in since]
    codes = [report.code for report in older if says_code(inbound.text, report.code)]
    replied = [report.code for report in older if report.code == turn.facts.replying_to]
    if codes or replied:
        turn.set(locked=False, locked_on=None, about=(replied or codes)[0])
        if not replied:
            turn.say("locked.open")
        announcing.tell_held(turn)


def let_go(turn: Turn) -> None:
    """What was about a report that is not this person's any more: links are undone while questions are open."""
    session, known = turn.session, {report.code for report in turn.facts.reports}
    if session.mode is Mode.GAPS and session.about is not None and session.about not in known:
        turn.set(mode=Mode.IDLE, gaps=(), about=None)
    if session.told.filed is not None and session.told.filed not in known:
        told = session.told
        turn.set(told=Told(told.parts, told.files, told.place, told.at, elsewhere=told.elsewhere))


def ask_for_code(turn: Turn, message: Message) -> None:
    """What has to be said first; one that is mistyped is named as such."""
    lookup.mistyped(turn, message)
    turn.say("locked.code_please")

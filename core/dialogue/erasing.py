"""The wish to be forgotten: what goes and what stays is said, then asked once (UU 27/2022; sop.md §2, §7).

It cannot be undone, so that only a clear yes to the very question does it; the same wish said again asks again.
"""

from __future__ import annotations

import re

from core.dialogue import ending
from core.dialogue.model import EraseIdentity, Mode, RequestErasure, Session
from core.dialogue.turn import Message, Option, Turn
from core.dialogue.understanding.intents import Intent

SURE, WITH_OPEN, LOCKED = "delete", "delete_open", "delete_locked"
"""What `Session.confirming` says: asked without open reports, with open ones, or of somebody who was silent for six months."""
QUESTIONS = (SURE, WITH_OPEN, LOCKED)

_ASKS = re.compile(
    r"\W*(?:(?:tolong|mohon|min|pak|bu|kak|saya|sy|aku|mau|ingin|minta|please)\W+){0,3}(?:hapus(?:kan|in)?|delete|erase)\s+"
    r"(?:semua\s+|all\s+)?(?:my\s+)?data\b",
    re.IGNORECASE,
)
_DELETES = re.compile(r"\b(?:di)?hapus(?:kan|in)?\b|\b(?:delete|erase)d?\b", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\b(?:jalan terus|tetap (?:jalan|diproses|ditangani|lanjut)|(?:di)?terus(?:kan|in)?|(?:di)?lanjut(?:kan|in)?"
    r"|go(?:es)? on|continue)\b",
    re.IGNORECASE,
)
_WITHDRAWS = re.compile(r"\b(?:(?:di)?cabut|(?:di)?tarik|withdraw)\w*\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:jangan|jgn|tidak|tdk|nggak|enggak|gak|ga|ndak|bukan|batal|don'?t|not|no)\b|\?", re.IGNORECASE)
_MOST_WORDS = 14
_OPEN_OPTIONS = (
    Option("withdraw", "choice.erase_withdraw"),
    Option("go_on", "choice.erase_go_on"),
    Option("no", "choice.erase_nothing"),
)


def ask(turn: Turn) -> None:
    """What goes and what stays. Open reports are asked about; who was silent for six months gives a code first (sop.md §7)."""
    if turn.session.mode is not Mode.CONFIRM:
        turn.set(returning=turn.session.mode)
    turn.set(mode=Mode.CONFIRM)
    if turn.session.locked:
        turn.set(confirming=LOCKED)
        turn.ask("erase.locked", [Option("yes", "choice.erase_request"), Option("no", "choice.no")])
        return
    if not turn.facts.capabilities.costs and not turn.draft.is_empty:
        turn.say("erase.draft_too")
    if turn.open_reports:
        turn.set(confirming=WITH_OPEN)
        turn.ask("erase.open", _OPEN_OPTIONS, count=turn.open_reports)
    else:
        turn.set(confirming=SURE)
        turn.ask("erase.sure", [Option("yes", "choice.delete_yes"), Option("no", "choice.no")])


def is_asked(message: Message) -> bool:
    """ "Hapus data saya, laporan jalan terus": the wish with more beside it than the bare words."""
    return message.verb is None and len(message.text.split()) <= _MOST_WORDS and _ASKS.match(message.text) is not None


def _said(message: Message) -> str | None:
    """Which of the two ways the words choose; "which": they speak of one, but not of deleting. None: of neither."""
    words = message.text
    ways = [way for way, said in (("go_on", _GOES_ON), ("withdraw", _WITHDRAWS)) if said.search(words)]
    if len(ways) != 1 or len(words.split()) > _MOST_WORDS or _NOT.search(words):
        return None
    return ways[0] if _DELETES.search(words) else "which"


def decide(turn: Turn, message: Message) -> bool:
    """The answer to that question. False: nothing is erased, and the message may be about something else."""
    intents, asked = message.reading.intents, turn.session.confirming
    if asked == LOCKED and not turn.session.locked:  # the code came instead
        ask(turn)
        return True
    way = message.verb or (_said(message) if asked == WITH_OPEN else None)
    yes = message.verb == "yes" or intents.whole(Intent.YES, Intent.SEND)
    if (yes or way in ("withdraw", "go_on")) and not turn.is_answer_to("erase."):
        turn.say("confirm.reply_please")
        return True
    if asked == WITH_OPEN and (yes or way == "which"):
        ask(turn)  # yes to which of the two?
        return True
    if asked == WITH_OPEN and way in ("withdraw", "go_on"):
        _erase(turn, withdraw=way == "withdraw")
        return True
    if asked == SURE and yes:
        _erase(turn, withdraw=False)
        return True
    if asked == LOCKED and yes:
        turn.set(mode=Mode.IDLE, confirming=None, returning=Mode.IDLE, offered=())
        turn.do(RequestErasure())
        turn.say("erase.requested")
        return True
    return False


def _erase(turn: Turn, *, withdraw: bool) -> None:
    """The last words to this person; whoever writes from here afterwards is somebody new."""
    said = (
        "erase.done.withdrawn" if withdraw else "erase.done.going_on" if turn.session.confirming == WITH_OPEN else "erase.done"
    )
    if not turn.draft.is_empty:
        ending.erase(turn)
    turn.placed = True
    turn.do(EraseIdentity(withdraw))
    turn.say(said)
    turn.session = Session(language=turn.session.language, prompt=turn.session.prompt + 1)

"""The same words twice within minutes: gateways and impatient thumbs repeat; both are kept, one is answered."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from core.channels import Inbound
from core.dialogue.model import Mode, Session
from core.dialogue.reader import read_words
from core.dialogue.turn import Turn

_WITHIN = timedelta(minutes=10)
_MANY_WORDS = 4
_WAITING = (Mode.GAPS, Mode.TELLING, Mode.CONFIRM, Mode.DISAMBIGUATE, Mode.DRAFT, Mode.SUMMARY)


def again(turn: Turn, inbound: Inbound) -> bool:
    """Was this said a moment ago, and does it answer nothing that was asked since?

    A short word ("1", "belum") may answer a new question; a story or a row of answers does not answer what came back to it.
    """
    session = turn.session
    if not _matters(turn) or inbound.choice or session.echo_at is None or turn.now - session.echo_at > _WITHIN:
        return False
    if session.echo != fingerprint(inbound):
        return False
    return (
        not session.echo_asked
        or len(inbound.text.split()) >= _MANY_WORDS
        or read_words(inbound.text, facts=turn.facts, now=turn.now, language=turn.language).is_story
    )


def keep(turn: Turn, inbound: Inbound, before: Session) -> None:
    """Remembers what was said, and whether the reply asks for something."""
    if not _matters(turn):
        return
    session = turn.session
    asked = session.mode in _WAITING or session.offered != before.offered
    turn.set(echo=fingerprint(inbound), echo_at=turn.now, echo_asked=asked)


def fingerprint(inbound: Inbound) -> str:
    """The same for the same words however they are written; files and places make a message another one."""
    words = "".join(letter for letter in inbound.text.casefold() if letter.isalnum()) or inbound.text.strip()
    files = [f"{ref.name}/{ref.size_bytes}/{ref.unique}" for ref in inbound.files]
    said = "\0".join([words, inbound.subject or "", inbound.reply_to or "", str(inbound.place), *files])
    return sha256(said.encode(errors="surrogatepass")).hexdigest()[:16]


def _matters(turn: Turn) -> bool:
    return turn.at_once or turn.facts.capabilities.costs

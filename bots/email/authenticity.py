"""Is a mail from whom it says? By the word of the office's own MTA, else by a DKIM signature that we check ourselves.

Only a proof for the very domain of the author's address counts. Nothing that a mail contains raises here, and a DNS that does
not answer proves nothing: then the mail is unproven, and the answer asks to reply (core.channels.Sender.verified).
"""

from __future__ import annotations

import logging
import re
from email.message import Message

import structlog

from bots.email import Authenticity, headers
from bots.email.keys import Keys, Unanswered
from bots.email.results import NONE, Verdict, aligned, verdict_of

log = structlog.get_logger()

MOST_SIGNATURES = 3
GOOD_ALGORITHMS = (b"rsa-sha256", b"ed25519-sha256")  # RFC 8301 §3.1: rsa-sha1 must not be believed
WORK = 200_000_000
"""dkimpy's canonicalisation is quadratic in runs of blanks: the longest run times the size may be so much, about a second."""

_SIGNER = re.compile(r"(?:^|;)\s*d\s*=\s*([^\s;]+)")
_SILENT = logging.getLogger("lapor.dkim")  # dkimpy logs domains
_SILENT.setLevel(logging.CRITICAL + 1)


class Proof:
    """Judges mails by the settings. Safe to call from several threads."""

    def __init__(self, settings: Authenticity, keys: Keys) -> None:
        self._settings = settings
        self._keys = keys

    def told(self, message: Message, author: str | None, *, from_own_mta: bool) -> Verdict | None:
        """The judgement that costs nothing. None: somebody has to look at the signature."""
        if author is None or len(headers.authors(message)) != 1 or len(headers.values(message, "From")) != 1:
            return NONE  # whoever vouches for one author does not vouch for the other
        if self._settings.authserv_id is not None and from_own_mta:
            said = verdict_of(headers.values(message, "Authentication-Results"), self._settings.authserv_id, author)
            if said is not None:
                return said
        if not self._settings.dkim or not self._signed_by_author(message, author):
            return NONE
        return None

    def examined(self, raw: bytes, message: Message, author: str) -> Verdict:
        """The judgement by DKIM (RFC 6376). Blocks for the DNS; bounded by its time-out. Never raises."""
        if not affordable(raw):
            return NONE
        verdict = NONE
        signers = self._signers(message)
        for index in [place for place, signer in enumerate(signers) if aligned(signer, author)][:MOST_SIGNATURES]:
            try:
                if self._holds(raw, index, author):
                    return Verdict("pass", signers[index].lower())
                verdict = Verdict("fail", signers[index].lower())
            except Unanswered:
                verdict = NONE
            except Exception as error:  # dkimpy raises what it likes on malformed headers (libraries.md)
                log.debug("email.signature_unreadable", error=type(error).__name__)
        return verdict

    def _holds(self, raw: bytes, index: int, author: str) -> bool:
        import dkim

        signature = dkim.DKIM(raw, logger=_SILENT, minkey=1024)
        if not signature.verify(index, dnsfunc=self._keys.txt):
            return False
        fields = signature.signature_fields
        if fields[b"a"] not in GOOD_ALGORITHMS or b"l" in fields:  # l=: whoever forwards it may add what he likes
            return False
        senders = [value for name, value in signature.headers if name.lower() == b"from"]
        if len(senders) != 1 or b"from" not in [name.strip() for name in signature.include_headers]:
            return False
        same = headers.sender_of(headers.read(b"From:" + senders[0] + b"\r\n")) == author
        return same and aligned(fields[b"d"].decode("ascii", "replace"), author)

    def _signed_by_author(self, message: Message, author: str) -> bool:
        return any(aligned(signer, author) for signer in self._signers(message))

    @staticmethod
    def _signers(message: Message) -> list[str]:
        """d= of each signature from the top, "" where there is none."""
        found = (_SIGNER.search(value) for value in headers.values(message, "DKIM-Signature"))
        return [one[1] if one else "" for one in found]


def affordable(raw: bytes) -> bool:
    """Can its signature be checked in bounded time?"""
    longest = max(16, WORK // max(len(raw), 1))
    return longest >= len(raw) or b" " * (longest + 1) not in raw.replace(b"\t", b" ")

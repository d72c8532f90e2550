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
MOST_LINES = 1_000_000
"""Of a mail whose signature is checked: dkimpy makes an object of each. 25 MB of attachments have a third of it."""
MOST_HEADER_BYTES, MOST_HEADER_LINES = 64 * 1024, 2_000
LONGEST_SIGNATURE = 3_000
"""Characters of a DKIM-Signature: dkimpy's pattern for b= is quadratic in folded lines, and holds up every thread meanwhile."""
LONGEST_KEY = 1_200
"""Bytes of a key's record: RSA with 4096 bits has 760 (RFC 8301 §3.2). One power of 100,000 bits takes hours."""
ONCE = ("From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Reply-To")
"""What a mail has once at most (RFC 5322 §3.6). A second one may be another's word that no signature covers."""

_BLANK = re.compile(rb"\r?\n\r?\n")
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
        if author is None or len(headers.authors(message)) != 1 or not headers.values(message, "From"):
            return NONE  # whoever vouches for one author does not vouch for the other
        if any(len(headers.values(message, name)) > 1 for name in ONCE):
            return NONE
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
        signers = self._signers(message)  # those beyond the limit are nobody's
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
        if not signature.verify(index, dnsfunc=self._key):
            return False
        fields = signature.signature_fields
        if fields[b"a"] not in GOOD_ALGORITHMS or b"l" in fields:  # l=: whoever forwards it may add what he likes
            return False
        senders = [value for name, value in signature.headers if name.lower() == b"from"]
        signed = {name.strip() for name in signature.include_headers}
        if len(senders) != 1 or b"from" not in signed:
            return False
        if b"to" not in signed and any(name.lower() == b"to" for name, _ in signature.headers):
            return False  # it may have been written to somebody else
        same = headers.sender_of(headers.read(b"From:" + senders[0] + b"\r\n")) == author
        return same and aligned(fields[b"d"].decode("ascii", "replace"), author)

    def _key(self, name: bytes, timeout: float = 0.0) -> bytes | None:
        """The record, if its key is one that can be used in bounded time."""
        record = self._keys.txt(name, timeout)
        return None if record is None or len(record) > LONGEST_KEY else record

    def _signed_by_author(self, message: Message, author: str) -> bool:
        return any(aligned(signer, author) for signer in self._signers(message))

    @staticmethod
    def _signers(message: Message) -> list[str]:
        """d= of each signature from the top, "" where there is none."""
        values = headers.values(message, "DKIM-Signature")
        found = (_SIGNER.search(value) if len(value) <= LONGEST_SIGNATURE else None for value in values)
        return [one[1] if one else "" for one in found]


def affordable(raw: bytes) -> bool:
    """Can its signature be checked in bounded time and space?"""
    blank = _BLANK.search(raw, 0, MOST_HEADER_BYTES)
    if blank is None or raw.count(b"\n", 0, blank.end()) > MOST_HEADER_LINES or raw.count(b"\n") > MOST_LINES:
        return False
    longest = max(16, WORK // max(len(raw), 1))
    return longest >= len(raw) or b" " * (longest + 1) not in raw.replace(b"\t", b" ")

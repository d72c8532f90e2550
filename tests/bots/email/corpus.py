"""Awkward mails and what each must become. `python -m tests.bots.email.corpus FOLDER` writes them as .eml files.

The mails are made here and not collected: nobody's mail stands in this repository.
"""

from __future__ import annotations

import hashlib
import hmac
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bots.email import wire
from bots.email.parse import Ours
from bots.email.tokens import Tokens
from bots.email.wire import Envelope
from core.channels import Fault, InboundKind, Outcome

ADDRESS = "lapor@contoh.go.id"
SITI = "siti@warga.example"
KEY = "0123456789abcdef0123456789abcdef.0"
VENDOR_ID = f"{KEY}@contoh.go.id"


def sign(text: str) -> str:
    """A keyed hash, as the office has one."""
    return hmac.new(b"only for tests", text.encode(), hashlib.sha256).hexdigest()


TOKENS = Tokens(ADDRESS, sign)
OURS = Ours("email", ADDRESS, TOKENS, recipients=("pengaduan@contoh.go.id",), most_files=5, most_file_bytes=100_000)
TO_REPLY = TOKENS.reply_address(KEY, SITI)
TO_BOUNCE = TOKENS.bounce_address(KEY)
DIRECT = Envelope(mail_from=SITI, rcpt_to=(ADDRESS,), peer="127.0.0.1", auth="pass", auth_domain="warga.example")
UNPROVEN = Envelope(mail_from=SITI, rcpt_to=(ADDRESS,), peer="127.0.0.1", auth="none")
REPLIED = Envelope(mail_from=SITI, rcpt_to=(TO_REPLY,), peer="127.0.0.1", auth="none")
RETURNED = Envelope(mail_from="", rcpt_to=(TO_BOUNCE,), peer="127.0.0.1", auth="none")
NULL = Envelope(mail_from="", rcpt_to=(ADDRESS,), peer="127.0.0.1", auth="none")

STORY = "Jalan di depan SD 3 berlubang sejak Januari."


@dataclass(frozen=True)
class Want:
    """What a mail must become. None: not looked at. `quarantine`: parse raises ValueError."""

    text: str | None = None
    kind: InboundKind = InboundKind.MESSAGE
    subject: str | None = "Jalan rusak"
    files: tuple[str | None, ...] = ()
    left_out: int = 0
    verified: bool = True
    about: str | None = None
    whole_has: str | None = None
    notes: tuple[str, ...] = ()
    sender: str | None = SITI
    outcome: Outcome | None = None
    status: str | None = None
    fault: Fault | None = None
    quarantine: bool = False


@dataclass(frozen=True)
class Awkward:
    name: str
    raw: bytes
    want: Want
    envelope: Envelope = DIRECT

    @property
    def body(self) -> bytes:
        """As it is stored."""
        return wire.pack(self.envelope, self.raw)


def lines(text: str | bytes) -> bytes:
    """As it goes over the wire: CRLF, UTF-8."""
    data = text.encode() if isinstance(text, str) else text
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def mail(body: str | bytes = STORY, head: str = "", *, subject: str | None = "Jalan rusak", sender: str | None = None) -> bytes:
    """A mail from Siti to us. `head`: further header lines."""
    top = f"From: {sender or f'Siti Aminah <{SITI}>'}\nTo: {ADDRESS}\nDate: Mon, 2 Mar 2026 10:00:00 +0700\n"
    if subject is not None:
        top += f"Subject: {subject}\n"
    if "essage-ID:" not in head:
        top += "Message-ID: <satu@warga.example>\n"
    if "ontent-Type:" not in head:
        top += "Content-Type: text/plain; charset=utf-8\n"
    return lines(top + head.lstrip("\n").rstrip("\n") + ("\n" if head.strip() else "")) + b"\r\n" + lines(body)


def part(content: str | bytes, head: str = "Content-Type: text/plain; charset=utf-8") -> bytes:
    return lines(head) + b"\r\n\r\n" + lines(content)


def several(
    *parts: bytes, kind: str = "mixed", head: str = "", subject: str | None = "Jalan rusak", sender: str | None = None
) -> bytes:
    """A multipart mail."""
    return mail(tied(*parts), f'Content-Type: multipart/{kind}; boundary="=_b"\n{head}', subject=subject, sender=sender)


def tied(*parts: bytes, boundary: str = "=_b") -> bytes:
    mark = boundary.encode()
    return b"".join(b"--" + mark + b"\r\n" + one + b"\r\n" for one in parts) + b"--" + mark + b"--\r\n"


def branch(*parts: bytes, kind: str, boundary: str) -> bytes:
    """A multipart within another."""
    return lines(f'Content-Type: multipart/{kind}; boundary="{boundary}"') + b"\r\n\r\n" + tied(*parts, boundary=boundary)


def file(name: str, content: bytes = b"isi berkas", mime: str = "application/pdf", head: str = "") -> bytes:
    """An attachment in base64."""
    import base64

    top = f'Content-Type: {mime}\nContent-Disposition: attachment; filename="{name}"\nContent-Transfer-Encoding: base64\n{head}'
    return lines(top.rstrip("\n")) + b"\r\n\r\n" + lines(base64.encodebytes(content))


def corpus() -> Sequence[Awkward]:
    """All of them."""
    from tests.bots.email.awkward import broken, files, machines, programs, strangers

    return (*programs.MAILS, *broken.MAILS, *files.MAILS, *machines.MAILS, *strangers.MAILS)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for one in corpus():
        (folder / f"{one.name.replace(' ', '-')}.eml").write_bytes(one.raw)

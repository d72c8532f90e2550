"""Outbound → a mail: plain text and the same words as a page, named so that a repeat is the same mail to its reader."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from bots.email import CAPABILITIES, Settings
from bots.email.page import page
from bots.email.tokens import Tokens, ascii_domain
from core.channels import Outbound, OutFile, Surroundings

SUBJECT_LIMIT, NAME_LIMIT, FILE_NAME_LIMIT, ID_LIMIT = 150, 60, 120, 250  # characters; 250: RFC 5322 §2.1.1 leaves 998
QUIET = "DR, RN, NRN, OOF, AutoReply"  # MS-OXCMAIL §2.1.3.2.20; "All" would silence bounces (NDR) as well, which must come
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_NEW_LINES = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_ID = re.compile(r"[!-;=?-~]{1,%d}" % ID_LIMIT)  # noqa: UP031
_ADDRESS = re.compile(
    r"[^\s\x00-\x20\x7f-\xa0\"(),:;<>@\[\\\]\ud800-\udfff]{1,64}@[^\s\x00-\x2c/:-@\[-`{-\xa0\ud800-\udfff]{1,253}"
)
_MIME = re.compile(r"(application|audio|font|image|model|text|video)/[A-Za-z0-9][A-Za-z0-9.+-]{0,80}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")


class _Policy(EmailPolicy):
    """Headers that we wrote to the letter go out to the letter: the library would break long Message-IDs and encode them."""

    EXACT = frozenset({"from", "to", "reply-to", "subject", "message-id", "in-reply-to", "references"})

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        return (name, value) if name.lower() in self.EXACT else super().header_store_parse(name, value)

    def fold(self, name: str, value: Any) -> str:
        if name.lower() not in self.EXACT:
            return str(super().fold(name, value))
        return f"{name}: {value}".replace("\n", self.linesep) + self.linesep

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode() if name.lower() in self.EXACT else super().fold_binary(name, value)


POLICY = _Policy(linesep="\r\n", max_line_length=75)  # the library adds the sign of a soft break: 76, RFC 2045 §6.7


def compose(outbound: Outbound, settings: Settings, around: Surroundings, now: Callable[[], datetime]) -> EmailMessage:
    """The mail. Reads the files now and raises OSError if one is not there; ValueError(code) if it can never be sent."""
    if why := refusal(outbound):
        raise ValueError(why)
    tokens = Tokens(settings.address, around.sign)
    recipient = mailbox(outbound.address)
    office = one_line(settings.name or around.office, NAME_LIMIT)
    subject = one_line(outbound.subject or "", SUBJECT_LIMIT) or office or settings.address
    answered = message_id_of(outbound.in_reply_to)
    message = EmailMessage(POLICY)
    message["From"] = _named(office, settings.address)
    message["To"] = recipient
    message["Reply-To"] = tokens.reply_address(outbound.key, outbound.address)
    message["Subject"] = _encoded(subject, "Subject")
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{tokens.message_id(outbound.key)}>"
    if answered:
        message["In-Reply-To"] = f"<{answered}>"
    if references := [*_root(outbound.thread, tokens), *([f"<{answered}>"] if answered else [])]:
        message["References"] = "\n ".join(references)
    message["Auto-Submitted"] = "auto-replied" if outbound.in_reply_to else "auto-generated"  # RFC 3834 §5
    message["X-Auto-Response-Suppress"] = QUIET
    language = outbound.language if _LANGUAGE.fullmatch(outbound.language) else "id"
    text = plain(outbound.text)
    message.set_content(text, cte=_encoding(text))
    html = page(text, title=subject, office=office, language=language)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    for number, file in enumerate(outbound.files, 1):
        _attach(message, file, number)
    message["Content-Language"] = language  # last: the library moves what begins with Content- into the first part
    return message


def refusal(outbound: Outbound) -> str | None:
    """Why this can never be sent as it is, or None."""
    if len(outbound.text) > CAPABILITIES.text_limit:
        return "text_too_long"
    if not plain(outbound.text).strip() and not outbound.files:
        return "empty"
    return None


def mailbox(address: str) -> str:
    """The address as it travels, its domain in ASCII. Raises ValueError("address") if mail cannot go to it."""
    local, _, domain = address.rpartition("@")
    travelling = f"{local}@{ascii_domain(domain)}"
    if not (_ADDRESS.fullmatch(address) and travelling.rpartition("@")[2].isascii()):
        raise ValueError("address")
    return travelling


def message_id_of(source_id: str | None) -> str | None:
    """The Message-ID, without brackets, in a mail's source id; None where it has none that may stand in a header."""
    found = (source_id or "").rpartition("#")[0].strip().removeprefix("<").removesuffix(">")
    return found if _ID.fullmatch(found) and "@" in found else None


def plain(text: str) -> str:
    """The words with one kind of line end and without what no mail may carry."""
    return _CONTROLS.sub("", _SURROGATES.sub("\ufffd", _NEW_LINES.sub("\n", text))).rstrip("\n")


def one_line(text: str, limit: int) -> str:
    """For a header or a file's name: no line ends, no controls, nothing that turns the direction of what follows."""
    line = " ".join(_BIDI.sub("", plain(text)).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _encoding(text: str) -> str:
    short = all(len(line) <= 78 for line in text.split("\n"))
    return "7bit" if short and text.isascii() else "quoted-printable"


def _encoded(text: str, header: str) -> str:
    """RFC 2047 where needed, folded."""
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    return Header(text, charset, header_name=header, maxlinelen=76).encode(linesep="\n")


def _named(name: str, address: str) -> str:
    if not name:
        return address
    if name.isascii() and "=?" not in name:
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + f'" <{address}>'
    return f"{_encoded(name, 'From')}\n <{address}>"


def _root(thread: str | None, tokens: Tokens) -> list[str]:
    """A Message-ID that no mail has and every mail about the report names: reading programmes keep them together by it."""
    if thread is None:
        return []
    return [f"<thread.{hashlib.sha256(thread.encode(errors='replace')).hexdigest()[:32]}@{tokens.domain}>"]


def _attach(message: EmailMessage, file: OutFile, number: int) -> None:
    kind = file.mime if _MIME.fullmatch(file.mime) else "application/octet-stream"
    maintype, _, subtype = kind.partition("/")
    message.add_attachment(
        file.path.read_bytes(), maintype=maintype, subtype=subtype, filename=_file_name(file.name) or f"{number}"
    )


def _file_name(name: str) -> str:
    safe = one_line(re.sub(r"[/\\:*?\"<>|]", "_", name), 10_000).strip(". ")
    stem, dot, ending = safe.rpartition(".")
    room = FILE_NAME_LIMIT - len(ending) - 1
    return f"{stem[:room]}.{ending}" if dot and room > 60 else safe[:FILE_NAME_LIMIT]

"""A citizen with a mailbox: writes to our SMTP door, reads what our relay brought to the post office, and answers it.

siti = Correspondent("siti@contoh.test", door=("127.0.0.1", 8025), office=postoffice)
siti.writes("Lampu jalan mati sejak Senin.", subject="Lampu mati")
(receipt,) = siti.waits()
siti.answers(receipt, "Di Jalan Mawar.")
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parsedate_to_datetime
from html import escape
from itertools import count

from tests.bots.email.postoffice import Delivered, PostOffice, words

DAYS = ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
SMTP = policy.SMTP.clone(max_line_length=998)  # long Message-IDs stay whole
_NUMBERS = count(1)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Correspondent:
    """`door`: host and port of our SMTP server. `office`: where our relay setting points at. `trust`: by STARTTLS only."""

    address: str
    door: tuple[str, int]
    office: PostOffice
    name: str = "Siti Aminah"
    to: str = "lapor@kota.test"
    now: Callable[[], datetime] = utc_now
    trust: ssl.SSLContext | None = None
    seen: int = 0
    refused: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    # --- writing

    def writes(
        self, text: str, *, subject: str | None = None, files: Sequence[tuple[str, str, bytes]] = (), **headers: str
    ) -> str:
        """A new mail to us; its Message-ID. `files`: name, type, content. `headers`: with _ for -."""
        mail = self._begun(self.to, subject)
        for header, value in headers.items():
            mail[header.replace("_", "-")] = value
        mail.set_content(text, cte="8bit" if text.isascii() else "quoted-printable")
        for name, kind, content in files:
            maintype, _, subtype = kind.partition("/")
            mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
        return self.sends(mail, [self.to])

    def answers(self, mail: EmailMessage, text: str, *, as_another: str | None = None) -> str:
        """Presses reply: to the Reply-To, with our mail quoted below as Gmail does it; the answer's Message-ID.

        `as_another`: somebody else's From address.
        """
        to = str(mail["Reply-To"] or mail["From"])
        subject = str(mail["Subject"])
        reply = self._begun(to, subject if subject.lower().startswith("re:") else f"Re: {subject}", as_another)
        reply["In-Reply-To"] = str(mail["Message-ID"])
        reply["References"] = " ".join([*str(mail["References"] or "").split(), str(mail["Message-ID"])])
        line = f"Pada {_moment(mail)} {mail['From']} menulis:"
        quoted = "\n".join(f"> {one}".rstrip() for one in words(mail).split("\n"))
        reply.set_content(f"{text}\n\n{line}\n\n{quoted}\n", cte="quoted-printable")
        reply.add_alternative(
            f'<div dir="ltr">{escape(text).replace(chr(10), "<br>")}</div><br><div class="gmail_quote gmail_quote_container">'
            f'<div dir="ltr" class="gmail_attr">{escape(line)}<br></div><blockquote class="gmail_quote" '
            f'style="margin:0px 0px 0px 0.8ex">{words(mail, "html")}</blockquote></div>',
            subtype="html",
            cte="quoted-printable",
        )
        return self.sends(reply, [to.rpartition("<")[2].rstrip(">")])

    def is_away(self, mail: EmailMessage) -> str:
        """An out-of-office note, as a vacation programme sends it (RFC 3834)."""
        note = self._begun(str(mail["From"]), f"Balasan otomatis: {mail['Subject']}")
        note["In-Reply-To"] = str(mail["Message-ID"])
        note["Auto-Submitted"] = "auto-replied"
        note.set_content("Saya sedang cuti sampai Senin.")
        return self.sends(note, [str(mail["Reply-To"] or mail["From"])], mail_from="")

    def bounces(self, delivered: Delivered, status: str = "5.1.1", action: str = "failed") -> str:
        """The recipient's server sends our mail back to its envelope sender (RFC 3464); the note's Message-ID."""
        note = EmailMessage(SMTP)
        note["From"] = "Mail Delivery System <MAILER-DAEMON@contoh.test>"
        note["To"] = delivered.mail_from
        note["Subject"] = "Undelivered Mail Returned to Sender"
        note["Date"] = format_datetime(self.now())
        note["Message-ID"] = own = f"<dsn.{next(_NUMBERS)}@contoh.test>"
        note["Auto-Submitted"] = "auto-replied"
        note["MIME-Version"] = "1.0"
        note["Content-Type"] = 'multipart/report; report-type=delivery-status; boundary="dsn"'
        head, _, _ = delivered.raw.decode("utf-8", "replace").partition("\r\n\r\n")
        status_report = (
            "Reporting-MTA: dns; contoh.test\n\n"
            f"Final-Recipient: rfc822; {delivered.rcpt_to[0]}\nAction: {action}\nStatus: {status}\n"
            f"Diagnostic-Code: smtp; 550 {status} not delivered\n"
        )
        parts = (
            ("text/plain; charset=us-ascii", "This is the mail system at contoh.test.\n"),
            ("message/delivery-status", status_report),
            ("text/rfc822-headers", head.replace("\r\n", "\n") + "\n"),
        )
        body = "".join(f"--dsn\nContent-Type: {kind}\n\n{content}\n" for kind, content in parts) + "--dsn--\n"
        raw = note.as_bytes().partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body.replace("\n", "\r\n").encode()
        self._hand_in(raw, "", [delivered.mail_from])
        return own

    def sends(self, mail: EmailMessage, to: Sequence[str], mail_from: str | None = None) -> str:
        """Hands a mail in at our door as it is; its Message-ID. Raises what smtplib raises."""
        self._hand_in(mail.as_bytes(), self.address if mail_from is None else mail_from, to)
        return str(mail["Message-ID"])

    # --- reading

    def mails(self) -> list[EmailMessage]:
        """Everything in the mailbox, oldest first."""
        return self.office.mails(self.address.lower())

    def reads(self) -> list[EmailMessage]:
        """What came since the last look."""
        mails = self.mails()
        new, self.seen = mails[self.seen :], len(mails)
        return new

    def waits(self, number: int = 1, seconds: float = 10.0) -> list[EmailMessage]:
        """Until so many new mails are there; all that are."""
        self.office.wait(lambda: len(self.mails()) >= self.seen + number, seconds)
        return self.reads()

    def delivered(self, mail: EmailMessage) -> Delivered:
        """How this mail came over the wire."""
        return next(one for one in self.office.delivered if one.parsed()["Message-ID"] == mail["Message-ID"])

    def _begun(self, to: str, subject: str | None, address: str | None = None) -> EmailMessage:
        address = address or self.address
        mail = EmailMessage(SMTP)
        mail["From"] = formataddr((self.name, address))
        mail["To"] = to
        if subject is not None:
            mail["Subject"] = subject
        mail["Date"] = format_datetime(self.now())
        mail["Message-ID"] = f"<CAF.{next(_NUMBERS)}@mail.{address.rpartition('@')[2]}>"
        return mail

    def _hand_in(self, raw: bytes, mail_from: str, to: Sequence[str]) -> None:
        with smtplib.SMTP(*self.door, local_hostname="contoh.test", timeout=10) as client:
            if self.trust is not None:
                client.starttls(context=self.trust)
            self.refused = client.sendmail(mail_from, [one.rpartition("<")[2].rstrip(">") for one in to], raw)


def _moment(mail: EmailMessage) -> str:
    sent = parsedate_to_datetime(str(mail["Date"]))
    return f"{DAYS[sent.weekday()]}, {sent.day} {MONTHS[sent.month - 1]} {sent.year} pukul {sent:%H.%M}"

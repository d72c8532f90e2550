"""Machines: bounces of every house, absence notices, lists, robots, our own mails, and people who look like one."""

from __future__ import annotations

from bots.email.wire import Envelope
from core.channels import Fault, InboundKind, Outcome
from tests.bots.email.corpus import (
    ADDRESS,
    DIRECT,
    KEY,
    NULL,
    RETURNED,
    SITI,
    STORY,
    TO_REPLY,
    VENDOR_ID,
    Awkward,
    Want,
    mail,
    part,
    several,
)

DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.example>"
REPORT = "Content-Type: message/delivery-status"
ANSWERING = f"In-Reply-To: <{VENDOR_ID}>"
HEADERS = "Content-Type: text/rfc822-headers"
ORIGINAL = part(f"Message-ID: <{VENDOR_ID}>\nSubject: Laporan Anda", HEADERS)
WHOLE_ORIGINAL = part(f"To: {SITI}\nReply-To: {TO_REPLY}\nMessage-ID: <{VENDOR_ID}>\nSubject: Laporan Anda", HEADERS)


def dsn(name: str, fields: str, want: Want, *, envelope: Envelope = RETURNED, original: bytes = ORIGINAL) -> Awkward:
    """A delivery report as RFC 3464 has it."""
    raw = several(
        part("This is the mail system."),
        part(f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {SITI}\n{fields}", REPORT),
        original,
        kind="report; report-type=delivery-status",
        subject="Undelivered Mail Returned to Sender",
        sender=DAEMON,
    )
    return Awkward(name, raw, want, envelope)


def failed(status: str | None, fault: Fault | None = None) -> Want:
    return Want(kind=InboundKind.RECEIPT, outcome=Outcome.FAILED, status=status, fault=fault, sender="mailer-daemon@mx.example")


def robot(
    name: str, head: str = "", *, subject: str = "Jalan rusak", sender: str = SITI, envelope: Envelope = DIRECT
) -> Awkward:
    """Recorded, never answered."""
    return Awkward(name, mail(STORY, head, subject=subject, sender=sender), AUTOMATIC, envelope)


def human(name: str, head: str = "", *, subject: str = "Jalan rusak", envelope: Envelope = DIRECT) -> Awkward:
    """A report that looks like a machine's at a glance."""
    return Awkward(name, mail(STORY, head, subject=subject), Want(STORY, subject=subject), envelope)


AUTOMATIC = Want(kind=InboundKind.AUTOMATIC, sender=None)
IGNORED = Want(kind=InboundKind.IGNORED, sender=None)

MAILS = (
    dsn(
        "no such mailbox",
        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown",
        failed("5.1.1", Fault.RECIPIENT_GONE),
    ),
    dsn("mailbox full", "Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 over quota", failed("5.2.2")),
    dsn("given up after days", "Action: failed\nStatus: 4.4.7", failed("4.4.7")),
    dsn(
        "the remote server says more than the relay",
        "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550-5.1.1 gone",
        failed("5.1.1", Fault.RECIPIENT_GONE),
    ),
    dsn("only a reply code", "Action: failed\nDiagnostic-Code: smtp; 550 no", failed("550", Fault.RECIPIENT_GONE)),
    dsn("delayed is no failure", "Action: delayed\nStatus: 4.4.1", IGNORED),
    dsn("relayed says nothing", "Action: relayed\nStatus: 2.0.0", IGNORED),
    dsn(
        "delivered",
        "Action: delivered\nStatus: 2.0.0",
        Want(kind=InboundKind.RECEIPT, outcome=Outcome.DELIVERED, status="2.0.0", sender=None),
    ),
    dsn(
        "a report that returns our mail to another address than it should",
        "Action: failed\nStatus: 5.1.1",
        failed("5.1.1", Fault.RECIPIENT_GONE),
        envelope=NULL,
        original=WHOLE_ORIGINAL,
    ),
    dsn("a forged report that knows our Message-ID", "Action: failed\nStatus: 5.1.1", AUTOMATIC, envelope=NULL),
    dsn(
        "a forged report that knows the reply address of another mail",
        "Action: failed\nStatus: 5.1.1",
        AUTOMATIC,
        envelope=NULL,
        original=WHOLE_ORIGINAL.replace(VENDOR_ID.encode(), b"f" * 32 + b".0@contoh.go.id"),
    ),
    dsn(
        "a forged report of somebody who got her own mail",
        "Action: failed\nStatus: 5.1.1",
        AUTOMATIC,
        envelope=NULL,
        original=WHOLE_ORIGINAL.replace(f"To: {SITI}".encode(), b"To: budi@warga.example"),
    ),
    dsn(
        "a report about somebody else's mail",
        "Action: failed\nStatus: 5.1.1",
        AUTOMATIC,
        envelope=NULL,
        original=part("Message-ID: <lain@x.example>", "Content-Type: text/rfc822-headers"),
    ),
    dsn("a report without fields", "", failed(None)),
    dsn(
        "a forged bounce address",
        "Action: failed\nStatus: 5.1.1",
        AUTOMATIC,
        envelope=Envelope("", (f"lapor+b.{KEY}.0000000000000000@contoh.go.id",)),
        original=part(""),
    ),
    Awkward(
        "qmail",
        mail(
            "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your "
            "message. This is a permanent error; I've given up.\n\n"
            f"<{SITI}>:\nSorry, no mailbox here by that name. (#5.1.1)\n",
            subject="failure notice",
            sender=DAEMON,
        ),
        failed("5.1.1", Fault.RECIPIENT_GONE),
        RETURNED,
    ),
    Awkward(
        "exim without fields",
        mail(
            f"A message that you sent could not be delivered.\n\n  {SITI}\n    550 mailbox "
            f"unavailable\n\n------ copy ------\nMessage-ID: <{VENDOR_ID}>\n",
            "Auto-Submitted: auto-replied",
            subject="Mail delivery failed: returning message to sender",
            sender=DAEMON,
        ),
        failed("550", Fault.RECIPIENT_GONE),
        RETURNED,
    ),
    Awkward(
        "a daemon's forged words",
        mail(f"550 mailbox unavailable\n\nMessage-ID: <{VENDOR_ID}>\n", ANSWERING, subject="failure notice", sender=DAEMON),
        AUTOMATIC,
        NULL,
    ),
    Awkward(
        "a signed mail to somebody else, sent on to us",
        mail("STOP", subject="Re: langganan").replace(ADDRESS.encode(), b"penyerang@contoh.net"),
        Want("STOP", subject="Re: langganan", verified=False),
    ),
    Awkward(
        "a signed mail to another of our addresses",
        mail().replace(ADDRESS.encode(), b"Pengaduan@contoh.go.id"),
        Want(STORY),
    ),
    Awkward(
        "a warning without fields",
        mail(
            "Your message has not been delivered yet. You do not need to resend it: delivery will be retried for 3 days.",
            subject="Warning: message delayed 4 hours",
            sender=DAEMON,
        ),
        IGNORED,
        RETURNED,
    ),
    Awkward(
        "absence notice to the bounce address",
        mail("Saya cuti", "Auto-Submitted: auto-replied", subject="Balasan otomatis: Laporan"),
        AUTOMATIC,
        RETURNED,
    ),
    Awkward("somebody writes to the bounce address", mail("halo"), AUTOMATIC, Envelope(SITI, RETURNED.rcpt_to, auth="pass")),
    Awkward(
        "a receipt that it was read",
        several(
            part("dibaca"),
            part("Disposition: displayed", "Content-Type: message/disposition-notification"),
            kind="report; report-type=disposition-notification",
        ),
        AUTOMATIC,
    ),
    Awkward(
        "a complaint of a mail provider",
        several(
            part("x"),
            part("Feedback-Type: abuse", "Content-Type: message/feedback-report"),
            kind="report; report-type=feedback-report",
        ),
        AUTOMATIC,
    ),
    Awkward(
        "a thumb pressed in gmail",
        several(
            part("👍"),
            part('{"emoji":"👍","version":1}', "Content-Type: text/vnd.google.email-reaction+json"),
            kind="alternative",
            head=ANSWERING,
        ),
        AUTOMATIC,
    ),
    robot("auto-replied", "Auto-Submitted: auto-replied (vacation)"),
    robot("auto-generated", "Auto-Submitted: auto-generated"),
    robot("exchange suppresses answers", "X-Auto-Response-Suppress: DR, OOF, AutoReply"),
    robot("old autoresponder", "X-Autoreply: yes"),
    robot("precedence auto_reply", "Precedence: auto_reply"),
    robot("precedence junk on an answer", f"Precedence: junk\n{ANSWERING}", subject="Re: Laporan Anda"),
    robot("precedence list", "Precedence: list"),
    robot("a mailing list", "List-Id: Warga RT 4 <rt4.lists.example>"),
    robot("a newsletter", "List-Unsubscribe: <mailto:x@y.example>"),
    robot("vacation in indonesian", subject="Balasan otomatis: Laporan Anda"),
    robot("vacation in english", subject="Automatic reply: Laporan Anda"),
    robot("out of office", subject="Out of Office: back on Monday"),
    robot("absent, in answer to our mail", ANSWERING, subject="Sedang cuti s.d. 5 Maret"),
    robot("outside the office, in answer to our mail", ANSWERING, subject="Di luar kantor"),
    robot("no-reply sender", sender="noreply@toko.example"),
    robot("indonesian no-reply sender", sender="tidak-dibalas@bank.example"),
    robot("a service's no-reply sender", sender="comments-noreply@docs.example"),
    robot("postmaster", sender="postmaster@mx.example"),
    robot("a list's owner", sender="owner-warga@lists.example"),
    robot("null envelope sender", envelope=NULL),
    robot("our own address in From", sender=ADDRESS),
    robot("our own address with a tag in From", sender=TO_REPLY),
    robot("another own address in From", sender="pengaduan@contoh.go.id"),
    robot("our own mail comes back", f"Message-ID: <{VENDOR_ID}>"),
    robot("a meeting invitation", "Content-Class: urn:content-classes:calendarmessage"),
    human("auto-submitted no", "Auto-Submitted: no"),
    human("precedence bulk from a web form", "Precedence: bulk\nX-Mailer: PHP/8.1"),
    human("wants a receipt", f"Disposition-Notification-To: {SITI}"),
    human("suppresses receipts only", "X-Auto-Response-Suppress: DR, RN, NRN"),
    human("a complaint about leave", subject="Sedang cuti, petugas tidak diganti"),
    human("a complaint about office hours", subject="Out of office hours nobody answers"),
    human("our address only in Cc", f"Cc: {ADDRESS}, camat@contoh.go.id"),
    human(
        "a colleague of the office", "X-Note: dari kantor", envelope=Envelope(SITI, ("pengaduan@contoh.go.id",), auth="pass")
    ),
    human("normal precedence", "Precedence: first-class"),
)

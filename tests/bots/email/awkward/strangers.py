"""Who wrote: proof, tokens, forged and doubled senders, and senders that cannot be read."""

from __future__ import annotations

from dataclasses import replace

from bots.email.wire import UNKNOWN, Envelope
from tests.bots.email.corpus import (
    ADDRESS,
    DIRECT,
    REPLIED,
    SITI,
    STORY,
    TO_REPLY,
    TOKENS,
    UNPROVEN,
    VENDOR_ID,
    Awkward,
    Want,
    mail,
)

BUDI = "budi@warga.example"
NAMED = f"In-Reply-To: <{VENDOR_ID}>"
RE = "Re: Laporan Anda"


def said(
    name: str, want: Want, head: str = "", *, sender: str = SITI, envelope: Envelope = DIRECT, subject: str = "Jalan rusak"
) -> Awkward:
    return Awkward(
        name, mail(STORY, head, subject=subject, sender=sender), replace(want, text=STORY, subject=subject), envelope
    )


def from_line(name: str, line: str | bytes, want: Want) -> Awkward:
    """That From line."""
    data = line.encode() if isinstance(line, str) else line
    return Awkward(name, mail(STORY, sender="@@").replace(b"From: @@", b"From: " + data), replace(want, text=STORY))


MAILS = (
    said("proven sender", Want(verified=True)),
    said("unproven sender", Want(verified=False), envelope=UNPROVEN),
    said("disproven sender may file", Want(verified=False), envelope=replace(DIRECT, auth="fail")),
    said("a mail without an envelope", Want(verified=False), envelope=UNKNOWN),
    said("references with proof", Want(about=VENDOR_ID), NAMED, subject=RE),
    said(
        "references far back in the thread",
        Want(about=VENDOR_ID),
        f"In-Reply-To: <x@y>\nReferences: <{VENDOR_ID}> <x@y>",
        subject=RE,
    ),
    said("references without proof give nothing", Want(verified=False), NAMED, subject=RE, envelope=UNPROVEN),
    said("our subject alone gives nothing", Want(), subject=f"Re: [K7M4-2QXT-9] {VENDOR_ID}"),
    said("token in the envelope", Want(about=VENDOR_ID), envelope=REPLIED),
    said("token in the To line", Want(about=VENDOR_ID), f"To: {TO_REPLY}", envelope=UNPROVEN),
    said("token in Delivered-To", Want(about=VENDOR_ID), f"Delivered-To: {TO_REPLY}", envelope=UNPROVEN),
    said("token in capitals", Want(about=VENDOR_ID), envelope=replace(REPLIED, rcpt_to=(TO_REPLY.upper(),))),
    said(
        "token made for somebody else",
        Want(verified=False, sender=BUDI),
        sender=BUDI,
        envelope=replace(REPLIED, mail_from=BUDI),
    ),
    said(
        "token with one letter changed",
        Want(verified=False),
        envelope=replace(REPLIED, rcpt_to=(TO_REPLY.replace("@", "0@")[1:],)),
    ),
    said(
        "token of another mail beside proof",
        Want(about=TOKENS.message_id("f" * 32 + ".3")),
        NAMED,
        envelope=replace(DIRECT, rcpt_to=(ADDRESS, TOKENS.reply_address("f" * 32 + ".3", SITI))),
    ),
    said("reply-to of a stranger changes nothing", Want(), f"Reply-To: {BUDI}"),
    from_line("two senders in one line prove nothing", f"{SITI}, {BUDI}", Want(verified=False)),
    from_line("two From lines prove nothing", f"{SITI}\r\nFrom: {BUDI}", Want(verified=False)),
    from_line(
        "a From line that cannot be read beside one that can", f'{SITI}\r\nFrom: "a b"@warga.example', Want(verified=False)
    ),
    from_line("an empty From line beside one that can be read", f"{SITI}\r\nFrom:", Want(verified=False)),
    from_line("the same From line twice", f"{SITI}\r\nFrom: <{SITI.upper()}>", Want()),
    from_line("an address as a name", f'"{BUDI}" <{SITI}>', Want()),
    from_line("an encoded address as a name", f"=?utf-8?Q?budi=40warga.example?= <{SITI}>", Want()),
    from_line("capitals", "Siti <SITI@Warga.Example>", Want()),
    from_line("a comment for a name", f"{SITI} (Siti)", Want()),
    from_line("a name with a comma, unquoted", f"Siti, S.H. <{SITI}>", Want()),
    from_line("no closing bracket", f"Siti <{SITI}", Want()),
    from_line("a domain with other letters", "Siti <siti@bücher.example>", Want(sender="siti@xn--bcher-kva.example")),
    from_line("raw bytes in the name", b"Siti \xe9 <siti@warga.example>", Want()),
    from_line("folded", f"Siti\r\n Aminah\r\n <{SITI}>", Want()),
    from_line("comments nested a thousand deep", "(" * 1000 + f" <{SITI}>", Want(quarantine=True)),
    from_line("no address at all", "undisclosed sender", Want(quarantine=True)),
    from_line("an address with a hidden letter", "siti\u200b@warga.example", Want(quarantine=True)),
    Awkward("no From line, the envelope stands in", mail(STORY).partition(b"\r\n")[2], Want(STORY)),
    Awkward("date of tomorrow's century", mail(STORY).replace(b"2026", b"2126"), Want(STORY)),
)

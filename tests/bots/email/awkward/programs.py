"""What mail programs put around a person's words: quotes, signatures, notices; Indonesian and English."""

from __future__ import annotations

from tests.bots.email.corpus import REPLIED, STORY, VENDOR_ID, Awkward, Want, lines, mail, part, several

HEAD = f"In-Reply-To: <{VENDOR_ID}>\nReferences: <{VENDOR_ID}>"
SUBJECT = "Re: Laporan Anda"
QUOTE = "> Laporan Anda sudah diterima.\n> 1. Beres\n> 2. Belum\n"


def reply(name: str, body: str, text: str, *, subject: str = SUBJECT) -> Awkward:
    """A plain-text reply to one of our mails."""
    return Awkward(name, mail(body, HEAD, subject=subject), Want(text, subject=subject, about=VENDOR_ID))


def pages(name: str, html: str, text: str) -> Awkward:
    """The same as HTML alone."""
    raw = mail(html, f"{HEAD}\nContent-Type: text/html; charset=utf-8", subject=SUBJECT)
    return Awkward(name, raw, Want(text, subject=SUBJECT, about=VENDOR_ID))


def first(name: str, body: str, text: str) -> Awkward:
    """A first mail, which answers nothing."""
    return Awkward(name, mail(body), Want(text))


MAILS = (
    reply(
        "gmail indonesian",
        f"2\n\nPada Sen, 2 Mar 2026 pukul 10.00 LAPOR! <lapor@contoh.go.id> menulis:\n\n{QUOTE}",
        "2",
    ),
    reply(
        "gmail indonesian, wrapped in three",
        f"Belum, masih rusak.\n\nPada tanggal Sen, 2 Mar 2026 pukul 10.00 LAPOR!-SP4N\n"
        f"<lapor+r.0123456789abcdef0123456789abcdef.0@contoh.go.id>\nmenulis:\n\n{QUOTE}",
        "Belum, masih rusak.",
    ),
    reply(
        "gmail english",
        f"Not yet.\n\nOn Mon, Mar 2, 2026 at 10:00 AM LAPOR! <lapor@contoh.go.id>\nwrote:\n\n{QUOTE}",
        "Not yet.",
    ),
    reply("gmail of old", f"Ya\n\n2026-03-02 10:00 GMT+07:00 LAPOR! <lapor@contoh.go.id>:\n\n{QUOTE}", "Ya"),
    reply(
        "apple mail indonesian",
        f"Beres\n\n> Pada 2 Mar 2026, pukul 10.00, LAPOR! <lapor@contoh.go.id> menulis:\n> \n{QUOTE}",
        "Beres",
    ),
    reply(
        "iphone",
        f"Beres\n\nDikirim dari iPhone saya\n\n> Pada 2 Mar 2026, pukul 10.00, LAPOR! <l@c.id> menulis:\n>\n{QUOTE}",
        "Beres",
    ),
    reply(
        "iphone english",
        f"1\n\nSent from my iPhone\n\n> On 2 Mar 2026, at 10:00, LAPOR! <lapor@contoh.go.id> wrote:\n> \n{QUOTE}",
        "1",
    ),
    reply("thunderbird", f"Di RT 4.\n\nPada 02/03/2026 10.00, LAPOR! menulis:\n{QUOTE}", "Di RT 4."),
    reply(
        "outlook desktop, pesan asli",
        "Sudah diperbaiki, terima kasih.\n\n-----Pesan Asli-----\nDari: LAPOR! [mailto:lapor@contoh.go.id]\n"
        "Dikirim: Senin, 2 Maret 2026 10.00\nKepada: Siti\nPerihal: Laporan Anda\n\nLaporan Anda sudah diterima.\n1. Beres\n",
        "Sudah diperbaiki, terima kasih.",
    ),
    reply(
        "outlook web, rule and block",
        "Belum ada yang datang.\n\n________________________________\nDari: LAPOR! <lapor@contoh.go.id>\n"
        "Dikirim: Senin, 02 Maret 2026 10:00\nKepada: Siti <siti@warga.example>\nSubjek: Laporan Anda\n\nLaporan Anda.\n",
        "Belum ada yang datang.",
    ),
    reply(
        "outlook mobile",
        "Belum\n\nDapatkan Outlook untuk Android<https://aka.ms/AAb9ysg>\n________________________________\n"
        "From: LAPOR! <lapor@contoh.go.id>\nSent: Monday, March 2, 2026 10:00:00 AM\nTo: Siti <siti@warga.example>\n"
        "Subject: Laporan Anda\n\nLaporan Anda.\n",
        "Belum",
    ),
    reply(
        "outlook english, original message",
        "3 March, in the morning.\n\n-----Original Message-----\nFrom: LAPOR!\nSent: Monday, March 2, 2026 10:00\n"
        "To: Siti\nSubject: Laporan Anda\n\nKapan?\n",
        "3 March, in the morning.",
    ),
    reply(
        "yahoo indonesian",
        "Puskesmas Melati\n\nDikirim dari Yahoo Mail di Android\n\n  Pada Sen, 2 Mar 2026 pada 10.00, LAPOR!"
        "<lapor@contoh.go.id> menulis:   Laporan Anda di mana?\n",
        "Puskesmas Melati",
    ),
    reply(
        "yahoo desktop",
        "Puskesmas Melati\n\n    Pada Senin, 2 Maret 2026 10.00.00 WIB, LAPOR! <lapor@contoh.go.id> "
        "menulis:  \n \n Laporan Anda di mana?\n",
        "Puskesmas Melati",
    ),
    reply(
        "samsung",
        "Sudah beres\n\nDikirim dari Galaxy saya\n\n-------- Pesan asli --------\nDari: LAPOR! <lapor@contoh.go.id>\n"
        "Tanggal: 02/03/26 10.00 (GMT+07:00)\nKepada: siti@warga.example\nSubjek: Laporan Anda\n\nLaporan Anda.\n",
        "Sudah beres",
    ),
    reply(
        "xiaomi",
        'Belum\nDikirim dari ponsel Xiaomi saya\n"LAPOR!" <lapor@contoh.go.id> menulis pada 2 Mar 2026 '
        "10.00:\n> Laporan Anda.\n> Beres?\n",
        "Belum",
    ),
    reply("answers below the quote", f"Pada 2 Mar 2026 10.00, LAPOR! <l@c.id> menulis:\n{QUOTE}\nBelum, Pak.\n", "Belum, Pak."),
    reply(
        "answers between the quoted lines",
        "Pada 2 Mar 2026 10.00, LAPOR! <l@c.id> menulis:\n> Kapan kejadiannya?\n\nKemarin pagi\n\n> Di "
        "mana?\n\nJalan Mawar 3\n",
        "Kemarin pagi\n\nJalan Mawar 3",
    ),
    reply("a quote and nothing else, to us", f"\n\nPada 2 Mar 2026 10.00, LAPOR! <l@c.id> menulis:\n{QUOTE}", ""),
    reply(
        "his own sentence that ends like an attribution",
        "Pada 3 Maret 2026 petugas menulis:\nberkas hilang.\n",
        "Pada 3 Maret 2026 petugas menulis:\nberkas hilang.",
    ),
    reply(
        "a letter with Kepada and Perihal",
        "Kepada: Kepala Dinas\nPerihal: jalan rusak\n\nMohon diperbaiki.\n",
        "Kepada: Kepala Dinas\nPerihal: jalan rusak\n\nMohon diperbaiki.",
    ),
    reply("one line that begins like a quote", "> 3 bulan belum diperbaiki\n", "> 3 bulan belum diperbaiki"),
    reply(
        "greeting is kept",
        f"Belum.\n\nHormat saya,\nSiti\n\nPada 2 Mar 2026 10.00, L <l@c.id> menulis:\n{QUOTE}",
        "Belum.",
    ),
    reply(
        "dash signature and notice",
        "Belum.\n\n-- \nSiti Aminah\nPT Contoh\n\nE-mail ini bersifat rahasia dan hanya ditujukan untuk "
        "penerima yang dituju. Jika Anda bukan penerima, "
        "hapuslah.\n",
        "Belum.",
    ),
    reply(
        "english disclaimer",
        "Not yet.\n\nThis email and any attachments are confidential and intended solely for the use of "
        "the individual to whom they are addressed.\n",
        "Not yet.",
    ),
    pages(
        "gmail html only",
        '<div dir="ltr">Belum, <b>masih</b> rusak</div><br><div class="gmail_quote '
        'gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        'Pada Sen, 2 Mar 2026 pukul 10.00 LAPOR! &lt;<a href="mailto:l@c.id">l@c.id</a>&gt; menulis:<br></div>'
        '<blockquote class="gmail_quote" style="margin:0"><div>1. Beres</div></blockquote></div>',
        "Belum, masih rusak",
    ),
    pages(
        "gmail html only, answers inside the quote",
        '<div dir="ltr"><br></div><div class="gmail_quote"><div class="gmail_attr">Pada Sen L menulis:<br></div>'
        '<blockquote class="gmail_quote">Kapan?</blockquote><div>Kemarin pagi</div>'
        '<blockquote class="gmail_quote">Di mana?<br></blockquote><div>Jalan Mawar</div></div>',
        "Kemarin pagi\nJalan Mawar",
    ),
    pages(
        "gmail of old, html only",
        'Sudah<div class="gmail_extra"><div class="gmail_quote">'
        'Pada 2 Mar 2026 10.00, L &lt;<a href="mailto:l@c.id">l@c.id</a>&gt; menulis:'
        '<br><blockquote class="gmail_quote">lama</blockquote></div></div>',
        "Sudah",
    ),
    pages(
        "outlook html only",
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{margin:0}</style></head><body>'
        "<div class=WordSection1><p class=MsoNormal>Sudah beres.<o:p></o:p></p><div><div "
        "style='border:none;border-top:solid #E1E1E1 1.0pt'>"
        "<p class=MsoNormal><b>Dari:</b> LAPOR!<br><b>Dikirim:</b> Senin</p></div></div><p>Laporan "
        "Anda</p></div></body></html>",
        "Sudah beres.",
    ),
    pages(
        "outlook desktop above outlook web",
        "<div class=WordSection1><p>Belum</p><div>"
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p>LAPOR! menjawab</p></div></div>'
        '<p>lama</p><div id="divRplyFwdMsg">lebih lama</div></div>',
        "Belum",
    ),
    pages(
        "outlook web html only",
        '<div>Sudah</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg" '
        'dir="ltr"><b>Dari:</b> LAPOR!</div><div>Laporan Anda</div>',
        "Sudah",
    ),
    pages(
        "yahoo html only",
        '<div>Belum</div><div id="yahoo_quoted_12" class="yahoo_quoted"><div>Pada Senin L menulis:</div>x</div>',
        "Belum",
    ),
    pages(
        "apple html only",
        '<html><body>Ya<br><br><blockquote type="cite"><div>Pada 2 Mar, L menulis:</div>x</blockquote></body></html>',
        "Ya",
    ),
    pages(
        "thunderbird html only",
        '<p>Ya</p><div class="moz-cite-prefix">Pada 2/3/2026 10.00, L menulis:<br></div><blockquote type="cite">x</blockquote>',
        "Ya",
    ),
    first(
        "first mail that quotes keeps its story",
        "Ini jawaban PLN:\n\nPada Sen, 2 Mar 2026 pukul 10.00 PLN <a@pln.example> menulis:\n> Kami tolak.\n> Titik.\n",
        "Ini jawaban PLN:\n\nPada Sen, 2 Mar 2026 pukul 10.00 PLN <a@pln.example> menulis:\n> Kami tolak.\n> Titik.",
    ),
    Awkward(
        "forwarded with the whole story below",
        mail(
            "---------- Forwarded message ---------\nDari: RT 4 <rt@warga.example>\nDate: Sen, 2 Mar "
            "2026\nSubject: Jalan\nTo: Siti\n\nJalan rusak parah.\n",
            HEAD.replace(VENDOR_ID, "lain@warga.example"),
            subject="Fwd: Jalan rusak",
        ),
        Want(
            "---------- Forwarded message ---------\nDari: RT 4 <rt@warga.example>\nDate: Sen, 2 Mar "
            "2026\nSubject: Jalan\nTo: Siti\n\nJalan rusak parah.",
            subject="Fwd: Jalan rusak",
            notes=("forwarded",),
        ),
    ),
    first("first mail with a phone's signature", f"{STORY}\n\nDikirim dari HP Samsung saya\n", STORY),
    first(
        "a sentence that begins like a phone's signature",
        "Paket bantuan\ndikirim dari kantor pos tidak sampai.\n",
        "Paket bantuan\ndikirim dari kantor pos tidak sampai.",
    ),
    Awkward(
        "a token in the reply address, unproven sender",
        mail(f"2\n\n{QUOTE}", subject=SUBJECT),
        Want("2", subject=SUBJECT, about=VENDOR_ID),
        REPLIED,
    ),
    Awkward(
        "plain and html, both quoted",
        several(
            part(f"Belum\n\nPada Sen, 2 Mar 2026 pukul 10.00 L <l@c.id> menulis:\n{QUOTE}"),
            part('<div>Belum</div><div class="gmail_quote">x</div>', "Content-Type: text/html; charset=utf-8"),
            kind="alternative",
            head=HEAD,
            subject=SUBJECT,
        ),
        Want("Belum", subject=SUBJECT, about=VENDOR_ID, whole_has="1. Beres"),
    ),
    Awkward(
        "a reply to somebody else that is only a quote keeps it",
        mail(
            "Pada 2 Mar 2026 10.00, PLN <a@pln.example> menulis:\n> Kami tolak.\n> Titik.\n",
            "In-Reply-To: <x@pln.example>",
            subject="Re: PLN",
        ),
        Want("Pada 2 Mar 2026 10.00, PLN <a@pln.example> menulis:\n> Kami tolak.\n> Titik.", subject="Re: PLN"),
    ),
    Awkward(
        "format flowed with delsp",
        mail(
            "Jalan di depan \nsekolah rusak \nparah.\n\n> kutipan \n> lama\nSelesai.\n",
            "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=no",
        ),
        Want("Jalan di depan sekolah rusak parah.\n\n> kutipan lama\nSelesai."),
    ),
    Awkward(
        "format flowed, delsp yes",
        mail(lines("Jalan berlu \nbang.\n"), "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes"),
        Want("Jalan berlubang."),
    ),
)

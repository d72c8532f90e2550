"""From a citizen's first mail to the closed report, over SMTP with STARTTLS both ways (sop.md §3, §5, §7)."""

from __future__ import annotations

import re

from tests.acceptance.mailworld import MailCity, Reader
from tests.acceptance.world import CODE, wib
from tests.bots.email.postoffice import words

STORY = (
    "Selamat pagi,\n\ntadi pagi anak saya demam dan kami berobat. Petugas minta uang Rp20.000 untuk kartu dan tidak memberi "
    "kuitansi. Waktu saya tanya aturannya, ia malah marah dan menyuruh kami pulang. Kami takut datang lagi ke sana.\n\n"
    "Hormat saya,\n\nSiti Aminah\nHP 0812-3456-7890"
)
SUBJECT = "Pungutan untuk kartu berobat"
FILES = (
    ("kartu.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(2000)),
    ("kuitansi.pdf", "application/pdf", b"%PDF-1.7\n%%EOF\n"),
)
QUESTION = "Jam berapa kejadiannya dan di loket berapa?"
RESPONSE = "Bidan Sari memeriksa loket kartu hari ini juga dan memberi kabar hari Senin."
PROGRESS = "Petugas loket sudah kami panggil; pengembalian uang disiapkan."
SETTLEMENT = "Uang Rp20.000 sudah dikembalikan dan petugas loket ditegur."


def at_the_clinic(city: MailCity, citizen: Reader, subject: str = SUBJECT) -> str:
    """A complete complaint that has gone down to the puskesmas; its code. What was said about it has been read."""
    code = citizen.reports(STORY, subject)
    citizen.answers("1. Puskesmas Sukamaju, Kota Contoh\n2. tidak ada")
    city.does("nasional", "dispose", code, category="complaint", office_name="Pemerintah Kota Contoh")
    city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")
    citizen.reads()
    return code


def settled(city: MailCity, citizen: Reader) -> str:
    """As `at_the_clinic`, with a settlement that the citizen has read; the code."""
    code = at_the_clinic(city, citizen)
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    assert SETTLEMENT in citizen.reads()
    return code


def test_from_the_first_mail_to_the_rating(any_mail_city: MailCity) -> None:
    city, siti = any_mail_city, any_mail_city.citizen()

    receipt = siti.writes(STORY, SUBJECT, files=FILES)
    assert len(siti.mails) == 1  # received at once, and what is missing asked in the same mail (sop.md §3)
    (code,) = set(CODE.findall(receipt))
    numbered = re.findall(r"(?m)^(\d)\. (.+)$", receipt)
    assert [number for number, _ in numbered] == [str(place) for place in range(1, len(numbered) + 1)]
    asked = {what.lower() for _, what in numbered}
    assert asked & {"di mana", "kota mana"}  # she named none
    assert not asked & {"kapan", "ada bukti?"}  # said, and attached
    assert "INFO" in receipt  # the notice of personal data, in one sentence of the first reply

    answers = {"instansi": "Puskesmas Sukamaju", "di mana": "Kota Contoh, dekat pasar", "kota mana": "Kota Contoh"}
    backwards = [f"{number}. {answers[what.lower()]}" for number, what in reversed(numbered)]
    assert code in siti.answers("\n".join(backwards))
    assert len(siti.mails) == 2
    report = city.report(code)
    assert report["state"] == "received"
    page = city.page("nasional", f"/laporan/{code}")
    assert "Kota Contoh" in page
    assert "Puskesmas Sukamaju" in page
    assert "menyuruh kami pulang" in page
    assert "kuitansi.pdf" in page
    assert "Pungutan untuk kartu berobat" in page  # the subject is the title
    assert [row["state"] for row in city.rows("attachments")] == ["stored", "stored"]

    city.does("nasional", "dispose", code, category="complaint", office_name="Pemerintah Kota Contoh")
    heard = siti.reads()
    assert "Pemerintah Kota Contoh" in heard
    assert "Rabu, 25 Maret" in heard  # sop.md §6: 2026-03-13 and 3 days
    city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")
    heard = siti.reads()
    assert "Puskesmas Sukamaju" in heard
    assert "Jumat, 27 Maret" in heard  # five working days over Nyepi and Idulfitri

    city.does("puskesmas", "ask", code, words=QUESTION)
    assert QUESTION in siti.reads()
    assert city.report(code)["state"] == "awaiting_reporter"
    assert code in siti.answers("Sekitar jam 9 pagi di loket 2, petugasnya pakai kacamata.")
    assert city.report(code)["state"] == "at_unit"
    page = city.page("puskesmas", f"/laporan/{code}")
    assert "petugasnya pakai kacamata" in page
    assert "Siti" not in page  # hidden until she agrees: not in a signature, not in a quote
    assert "Belum terbukti" not in page  # she has answered from her mailbox

    city.does("puskesmas", "respond", code, words=RESPONSE, promised_on="2026-03-16")
    assert RESPONSE in siti.reads()
    city.does("puskesmas", "progress", code, words=PROGRESS, promised_on="2026-03-17")
    assert PROGRESS in siti.reads()
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    heard = siti.reads()
    assert SETTLEMENT in heard
    assert re.search(r"(?m)^1\. Beres\n2\. Belum$", heard)

    assert code in siti.answers("beres, terima kasih banyak")
    assert city.report(code)["state"] == "closed"
    siti.answers("5")
    assert city.report(code)["rating"] == 5

    assert {row["state"] for row in city.rows("outbox")} == {"accepted"}  # none has ripened within the hour
    assert {row["state"] for row in city.rows("inbox")} == {"handled"}
    assert len(city.rows("reports")) == 1
    assert all(one.tls for one in city.relay.delivered)
    _threaded(siti, code)


def _threaded(siti: Reader, code: str) -> None:
    """One conversation in her mailbox, its subject fit for a locked screen."""
    roots, ids = set(), []
    for mail in siti.mails:
        assert code in str(mail["Subject"])
        assert "Pungutan" not in str(mail["Subject"])
        references = str(mail["References"]).split()
        roots.add(references[0])
        answered = mail["In-Reply-To"]
        assert answered is None or str(answered) in references
        assert mail["Auto-Submitted"] in ("auto-replied", "auto-generated")
        ids.append(str(mail["Message-ID"]))
    assert len(roots) == 1
    assert len(set(ids)) == len(ids)
    assert str(siti.mails[0]["In-Reply-To"]).startswith("<CAF.")  # her own mail


def test_a_one_is_beres_and_a_two_is_belum_whatever_was_quoted(mail_city: MailCity) -> None:
    city, siti, budi = mail_city, mail_city.citizen(), mail_city.citizen("Budi.S@Warga.test", "Budi")
    beres, belum = settled(city, siti), settled(city, budi)
    siti.answers("1\n\nSalam hormat,\nSiti Aminah")
    assert city.report(beres)["state"] == "closed"
    budi.answers("Yth. Bapak/Ibu Admin,\n\n2, uangnya belum saya terima.\n\nHormat saya,\nBudi S.\n\nDikirim dari HP saya")
    report = city.report(belum)
    assert (report["state"], report["not_settled"]) == ("in_progress", 1)
    assert "uangnya belum saya terima" in city.page("puskesmas", f"/laporan/{belum}")


def test_belum_sends_it_on_and_a_dispute_inside_the_window_opens_it_again(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = settled(city, siti)
    old_settlement = siti.last()
    siti.answers("Belum. Uangnya belum saya terima.")
    assert (city.report(code)["state"], city.report(code)["not_settled"]) == ("in_progress", 1)

    city.does("puskesmas", "settle", code, words="Uangnya kami antar ke rumah Ibu hari ini, dengan kuitansi.")
    siti.reads()
    siti.answers("Beres")
    assert city.report(code)["state"] == "closed"

    city.on(wib(4, 6, 20))  # the tenth working day: the window is open until it ends
    siti.answers("Belum beres, uangnya ternyata kurang 10rb", to=old_settlement)  # found the first mail that came to hand
    report = city.report(code)
    assert (report["state"], report["disputes"]) == ("in_progress", 1)
    assert len(city.rows("reports")) == 1
    assert "ternyata kurang 10rb" in city.page("puskesmas", f"/laporan/{code}")


def test_of_two_open_reports_a_reply_is_about_the_one_whose_mail_it_answers(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    first = settled(city, siti)
    settlement = siti.last()
    second = siti.reports("Lampu jalan di Jl Melati Kota Contoh mati sejak Senin, gelap sekali.", "Lampu jalan")
    assert "tiang nomor 12" not in siti.answers("Tambahan: tiang nomor 12.")
    siti.answers("1", to=settlement)
    assert city.report(first)["state"] == "closed"
    assert city.report(second)["state"] == "received"
    assert "tiang nomor 12" in city.page("nasional", f"/laporan/{second}")


def test_one_who_writes_english_is_answered_in_english(mail_city: MailCity) -> None:
    city, john = mail_city, mail_city.citizen("john@visitor.test", "John")
    answer = john.writes(
        "Good morning, yesterday the officer at the immigration counter asked me for money without giving a receipt. "
        "Please do something about this.",
        "Illegal fee",
    )
    assert "Thank you" in answer
    assert john.last()["Content-Language"] == "en"
    (code,) = set(CODE.findall(answer))
    city.does("nasional", "dispose", code, category="complaint", office_name="Kementerian Pelayanan Contoh")
    assert "has been passed" in john.reads() or "passed on" in words(john.last())


def test_who_asks_to_stay_anonymous_is_named_to_nobody(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = siti.reports(STORY.partition("Hormat saya")[0] + "\nTolong saya anonim saja, jangan sebut nama saya.", SUBJECT)
    assert city.report(code)["privacy"] == "anonymous"
    for login in ("nasional",):
        page = city.page(login, f"/laporan/{code}")
        assert "Siti" not in page
        assert "warga.test" not in page

"""STOP, danger to life, and the officials' own mail (sop.md §3, §7)."""

from __future__ import annotations

from core import accounts
from core.accounts import By
from core.procedure.vocabulary import Role
from tests.acceptance.mailworld import MailCity, Reader
from tests.acceptance.test_mail_first_to_last import at_the_clinic
from tests.acceptance.world import CODE, wib
from tests.bots.email.postoffice import words

STORY = "Lampu jalan di Jl Melati Kota Contoh mati sejak Senin, gelap sekali dan kemarin ada yang dijambret di sana."
AYU = "ayu.lestari@kota.test"


def test_stop_is_honoured_the_report_stays_and_the_next_mail_lifts_it(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = at_the_clinic(city, siti)
    assert "tidak mengirim pesan lagi" in siti.answers("STOP")
    city.does("puskesmas", "progress", code, words="Petugas loket sudah kami panggil hari ini.", promised_on="2026-03-17")
    assert siti.reads() == ""
    assert city.report(code)["state"] == "in_progress"
    assert "Pelapor tidak terjangkau" in city.page("puskesmas", f"/laporan/{code}")  # the holder can find another way

    assert code in siti.answers(f"STATUS {code}")
    city.does("puskesmas", "settle", code, words="Uang Rp20.000 sudah dikembalikan.")
    assert "sudah dikembalikan" in siti.reads()


def test_danger_now_names_the_emergency_numbers_first_and_the_national_admins_hear_at_once(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    _hires(city)
    city.on(wib(3, 14, 2, 30))  # a Saturday, at night
    answer = siti.writes(
        "Tolong!! rumah kami di Jl Kenanga 5 Kota Contoh KEBAKARAN sekarang, ada anak terjebak di dalam", "TOLONG"
    )
    first = words(siti.mails[0])
    assert "112" in first
    assert first.index("112") < (first.index("Kode") if "Kode" in first else len(first))
    (code,) = set(CODE.findall(answer))
    assert city.report(code)["urgent"]
    (mail,) = city.relay.mails(AYU)
    _says_nothing_of_the_case(words(mail) + str(mail["Subject"]), "Kenanga", "kebakaran", "terjebak", "siti")
    assert code in words(mail)


def test_the_digest_comes_at_eight_on_working_days_and_an_answer_to_it_is_no_report(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    ayu = _hires(city)
    code = siti.reports(STORY, "Lampu jalan mati")
    city.on(wib(3, 14, 8, 5))
    assert ayu.reads() == ""  # Saturday
    city.on(wib(3, 16, 7, 55))
    assert ayu.reads() == ""
    city.on(wib(3, 16, 8, 5))
    digest = ayu.reads()
    assert len(ayu.mails) == 1
    assert code in digest
    _says_nothing_of_the_case(digest + str(ayu.last()["Subject"]), "Melati", "lampu", "jambret", "siti")
    city.on(wib(3, 16, 8, 30))
    assert ayu.reads() == ""  # once a day

    reports = len(city.rows("reports"))
    assert ayu.answers("Terima kasih. Lampu jalan di Jl Melati memang mati sejak Senin, nanti saya teruskan ke dinas.") == ""
    ayu.post.is_away(ayu.last())
    assert ayu.reads() == ""
    assert len(city.rows("reports")) == reports


def test_an_official_whose_mail_comes_back_is_shown_and_no_report_is_touched(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    ayu = _hires(city)
    siti.reports(STORY, "Lampu jalan mati")
    city.on(wib(3, 16, 8, 5))
    ayu.reads()
    ayu.post.bounces(ayu.post.delivered(ayu.last()))
    city.quiet()
    page = city.page("nasional", "/layanan")
    assert "Ayu Lestari" in page
    assert all(row["unreachable_since"] is None for row in city.rows("reports"))


def test_a_digest_reader_may_be_a_citizen_too(mail_city: MailCity) -> None:
    city = mail_city
    ayu = _hires(city)
    code = ayu.reports(STORY, "Lampu jalan mati")
    city.on(wib(3, 16, 8, 5))
    ayu.reads()
    assert code in ayu.answers(f"STATUS {code}", to=ayu.mails[0])


def _hires(city: MailCity) -> Reader:
    """A national admin with a mailbox (those of the demonstration have none)."""
    office = city.service.office
    national = next(row["id"] for row in city.rows("offices") if row["kind"] == "national")
    accounts.add(
        office,
        email=AYU,
        name="Ayu Lestari",
        password_hash="!",
        role=Role.NATIONAL_ADMIN,
        office_id=national,
        by=By(),
        now=city.clock(),
    )
    return city.citizen(AYU, "Ayu Lestari")


def _says_nothing_of_the_case(mail: str, *content: str) -> None:
    for word in content:
        assert word.lower() not in mail.lower()

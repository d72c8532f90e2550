"""Machines that write mail: each is kept, none is talked to without end (RFC 3834)."""

from __future__ import annotations

from email.message import EmailMessage

from tests.acceptance.mailworld import BUDI, SITI, US, MailCity
from tests.acceptance.test_mail_first_to_last import settled
from tests.acceptance.world import CODE

STORY = "Lampu jalan di Jl Melati Kota Contoh mati sejak Senin, gelap sekali dan kemarin ada yang dijambret di sana."


def test_out_of_office_is_no_answer_and_gets_none(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = settled(city, siti)
    before = city.report(code)
    siti.post.is_away(siti.last())
    assert siti.reads() == ""
    assert city.report(code) == before  # silence goes on (sop.md §5)
    assert city.inbox()[-1]["state"] == "handled"


def test_a_mailing_list_and_a_no_reply_sender_are_kept_and_not_answered(mail_city: MailCity) -> None:
    city = mail_city
    news = city.citizen("berita@daftar.test", "Berita")
    assert news.writes(STORY, "Berita kota", List_Id="<berita.daftar.test>", Precedence="list") == ""
    shop = city.citizen("no-reply@toko.test", "Toko")
    assert shop.writes("Pesanan Anda di Jl Melati sudah dikirim sejak Senin.", "Pesanan") == ""
    assert len(city.inbox()) == 2
    assert city.rows("reports") == []
    assert city.relay.mails() == []


def test_our_own_mail_that_comes_back_to_us_is_not_answered(mail_city: MailCity) -> None:
    """A forwarding address, or a mailbox of ours that delivers to us: as it left, and with its machine's signs stripped."""
    city, siti = mail_city, mail_city.citizen()
    siti.reports(STORY)
    own = city.relay.delivered[-1]
    mails = len(city.relay.delivered)
    bare = own.parsed()
    del bare["Auto-Submitted"]
    del bare["X-Auto-Response-Suppress"]
    with city.client() as client:
        for raw in (own.raw, bare.as_bytes()):
            for to in (US, own.mail_from, str(bare["Reply-To"])):
                client.sendmail(own.mail_from, [to], raw)
    city.quiet()
    assert len(city.relay.delivered) == mails
    assert len(city.rows("reports")) == 1


def test_an_answering_machine_that_says_nothing_of_itself_is_answered_a_few_times_an_hour(mail_city: MailCity) -> None:
    """200 rounds of ping-pong: whatever we send, it answers at once with the same words under the same subject."""
    city, robot = mail_city, mail_city.citizen("layanan@perusahaan.test", "Layanan Pelanggan")
    robot.writes(STORY, "Lampu mati")
    with city.client() as client:
        for number in range(200):
            last = robot.last()
            mail = EmailMessage()
            mail["From"], mail["To"] = robot.post.address, US
            mail["Subject"] = f"Re: {last['Subject']} [tiket {number}]"
            mail["Message-ID"] = f"<tiket.{number}@perusahaan.test>"
            mail.set_content(f"Terima kasih atas pesan Anda. Nomor tiket Anda {number}. Kami akan menghubungi Anda segera.")
            client.sendmail(robot.post.address, [str(last["Reply-To"])], mail.as_bytes())
            if number < 25:
                robot.reads()
    robot.reads()
    assert len(robot.mails) <= 25
    assert len(city.inbox()) == 201
    assert {row["state"] for row in city.rows("inbox")} == {"handled"}
    assert len(city.rows("reports")) == 1


def test_another_service_like_ours_and_we_do_not_keep_each_other_busy(mail_city: MailCity) -> None:
    """It files what we send as a case, says so under a new subject each time, and is as polite as we are."""
    city, twin = mail_city, mail_city.citizen("pengaduan@provinsi.test", "Pengaduan Provinsi")
    twin.writes(f"Laporan diteruskan dari kami: {STORY}", "Penerusan 1")
    for number in range(2, 60):
        twin.post.writes(
            f"Terima kasih. Laporan Anda {number} sudah dicatat dan diteruskan ke dinas terkait sejak Senin.",
            subject=f"Laporan {number} dicatat",
        )
    twin.reads()
    assert len(twin.mails) <= 25
    assert len(city.inbox()) == 59


def test_a_flood_of_one_costs_the_others_nothing(mail_city: MailCity) -> None:
    city, siti, budi = mail_city, mail_city.citizen(), mail_city.citizen(BUDI, "Budi")
    with city.client() as client:
        for number in range(80):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = BUDI, US, f"Lampu {number}"
            mail["Message-ID"] = f"<{number}@warga.test>"
            mail.set_content(f"Lampu nomor {number} di Jl Kenanga Kota Contoh mati sejak Senin.")
            client.sendmail(BUDI, [US], mail.as_bytes())
    assert CODE.search(siti.writes(STORY, "Lampu mati"))
    budi.reads()
    assert len(budi.mails) <= 25
    assert len(city.inbox()) == 81
    assert {SITI, BUDI} == {one.rcpt_to[0] for one in city.relay.delivered}

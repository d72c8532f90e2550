"""No public post ever holds anything but the invitation, over every notice and state, as X itself shows them (issue 4)."""

from __future__ import annotations

from datetime import timedelta

from core.dialogue.model import NoticeKind
from tests.acceptance.test_x_first_to_last import STORY
from tests.acceptance.xworld import Citizen, XCity, wib

INVITATION = "Terima kasih sudah bersuara. Supaya data Anda aman, lanjut lewat DM ke @lapor1708, ya."  # sop.md §7
IN_ENGLISH = "Thank you for speaking up. To keep your data safe, please go on in a DM to @lapor1708."
ALARM = (
    "Ini bukan layanan darurat. Kalau ada bahaya sekarang, segera hubungi 113 (pemadam), 112 (darurat umum), 110 (polisi), "
    "119 (ambulans), 129 (perempuan dan anak). Setelah aman, lanjut lewat DM ke @lapor1708, ya."
)
EVERYWHERE = {
    NoticeKind.DISPOSED,
    NoticeKind.RETURNED,
    NoticeKind.RECLASSIFIED,
    NoticeKind.SPLIT,
    NoticeKind.QUESTION,
    NoticeKind.QUESTION_REMINDER,
    NoticeKind.QUESTION_GIVEN_UP,
    NoticeKind.RESPONSE,
    NoticeKind.PROGRESS,
    NoticeKind.SETTLEMENT,
    NoticeKind.SETTLEMENT_REMINDER,
    NoticeKind.CLOSED_SILENT,
    NoticeKind.CLOSED_FINAL,
    NoticeKind.ARCHIVED,
    NoticeKind.RESTORED,
    NoticeKind.ACKNOWLEDGED,
    NoticeKind.OVERDUE,
    NoticeKind.OMBUDSMAN_CHOICE,
}
"""What the reporters of this test hear in private (sop.md §7); tests/road/test_public.py has the rest, over the core alone."""


def chatters(citizen: Citizen, code: str = "") -> None:
    """Says in public whatever a person might say there who takes it for the conversation."""
    for words in ("status", f"{code} gimana min??", "1", "beres", "belum", "batal", "sambung", "hapus data saya", "5"):
        citizen.posts(f"@lapor1708 {words}")
    citizen.city.quiet()


def heard(city: XCity) -> set[str]:
    """Notices that arrived in private, by kind."""
    rows = [row for row in city.rows("outbox") if row["kind"].startswith("notice.") and not row["public"]]
    return {row["kind"].removeprefix("notice.") for row in rows if row["state"] == "delivered"}


def test_over_whole_cases_x_shows_nothing_of_ours_but_invitations(x_city: XCity) -> None:
    city = x_city
    siti, budi, citra, dewi, eka = (city.citizen(who) for who in ("siti", "budi", "citra", "dewi", "eka"))
    chatters(siti)
    settled, final, praised, archived, waiting = (
        siti.reports(STORY),
        budi.reports("petugas loket puskesmas sukamaju kota contoh minta 50rb tadi pagi buat surat rujukan"),
        citra.reports("terima kasih bidan puskesmas sukamaju kota contoh sangat ramah dan cepat kemarin"),
        dewi.reports("lampu Jl Melati kota Contoh mati 2 minggu, gelap sekali"),
        eka.reports("pipa bocor di Jl Anggrek kota Contoh sejak kemarin, airnya ke jalan"),
    )
    chatters(siti, settled)
    city.citizen("john").tweets("@lapor1708 the street light on Jl Kenanga has been broken since Monday")
    eka.tweets("@lapor1708 TOLONG kebakaran!!! cepat")

    for code, category in ((settled, "complaint"), (final, "complaint"), (praised, "appreciation")):
        city.does("nasional", "dispose", code, category=category, office_name="Pemerintah Kota Contoh")
        city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")
    city.does("nasional", "dispose", waiting, category="grievance", office_name="Pemerintah Kota Contoh")
    _moves_between_offices(city, waiting)
    _ends_by_final_decision(city, budi, final)
    city.does("puskesmas", "acknowledge", praised)
    city.does("nasional", "archive", archived, ground="not_public_service", reason="Ini urusan lingkungan warga sendiri.")
    chatters(dewi, archived)
    city.does("nasional", "restore", archived, reason="Ternyata lampu milik kota.")
    city.does("puskesmas", "ask", settled, words="Jam berapa kejadiannya dan di loket berapa?")
    chatters(siti, settled)
    for day in (wib(3, 30, 9), wib(4, 9, 9)):  # the question's reminder, then it is given up
        city.on(day)
        chatters(siti, settled)
    city.on(city.clock() + timedelta(minutes=3))
    city.does("puskesmas", "respond", settled, words="Bidan Sari memeriksa loket kartu hari ini.", promised_on="2026-04-10")
    city.does("puskesmas", "progress", settled, words="Petugas loket sudah dipanggil.", promised_on="2026-04-13")
    city.does("puskesmas", "settle", settled, words="Uang sudah dikembalikan dan petugas ditegur.")
    chatters(siti, settled)
    for day in (wib(4, 21, 9), wib(4, 28, 9), wib(6, 4, 9), wib(6, 5, 9)):
        city.on(day)
        chatters(siti, settled)
        chatters(eka, waiting)

    assert {str(kind) for kind in EVERYWHERE} <= heard(city)
    assert city.report(settled)["state"] == "closed"
    assert {post.text for post in city.x.public_posts()} == {INVITATION, IN_ENGLISH, ALARM}
    assert [row["kind"] for row in city.rows("outbox") if row["public"] and not row["kind"].startswith("public.")] == []
    assert all(post.reply_to and not post.media for post in city.x.public_posts())


def _moves_between_offices(city: XCity, code: str) -> None:
    city.does("nasional", "reclassify", code, category="aspiration", reason="Ini usul perbaikan.")
    city.on(city.clock() + timedelta(minutes=3))
    city.does("kota", "return", code, reason="Kami tidak menangani pipa di jalan nasional.")
    city.on(city.clock() + timedelta(minutes=3))
    parts = {"part_title_1": "Pipa bocor", "part_story_1": "pipa bocor", "part_title_2": "Jalan"}
    parts["part_story_2"] = "airnya ke jalan"
    city.does("nasional", "split", code, **parts)
    city.on(city.clock() + timedelta(minutes=3))


def _ends_by_final_decision(city: XCity, budi: Citizen, code: str) -> None:
    for _ in range(2):
        city.does("puskesmas", "settle", code, words="Uang sudah dikembalikan lewat kasir.")
        budi.says("2")
        budi.says("uangnya belum saya terima")
    chatters(budi, code)
    city.does("kota", "final_decision", code, reason="Bukti kasir menunjukkan uangnya sudah diambil.")

"""A post at noon, continued by DM, finished on Telegram with a code, answered by the liaison, closed by SMS (issue 4).

All four adapters run at once against their vendors on loopback, with the vendors' own clients; and the mailbox knows of it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.doorsworld import DoorsCity, open_city
from tests.acceptance.xworld import CODE, wib

pytestmark = pytest.mark.needs("kannel")

ONE_TIME = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b(?!-)")
POST = "@lapor1708 lampu Jl Melati mati 2 minggu, kmrn ada yg dijambret!!"
INVITATION = "Terima kasih sudah bersuara. Supaya data Anda aman, lanjut lewat DM ke @lapor1708, ya."  # sop.md §7
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(2000)
QUESTION = "Tiang nomor berapa?"
ANSWER = "tiang nomor 12, di depan warung"
RESPONSE = "Petugas kami datang hari Senin dengan lampu baru."
SETTLEMENT = "Lampu tiang 12 sudah diganti dan menyala."


@pytest.fixture(params=["sqlite", "postgres"])
def city(request: pytest.FixtureRequest, furnished: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[DoorsCity]:
    """At noon of Friday 13 March 2026, once on each database."""
    passwords = None
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    else:
        file, passwords = furnished
        own = tmp_path / "lapor.db"
        shutil.copyfile(file, own)
        url = f"sqlite:///{own}"
    with open_city(url, tmp_path, start=wib(3, 13, 12), passwords=passwords) as opened:
        yield opened


def one_time(words: str) -> str:
    (code,) = ONE_TIME.findall(words)
    return str(code)


def test_one_report_goes_through_every_door(city: DoorsCity) -> None:
    on_x, chat, phone = city.x.citizen("siti"), city.telegram.citizen(7), city.sms.phone()
    mailbox = city.mail.citizen()

    # In public at noon; the story and its picture go on in private.
    on_x.tweets(POST, [on_x.person.photo(PICTURE, mime="image/png")])
    assert city.x.public() == [INVITATION]
    assert on_x.reads() == ""
    assert "lampu Jl Melati" in on_x.says("lapor")
    assert "Di kota mana?" in on_x.says("1")
    offered = on_x.says("sambung")
    assert "Telegram" in offered

    # Finished on Telegram.
    asked = chat.says(f"sambung {one_time(offered)}")
    assert "dari X" in asked
    assert city.rows("links") == []
    heard = chat.presses("Ya, sambungkan")
    assert "ampu Jl Melati" in heard
    assert "Di kota mana?" in heard
    assert "Telegram" in on_x.reads(), "both sides hear of it"
    summary = chat.says("Kota Contoh")
    assert "1 foto" in summary
    thanks = chat.presses("Kirim")
    (code,) = CODE.findall(thanks)
    assert on_x.reads() == ""

    # Down to the village office, which asks; she answers where she is: on X.
    city.does("nasional", "dispose", code, category="grievance", office_name="Pemerintah Kota Contoh")
    city.does("kota", "dispose", code, office_name="Kelurahan Melati")
    city.does("kelurahan", "ask", code, words=QUESTION)
    heard = chat.reads()
    assert "Pemerintah Kota Contoh" in heard
    assert "Kelurahan Melati" in heard
    assert QUESTION in heard
    assert code in on_x.says(ANSWER)
    assert city.report(code)["state"] == "at_unit"
    city.does("kelurahan", "respond", code, words=RESPONSE, promised_on="2026-03-16")
    assert RESPONSE in chat.reads()

    # The telephone is linked from there, and hears of the end; the mailbox sees it.
    sure = phone.says(f"SAMBUNG {one_time(chat.says('sambung'))}")
    assert "Telegram" in sure
    phone.says("1")
    assert "SMS" in chat.reads()
    phone.says("KABARI DI SINI")
    enter = f"SAMBUNG {one_time(chat.says('sambung'))}"
    assert "Telegram" not in mailbox.writes(enter, "Sambung"), "a From line proves nothing"
    assert "Telegram" in mailbox.answers(enter), "a reply to our mail does"
    mailbox.answers("ya")
    assert "e-mail" in chat.reads()
    city.does("kelurahan", "settle", code, words=SETTLEMENT)
    heard = phone.reads()
    assert SETTLEMENT in heard
    assert heard.endswith("1 Beres 2 Belum")
    assert code.replace("-", "") in phone.says("1 beres")
    assert city.report(code)["state"] == "closed"
    shown = mailbox.answers("laporan saya")
    assert code in shown
    assert "Selesai" in shown
    assert [chat.reads(), on_x.reads(), phone.reads()] == ["", "", ""]

    _one_report_one_history(city, code)
    _each_word_where_it_belongs(city, code)
    _the_desk_knows_the_doors_and_no_name(city, code)


def _one_report_one_history(city: DoorsCity, code: str) -> None:
    (report,) = city.rows("reports")
    lines = city.rows("history")
    assert {line["report_id"] for line in lines} == {report["id"]}
    assert [(line["role"], line["move"], line["to_state"]) for line in lines] == [
        ("reporter", "submit", "received"),
        ("national_admin", "reclassify", "received"),
        ("national_admin", "dispose", "at_agency"),
        ("agency_admin", "dispose", "at_unit"),
        ("liaison", "ask", "awaiting_reporter"),
        ("reporter", "answer", "at_unit"),
        ("liaison", "respond", "in_progress"),
        ("liaison", "settle", "in_progress"),
        ("reporter", "confirm", "closed"),
    ]
    moments = [line["at"] for line in lines]
    assert moments == sorted(moments)
    assert report["code"] == code.replace("-", "")
    (kept,) = [row for row in city.rows("attachments") if row["report_id"] == report["id"]]
    assert kept["state"] == "stored", "a file is fetched at the door where it came in"


def _each_word_where_it_belongs(city: DoorsCity, code: str) -> None:
    assert city.x.public() == [INVITATION]
    left = city.rows("outbox")
    assert [(row["channel"], row["kind"]) for row in left if row["public"]] == [("twitter", "public.invitation_named")]
    assert {(row["channel"], row["state"]) for row in left} == {
        ("twitter", "delivered"),
        ("telegram", "delivered"),
        ("sms", "delivered"),
        ("email", "accepted"),  # no bounce within a day counts as delivered
    }
    notices = [(row["kind"], row["channel"]) for row in left if row["kind"].startswith("notice.")]
    assert notices == [
        ("notice.disposed", "telegram"),
        ("notice.disposed", "telegram"),
        ("notice.question", "telegram"),
        ("notice.response", "telegram"),
        ("notice.settlement", "sms"),
    ]
    assert {row["state"] for row in city.rows("inbox")} == {"handled"}
    assert {row["channel"] for row in city.rows("addresses")} == {"twitter", "telegram", "sms", "email"}


def _the_desk_knows_the_doors_and_no_name(city: DoorsCity, code: str) -> None:
    for login in ("nasional", "kota", "kelurahan"):
        page = city.page(login, f"/laporan/{code}")
        assert re.search(r"cerita · lewat X, di depan umum .{0,40}lampu Jl Melati mati 2 minggu", page)
        assert re.search(rf"pertanyaan · lewat Telegram .{{0,40}}{re.escape(QUESTION)}", page)
        assert re.search(rf"jawaban · lewat X .{{0,40}}{re.escape(ANSWER)}", page)
        assert re.search(rf"penyelesaian · lewat SMS .{{0,40}}{re.escape(SETTLEMENT)}", page)
        for secret in ("Siti", "siti", "warga.test", "6281234567890"):
            assert secret not in page, "hidden: neither name nor address (sop.md §3)"
    assert city.official("balai").open(f"/laporan/{code}") == 404


@pytest.mark.parametrize("city", ["sqlite"], indirect=True)
def test_a_link_is_undone_by_either_side_and_what_was_filed_elsewhere_stays_there(city: DoorsCity) -> None:
    on_x, phone = city.x.citizen("budi"), city.sms.phone()
    code = on_x.reports("Petugas kelurahan melati kota contoh minta 50rb buat surat pindah tadi pagi")
    phone.says(f"SAMBUNG {one_time(on_x.says('sambung'))}")
    phone.says("1")
    assert "SMS" in on_x.reads()
    assert code.replace("-", "") in phone.says("STATUS")
    phone.says("PISAH")
    assert "SMS" in on_x.reads()
    assert code.replace("-", "") not in phone.says("STATUS")
    assert "50" not in phone.says(f"STATUS {code}"), "a code alone shows label and dates (sop.md §7)"
    assert code in on_x.says("status")

"""The page of a report: who reads what on it."""

import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import select, update

from core import reporter, trackingcode
from core.dialogue.model import Draft, StoryPart, Submit
from core.procedure.vocabulary import Category, Move, Privacy
from core.report import Report
from core.storage import conversations, lanes, reports
from core.storage import people as storage_people
from core.storage.crypto import lookup
from core.storage.messages import add as add_message
from core.storage.outbox import Part, enqueue
from core.storage.tables import audit, messages, notifications, outbox, people
from tests.web.house import STORY, House, photo

PROBE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>{{7*7}}"
VOID = {"meta", "link", "input", "img", "br", "option"}  # `option` of a datalist needs no end


class Balanced(HTMLParser):
    """Every element that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def assert_well_formed(html: str) -> None:
    parser = Balanced()
    parser.feed(html)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert "<script" not in html


def test_the_page_shows_the_reporters_words_the_holder_and_the_due_dates(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("puskesmas")
    assert browser.get(f"/laporan/{report.code}").status_code == 200
    for words in (STORY, "Puskesmas Sukamaju", "Respon awal", "Di unit", "Keluhan", "WIB"):
        assert words in browser.text()
    assert_well_formed(browser.html)


@pytest.mark.parametrize("login", ["nasional", "kota", "puskesmas", "pemeriksa", "koordinasi"])
def test_every_page_is_well_formed(house: House, login: str) -> None:
    report = house.at_clinic(category=Category.COMPLAINT)
    house.archived()
    browser = house.browser(login)
    for path in (
        "/",
        "/?tab=running",
        "/?tab=reporter",
        "/?tab=over",
        "/cari?q=kartu",
        "/pemberitahuan",
        f"/laporan/{report.code}",
    ):
        assert browser.get(path).status_code == 200
        assert_well_formed(browser.html)


def test_a_code_is_understood_as_people_type_it(house: House) -> None:
    report = house.reported()
    browser = house.browser("nasional")
    typed = f"{report.code[:4]}-{report.code[4:8]}-{report.code[8:]}".lower()
    assert browser.get(f"/laporan/{typed}").headers["Location"] == f"/laporan/{report.code}"
    assert browser.get(f"/cari?q={typed}").headers["Location"] == f"/laporan/{report.code}"


def test_words_of_people_are_never_markup(house: House) -> None:
    report = house.reported(title=PROBE, story=PROBE, where_words=PROBE, who_words=PROBE, when_words=PROBE, hoped=PROBE)
    house.attach(report, b"x", mime="application/octet-stream", name=PROBE, kind="document")
    house.name_person(report, PROBE, Privacy.NAMED)
    house.does("nasional", report, Move.NOTE, words=PROBE)
    browser = house.browser("nasional")
    for path in (f"/laporan/{report.code}", "/", "/pemberitahuan", f"/cari?q={'%3Cscript%3E'}"):
        browser.get(path)
        assert "<script>alert" not in browser.html
        assert "onerror=alert(2)>" not in browser.html
        assert "49" not in re.findall(r"\{\{.*?\}\}|>49<", browser.html)
        assert_well_formed(browser.html)


@pytest.mark.parametrize(
    "privacy, readers",
    [
        (Privacy.NAMED, {"nasional", "kota", "dinkes", "puskesmas", "pemeriksa"}),
        (Privacy.HIDDEN, {"nasional"}),
        (Privacy.ANONYMOUS, set()),
    ],
)
def test_the_name_is_read_by_whom_sop_1_and_3_allow_and_each_look_is_on_record(
    house: House, privacy: Privacy, readers: set[str]
) -> None:
    report = house.at_clinic()
    house.name_person(report, "Siti Aminah Binti Rahasia", privacy)
    for login in ("nasional", "kota", "dinkes", "puskesmas", "pemeriksa", "koordinasi", "pembina"):
        browser = house.browser(login)
        browser.get(f"/laporan/{report.code}")
        assert ("Siti Aminah Binti Rahasia" in browser.text()) == (login in readers)
    with house.office.database.read() as conn:
        viewed = conn.execute(select(audit.c.account_id).where(audit.c.action == "identity_viewed")).scalars()
        assert set(viewed) == {house.account_ids[login] for login in readers}


def test_a_past_holder_reads_up_to_the_moment_it_left(house: House) -> None:
    report = house.at_clinic()
    house.later(hours=1)
    house.does("puskesmas", report, Move.RETURN, reason="Pungutan ini oleh pihak luar.")
    house.later(hours=1)
    house.does("kota", report, Move.NOTE, words="Rahasia setelah kembali")
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    assert "Laporan ini sudah berpindah" in browser.text()
    assert "Pungutan ini oleh pihak luar." in browser.text()
    assert "Rahasia setelah kembali" not in browser.text()
    assert browser.offered() == set()


def test_opening_a_report_reads_the_news_about_it(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("puskesmas")
    browser.get("/pemberitahuan")
    assert "Laporan baru tiba di kantor Anda." in browser.text()
    browser.get(f"/laporan/{report.code}")
    browser.get("/pemberitahuan")
    assert "Tidak ada yang baru" in browser.text()


def test_news_about_a_report_that_moved_on_do_not_tell_its_title(house: House) -> None:
    report = house.at_clinic(title="Judul yang tidak boleh terbaca")
    house.does("kota", report, Move.RECALL, reason="Salah unit.")
    browser = house.browser("puskesmas")
    browser.get("/pemberitahuan")
    assert "Judul yang tidak boleh terbaca" not in browser.text()
    assert "Laporan ini sudah tidak di kantor Anda." in browser.text()
    browser.post("/pemberitahuan/dibaca")
    with house.office.database.read() as conn:
        unread = select(notifications.c.id).where(
            notifications.c.account_id == house.account_ids["puskesmas"], notifications.c.read_at.is_(None)
        )
        assert conn.execute(unread).all() == []


def test_the_timeline_tells_the_history_in_sentences(house: House) -> None:
    report = house.at_clinic()
    house.does("puskesmas", report, Move.RETURN, reason="Pungutan ini oleh pihak luar.")
    browser = house.browser("kota")
    browser.get(f"/laporan/{report.code}")
    for sentence in (
        "Ayu Lestari (admin nasional) mendisposisikan ke Pemerintah Kota Contoh.",
        "Dewi Rahmawati (admin instansi) mendisposisikan ke Puskesmas Sukamaju.",
        "Gilang Saputra (pejabat penghubung) mengembalikan dari Puskesmas Sukamaju.",
        "Pungutan ini oleh pihak luar.",
    ):
        assert sentence in browser.text()


def test_a_sealed_report_is_for_the_named_accounts_only(house: House) -> None:
    report = house.reported(category=Category.COMPLAINT)
    named = (house.account_ids["inspektorat"],)
    house.does("nasional", report, Move.DISPOSE_SEALED, office_id=house.places["inspectorate"].id, account_ids=named)
    for login, found in {"inspektorat": 200, "kota": 404, "puskesmas": 404, "pemeriksa": 404, "nasional": 404}.items():
        assert house.browser(login).get(f"/laporan/{report.code}").status_code == found
        listed = house.browser(login).get("/?tab=running").get_data(as_text=True) + house.browser(login).get("/").get_data(
            as_text=True
        )
        assert (report.code[:4] in listed) == (found == 200)


def test_what_the_service_told_is_read_as_the_reporter_read_it_also_once_the_outbox_is_purged(house: House) -> None:
    report = house.reachable(house.reported())
    house.does("nasional", report, Move.DISPOSE, office_id=house.places["city"].id)
    browser = house.browser("kota")
    with house.office.database.read() as conn:
        (words,) = conn.execute(select(messages.c.words).where(messages.c.kind == "notice")).scalars()
    for payload_stays in (True, False):
        if not payload_stays:
            with house.office.database.write() as conn:
                conn.execute(outbox.update().values(payload=None))
        browser.get(f"/laporan/{report.code}")
        assert browser.text().count(" ".join(words.split())) == 1


@pytest.mark.parametrize("told", ["Nama Anda terlihat: Siti Aminah.", "Laporan Anda yang lain: 0000-0000-0."])
def test_what_the_service_told_never_names_a_hidden_person_or_ties_reports_of_one_person(house: House, told: str) -> None:
    report = house.reachable(house.at_clinic())
    house.name_person(report, "Siti Aminah", Privacy.HIDDEN)
    address_id = house.again(report).address_id
    assert address_id is not None
    with house.office.database.write() as conn:
        part = Part(text=told, kind="status.list", report_id=report.id)
        enqueue(conn, [part], channel="letter", address_id=address_id, language="id", now=house.now[0])
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    assert told not in browser.text()
    assert "Pesan otomatis layanan." in browser.text()


def test_both_versions_of_an_edited_message_stand_in_the_conversation(house: House) -> None:
    report = house.at_clinic()
    with house.office.database.write() as conn:
        given: dict[str, Any] = {"report_id": report.id, "direction": "in"}
        first = add_message(conn, kind="addition", words="Di loket satu", at=house.now[0], **given)
        later = house.now[0] + timedelta(minutes=5)
        add_message(conn, kind="edit", words="Di loket dua", at=later, edits_id=first, **given)
    house.later(hours=1)
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    assert "Di loket satu" in browser.text()
    assert "Di loket dua" in browser.text()
    assert "Memperbaiki pesan Jum, 13 Mar 2026 09.00 WIB." in browser.text()


def test_an_office_whose_name_the_reporter_wrote_is_named_once(house: House) -> None:
    place = house.places["clinic"].id
    browser = house.browser("nasional")
    browser.get(f"/laporan/{house.reported(who_words='puskesmas  sukamaju', who_office_id=place).code}")
    assert "(Puskesmas Sukamaju)" not in browser.text()
    browser.get(f"/laporan/{house.reported(who_words='pkm skmj', who_office_id=place).code}")
    assert "pkm skmj (Puskesmas Sukamaju)" in browser.text()


def test_photos_are_shown_as_previews_and_other_files_as_downloads(house: House) -> None:
    report = house.at_clinic()
    shown = house.attach(report, photo(), mime="image/jpeg")
    kept = house.attach(report, b"%PDF-1.7", mime="application/pdf", name="surat.pdf", kind="document")
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    assert f"/lampiran/{shown}/pratinjau/small" in browser.html
    assert f"/lampiran/{kept}/pratinjau" not in browser.html
    assert f"/lampiran/{kept}/unduh" in browser.html


def test_a_linked_report_outside_ones_tree_is_not_named(house: House) -> None:
    """sop.md §1: nobody sees or guesses a report outside their tree, its code included."""
    ours, elsewhere = (
        house.at_clinic(),
        house.does("nasional", house.reported(), Move.DISPOSE, office_id=house.places["ministry"].id),
    )
    house.change(elsewhere, lead_id=ours.id)
    assert elsewhere.code in house.browser("nasional").get(f"/laporan/{ours.code}").text
    assert elsewhere.code not in house.browser("puskesmas").get(f"/laporan/{ours.code}").text
    house.change(elsewhere, lead_id=None)
    house.change(ours, lead_id=elsewhere.id)
    assert elsewhere.code in house.browser("nasional").get(f"/laporan/{ours.code}").text
    assert elsewhere.code not in house.browser("puskesmas").get(f"/laporan/{ours.code}").text


WHOLE = "Anak saya demam.\n\n--\nSiti Aminah, Jl. Melati 5\n\nPada Jum, 13 Mar 2026 LAPOR! menulis:\n> Baik."


def _with_a_whole_text(house: House) -> Report:
    """A report by mail: around the newest words stood a signature and a quote."""
    report = house.at_clinic()
    with house.office.database.write() as conn:
        conn.execute(update(messages).where(messages.c.kind == "story").values(whole=WHOLE))
    return report


def test_the_full_text_is_one_click_away_for_those_who_may_read_the_name(house: House) -> None:
    report = _with_a_whole_text(house)
    browser = house.browser("nasional")
    browser.get(f"/laporan/{report.code}")
    details = re.search(r"<details class=\"whole\"><summary>Teks lengkap</summary>(.*?)</details>", browser.html, re.DOTALL)
    assert details is not None
    assert unescape(re.sub(r"<[^>]+>", "", details.group(1))) == WHOLE
    anchor = re.search(r'href="(#pesan-\d+)">Baca teks lengkap', browser.html)
    assert anchor is not None
    assert f'id="{anchor.group(1)[1:]}"' in browser.html


def test_a_signature_is_kept_from_whoever_may_not_read_the_name(house: House) -> None:
    report = _with_a_whole_text(house)
    for login in ("kota", "puskesmas", "dinkes"):
        browser = house.browser(login)
        assert browser.get(f"/laporan/{report.code}").status_code == 200
        assert "Siti Aminah" not in browser.html
        assert "Teks lengkap" not in browser.html
    house.name_person(report, "Siti Aminah", Privacy.NAMED)
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    assert "Jl. Melati 5" in browser.text()


def test_reading_a_full_text_is_on_record_as_reading_the_name_is(house: House) -> None:
    report = _with_a_whole_text(house)
    with house.office.database.write() as conn:
        conn.execute(update(people).values(name=None))
    house.browser("nasional").get(f"/laporan/{report.code}")
    with house.office.database.read() as conn:
        seen = conn.execute(select(audit.c.subject_id).where(audit.c.action == "identity_viewed")).scalars().all()
    assert seen == [report.id]


def test_a_message_without_more_around_it_has_no_full_text(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("nasional")
    browser.get(f"/laporan/{report.code}")
    assert "eks lengkap" not in browser.text()


def test_a_report_of_somebody_who_is_not_known_to_own_the_address_says_so(house: House) -> None:
    for verified in (True, False):
        report = _by_mail(house, verified=verified)
        for login in ("nasional", "kota"):
            browser = house.browser(login)
            browser.get(f"/laporan/{report.code}")
            assert ("Pengirim belum terbukti" in browser.text()) is not verified


def _by_mail(house: House, *, verified: bool) -> Report:
    """Filed by a citizen over a channel and handed to the city."""
    code = trackingcode.new()
    with house.office.database.write() as conn:
        address, _ = storage_people.ensure_address(
            conn, channel="letter", value=code, name=None, language="id", verified=verified, now=house.now[0]
        )
        lane = lanes.ensure(conn, "letter", lookup("letter", code))
        talk = conversations.add(conn, lane_id=lane, address_id=address.id, channel="letter", now=house.now[0])
        by = reporter.Speaker(
            person_id=address.person_id, address_id=address.id, conversation_id=talk, channel="letter", language="id",
            source_id="m1", verified=verified,
        )  # fmt: skip
        draft = Draft(story=STORY, parts=(StoryPart("m1", STORY),), category=Category.GRIEVANCE, privacy=Privacy.HIDDEN)
        reporter.carry_out(conn, house.office, Submit(code=code, draft=draft, title="Kartu"), by=by, now=house.now[0])
        report = reports.by_code(conn, code)
    report = house.does("nasional", report, Move.RECLASSIFY, category=Category.GRIEVANCE, reason="Sudah jelas.")
    return house.does("nasional", report, Move.DISPOSE, office_id=house.places["city"].id)

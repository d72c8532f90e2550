"""What somebody hostile writes into every field that there is, and what comes of it."""

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update

from admin_web.app import MOST_FORM_BYTES
from core.errors import StorageUnavailable
from core.procedure.vocabulary import Move, Privacy
from core.storage.tables import accounts, desk_sessions, offices, report_words
from tests.web.house import PASSWORD, Browser, House

SCRIPT = "<script>alert(1)</script>"
ATTRIBUTE = "\"'><img src=x onerror=alert(1)> {{7*7}} ${7*7} javascript:alert(1)"
HOSTILE = f"{SCRIPT} {ATTRIBUTE}"
LONG = "Kepala puskesmas memeriksa loket hari ini dan mengembalikan uang Anda besok pagi."


def _harmless(html: str) -> None:
    assert "<script" not in html.lower()
    assert "<img src=x" not in html
    assert not re.search(r"<[^>]+\son\w+=", re.sub(r'"[^"]*"', '""', html))
    assert 'href="javascript:' not in html


def test_whatever_a_citizen_wrote_is_shown_as_words_on_every_page(house: House) -> None:
    words = {"title": HOSTILE, "story": HOSTILE, "where_words": HOSTILE, "when_words": HOSTILE, "who_words": HOSTILE}
    report = house.at_clinic(**words)
    house.name_person(report, HOSTILE, Privacy.NAMED)
    house.attach(report, b"x", mime="text/html", name=f"{HOSTILE}.html", kind="document")
    with house.office.database.write() as conn:
        conn.execute(update(report_words).values(**words, official_title=HOSTILE))
    for login in ("nasional", "kota", "puskesmas", "pemeriksa"):
        browser = house.browser(login)
        for path in (f"/laporan/{report.code}", "/", "/?tab=running", "/cari?q=alert", "/pemberitahuan"):
            assert browser.get(path).status_code == 200
            _harmless(browser.html)
    browser.get(f"/laporan/{report.code}")
    assert SCRIPT in browser.text() or "alert(1)" in browser.text()


def test_whatever_an_official_or_an_office_is_called_is_shown_as_words(house: House) -> None:
    report = house.at_clinic()
    with house.office.database.write() as conn:
        conn.execute(update(offices).values(name=HOSTILE))
        conn.execute(update(accounts).values(name=HOSTILE))
    house.office.refresh()
    for login in ("nasional", "kota", "puskesmas"):
        browser = house.browser(login)
        for path in (f"/laporan/{report.code}", "/", "/?tab=running", "/layanan", "/karantina"):
            browser.get(path)
            _harmless(browser.html)


FIELDS = (
    *(
        "words",
        "reason",
        "title",
        "code",
        "office_id",
        "office_name",
        "promised_on",
        "at",
        "how",
        "fields",
        "category",
        "ground",
    ),
    *("account_ids", "accused_office_ids", "finding", "next_door", "part_title_1", "part_story_1", "part_category_1"),
)


@pytest.mark.parametrize("login", ["nasional", "kota", "puskesmas", "pemeriksa"])
def test_whatever_is_typed_into_any_form_comes_back_as_words(house: House, login: str) -> None:
    makers = {"nasional": house.reported, "kota": house.at_city}
    tried = 0
    while True:
        report = house.reachable(makers.get(login, house.at_clinic)())
        browser = house.browser(login)
        browser.get(f"/laporan/{report.code}")
        moves = sorted(browser.offered())
        if tried >= len(moves):
            break
        browser.move(report, moves[tried], **dict.fromkeys(FIELDS, HOSTILE))
        assert browser.page is not None
        assert (moves[tried], browser.page.status_code < 500) == (moves[tried], True)
        _harmless(browser.html)
        for path in (f"/laporan/{report.code}", "/"):
            browser.get(path)
            _harmless(browser.html)
        tried += 1
    assert tried >= 1


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59", "2026-02-30T10:00", "9" * 40])
def test_no_moment_breaks_a_form(house_on_either: House, moment: str) -> None:
    house = house_on_either
    report = house.reachable(house.at_clinic())
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    for move in sorted(browser.offered()):
        browser.get(f"/laporan/{report.code}")
        if move in browser.offered():
            browser.move(report, move, at=moment, promised_on=moment[:10], words=LONG, reason=LONG, how="told", fields="when")
            assert browser.page is not None
            assert (move, browser.page.status_code < 500) == (move, True)


@pytest.mark.parametrize(
    "path",
    [
        "/cari?q={0}",
        "/masuk?next={0}",
        "/masuk?email={0}&language={0}",
        "/?tab={0}&after={0}&category={0}&selesai={0}",
        "/laporan/{0}",
        "/{0}",
        "/karantina?before={0}&dicoba={0}",
        "/pemberitahuan?before={0}&after={0}",
    ],
)
@pytest.mark.parametrize("value", [HOSTILE, "\x00", "\ufffe", "%FF", "9" * 40, "-1", "٣٣", "a" * 5000, "\r\nX-Evil: 1"])
def test_no_address_breaks_a_page_or_speaks_through_it(house: House, path: str, value: str) -> None:
    from urllib.parse import quote

    for browser in (house.browser(), house.browser("nasional")):
        answer = browser.get(path.format(quote(value, safe="%")))
        assert answer.status_code < 500
        assert "X-Evil" not in answer.headers
        _harmless(browser.html)


@pytest.mark.parametrize("number", ["0", "9" * 18, str(2**63), "9" * 40])
def test_a_number_that_no_row_can_have_is_not_found(house_on_either: House, number: str) -> None:
    browser = house_on_either.browser("nasional")
    for path in (f"/lampiran/{number}/unduh", f"/lampiran/{number}/pratinjau/small"):
        assert (path, browser.get(path).status_code) == (path, 404)
    browser.get("/")
    assert browser.post(f"/karantina/{number}/coba-lagi").status_code == 404


NUL = "nol\x00 di tengah tulisan yang cukup panjang untuk diterima"


def test_a_nul_in_any_field_breaks_nothing_on_either_database(house_on_either: House) -> None:
    house = house_on_either
    report = house.reachable(house.at_clinic())
    stranger = house.browser()
    stranger.get("/masuk")
    assert stranger.post("/masuk", {"email": "a\x00@b.test", "password": "\x00"}).status_code == 401
    browser = house.browser("puskesmas")
    assert browser.get("/cari", query_string={"q": "a\x00b"}).status_code == 200
    assert browser.move(report, "note", words=NUL).status_code == 303
    assert browser.move(report, "respond", words=NUL, promised_on="2026-03-17").status_code == 303


@pytest.mark.parametrize("year", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_cursor_beyond_all_time_is_the_first_page(house_on_either: House, year: str) -> None:
    from base64 import urlsafe_b64encode

    house_on_either.reported()
    browser = house_on_either.browser("nasional")
    for plain in (f"0|{year}|{year}|1", f"{'9' * 30}|2026-01-01T00:00:00+00:00|2026-01-01T00:00:00+00:00|1"):
        assert browser.get(f"/?after={urlsafe_b64encode(plain.encode()).decode()}").status_code == 200


def test_a_form_beyond_all_measure_is_refused_before_it_is_read(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    answer = browser.post(f"/laporan/{report.code}/langkah/note", {"words": "a" * (MOST_FORM_BYTES + 1)})
    assert answer.status_code == 413
    assert "Kiriman terlalu besar" in browser.text()
    browser.get(f"/laporan/{report.code}")
    many: dict[str, Any] = {f"f{number}": "x" for number in range(3000)}
    assert browser.post(f"/laporan/{report.code}/langkah/note", many).status_code < 500


def test_files_of_others_are_not_found_by_number(house: House) -> None:
    mine = house.at_clinic()
    number = house.attach(mine, b"rahasia", mime="text/plain", name="a.txt", kind="document")
    for login in ("sekolah", "balai", "kementerian", "inspektorat"):
        browser = house.browser(login)
        hidden, absent = browser.get(f"/lampiran/{number}/unduh"), browser.get("/lampiran/999999/unduh")
        assert hidden.status_code == absent.status_code == 404


def test_who_passed_a_report_on_reads_no_file_that_came_after(house: House) -> None:
    report = house.at_clinic()
    house.later(hours=1)
    house.does("puskesmas", report, Move.RETURN, reason="Bukan wewenang puskesmas, ini urusan dinas.")
    house.later(hours=1)
    number = house.attach(report, b"datang kemudian", mime="text/plain", kind="document")
    assert house.browser("puskesmas").get(f"/lampiran/{number}/unduh").status_code == 404
    assert house.browser("kota").get(f"/lampiran/{number}/unduh").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        *("../../etc/passwd", "..\\..\\a.exe", "a\r\nSet-Cookie: x=1", 'a"; filename="b.exe', "\u202etxt.exe", "", "...."),
        *("/", "\x00", "a" * 5000, "日本.pdf", "a;b=c.pdf", "CON"),
    ],
)
def test_no_file_name_leads_out_of_the_download_or_into_a_header(house: House, name: str) -> None:
    number = house.attach(house.at_clinic(), b"x", mime="text/plain", name=name, kind="document")
    answer = house.browser("puskesmas").get(f"/lampiran/{number}/unduh")
    assert answer.status_code == 200
    shown = answer.headers["Content-Disposition"]
    assert re.fullmatch(r"""attachment; filename="[^"/\\\r\n;]+"; filename\*=UTF-8''[A-Za-z0-9._~%-]+""", shown)
    assert len(shown) < 2000
    assert "Set-Cookie" not in answer.headers


def test_an_animation_of_many_large_pictures_is_shown_as_its_first_alone(house: House) -> None:
    out = BytesIO()
    frames = [Image.new("P", (1500, 1500), number) for number in range(30)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    number = house.attach(house.at_clinic(), out.getvalue(), mime="image/gif")
    answer = house.browser("puskesmas").get(f"/lampiran/{number}/pratinjau/small")
    assert answer.mimetype == "image/jpeg"


def test_a_planted_start_cookie_opens_nothing(house: House) -> None:
    """A neighbour on the same host may plant cookies: what is opened at log-in was never known before it."""
    browser = house.browser()
    browser.client.set_cookie("desk_start", "geplant")
    browser.client.set_cookie("desk", "geplant")
    browser.get("/masuk")
    answer = browser.client.post("/masuk", data={"csrf": "geplant", "email": "kota@demo.test", "password": PASSWORD})
    assert answer.status_code in (303, 400)
    with house.office.database.read() as conn:
        tokens = conn.execute(select(desk_sessions.c.token_hash)).scalars().all()
    assert "geplant" not in tokens
    stranger = house.browser()
    stranger.client.set_cookie("desk", "geplant")
    assert stranger.get("/").status_code == 303


@pytest.mark.parametrize(
    "wanted",
    [
        *("/\t/evil.example", "/%09/evil.example", "/%2F/evil.example", "///evil.example", "/\n/evil.example"),
        *(" //evil.example", "http:evil.example", "/@evil.example", "/..//evil.example"),
    ],
)
def test_no_way_leads_from_the_log_in_to_another_site(house: House, wanted: str) -> None:
    from urllib.parse import urljoin, urlsplit

    browser = house.browser()
    browser.get("/masuk")
    answer = browser.post("/masuk", {"email": "kota@demo.test", "password": PASSWORD, "next": wanted})
    target = urljoin("http://desk.test/masuk", answer.headers["Location"])
    assert urlsplit(target).netloc == "desk.test"
    assert not answer.headers["Location"].startswith(("//", "/\\"))


# --- nothing that an official typed is lost ---------------------------------------------------------------------------------


def _typed(browser: Browser, report: Any) -> dict[str, str]:
    browser.get(f"/laporan/{report.code}")
    form = re.search(r'action="/laporan/\w+/langkah/respond">(.*?)</form>', browser.html, re.DOTALL)
    assert form
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.group(1)))
    return hidden | {"words": LONG + HOSTILE, "promised_on": "2026-03-17"}


def _kept(browser: Browser) -> None:
    assert LONG in browser.text()
    assert "Yang sudah Anda tulis" in browser.text()
    _harmless(browser.html)


def test_words_typed_while_the_session_ran_out_come_back(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("puskesmas")
    given = _typed(browser, report)
    house.later(hours=2)
    browser.page = browser.client.post(f"/laporan/{report.code}/langkah/respond", data=given)
    assert browser.page.status_code == 401
    _kept(browser)
    assert f"/masuk?next=/laporan/{report.code}/langkah/respond" in browser.html.replace("%2F", "/")


def test_words_typed_in_a_session_that_was_replaced_come_back(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("puskesmas")
    given = _typed(browser, report)
    browser.get("/masuk")
    with house.office.database.write() as conn:
        conn.execute(update(desk_sessions).values(csrf="0" * 64))
    browser.page = browser.client.post(f"/laporan/{report.code}/langkah/respond", data=given)
    assert browser.page.status_code == 400
    _kept(browser)


def test_words_typed_while_the_database_was_away_come_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    report = house.at_clinic()
    browser = house.browser("puskesmas")
    given = _typed(browser, report)

    def away() -> None:
        raise StorageUnavailable("the database does not answer")

    monkeypatch.setattr(house.office.database, "read", away)
    browser.page = browser.client.post(f"/laporan/{report.code}/langkah/respond", data=given)
    assert browser.page.status_code == 503
    _kept(browser)


def test_words_typed_for_a_move_that_somebody_else_made_impossible_come_back(house: House) -> None:
    report = house.at_clinic()
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    form = re.search(r'action="/laporan/\w+/langkah/return">(.*?)</form>', browser.html, re.DOTALL)
    assert form
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.group(1)))
    house.does("puskesmas", report, Move.RESPOND, words="Petugas sedang memeriksa.", promised_on=date(2026, 3, 17))
    browser.page = browser.client.post(f"/laporan/{report.code}/langkah/return", data=hidden | {"reason": LONG + HOSTILE})
    assert browser.page.status_code == 409
    _kept(browser)


def test_another_site_cannot_make_the_desk_show_its_words(house: House) -> None:
    report = house.at_clinic()
    for browser in (house.browser(), house.browser("puskesmas")):
        answer = browser.client.post(
            f"/laporan/{report.code}/langkah/respond", data={"words": LONG}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert LONG not in answer.get_data(as_text=True)
    given = browser.client.post("/masuk", data={"email": LONG, "password": LONG})
    assert LONG not in given.get_data(as_text=True)


def test_logging_in_takes_as_long_for_an_account_that_does_not_exist(house: House) -> None:
    """Counted in hashes, which is what takes the time: one each, whoever is asked for."""
    from admin_web.security import passwords

    counted = []
    original = passwords._HASHER.verify
    passwords._nobodys()
    hasher = passwords._HASHER
    try:
        passwords._HASHER = type("Counting", (), {"verify": lambda self, *given: counted.append(1) or original(*given)})()  # type: ignore[assignment]
        for email, password in (("kota", "salah"), ("tidak-ada", "salah"), ("kota", "x" * 2000), ("tidak-ada", "x" * 2000)):
            counted.clear()
            assert house.browser().log_in(email, password).status_code == 401
            assert len(counted) == (0 if len(password) > passwords.MOST_CHARACTERS else 1)
    finally:
        passwords._HASHER = hasher

"""The page of a mail: the same words as the plain text, readable on a phone, and nothing in it that could act."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bots.email.page import page

TALK = """\
Terima kasih, Bu. Kode K7M4-2QXT-9.
Saya kabari di sini.

Boleh dilengkapi:
1. Kapan kejadiannya?
2. Di mana tepatnya?

Dinas menjawab:

“Perbaikan minggu depan.

Salam, Dinas PU”

Sudah beres?
1 Sudah
2 Belum"""


class Reader(HTMLParser):
    """What a page shows, and what it is made of."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self._hidden = 0
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._words.append(data)

    def words(self) -> list[str]:
        return " ".join(self._words).split()


def made(text: str, title: str = "[K7M4-2QXT-9] Laporan Anda", office: str = "", language: str = "id") -> Reader:
    return Reader(page(text, title=title, office=office, language=language))


def shown(text: str) -> str:
    """Without spaces: emphasis may stand between letters."""
    return "".join(made(text).words())


def test_the_page_says_what_the_plain_text_says():
    assert shown(TALK) == "".join(TALK.split())


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0•*-")))
@example("1. a\n2. b\n4. c\n\n“x\n\ny")
@example("1 satu\n2 dua & <tiga>\n“”\n\n“a”")
@example("&lt;b&gt; https://a.test/?x=1&amp;y=<z>")
def test_any_text_is_shown_whole_and_as_text(text: str):
    text = re.sub(r"[\r\x1c-\x1f\x85\u2028\u2029]", " ", text)
    assert shown(text) == "".join(text.split())


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "<img src=x onerror=y>", '" onclick="x', "</p></div><b>", "&#106;"]
)
def test_words_stay_words(hostile: str):
    found = Reader(page(hostile, title=hostile, office=hostile, language="id"))
    assert {tag for tag, _ in found.tags} <= {"html", "head", "meta", "title", "style", "body", "div", "p", "span", "br"}
    assert not [name for _, given in found.tags for name in given if name.startswith("on")]
    assert hostile.replace(" ", "") in "".join(found.words())


@pytest.mark.parametrize(
    "text, links",
    [
        ("Lihat https://lapor.test/s?a=1&b=2.", ["https://lapor.test/s?a=1&b=2"]),
        ("(http://a.test/x_(y)) atau HTTPS://B.TEST!", ["http://a.test/x_(y)", "HTTPS://B.TEST"]),
        ('https://a.test/"onclick=x', ["https://a.test/"]),
        ("javascript:alert(1) data:text/html,x ftp://a.test mailto:a@b file:///etc/passwd", []),
        ("https://a.test/<b>", ["https://a.test/"]),
    ],
)
def test_only_web_addresses_become_links(text: str, links: list[str]):
    found = made(text)
    assert [given["href"] for tag, given in found.tags if tag == "a"] == links
    assert shown(text) == "".join(text.split())


def test_numbered_lines_stand_in_rows():
    cells = [tag for tag, _ in made(TALK).tags if tag == "td"]
    assert len(cells) == 2 * 4


@pytest.mark.parametrize("text", ["2 Belum\n3 Lain", "1 saja", "1. a\n\n2. b", "10 orang datang\n11 orang pergi", "1 a\n3 b"])
def test_numbers_that_count_nothing_are_no_list(text: str):
    assert not [tag for tag, _ in made(text).tags if tag == "table"]


def test_an_officials_words_are_set_off_together():
    quotes = [given for tag, given in made(TALK).tags if "border-left" in (given.get("style") or "")]
    assert len(quotes) == 1


def test_an_open_quotation_mark_sets_nothing_off():
    assert not [given for _, given in made("“mulai\n\ntanpa akhir").tags if "border-left" in (given.get("style") or "")]


def test_the_code_stands_out():
    assert [given for tag, given in made(TALK).tags if tag == "strong"] == [{"style": "white-space:nowrap"}]
    assert not [tag for tag, _ in made(TALK, title="Laporan Anda").tags if tag == "strong"]


def test_nothing_is_fetched_and_no_colour_is_forced():
    source = page(TALK, title="x", office="Kota Contoh", language="id")
    assert not re.search(r"\b(src|url|background|bgcolor|@import|link|iframe|form|script)\b", source)
    assert not re.search(r"[;\"]color:", source)


def test_the_page_knows_its_language_and_fits_a_phone():
    tags = made(TALK, language="en").tags
    assert ("html", {"lang": "en"}) in tags
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in tags


@pytest.mark.parametrize(
    "heavy", ["“\n\n" * 6000, "1 a\n" * 5000, "- " * 10_000, "https://" * 2500, "(" * 20_000, "\n" * 20_000]
)
def test_twenty_thousand_odd_characters_are_no_burden(heavy: str):
    assert len(page(heavy, title="x", office="y", language="id")) < 40 * len(heavy)

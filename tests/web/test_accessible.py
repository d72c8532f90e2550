"""For everybody: names for all fields, headings in order, contrast that the eye can read (WCAG 2.2 AA), the right language."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import admin_web
from core.procedure.vocabulary import Move
from tests.web.house import Browser, House, photo

CSS = (Path(admin_web.__file__).parent / "static/desk.css").read_text(encoding="utf-8")
TOKENS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", CSS))
TEXT, LARGE = 4.5, 3.0
VOID = {"input", "meta", "link", "img", "br", "hr"}


class Reading(HTMLParser):
    """What somebody who does not see the page is told of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.language = ""
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str]] = []
        self.pointed: list[str] = []
        self.unnamed: list[str] = []
        self.inline: list[str] = []
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if "id" in given:
            self.ids.append(given["id"])
        for name in ("aria-describedby", "aria-labelledby", "for", "list"):
            self.pointed += given.get(name, "").split()
        if tag == "html":
            self.language = given.get("lang", "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "label" and "for" in given:
            self.labels.add(given["for"])
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden":
            wrapped = any(name == "label" for name, _, _ in self._open)
            self.fields.append(given | {"wrapped": "1" if wrapped else ""})
        if tag == "img" and "alt" not in given:
            self.unnamed.append(f"img {given.get('src')}")
        for _, _, said in self._open:
            said += [given.get("alt", "")]
        if tag not in VOID:
            self._open.append((tag, given, []))

    def handle_data(self, data: str) -> None:
        for _, _, said in self._open:
            said.append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            name, given, said = self._open.pop()
            if name in {"a", "button", "th", "summary"} and not "".join(said) and "aria-label" not in given:
                self.unnamed.append(f"{name} {given}")
            if name == tag:
                return


def _pages(house: House) -> dict[str, list[str]]:
    received, held = house.reported(), house.reachable(house.at_clinic())
    house.attach(held, photo(), mime="image/jpeg")
    house.does("puskesmas", held, Move.NOTE, words="Petugas loket sudah dipanggil.")
    return {
        "nasional": [
            "/",
            "/?tab=over",
            "/cari?q=loket",
            "/pemberitahuan",
            "/karantina",
            "/layanan",
            f"/laporan/{received.code}",
        ],
        "kota": ["/?tab=running", f"/laporan/{held.code}"],
        "puskesmas": ["/", f"/laporan/{held.code}", "/tidak-ada"],
        "pemeriksa": [f"/laporan/{held.code}"],
    }


def _check(browser: Browser, path: str) -> None:
    read = Reading(browser.html)
    assert (path, read.language) == (path, "id")
    assert (path, read.headings[:1], read.headings.count(1)) == (path, [1], 1)
    assert [pair for pair in zip(read.headings, read.headings[1:], strict=False) if pair[1] > pair[0] + 1] == []
    assert sorted(read.ids) == sorted(set(read.ids)), path
    assert [target for target in read.pointed if target not in read.ids] == [], path
    named = [field for field in read.fields if field["wrapped"] or field.get("id") in read.labels or field.get("aria-label")]
    assert [field for field in read.fields if field not in named] == [], path
    assert (path, read.unnamed, read.inline) == (path, [], [])
    title = re.search(r"<title>(.+?)</title>", browser.html)
    assert title
    assert len(title[1].split(" · ")[0]) > 2


def test_every_page_can_be_read_without_seeing_it(house: House) -> None:
    for login, paths in _pages(house).items():
        browser = house.browser(login)
        for path in paths:
            browser.get(path)
            _check(browser, path)
    browser = house.browser()
    browser.get("/masuk")
    _check(browser, "/masuk")


def test_a_reports_page_is_called_by_its_code(house: House) -> None:
    from core import trackingcode

    report = house.at_clinic()
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    title = re.search(r"<title>(.+?)</title>", browser.html)
    assert title
    assert trackingcode.formatted(report.code) in title[1]


def test_the_page_says_the_language_of_its_reader(house: House) -> None:
    browser = house.browser("nasional")
    browser.get("/")
    browser.post("/bahasa", {"language": "en", "next": "/"})
    browser.get("/")
    assert Reading(browser.html).language == "en"


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _colour(name: str) -> str:
    return name if name.startswith("#") else TOKENS[name]


@pytest.mark.parametrize(
    "front, back, least",
    [
        *((front, back, TEXT) for front in ("ink", "ink-soft", "accent", "red") for back in ("paper", "surface", "#f7f6f2")),
        *(("ink", f"{wash}-wash", TEXT) for wash in ("accent", "red", "amber", "green")),
        *((front, f"{front}-wash", TEXT) for front in ("red", "amber", "green", "accent")),
        *(("#ffffff", back, TEXT) for back in ("accent", "accent-dark", "red", "ink", "#7f0f17")),
        *(("ink-soft", back, TEXT) for back in ("accent-wash", "#eceae4")),
        *((front, "surface", TEXT) for front in ("amber", "green")),
        ("accent-dark", "accent-wash", TEXT),
        ("red", "#ffffff", TEXT),
        *(("line-strong", back, LARGE) for back in ("surface", "paper")),
        ("#f2b632", "ink", LARGE),
    ],
)  # fmt: skip
def test_colours_stand_out_enough(front: str, back: str, least: float) -> None:
    assert _contrast(_colour(front), _colour(back)) >= least


def test_the_focus_is_never_taken_away_without_another_and_nothing_moves_for_who_asked_for_rest() -> None:
    for rule in re.findall(r"([^{}]+)\{[^}]*outline: none", CSS):
        assert rule.strip() in {".queue .title:focus-visible", "main:focus"}  # the line around the title has one instead
    assert ".queue li:focus-within { outline: 3px" in CSS
    outside = re.sub(r"@media \(prefers-reduced-motion: no-preference\) \{.*?\} \}", "", CSS, flags=re.DOTALL)
    assert "transition" not in outside
    assert "animation" not in outside


def test_what_is_touched_is_large_enough() -> None:
    assert "--target: 44px" in CSS
    for selector in (".nav a", "button, .button", ".tick", ".tabs a"):
        rule = re.search(rf"(?:^|\n){re.escape(selector)} \{{(.*?)\}}", CSS, re.DOTALL)
        assert rule, selector
        assert "min-height: var(--target)" in rule[1]


def test_paper_shows_the_report_without_what_is_only_for_clicking() -> None:
    printed = CSS.partition("@media print")[2]
    for hidden in (".mast", ".moves", ".search", ".filters", ".tabs", ".pages"):
        assert hidden in printed.partition("display: none")[0]

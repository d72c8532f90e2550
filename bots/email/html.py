"""HTML of mail programs → text: what was quoted and what only decorates goes first. Bounded in size, depth and breadth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bots.email.charsets import clean

MOST_CHARACTERS = 400_000
"""Of HTML that is looked at: a story has a few thousand, a long thread of Outlook's some hundred thousand."""
MOST_DEPTH = 60
MOST_ELEMENTS = 20_000
MOST_TABLE_AREA = 400_000
"""Rows × widest cell, in characters: a table is set in columns, and a hostile one would fill the memory."""

_GONE = ("script", "style", "head", "title", "template", "noscript", "object", "iframe", "svg", "math", "select", "textarea")
_QUOTES = (
    "//blockquote[@type='cite']",
    "//*[contains(concat(' ', @class, ' '), ' gmail_attr ')]",
    "//*[contains(concat(' ', @class, ' '), ' gmail_quote ')][not(.//blockquote)]",
    "//*[contains(concat(' ', @class, ' '), ' gmail_quote ')]//blockquote",  # answers between them stay
    "//*[contains(concat(' ', @class, ' '), ' moz-cite-prefix ')]",
    "//*[starts-with(@class, 'yahoo_quoted') or starts-with(@id, 'yahoo_quoted')]",
    "//*[contains(concat(' ', @class, ' '), ' protonmail_quote ')]",
    "//*[contains(concat(' ', @class, ' '), ' zmail_extra ')]",
    "//*[@id='mail-editor-reference-message-container']",
    "//*[@id='composer_quoted' or @name='quote' or @id='reply-intro']",
)
_QUOTES_TO_THE_END = (  # Outlook puts what it answers behind this mark, as its following siblings
    "//*[contains(@id, 'divRplyFwdMsg')]",
    "//*[contains(@id, 'appendonsend')]",
    "//*[@id='OLK_SRC_BODY_SECTION']",
    "//*[@id='stopSpelling']",
    "//div[contains(@style, 'border-top:solid #E1E1E1') or contains(@style, 'border-top:solid #B5C4DF')]",
    "//div[contains(@style, 'border-top: solid #E1E1E1') or contains(@style, 'border-top:solid windowtext')]",
)
_SIGNATURES = (
    "//*[contains(concat(' ', @class, ' '), ' gmail_signature ')]",
    "//*[contains(concat(' ', @class, ' '), ' moz-signature ')]",
    "//*[@id='AppleMailSignature' or @id='ms-outlook-mobile-signature' or @id='Signature' or @id='signature']",
    "//*[@id='ymail_android_signature' or contains(@class, 'ymail_android_signature')]",
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(px|pt|em)?\s*(;|$)", re.IGNORECASE)
_CID = re.compile(r"^cid:(.{1,200})$", re.IGNORECASE)
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "footer", "form", "header", "hr", "li", "ol", "p"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "pre", "tr", "ul"}
)
_MARKUP = re.compile(r"<[^<>]*>")
_SILENT = re.compile(r"<(?:script|style|head|!)", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\xa0]+")


@dataclass(frozen=True, slots=True)
class Page:
    """What HTML says. `own`: without quotes.

    `cited`: content ids of its images; `own_cited`: of those outside quotes and signatures.
    """

    whole: str = ""
    own: str = ""
    cited: frozenset[str] = frozenset()
    own_cited: frozenset[str] = frozenset()
    cut: bool = False


def read(source: str) -> Page:
    """The text of that HTML. Never raises: what no parser takes is read as text without its tags."""
    cut = len(source) > MOST_CHARACTERS
    source = clean(source[:MOST_CHARACTERS])
    if not source.strip():
        return Page()
    try:
        root = _parsed(source)
        cited = frozenset(_cited(root))
        whole = _text(root)
        own_root = _parsed(source)
        changed = _without(own_root, _QUOTES) | _without_following(own_root)
        own = _text(own_root) if changed else whole
        _without(own_root, _SIGNATURES)
        own_cited = frozenset(_cited(own_root))
    except Exception:  # lxml and inscriptis raise of several kinds on a stranger's markup
        whole = own = _bare(source)
        cited = own_cited = frozenset()
    if not whole.strip() and not _SILENT.search(source):  # libxml2 drops what is nested two thousand deep
        whole = own = _bare(source)
    return Page(whole, own, cited, own_cited, cut)


def _bare(source: str) -> str:
    return _MARKUP.sub(" ", source).strip()


def _parsed(source: str) -> Any:
    from lxml.html import HTMLParser, document_fromstring

    # bytes, because lxml refuses a str with an XML declaration of an encoding
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    root = document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    for element in list(root.iter(*_GONE)):
        _drop(element)
    for element in list(root.iter()):
        if isinstance(element.tag, str) and _HIDDEN.search(element.get("style", "")):
            _drop(element)
    return root


def _drop(element: Any) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _without(root: Any, paths: Iterable[str]) -> bool:
    changed = False
    for path in paths:
        for element in root.xpath(path):
            if element.tag not in ("html", "body"):
                _drop(element)
                changed = True
    return changed


def _without_following(root: Any) -> bool:
    """Drops the first mark of a quote and everything behind it, in each of its parents."""
    marks = root.xpath(" | ".join(_QUOTES_TO_THE_END))
    if not marks:
        return False
    element = marks[0]
    while element is not None and element.tag not in ("body", "html"):
        for later in list(element.itersiblings()):
            _drop(later)
        element.tail = None
        element = element.getparent()
    _drop(marks[0])
    return True


def _cited(root: Any) -> Iterator[str]:
    for image in root.iter("img"):
        found = _CID.match(image.get("src", "").strip())
        if found:
            yield found[1].strip()


def _text(root: Any) -> str:
    """The text as a person sees it. Styles go, because an indentation of a million characters is one of them."""
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.html_engine import Inscriptis
    from inscriptis.model.config import ParserConfig

    if not _is_tame(root):
        return clean(_plain(root))
    for element in root.iter():
        element.attrib.pop("style", None)
        element.attrib.pop("align", None)
        element.attrib.pop("valign", None)
        element.attrib.pop("start", None)
    try:
        return clean(Inscriptis(root, ParserConfig(css=CSS_PROFILES["strict"].copy())).get_text())
    except Exception:
        return clean(_plain(root))


def _is_tame(root: Any) -> bool:
    depth: dict[Any, int] = {root: 0}
    rows = widest = 0
    for place, element in enumerate(root.iterdescendants()):
        if place > MOST_ELEMENTS:
            return False
        depth[element] = depth[element.getparent()] + 1
        if depth[element] > MOST_DEPTH:
            return False
        rows += element.tag == "tr"
        if element.tag in ("td", "th"):
            widest = max(widest, sum(map(len, element.itertext())))
        if rows * widest > MOST_TABLE_AREA:
            return False
    return True


def _plain(root: Any) -> str:
    """Text and line breaks only, for pages that no layout can be made of."""
    from lxml.etree import iterwalk

    found: list[str] = []
    for event, element in iterwalk(root, events=("start", "end")):
        if event == "start":
            if element.tag in _BLOCKS or element.tag == "br":
                found.append("\n")
            found.append(_BLANKS.sub(" ", (element.text or "").replace("\n", " ")))
        else:
            if element.tag in _BLOCKS:
                found.append("\n")
            found.append(_BLANKS.sub(" ", (element.tail or "").replace("\n", " ")))
    return re.sub(r"\n{3,}", "\n\n", "".join(found)).strip()

"""Bytes of a stranger's mail → text. Total: whatever the label says, text comes out, without NUL and half characters.

Labels lie. So bytes that are valid UTF-8 beyond ASCII are read as UTF-8 where the label is a single-byte one, and what a
label calls ASCII or Latin-1 is read as windows-1252, as every mail program does (encoding.spec.whatwg.org#names-and-labels).
"""

from __future__ import annotations

import codecs
import re

_FALLBACK = "cp1252"
_LATIN = frozenset({"ascii", "iso8859-1", "cp1252"})
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "iso8859-9": "cp1254"}
"""What is labelled with a small set is written with the larger one that grew out of it."""

_MULTIBYTE = frozenset({"gb18030", "big5", "big5hkscs", "cp932", "cp949", "cp950", "euc_jp", "euc_jis_2004", "johab"})
_STATEFUL = frozenset({"utf-7", "hz", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_kr"})
_WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
_SINGLE = re.compile(r"ascii|iso8859-\d{1,2}|cp\d{3,4}|koi8-[ru]|mac-[a-z]+|tis-620|hp-roman8")
_LABEL = re.compile(r"[A-Za-z0-9_.:+ -]{1,40}")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNWANTED = re.compile("[\0\x01-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff]")


def decoded(data: bytes, label: str | None) -> str:
    """The text of these bytes, as good as it can be had. Line ends become ``\\n``; control characters but tab go."""
    return clean(_decoded(data, label))


def unlabelled(data: bytes) -> str:
    """Raw 8-bit bytes of a header line: UTF-8 if they are, else windows-1252."""
    return _first_that_fits(data, "utf-8") or data.decode(_FALLBACK, "replace")


def clean(text: str) -> str:
    """The text as it can be stored: line ends as ``\\n``, no NUL, no other control character but tab, no half characters."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _decoded(data: bytes, label: str | None) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) if name == "utf-8" else 0 :].decode(name, "replace")
    name = _codec(label)
    if name in _STATEFUL or name in _WIDE:
        if name in _WIDE and b"\0" not in data and data.isascii():
            return data.decode("ascii")  # called wide, but every byte is a letter: the label was left over
        return data.decode(name, "replace")
    if data.isascii():
        return data.decode("ascii")
    if name in _MULTIBYTE:
        return _first_that_fits(data, name, "utf-8") or data.decode(name, "replace")
    return _first_that_fits(data, "utf-8", name) or data.decode(name, "replace")


def _first_that_fits(data: bytes, *names: str) -> str | None:
    for name in names:
        try:
            return data.decode(name)
        except UnicodeError:
            continue
    return None


def _codec(label: str | None) -> str:
    """Name of the codec to use. Only text encodings of mail: Python knows others that are slow (punycode) or no charset."""
    if not label or not _LABEL.fullmatch(label):
        return _FALLBACK
    try:
        name = codecs.lookup(label.strip()).name
    except (LookupError, ValueError):
        return _FALLBACK
    name = _WIDER.get(name, name)
    if name in _LATIN:
        return _FALLBACK
    if name == "utf-8-sig":
        return "utf-8"
    known = name == "utf-8" or name in _MULTIBYTE or name in _STATEFUL or name in _WIDE or _SINGLE.fullmatch(name)
    return name if known else _FALLBACK

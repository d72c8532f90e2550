"""Money as people write it, in whole rupiah ("20rb" → 20000, shown as "Rp20.000")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.dialogue.understanding.words import Span, Wording, wording

_LARGEST = 10**15
_SCALES = {
    **dict.fromkeys(("rb", "rbu", "ribu", "k", "thousand"), 10**3),
    **dict.fromkeys(("jt", "juta", "jeti", "million"), 10**6),
    **dict.fromkeys(("m", "miliar", "milyar"), 10**9),
    "triliun": 10**12,
}
_SPOKEN = {
    "goceng": 5_000,
    "ceban": 10_000,
    "goban": 50_000,
    "cepek": 100,
    "gopek": 500,
    "seribu": 1_000,
    "sejuta": 1_000_000,
    "cepe": 100_000,
}
_UNITS = ("dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas")
_DIGITS = {name: value for value, name in enumerate(_UNITS, 2)} | {"seratus": 100}
_MONEY_BEFORE = frozenset(
    {
        "rp",
        "idr",
        "bayar",
        "dibayar",
        "membayar",
        "diminta",
        "minta",
        "seharga",
        "biaya",
        "tarif",
        "uang",
        "pungut",
        "dipungut",
        "ditarik",
    }
)
_NUMBER = re.compile(r"\d{1,12}(?:[.,]\d{1,3}){0,4}")


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money in rupiah, the words that said it, and the way a summary writes it ("Rp20.000")."""

    rupiah: int
    words: str
    span: Span
    text: str


def find_amounts(text: str | Wording) -> tuple[Amount, ...]:
    """Every sum of money in the order of the text. A bare number is money only after "Rp" or when it is paid."""
    told = wording(text)
    norms = [word.norm for word in told.words]
    found: list[Amount] = []
    index = 0
    while index < len(norms):
        read = _sum_at(norms, index)
        if read is None:
            index += 1
            continue
        rupiah, after = read
        first = index - (index > 0 and norms[index - 1] in {"rp", "idr"})
        first -= first == index and index > 1 and norms[index - 1] == "." and norms[index - 2] == "rp" and 2
        span = told.word_span(first, after)
        found.append(Amount(rupiah, told.said(span), span, "Rp" + f"{rupiah:,}".replace(",", ".")))
        index = after
    return tuple(found)


def _sum_at(norms: list[str], index: int) -> tuple[int, int] | None:
    told, following = norms[index], norms[index + 1] if index + 1 < len(norms) else ""
    if told in _SPOKEN and told not in {"cepek", "gopek"}:
        return _SPOKEN[told], index + 1
    if told in _DIGITS:
        return _named(norms, index)
    if not _NUMBER.fullmatch(told):
        return None
    before = norms[index - 1] if index else ""
    if following in _SCALES and (
        following not in {"m", "k"} or before in _MONEY_BEFORE or (following == "k" and "." not in told)
    ):
        value = float(told.replace(".", "").replace(",", ".") if "," in told else _maybe_decimal(told)) * _SCALES[following]
        return _bounded(value, index + 2)
    value = float(re.sub(r"(?:,\d{1,2}|\.00)$", "", told).replace(".", "").replace(",", ""))
    rupiah_sign = before in {"rp", "idr"} or (before == "." and index > 1 and norms[index - 2] == "rp")
    paid = before in _MONEY_BEFORE or following in {"rupiah", "perak"}
    grouped = re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d{2})?", told) is not None
    if rupiah_sign or (paid and (grouped or 500 <= value < 10**9)) or following in {"rupiah", "perak"}:
        return _bounded(value, index + 1 + (following in {"rupiah", "perak"}))
    return None


def _maybe_decimal(told: str) -> str:
    """ "1.5 juta" has a decimal point, "1.500 ribu" a mark of thousands."""
    return told if re.fullmatch(r"\d+\.\d{1,2}", told) else told.replace(".", "")


def _named(norms: list[str], index: int) -> tuple[int, int] | None:
    """ "dua puluh ribu", "lima ratus ribu", "dua juta"."""
    total, at = 0, index
    while at < len(norms) and at < index + 8:
        norm = norms[at]
        if norm in _DIGITS:
            total += _DIGITS[norm]
        elif norm == "puluh":
            total = total // 10 * 10 + total % 10 * 10 if total > 9 else total * 10
        elif norm == "ratus":
            total *= 100
        elif norm == "belas":
            total += 10
        elif norm in {"ribu", "rb", "juta", "jt"} and total:
            return _bounded(float(total * _SCALES[norm]), at + 1 + (norms[at + 1 : at + 2] == ["rupiah"]))
        else:
            return None
        at += 1
    return None


def _bounded(value: float, after: int) -> tuple[int, int] | None:
    return (round(value), after) if 0 < value <= _LARGEST else None

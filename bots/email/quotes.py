"""What a person wrote himself, without what his program put around it: quotes, signatures, disclaimers.

Line by line, in one pass, with bounded patterns: the libraries that do this know no Indonesian, and the best of them is
quadratic on hostile text. Rather too much is kept than a citizen's sentence lost: the whole text is always there too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_LINES = 5_000
MOST_LINE_CHARACTERS = 400
"""Of a line that may be more than words: longer ones are prose."""

_QUOTED = re.compile(r"\s{0,3}[>|»]")
_BEGINS = re.compile(r"\s{0,4}[*_\"']?(?:On|Pada|Am|Le|El|Op)\b", re.IGNORECASE)
_WROTE = re.compile(
    r"\b(?:wrote|writes|menulis|menuliskan|berkata|schrieb|a écrit|escribió|schreef)[*_]?\s?[:：][*_]?\s*$", re.IGNORECASE
)
_DATED = re.compile(r"\d{1,2}[.:]\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}/\d{1,2}/\d{2}")
_NAMED_FIRST = re.compile(
    r"(?:\d{4}-\d\d-\d\d \d\d[.:]\d\d\b)?[^<>]{0,120}<[^<>@\s]{1,64}@[^<>\s]{1,250}>\s*"
    r"(?:(?:wrote|menulis)\b.{0,80})?[:：]\s*$",
    re.IGNORECASE,
)
_RUNS_ON = re.compile(
    r"\s{0,4}(?:On|Pada)\b[^<>]{0,200}<[^<>@\s]{1,64}@[^<>\s]{1,250}>\s{0,4}(?:wrote|menulis)\s?[:：]", re.IGNORECASE
)
"""Yahoo on phones goes on with the quote in the same line."""
_SEPARATOR = re.compile(
    r"\s*(?:[-_*=]{2,}\s*)?(?:"
    r"original message|original appointment|pesan asli|pesan awal|forwarded message|pesan (?:yang )?(?:di)?terus(?:kan|an)|"
    r"pesan terusan|email asli|reply message|pesan balasan|mensaje original|begin forwarded message|"
    r"awal pesan (?:yang )?(?:di)?terus(?:kan|an)|mulai pesan (?:yang )?(?:di)?terus(?:kan|an)"
    r")\s*:?\s*(?:[-_*=]{2,})?\s*",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*(?:_{10,}|-{20,}|={20,})\s*")
_FROM = re.compile(r"\s*[*_]{0,2}(?:From|Dari|Pengirim)\s?:[*_]{0,2}\s*\S", re.IGNORECASE)
_FIELD = re.compile(
    r"\s*[*_]{0,2}(?:(Sent|Dikirim|Terkirim|Date|Tanggal|Tgl)|To|Kepada|Ke|Untuk|Cc|Tembusan|Salinan|Subject|Perihal|Subjek|"
    r"Judul|Reply-To|Balas ke|Importance|Kepentingan|Attachments|Lampiran)\s?:[*_]{0,2}",
    re.IGNORECASE,
)
_MOBILE = re.compile(
    r"\s*(?:(?:dikirim|terkirim|kirim|sent)\s+(?:dari|from|via|using|with|lewat|menggunakan|melalui|by)\b"
    r"(?=.{0,80}\b(?:iphone|ipad|ipod|android|ponsel|hp|hape|smartphone|samsung|galaxy|xiaomi|redmi|mi|poco|oppo|vivo|realme|"
    r"infinix|huawei|nokia|sony|asus|lg|blackberry|yahoo|outlook|gmail|mail|email|windows|perangkat|telepon|handphone|tablet|"
    r"mobile|phone|device|aplikasi)\b)(?:\s+\S{1,60}){1,12}|"
    r"(?:get|dapatkan|unduh|download)\s+(?:outlook|gmail|bluemail|spark)\b.{0,120}|"
    r"(?:yahoo mail|aplikasi gmail)\b.{0,80}|(?:bebas virus|virus-free)\b.{0,80}|"
    r"\[?cid:[^\s\]]{1,200}\]?)\s*",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"[\s*_=-]*(?:disclaimer|confidential|kerahasiaan|pernyataan kerahasiaan|this (?:e-?mail|message|communication)|"
    r"the (?:information|contents?)\b.{0,40}\b(?:e-?mail|message)|(?:e-?mail|surel|surat elektronik|pesan) ini\b|"
    r"(?:informasi|isi)\b.{0,40}\b(?:e-?mail|surel|pesan) ini|perhatian\s*:|peringatan\s*:|please consider the environment|"
    r"privileged)",
    re.IGNORECASE,
)
_NOTICE_WORDS = re.compile(
    r"confidential|privileged|intended (?:solely|only|recipient|for)|rahasia|penerima yang (?:dituju|dimaksud|berhak)|"
    r"hanya (?:di)?(?:tujukan|untuk penerima|diperuntukkan)|unauthori[sz]ed|disclaimer|before printing",
    re.IGNORECASE,
)
_THANKS = r"terima kasih(?: (?:banyak|sebelumnya|dan salam))?|makasih|thank you|thanks|many thanks"
_SIGNS_OFF = re.compile(
    rf"\s*(?:(?:salam|hormat)(?: (?:hormat|hangat|sejahtera|takzim|saya|kami|dan terima kasih))?|"
    rf"wassalam\w{{0,20}}(?: ?w[rb.]{{1,3}}){{0,3}}|{_THANKS}|demikian(?:,? terima kasih)?|"
    rf"(?:best|kind|warm|yours)?\s?(?:regards|wishes|sincerely|faithfully)|"
    rf"sincerely(?: yours)?|cheers|ttd|tertanda|pelapor)[\s,.;!]*",
    re.IGNORECASE,
)
_THANKED = re.compile(rf"\s*(?:{_THANKS})[\s,.;!]*", re.IGNORECASE)
_NAMED = re.compile(
    r"\s*\(?[^\W\d_](?:[^\W\d_]|[.'’-]){0,30},?(?:\s{1,3}[^\W\d_](?:[^\W\d_]|[.'’-]){0,30},?){0,3}\)?\s*|"
    r"\s*(?:(?:hp|no|nomor|telp?|telepon|wa|whatsapp|phone|mobile|e-?mail|surel|nik)\b[\s.:/]{0,4}){0,3}"
    r"(?:\+?\d[\d\s().-]{6,25}|[^\s@]{1,64}@[^\s@]{1,80})\s*",
    re.IGNORECASE,
)
"""A name, a number or an address that signs; a sentence or a place is none."""
_SALUTES = re.compile(
    r"\s*(?:(?:kepada\s+)?(?:yth|yang terhormat|yang kami hormati)\b[^\n]{0,80}|dengan hormat|dear\b[^\n,]{0,60})[\s,.:;]*",
    re.IGNORECASE,
)
_MOST_SIGNATURE_LINES = 20
_MOST_NAMES = 4


def own(text: str, *, answers: bool) -> str:
    """The newest own part of a text. Empty where a mail that `answers` another holds nothing but its quote.

    `answers` False: a first mail. What it quotes or forwards is its story, and only signatures and notices go.
    """
    lines = text.split("\n")
    head, tail = lines[:MOST_LINES], lines[MOST_LINES:]
    kept = _unquoted(head) if answers else head
    if kept is head and tail:
        return tidy(text)
    mine = _unsigned(kept)
    return tidy("\n".join(_unaddressed(mine) if answers else mine))


def tidy(text: str) -> str:
    """Without blanks at the ends of lines, and never more than one empty line."""
    lines = [line.rstrip(" \t\xa0") for line in text.split("\n")]
    found: list[str] = []
    for line in lines:
        if line or (found and found[-1]):
            found.append(line)
    return "\n".join(found).strip()


def _unquoted(lines: Sequence[str]) -> list[str]:
    """Everything above the quote; of a quote marked with ">" also what stands between and below its lines."""
    kept: list[str] = []
    marks = sum(1 for line in lines if _QUOTED.match(line))
    place = 0
    attributed = False
    while place < len(lines):
        line = lines[place]
        if _QUOTED.match(line) and (marks > 1 or attributed):
            place += 1
            continue
        length = _attribution(lines, place)
        if length:
            if not _quote_follows(lines, place + length):
                break
            attributed = True
            place += length
            continue
        if _begins_a_block(lines, place):
            break
        kept.append(line)
        place += 1
    return kept


def _attribution(lines: Sequence[str], place: int) -> int:
    """How many lines "On … wrote:" / "Pada … menulis:" takes here, which programs wrap over up to four; 0: it is none."""
    first = lines[place]
    if len(first) > MOST_LINE_CHARACTERS:
        return 0
    if _NAMED_FIRST.match(first):
        return 1
    if not _BEGINS.match(first):
        return 0
    said = ""
    for length, line in enumerate(lines[place : place + 4], 1):
        if not line.strip() or len(said) + len(line) > MOST_LINE_CHARACTERS:
            return 0
        said = f"{said} {line}".rstrip(" \t\xa0") if said else line.rstrip(" \t\xa0")
        if _RUNS_ON.match(said) and _DATED.search(said):
            return length
        if _WROTE.search(line) or _WROTE.search(said[-40:]):
            return length if _proven(lines, said, place + length) else 0
    return 0


def _proven(lines: Sequence[str], said: str, after: int) -> bool:
    """A citizen writes "Pada 3 Maret petugas menulis:" himself; a program names a moment and an address, or a quote follows."""
    if not _DATED.search(said):
        return False
    return "@" in said or _quote_follows(lines, after) or not any(line.strip() for line in lines[after : after + 20])


def _quote_follows(lines: Sequence[str], place: int) -> bool:
    following = next((line for line in lines[place : place + 4] if line.strip()), "")
    return bool(_QUOTED.match(following))


def _begins_a_block(lines: Sequence[str], place: int) -> bool:
    """ "-----Pesan Asli-----", a rule above a header block, or the block "Dari: / Dikirim: / Kepada: / Perihal:" itself."""
    line = lines[place]
    if len(line) > MOST_LINE_CHARACTERS:
        return False
    if _SEPARATOR.fullmatch(line):
        bare = not line.strip().startswith(("-", "_", "*", "="))
        return not bare or _is_block(lines, _next_line(lines, place + 1))
    if _RULE.fullmatch(line):
        return _is_block(lines, _next_line(lines, place + 1))
    return _is_block(lines, place)


def _next_line(lines: Sequence[str], place: int) -> int:
    return next((at for at in range(place, min(place + 4, len(lines))) if lines[at].strip()), len(lines))


def _is_block(lines: Sequence[str], place: int) -> bool:
    """From, and two other fields of which one is a date or the sender an address: a letter's "Kepada / Perihal" is none."""
    if place >= len(lines) or not _FROM.match(lines[place]):
        return False
    fields = 0
    dated = "@" in lines[place]
    for line in lines[place + 1 : place + 8]:
        found = _FIELD.match(line[:MOST_LINE_CHARACTERS])
        if found:
            fields += 1
            dated = dated or bool(found[1])
    return dated and fields >= 2


def _unsigned(lines: Sequence[str]) -> list[str]:
    """Without what stands at the end: "-- " and below, "Dikirim dari iPhone saya", a company's notice."""
    kept = list(lines)
    for _ in range(4):
        before = len(kept)
        while kept and (not kept[-1].strip() or _is_mobile(kept[-1]) or _is_rule_at_end(kept)):
            kept.pop()
        kept = _without_names(_without_notice(_without_signature(kept)))
        if len(kept) == before:
            break
    return kept


def _is_mobile(line: str) -> bool:
    return len(line) <= 200 and bool(_MOBILE.fullmatch(line))


def _is_rule_at_end(lines: Sequence[str]) -> bool:
    return len(lines) > 1 and bool(_RULE.fullmatch(lines[-1][:MOST_LINE_CHARACTERS]))


def _without_signature(lines: list[str]) -> list[str]:
    for at in range(len(lines) - 1, max(-1, len(lines) - _MOST_SIGNATURE_LINES - 1), -1):
        if lines[at] in ("-- ", "--", "--\xa0", "—") and any(line.strip() for line in lines[:at]):
            return lines[:at]
    return lines


def _without_names(lines: list[str]) -> list[str]:
    """A letter's end: "Salam, / Siti Aminah / HP 0812…". Thanks stay where they are all that was said."""
    names = 0
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at]
        if not line.strip():
            continue
        if len(line) > MOST_LINE_CHARACTERS:
            return lines
        if _SIGNS_OFF.fullmatch(line):
            if any(before.strip() for before in lines[:at]):
                return lines[:at]
            return lines[: at + 1] if _THANKED.fullmatch(line) else lines
        names += 1
        if names > _MOST_NAMES or len(line) > 80 or not _NAMED.fullmatch(line):
            return lines
    return lines


def _unaddressed(lines: list[str]) -> list[str]:
    """Without "Yth. Bapak/Ibu Admin," above an answer."""
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if first < len(lines) and len(lines[first]) <= MOST_LINE_CHARACTERS and _SALUTES.fullmatch(lines[first]):
        return lines[first + 1 :] if any(line.strip() for line in lines[first + 1 :]) else lines
    return lines


def _without_notice(lines: list[str]) -> list[str]:
    """The last paragraph, if it is one of the notices that companies put below every mail."""
    start = len(lines)
    while start > 0 and lines[start - 1].strip():
        start -= 1
    if start == 0 or start == len(lines):
        return lines
    paragraph = " ".join(lines[start:])[:4_000]
    if len(paragraph) > 80 and _NOTICE.match(paragraph) and _NOTICE_WORDS.search(paragraph):
        return lines[:start]
    return lines

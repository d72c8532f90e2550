"""The parts of a mail, as spans of its raw bytes: nothing is copied until somebody wants it.

The standard library's parser reads line by line and tests every line against every open boundary: with nested boundaries a
25 MB mail keeps it busy for minutes, and it holds the mail in memory several times. Here a boundary is searched for with
`bytes.find`; depth, parts, delimiters and header bytes are bounded, and what is beyond the bounds is counted.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value
from urllib.parse import unquote_to_bytes

from bots.email import headers
from bots.email.charsets import decoded

MOST_DEPTH = 12
MOST_PARTS = 500
MOST_DELIMITERS = 20_000

_GUESSED = re.compile(rb"(?:\A|\n)--([^\r\n]{1,70}?)[ \t]*\r?\n[Cc]ontent-")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_CHUNK_BYTES = 1024 * 1024
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: where it stands in the mail. `locator` is "0" for the whole mail, "0.1" for its second part, and so on.

    `beyond`: parts that were left aside because there were too many of them.
    """

    locator: str
    head: Message
    start: int
    end: int
    mime: str
    charset: str | None = None
    name: str | None = None
    disposition: str = ""
    encoding: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    children: tuple[Part, ...] = ()
    beyond: int = 0

    @property
    def cid(self) -> str:
        """The name by which HTML cites this part (RFC 2392)."""
        return "".join(headers.values(self.head, "Content-ID")[:1]).strip().strip("<>").strip()

    def walk(self) -> Iterator[Part]:
        """This part and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


class _Budget:
    """What one mail may cost."""

    def __init__(self) -> None:
        self.parts = MOST_PARTS
        self.delimiters = MOST_DELIMITERS
        self.header_bytes = headers.MOST_HEADER_BYTES * 2


def tree(raw: bytes) -> Part:
    """The parts of a mail. Never raises; a mail without parts, or with broken ones, is one part."""
    return _part(raw, 0, len(raw), "0", "text/plain", _Budget())


def content(raw: bytes, part: Part, limit_bytes: int | None = None) -> bytes:
    """The decoded bytes, of which broken ones are left out; at most about `limit_bytes`. Never raises."""
    found = bytearray()
    for chunk in chunks(raw, part):
        found += chunk
        if limit_bytes is not None and len(found) >= limit_bytes:
            return bytes(found[:limit_bytes])
    return bytes(found)


def size_of(raw: bytes, part: Part) -> int:
    """How many bytes `chunks` brings."""
    if part.encoding == "base64":
        return sum(len(raw[at:end].translate(None, _NOT_BASE64)) for at, end in _slices(part)) * 3 // 4
    if part.encoding in ("", "7bit", "8bit", "binary"):
        return part.end - part.start
    return sum(len(chunk) for chunk in chunks(raw, part))


def chunks(raw: bytes, part: Part) -> Iterator[bytes]:
    """The decoded bytes, piece by piece. Never raises."""
    if part.encoding == "base64":
        yield from _base64(raw, part)
    elif part.encoding == "quoted-printable":
        yield from _quoted(raw, part)
    elif part.encoding in ("x-uuencode", "uuencode", "x-uue"):
        yield _uuencoded(raw[part.start : part.end])
    else:
        for at, end in _slices(part):
            yield raw[at:end]


def _slices(part: Part) -> Iterator[tuple[int, int]]:
    for at in range(part.start, part.end, _CHUNK_BYTES):
        yield at, min(part.end, at + _CHUNK_BYTES)


def _base64(raw: bytes, part: Part) -> Iterator[bytes]:
    left = b""
    for at, end in _slices(part):
        letters = left + raw[at:end].translate(None, _NOT_BASE64)
        whole = len(letters) - len(letters) % 4
        left = letters[whole:]
        yield binascii.a2b_base64(letters[:whole])
    if len(left) > 1:
        yield binascii.a2b_base64(left + b"=" * (4 - len(left)))


def _quoted(raw: bytes, part: Part) -> Iterator[bytes]:
    at = part.start
    while at < part.end:
        end = min(part.end, at + _CHUNK_BYTES)
        if end < part.end:
            line = raw.rfind(b"\n", at, end)
            end = line + 1 if line >= at else end
        yield quopri.decodestring(raw[at:end])
        at = end


def _uuencoded(data: bytes) -> bytes:
    lines = data.splitlines()
    begin = next((place for place, line in enumerate(lines) if line.startswith(b"begin ")), -1)
    found = bytearray()
    for line in lines[begin + 1 :]:
        if line.strip() in (b"end", b"`"):
            break
        try:
            found += binascii.a2b_uu(line)
        except binascii.Error:
            length = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0  # some encoders write too much: cut it to its length
            try:
                found += binascii.a2b_uu(line[:length])
            except binascii.Error:
                continue
    return bytes(found)


def _part(raw: bytes, start: int, end: int, locator: str, default: str, budget: _Budget) -> Part:
    budget.parts -= 1
    head, body = headers.split(raw, start, end, min(budget.header_bytes, headers.MOST_HEADER_BYTES))
    budget.header_bytes -= body - start
    mime, parameters = _typed(head, default)
    disposition, placed = _valued(head, "Content-Disposition")
    spans: list[tuple[int, int]] = []
    beyond = 0
    if mime.startswith("multipart/"):
        if locator.count(".") < MOST_DEPTH:
            spans, beyond = _spans(raw, body, end, parameters.get("boundary", ""), budget)
        if not spans and not beyond:  # no boundary, or none that occurs: it is read as it stands
            mime = "text/plain"
    below = "message/rfc822" if mime == "multipart/digest" else "text/plain"
    children: list[Part] = []
    for place, (first, last) in enumerate(spans):
        if budget.parts <= 0:
            beyond += len(spans) - place
            break
        children.append(_part(raw, first, last, f"{locator}.{place}", below, budget))
    return Part(
        locator,
        head,
        body,
        end,
        mime,
        charset=parameters.get("charset"),
        name=placed.get("filename") or parameters.get("name"),
        disposition=disposition,
        encoding="".join(headers.values(head, "Content-Transfer-Encoding")[:1]).strip().lower(),
        parameters=parameters,
        children=tuple(children),
        beyond=beyond,
    )


def _spans(raw: bytes, start: int, end: int, boundary: str, budget: _Budget) -> tuple[list[tuple[int, int]], int]:
    """Where the parts between the delimiter lines stand (RFC 2046 §5.1.1), and how many more there were."""
    mark = boundary.rstrip().encode("utf-8", "replace")
    found = _delimited(raw, start, end, mark, budget) if mark else ([], 0)
    if not found[0] and not found[1]:
        guess = _GUESSED.search(raw, max(start - 1, 0), min(end, start + 64 * 1024))
        if guess is not None:
            return _delimited(raw, start, end, guess[1], budget)
    return found


def _delimited(raw: bytes, start: int, end: int, mark: bytes, budget: _Budget) -> tuple[list[tuple[int, int]], int]:
    line = b"--" + mark
    spans: list[tuple[int, int]] = []
    opened: int | None = None
    at = start if raw.startswith(line, start) else _after(raw.find(b"\n" + line, start, end))
    while 0 <= at < end:
        if budget.delimiters <= 0 or len(spans) >= MOST_PARTS:
            return spans, raw.count(b"\n" + line, at - 1, end)
        budget.delimiters -= 1
        after = at + len(line)
        last = raw.startswith(b"--", after, end)
        stop = raw.find(b"\n", after, end)
        stop = stop if stop >= 0 else end
        if not raw[after + 2 * last : min(stop, after + 80)].strip():
            if opened is not None:
                spans.append((opened, max(opened, _before_break(raw, at))))
            opened = None if last else min(stop + 1, end)
            if last:
                break
        at = _after(raw.find(b"\n" + line, after - 1, end))
    if opened is not None and opened < end:
        spans.append((opened, end))
    return spans, 0


def _before_break(raw: bytes, at: int) -> int:
    """The line break before a delimiter belongs to the delimiter."""
    close = at - (raw[at - 1 : at] == b"\n")
    return close - (raw[close - 1 : close] == b"\r")


def _after(place: int) -> int:
    return place + 1 if place >= 0 else -1


def _typed(head: Message, default: str) -> tuple[str, dict[str, str]]:
    mime, parameters = _valued(head, "Content-Type")
    if not mime:
        return default, parameters
    return (mime if _TYPE.fullmatch(mime) else "application/octet-stream" if "/" in mime else "text/plain"), parameters


def _valued(head: Message, name: str) -> tuple[str, dict[str, str]]:
    """A header's value and its parameters, RFC 2231 and 2047 undone. Never raises."""
    found = headers.values(head, name)
    if not found:
        return "", {}
    try:
        alone = Message()
        alone["Content-Type"] = found[0][:2000]
        listed = alone.get_params(failobj=[]) or []
        value = str(listed[0][0]).strip().lower() if listed else ""
        return value, {str(key).lower(): _parameter(said) for key, said in listed[1:] if said}
    except Exception:  # parameters that nobody should write, like a part number of four thousand digits
        return found[0].partition(";")[0].strip().lower(), {}


def _parameter(said: object) -> str:
    if isinstance(said, tuple):
        label, _, value = said
        return decoded(str(value).encode("latin-1", "replace"), label)
    value = collapse_rfc2231_value(str(said))
    if value[:7].lower() == "utf-8''":  # written as RFC 2231 but without the star
        value = decoded(unquote_to_bytes(value[7:]), "utf-8")
    return headers.words(value)

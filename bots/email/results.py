"""Authentication-Results (RFC 8601): what the office's own MTA found out about a mail's author. Pure and total."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_CHARACTERS = 8_192

_METHOD = re.compile(r"\s*([a-z0-9-]+)\s*(?:/\s*\d+\s*)?=\s*([a-z0-9]+)(?=[\s;]|$)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b([a-z]+)\s*\.\s*([a-z0-9-]+)\s*=\s*((?:\"[^\"]*\"|[^\s;\"])+)|\"[^\"]*\"", re.IGNORECASE)
"""Or a quoted string that is no property's: what stands in it is nobody's word. A value may be quoted in part: "a b"@c.id."""
_SHARED = re.compile(r"(ac|biz|com?|desa|edu|go[bv]?|gouv|id|info|kab|mil|my|net?|nom|org?|ponpes|sch|web)\.[a-z]{2}")
"""Second-level names under which strangers register, before a two-letter country: co.id, go.id, com.au."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Is the author's address proven (`pass`), disproven (`fail`) or neither (`none`), and by whose word."""

    result: str
    domain: str = ""


NONE = Verdict("none")


@dataclass(frozen=True, slots=True)
class Finding:
    """One method's result with its properties, as "header.d" → "example.go.id"."""

    method: str
    result: str
    properties: dict[str, str]


def verdict_of(values: Sequence[str], authserv_id: str, author: str) -> Verdict | None:
    """What our MTA said: only its topmost header counts, others with its name are a stranger's. None: it said nothing."""
    for value in values:
        parts = _parts(_without_comments(value[:MOST_CHARACTERS]))
        if next(parts, "").split()[:1] == [authserv_id]:
            return _judged([finding for part in parts if (finding := _finding(part))], author)
    return None


def aligned(signer: str, author: str) -> bool:
    """May this domain speak for this address? Its own, or a parent of it that is somebody's own (never "co.id").

    Narrower than RFC 7489's relaxed alignment, which needs the list of public suffixes: a child never speaks for its parent.
    """
    signer, domain = _domain(signer), _domain(author)
    if not is_somebodys(signer):
        return False
    return domain == signer or domain.endswith(f".{signer}")


def is_somebodys(domain: str) -> bool:
    """Two labels at least, and not a name under which anybody may register."""
    labels = domain.split(".")
    if len(labels) < 2 or not all(labels):
        return False
    return _SHARED.fullmatch(domain) is None


def _judged(findings: Sequence[Finding], author: str) -> Verdict:
    failed = NONE
    for finding in findings:
        speaker = _speaker(finding, author)
        if speaker is None:
            continue
        if finding.result == "pass":
            return Verdict("pass", speaker)
        if finding.result == "fail" and finding.method != "spf":  # forwarding breaks SPF: it disproves nothing
            failed = Verdict("fail", speaker)
    return failed


def _speaker(finding: Finding, author: str) -> str | None:
    """The domain that this result is about, if it may speak for the author."""
    match finding.method:
        case "dkim":
            named = [finding.properties.get("header.d"), finding.properties.get("header.i")]
        case "spf":
            named = [finding.properties.get("smtp.mailfrom")]
        case "dmarc":  # alignment is what DMARC checks; it names the author's domain
            domain = _domain(finding.properties.get("header.from", ""))
            return domain if domain == _domain(author) else None
        case _:
            return None
    said = next((name for name in named if name), "")
    return _domain(said) if aligned(said, author) else None


def _domain(name: str) -> str:
    """The domain of an address or of itself."""
    return name.rpartition("@")[2].lower().rstrip(".")


def _finding(part: str) -> Finding | None:
    found = _METHOD.match(part)
    if not found or part.count('"') % 2:  # a string without end: nobody knows whose word the rest is
        return None
    properties: dict[str, str] = {}
    for kind, name, value in _PROPERTY.findall(part[found.end() :]):
        if value:
            properties.setdefault(f"{kind}.{name}".lower(), value.strip('"'))
    return Finding(found[1].lower(), found[2].lower(), properties)


def _parts(text: str) -> Iterator[str]:
    """What stands between semicolons outside quotes, the first one in lower case."""
    part: list[str] = []
    quoted = False
    first = True
    for letter in text:
        quoted ^= letter == '"'
        if letter == ";" and not quoted:
            yield "".join(part).lower() if first else "".join(part)
            part, first = [], False
        else:
            part.append(letter)
    yield "".join(part).lower() if first else "".join(part)


def _without_comments(text: str) -> str:
    """Comments (nested, with backslashes) hold words that nobody vouches for."""
    kept: list[str] = []
    depth = 0
    quoted = escaped = False
    for letter in text:
        if escaped:
            escaped = False
            if not depth:
                kept.append("_" if letter == '"' else letter)  # it ends no quoted string
            continue
        if letter == "\\":
            escaped = True
            continue
        if letter == '"' and not depth:
            quoted = not quoted
        if letter == "(" and not quoted:
            depth += 1
        elif letter == ")" and not quoted and depth:
            depth -= 1
            kept.append(" ")
            continue
        if not depth:
            kept.append(letter)
    return "".join(kept)

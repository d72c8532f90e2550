"""What stands in a mail: which of its parts are its words, which its files, and what of the words is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bots.email import html, parts, quotes
from bots.email.charsets import decoded
from bots.email.parts import Part

MOST_TEXT_BYTES = 1024 * 1024
"""Of one part that is read as words."""
MOST_CHARACTERS = 100_000
"""Of a mail's whole text; the raw mail keeps the rest."""
MOST_HTML_CHARACTERS = html.MOST_CHARACTERS
"""Of all the HTML in a mail: laying it out takes two seconds for so much at the worst. What is beyond is not read."""
MOST_NESTED = 3
SHORT_CHARACTERS = 120
"""A plain twin up to so long may only say that the mail is HTML."""


@dataclass(slots=True)
class Patience:
    """What reading one mail, with all that is in it, may still cost."""

    html_characters: int = MOST_HTML_CHARACTERS


@dataclass(slots=True)
class Words:
    """Texts in reading order, and everything else. `cited`, `own_cited`: see `html.Page`."""

    patience: Patience = field(default_factory=Patience)
    whole: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    cited: set[str] = field(default_factory=set)
    own_cited: set[str] = field(default_factory=set)
    beyond: int = 0
    encrypted: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """`text`: the newest own words; `whole`: all of them. `decoration`: content ids that only a quote or signature cites."""

    text: str
    whole: str
    files: tuple[Part, ...]
    decoration: frozenset[str]
    beyond: int
    notes: tuple[str, ...]


def read(raw: bytes, root: Part, *, answers: bool, to_us: bool) -> Body:
    """`answers`: the mail answers another one; `to_us`: that one was ours, so a mere quote of it is no word of the sender."""
    words = _collected(raw, root)
    whole = quotes.tidy("\n\n".join(text for text in words.whole if text.strip()))
    own_source = "\n\n".join(text for text in words.own if text.strip()) if answers else whole
    text = quotes.own(own_source, answers=answers)
    notes = [] if not words.encrypted else ["encrypted"]
    if not text and answers and not to_us:
        text = whole
    if not text and not answers:
        nested = _nested_story(raw, words.files, words.patience)
        if nested:
            text = whole = nested
            notes.append("forwarded")
    if words.cut or len(whole) > MOST_CHARACTERS or len(text) > MOST_CHARACTERS:
        notes.append("truncated")
    decoration = frozenset(words.cited - words.own_cited) if answers else frozenset()
    return Body(text[:MOST_CHARACTERS], whole[:MOST_CHARACTERS], tuple(words.files), decoration, words.beyond, tuple(notes))


def _collected(raw: bytes, root: Part, patience: Patience | None = None) -> Words:
    words = Words(patience or Patience())
    _collect(raw, root, words)
    if not any(text.strip() for text in words.whole):  # gateways of phones give the words a file's name
        named = next((part for part in words.files if part.mime == "text/plain" and part.disposition != "attachment"), None)
        if named is not None:
            words.files.remove(named)
            _say(words, *_texts(raw, named, words))
    return words


def _collect(raw: bytes, part: Part, words: Words) -> None:
    words.beyond += part.beyond
    if part.mime == "multipart/alternative":
        _alternative(raw, part, words)
    elif part.mime == "multipart/signed" and part.children:
        _collect(raw, part.children[0], words)
        for child in part.children[2:]:  # whatever follows the seal was added on the way
            _collect(raw, child, words)
    elif part.mime == "multipart/encrypted":
        words.encrypted = True
        words.files.extend(child for child in part.children if not child.children)
    elif part.children:
        for child in part.children:
            _collect(raw, child, words)
    elif _is_words(part):
        _say(words, *_texts(raw, part, words))
    else:
        words.encrypted = words.encrypted or part.mime in ("application/pkcs7-mime", "application/x-pkcs7-mime")
        words.files.append(part)


def _alternative(raw: bytes, part: Part, words: Words) -> None:
    """Several forms of one text: the plain one where it says something, else the richest that does."""
    plain = next((child for child in part.children if child.mime == "text/plain" and _is_words(child)), None)
    rich = [child for child in part.children if child is not plain]
    before = len(words.whole)
    if plain is not None:
        whole, own = _texts(raw, plain, words)
        if len(whole.strip()) > SHORT_CHARACTERS:
            _say(words, whole, own)
            for child in rich:
                _collect_files(raw, child, words)
            return
        richer = Words(words.patience)
        for child in rich:
            _collect(raw, child, richer)
        said = sum(len(text.strip()) for text in richer.whole)
        if whole.strip() and said <= 5 * len(whole.strip()) + SHORT_CHARACTERS:
            richer.whole, richer.own = [whole], [own]
        _merge(words, richer)
        return
    for child in reversed(rich):  # RFC 2046 §5.1.4: the last is the richest
        if len(words.whole) == before:
            _collect(raw, child, words)
        else:
            _collect_files(raw, child, words)


def _collect_files(raw: bytes, part: Part, words: Words) -> None:
    """The files and cited images below a form of the text that is not read."""
    if part.mime == "text/html" and b"cid:" not in parts.content(raw, part, MOST_TEXT_BYTES).lower():
        return
    below = Words(words.patience)
    _collect(raw, part, below)
    below.whole, below.own = [], []
    _merge(words, below)


def _merge(words: Words, other: Words) -> None:
    words.whole += other.whole
    words.own += other.own
    words.files += other.files
    words.cited |= other.cited
    words.own_cited |= other.own_cited
    words.beyond += other.beyond
    words.encrypted = words.encrypted or other.encrypted
    words.cut = words.cut or other.cut


def _say(words: Words, whole: str, own: str) -> None:
    words.whole.append(whole)
    words.own.append(own)


def _is_words(part: Part) -> bool:
    return part.mime in ("text/plain", "text/html") and part.disposition != "attachment" and not part.name


def _texts(raw: bytes, part: Part, words: Words) -> tuple[str, str]:
    """The whole text of a part, and what is left of it where HTML marks its quotes."""
    data = parts.content(raw, part, MOST_TEXT_BYTES)
    words.cut = words.cut or len(data) >= MOST_TEXT_BYTES
    text = decoded(data, part.charset)
    if part.mime == "text/html":
        allowed = words.patience.html_characters
        words.patience.html_characters -= min(len(text), allowed)
        words.cut = words.cut or len(text) > allowed
        page = html.read(text[:allowed])
        words.cited |= page.cited
        words.own_cited |= page.own_cited
        words.cut = words.cut or page.cut
        return page.whole, page.own
    if part.parameters.get("format", "").lower() == "flowed":
        text = "\n".join(_unflowed(text, part.parameters.get("delsp", "").lower() == "yes"))
    return text, text


def _unflowed(text: str, delsp: bool) -> Iterator[str]:
    """Paragraphs of format=flowed text (RFC 3676 §4): a line that ends with a blank goes on in the next of its quote depth."""
    waiting: list[str] = []
    depth = 0
    for line in text.split("\n"):
        bare = line.lstrip(">")
        marks = len(line) - len(bare)
        bare = bare[1:] if bare.startswith(" ") else bare  # §4.4: space-stuffing
        if waiting and marks != depth:
            yield _joined(waiting, depth)
            waiting = []
        depth = marks
        flows = bare.endswith(" ") and bare != "-- "
        waiting.append(bare[:-1] if flows and delsp else bare)
        if not flows:
            yield _joined(waiting, depth)
            waiting = []
    if waiting:
        yield _joined(waiting, depth)


def _joined(lines: list[str], depth: int) -> str:
    return f"{'>' * depth}{' ' if depth else ''}{''.join(lines)}"


def _nested_story(raw: bytes, files: list[Part], patience: Patience, depth: int = 0) -> str:
    """The words of a mail that somebody forwarded without a word of his own."""
    for part in files:
        if part.mime != "message/rfc822" or depth >= MOST_NESTED:
            continue
        inner = parts.content(raw, part)
        words = _collected(inner, parts.tree(inner), patience)
        text = quotes.tidy("\n\n".join(words.whole)) or _nested_story(inner, words.files, patience, depth + 1)
        if text:
            return text
    return ""

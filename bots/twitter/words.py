"""A post's text as its author meant it: without the vendor's links, escapes and names at the head. Pure and linear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from bots.twitter.judging import LEADING, naming
from bots.twitter.wire import Event, Link, Tweet

_SHORT = re.compile(r"https?://t\.co/[A-Za-z0-9]{1,40}")
_OWN_MEDIA = re.compile(
    r"https?://(?:www\.)?(?:twitter|x)\.com/"
    r"(?:[^/\s]{1,60}/status/[0-9]{1,19}/(?:photo|video)/[0-9]{1,3}|messages/media/[0-9]{1,19})"
)
_SPACES, _LINES = re.compile(r"[ \t\u00a0]+"), re.compile(r"\n{3,}")
_NUMBER = r"(?:\(|\[)?([0-9]{1,2})(?:/([0-9]{0,2}))(?:\)|\])?"
_AT_HEAD = re.compile(rf"\A\s*(?:\U0001f9f5\s*)?{_NUMBER}(?:[.:)]\s*|\s+|\Z)")
_AT_END = re.compile(rf"(?:\A|(?<=\s)){_NUMBER}\s*(?:\U0001f9f5\s*)?\Z")
_THREAD_SIGN = "\U0001f9f5"


def of_tweet(tweet: Tweet, *, handle: str, hashtag: str) -> str:
    """The words, without our name and our hashtag. A reply's other names at the head were put there by X and go too."""
    text = tweet.words
    if tweet.refers("replied_to") and (head := LEADING.match(text)):
        text = text[head.end() :]
    text = naming(handle).sub(" ", text)
    if hashtag:
        text = re.sub(rf"(?<![\w&])[#\uff03]{re.escape(hashtag)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return _tidy(_unescaped(_linked(text, tweet.links)))


def of_event(event: Event) -> str:
    """The words of a direct message; the link to its own media, which X puts at the end, is no word of the person."""
    text = _linked(event.text, event.entities.urls)
    own_links = len(event.attachments.media_keys)
    if own_links and not any(link.media_key or _is_media(link) for link in event.entities.urls):
        found = list(_SHORT.finditer(text))
        for link in reversed(found[-own_links:]):
            if not text[link.end() :].strip():
                text = text[: link.start()]
    return _unescaped(text).strip()


def unnumbered(texts: Sequence[str]) -> list[str]:
    """The parts of a thread without "1/3", "2/3", "3/3", at their head or end: only where the numbers really count on."""
    found = [_AT_HEAD.search(text) or _AT_END.search(text) for text in texts]
    told = [(int(one[1]), int(one[2]) if one[2] else None) for one in found if one]
    plain = list(texts)
    if len(told) > 1 and _count_on(told):
        plain = [text[: one.start()] + text[one.end() :] if one else text for text, one in zip(texts, found, strict=True)]
    return [text.replace(_THREAD_SIGN, "").strip() for text in plain]


def _count_on(told: Sequence[tuple[int, int | None]]) -> bool:
    numbers = [number for number, _ in told]
    wholes = {whole for _, whole in told if whole is not None}
    steady = all(after == before + 1 for before, after in pairwise(numbers))
    return steady and len(wholes) <= 1 and all(whole is None or number <= whole for number, whole in told)


def _linked(text: str, links: Sequence[Link]) -> str:
    """Each short link as what it stands for; one to the post's own media as nothing."""
    known = {link.url: link for link in links if link.url}

    def meant(found: re.Match[str]) -> str:
        link = known.get(found[0])
        if link is None:
            return found[0]
        if link.media_key or _is_media(link):
            return " "
        return link.unwound_url or link.expanded_url or found[0]

    return _SHORT.sub(meant, text)


def _is_media(link: Link) -> bool:
    return link.expanded_url is not None and _OWN_MEDIA.fullmatch(link.expanded_url) is not None


def _unescaped(text: str) -> str:
    """X escapes these three characters in the texts of posts and messages."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _tidy(text: str) -> str:
    lines = (_SPACES.sub(" ", line).strip() for line in text.replace("\r\n", "\n").split("\n"))
    return _LINES.sub("\n\n", "\n".join(lines)).strip()

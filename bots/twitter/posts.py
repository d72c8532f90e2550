"""What may be posted where everybody reads along: short, and without a link, which would cost thirteen times as much. Pure."""

from __future__ import annotations

import re
import unicodedata

POST_WEIGHT = 280  # docs.x.com/fundamentals/counting-characters
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # the same page: these weigh one, all others two
_LINK = re.compile(r"https?:|(?<![@\w.-])[\w-]+(\.[\w-]+)*\.[^\W\d_]{2,}(?![\w.-]*@)", re.IGNORECASE)
_TWEET = re.compile(r"tweet:([0-9]{1,20})")


def weight(text: str) -> int:
    """How long X says that a text is. Emoji made of several characters weigh less there: ours is never the smaller number."""
    letters = unicodedata.normalize("NFC", text)
    return sum(1 if any(first <= ord(one) <= last for first, last in _LIGHT) else 2 for one in letters)


def has_link(text: str) -> bool:
    """Does something stand there that X makes a link of? A bare name of a host is enough for it; an e-mail address is not."""
    return _LINK.search(text) is not None


def tweet_of(source_id: str | None) -> str | None:
    """The post that a person's message is, or None if it is none."""
    found = _TWEET.fullmatch(source_id or "")
    return found[1] if found else None

"""Somebody on X, in words of the tests: `siti.tweets("@lapor1708 lampu mati")`, `siti.dms("lapor")`, `siti.reads()`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Act(Protocol):
    """Carries out an act of `people.People`, here or in another process."""

    def __call__(self, name: str, /, **how: Any) -> Any: ...


class Person:
    """Acts that make something return its id. `media`: keys from `photo` and `video`."""

    def __init__(self, act: Act, who: str, **facts: Any) -> None:
        self._act, self.who = act, who
        self.id: str = act("person", who=who, **facts)

    def photo(self, content: bytes, **how: Any) -> str:
        """A file to attach; its media key."""
        key: str = self._act("media", content=content, kind="photo", **how)
        return key

    def video(self, content: bytes, **how: Any) -> str:
        key: str = self._act("media", content=content, kind="video", **how)
        return key

    def gif(self, content: bytes, **how: Any) -> str:
        key: str = self._act("media", content=content, kind="animated_gif", **how)
        return key

    def tweets(self, text: str, media: Sequence[str] = (), **more: Any) -> str:
        """A post of its own; `at` (seconds since 1970), `lang`, `withheld`."""
        number: str = self._act("tweet", who=self.who, text=text, media=list(media), **more)
        return number

    def replies(self, to: str, text: str, media: Sequence[str] = (), *, carried: bool = True, **more: Any) -> str:
        """Under a post, one's own (a thread) or somebody else's."""
        number: str = self._act("reply", who=self.who, to=to, text=text, media=list(media), carried=carried, **more)
        return number

    def quotes(self, tweet: str, text: str) -> str:
        number: str = self._act("tweet", who=self.who, text=text, quote=tweet)
        return number

    def retweets(self, tweet: str) -> str:
        number: str = self._act("retweet", who=self.who, tweet=tweet)
        return number

    def edits(self, tweet: str, text: str) -> str:
        """The new version's id."""
        number: str = self._act("edit", tweet=tweet, text=text)
        return number

    def deletes(self, tweet: str) -> None:
        self._act("delete", tweet=tweet)

    def dms(self, text: str, media: Sequence[str] = (), **more: Any) -> str:
        """To us; `at`, `tweet` (a shared post), `group` (a conversation of more than two)."""
        number: str = self._act("dm", who=self.who, text=text, media=list(media), **more)
        return number

    def reads(self) -> list[str]:
        """What we wrote to this person in private, oldest first."""
        texts: list[str] = self._act("reads", who=self.who)
        return texts

    def closes_dms(self) -> None:
        self._act("dms", who=self.who, how="closed")

    def takes_dms_after_writing(self) -> None:
        """X's usual setting: strangers cannot write first."""
        self._act("dms", who=self.who, how="after_writing")

    def opens_dms(self) -> None:
        self._act("dms", who=self.who, how="open")

    def protects(self, protected: bool = True) -> None:
        self._act("person", who=self.who, protected=protected)

    def is_suspended(self, suspended: bool = True) -> None:
        self._act("person", who=self.who, suspended=suspended)

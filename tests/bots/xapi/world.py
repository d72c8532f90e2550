"""What the server knows: people, tweets, direct messages, media, what we sent, and which faults were asked for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Json = dict[str, Any]
EPOCH_MS = 1_288_834_974_657  # docs.x.com/fundamentals/x-ids: ids are times in milliseconds since then, shifted by 22 bits


@dataclass
class User:
    """`dms`: open to everybody, open `after_writing` to those whom this person wrote to, or closed."""

    id: str
    username: str
    name: str
    protected: bool = False
    suspended: bool = False
    dms: str = "open"


@dataclass
class Media:
    """A file at X. `kind`: photo, video or animated_gif; `private`: of a direct message, wants our signature."""

    key: str
    kind: str
    content: bytes
    mime: str
    private: bool = False
    size: int = 0
    gone: bool = False


@dataclass
class Tweet:
    """`text` as the author typed it, with the carried mentions; `note`: longer than 280, so that `text` is cut off."""

    id: str
    author: str
    text: str
    conversation: str
    at: float
    media: tuple[str, ...] = ()
    replied_to: str | None = None
    quoted: str | None = None
    retweeted: str | None = None
    versions: list[str] = field(default_factory=list)
    lang: str = "in"
    deleted: bool = False
    withheld: bool = False


@dataclass
class Event:
    """A direct message, or somebody's coming or going in a group. `conversation`: "small-large" where there are two."""

    id: str
    kind: str
    sender: str
    conversation: str
    participants: tuple[str, ...]
    text: str
    at: float
    media: tuple[str, ...] = ()
    tweet: str | None = None


@dataclass
class Upload:
    """One file that we bring. `ready_at`: processing is over, seconds since 1970."""

    id: str
    mime: str
    category: str
    total: int
    content: bytes = b""
    next_segment: int = 0
    finished: bool = False
    ready_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Post:
    """What we said in public."""

    id: str
    text: str
    reply_to: str | None
    media: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Sent:
    """What we said to somebody in private: what this person reads. `files`: sizes in bytes."""

    id: str
    to: str
    text: str
    files: tuple[int, ...]
    at: float


@dataclass
class Fault:
    """What shall go wrong with the next `times` calls of `endpoint` ("*": of any; see `endpoints.ENDPOINTS` for the names).

    `how`: a name of `problems.BY_NAME`; `html`: 503 with a page; `garbage`: 200 without JSON; `throttled`: 429 with a reset
    in `seconds`; `cut`: the connection breaks before anything is done; `cut_after`: after it is done; `half`: in the middle
    of the answer; `hang`: no answer; `slow`: an answer after `seconds`; `redirect`: to another host; `repeat`: the page's
    next token leads to the same page again.
    """

    endpoint: str
    how: str
    times: int = 1
    seconds: float = 0.0
    to: str | None = None  # only calls about this person (DMs)


class World:
    """All state; touched on the event loop only."""

    def __init__(self, *, handle: str, log_path: Path | None, clock: Callable[[], float] = time.time) -> None:
        self.url = ""
        self._clock = clock
        self.shift_seconds = 0.0
        self.us = User("1708000000000000001", handle, "LAPOR!")
        self.users: dict[str, User] = {self.us.id: self.us}
        self.names: dict[str, User] = {handle.lower(): self.us}
        self.tweets: dict[str, Tweet] = {}
        self.mentions: list[str] = []  # ids of tweets that mention us, oldest first
        self.events: list[Event] = []  # oldest first
        self.media: dict[str, Media] = {}
        self.uploads: dict[str, Upload] = {}
        self.posts: list[Post] = []
        self.sent: list[Sent] = []
        self.calls: list[tuple[float, str, dict[str, str]]] = []
        self.faults: list[Fault] = []
        self.limits: dict[str, tuple[int, float]] = {}
        self.windows: dict[tuple[str, str], tuple[float, int]] = {}
        self.offsets = False  # pages by count instead of by id: they change while they are paged
        self.credits: int | None = None  # calls that are still paid for; None: as many as one likes
        self.processing_seconds = 0.0  # of an uploaded video
        self._last = 0
        self._log = log_path.open("a", encoding="utf-8") if log_path else None

    def now(self) -> float:
        """Seconds since 1970, moved by `pass_time`."""
        return self._clock() + self.shift_seconds

    def new_id(self, at: float | None = None) -> str:
        """Rising with time; an id of an earlier moment only if `at` says so."""
        moment = (int((self.now() if at is None else at) * 1000) - EPOCH_MS) << 22
        if at is None:
            moment = self._last = max(moment, self._last + 1)
        while (number := str(moment)) in self.tweets or number in self.media or self.event(number) is not None:
            moment += 1
        return number

    def event(self, number: str) -> Event | None:
        """The direct message with this id, if it is among the latest."""
        return next((event for event in self.events[-50:] if event.id == number), None)

    def add_event(self, event: Event) -> None:
        """Among the others by its id."""
        self.events.append(event)
        if len(self.events) > 1 and int(self.events[-2].id) > int(event.id):
            self.events.sort(key=lambda one: int(one.id))

    def introduce(self, who: str, number: str | None = None) -> User:
        """Somebody by name, made up if nobody is called so yet; with this id, if one is given."""
        user = self.names.get(who.lower()) or self.users.get(who)
        if user is None:
            chosen = number or (who if who.isdigit() else str(7_000_000 + len(self.users)))
            user = User(chosen, f"warga{who}" if who.isdigit() else who, who.title())
            self.users[user.id] = self.names[user.username.lower()] = user
        if number not in (None, user.id):
            raise ValueError(f"{who} has another id already")
        return user

    def user(self, who: str) -> User:
        """By name or id. Raises KeyError: nobody."""
        user = self.names.get(who.lower()) or self.users.get(who)
        if user is None:
            raise KeyError(who)
        return user

    def takes_dms(self, user: User) -> bool:
        """Can we write to this person? X's usual setting is `after_writing`."""
        if user.dms == "after_writing":
            return not user.suspended and any(event.sender == user.id for event in self.events)
        return not user.suspended and user.dms == "open"

    def heard(self, endpoint: str, fields: dict[str, str]) -> None:
        """Keeps what was asked for, in the log file too if there is one."""
        at = time.time()
        self.calls.append((at, endpoint, fields))
        self.write(at=at, endpoint=endpoint)

    def write(self, **entry: Any) -> None:
        if self._log is not None:
            self._log.write(json.dumps(entry) + "\n")
            self._log.flush()

    def close(self) -> None:
        if self._log is not None:
            self._log.close()

    def recover(self) -> None:
        """No more faults; every call is paid for."""
        self.faults.clear()
        self.credits = None

    def limit(self, endpoint: str, calls: int, seconds: float) -> None:
        """From the next call on."""
        self.limits[endpoint] = (calls, seconds)
        self.windows.clear()

    def page_by_count(self, by_count: bool = True) -> None:
        """Tokens say after how many, no longer before which id."""
        self.offsets = by_count

    def have_credits(self, calls: int | None) -> None:
        """So many calls are paid for."""
        self.credits = calls

    def pass_time(self, seconds: float) -> None:
        """It is later."""
        self.shift_seconds += seconds

    def fault_for(self, endpoint: str, about: str) -> Fault | None:
        """The first matching fault, used up by one."""
        for fault in self.faults:
            if fault.endpoint not in (endpoint, "*") or fault.to not in (None, about):
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            return fault
        return None


HANDS = ("recover", "limit", "page_by_count", "have_credits", "pass_time")
"""What other processes may ask of a `World`, beside what people do."""


def stamp(at: float) -> str:
    """As X writes times: 2026-03-13T05:00:00.000Z."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

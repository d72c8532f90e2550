"""Posts that name us (docs.x.com/x-api/posts/timelines: `GET /2/users/:id/mentions`, the newest 800)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bots.twitter.backwards import Backwards, Page
from bots.twitter.budget import Purpose
from bots.twitter.cursors import Cursor
from bots.twitter.envelope import (
    CAN_BE_WRITTEN_TO,
    MEDIA_FIELDS,
    TWEET_EXPANSIONS,
    TWEET_FIELDS,
    USER_FIELDS,
    Found,
    next_token,
    tweets,
)
from bots.twitter.faults import Kind, Trouble
from bots.twitter.reading import Reading, afford, book_posts
from bots.twitter.wire import earlier
from core.channels import Raw

LEAST, PAGE = 5, 100
REACH = 800
"""So many posts X pages back; what it has taken away since counts, too."""
OVERLAP_SECONDS = 60.0
"""A post may appear later than one with a higher id: as much of the minute before as stands on the page is looked at again,
which X charges once."""
LOOK_BACK = timedelta(minutes=2)


class Mentions(Backwards):
    """The very first start begins two minutes earlier: nobody is invited for what was said before there was a service."""

    part = "mentions"
    most = 2_000

    def __init__(
        self,
        reading: Reading,
        poll_seconds: float,
        *,
        thread_seconds: float,
        started: Callable[[Sequence[Found]], None],
    ) -> None:
        super().__init__(reading, poll_seconds)
        self._thread_seconds, self._started = thread_seconds, started
        self._from_newest = False  # X did not take our place: back from the newest, then

    def first(self, now: datetime) -> Cursor:
        return Cursor(None, now - LOOK_BACK)

    def ask(self, cursor: Cursor, token: str | None) -> Page:
        reading = self.reading
        afford(reading, Purpose.MENTIONS)
        size = reading.budget.page(Purpose.MENTIONS, least=LEAST, most=PAGE)
        since = None if cursor.number is None else earlier(cursor.number, OVERLAP_SECONDS)
        asked: dict[str, Any] = {"since_id": since} if since is not None else {"start_time": cursor.at.astimezone(UTC)}
        try:
            content = self._page({} if self._from_newest else asked, token, size)
        except Trouble as trouble:
            if trouble.kind is Kind.REFUSED and token is None:
                self._from_newest = not self._from_newest
            raise
        book_posts(reading, Purpose.MENTIONS, content)
        found = tweets(content, channel=reading.channel, own_id=reading.own_id, handle=reading.handle)
        fresh = [one for one in found if not one.number or self._is_new(one, since, cursor)]
        known = max((one.number for one in found if not self._is_new(one, cursor.number, cursor)), default=0)
        return Page(fresh, known > 0, next_token(content), asked=size)

    def forget(self) -> None:
        super().forget()
        self._from_newest = False

    def _page(self, asked: dict[str, Any], token: str | None, size: int) -> dict[str, Any]:
        reading = self.reading
        return reading.client.ask(
            "mentions",
            lambda api: api.get_users_mentions(
                reading.own_id,
                max_results=size,
                pagination_token=token,
                tweet_fields=TWEET_FIELDS,
                expansions=TWEET_EXPANSIONS,
                media_fields=MEDIA_FIELDS,
                user_fields=f"{USER_FIELDS},{CAN_BE_WRITTEN_TO}",
                user_auth=True,
                **asked,
            ),
        ).content

    @staticmethod
    def _is_new(found: Found, since: int | None, cursor: Cursor) -> bool:
        """Newer than `since`; before there is one, than the first start."""
        if since is not None:
            return found.number > since
        return found.at is None or found.at >= cursor.at.replace(microsecond=0)

    def missed(self, cursor: Cursor, oldest: Found | None, now: datetime) -> tuple[datetime, datetime] | None:
        if self.asked < REACH:
            return None
        return cursor.at, (oldest.at if oldest else None) or now

    def prepare(self, found: Found, raw: Raw) -> Raw:
        """A thread is waited for: its other posts belong to the same message."""
        if not found.starts or not self._thread_seconds:
            return raw
        now = self.reading.now()
        typed = min(found.at or now, now) + timedelta(seconds=self._thread_seconds)
        return replace(raw, ready_at=max(typed, now) + timedelta(seconds=grace_seconds(self._thread_seconds)))

    def before_the_cursor(self, batch: Sequence[Found]) -> None:
        self._started([one for one in batch if one.starts])


def grace_seconds(thread_seconds: float) -> float:
    """How long after the last moment of a thread its parts are waited for: they are looked up in between."""
    return thread_seconds / 3

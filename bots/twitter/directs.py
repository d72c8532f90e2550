"""Direct messages (docs.x.com/x-api/direct-messages/lookup: `GET /2/dm_events`, newest first, 30 days, no since_id)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bots.twitter.backwards import Backwards, Page
from bots.twitter.budget import Purpose
from bots.twitter.cursors import Cursor
from bots.twitter.envelope import EVENT_EXPANSIONS, EVENT_FIELDS, MEDIA_FIELDS, USER_FIELDS, Found, charged, events, next_token
from bots.twitter.reading import Reading, afford

GLANCE, PAGE = 5, 100
"""Each message that comes back costs: a glance finds the last known one, where little is new."""
REACH = timedelta(days=30)
LOOK_BACK = timedelta(hours=24)


class Directs(Backwards):
    """The very first start begins a day earlier: whoever wrote in private waits for an answer.

    Messages of one person are handled in the order of their moments, so that nothing is stored before everything older is.
    """

    part = "directs"

    def __init__(self, reading: Reading, poll_seconds: float) -> None:
        super().__init__(reading, poll_seconds)
        self._glanced = False

    def first(self, now: datetime) -> Cursor:
        return Cursor(None, now - LOOK_BACK)

    def forget(self) -> None:
        super().forget()
        self._glanced = False

    def ask(self, cursor: Cursor, token: str | None) -> Page:
        reading = self.reading
        afford(reading, Purpose.DIRECTS)
        glance = not self._glanced and cursor.number is not None
        answer = reading.client.ask(
            "directs",
            lambda api: api.get_direct_message_events(
                max_results=GLANCE if glance else reading.budget.page(Purpose.DIRECTS, least=GLANCE, most=PAGE),
                pagination_token=token,
                event_types="MessageCreate",
                dm_event_fields=EVENT_FIELDS,
                expansions=EVENT_EXPANSIONS,
                media_fields=MEDIA_FIELDS,
                user_fields=USER_FIELDS,
                user_auth=True,
            ),
        )
        told = charged(answer.content)
        reading.budget.read(Purpose.DIRECTS, dms=told.items, users=told.users, media=told.media)
        found = events(answer.content, channel=reading.channel, own_id=reading.own_id)
        fresh = [one for one in found if not one.number or self._is_new(one, cursor)]
        met, older = len(fresh) < len(found), next_token(answer.content)
        if glance and not met and older is not None:
            self._glanced = True  # much is new: from the top once more, in whole pages
            return self.ask(cursor, None)
        return Page(fresh, met, older, max((one.number for one in found if not self._is_new(one, cursor)), default=0))

    @staticmethod
    def _is_new(found: Found, cursor: Cursor) -> bool:
        if cursor.number is not None:
            return found.number > cursor.number
        return found.at is None or found.at >= cursor.at.replace(microsecond=0)

    def missed(self, cursor: Cursor, oldest: Found | None, now: datetime) -> tuple[datetime, datetime] | None:  # noqa: ARG002
        return (cursor.at, now - REACH) if cursor.at < now - REACH else None

    def before_the_cursor(self, batch: Sequence[Found]) -> None:
        """Nothing: a message in private is whole and stays."""

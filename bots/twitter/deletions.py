"""Posts that their authors took away: looked up in hundreds, once a day, with what the budget has left (`GET /2/tweets`)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from bots.twitter.budget import Purpose
from bots.twitter.envelope import deletion, gone
from bots.twitter.reading import Reading, afford, book_posts
from bots.twitter.watch import Watch

BATCH = 100
REST_SECONDS, PAUSE_SECONDS = 600.0, 0.2
_NOTE = "deletions"


class Deletions:
    """One round over everything that is watched, `hours` after the last one began; a kill goes on where it was."""

    part = "deletions"

    def __init__(self, reading: Reading, watch: Watch, *, hours: float) -> None:
        self._reading, self._watch, self._hours = reading, watch, hours

    def step(self) -> float:
        reading, now = self._reading, self._reading.now()
        due, after = self._place(now)
        if now < due:
            return min((due - now).total_seconds(), REST_SECONDS)
        batch = self._watch.after(after, BATCH, now)
        if not batch:
            self._watch.tidy(now)
            self._write(now + timedelta(hours=self._hours), 0)
            return PAUSE_SECONDS
        afford(reading, Purpose.DELETIONS)
        answer = reading.client.ask("tweets", lambda api: api.get_tweets(list(batch), tweet_fields="id"))
        book_posts(reading, Purpose.DELETIONS, answer.content)
        lost = gone(answer.content, batch)
        if lost:
            reading.accept([deletion(one, channel=reading.channel, own_id=reading.own_id, now=now) for one in lost])
            self._watch.drop(lost, now)
        self._write(due, int(batch[-1]))
        return PAUSE_SECONDS

    def forget(self) -> None:
        """Nothing is remembered here."""

    def _place(self, now: datetime) -> tuple[datetime, int]:
        """When the round is due, and the id up to which it has come."""
        try:
            told = json.loads(self._reading.keep.read(_NOTE) or "null")
            due, after = datetime.fromisoformat(told["due"]), int(told["after"])
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            due, after = now + timedelta(hours=self._hours), 0
            self._write(due, after)
        return min(due if due.tzinfo else due.replace(tzinfo=UTC), now + timedelta(hours=self._hours)), after

    def _write(self, due: datetime, after: int) -> None:
        self._reading.keep.write(_NOTE, json.dumps({"due": due.isoformat(), "after": after}))

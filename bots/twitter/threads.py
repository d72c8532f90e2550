"""The other posts of a thread: the same author's, of the same conversation, with or without our name (`GET
/2/tweets/search/recent`). Asked for once, some seconds after a mention, as far as the budget allows; a story without them is
still a story.

What waits to be looked up is noted by the ids of posts alone; after a restart X is asked whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from bots.twitter.backwards import Shelving
from bots.twitter.budget import Purpose
from bots.twitter.envelope import (
    MEDIA_FIELDS,
    TWEET_EXPANSIONS,
    TWEET_FIELDS,
    USER_FIELDS,
    Found,
    next_token,
    tweets,
)
from bots.twitter.faults import Kind as Ailment
from bots.twitter.faults import Trouble
from bots.twitter.reading import Reading, Wanting, afford, book_posts
from bots.twitter.watch import Watch
from bots.twitter.wire import Kind

QUERY_CHARACTERS = 512
"""docs.x.com/x-api/posts/search/integrate/build-a-query: of one query."""
LEAST, PAGE, MOST_PAGES, BY_IDS = 10, 100, 3, 100
MOST_WAITING = 400
WORTHWHILE = timedelta(minutes=20)
"""Later than that the parts would be additions that nobody waits for."""
IDLE_SECONDS = 2.0
"""Between two looks at what is due; a small part of the time that a thread is waited for."""
NO_EDITS = 2**63
"""What is stored already is no news here: an edit of a post that names us comes with the mentions."""
_NOTE = "threads"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One author in one conversation. `number`: the id of the post that named us; `due`: when to look (aware UTC)."""

    conversation: str
    author: str
    number: int
    due: datetime

    @property
    def clause(self) -> str:
        return f"(conversation_id:{self.conversation} from:{self.author})"


class Threads:
    """Reads the threads of what `started`."""

    part = "threads"

    def __init__(self, reading: Reading, watch: Watch, *, thread_seconds: float) -> None:
        self._reading, self._watch, self._thread_seconds = reading, watch, thread_seconds
        self._shelving = Shelving(reading)
        self._waiting: dict[tuple[str, str], Wanted] = {}
        self._looked: dict[tuple[str, str], datetime] = {}
        self._left: list[str] | None = None  # ids that waited when the process before us ended; None: not read yet

    def started(self, found: Sequence[Found]) -> None:
        """These began or continued a story. Each thread is looked up once."""
        if not self._thread_seconds:
            return
        now, new = self._reading.now(), False
        for one in found:
            new = self._want(one, now) or new
        if new:
            self._note()

    def step(self) -> float:
        if not self._thread_seconds:
            return 3600.0
        now = self._reading.now()
        if self._left_over():
            self._recall(now)
        self._waiting = {key: one for key, one in self._waiting.items() if now - one.due < WORTHWHILE}
        due = [one for one in self._waiting.values() if one.due <= now]
        if not due:
            return min(IDLE_SECONDS, self._thread_seconds / 6)
        batch = fitting(due)
        try:
            self._look(batch)
        except Wanting:
            pass  # the story goes on without them
        except Trouble as trouble:
            if trouble.kind is not Ailment.REFUSED:
                raise
        for one in batch:
            self._waiting.pop((one.conversation, one.author), None)
            self._looked[one.conversation, one.author] = now
        self._note()
        return 0.0

    def forget(self) -> None:
        self._waiting.clear()
        self._left = None

    def _want(self, one: Found, now: datetime) -> bool:
        key = (one.conversation, one.author)
        if key in self._waiting or key in self._looked or len(self._waiting) >= MOST_WAITING:
            return False
        if len(self._looked) > 10 * MOST_WAITING:
            self._looked = dict(islice(self._looked.items(), 5 * MOST_WAITING, None))
        due = max(min(one.at or now, now) + timedelta(seconds=self._thread_seconds), now)
        self._waiting[key] = Wanted(one.conversation, one.author, one.number, due)
        return True

    def _look(self, batch: Sequence[Wanted]) -> None:
        reading, wanted = self._reading, {(one.conversation, one.author) for one in batch}
        query, token = " OR ".join(one.clause for one in batch), None
        for _ in range(MOST_PAGES):
            afford(reading, Purpose.THREADS)
            size = reading.budget.page(Purpose.THREADS, least=LEAST, most=PAGE)
            answer = reading.client.ask(
                "search",
                lambda api, token=token, size=size: api.search_recent_tweets(  # type: ignore[misc]
                    query,
                    max_results=size,
                    next_token=token,
                    tweet_fields=TWEET_FIELDS,
                    expansions=TWEET_EXPANSIONS,
                    media_fields=MEDIA_FIELDS,
                    user_fields=USER_FIELDS,
                ),
            )
            book_posts(reading, Purpose.THREADS, answer.content)
            found = tweets(
                answer.content,
                channel=reading.channel,
                own_id=reading.own_id,
                handle=reading.handle,
                kind=Kind.THREAD,
            )
            self._take([one for one in found if one.starts and (one.conversation, one.author) in wanted])
            token = next_token(answer.content)
            if token is None:
                return

    def _take(self, parts: Sequence[Found]) -> None:
        ordered = sorted(parts, key=lambda one: one.number)
        self._shelving.store(ordered, after=NO_EDITS)
        self._watch.add(ordered)

    def _left_over(self) -> list[str]:
        if self._left is None:
            self._left = (self._reading.keep.read(_NOTE) or "").split()[:BY_IDS]
        return self._left

    def _recall(self, now: datetime) -> None:
        """What waited when the process ended. Whose posts they are stands nowhere here: X is asked."""
        reading, numbers = self._reading, self._left_over()
        try:
            afford(reading, Purpose.THREADS)
            answer = reading.client.ask(
                "tweets",
                lambda api: api.get_tweets(numbers, tweet_fields=TWEET_FIELDS, expansions="referenced_tweets.id"),
            )
        except Wanting:
            self._left = []
            return
        except Trouble as trouble:
            if trouble.kind is Ailment.REFUSED:
                self._left = []
            raise
        book_posts(reading, Purpose.THREADS, answer.content)
        for one in tweets(answer.content, channel=reading.channel, own_id=reading.own_id, handle=reading.handle):
            if one.starts and one.at is not None and now - one.at < WORTHWHILE:
                self._want(one, now)
        self._left = []

    def _note(self) -> None:
        numbers = [*self._left_over(), *(str(one.number) for one in self._waiting.values())]
        self._reading.keep.write(_NOTE, " ".join(numbers[:BY_IDS]) or None)


def fitting(due: Iterable[Wanted]) -> list[Wanted]:
    """As many as one query can hold."""
    batch: list[Wanted] = []
    characters = 0
    for one in due:
        characters += len(one.clause) + len(" OR ")
        if batch and characters > QUERY_CHARACTERS:
            break
        batch.append(one)
    return batch

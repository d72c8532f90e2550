"""A list that X tells from its newest end, stored from its oldest (mentions, direct messages)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bots.twitter import cursors
from bots.twitter.cursors import Backlog, Cursor
from bots.twitter.envelope import Found
from bots.twitter.faults import Kind, Trouble
from bots.twitter.reading import Reading
from core.channels import Raw, Stored

log = structlog.get_logger()

BATCH = 100
"""So many are committed together."""
LATE = timedelta(minutes=10)
"""Until there is a first message the place to begin at follows the clock so far behind: something may appear late."""
MOST_BARREN = 20
"""So many pages in succession that bring nothing are taken for the end of the list."""
_MOST_REMEMBERED = 4_096


class Shelving:
    """Stores batches; knows which version of an edited post it has just stored."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._versions: dict[str, int] = {}

    def store(self, batch: Sequence[Found], prepare: Callable[[Found, Raw], Raw] | None = None, *, after: int) -> None:
        """Commits a batch. A post newer than `after` that is stored already in an earlier version becomes an edit of it."""
        pairs = [(one, prepare(one, one.raw) if prepare else one.raw) for one in batch if one.raw is not None]
        if not pairs:
            return
        done = self._reading.accept([raw for _, raw in pairs])
        edits: list[Raw] = []
        for (one, raw), outcome in zip(pairs, done, strict=True):
            if outcome is Stored.NEW:
                self._remember(raw.source_id, one.number)
            elif one.edit is not None and one.number > after and self._versions.get(raw.source_id) != one.number:
                edits.append(one.edit)
        if edits:
            self._reading.accept(edits)

    def _remember(self, source_id: str, number: int) -> None:
        if len(self._versions) >= _MOST_REMEMBERED:
            self._versions.clear()
        self._versions[source_id] = number


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: what it holds newer than the cursor, whether it reached the cursor, where the older ones stand.

    `passed`: the highest id of what is older than the cursor, 0 if there was none. `asked`: how many it might have held.
    """

    found: Sequence[Found]
    met: bool
    token: str | None
    passed: int = 0
    asked: int = 0


class Backwards(ABC):
    """Reads a list from its newest end back to the cursor, then stores it from the oldest on, moving the cursor after each
    commit. Interrupted anywhere, by a limit, the budget or the database, it goes on there; after a kill it begins anew at
    the cursor and finds the same again.
    """

    part = ""
    most = 10_000

    def __init__(self, reading: Reading, poll_seconds: float) -> None:
        self.reading, self._poll_seconds = reading, poll_seconds
        self._backlog = Backlog(self.most)
        self._shelving = Shelving(reading)
        self._cursor: Cursor | None = None
        self._began: datetime | None = None  # of the pass that is under way
        self._token: str | None = None
        self._seen: set[str] = set()
        self._whole = False  # everything back to the cursor has been read
        self._passed = 0
        self._barren = 0  # pages in succession that brought nothing
        self.asked = 0

    # --- what a list decides

    @abstractmethod
    def first(self, now: datetime) -> Cursor:
        """Where the very first start begins."""

    @abstractmethod
    def ask(self, cursor: Cursor, token: str | None) -> Page:
        """One page. Raises Trouble, Wanting, StorageUnavailable."""

    @abstractmethod
    def missed(self, cursor: Cursor, oldest: Found | None, now: datetime) -> tuple[datetime, datetime] | None:
        """The pages ended before the cursor was met: the span in which something may be missing, if so."""

    def prepare(self, found: Found, raw: Raw) -> Raw:  # noqa: ARG002
        """The last word on what is stored."""
        return raw

    @abstractmethod
    def before_the_cursor(self, batch: Sequence[Found]) -> None:
        """The batch is committed, the cursor not yet moved: what must not be lost is noted now."""

    # --- the pass

    def step(self) -> float:
        if self._whole:
            return self._store()
        cursor = self._cursor or self._place()
        if self._began is None:
            self._began = self.reading.now()
        page = self._ask(cursor)
        self.asked += page.asked
        self._passed = max(self._passed, page.passed)
        self._barren = 0 if self._backlog.add(page.found) else self._barren + 1
        again = page.token is not None and page.token in self._seen
        if page.met or page.token is None or self._barren >= MOST_BARREN:
            self._read_whole(cursor, met=page.met, ended=page.token is None)
            return self._store()
        self._token = page.token
        self._seen.add(page.token)
        if again:
            self._from_the_top()
            raise Trouble(Kind.UNAVAILABLE, "paging_loop")
        return 0.0

    def forget(self) -> None:
        self._backlog, self._cursor, self._began, self._whole, self._passed = Backlog(self.most), None, None, False, 0
        self._from_the_top()

    def _place(self) -> Cursor:
        """Where we stand; the first start is written down, so that a kill right after it does not make it later."""
        keep = self.reading.keep
        now = self.reading.now()
        stored = cursors.read(keep, self.part, now)
        if stored is None:
            stored = cursors.write(keep, self.part, self.first(now), now)
        self._cursor = stored
        return stored

    def _ask(self, cursor: Cursor) -> Page:
        try:
            return self.ask(cursor, self._token)
        except Trouble as trouble:
            if self._token is not None and trouble.kind in (Kind.REFUSED, Kind.MISSING):
                self._from_the_top()  # tokens grow old
            raise

    def _from_the_top(self) -> None:
        self._token = None
        self._seen.clear()
        self.asked = self._barren = 0

    def _read_whole(self, cursor: Cursor, *, met: bool, ended: bool) -> None:
        now = self.reading.now()
        oldest = next((one for one in self._backlog.oldest_first(BATCH) if one.number), None)
        gap = None if met else self.missed(cursor, oldest, now)
        if not met and not ended:  # pages without an end, and nothing on them
            gap = gap or (cursor.at, (oldest.at if oldest else None) or now)
        if gap is not None:
            known = cursors.note_gap(self.reading.keep, *gap, now)
            self.reading.standing.remark("gap", cursors.shown(known))
            log.warning("twitter.gap", part=self.part, since=gap[0].isoformat(), until=gap[1].isoformat())
        self._whole = True
        self._from_the_top()

    def _store(self) -> float:
        """One batch; the last one ends the pass."""
        cursor, now = self._cursor or self._place(), self.reading.now()
        batch = self._backlog.oldest_first(BATCH)
        if batch:
            self._shelving.store(batch, self.prepare, after=cursor.number or 0)
            self.before_the_cursor(batch)
            newest = max((one.number for one in batch if cursors.may_be(one.number, now)), default=0)
            number = max(newest, cursor.number or 0) or None
            if number != cursor.number:
                self._cursor = cursors.write(self.reading.keep, self.part, Cursor(number, cursor.at), now)
            self._backlog.stored(batch)
            return 0.0
        return self._end(cursor)

    def _end(self, cursor: Cursor) -> float:
        """Everything is stored; up to when nothing is missing is written down from time to time."""
        shortened, began = self._backlog.shortened, self._began
        if began is not None and not shortened:
            number = cursor.number or self._passed or None
            at = began if number is not None else began - LATE
            if number != cursor.number or at - cursor.at >= cursors.STILL_THERE:
                cursors.write(self.reading.keep, self.part, Cursor(number, max(at, cursor.at)), self.reading.now())
        self.forget()
        self.reading.standing.well(self.part)
        return 0.0 if shortened else self.reading.budget.interval(self._poll_seconds)

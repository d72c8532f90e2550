"""The sweep: what the clock does (sop.md §6). Safe to run twice, at the same time, late, or after a week's outage."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from core.errors import LaporError
from core.office import Office, now_utc
from core.retrying import through_deadlocks
from core.steps import Step, passed
from core.storage import leases
from core.sweep import deadlines, digests, housekeeping, promises, reminding, unstaffed
from core.sweep.effects import SweepEffect
from core.waking import wake

_BATCHES = (unstaffed.batch, unstaffed.batch, promises.batch, deadlines.batch, reminding.batch, digests.batch)
"""Up twice: a unit and its agency may have lost their people on the same day. Digests last: they tell what became overdue."""

LEASE = "sweep"
LEASE_FOR = timedelta(minutes=5)


class _Undone(LaporError):
    """A dry run takes everything back."""


def run(office: Office, *, at: datetime, dry_run: bool = False) -> list[SweepEffect]:
    """Does what is due at `at`, as if that moment had come; what it did, in order. Empty while another process sweeps.

    At most 200 reports are committed at a time; each effect happens once, by a unique (job, slot) in its own transaction.
    `dry_run`: what that would do to reports and drafts, in one transaction that is taken back. Raises StorageUnavailable.
    """
    if dry_run:
        return _pretend(office, at)
    if not _leased(office):
        return []
    done: list[SweepEffect] = []
    try:
        for batch in _BATCHES:
            done += _all(office, batch, at)
        done += housekeeping.run(office, at=at)
    finally:
        with office.database.write() as connection:
            leases.release(connection, LEASE, office.owner)
    return done


def _leased(office: Office) -> bool:
    """The lease follows the real clock, whatever moment is pretended: it keeps processes apart, not effects."""
    now = now_utc()
    with office.database.write() as connection:
        return leases.take(connection, LEASE, office.owner, now=now, until=now + LEASE_FOR)


def _all(office: Office, batch: deadlines.Batch, at: datetime) -> list[SweepEffect]:
    done: list[SweepEffect] = []
    seen: set[int] = set()
    while _leased(office):
        effects, looked_at = through_deadlocks(partial(_one, office, batch, at, seen))
        if effects:
            passed(Step.SWEEP_COMMITTED)
        done += effects
        if not looked_at - seen:
            break
        seen |= looked_at
    return done


def _one(office: Office, batch: deadlines.Batch, at: datetime, seen: set[int]) -> tuple[list[SweepEffect], set[int]]:
    with office.database.write() as connection:
        effects, looked_at = batch(connection, office, at, seen)
        if effects:
            passed(Step.SWEEP_DECIDED)
    return effects, looked_at


def _pretend(office: Office, at: datetime) -> list[SweepEffect]:
    done: list[SweepEffect] = []
    try:
        with office.database.write() as connection:
            for batch in _BATCHES:
                seen: set[int] = set()
                while True:
                    effects, looked_at = batch(connection, office, at, seen)
                    done += effects
                    if not looked_at - seen:
                        break
                    seen |= looked_at
            drafts = 0
            while woken := wake(connection, office, at):
                drafts += woken
            if drafts:
                done.append(SweepEffect("drafts", at.isoformat(), None, f"drafts: {drafts}"))
            raise _Undone("a dry run changes nothing")
    except _Undone:
        return done


__all__ = ["SweepEffect", "run"]

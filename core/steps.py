"""The road's steps, said as audit events of the interpreter: who watches a process (a tracer, a fault test) sees where it is.

`sys.audit` costs nothing measurable while nobody listens (docs.python.org/3/library/sys.html#sys.audit).
"""

from __future__ import annotations

import sys
from enum import StrEnum

EVENT = "lapor.step"


class Step(StrEnum):
    """Moments between which a process may die. Each name says what has just been done."""

    ACCEPT_STORED = "accept_stored"  # rows written, not committed
    ACCEPT_COMMITTED = "accept_committed"  # committed, the transport has no yes yet
    HANDLE_CLAIMED = "handle_claimed"  # attempt and lease committed
    HANDLE_DECIDED = "handle_decided"  # session, report, outbox written, not committed
    HANDLE_COMMITTED = "handle_committed"
    SEND_CLAIMED = "send_claimed"  # `sending` committed, nothing sent
    SEND_DONE = "send_done"  # the vendor has answered, the outcome is not committed
    SEND_RECORDED = "send_recorded"
    FETCH_CLAIMED = "fetch_claimed"  # job leased
    FETCH_STORED = "fetch_stored"  # bytes in the file store, no reference yet
    FETCH_RECORDED = "fetch_recorded"
    SWEEP_DECIDED = "sweep_decided"  # an effect written, not committed
    SWEEP_COMMITTED = "sweep_committed"


class SpoolStep(StrEnum):
    """Moments on the way round a database that is away (`core/spool.py`)."""

    WRITTEN = "spool_written"  # on disk under a name that nobody looks for
    NAMED = "spool_named"  # renamed, the folder not synced yet
    KEPT = "spool_kept"  # safe on disk, the transport has no yes yet
    ACCEPTED = "spool_accepted"  # in the inbox, the file still there
    CLEARED = "spool_cleared"  # its file is gone


def passed(step: Step | SpoolStep, about: str = "") -> None:
    """Tells who listens that `step` has been reached. `about`: whose, an id (a message's source id), never words."""
    sys.audit(EVENT, step.value, about)

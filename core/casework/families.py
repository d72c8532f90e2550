"""Which family decides which move."""

from __future__ import annotations

from collections.abc import Mapping

from core.casework import answering, deciding, handing, keeping, sealing
from core.casework.moving import Decide
from core.procedure.vocabulary import Move

DECIDE: Mapping[Move, Decide] = {
    Move.DISPOSE: handing.dispose,
    Move.DISPOSE_SEALED: sealing.dispose_sealed,
    Move.RETURN: handing.hand_back,
    Move.RECALL: handing.recall,
    Move.FALL_BACK: handing.fall_back,
    Move.RESPOND: answering.respond,
    Move.PROGRESS: answering.progress,
    Move.SETTLE: answering.settle,
    Move.ACKNOWLEDGE: answering.acknowledge,
    Move.ASK: answering.ask,
    Move.TAKE_BACK: answering.take_back,
    Move.CLOSE_UNREACHABLE: answering.close_unreachable,
    Move.FINAL_DECISION: answering.final_decision,
    Move.ARCHIVE: deciding.archive,
    Move.RESTORE: deciding.restore,
    Move.RECLASSIFY: deciding.reclassify,
    Move.GIVE_UP: deciding.give_up,
    Move.UNDELIVERABLE: deciding.undeliverable,
    Move.CLOSE_SILENT: deciding.close_silent,
    Move.REFER: deciding.refer,
    Move.ADD: keeping.add_by_hand,
    Move.NOTE: keeping.note,
    Move.RETITLE: keeping.retitle,
    Move.MARK_URGENT: keeping.mark_urgent,
    Move.UNMARK_URGENT: keeping.unmark_urgent,
    Move.LINK: keeping.link,
    Move.UNLINK: keeping.unlink,
    Move.SPLIT: keeping.split,
    Move.RECORD_DELIVERY: keeping.record_delivery,
    Move.RECORD_FINDING: keeping.record_finding,
    Move.SUPPORT: keeping.support,
    Move.SEAL: sealing.seal,
    Move.UNSEAL: sealing.unseal,
}
"""Moves of officials and of the clock. Registering has no report yet; the reporter's moves stand in core/reporter.py."""

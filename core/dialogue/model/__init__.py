"""What goes into a step of the conversation and what comes out: events, facts, session, effects.

`step(session, event, *, facts, now) → (session, effects)` decides without I/O. Whoever calls it loads `Facts`, carries the
effects out in order inside one transaction, and stores the session.
"""

from __future__ import annotations

from core.dialogue.model.effects import (
    Add,
    AnswerQuestion,
    ChooseOmbudsman,
    Complete,
    Confirm,
    Dispute,
    Effect,
    EraseDraft,
    KeepEdit,
    NotSettled,
    Object,
    Rate,
    Remember,
    ReportEffect,
    RequestErasure,
    Say,
    SayChoice,
    Submit,
    WakeAt,
    Withdraw,
)
from core.dialogue.model.events import Event, Heard, Notice, NoticeKind, Tick
from core.dialogue.model.facts import Facts, Guesses, OfficeFacts, PublicFacts, ReportFacts
from core.dialogue.model.session import SCRIPT_VERSION, Draft, DraftFile, Mode, Offered, Session, StoryPart, Told

__all__ = [
    "Add",
    "AnswerQuestion",
    "ChooseOmbudsman",
    "Complete",
    "Confirm",
    "Dispute",
    "Draft",
    "DraftFile",
    "Effect",
    "EraseDraft",
    "Event",
    "Facts",
    "Guesses",
    "Heard",
    "KeepEdit",
    "Mode",
    "NotSettled",
    "Notice",
    "NoticeKind",
    "Object",
    "Offered",
    "OfficeFacts",
    "PublicFacts",
    "Rate",
    "Remember",
    "ReportEffect",
    "ReportFacts",
    "RequestErasure",
    "SCRIPT_VERSION",
    "Say",
    "SayChoice",
    "Session",
    "StoryPart",
    "Submit",
    "Tick",
    "Told",
    "WakeAt",
    "Withdraw",
]

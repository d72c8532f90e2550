"""The procedure's words. Codes are stored and compared; the sentences for people stand in `core/texts`. Source: sop.md."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """Klasifikasi (sop.md, table of terms; procedures in §4)."""

    COMPLAINT = "complaint"  # pengaduan: somebody broke a duty or a rule
    GRIEVANCE = "grievance"  # keluhan: a service or facility is bad, broken or slow
    ASPIRATION = "aspiration"
    APPRECIATION = "appreciation"
    INFORMATION_REQUEST = "information_request"


class State(StrEnum):
    """Where a report stands (sop.md §5). `draft` exists only in a conversation, never as a stored report."""

    DRAFT = "draft"
    RECEIVED = "received"
    AT_AGENCY = "at_agency"
    AT_UNIT = "at_unit"
    IN_PROGRESS = "in_progress"
    AWAITING_REPORTER = "awaiting_reporter"
    CLOSED = "closed"
    ARCHIVED = "archived"


class Role(StrEnum):
    """Who may act (sop.md §1). REPORTER and SYSTEM are actors without an account."""

    REPORTER = "reporter"
    SYSTEM = "system"
    NATIONAL_ADMIN = "national_admin"
    AGENCY_ADMIN = "agency_admin"
    LIAISON = "liaison"
    EXAMINER = "examiner"
    COORDINATOR = "coordinator"
    SUPERVISOR = "supervisor"


class OfficeKind(StrEnum):
    """Levels of the tree of offices. NATIONAL is the one root; an agency (K/L/D) hangs under it, units under agencies."""

    NATIONAL = "national"
    AGENCY = "agency"
    UNIT = "unit"


class Move(StrEnum):
    """Every move and act of sop.md §5."""

    SUBMIT = "submit"
    CANCEL = "cancel"
    EXPIRE = "expire"
    REGISTER = "register"
    DISPOSE = "dispose"
    DISPOSE_SEALED = "dispose_sealed"
    RETURN = "return"
    RECALL = "recall"
    RESPOND = "respond"
    PROGRESS = "progress"
    SETTLE = "settle"
    ACKNOWLEDGE = "acknowledge"
    ASK = "ask"
    ANSWER = "answer"
    TAKE_BACK = "take_back"
    UNDELIVERABLE = "undeliverable"
    GIVE_UP = "give_up"
    CONFIRM = "confirm"
    NOT_SETTLED = "not_settled"
    CLOSE_SILENT = "close_silent"
    CLOSE_UNREACHABLE = "close_unreachable"
    FINAL_DECISION = "final_decision"
    DISPUTE = "dispute"
    WITHDRAW = "withdraw"
    ARCHIVE = "archive"
    OBJECT = "object"
    RESTORE = "restore"
    RECLASSIFY = "reclassify"
    # acts that keep the state
    ADD = "add"
    RATE = "rate"
    NOTE = "note"
    RETITLE = "retitle"
    MARK_URGENT = "mark_urgent"
    UNMARK_URGENT = "unmark_urgent"
    LINK = "link"
    UNLINK = "unlink"
    SPLIT = "split"
    RECORD_DELIVERY = "record_delivery"
    RECORD_FINDING = "record_finding"
    SUPPORT = "support"  # add a supporting unit
    SEAL = "seal"
    UNSEAL = "unseal"
    REFER = "refer"  # to the Ombudsman, by the system
    FALL_BACK = "fall_back"  # the holder's last account was disabled: one level up, by the system (sop.md §1)


class Input(StrEnum):
    """What a person must give with a move; the desk draws its form from these."""

    OFFICE = "office"
    ACCOUNTS = "accounts"  # who may see a sealed report
    REASON = "reason"
    WORDS = "words"  # own words to the reporter
    PROMISED_DATE = "promised_date"
    GROUND = "ground"
    QUESTION = "question"  # which fields are missing, or which question
    CATEGORY = "category"  # the category, and whether it needs inspection
    SOURCE = "source"
    ARRIVED_ON = "arrived_on"
    FINDING = "finding"
    RATING = "rating"
    TITLE = "title"
    PARTS = "parts"  # the separate matters of a split
    REPORT = "report"  # the other report of a link
    DELIVERED_BY_HAND = "delivered_by_hand"  # told, called or posted: who, when
    SOLVED = "solved"  # withdrawn, or solved meanwhile?


class Finding(StrEnum):
    """What an examiner found (sop.md §1)."""

    PROVEN = "proven"
    PARTLY = "partly"
    NOT = "not"


class Audience(StrEnum):
    """Who is told that a clock has run out (sop.md §6)."""

    HOLDER = "holder"
    LIAISON = "liaison"
    AGENCY_ADMIN = "agency_admin"
    NATIONAL_ADMIN = "national_admin"
    SUPERVISOR = "supervisor"
    REPORTER = "reporter"


class Ground(StrEnum):
    """Grounds to archive (sop.md §5)."""

    INCOMPLETE = "incomplete"
    NOT_UNDERSTANDABLE = "not_understandable"
    NOT_PUBLIC_SERVICE = "not_public_service"
    BEFORE_COURT = "before_court"
    SPAM = "spam"
    WITHDRAWN = "withdrawn"


class Closing(StrEnum):
    """How a closed report came to its end."""

    CONFIRMED = "confirmed"
    SILENCE = "silence"
    UNREACHABLE = "unreachable"
    FINAL_DECISION = "final_decision"
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"


class Privacy(StrEnum):
    """What agencies and units may know of the reporter (sop.md §3)."""

    NAMED = "named"
    HIDDEN = "hidden"
    ANONYMOUS = "anonymous"


class ClockKind(StrEnum):
    """The clocks of sop.md §6."""

    VERIFICATION = "verification"
    AGENCY_DISPOSITION = "agency_disposition"
    INITIAL_RESPONSE = "initial_response"
    SETTLEMENT = "settlement"
    ANSWER = "answer"
    SILENCE = "silence"
    CLARIFICATION = "clarification"
    OMBUDSMAN = "ombudsman"


class Field(StrEnum):
    """The fields of a complete report (sop.md §3)."""

    STORY = "story"
    WHEN = "when"
    WHERE = "where"
    WHO = "who"
    EVIDENCE = "evidence"
    CATEGORY = "category"
    HOPED = "hoped"
    PRIVACY = "privacy"

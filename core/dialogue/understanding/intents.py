"""What a message wants of the conversation itself: an answer, a command, a greeting, a rating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    YES = "yes"
    NO = "no"
    NONE = "none"  # "tidak ada": nothing to give
    SKIP = "skip"
    UNKNOWN = "unknown"  # "tidak tahu"
    BACK = "back"
    EDIT = "edit"
    CANCEL = "cancel"
    HELP = "help"
    STATUS = "status"
    REPORTS = "reports"  # my reports
    NEW = "new"  # "lapor", "buat laporan baru"
    ADD = "add"  # "tambah": add to a report
    LANGUAGE = "language"  # see `Intents.language`
    DONE = "done"  # "udah itu aja"
    SEND = "send"
    GREETING = "greeting"
    THANKS = "thanks"
    SETTLED = "settled"  # "sudah beres"
    NOT_SETTLED = "not_settled"  # "belum", "masih rusak"
    RATING = "rating"  # see `Intents.rating`
    HIDE_NAME = "hide_name"
    SHOW_NAME = "show_name"
    ANONYMOUS = "anonymous"
    STOP = "stop"  # no more messages
    DELETE_DATA = "delete_data"
    PRIVACY = "privacy"  # /data: the whole notice on personal data
    WITHDRAW = "withdraw"
    START = "start"


class Strength(StrEnum):
    WHOLE = "whole"  # the message says this and nothing else: "tidak"
    CONTAINED = "contained"  # the words occur in something longer: "tidak ada air"


@dataclass(frozen=True, slots=True)
class Intents:
    """What was wanted, how strongly. `rating` 1–5 and `language` "id"/"en" accompany their intents.

    `number`: the message is a bare number, for numbered choices ("2", "no 2", "yang kedua").
    """

    found: Mapping[Intent, Strength]
    rating: int | None = None
    language: str | None = None
    number: int | None = None
    is_command: bool = False  # it was written with a slash

    def whole(self, *wanted: Intent) -> bool:
        """Is one of these the whole message?"""
        return any(self.found.get(intent) is Strength.WHOLE for intent in wanted)

    def has(self, *wanted: Intent) -> bool:
        """Is one of these said at all?"""
        return any(intent in self.found for intent in wanted)

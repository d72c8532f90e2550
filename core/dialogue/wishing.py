"""What the words ask to be done to a filed report: Beres, Belum, a rating, a withdrawal, a choice about the Ombudsman."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.dialogue.codes import codes_in, without_codes
from core.dialogue.model import NoticeKind, ReportFacts
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent, Intents, intents_in

_SHORT_WORDS = 8
_STILL = ("belum", "blm", "masih", "tetap", "not yet", "still")
OMBUDSMAN_CHOICES = ("without", "with_identity", "not_at_all")
_NOT_AT_ALL = re.compile(r"\b(?:jangan|jgn|tidak|tdk|nggak|gak|ga|don'?t|do not|not|no)\b", re.IGNORECASE)
_WITHOUT = re.compile(
    r"\b(?:tanpa|sembunyikan|rahasiakan|anonim|without|hide|anonymous)\b"
    r"|\b(?:jangan|jgn|tidak|not|don't)\W+(?:\w+\W+){0,2}(?:nama|identitas|name)",
    re.IGNORECASE,
)
_WITH = re.compile(r"\b(?:dengan|dgn|pakai|sebut|with)\W+(?:nama|identitas|my name|name)", re.IGNORECASE)
_NAMES_IT = re.compile(r"\bombudsman\b|^\W*(?:(?:ya|boleh|tolong|jangan|jgn)\W+)?(?:di)?terus(?:kan|in)\b", re.IGNORECASE)
_ABOUT_IT = re.compile(r"\b(?:ombudsman|(?:di)?terus(?:kan|in)|nama|identitas|name|pass|refer)\w*", re.IGNORECASE)

Wanted = Callable[[ReportFacts], bool]


def beside_codes(message: Message) -> tuple[Intents, str]:
    """What is said beside the tracking code that stands in front: its letters and digits mean nothing else."""
    if not codes_in(message.text):
        return message.reading.intents, message.text
    words = " ".join(without_codes(message.text).split()).strip(" ,.:;-#")
    return intents_in(words), words


def wish(message: Message) -> tuple[str, Wanted] | None:
    """What the words ask to be done, and which reports that can be done to; None: they say nothing of the kind."""
    intents, said = beside_codes(message)
    words, stars, is_story = said.split(), intents.rating, message.reading.is_story
    if stars is not None and intents.has(Intent.RATING) and len(words) <= _SHORT_WORDS:
        return f"rate{stars}", lambda report: report.rateable
    if intents.whole(Intent.WITHDRAW) or (intents.has(Intent.WITHDRAW) and not is_story and len(words) <= _SHORT_WORDS):
        return "withdraw", lambda report: report.open
    replies = intents.whole(Intent.NOT_SETTLED) or not is_story or said.lower().startswith(_STILL)
    if intents.has(Intent.NOT_SETTLED) and replies:
        return "not_settled", lambda report: report.settled
    settled = intents.has(Intent.SETTLED) and not intents.has(Intent.NOT_SETTLED) and len(words) <= _SHORT_WORDS
    if intents.whole(Intent.SETTLED) or settled:
        return "confirm", lambda report: report.settled
    if intents.whole(Intent.YES):
        return "confirm", lambda report: report.settled
    if intents.whole(Intent.NO):
        return "not_settled", lambda report: report.settled
    return None


def wishes_something(turn: Turn, message: Message) -> bool:
    """Do the words ask for what can be done to one of the reports now ("belum beres" to one that can be disputed)?"""
    wished = wish(message)
    if wished is None:
        return False
    what, wanted = wished
    fitting = any(wanted(report) for report in turn.reports)
    return fitting or (what == "not_settled" and any(report.disputable for report in turn.reports))


def ombudsman_choice(message: Message, report: ReportFacts) -> str | None:
    """sop.md §6: with identity, without (what a plain yes means), or not at all; None: the words are about something else.

    A plain yes or no is meant for it only where that was the last thing that the report was asked.
    """
    intents, said = beside_codes(message)
    named = bool(_NAMES_IT.search(said))
    if not said or len(said.split()) > _SHORT_WORDS or (message.reading.is_story and not named):
        return None
    if (report.settled or report.question is not None) and not named:
        return None
    plain = intents.whole(Intent.YES, Intent.NO) and report.last_notice is NoticeKind.OMBUDSMAN_CHOICE
    if not (plain or _ABOUT_IT.search(said) or intents.whole(Intent.ANONYMOUS)):
        return None
    if _WITHOUT.search(said) or intents.whole(Intent.YES, Intent.ANONYMOUS):
        return "without"
    if _NOT_AT_ALL.search(said):
        return "not_at_all"
    return "with_identity" if _WITH.search(said) else "without"

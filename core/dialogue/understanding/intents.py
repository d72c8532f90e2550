"""What a message wants of the conversation itself: an answer, a command, a greeting, a rating."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from core.dialogue.understanding.words import Phrases, Wording, plain, section, wording


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
    AFRAID = "afraid"  # "aman ga?", "takut lapor"
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
    LINK = "link"  # "sambung": another channel of the same person
    UNLINK = "unlink"  # "pisah"
    NEWS_HERE = "news_here"  # notices to this channel
    NEWS_THERE = "news_there"  # notices to where each report came from


class Strength(StrEnum):
    WHOLE = "whole"  # the message says this and nothing else: "tidak"
    CONTAINED = "contained"  # the words occur in something longer: "tidak ada air"


@dataclass(frozen=True, slots=True)
class Intents:
    """What was wanted, how strongly. `rating` 1–5 and `language` "id"/"en" accompany their intents.

    Several may be WHOLE at once ("sudah" is yes and done): the open question decides which is meant.
    `number`: the message is a bare number, for numbered choices ("2", "no 2", "yang kedua").
    """

    found: Mapping[Intent, Strength] = field(default_factory=lambda: MappingProxyType({}))
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


_COMMAND = re.compile(r"\s*/([A-Za-z]{1,20})(?:@\w{1,40})?(?:\s|$)")
_NUMBER = re.compile(
    r"\s*(?:(?:no|nomor|nomer|pilih|pilihan|yang|yg|number|option|ke|the|opsi)\W{0,3}){0,3}"
    r"(\w{1,8})\s*(?:one)?[.)!\s]*",
    re.IGNORECASE,
)
_RATING = re.compile(
    r"(?:(?:nilai|bintang|rating|skor|kasih|beri|saya|score|rate|it|nya|kasi)\W{1,3}){0,4}"
    r"([1-5])(?:\s?(?:/\s?5|bintang|stars?|out of 5|dari 5))?(?:\W(?:bintang|stars?))?",
    re.IGNORECASE,
)
_STARS = re.compile(r"(?:[⭐★🌟]\ufe0f?\s?){1,5}")
_EXCLUDES = {
    Intent.NO: (Intent.NONE, Intent.UNKNOWN, Intent.SHOW_NAME, Intent.HIDE_NAME, Intent.NOT_SETTLED),
    Intent.SETTLED: (Intent.NOT_SETTLED,),
}


@cache
def _phrases() -> Phrases:
    return Phrases(section("intents", "phrases"))


@cache
def _fillers() -> Phrases:
    return Phrases(section("intents", "fillers"))


@cache
def _satisfaction() -> Phrases:
    return Phrases(section("intents", "satisfaction"))


def fillers() -> Phrases:
    """Politeness, address and exclamations that say nothing by themselves."""
    return _fillers()


def intents_in(text: str | Wording) -> Intents:
    """Every intent that the words carry, with its strength. Total: any text gives an answer."""
    told = wording(text)
    command = _command(told)
    if command is not None:
        return command
    found = {Intent(name): Strength.CONTAINED for name in _phrases().names_in(told)}
    for name in _phrases().whole(told, _fillers()):
        found[Intent(name)] = Strength.WHOLE
    if found.get(Intent.YES) is Strength.WHOLE and _is_only_idle_yes(told, found):
        found[Intent.YES] = Strength.CONTAINED
    for weaker, stronger in _EXCLUDES.items():
        if found.get(weaker) is Strength.WHOLE and any(found.get(other) is Strength.WHOLE for other in stronger):
            found[weaker] = Strength.CONTAINED
    rating = _rating(told)
    if rating is not None:
        found[Intent.RATING] = Strength.WHOLE
    elif Intent.RATING in found:
        del found[Intent.RATING]
    return Intents(MappingProxyType(found), rating, _language(told, found), _number(told))


def _is_only_idle_yes(told: Wording, found: Mapping[Intent, Strength]) -> bool:
    """ "ok makasih" thanks, "tidak ya" declines: beside another whole intent, a polite yes-word answers nothing."""
    firm = {
        Intent.NO,
        Intent.NONE,
        Intent.UNKNOWN,
        Intent.THANKS,
        Intent.CANCEL,
        Intent.NOT_SETTLED,
        Intent.HIDE_NAME,
        Intent.GREETING,
        Intent.SKIP,
    }
    others = any(strength is Strength.WHOLE and intent in firm for intent, strength in found.items())
    return others and told.words[0].norm not in {"iya", "yes", "betul", "benar"}


def _command(told: Wording) -> Intents | None:
    match = _COMMAND.match(told.raw)
    if match is None:
        return None
    name = match[1].lower()
    intent = plain("intents", "commands").get(name)
    if intent is None:
        return None
    rest = told.raw[match.end() :].strip()
    language = name if name in {"id", "en"} else _language(wording(rest), {Intent.LANGUAGE: Strength.WHOLE}) if rest else None
    strength = Strength.CONTAINED if rest and Intent(intent) is not Intent.LANGUAGE else Strength.WHOLE
    return Intents(MappingProxyType({Intent(intent): strength}), language=language, is_command=True)


def _language(told: Wording, found: Mapping[Intent, Strength]) -> str | None:
    if Intent.LANGUAGE not in found:
        return None
    norms = {word.norm for word in told.words}
    for language, names in section("intents", "languages").items():
        if norms & set(names):
            return language
    return None


def _number(told: Wording) -> int | None:
    match = _NUMBER.fullmatch(told.raw[:60])
    if match is None or len(told.raw) > 60:
        return None
    word = match[1].lower()
    if word.isascii() and word.isdigit() and len(word) <= 2:
        return int(word)
    named = plain("intents", "ordinals").get(word)
    return int(named) if named else None


def _rating(told: Wording) -> int | None:
    raw = told.raw.strip(" .!\n\t")
    if len(raw) > 80:
        return None
    if _STARS.fullmatch(raw):
        return sum(raw.count(star) for star in "⭐★🌟")
    if digit := _RATING.fullmatch(raw):
        return int(digit[1])
    number = _number(told)
    if number is not None:
        return number if 1 <= number <= 5 else None
    said = _satisfaction().whole(told, _fillers())
    hits = [hit for hit in _satisfaction().find(told) if hit.name in said]
    if not hits:
        return None
    longest = max(hits, key=lambda hit: (hit.after - hit.first, -hit.first))
    return int(longest.name)

"""Telephone numbers: 08…, 62…, +62… and 0062… are one person; short codes and names are machines."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_DIGITS = re.compile(r"[0-9]{6,17}")
_FILLING = re.compile(r"[\s().\-]")


def is_country(code: str) -> bool:
    """Whether these two letters are a country with telephone numbers."""
    import phonenumbers

    return code in phonenumbers.SUPPORTED_REGIONS


@lru_cache(maxsize=8192)
def person(written: str, country: str) -> str | None:
    """The number of a person as E.164, "+62812…"; None for a short code, a service number, a name, or no number at all."""
    compact = _FILLING.sub("", written)
    digits = compact.removeprefix("+")
    if not (digits.isascii() and _DIGITS.fullmatch(digits)):
        return None
    for number in _readings(compact, digits, country):
        if _is_person(number):
            return _e164(number)
    return None


def _readings(compact: str, digits: str, country: str) -> list[PhoneNumber]:
    """As it may be meant, the likeliest first: gateways leave out the plus, people dial zeros."""
    import phonenumbers

    ways: list[tuple[str, str | None]]
    if compact.startswith("+"):
        ways = [(compact, None)]
    elif digits.startswith("00"):
        ways = [(f"+{digits[2:]}", None), (digits, country)]
    elif digits.startswith("0"):
        ways = [(digits, country)]
    else:
        ways = [(digits, country), (f"+{digits}", None)]
    found = []
    for text, region in ways:
        try:
            found.append(phonenumbers.parse(text, region))
        except phonenumbers.NumberParseException:
            continue
    if len(found) == 2 and not _is_mobile(found[0]) and phonenumbers.is_valid_number(found[1]):
        found.reverse()
    return found


def _is_mobile(number: PhoneNumber) -> bool:
    import phonenumbers

    kind = phonenumbers.number_type(number)
    return kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def _is_person(number: PhoneNumber) -> bool:
    """A range that the tables do not know yet is somebody's, if it is long enough: new prefixes come faster than updates."""
    import phonenumbers

    kinds = phonenumbers.PhoneNumberType
    kind = phonenumbers.number_type(number)
    if kind == kinds.UNKNOWN:
        possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
        return possible and len(phonenumbers.national_significant_number(number)) >= 9
    return kind in (kinds.MOBILE, kinds.FIXED_LINE, kinds.FIXED_LINE_OR_MOBILE, kinds.PERSONAL_NUMBER, kinds.VOIP)


def _e164(number: PhoneNumber) -> str:
    import phonenumbers

    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

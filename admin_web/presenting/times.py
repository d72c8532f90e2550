"""Days and moments as people in the office's zone read them, with the zone's name (WIB, WITA, WIT)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from core.procedure.calendar import WorkingCalendar

ZONE_LABELS = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Ujung_Pandang": "WITA",
    "Asia/Jayapura": "WIT",
}
_HALF_DAY = timedelta(hours=12)


def zone_label(zone: str, at: datetime) -> str:
    return ZONE_LABELS.get(zone) or at.astimezone(ZoneInfo(zone)).strftime("%Z")


def moment(language: str, at: datetime, zone: str) -> str:
    """ "Jum, 13 Mar 2026 14.05 WIB"."""
    pattern = "EEE, d MMM y HH.mm" if language == "id" else "EEE, d MMM y HH:mm"
    return f"{format_datetime(at.astimezone(ZoneInfo(zone)), pattern, locale=language)} {zone_label(zone, at)}"


def day(language: str, on: date) -> str:
    """ "Jumat, 13 Maret 2026"."""
    return str(format_date(on, "EEEE, d MMMM y", locale=language))


def short_day(language: str, on: date, today: date) -> str:
    """ "Sen, 16 Mar", with the year where it is another one."""
    return str(format_date(on, "EEE, d MMM" if on.year == today.year else "EEE, d MMM y", locale=language))


def last_day(due_at: datetime, zone: str) -> date:
    """The day at whose end it is due: `due_at` is a midnight in one of the country's zones, half a day earlier is inside."""
    return (due_at - _HALF_DAY).astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, slots=True)
class Due:
    """How far a due date is. `key` and `days` make the sentence `desk.due.<key>`; `tone`: late, today, soon or calm."""

    on: date
    key: str
    days: int
    tone: str


def due(due_at: datetime, now: datetime, calendar: WorkingCalendar, zone: str) -> Due:
    """Days are working days either way."""
    on = last_day(due_at, zone)
    today = now.astimezone(ZoneInfo(zone)).date()
    if now >= due_at:
        late = calendar.working_days_between(on, today)
        return Due(on, "late" if late else "just_late", late, "late")
    if on <= today:
        return Due(on, "today", 0, "today")
    left = calendar.working_days_between(today, on)
    if left <= 1:
        return Due(on, "tomorrow" if on - today == timedelta(days=1) else "next_day", left, "soon")
    return Due(on, "left", left, "calm")


def age_days(since: datetime, now: datetime, zone: str) -> int:
    """Calendar days since then, as the wall calendar counts."""
    there = ZoneInfo(zone)
    return max(0, (now.astimezone(there).date() - since.astimezone(there).date()).days)

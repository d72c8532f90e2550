"""Offices by their names."""

from __future__ import annotations

from admin_web import desk


def says_name(words: str | None, name: str) -> bool:
    """Do the words name this office already, in whatever capitals?"""
    return name.casefold() in " ".join((words or "").split()).casefold()


def office_name(office_id: int | None) -> str:
    """The office's name in the directory."""
    row = desk.office().tree().by_id.get(office_id) if office_id is not None else None
    return row.name if row is not None else desk.say("desk.office.unknown")

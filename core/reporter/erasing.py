"""The reporter is forgotten (UU 27/2022): first what is withdrawn, then who it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from core import erasing
from core.dialogue.model import EraseIdentity, Withdraw
from core.office import Office
from core.reporter import replying
from core.reporter.speaking import Carried, Speaker


def erase_identity(connection: Connection, office: Office, effect: EraseIdentity, *, by: Speaker, now: datetime) -> Carried:
    """At once, for everybody whom the speaker has proved to be. Where an inspection has begun a withdrawal is only a wish."""
    if effect.withdraw:
        for code, person_id in erasing.open_reports(connection, by.person_id):
            replying.withdraw(connection, office, Withdraw(code, solved=False), by=replace(by, person_id=person_id), now=now)
    erasing.begin(
        connection,
        office,
        person_id=by.person_id,
        conversation_id=by.conversation_id,
        inbox_id=by.inbox_id,
        withdrawn=effect.withdraw,
        now=now,
    )
    return Carried()

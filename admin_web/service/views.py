"""The state of the service, for national admins: channels, what failed lately, mail to officials, what waits on disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template

from admin_web.desk import language, now, office, say
from admin_web.service.standing import bills, remarks
from core import officialmail, spool, texts, undelivered
from core.storage import channelstates
from core.undelivered import Traffic

pages = Blueprint("service", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One channel. `at` is None for one that nobody runs now, but by which messages leave or failed."""

    channel: str
    traffic: Traffic
    trouble: str | None = None
    last_success_at: datetime | None = None
    at: datetime | None = None
    remarks: tuple[str, ...] = ()


@pages.get("/layanan")
def state() -> str:
    house = office()
    with house.database.read() as conn:
        states = {each.channel: each for each in channelstates.every(conn)}
        traffic = undelivered.traffic(conn, now=now())
        unreached = undelivered.officials(conn, now=now())
        spent = bills(conn, now())
    rows = [
        Row(name, traffic.get(name, Traffic()), each.trouble_at(now()), each.last_success_at, each.at, remarks(each.remarks))
        for name, each in states.items()
    ]
    rows += [Row(name, each) for name, each in sorted(traffic.items()) if name not in states]
    return render_template(
        "service/service.html",
        rows=rows,
        degraded=any(row.at is not None and row.trouble is not None for row in rows),
        bills=spent,
        words=_words,
        kept=officialmail.only_kept(house),
        officials_mail=officialmail.door(house) is not None,
        unreached=unreached,
        spool=spool.waiting(house.config.spool),
    )


def _words(code: str) -> str:
    """What the trouble is and what to do; a code that has no sentence is still better than silence."""
    key = f"desk.service.trouble.{code}"
    return say(key) if texts.has(language(), key) else code

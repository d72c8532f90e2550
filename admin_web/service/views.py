"""The state of the channels, for national admins."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import select

from admin_web.desk import language, office, say
from core import texts
from core.storage.tables import channel_states

pages = Blueprint("service", __name__)


@pages.get("/layanan")
def state() -> str:
    with office().database.read() as conn:
        rows = conn.execute(select(channel_states).order_by(channel_states.c.channel)).all()
    return render_template("service/service.html", rows=rows, trouble=_trouble, kept=_kept_mail())


def _trouble(code: str) -> str:
    keys = (f"channel.trouble.{code}", f"desk.service.trouble.{code}")
    key = next((each for each in keys if texts.has(language(), each)), None)
    return say(key) if key else code


def _kept_mail() -> bool:
    """Does a channel that is on have a relay to send through, and none set? Then what it sends stays in a folder here."""
    config = office().config
    settings = (config.channels[name] for name in config.enabled_channels)
    relays = [each["relay"] for each in settings if "relay" in each]
    return any(not (relay or {}).get("host") for relay in relays)

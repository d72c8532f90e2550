"""The state of the channels, for national admins."""

from __future__ import annotations

from flask import Blueprint, render_template

from admin_web.desk import language, now, office, say
from core import texts
from core.storage import channelstates

pages = Blueprint("service", __name__)


@pages.get("/layanan")
def state() -> str:
    with office().database.read() as conn:
        rows = [(each, each.trouble_at(now())) for each in channelstates.every(conn)]
    return render_template("service/service.html", rows=rows, words=_words, kept=_kept_mail())


def _words(code: str) -> str:
    """What the trouble is and what to do; a code that has no sentence is still better than silence."""
    key = f"desk.service.trouble.{code}"
    return say(key) if texts.has(language(), key) else code


def _kept_mail() -> bool:
    """Does a channel that is on have a relay to send through, and none set? Then what it sends stays in a folder here."""
    config = office().config
    settings = (config.channels[name] for name in config.enabled_channels)
    relays = [each["relay"] for each in settings if "relay" in each]
    return any(not (relay or {}).get("host") for relay in relays)

"""What the tests of outgoing mail begin with: settings for a post office, a message to Siti, a fixed moment."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bots.email import Settings
from bots.email.send import Sender
from bots.email.tokens import Tokens
from core.channels import Outbound, Surroundings
from tests.bots.email.postoffice import PostOffice

OURS, SITI = "lapor@kota.test", "siti@contoh.test"
KEY = "3f0c9a1b2d4e5f60718293a4b5c6d7e8.0"
MESSAGE_ID = f"{KEY}@kota.test"
MONDAY = datetime(2026, 3, 2, 3, 15, tzinfo=UTC)


def sign(text: str) -> str:
    return hmac.new(b"kunci", text.encode(), hashlib.sha256).hexdigest()


AROUND = Surroundings(office="Kota Contoh", sign=sign)
TOKENS = Tokens(OURS, sign)


def settings(office: PostOffice | None = None, keep: Path | None = None, **relay: Any) -> Settings:
    """Without a post office mails are kept. `relay`: its settings beside host and port; fast time-outs unless given."""
    where: dict[str, Any] = {"address": OURS}
    if keep is not None:
        where["keep"] = keep
    if office is not None:
        times = {"connect_timeout_seconds": 1.0, "answer_timeout_seconds": 2.0}
        where["relay"] = {"host": office.host, "port": office.port, **times, **relay}
    return Settings.model_validate(where)


def sender(office: PostOffice | None = None, keep: Path | None = None, **relay: Any) -> Sender:
    """The one under test."""
    return Sender(settings(office, keep, **relay), AROUND, lambda: MONDAY)


def message(text: str = "Sudah saya catat.", address: str = SITI, key: str = KEY, **more: Any) -> Outbound:
    return Outbound(key=key, address=address, text=text, **more)

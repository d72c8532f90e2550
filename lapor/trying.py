"""`lapor check --send-test`: one message straight through a channel. No outbox, no database: it works while that is away."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from core import texts
from core.channels import KEPT, Channel, Check, Delivery, Fault, Outbound, Outcome
from core.config import Config
from core.errors import ConfigurationError
from lapor import wiring

_TO_DO: Mapping[Fault, str] = {
    Fault.RECIPIENT_GONE: "this address takes no messages: look whether it is written right",
    Fault.RECIPIENT_MOVED: "this address has another one now: write to that",
    Fault.REFUSED: "the other side refuses this message: look at its log",
    Fault.THROTTLED: "too fast for the other side: try again later",
    Fault.UNAVAILABLE: "nobody could be reached: look at the host, the port and the network",
    Fault.UNAUTHORISED: "the credentials are refused: put the right ones into the configuration",
    Fault.BUDGET: "the day's budget is spent: raise it, or wait until tomorrow",
    Fault.UNCERTAIN: "the connection broke on the way, it may have been sent: look whether it arrives",
}
_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]{2,}")
_SENT: Mapping[Outcome, str] = {
    Outcome.ACCEPTED: "the other side took the test message: look whether it arrives",
    Outcome.DELIVERED: "the test message was delivered",
}


def send_test(config: Config, to: str, channel: str | None) -> Check:
    """Sends the test message to `to`, through `channel` or the enabled one that has such addresses; how it ended.

    Raises ConfigurationError: no such channel, none that is enabled reaches the address, or it is none.
    """
    wiring.load_keys(config)
    enabled = [name for name in wiring.enabled(config) if name not in wiring.ALWAYS]
    if channel is not None and channel not in enabled:
        raise ConfigurationError(f"--channel {channel}: not enabled; this configuration has {', '.join(enabled) or 'none'}")
    channels = wiring.build_channels(config, enabled if channel is None else [channel])
    try:
        name = channel or _reaching(channels, to)
        return _said(name, channels[name].send(_message(config, wiring.address(config, name, to))))
    finally:
        for one in channels.values():
            one.close()


def _reaching(channels: Mapping[str, Channel], to: str) -> str:
    """A mail address or a telephone number tells its channel; anything else needs a name beside it."""
    mail = "@" in to.strip("@")
    number = not mail and _NUMBER.fullmatch(to.strip()) is not None
    for name, channel in channels.items():
        can = channel.capabilities
        if (mail and can.reaches_accounts) or (number and can.segmented):
            return name
    if mail or number:
        kind = "mail addresses" if mail else "telephone numbers"
        raise ConfigurationError(f"--send-test: no enabled channel reaches {kind}: enable one, or name it with --channel")
    raise ConfigurationError("--send-test: give a mail address or a telephone number, or name the channel with --channel")


def _message(config: Config, address: str) -> Outbound:
    language, office = config.office.language, config.office.name
    return Outbound(
        key=f"test.{secrets.token_hex(8)}",
        address=address,
        text=texts.text(language, "test.text", office=office),
        subject=texts.text(language, "test.subject", office=office),
        language=language,
    )


def _said(name: str, delivery: Delivery) -> Check:
    code = f" ({delivery.detail})" if delivery.detail and delivery.detail != KEPT else ""
    if delivery.detail == KEPT:
        return Check(name, True, "no relay is set: the test message was kept as a file, nobody gets it")
    if delivery.outcome in _SENT:
        return Check(name, True, f"{_SENT[delivery.outcome]}{code}")
    what = _TO_DO[delivery.fault] if delivery.fault else "not now: try again in a few minutes"
    return Check(name, False, f"{what}{code}")

"""What a gateway to the phone network is. A new one is a file in `gateways/` and a line in `GATEWAYS`."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from bots.sms import Settings
from bots.sms.model import Answer, Ask, Message, Report
from bots.sms.wire import Kind
from core.channels import Check, Delivery, Fault, FileRef, Outbound, Outcome, Request, Response

GATEWAYS: dict[str, str] = {
    "kannel": "bots.sms.gateways.kannel:Kannel",
    "twilio": "bots.sms.gateways.twilio:Twilio",
}
"""Name in `channels.sms.gateway` → module and class; imported only when it is the one, or a stored text came by it."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A path on our ingress that the gateway calls. `take`: the fields to store, or None for anybody but the gateway."""

    method: str
    path: str
    kind: Kind
    take: Callable[[Request], bytes | None]


class Gateway(ABC):
    """One gateway's protocol in both directions, without I/O: what it sends us, what we ask it, what its answers mean."""

    media_in: ClassVar[bool] = False
    sender_repeats: ClassVar[bool] = True  # it calls again after a 503
    thanks: ClassVar[Response] = Response(200)  # a body here may be sent to the citizen: it stays empty

    def __init__(self, settings: Settings, callback_url: str) -> None:
        """`callback_url`: where the gateway reaches our ingress, without a slash at the end."""
        self.settings = settings
        self.callback_url = callback_url.rstrip("/")

    @staticmethod
    def complaint(settings: Settings) -> str | None:  # noqa: ARG004 - not every gateway needs a key of its own
        """What the configuration lacks for this gateway: the key and the remedy."""
        return None

    @staticmethod
    @abstractmethod
    def read_message(payload: bytes) -> Message:
        """A stored text. Raises ValueError if it is none."""

    @staticmethod
    @abstractmethod
    def read_report(payload: bytes) -> Report:
        """A stored delivery report. Raises ValueError if it is none."""

    @abstractmethod
    def hooks(self) -> Sequence[Hook]:
        """The paths that the gateway calls."""

    @abstractmethod
    def ask_to_send(self, outbound: Outbound) -> Ask:
        """The request that sends this text."""

    @abstractmethod
    def verdict(self, answer: Answer, outbound: Outbound) -> Delivery:
        """What the gateway's answer to it means."""

    @abstractmethod
    def ask_how_it_is(self) -> Ask:
        """A request that sends nothing and shows whether gateway and credentials are good."""

    @abstractmethod
    def how_it_is(self, answer: Answer) -> Check:
        """What the answer to that means."""

    def ask_for_file(self, ref: FileRef) -> Ask | None:  # noqa: ARG002 - most gateways bring no files
        """The request that brings a file, or None for what can be no file of this gateway."""
        return None


def find(name: str) -> type[Gateway]:
    """The gateway's class. Raises ValueError for a name that none has."""
    place = GATEWAYS.get(name)
    if place is None:
        raise ValueError("no such gateway")
    module, _, attribute = place.partition(":")
    found: type[Gateway] = getattr(importlib.import_module(module), attribute)
    return found


def understood(gateway: type[Gateway], kind: Kind, payload: bytes) -> Message | Report:
    """What a stored request says. Raises ValueError, and nothing else, for one that the gateway never sends."""
    try:
        return gateway.read_report(payload) if kind is Kind.STATUS else gateway.read_message(payload)
    except (LookupError, TypeError, AttributeError, RecursionError, ArithmeticError) as error:
        raise ValueError(type(error).__name__) from None


def not_the_gateway(answer: Answer) -> Delivery:
    """Something answered that is not the gateway: a proxy's page, a wrong address. In doubt the text has left."""
    detail = f"http_{answer.status}"
    if 300 <= answer.status <= 499:
        return Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, retry_after_seconds=answer.retry_after_seconds, detail=detail)
    return Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail=detail)

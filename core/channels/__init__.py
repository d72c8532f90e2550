"""The words that channels and the core share: what comes in, what goes out, what a channel can do, how a delivery ends.

A channel translates a vendor's protocol into these words and back. The core decides by `Capabilities`, never by name.
"""

from __future__ import annotations

from core.channels.capabilities import Capabilities
from core.channels.channel import Binds, Channel, Check, Health
from core.channels.files import Fetched, FetchState
from core.channels.house import AT_REST, InMemory, Keepsakes, Menu, Spending, Surroundings, unsigned
from core.channels.incoming import Accept, FileRef, Inbound, InboundKind, MediaKind, Place, Raw, Receipt, Sender, Stored
from core.channels.outgoing import KEPT, Choice, Delivery, Fault, Outbound, Outcome, OutFile
from core.channels.web import Request, Response, Route

__all__ = [
    "AT_REST",
    "Accept",
    "Binds",
    "Capabilities",
    "Channel",
    "Check",
    "Choice",
    "Delivery",
    "Fault",
    "FetchState",
    "Fetched",
    "FileRef",
    "Health",
    "InMemory",
    "Inbound",
    "InboundKind",
    "KEPT",
    "Keepsakes",
    "MediaKind",
    "Menu",
    "OutFile",
    "Outbound",
    "Outcome",
    "Place",
    "Raw",
    "Receipt",
    "Request",
    "Response",
    "Route",
    "Sender",
    "Spending",
    "Stored",
    "Surroundings",
    "unsigned",
]

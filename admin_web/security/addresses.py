"""Where a request came from, as far as it can be known (`desk.proxies`)."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address

from flask import request


def remote() -> str:
    """The sender's address; "" for what is none, as a careless proxy may write."""
    try:
        return str(ip_address(request.remote_addr or ""))
    except ValueError:
        return ""


def household(address: str) -> str:
    """What one sender can choose freely counts as one: with IPv6 a whole /64."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(IPv6Network((known, 64), strict=False))

"""Mail to officials (sop.md §7): a digest each working morning, urgent reports at once. Counts and codes, no case content.

It leaves through the outbox like everything else, by the channel of which an official's e-mail address is an address
(`Capabilities.reaches_accounts`). It belongs to no report there: that it fails says nothing about a reporter.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core import trackingcode
from core.office import Office
from core.report import Report
from core.storage import leases, outbox, people
from core.storage.accounts import Account
from core.storage.outbox import Part

DIGEST, URGENT = "digest", "urgent_mail"
KINDS = frozenset({DIGEST, URGENT})
"""Kinds of outbox entries that go to officials."""

AT_ONCE = frozenset({"urgent", "arrived", "received", "returned", "fell_back"})
"""News that make somebody responsible for a report; of an urgent one it is mailed at once."""

REST_AFTER_FAILURE = timedelta(days=7)
"""An address that does not take mail is tried again after this long: an official may have it mended."""


def door(office: Office) -> str | None:
    """The channel that reaches officials; None where none is enabled: then they are told on the desk alone."""
    return next((name for name, can in office.channels.items() if can.reaches_accounts and can.may_start), None)


def only_kept(office: Office) -> bool:
    """Do mails stay in a folder, because nobody is set who would carry them further? Then nothing comes back either."""
    name = door(office)
    return name is not None and office.channels[name].bounce_hours == 0


def desk_address(office: Office) -> str | None:
    """Where officials find the desk: as configured, else where it listens if that is this machine."""
    desk = office.config.desk
    if desk.public_url is not None:
        return desk.public_url
    return f"http://{desk.listen}/" if desk.listen.is_loopback else None


def send(
    connection: Connection, office: Office, account: Account, *, kind: str, subject: str, text: str, now: datetime
) -> bool:
    """Queues one mail in the caller's transaction. False: this account is not written to now.

    The demonstration's accounts have invented addresses: they are written to only where mails do not leave the house.
    """
    name = door(office)
    if name is None or not account.active or (account.demonstration and not only_kept(office)):
        return False
    known = people.find_address(connection, name, account.email)
    if known is not None and known.gone_at is not None and now - known.gone_at < REST_AFTER_FAILURE:
        return False
    if known is None:
        known, _new = people.ensure_address(
            connection, channel=name, value=account.email, name=None, language=account.language, verified=False, now=now
        )
    part = Part(text=text, subject=subject, kind=kind)
    outbox.enqueue(connection, [part], channel=name, address_id=known.id, language=account.language, now=now)
    office.wakeups.announce(connection, f"outbox:{name}")
    return True


def urgent(connection: Connection, office: Office, report: Report, told: Iterable[Account], *, now: datetime) -> None:
    """An urgent report came to these accounts: one short mail for each, once per report, at any hour."""
    if door(office) is None:
        return
    for account in told:
        if leases.once(connection, URGENT, f"{report.id}:{account.id}", at=now):
            code = trackingcode.formatted(report.code)
            lines = [office.text(account.language, "digest.urgent.what", code=code), *closing(office, account.language)]
            subject = office.text(account.language, "digest.urgent.subject", code=code)
            send(connection, office, account, kind=URGENT, subject=subject, text="\n\n".join(lines), now=now)


def closing(office: Office, language: str) -> list[str]:
    """How every such mail ends: the way to the desk, and why nothing more stands here."""
    url = desk_address(office)
    way = office.text(language, "digest.open", url=url) if url else office.text(language, "digest.open_somewhere")
    return [way, office.text(language, "digest.foot")]

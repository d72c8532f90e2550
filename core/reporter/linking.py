"""One person at several doors: a code is given, two addresses are linked, what was begun moves, a link is undone (sop.md §7).

Each address keeps its own row of `people`, and each report the row under which it was filed: a link says that the rows are one
person, and its undoing says that they are not.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from core import linking, settling
from core.channels import Inbound, InboundKind, Sender
from core.dialogue import takeover
from core.dialogue.model import (
    BeginAnew,
    Draft,
    Elsewhere,
    Heard,
    KeepEdit,
    Link,
    News,
    OfferLink,
    PreferHere,
    TakeOver,
    Unlink,
)
from core.office import Office
from core.reporter.speaking import Carried, Speaker
from core.storage import attachments, conversations, links, people, reports
from core.storage.conversations import ConversationRow
from core.storage.people import AddressRow

_DAYS_A_MONTH = 365.25 / 12


def offer(connection: Connection, office: Office, effect: OfferLink, *, by: Speaker, now: datetime) -> Carried:  # noqa: ARG001
    """A one-time code for this address; the one before it is void."""
    links.give(connection, code=effect.link_code, address_id=by.address_id, conversation_id=by.conversation_id, now=now)
    linking.record(connection, "link_offered", by.address_id, now)
    return Carried()


def link(connection: Connection, office: Office, effect: Link, *, by: Speaker, now: datetime) -> Carried:
    """The code was confirmed: both addresses are one person's, and the other door hears of it."""
    links.take_turn(connection, now=now)
    code = links.get(connection, effect.ref)
    giver = people.address(connection, code.address_id) if code is not None else None
    if code is None or giver is None or code.used_at is not None or now >= code.expires_at:
        return Carried()
    links.used(connection, code.lookup, at=now)
    links.join(
        connection,
        address_id=by.address_id,
        person_id=by.person_id,
        other_address_id=giver.id,
        other_id=giver.person_id,
        at=now,
    )
    linking.record(connection, "link", by.address_id, now, other=giver.id)
    if effect.takes:
        _move_files(connection, code.conversation_id, by.conversation_id)
    news = News(Elsewhere.LINKED, linking.door(office, by.channel), moved=effect.takes)
    _inform(connection, office, code.conversation_id, news, now)
    return Carried()


def take_over(connection: Connection, office: Office, effect: TakeOver, *, by: Speaker, now: datetime) -> Carried:
    """Both doors had a draft: that of the other one goes on here, ours waits there."""
    code = links.get(connection, effect.ref)
    giver = people.address(connection, code.address_id) if code is not None else None
    if code is None or giver is None or not people.are_one(connection, giver.person_id, by.person_id):
        return Carried()
    ours = [] if effect.left is None else [file.source_id for file in effect.left.files]
    theirs = _files_under_way(connection, code.conversation_id)
    attachments.rehome(connection, was=by.conversation_id, goes=code.conversation_id, source_ids=ours)
    attachments.rehome(connection, was=code.conversation_id, goes=by.conversation_id, source_ids=theirs)
    left: Draft | None = takeover.moved(effect.left, by.conversation_id) if effect.left is not None else None
    news = News(Elsewhere.MOVED, linking.door(office, by.channel), moved=True, left=left)
    _inform(connection, office, code.conversation_id, news, now)
    return Carried()


def unlink(connection: Connection, office: Office, effect: Unlink, *, by: Speaker, now: datetime) -> Carried:
    """That address stands alone again, with the reports that were filed from it; every door concerned hears of it."""
    links.take_turn(connection, now=now)
    together = people.addresses_of(connection, by.person_id)
    leaving = next((one for one in together if one.id == effect.ref), None)
    if leaving is None or len(together) < 2:
        return Carried()
    linking.record(connection, "unlink", leaving.id, now, by=by.address_id)
    _part(connection, office, together, leaving, by=by, now=now)
    return Carried()


def _part(
    connection: Connection, office: Office, together: tuple[AddressRow, ...], leaving: AddressRow, *, by: Speaker, now: datetime
) -> None:
    """The address leaves the others; every door concerned but the one that asked hears of it."""
    if leaving.preferred_at is not None:
        people.prefer(connection, by.person_id, None, at=now)
    links.leave(connection, address_id=leaving.id, person_id=leaving.person_id, by=by.address_id, at=now)
    _separate(connection, office, together, leaving, now)
    here = linking.door(office, by.channel)
    if leaving.id != by.address_id:
        _tell_address(connection, office, leaving, News(Elsewhere.UNLINKED, here), now)
        return
    for other in together:
        if other.id != leaving.id:
            _tell_address(connection, office, other, News(Elsewhere.OTHER_UNLINKED, here), now)


def begin_anew(connection: Connection, office: Office, effect: BeginAnew, *, by: Speaker, now: datetime) -> Carried:  # noqa: ARG001
    """Whoever speaks here now is nobody that we know; the reports from here stay with the person at the other addresses."""
    links.take_turn(connection, now=now)
    together = people.addresses_of(connection, by.person_id)
    leaving = next((one for one in together if one.id == by.address_id), None)
    heir = next((one for one in together if one.person_id != by.person_id), None)
    if leaving is None or heir is None:
        return Carried()
    people.hand_name(connection, by.person_id, heir.person_id)
    reports.hand_over(connection, was=by.person_id, goes=heir.person_id, address_id=heir.id)
    linking.record(connection, "begin_anew", by.address_id, now, other=heir.id)
    _part(connection, office, together, leaving, by=by, now=now)
    return Carried()


def prefer(connection: Connection, office: Office, effect: PreferHere, *, by: Speaker, now: datetime) -> Carried:  # noqa: ARG001
    """Where notices go from now on."""
    people.prefer(connection, by.person_id, by.address_id if effect.here else None, at=now)
    linking.record(connection, "prefer", by.address_id, now, here=int(effect.here))
    return Carried()


def edit_elsewhere(connection: Connection, office: Office, effect: KeepEdit, *, by: Speaker, now: datetime) -> None:
    """A new version of words that were said here and belong to a draft that goes on at another door."""
    for address in people.addresses_of(connection, by.person_id):
        there = conversations.of_address(connection, address.id) if address.id != by.address_id else None
        if there is None or not takeover.holds(there.session, effect.source_id, by.conversation_id):
            continue
        sender = Sender(address.address)
        edited = Inbound(there.channel, effect.source_id, sender, InboundKind.EDIT, effect.text, edits=effect.source_id)
        _converse(connection, office, there, Heard(edited), now)


def _move_files(connection: Connection, was: int, goes: int) -> None:
    attachments.rehome(connection, was=was, goes=goes, source_ids=_files_under_way(connection, was))


def _files_under_way(connection: Connection, conversation_id: int) -> list[str]:
    giving = conversations.locked(connection, conversation_id)
    return [file.source_id for file in takeover.files_of(giving.session)] if giving is not None else []


def _separate(
    connection: Connection, office: Office, together: tuple[AddressRow, ...], leaving: AddressRow, now: datetime
) -> None:
    """Nothing about one side's reports goes to the other side's addresses any more, also not what waits to leave."""
    own = {one.person_id: one for one in reversed(together)}
    for report_id, person_id, address_id in reports.addressed(connection, list(own)):
        here = next((one for one in together if one.id == address_id), None)
        if here is not None and (here.person_id == leaving.person_id) is not (person_id == leaving.person_id):
            reports.touch(connection, report_id, address_id=own[person_id].id)
    for one in together:
        strange = [each for each in own if (each == leaving.person_id) is not (one.person_id == leaving.person_id)]
        settling.call_off_about(connection, office, one.id, persons=strange, now=now)


def _tell_address(connection: Connection, office: Office, address: AddressRow, news: News, now: datetime) -> None:
    """Not where nobody has spoken for six months: the number may be somebody else's by now (sop.md §7)."""
    idle = timedelta(days=office.numbers.keeping.idle_address_months * _DAYS_A_MONTH)
    conversation = conversations.of_address(connection, address.id)
    if conversation is not None and now - address.seen_at <= idle:
        _inform(connection, office, conversation.id, news, now)


def _inform(connection: Connection, office: Office, conversation_id: int, news: News, now: datetime) -> None:
    conversation = conversations.locked(connection, conversation_id)
    if conversation is not None:
        _converse(connection, office, conversation, news, now)


def _converse(connection: Connection, office: Office, there: ConversationRow, event: News | Heard, now: datetime) -> None:
    """Said in the other conversation; only remembered where the person wants no messages or gets none."""
    from core.conversing import converse  # the conversation calls what tells: late, so that both can be imported

    quiet = there.session.stopped or there.gone_at is not None
    converse(connection, office, conversation=there, event=event, now=now, quiet=quiet)

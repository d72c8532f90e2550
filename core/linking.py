"""What the conversation may know of links: what an entered one-time code means, and which addresses are one person's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.channels import InboundKind
from core.dialogue import linkcode, linking
from core.dialogue.model import CodeMeaning, Event, Heard, LinkedAddress, LinkFacts, Mode
from core.office import Office
from core.storage import audit, conversations, links, people, throttles
from core.storage.conversations import ConversationRow
from core.storage.links import CodeRow
from core.storage.people import AddressRow

MOST_TRIES = 5
"""Codes that one person may enter in an hour."""
MOST_WRONG, MOST_TRIES_THEN = 200, 2
"""Above so many wrong codes in an hour, over all channels, somebody is guessing: everybody has fewer tries."""
_WINDOW = timedelta(hours=1)
_WRONG = "link:wrong"


def door(office: Office, channel: str) -> str:
    """What people call a channel."""
    known = office.channels.get(channel)
    return known.label if known is not None and known.label else channel


def other_doors(office: Office, channel: str) -> tuple[str, ...]:
    """What people call the office's other channels; not what only reaches whoever sits at this machine."""
    named = (known.label for name, known in office.channels.items() if name != channel and not known.instant)
    return tuple(dict.fromkeys(label for label in named if label))


def linked_addresses(
    office: Office, conversation: ConversationRow, together: Sequence[AddressRow]
) -> tuple[LinkedAddress, ...]:
    """This address and those linked to it that can still be used; empty where there are none."""
    known = sorted(together, key=lambda one: one.id)
    known = [one for one in known if one.address or one.id == conversation.address_id]
    wished = people.preferred(known)
    names = Counter(door(office, one.channel) for one in known)
    seen: Counter[str] = Counter()
    found: list[LinkedAddress] = []
    for one in known:
        name = door(office, one.channel)
        seen[name] += 1
        label = f"{name} ({seen[name]})" if names[name] > 1 else name
        found.append(LinkedAddress(one.id, label, one.id == conversation.address_id, one is wished))
    return tuple(found) if len(found) > 1 else ()


def code_facts(
    connection: Connection, office: Office, conversation: ConversationRow, event: Event, *, now: datetime
) -> LinkFacts | None:
    """What the code in this message means, or the one that was entered before; counted against guessing."""
    if not isinstance(event, Heard) or event.inbound.kind is not InboundKind.MESSAGE or not event.inbound.sender.verified:
        return None
    said = event.inbound.text.strip() or event.inbound.subject or ""
    typed = linkcode.typed(said) if not event.inbound.choice else None
    if typed is None:
        session = conversation.session
        asked = session.mode is Mode.CONFIRM and session.confirming in linking.ASKED
        if session.linking is None or not asked:
            return None
        return _entered_before(connection, office, conversation, session.linking, now)
    if _too_many(connection, conversation, now):
        return LinkFacts(CodeMeaning.TOO_MANY, named=typed.named)
    row = links.find(connection, typed.code)
    if row is None:
        throttles.count(connection, _WRONG, now=now, window=_WINDOW)
        return LinkFacts(CodeMeaning.UNKNOWN, named=typed.named)
    meaning, _row = _meaning(connection, conversation, row, now)
    return LinkFacts(meaning, ref=row.lookup, named=typed.named, door=_door_of(connection, office, row))


def _entered_before(
    connection: Connection, office: Office, conversation: ConversationRow, ref: str, now: datetime
) -> LinkFacts | None:
    """As things stand now, with the conversation that it was given in, both held until the transaction ends."""
    links.take_turn(connection, now=now)
    row = links.get(connection, ref)
    if row is None:  # a newer code was asked for at the other door
        return LinkFacts(CodeMeaning.EXPIRED, entered=False)
    meaning, mine = _meaning(connection, conversation, row, now)
    there = None
    if meaning is CodeMeaning.FITS or mine:
        giving = conversations.locked(connection, row.conversation_id)
        there = giving.session if giving is not None and giving.address_id == row.address_id else None
    return LinkFacts(
        meaning,
        ref=row.lookup,
        entered=False,
        door=_door_of(connection, office, row),
        conversation=row.conversation_id,
        there=there,
    )


def _meaning(connection: Connection, conversation: ConversationRow, row: CodeRow, now: datetime) -> tuple[CodeMeaning, bool]:
    """What it means, and whether it has linked just these two."""
    if row.address_id == conversation.address_id:
        return CodeMeaning.HERE, False
    giver = people.address(connection, row.address_id)
    if giver is not None and people.are_one(connection, giver.person_id, conversation.person_id):
        return CodeMeaning.LINKED, row.used_at is not None
    if row.used_at is not None:
        return CodeMeaning.USED, False
    if now >= row.expires_at or giver is None or not giver.address:
        return CodeMeaning.EXPIRED, False
    return CodeMeaning.FITS, False


def _door_of(connection: Connection, office: Office, row: CodeRow) -> str:
    giver = people.address(connection, row.address_id)
    return door(office, giver.channel) if giver is not None else ""


def _too_many(connection: Connection, conversation: ConversationRow, now: datetime) -> bool:
    """Counts this try of the whole person; what goes beyond the limit is on the audit's record once."""
    one = people.one_of(connection, conversation.person_id)
    tries = throttles.count(connection, f"link:{one}", now=now, window=_WINDOW)
    guessing = throttles.so_far(connection, _WRONG, now=now, window=_WINDOW) > MOST_WRONG
    most = MOST_TRIES_THEN if guessing else MOST_TRIES
    if tries == most + 1:
        record(connection, "link_refused", conversation.address_id, now, person=one, tries=tries)
    return tries > most


def record(connection: Connection, action: str, address_id: int, now: datetime, **details: int) -> None:
    """One line of the audit about an address, by its row."""
    audit.of_reporter(connection, at=now, action=action, subject="address", subject_id=address_id, details=details)

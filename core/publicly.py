"""What leaves where others read along: one invitation, made of the catalogue's words, and nothing else ever (sop.md §7).

Whatever the dialogue says in a public step, only a sentence of the section `public` gets through here; the table refuses the
rest once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from core import flooding
from core.channels import Inbound
from core.dialogue.fitting import clean
from core.dialogue.model import Say
from core.flooding import Replies
from core.office import Office
from core.storage import outbox
from core.storage.conversations import ConversationRow
from core.storage.outbox import Part
from core.texts import text

SECTION, ALARM = "public.", "public.danger"


def speaks(
    connection: Connection, conversation: ConversationRow, says: Sequence[Say], replies: Replies, *, now: datetime
) -> bool:
    """Once per person and day; a cry for help is answered besides, once a day too: the numbers to call may save somebody."""
    alarmed = any(say.key.startswith(ALARM) for say in says)
    first_alarm = alarmed and flooding.first_alarm(connection, lane=conversation.lane, now=now)
    return first_alarm or replies is Replies.ALL


def answer(
    connection: Connection,
    office: Office,
    conversation: ConversationRow,
    says: Sequence[Say],
    *,
    to: Inbound,
    language: str,
    now: datetime,
) -> None:
    """Puts the invitation beside the post that it answers."""
    for say in [say for say in says if say.key.startswith(SECTION)][:1]:
        part = Part(text=clean(text(language, say.key, **say.params)), kind=say.key, in_reply_to=to.source_id, public=True)
        outbox.enqueue(
            connection, [part], channel=conversation.channel, address_id=conversation.address_id, language=language, now=now
        )
        office.wakeups.announce(connection, f"outbox:{conversation.channel}")

"""Strangers: a message whose sender may be somebody else (sop.md §7). It may file a report; it reads and changes nothing.

The dialogue decides on a blank session without the person's reports, and what it wants is let through here only as far as that
goes, whatever it says: the rule does not rest on the dialogue being right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.channels import Inbound
from core.dialogue.model import Draft, Effect, Mode, Say, Session, Submit, WakeAt
from core.procedure.vocabulary import Privacy


def blank(session: Session) -> Session:
    """What a stranger's message begins from: the language, the number of the last question, so that none comes twice, and what
    was said a moment ago, so that a repeated message is not answered twice."""
    return Session(
        language=session.language,
        prompt=session.prompt,
        echo=session.echo,
        echo_at=session.echo_at,
        echo_asked=session.echo_asked,
    )


def kept(before: Session, after: Session) -> Session:
    """What the conversation remembers of it: what the stranger's message has begun, only where nothing else was under way."""
    begun = after.mode is not Mode.IDLE or after.about is not None
    resting = (
        before.mode is Mode.IDLE
        and before.draft.is_empty
        and not (before.stopped or before.locked or before.held or before.pending_text or before.pending_files)
    )
    if not begun or not resting:
        return before
    return replace(after, noticed=before.noticed or after.noticed, name_known=before.name_known)


def permitted(effects: Iterable[Effect], *, inbound: Inbound, new_code: str) -> tuple[Effect, ...]:
    """Words, the wish to be woken, and one new report under `new_code` made of this message alone."""
    let: list[Effect] = []
    submitted = False
    for effect in effects:
        if isinstance(effect, Say):
            let.append(replace(effect, code=effect.code if effect.code == new_code else None, clock=None))
        elif isinstance(effect, WakeAt):
            let.append(effect)
        elif isinstance(effect, Submit) and effect.code == new_code and not submitted:
            submitted = True
            let.append(replace(effect, draft=_own(effect.draft, inbound)))
    return tuple(let)


def _own(draft: Draft, inbound: Inbound) -> Draft:
    """Without what belongs to the person who is claimed: earlier files and messages, another report, the name."""
    return replace(
        draft,
        origin_code=None,
        name=None,
        privacy=Privacy.HIDDEN if draft.privacy is Privacy.NAMED else draft.privacy,
        parts=tuple(part for part in draft.parts if part.source_id == inbound.source_id),
        files=tuple(file for file in draft.files if file.source_id == inbound.source_id),
    )

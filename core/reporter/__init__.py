"""What reporters do to their own reports: carried out inside the conversation's transaction, one call for each effect.

`carry_out(connection, office, effect, by=Speaker(…), now=…)` does any effect of `core.dialogue.model` that concerns a report or
the person, and says where its words and files belong. Effects of the conversation itself (Say, WakeAt) are none of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from core.dialogue import model
from core.office import Office
from core.reporter import erasing, linking, person, replying, submitting
from core.reporter.facts import counted, facts_for, facts_named, facts_of
from core.reporter.speaking import Carried, Speaker

_HANDS: Mapping[type, Callable[..., Carried]] = {
    model.Submit: submitting.submit,
    model.Complete: submitting.complete,
    model.Add: replying.add,
    model.AnswerQuestion: replying.answer,
    model.Confirm: replying.confirm,
    model.NotSettled: replying.not_settled,
    model.Dispute: replying.dispute,
    model.Object: replying.object_to_archive,
    model.Withdraw: replying.withdraw,
    model.Rate: replying.rate,
    model.ChooseOmbudsman: person.choose_ombudsman,
    model.KeepEdit: person.keep_edit,
    model.Remember: person.remember,
    model.OfferLink: linking.offer,
    model.Link: linking.link,
    model.TakeOver: linking.take_over,
    model.Unlink: linking.unlink,
    model.BeginAnew: linking.begin_anew,
    model.PreferHere: linking.prefer,
    model.EraseIdentity: erasing.erase_identity,
    model.RequestErasure: person.request_erasure,
}


def carry_out(connection: Connection, office: Office, effect: model.ReportEffect, *, by: Speaker, now: datetime) -> Carried:
    """Does it in the caller's transaction; what a cancelled draft leaves behind is the conversation's own to erase.

    Raises NotFound for a report that is not this person's, Refused by the procedure.
    """
    hand = _HANDS.get(type(effect))
    return hand(connection, office, effect, by=by, now=now) if hand is not None else Carried()


__all__ = ["Carried", "Speaker", "carry_out", "counted", "facts_for", "facts_named", "facts_of"]

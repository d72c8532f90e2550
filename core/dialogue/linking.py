"""One person at several doors: a one-time code links them, one word undoes it, the person says where notices go (sop.md §7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from core.dialogue import ending, linkcode, linkwords, onward, takeover
from core.dialogue.codes import codes_in
from core.dialogue.model import (
    CodeMeaning,
    Elsewhere,
    Link,
    LinkedAddress,
    LinkFacts,
    Mode,
    News,
    OfferLink,
    PreferHere,
    TakeOver,
    Told,
    Unlink,
)
from core.dialogue.turn import Message, Option, Turn
from core.dialogue.understanding.intents import Intent

ASKED = frozenset({"link", "link_draft", "unlink"})
"""What CONFIRM may be about here (`Session.confirming`)."""

_DRAFTING = (Mode.DRAFT, Mode.SUMMARY)
_SENTENCES = {
    CodeMeaning.UNKNOWN: "link.unknown",
    CodeMeaning.EXPIRED: "link.expired",
    CodeMeaning.USED: "link.used",
    CodeMeaning.HERE: "link.here",
    CodeMeaning.LINKED: "link.already",
    CodeMeaning.TOO_MANY: "link.too_many",
}


# --- commands --------------------------------------------------------------------------------------------------------------


def offer(turn: Turn, message: Message) -> bool:
    """A one-time code, with what to do with it. Half a code, or that of a report, is told to be none.

    False: the words are about something else ("sambung listrik", "link pendaftarannya mana").
    """
    if not linkwords.asks_for_code(turn, message):
        return False
    if _locked(turn):
        return True
    if codes_in(message.text):
        turn.say("link.report_code")
        return True
    if linkwords.is_half(message.text):
        turn.say("link.unknown")
        return True
    if not turn.facts.doors:
        turn.say("link.nowhere")
        return True
    code = turn.facts.new_link_code
    turn.do(OfferLink(code))
    turn.say("link.offer", shown=linkcode.shown(code), door=_either(turn, turn.facts.doors))
    return True


def undo(turn: Turn, message: Message) -> bool:
    """The link is taken back; which one is asked where there are several. False: "pisah KK" is about something else."""
    if not linkwords.asks_to_part(turn, message):
        return False
    if _locked(turn):
        return True
    here, others = _here(turn), _others(turn)
    if here is None or not others:
        turn.say("unlink.none")
    elif len(others) == 1:
        turn.do(Unlink(here.ref))
        turn.say("unlink.done", door=others[0].door)
    else:
        _ask(turn, "unlink")
        options = [Option(f"u-{other.ref}", label=other.door) for other in others]
        turn.ask("unlink.which", [*options, Option(f"u-{here.ref}", "choice.this_door")])
    return True


def news_here(turn: Turn, _message: Message) -> bool:
    """Notices go to this door from now on."""
    return _prefer(turn, here=True)


def news_there(turn: Turn, _message: Message) -> bool:
    """Notices go again to the door of each report."""
    return _prefer(turn, here=False)


def _prefer(turn: Turn, *, here: bool) -> bool:
    if _locked(turn):
        return True
    if not _others(turn):
        turn.say("prefer.only_here")
        return True
    turn.do(PreferHere(here))
    turn.say("prefer.here" if here else "prefer.there")
    return True


def say_where(turn: Turn) -> None:
    """Beside the state of reports: which doors are linked and where notices go. Not where each message costs."""
    others = _others(turn)
    if turn.session.locked or not others or turn.facts.capabilities.costs:
        return
    preferred = next((one for one in turn.facts.linked if one.preferred), None)
    doors = _listed(turn, [other.door for other in others], "link.and")
    if preferred is None:
        turn.say_before_question("prefer.shown_there", door=doors)
    elif preferred.here:
        turn.say_before_question("prefer.shown_here", door=doors)
    else:
        turn.say_before_question("prefer.shown", door=doors, where=preferred.door)


# --- a code that was entered -----------------------------------------------------------------------------------------------


def entered(turn: Turn, message: Message) -> bool:
    """A message that is a one-time code. False: it is none, or an answer to something else that looks like one."""
    link = turn.facts.link
    if link is None or not link.entered or message.verb is not None or message.stale:
        return False
    if _locked(turn):
        return True
    if link.meaning is not CodeMeaning.FITS:
        if not link.named and _answers_something(turn):
            return False
        _say_why_not(turn, link)
        return True
    turn.set(linking=link.ref)
    _ask(turn, "link")
    turn.ask("link.sure", [Option("yes", "choice.link_yes"), Option("no", "choice.no")], door=link.door)
    return True


def confirmed(turn: Turn, message: Message) -> bool:
    """The answer to a question of this room. False: it was none; the message goes on to what was under way before."""
    what = turn.session.confirming
    agrees = message.verb == "yes" or message.reading.intents.whole(Intent.YES, Intent.SEND)
    if what == "link" and agrees and not turn.is_answer_to("link.sure"):
        turn.say("confirm.reply_please")
        return True
    turn.set(mode=turn.session.returning, confirming=None, returning=Mode.IDLE, offered=())
    if what == "unlink":
        return _which_undone(turn, message)
    if what == "link_draft":
        return _which_draft(turn, message)
    link = turn.facts.link
    if agrees:
        if link is None or link.meaning is not CodeMeaning.FITS:
            turn.set(linking=None)
            _say_why_not(turn, link or LinkFacts(CodeMeaning.EXPIRED))
        else:
            _link(turn, link)
        return True
    turn.set(linking=None)
    return _left(turn, message, "link.left")


def _link(turn: Turn, link: LinkFacts) -> None:
    theirs = takeover.under_way(link.there)
    takes = theirs and turn.draft.is_empty and turn.session.told.is_empty
    turn.do(Link(link.ref, takes=takes))
    turn.say("link.done", door=link.door)
    if takes:
        takeover.take(turn, link)
    elif theirs and link.there is not None and not link.there.draft.is_empty and not turn.draft.is_empty:
        _ask(turn, "link_draft")
        options = [
            Option("mine", label=takeover.title_of(turn, turn.draft)),
            Option("theirs", label=takeover.title_of(turn, link.there.draft)),
        ]
        turn.ask("link.which_draft", options, door=link.door)
    else:
        turn.set(linking=None)
        _put_again(turn)


def _which_draft(turn: Turn, message: Message) -> bool:
    """Both doors had a draft: the one that was picked goes on here, the other waits at the other door."""
    link, picked = turn.facts.link, message.verb
    if picked is None and message.reading.intents.number is None:
        drafts = {"mine": turn.draft, "theirs": link.there.draft if link is not None and link.there is not None else turn.draft}
        named = linkwords.picked(message.text, {verb: f"{one.title} {one.story}" for verb, one in drafts.items()})
        picked = "mine" if message.reading.intents.whole(Intent.YES) else named
    if picked == "theirs" and link is not None and takeover.under_way(link.there):
        left = turn.draft
        turn.do(TakeOver(link.ref, left))
        takeover.take(turn, link)
        return True
    turn.set(linking=None)
    if link is not None:
        turn.say("link.stays_there", door=link.door)
    if picked is None and message.text:
        return False
    _put_again(turn)
    return True


def _which_undone(turn: Turn, message: Message) -> bool:
    verb = message.verb or ""
    picked = next((one for one in turn.facts.linked if verb == f"u-{one.ref}"), None) or linkwords.door_in(turn, message)
    if picked is None:
        return _left(turn, message, "confirm.left")
    turn.do(Unlink(picked.ref))
    turn.say("unlink.done_here" if picked.here else "unlink.done", door=picked.door)
    _put_again(turn)
    return True


# --- what happened at the other door ---------------------------------------------------------------------------------------


def tell(turn: Turn, news: News) -> None:
    """Both sides hear of it."""
    if news.moved:
        ending.close(turn)
        turn.set(told=Told())
    if news.left is not None:
        days = turn.facts.office.draft_resumable_days
        turn.set(draft=news.left, mode=Mode.PAUSED, expires_at=turn.now + timedelta(days=days))
    if news.what is Elsewhere.LINKED:
        turn.say("link.told_moved" if news.moved else "link.told", door=news.door)
    elif news.what is Elsewhere.MOVED:
        turn.say("link.moved", door=news.door)
    else:
        turn.say("unlink.told", door=news.door)


# --- small steps -----------------------------------------------------------------------------------------------------------


def _ask(turn: Turn, what: str) -> None:
    session = turn.session
    returning = session.returning if session.mode is Mode.CONFIRM else session.mode
    turn.set(returning=returning, mode=Mode.CONFIRM, confirming=what)


def _left(turn: Turn, message: Message, key: str) -> bool:
    """It stays as it was; words that answer something else go on to that."""
    turn.say(key)
    if message.text and not linkwords.refuses(message):
        return False
    _put_again(turn)
    return True


def _put_again(turn: Turn) -> None:
    if turn.session.mode in _DRAFTING and not turn.draft.is_empty:
        onward.put_again(turn)


def _say_why_not(turn: Turn, link: LinkFacts) -> None:
    turn.say(_SENTENCES[link.meaning if link.meaning is not CodeMeaning.FITS else CodeMeaning.EXPIRED])
    _put_again(turn)


def _answers_something(turn: Turn) -> bool:
    return turn.session.mode is not Mode.IDLE or any(report.question is not None for report in turn.reports)


def _locked(turn: Turn) -> bool:
    """A number that was idle for six months may be somebody else's by now: the code of an own report comes first."""
    if turn.session.locked:
        turn.say("locked.code_please")
    return turn.session.locked


def _here(turn: Turn) -> LinkedAddress | None:
    return next((one for one in turn.facts.linked if one.here), None)


def _others(turn: Turn) -> tuple[LinkedAddress, ...]:
    return tuple(one for one in turn.facts.linked if not one.here)


def _either(turn: Turn, doors: Sequence[str]) -> str:
    return _listed(turn, doors, "link.or")


def _listed(turn: Turn, names: Sequence[str], word: str) -> str:
    """ "surat, SMS atau e-mail"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {turn.text(word)} {names[-1]}"

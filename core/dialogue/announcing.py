"""Notices in words: what happened to a report, who holds it until when, and what the reporter can do (sop.md §7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from core.dialogue import costed, onward
from core.dialogue.codes import shown
from core.dialogue.model import Mode, Notice, NoticeKind, Say
from core.dialogue.report_acts import OMBUDSMAN_OPTIONS, RATING_OPTIONS, SETTLED_OPTIONS, by_code, say_asked, short_title
from core.dialogue.turn import Option, Turn
from core.texts import has

_MOST_HELD = 10
_CLOCKS: Mapping[NoticeKind, str] = {NoticeKind.QUESTION: "clarification", NoticeKind.SETTLEMENT: "silence"}
_HOLDER_HAS_UNTIL = frozenset(
    {
        NoticeKind.RECEIVED,
        NoticeKind.SPLIT,
        NoticeKind.DISPOSED,
        NoticeKind.RETURNED,
        NoticeKind.QUESTION_TAKEN_BACK,
        NoticeKind.QUESTION_GIVEN_UP,
        NoticeKind.RESTORED,
        NoticeKind.RECLASSIFIED,
    }
)
_REPORTER_HAS_UNTIL = frozenset(
    {NoticeKind.QUESTION, NoticeKind.QUESTION_REMINDER, NoticeKind.SETTLEMENT_REMINDER, NoticeKind.OMBUDSMAN_CHOICE}
)
_WANTS_WORDS = frozenset({NoticeKind.QUESTION, NoticeKind.QUESTION_REMINDER, NoticeKind.ARCHIVED})
_BESIDE_THE_WORDS = {NoticeKind.RESPONSE: "notice.settle_by", NoticeKind.SETTLEMENT: "notice.settle_until"}
"""A day that stands beside an official's words; where each message costs the words need its room."""
_OPTIONS: Mapping[NoticeKind, tuple[str, tuple[Option, ...]]] = {
    NoticeKind.SETTLEMENT: ("notice.settled_yet", SETTLED_OPTIONS),
    NoticeKind.SETTLEMENT_REMINDER: ("notice.settled_yet", SETTLED_OPTIONS),
    NoticeKind.CLOSED: ("rate.ask", RATING_OPTIONS),
    NoticeKind.CLOSED_SILENT: ("rate.ask", RATING_OPTIONS),
    NoticeKind.CLOSED_FINAL: ("rate.ask", RATING_OPTIONS),
    NoticeKind.ACKNOWLEDGED: ("rate.ask", RATING_OPTIONS),
    NoticeKind.OMBUDSMAN_CHOICE: ("notice.ombudsman_how", OMBUDSMAN_OPTIONS),
}


def announce(turn: Turn, notice: Notice) -> None:
    """Tells it; a locked conversation hears only that there is news (sop.md §7: nothing without the code)."""
    codes = str(notice.params.get("codes", notice.code)).split()
    if turn.facts.idle or (turn.session.locked and not all(by_code(turn, code) for code in codes)):
        turn.set(locked=True, held=(*turn.session.held, notice)[-_MOST_HELD:])
        turn.say("locked.news")
        return
    before, said = turn.session, len(turn.effects)
    if notice.kind is NoticeKind.REMINDERS:
        turn.set(about=None, unread=())
        _say_reminders(turn, notice)
        return
    turn.set(about=notice.code, unread=())
    for earlier in notice.along:
        _say(turn, earlier)
    _say(turn, notice)
    options = _OPTIONS.get(notice.kind)
    if options is not None:
        turn.ask_about(notice.code, options[0], options[1])
    if turn.facts.capabilities.costs and costed.cuts(_said_since(turn, said), turn.language):
        turn.set(unread=(*turn.session.unread, Notice(notice.kind, notice.code, words=notice.words)))
    if before.mode is Mode.GAPS and (options is not None or notice.kind in _WANTS_WORDS):
        turn.set(mode=Mode.IDLE, gaps=())  # what was asked on receipt gives way to what is asked now
    if before.mode is Mode.DISAMBIGUATE and (options is not None or notice.kind in _WANTS_WORDS):
        turn.set(mode=Mode.IDLE)  # the words that wait stay; `waiting` finds them a report
    if before.mode in (Mode.DRAFT, Mode.SUMMARY):
        if notice.kind is NoticeKind.QUESTION:
            turn.set(interrupted_by=notice.code)
        if options is None:
            turn.set(offered=before.offered)


def _said_since(turn: Turn, count: int) -> list[Say]:
    return [effect for effect in turn.effects[count:] if isinstance(effect, Say)]


def tell_unread(turn: Turn) -> None:
    """An official's words in full, as often as it takes: the person asked for them."""
    unread = turn.session.unread
    turn.set(unread=())
    for notice in unread:
        turn.do(
            Say(
                "info.rest",
                {"code": shown(notice.code), "plain": notice.code},
                words=notice.words,
                code=notice.code,
                whole=True,
            )
        )


def _say_reminders(turn: Turn, notice: Notice) -> None:
    """Several reports that wait, in one message: the code in front says which one an answer is for."""
    lines, short = [], []
    codes = str(notice.params.get("codes", notice.code)).split()
    for code in codes:
        report, due = by_code(turn, code), _day(notice.params.get(f"due_{code}"))
        key = f"notice.line.{notice.params.get(f'kind_{code}', NoticeKind.QUESTION_REMINDER)}"
        given = {
            "code": shown(code),
            "plain": code,
            "title": short_title(report) if report else "",
            "holder": _words(notice.params.get(f"holder_{code}")),
            "due": turn.day(due) if due else "",
        }
        lines.append(turn.text(key, **given))
        short.append(turn.text(f"{key}.short", **given))
    turn.say(
        "notice.reminders",
        words=notice.words,
        count=len(codes),
        lines="\n".join(lines),
        short="; ".join(short),
        example=shown(codes[0]),
    )


def _say(turn: Turn, notice: Notice) -> None:
    report, params = by_code(turn, notice.code), notice.params
    holder = _words(params.get("holder")) or (report.holder_name if report else None) or turn.text("notice.the_office")
    kind = notice.kind
    key = f"notice.{kind}"
    if kind is NoticeKind.FILE_LOST:
        reason = _words(params.get("reason"))
        key = f"notice.file_lost.{reason}" if has(turn.language, f"notice.file_lost.{reason}") else key
    turn.say(
        key,
        words=notice.words,
        report=notice.code,
        clock=_CLOCKS.get(kind),
        holder=holder,
        title=report.title if report else "",
        ground=_coded(turn, "ground", params.get("ground")),
        category=_coded(turn, "category.plain", params.get("category")),
        file=_words(params.get("file")) or turn.text("notice.a_file"),
        number=_words(params.get("number")),
    )
    if report is not None and kind in (NoticeKind.QUESTION, NoticeKind.QUESTION_REMINDER):
        say_asked(turn, report)
    _say_dates(turn, notice)
    if _words(params.get("door")):
        turn.say("notice.next_door", report=notice.code, door=_words(params.get("door")))
    if kind is NoticeKind.ARCHIVED and (report is None or report.objectionable or report.state != "archived"):
        until = _day(params.get("due_on"))
        if until is None or turn.facts.capabilities.costs:  # there the official's reason and the next door need the room
            turn.say("notice.can_object", report=notice.code)
        else:
            turn.say("notice.object_until", report=notice.code, due=turn.day(until))
    if kind is NoticeKind.REFERRED and _words(params.get("number")):
        turn.say("notice.ombudsman_number", report=notice.code, number=_words(params.get("number")))


def _say_dates(turn: Turn, notice: Notice) -> None:
    due, promised = _day(notice.params.get("due_on")), _day(notice.params.get("promised_on"))
    if promised is not None:
        turn.say("notice.promised", report=notice.code, due=turn.day(promised))
    if notice.kind in (NoticeKind.CLOSED, NoticeKind.CLOSED_SILENT):
        if due is not None:
            turn.say("notice.dispute_until", report=notice.code, due=turn.day(due))
        else:
            turn.say("notice.can_dispute", report=notice.code)
    elif due is not None and notice.kind in _BESIDE_THE_WORDS:
        if not turn.facts.capabilities.costs or (promised is None and notice.kind is NoticeKind.RESPONSE):
            turn.say(_BESIDE_THE_WORDS[notice.kind], report=notice.code, due=turn.day(due))
    elif due is not None and notice.kind in _HOLDER_HAS_UNTIL:
        turn.say("notice.until", report=notice.code, due=turn.day(due))
    elif due is not None and notice.kind in _REPORTER_HAS_UNTIL:
        turn.say("notice.reply_until", report=notice.code, due=turn.day(due))


def _words(value: str | int | date | None) -> str:
    return "" if value is None else str(value)


def _day(value: str | int | date | None) -> date | None:
    return value if isinstance(value, date) else None


def _coded(turn: Turn, section: str, value: str | int | date | None) -> str:
    """The sentence of a code; a code without one stands for itself."""
    key = f"{section}.{value}"
    return turn.text(key) if has(turn.language, key) else _words(value)


def tell_held(turn: Turn) -> None:
    """The notices that waited for the code."""
    held = turn.session.held
    turn.set(held=())
    unread: tuple[Notice, ...] = ()
    for notice in held:
        announce(turn, notice)
        unread += turn.session.unread
    turn.set(unread=unread)


def interrupted(turn: Turn) -> bool:
    """Did an official's question come between the draft's own question and this message, and is it still open?"""
    report = by_code(turn, turn.session.interrupted_by)
    return report is not None and report.question is not None and turn.session.mode in (Mode.DRAFT, Mode.SUMMARY)


def ask_for_whom(turn: Turn, words: str, source_id: str) -> None:
    """The message may answer the official or go on with the draft: never guessed."""
    report = by_code(turn, turn.session.interrupted_by)
    if report is None:
        onward.put_again(turn)
        return
    turn.set(
        returning=turn.session.mode,
        mode=Mode.DISAMBIGUATE,
        telling="answer",
        pending_text=words,
        pending_source_id=source_id,
        interrupted_by=None,
        asked_about=False,
    )
    title = short_title(report)
    turn.ask("which.answer_or_draft", [Option(f"a-{report.code}", label=title), Option("draft", "choice.this_draft")])

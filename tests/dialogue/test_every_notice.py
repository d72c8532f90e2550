"""From any notice by button, number or word: everything that sop.md §5 allows, or why not; never a dead end (issue 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.dialogue.model import (
    Add,
    AnswerQuestion,
    ChooseOmbudsman,
    Confirm,
    Dispute,
    Effect,
    Notice,
    NoticeKind,
    NotSettled,
    Object,
    Rate,
    ReportFacts,
    Say,
    SayChoice,
    Withdraw,
)
from core.procedure.vocabulary import Category, State
from core.texts import text
from tests.dialogue.world import BUTTONS, MAIL, NUMBERS, SMS, World
from tools.notices_page import CODE, OTHER, SAMPLES, Sample

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
DOORS = {"chat": BUTTONS, "paid": SMS, "letter": MAIL}
CHOOSING = {"chat": BUTTONS, "numbers": NUMBERS, "paid": SMS, "letter": MAIL}
SPELLED = f"{CODE[:4]}-{CODE[4:8]}-{CODE[8:]}"
ALL = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{SAMPLES.index(sample)}-{sample.kind}")
EVERY_DOOR = pytest.mark.parametrize("door", DOORS)

Allowed = Callable[[ReportFacts], bool]
ACTS: dict[str, tuple[str, type[Effect] | None, Allowed]] = {
    "confirm": ("sudah beres", Confirm, lambda report: report.settled),
    "not settled": ("belum beres, masih diminta uang", NotSettled, lambda report: report.settled),
    "dispute": ("belum beres, masih diminta uang", Dispute, lambda report: report.disputable),
    "rate": ("bintang 4", Rate, lambda report: report.rateable),
    "add": ("tambahan: loketnya nomor 2", Add, lambda report: report.open),
    "withdraw": ("cabut laporan saya", Withdraw, lambda report: report.open),
    "object": ("keberatan, ini bukan perkara pengadilan", Object, lambda report: report.objectionable),
    "answer": ("Kamis jam 8 di loket 2", AnswerQuestion, lambda report: report.question is not None),
    "status": ("status", None, lambda _report: True),
    "list": ("laporan saya", None, lambda _report: True),
    "delete": ("hapus data saya", None, lambda _report: True),
}
"""What a person writes, what it does, and when the state table of sop.md §5 allows it."""


def told(sample: Sample, door: str, *, others: bool = False) -> World:
    """A conversation that has just heard this notice."""
    given = {"holder_name": "Puskesmas Sukamaju", "due_on": None, **sample.changes}
    mine = ReportFacts(code=CODE, title="Pungutan kartu", state=sample.state, category=Category.COMPLAINT, **given)  # type: ignore[arg-type]
    other = ReportFacts(
        code=OTHER, title="Lampu mati", state=State.AT_UNIT, category=Category.GRIEVANCE, holder_name="Dinas PU", due_on=None
    )
    world = World(NOW, CHOOSING[door], reports=[other, mine] if others else [mine])
    words = "Ini kata petugas yang memegangnya." if sample.words else None
    world.happen(Notice(sample.kind, CODE, {"holder": "Puskesmas Sukamaju", **sample.params}, words))
    return world


def done(world: World, kind: type[Effect]) -> list[Effect]:
    return [effect for effect in world.effects if isinstance(effect, kind)]


def says(world: World, words: str) -> str:
    return "\n".join(message.text for message in world.hear(words))


def acted(world: World, act: str, words: str) -> tuple[str, list[Effect]]:
    """What was said to these words, and what was done, a question whether one is sure answered with yes."""
    _written, kind, _allowed = ACTS[act]
    heard = says(world, words)
    if act == "withdraw" and not done(world, Withdraw):
        world.hear("1" if world.capabilities.buttons == 0 else "ya")
    return heard, [] if kind is None else done(world, kind)


@EVERY_DOOR
@ALL
@pytest.mark.parametrize("act", ACTS)
def test_a_word_does_what_the_table_allows_and_else_the_person_hears_how_it_stands(act: str, sample: Sample, door: str) -> None:
    world = told(sample, door)
    (report,) = world.reports
    written, kind, allowed = ACTS[act]
    heard, effects = acted(world, act, written)
    assert heard, "never a dead end"
    if kind is None:
        return
    if allowed(report):
        assert [getattr(effect, "code", None) for effect in effects] == [CODE]
    elif act not in ("add", "answer"):  # further words are kept with the report whatever they are
        assert effects == []


@pytest.mark.parametrize("door", ["chat", "paid"])
@ALL
@pytest.mark.parametrize("act", ["confirm", "not settled", "dispute", "rate", "withdraw", "object", "answer"])
def test_with_the_code_in_front_also_long_after_and_after_another_report_was_spoken_of(
    act: str, sample: Sample, door: str
) -> None:
    world = told(sample, door, others=True)
    report = world.reports[1]
    written, _kind, allowed = ACTS[act]
    if not allowed(report):
        return
    says(world, f"status {OTHER}")
    world.now += timedelta(days=9)
    _heard, effects = acted(world, act, f"{SPELLED} {written}")
    assert [getattr(effect, "code", None) for effect in effects] == [CODE]


PRESSED = {"ok": Confirm, "not": NotSettled, **{f"rate{stars}": Rate for stars in range(1, 6)}}


@pytest.mark.parametrize("way", ["button", "button of last month", "number", "label"])
@pytest.mark.parametrize("door", CHOOSING)
@pytest.mark.parametrize("sample", [one for one in SAMPLES if one.changes], ids=lambda sample: str(sample.kind))
def test_every_choice_under_a_notice_does_what_it_says(sample: Sample, door: str, way: str) -> None:
    offered: list[SayChoice] = [c for e in told(sample, door).effects if isinstance(e, Say) for c in e.choices]
    for number, choice in enumerate(offered, 1):
        world = told(sample, door)
        verb = choice.token.rpartition(".")[2]
        kind = PRESSED.get(verb, ChooseOmbudsman)
        if way == "number":
            world.hear(str(number))
        elif way == "label":
            world.hear(choice.label or text("id", choice.key))
        else:
            if way == "button of last month":
                world.now += timedelta(days=31)
                world.reports.append(replace(world.reports[0], code=OTHER, title="Lampu mati"))
                world.hear(f"status {OTHER}")
            world.hear(choice=choice.token)
        assert [getattr(effect, "code", None) for effect in done(world, kind)] == [CODE], choice.token


@EVERY_DOOR
@ALL
def test_a_choice_that_came_too_late_says_how_it_stands(sample: Sample, door: str) -> None:
    offered = [c for e in told(sample, door).effects if isinstance(e, Say) for c in e.choices]
    for choice in offered:
        world = told(sample, door)
        over = {"settled": False, "disputable": False, "rateable": False, "ombudsman_asked": False, "question": None}
        world.change(CODE, **over, state=State.ARCHIVED, open=False)
        heard = "\n".join(message.text for message in world.hear(choice=choice.token))
        assert "Diarsipkan" in heard
        assert not done(world, PRESSED.get(choice.token.rpartition(".")[2], ChooseOmbudsman))


@EVERY_DOOR
@pytest.mark.parametrize(
    "words,choice",
    [
        ("ya tanpa nama saya", "without"),
        ("teruskan dengan nama saya", "with_identity"),
        ("jangan diteruskan", "not_at_all"),
        (f"{SPELLED} jangan diteruskan ke ombudsman", "not_at_all"),
        ("boleh, tanpa nama", "without"),
        ("teruskan tapi jangan sebut nama saya", "without"),
    ],
)
def test_the_ombudsman_is_chosen_by_word_too(words: str, choice: str, door: str) -> None:
    sample = next(one for one in SAMPLES if one.changes.get("ombudsman_asked"))
    world = told(sample, door)
    world.hear(words)
    assert done(world, ChooseOmbudsman) == [ChooseOmbudsman(CODE, choice)]


@EVERY_DOOR
def test_a_plain_yes_is_for_the_ombudsman_only_where_that_was_asked_last(door: str) -> None:
    sample = next(one for one in SAMPLES if one.changes.get("ombudsman_asked"))
    world = told(sample, door)
    world.change(CODE, last_notice=NoticeKind.OMBUDSMAN_CHOICE)
    world.hear("boleh")
    assert done(world, ChooseOmbudsman) == [ChooseOmbudsman(CODE, "without")]
    world = told(sample, door)
    world.session = replace(world.session, offered=())
    world.change(CODE, last_notice=NoticeKind.SETTLEMENT, settled=True)
    world.hear("tidak")
    assert done(world, ChooseOmbudsman) == []


@EVERY_DOOR
def test_a_list_of_reminders_is_answered_by_code(door: str) -> None:
    sample = next(one for one in SAMPLES if "codes" in one.params)
    world = told(sample, door, others=True)
    world.change(CODE, settled=True, state=State.IN_PROGRESS)
    world.change(OTHER, question="Di tiang berapa?", state=State.AWAITING_REPORTER)
    world.hear(f"{SPELLED} BELUM")
    assert done(world, NotSettled) == [NotSettled(CODE, "")]
    world.hear(f"{OTHER} tiang nomor 12 di depan sekolah")
    assert [getattr(effect, "code", None) for effect in done(world, AnswerQuestion)] == [OTHER]

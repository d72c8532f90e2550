"""Each code that people may meet has its sentence in both languages: refusals, missing inputs, what is new for an official."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.procedure.deadlines import MOVE_AT_LIMIT, TOLD_AT_LIMIT
from core.procedure.vocabulary import Audience, ClockKind, Move
from core.texts import has, text

CORE = Path(__file__).parents[2] / "core"
LANGUAGES = ("id", "en")
_RAISED_ELSEWHERE = {"not_your_role"}


def _returned(tree: ast.AST) -> Iterator[str]:
    """Words that a function may answer: string constants in its returns, also in `a or b` and `a if b else c`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _words(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Refused", "_Verdict"):
            for given in node.args:
                yield from _words(given)


def _words(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _words(value.body)
        yield from _words(value.orelse)
    elif isinstance(value, ast.BoolOp):
        for each in value.values:
            yield from _words(each)


def refusals() -> set[str]:
    rooms = [CORE / "procedure" / f"{room}.py" for room in ("guards", "checks", "states")]
    found = {word for room in rooms for word in _returned(ast.parse(room.read_text(encoding="utf-8")))}
    why = next(
        node
        for node in ast.walk(ast.parse((CORE / "procedure" / "who.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == "why_not"
    )
    raised = {
        word
        for room in (*(CORE / "casework").glob("*.py"), *(CORE / "reporter").glob("*.py"), CORE / "holidays.py")
        for word in _returned_by_refused(room)
    }
    return found | set(_returned(why)) | raised | _RAISED_ELSEWHERE


def _returned_by_refused(room: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
            for given in node.args:
                yield from _words(given)


def invalid() -> set[str]:
    found: set[str] = set()
    rooms = [*(CORE / "casework").glob("*.py"), *(CORE / "reporter").glob("*.py"), CORE / "holidays.py", CORE / "accounts.py"]
    for room in rooms:
        for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "InvalidInput":
                found |= set(_words(node.args[1]))
    return found


def news() -> set[str]:
    """What the core puts before officials: `told=` of a move, and the kinds that notifying is called with."""
    found: set[str] = set()
    for room in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            found |= {word for given in node.keywords if given.arg == "told" for word in _words(given.value)}
            called = node.func
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
                if called.value.id == "notifying":
                    found |= {word for given in node.args for word in _words(given)}
                if called.value.id == "notifications":
                    found |= {word for given in node.keywords if given.arg == "kind" for word in _words(given.value)}
    return found


def test_there_is_something_to_look_for() -> None:
    assert {"not_of_your_agency", "accused_holds", "silence_still_runs", "unit_not_silent", "not_in_table"} <= refusals()
    assert {"missing", "nobody_acts", "too_short"} <= invalid()
    assert {"arrived", "recalled", "undeliverable", "urgent", "referred", "erasure_requested"} <= news()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_its_sentence(language: str) -> None:
    assert [code for code in sorted(refusals()) if not has(language, f"refusal.{code}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_may_be_wrong_with_a_field_has_its_sentence(language: str) -> None:
    assert [code for code in sorted(invalid()) if not has(language, f"invalid.{code}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_is_new_for_an_official_has_its_sentence(language: str) -> None:
    assert [kind for kind in sorted(news()) if not has(language, f"desk.news.{kind}")] == []
    assert [kind for kind in ClockKind if not has(language, f"desk.clock.{kind}")] == []
    for key in ("desk.news.overdue_clock", "desk.news.near_clock"):
        assert "…" in text(language, key, clock="…")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_move_has_its_name(language: str) -> None:
    assert [move for move in Move if not has(language, f"move.{move}")] == []


def test_whoever_is_in_charge_hears_of_a_referral() -> None:
    """sop.md §6: the reporter, all holders and the supervisor."""
    assert TOLD_AT_LIMIT[ClockKind.OMBUDSMAN] == {
        Audience.REPORTER,
        Audience.HOLDER,
        Audience.AGENCY_ADMIN,
        Audience.SUPERVISOR,
    }
    assert MOVE_AT_LIMIT[ClockKind.OMBUDSMAN] is Move.REFER

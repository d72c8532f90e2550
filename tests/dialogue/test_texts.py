"""The two languages say the same things, and every sentence that is used exists."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest

from core.alphabet import is_gsm, septets
from core.dialogue.model import NoticeKind
from core.procedure.vocabulary import Category, Closing, Ground, Move, Privacy, State
from core.texts import LANGUAGES, catalogue, day, keys, money, text

ROOT = Path(__file__).parents[2]
_USED = re.compile(r"""(?:\.say|\.ask|\.text|Option)\(\s*(?:turn, )?(?:"[\w.-]+", )?"([a-z_]+(?:\.[a-z_.]+)*)"(?!:)""")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert keys("id") == keys("en")


@pytest.mark.parametrize("key", sorted(keys("id")))
def test_both_languages_take_the_same_placeholders(key: str) -> None:
    assert placeholders(catalogue("id")[key]) == placeholders(catalogue("en")[key])


@pytest.mark.parametrize("key", sorted(key for key in keys("id") if key.endswith(".short")))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_short_twin_is_one_plain_sms_segment_and_has_a_long_one(language: str, key: str) -> None:
    sentence = catalogue(language)[key]
    assert is_gsm(sentence)
    assert septets(sentence) <= 160
    assert key.removesuffix(".short") in keys(language)


def test_every_sentence_that_the_conversation_names_exists() -> None:
    used = {
        (path.name, key)
        for path in (ROOT / "core/dialogue").glob("*.py")
        for key in _USED.findall(path.read_text(encoding="utf-8"))
        if "." in key or key in ("ack", "help", "stale", "edited", "confirmed", "no_longer", "greeting", "stopped")
    }
    assert len(used) > 80
    assert {(name, key) for name, key in used if key not in keys("id")} == set()


def test_every_key_written_out_in_the_conversation_has_its_sentence() -> None:
    sections = {key.split(".")[0] for key in keys("id") if "." in key}
    written = {
        key
        for path in (ROOT / "core/dialogue").glob("*.py")
        for key in re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', path.read_text(encoding="utf-8"))
        if key.split(".")[0] in sections
    }
    assert {"noted.witnessed", "thanks.brave", "ack.again", "ask.when.since"} <= written
    stems = {key.rsplit(".", 1)[0] for key in keys("id")}
    assert written - keys("id") - stems == set()


@pytest.mark.parametrize(
    "section,codes",
    [
        ("notice", NoticeKind),
        ("state", State),
        ("category", Category),
        ("category.plain", Category),
        ("noted", Category),
        ("thanks", Category),
        ("ground", Ground),
        ("closing", Closing),
        ("move", Move),
        ("at_once", Privacy),
    ],
)
def test_every_code_of_the_procedure_has_its_sentence(section: str, codes: type[StrEnum]) -> None:
    assert {f"{section}.{code}" for code in codes} <= keys("id")


def test_a_missing_parameter_is_an_error_and_braces_in_values_are_not() -> None:
    with pytest.raises(KeyError):
        text("id", "filed.code")
    assert text("id", "filed.code", code="{x}") == "Kode {x}."


def test_the_labels_of_the_states_are_those_of_the_procedure() -> None:
    labels = {  # sop.md §5
        "received": "Belum diverifikasi",
        "at_agency": "Diteruskan ke instansi",
        "at_unit": "Diteruskan ke unit",
        "in_progress": "Diproses",
        "awaiting_reporter": "Menunggu data Anda",
        "closed": "Selesai",
        "archived": "Diarsipkan",
    }
    assert {state: text("id", f"state.{state}") for state in labels} == labels


def test_days_and_money_are_written_as_people_say_them() -> None:
    assert day("id", date(2026, 3, 17)) == "Selasa, 17 Maret"
    assert day("en", date(2026, 3, 17)) == "Tuesday, 17 March"
    assert day("id", date(2027, 1, 4), today=date(2026, 12, 30)) == "Senin, 4 Januari 2027"
    assert money(20000) == "Rp20.000"


def test_an_unknown_language_reads_indonesian() -> None:
    assert text("jv", "choice.send") == "Kirim"

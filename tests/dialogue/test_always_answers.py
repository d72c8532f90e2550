"""Whatever comes, in whatever order: no step fails, every message is answered, every session survives its memory."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.channels import FileRef, InboundKind, MediaKind, Place
from core.dialogue import memory
from core.dialogue.fitting import units
from core.dialogue.model import (
    CodeMeaning,
    Draft,
    Elsewhere,
    LinkedAddress,
    LinkFacts,
    Mode,
    News,
    NoticeKind,
    Session,
    StoryPart,
    Told,
)
from core.dialogue.turn import LONGEST_TOKEN_BYTES
from core.procedure.vocabulary import Field
from tests.dialogue.world import BUTTONS, CITY, CODES, MAIL, NOWHERE, NUMBERS, SMS, World

START = datetime(2026, 3, 13, 3, 15, tzinfo=UTC)
PHRASES = (
    "jalan rusak pak", "lampu jl melati mati sejak senin", "kemarin", "besok", "31 februari", "di depan pasar",
    "ga tau", "tidak ada", "sembunyikan", "boleh", "anonim aja", "kirim", "ubah", "batal", "kembali", "lewati",
    "status", "laporan saya", "bantuan", "english", "bahasa indonesia", "makasih", "beres", "belum",
    "belum beres masih bocor", "5", "2", "1 kemarin 2 depok 3 x", "x", "tambah", "lapor", "cabut laporan",
    "sudah beres", "hapus data saya", "stop", "/start", "/data", "info", "lanjut", "iya", "tidak", "halo", "😡😡😡", "",
    "\x00", "\u202e\u202d", "\ud83d", "pln", "puskesmas", "K7M4-2QXT-9", "tolong rumah saya kebakaran sekarang",
    "petugas minta uang 50rb di kecamatan", "saya usul taman bermain", "bukan kemarin, tapi senin", "{code}",
    "keberatan", "mau lapor lagi, air keruh di jl anggrek",
    "sambung", "sambung K7M4-2QXT", "k7m42qxt", "pisah", "kabari di sini", "kabari di kanal laporan",
)  # fmt: skip

STORY = StoryPart("t1", "lampu jl melati mati sejak senin")
THERE = (
    Session(),
    Session(mode=Mode.DRAFT, draft=Draft(story=STORY.text, parts=(STORY,), said=("t1",))),
    Session(mode=Mode.GAPS, gaps=(Field.WHERE,), about=CODES[0]),
    Session(told=Told(parts=(STORY,), at=START)),
)
"""What may be under way at the door where a one-time code was given."""

messages = st.one_of(st.sampled_from(PHRASES), st.text(max_size=200))
files = st.lists(st.builds(FileRef, ref=st.just("f"), kind=st.sampled_from(MediaKind)), max_size=2)
events = st.one_of(
    st.tuples(st.just("hear"), messages, files),
    st.tuples(st.just("hear"), messages, files),
    st.tuples(st.just("press"), st.integers(0, 8)),
    st.tuples(
        st.just("token"),
        st.one_of(st.text(max_size=50), st.sampled_from(["1.send", "0.yes", "r.K7M42QXT9.ok", "r.X.not", "7."])),
    ),
    st.tuples(st.just("notice"), st.sampled_from(NoticeKind), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.integers(1, 1000)),
    st.tuples(st.just("place")),
    st.tuples(st.just("news"), st.builds(News, st.sampled_from(Elsewhere), st.just("SMS"), st.booleans())),
    st.tuples(st.just("kind"), st.sampled_from(InboundKind), messages),
    st.tuples(st.just("idle")),
)


@pytest.mark.parametrize("capabilities", [BUTTONS, NUMBERS, SMS, MAIL], ids=["buttons", "numbers", "sms", "mail"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequence=st.lists(events, max_size=25), known=st.booleans(), there=st.none() | st.sampled_from(THERE))
def test_any_sequence_is_answered(capabilities, sequence, known, there) -> None:
    world = World(START, capabilities, CITY if known else NOWHERE)
    if there is not None:
        world.linked = (LinkedAddress(1, "Surat", here=True), LinkedAddress(2, "SMS"), LinkedAddress(3, "SMS (2)"))
        world.code = LinkFacts(CodeMeaning.FITS, ref="hash", door="SMS", conversation=7, there=there)
    for kind, *given_values in sequence:
        before = world.session
        said, must_answer = _do(world, kind, given_values)
        repeated = capabilities.receives_at_once and world.session == before and before.echo_at is not None
        assert not must_answer or said or repeated
        for message in said:
            assert message.text.strip()
            assert units(message.text) <= capabilities.text_limit
            assert len(message.choices) <= capabilities.buttons
            assert all(len(choice.token.encode()) <= LONGEST_TOKEN_BYTES for choice in message.choices)
            assert all(choice.token.isascii() for choice in message.choices)
        assert memory.load(memory.dump(world.session)) == world.session


def _do(world: World, kind: str, values: list):
    if kind == "hear":
        return world.hear(values[0], files=values[1]), True
    if kind == "news":
        return world.happen(values[0]), True
    if kind == "place":
        return world.hear(place=Place(-6.9, 107.6)), True
    if kind == "press":
        offered = world.session.offered
        return (world.hear(choice=offered[values[0] % len(offered)].token), True) if offered else ((), False)
    if kind == "token":
        return world.hear(choice=values[0] or "x"), True
    if kind == "notice":
        code = world.reports[values[1] % len(world.reports)].code if world.reports else CODES[0]
        return world.tell(values[0], code, words="Kami periksa.", due_on=date(2026, 4, 1), ground="spam"), True
    if kind == "wait":
        world.later(timedelta(hours=values[0]))
        return (), False
    if kind == "kind":
        return world.hear(values[1], kind=values[0], edits="m1"), values[0] is InboundKind.MESSAGE
    world.idle = not world.idle
    return (), False


FIELDS = ("version", "mode", "draft", "asking", "prompt", "offered", "files", "story", "said", "held", "category")
keys = st.sampled_from(FIELDS)
damaged = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=20,
).map(json.dumps)


@settings(max_examples=150, deadline=None)
@given(stored=st.one_of(st.text(max_size=80), damaged))
def test_a_damaged_memory_still_gives_a_session_that_goes_on(stored) -> None:
    session = memory.load(stored)
    assert isinstance(session, Session)
    world = World(START, session=session)
    assert world.hear("jalan rusak pak")


def test_a_session_of_another_version_keeps_the_answers_and_asks_what_is_missing() -> None:
    world = World(START)
    world.hear("jalan rusak pak")
    world.hear("Jl Kartini depan pasar sukamaju")
    newer = memory.dump(world.session).replace('"version":1', '"version":99').replace('"asking":"when"', '"asking":"colour"')
    world.session = memory.load(newer)
    assert world.session.version == 99
    said = world.hear("udah 3 bulan pak")
    assert world.session.version == 1
    assert world.session.mode is Mode.DRAFT
    assert world.session.draft.where_words == "Jl Kartini depan pasar sukamaju"
    assert world.session.draft.when_words == "sudah 3 bulan"
    assert "foto atau bukti" in said[0].text


def test_what_is_no_json_is_a_fresh_session() -> None:
    assert memory.load("{") == Session()
    assert memory.load("[]") == Session()
    assert memory.load('{"version": 1, "unknown": {"a": 1}, "prompt": "seven"}') == Session()

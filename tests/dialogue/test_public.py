"""sop.md §7: a public post carries nothing but the invitation to the private conversation; every code is given in private."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.channels import Capabilities, InboundKind
from core.dialogue.invitation import MOST_WEIGHTED, harmless, weighted
from core.dialogue.model import Add, EraseDraft, Facts, NoticeKind, Remember, Say, Submit, WakeAt
from core.texts import LANGUAGES, catalogue, text
from tests.dialogue.world import MAIL, PHOTO, POSTS, SMS, World

FRIDAY = datetime(2026, 3, 13, 3, 15, tzinfo=UTC)
LAMP = "lampu jalan di Jl Melati Kota Contoh mati sejak Senin"
FIRE = "KEBAKARAN di rumah sebelah, tolong cepat!"
SAYINGS = (
    LAMP, FIRE, "mau bunuh diri saja rasanya malam ini", "lapor", "halo", "status", "bantuan", "data", "hapus data saya",
    "batal", "stop", "english", "beres", "belum", "5", "1", "ya", "tidak", "tambah: masih gelap", "cabut laporan saya",
    "sambung", "pisah", "kabari di sini", "K7M4-2QXT-9", "B2VY-9RD4-7", "info", "lanjut", "kirim", "", "🔥" * 200,
)  # fmt: skip
DOORS = {
    "named": POSTS,
    "unnamed": replace(POSTS, public_name=""),
    "badly named": replace(POSTS, public_name="https://evil.example/?a=1"),
    "costed": replace(SMS, public=True, public_name="@lapor1708"),
    "letters": replace(MAIL, public=True),
    "private": replace(POSTS, public=False),
}


def ask_anonymously(world: World) -> None:
    world.hear(f"{LAMP}, anonim")


def at_the_summary(world: World) -> None:
    ask_anonymously(world)
    world.hear("tidak ada")


def filed(world: World) -> None:
    at_the_summary(world)
    world.hear("kirim")


def with_two_reports(world: World) -> None:
    filed(world)
    world.hear("lapor")
    world.hear("petugas kelurahan melati minta 50rb buat surat pindah tadi pagi, anonim")
    world.hear("tidak ada")
    world.hear("kirim")


def asked_which(world: World) -> None:
    with_two_reports(world)
    world.hear("tambah: sudah seminggu begini terus")


def sure_to_withdraw(world: World) -> None:
    filed(world)
    world.hear("cabut laporan saya")


def paused(world: World) -> None:
    ask_anonymously(world)
    world.later(timedelta(days=4))


def locked(world: World) -> None:
    filed(world)
    world.idle = True
    world.hear("halo")


def stopped(world: World) -> None:
    filed(world)
    world.hear("stop")


def told_and_asked(world: World) -> None:
    world.hear(LAMP, kind=InboundKind.PUBLIC)
    world.hear("petugas kelurahan melati minta 50rb buat surat pindah tadi pagi")


def alarmed(world: World) -> None:
    world.hear(FIRE, kind=InboundKind.PUBLIC)


STATES: tuple[Callable[[World], None], ...] = (
    lambda _world: None, ask_anonymously, at_the_summary, filed, asked_which, sure_to_withdraw, paused, locked, stopped,
    told_and_asked, alarmed,
)  # fmt: skip


def is_invitation(say: Say, world: World) -> bool:
    """Of the catalogue's public sentences, with nothing in it but numbers to call and the office's name there."""
    language = world.session.language or "id"
    if not say.key.startswith("public.") or say.choices or say.code or say.words or say.clock:
        return False
    if say.params.keys() - {"numbers", "name", "doors"}:
        return False
    numbers = re.sub(r"\([^)]*\)", "", str(say.params.get("numbers", "")))
    shown = text(language, say.key, **say.params)
    return (
        re.fullmatch(r"[0-9 ,]*", numbers) is not None
        and say.params.get("name", "@lapor1708") == "@lapor1708"
        and weighted(shown) <= MOST_WEIGHTED
    )


@pytest.mark.parametrize("door, language", [*((door, "id") for door in DOORS), ("named", "en")])
@pytest.mark.parametrize("state", range(len(STATES)))
def test_whatever_is_said_in_public_whatever_is_under_way_the_answer_is_the_invitation(
    door: str, state: int, language: str
) -> None:
    begun = World(FRIDAY, DOORS[door])
    STATES[state](begun)
    begun.session = replace(begun.session, language=language)
    for words in SAYINGS:
        world = replace(begun, reports=list(begun.reports))
        world.hear(words, kind=InboundKind.PUBLIC, files=[PHOTO])
        said = [effect for effect in world.effects if isinstance(effect, Say)]
        assert len(said) == 1, words
        assert is_invitation(said[0], world), said
        assert {type(effect) for effect in world.effects} <= {Say, Submit, Add, WakeAt, Remember}


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_notice_speaks_with_the_words_that_are_for_the_public(kind: NoticeKind, language: str) -> None:
    world = World(FRIDAY, POSTS)
    filed(world)
    world.session = replace(world.session, language=language)
    world.tell(kind, world.reports[0].code, words="Sudah kami periksa.", holder="Dinas PU")
    said = [effect for effect in world.effects if isinstance(effect, Say)]
    assert said
    assert not any(say.key.startswith("public.") for say in said)


def test_a_public_post_leaves_what_is_under_way_in_private_as_it_is() -> None:
    world = World(FRIDAY, POSTS)
    ask_anonymously(world)
    before = world.session
    world.hear(FIRE, kind=InboundKind.PUBLIC)
    assert (world.session.mode, world.session.draft, world.session.asking, world.session.offered) == (
        before.mode, before.draft, before.asking, before.offered,
    )  # fmt: skip
    (submit,) = [effect for effect in world.effects if isinstance(effect, Submit)]
    assert (submit.draft.story, submit.draft.urgent) == (FIRE, True)


# --- the sentence fits, whatever is configured ------------------------------------------------------------------------------


class Anywhere(World):
    """A person whom our private words do not reach, at an office with these doors and numbers."""

    doors: tuple[str, ...] = ()
    emergency: tuple[tuple[str, str], ...] = ()

    def facts(self) -> Facts:
        known = super().facts()
        return replace(known, reachable=False, office=replace(known.office, doors=self.doors, emergency=self.emergency))


_DOOR = st.one_of(st.text(max_size=400), st.sampled_from(["SMS 1708", "www.lapor.go.id", "a@b.co", "K7M4-2QXT-9"]))
_NUMBER = st.one_of(st.from_regex(r"[0-9]{3,6}", fullmatch=True), st.text(max_size=9))


@given(
    st.lists(_DOOR, max_size=6),
    st.lists(st.tuples(_NUMBER, st.just("police")), max_size=40),
    st.text(max_size=50),
    st.sampled_from(LANGUAGES),
    st.sampled_from([LAMP, FIRE]),
)
def test_it_fits_and_holds_no_link_and_no_code_whatever_an_office_configures(
    doors: list[str], numbers: list[tuple[str, str]], name: str, language: str, words: str
) -> None:
    world = Anywhere(FRIDAY, replace(POSTS, public_name=name))
    world.doors, world.emergency = tuple(doors), tuple(numbers)
    world.session = replace(world.session, language=language)
    world.hear(words, kind=InboundKind.PUBLIC)
    (say,) = [effect for effect in world.effects if isinstance(effect, Say)]
    shown = text(language, say.key, **say.params)
    assert weighted(shown) <= MOST_WEIGHTED
    assert "\n" not in shown
    assert not re.search(r"https?:|www\.|\w@|lapor\.go|K7M4", shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shortest_of_each_fits_by_itself(language: str) -> None:
    plain = [catalogue(language)[key] for key in ("public.invitation", "public.write_first", "public.danger_anywhere")]
    assert all("{" not in words and weighted(words) <= MOST_WEIGHTED for words in plain)


LINKS = ("www.lapor.go.id", "lapor.go.id", "surat@lapor.go.id", "@laporbot", "https://x.co", "kode K7M4-2QXT-9")
DISGUISED = ("lapor\u200b.go.id", "ｗｗｗ．ｌａｐｏｒ．ｉｄ", "lapor。id")


@pytest.mark.parametrize("door", [*LINKS, *DISGUISED])
def test_a_door_with_a_link_an_address_or_a_code_is_never_named_in_public(door: str) -> None:
    assert harmless(door) == ""


def test_a_plain_door_is_named_as_it_stands() -> None:
    assert harmless("SMS ke 1708,\n gratis.") == "SMS ke 1708, gratis"
    assert harmless("Loket di Jl. Medan Merdeka 1") == "Loket di Jl. Medan Merdeka 1"


# --- in private --------------------------------------------------------------------------------------------------------------


def private(*posts: str, capabilities: Capabilities = POSTS) -> World:
    world = World(FRIDAY, capabilities)
    for words in posts:
        world.hear(words, kind=InboundKind.PUBLIC)
    return world


def heard(world: World, words: str) -> str:
    return "\n".join(message.text for message in world.hear(words))


@pytest.mark.parametrize("word", ["lapor", "halo", "ya", "iya min", "/start", "sudah di dm min", "lanjut"])
def test_the_first_private_word_goes_on_with_what_was_told(word: str) -> None:
    assert "Tentang lampu jalan di Jl Melati" in heard(private(LAMP), word)


@pytest.mark.parametrize("word", ["bantuan", "status", "english", "data", "makasih"])
def test_a_command_stays_a_command_and_the_story_waits(word: str) -> None:
    world = private(LAMP)
    assert "Tentang" not in heard(world, word)
    world.session = replace(world.session, language="id")
    assert "Tentang" in heard(world, "lapor")


def test_the_same_post_twice_is_told_once() -> None:
    world = private(LAMP, LAMP)
    heard(world, "lapor")
    assert world.session.draft.story == LAMP


def test_a_story_that_plainly_goes_on_joins_and_another_is_asked_about() -> None:
    world = private(LAMP)
    assert "Tentang" in heard(world, "lampu di jl melati itu dekat sekolah, anak-anak takut lewat")
    assert world.session.draft.story.startswith(LAMP)
    world = private(LAMP)
    assert "atau hal lain?" in heard(world, "petugas puskesmas sukamaju minta 20rb buat kartu tadi pagi")
    assert "Tentang" in heard(world, "yang tadi")
    assert world.session.draft.story == f"{LAMP}\npetugas puskesmas sukamaju minta 20rb buat kartu tadi pagi"


def test_words_behind_an_unanswered_question_are_not_lost() -> None:
    world = private(LAMP)
    story = "petugas puskesmas sukamaju minta 20rb buat kartu tadi pagi"
    heard(world, story)
    heard(world, "pokoknya begitu")
    heard(world, "saya tidak mengerti")
    assert world.session.draft.story == f"{LAMP}\n{story}\npokoknya begitu\nsaya tidak mengerti"


def test_what_an_edited_post_says_now_is_told() -> None:
    world = private(LAMP)
    world.hear("lampu jalan di Jl Mawar Kota Contoh mati sejak Senin", kind=InboundKind.EDIT, edits="m1")
    assert world.effects == ()
    assert "Jl Mawar" in heard(world, "lapor")


def test_a_post_forgotten_after_thirty_days_is_erased() -> None:
    world = private(LAMP)
    world.later(timedelta(days=31))
    assert [effect for effect in world.effects if isinstance(effect, EraseDraft)] == [EraseDraft(("m1",))]
    assert world.session.told.is_empty

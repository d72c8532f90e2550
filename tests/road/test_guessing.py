"""sop.md §7: whoever has a code sees the label and dates only; issue 4: enumeration is throttled over all channels."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from core import trackingcode
from core.guessing import MOST_OF_ALL, MOST_OF_ONE, MOST_UNDER_SIEGE, WINDOW
from core.procedure.vocabulary import Role
from core.storage import accounts, tables, throttles
from core.storage.outbox import part_of
from tests.road.postbox import raw
from tests.road.world import World, with_capabilities

FIRE = "KEBAKARAN di rumah sebelah, tolong cepat, jl melati 5 kota contoh!"
STATE = "Belum diverifikasi"
TOO_MANY = "Terlalu banyak kode yang tidak dikenal. Coba lagi pukul 10.00."


@pytest.fixture
def chat(sqlite_world: World) -> World:
    return with_capabilities(sqlite_world, buttons=0)


@pytest.fixture
def anywhere(world: World) -> World:
    """On each of the databases."""
    return with_capabilities(world, buttons=0)


def say(world: World, words: str, *, sender: str = "budi") -> list[str]:
    """What comes back, message by message."""
    before = len(world.rows("outbox"))
    world.accept(raw(f"m{len(world.rows('inbox'))}", words, sender=sender))
    world.handle_all()
    return [part_of(row["payload"]).text for row in world.rows("outbox")[before:]]


def report_of(world: World, sender: str) -> str:
    """A filed report's code, as it is read."""
    say(world, FIRE, sender=sender)
    return trackingcode.formatted(world.rows("reports")[-1]["code"])


def unknown(number: int) -> str:
    return trackingcode.formatted(trackingcode.new(lambda _below: 7_000_000 + number))


def guess(world: World, times: int, *, sender: str = "budi", first: int = 0) -> list[list[str]]:
    return [say(world, unknown(first + number), sender=sender) for number in range(times)]


def test_a_code_alone_shows_label_and_dates_only(chat: World) -> None:
    code = report_of(chat, "ani")
    (answer,) = say(chat, f"status {code}")
    assert answer == f"Laporan {code}: {STATE}. Diterima Jumat, 13 Maret. Terakhir berubah Jumat, 13 Maret."


def test_after_ten_unknown_codes_in_an_hour_there_is_one_answer_and_then_none_for_a_right_one_too(chat: World) -> None:
    code = report_of(chat, "ani")
    answers = guess(chat, MOST_OF_ONE)
    assert {answer for (answer,) in answers} == {"Kode itu tidak saya temukan. Coba periksa lagi hurufnya."}
    (told,) = say(chat, code)
    assert told.startswith(TOO_MANY)
    assert say(chat, code) == []
    assert say(chat, unknown(99)) == []
    assert STATE in say(chat, code, sender="cici")[0]
    chat.later(hours=1)
    assert STATE in say(chat, code)[0]


def test_mistyped_codes_count_like_unknown_ones(chat: World) -> None:
    code = report_of(chat, "ani")
    good = unknown(1)
    wrong = [good[:-1] + letter for letter in trackingcode.ALPHABET if letter != good[-1]][:MOST_OF_ONE]
    assert "salah ketik" in say(chat, wrong[0])[0]
    for typed in wrong[1:]:
        say(chat, typed)
    assert say(chat, code)[0].startswith(TOO_MANY)


def test_own_reports_are_never_held_back(chat: World) -> None:
    mine, other = report_of(chat, "budi"), report_of(chat, "ani")
    guess(chat, MOST_OF_ONE + 3)
    assert "KEBAKARAN" in say(chat, mine)[0]
    assert "KEBAKARAN" in say(chat, f"status {mine}")[0]
    assert say(chat, other) == []
    with chat.office.database.write() as connection:  # so old that it is not at hand any more
        long_ago = chat.now.replace(year=2024)
        connection.execute(
            update(tables.reports)
            .where(tables.reports.c.code == mine.replace("-", ""))
            .values(state="closed", closed_at=long_ago)
        )
    assert "Selesai" in say(chat, mine)[0]


def test_linked_addresses_are_one_guesser(anywhere: World) -> None:
    code = report_of(anywhere, "cici")
    for sender in ("budi", "ani"):
        say(anywhere, "halo", sender=sender)
    everybody = tables.people
    with anywhere.office.database.write() as connection:
        connection.execute(update(everybody).where(everybody.c.id == 3).values(same_as=2))
    for number in range(MOST_OF_ONE // 2):
        guess(anywhere, 1, sender="budi", first=number)
        guess(anywhere, 1, sender="ani", first=100 + number)
    assert say(anywhere, code, sender="ani")[0].startswith(TOO_MANY)
    assert say(anywhere, code, sender="budi") == []


def test_under_a_siege_over_all_doors_everybody_may_try_two_and_the_national_admins_are_told_once(anywhere: World) -> None:
    with anywhere.office.database.write() as connection:
        account = accounts.add(
            connection, email="pusat@example.org", name="Pusat", password_hash="x", language="id", now=anywhere.now
        )
        accounts.grant(connection, account_id=account, role=Role.NATIONAL_ADMIN, office_id=1)
        for _ in range(MOST_OF_ALL):
            throttles.count(connection, "guess:all", now=anywhere.now, window=WINDOW)
    code = report_of(anywhere, "ani")
    guess(anywhere, 1, sender="m1")
    guess(anywhere, MOST_UNDER_SIEGE, sender="budi", first=10)
    assert say(anywhere, code)[0].startswith(TOO_MANY)
    assert STATE in say(anywhere, code, sender="cici")[0]
    assert [row["kind"] for row in anywhere.rows("notifications") if row["kind"] == "guessing"] == ["guessing"]


def test_a_story_with_numbers_in_it_is_no_guess(chat: World) -> None:
    story = "Listrik di Jalan Melati kota Contoh padam sejak Senin, nomor meter saya A1B2-C3D4-5 dan B2C3-D4E5-6, sudah lapor."
    say(chat, story)
    assert chat.rows("throttles", key="guess:1") == []


def test_the_hint_of_a_slip_is_only_about_own_reports(chat: World) -> None:
    other = report_of(chat, "ani")
    slipped = other[:-1] + next(letter for letter in "ABCDEFGH" if letter != other[-1])
    (answer,) = say(chat, slipped)
    assert other not in answer
    (answer,) = say(chat, slipped, sender="ani")
    assert f"Maksud Anda {other}?" in answer
    (answer,) = say(chat, "1", sender="ani")
    assert "KEBAKARAN" in answer

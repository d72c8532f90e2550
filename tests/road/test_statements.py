"""What a turn of a conversation costs in statements. What only mail or SMS needs costs nothing where talk is free."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from core.delivery import deliver_next
from tests.road.postbox import raw
from tests.road.world import World, with_capabilities

STORY = "Lampu jalan di Jalan Melati kota Contoh mati sejak dua minggu lalu, gelap sekali."
MOST_BEFORE = {"halo": 28, STORY: 18, "Sembunyikan": 18, "Tidak ada": 18, "Kirim": 30}
"""Statements to handle each message before there was mail or SMS, transactions' own ones included."""
TO_DELIVER = 8


@contextmanager
def statements() -> Iterator[list[str]]:
    said: list[str] = []

    def saw(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", saw)
    yield said
    event.remove(Engine, "before_cursor_execute", saw)


def test_a_turn_costs_no_more_statements_than_before_mail_and_sms(world: World) -> None:
    for number, (text, most) in enumerate(MOST_BEFORE.items()):
        world.accept(raw(f"m{number}", text))
        with statements() as handled:
            world.handle_all()
        with statements() as delivered:
            deliver_next(world.office, world.door, owner="one", now=world.now)
        assert handled, "nothing was counted"
        assert len(handled) <= most, text
        assert len(delivered) <= TO_DELIVER, text
    assert len(world.rows("reports")) == 1


@pytest.mark.parametrize("verified", [True, False])
def test_a_story_that_is_received_at_once_costs_no_more_than_one_that_is_sent(world: World, verified: bool) -> None:
    post = with_capabilities(world, receives_at_once=True, subjects=True, receipts=True, bounce_hours=24)
    post.accept(raw("m1", "pln", unverified=not verified))
    post.handle_all()
    post.accept(raw("m2", STORY, unverified=not verified))
    with statements() as handled:
        post.handle_all()
    assert len(post.rows("reports")) == 1
    assert len(handled) <= MOST_BEFORE["Kirim"]

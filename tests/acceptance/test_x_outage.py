"""What X does to us, and what citizens and officials notice of it: nothing is lost, nothing said twice (issue 4)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from tests.acceptance.conftest import XCities
from tests.acceptance.test_x_first_to_last import INVITATION, RESPONSE, SETTLEMENT, at_the_clinic
from tests.acceptance.xworld import XCity, wib

FOR_HOURS = 1_000_000
LAMP = "@lapor1708 lampu Jl Melati kota Contoh mati 2 minggu"
MANY = 104  # more than a page of direct messages


def troubled(city: XCity, code: str) -> None:
    """Until the channel says so of itself."""
    city.x.wait(lambda: city.service.channels["twitter"].health.trouble == code)


def well(city: XCity) -> None:
    """Until X has recovered and everything has been read and answered."""
    city.x.recover()
    city.x.wait(lambda: city.service.channels["twitter"].health.trouble is None)
    city.quiet()


def nothing_twice(city: XCity) -> None:
    """Each word of ours went to each person once; each of theirs is kept once."""
    said = Counter((message.to, message.text) for message in city.x.sent())
    assert [words for words, count in said.items() if count > 1] == []
    assert len({post.reply_to for post in city.x.public_posts()}) == len(city.x.public_posts())
    kept = Counter(row["source_id"] for row in city.rows("inbox"))
    assert set(kept.values()) == {1}


def test_after_hours_without_x_everything_is_paged_back_and_answered_once(x_city: XCity) -> None:
    city, siti = x_city, x_city.citizen("siti")
    code = at_the_clinic(city, siti)
    city.x.fault("*", "html", times=FOR_HOURS)  # 503 with a page, as X answers when it is down
    many = [city.citizen(f"warga{number}") for number in range(MANY)]
    for one in many:
        one.writes("halo")
    posters = [city.citizen(f"penulis{number}") for number in range(3)]
    for one in posters:
        one.posts(LAMP)
    troubled(city, "unavailable")
    city.official("puskesmas").does("respond", code, words=RESPONSE, promised_on="2026-03-16")
    city.x.wait(lambda: city.rows("outbox")[-1]["attempts"] and city.rows("outbox")[-1]["state"] == "waiting")
    assert "Penyedia kanal tidak menjawab" in city.standing()
    city.clock.set(city.clock() + timedelta(hours=3))
    well(city)
    city.on(city.clock() + timedelta(hours=1))
    assert siti.reads().count(RESPONSE) == 1
    for one in many:
        assert len(one.person.reads()) == 1, one.person.who
    assert city.public() == [INVITATION] * len(posters)
    nothing_twice(city)
    assert {row["state"] for row in city.rows("inbox")} == {"handled"}
    assert {row["state"] for row in city.rows("outbox")} == {"delivered"}
    assert "mungkin ada pesan yang terlewat" not in city.standing()


def test_a_month_without_x_says_what_may_be_missing(x_cities: XCities) -> None:
    with x_cities() as city:
        city.citizen("siti").says("halo")
    with x_cities(start=wib(4, 20)) as city:
        city.x.wait(lambda: "gap" in city.service.channels["twitter"].health.remarks)
        assert "mungkin ada pesan yang terlewat" in city.standing()


@pytest.mark.parametrize("how", ["garbage", "half", "cut", "redirect", "internal", "repeat", "invalid"])
def test_an_answer_that_is_none_costs_no_message(x_city: XCity, how: str) -> None:
    city, siti, budi = x_city, x_city.citizen("siti"), x_city.citizen("budi")
    siti.says("halo")
    for endpoint in ("events", "mentions"):
        city.x.fault(endpoint, how, times=3)
    budi.posts(LAMP)
    siti.posts(LAMP.replace("Melati", "Kenanga"))
    siti.writes("lampu di Jl Kenanga kota Contoh mati sejak kemarin")
    city.quiet()
    assert "nama" in siti.reads().lower()
    assert city.public() == [INVITATION] * 2
    nothing_twice(city)


def test_a_limit_pauses_its_own_calls_only(x_city: XCity) -> None:
    city, siti, budi = x_city, x_city.citizen("siti"), x_city.citizen("budi")
    siti.says("halo")
    city.x.fault("events", "throttled")
    before = len(city.x.calls("events"))
    city.x.wait(lambda: len(city.x.calls("events")) > before)
    asked = len(city.x.calls("events"))
    siti.writes("lampu di Jl Kenanga kota Contoh mati sejak kemarin")
    budi.posts(LAMP)
    city.x.wait_posts()
    assert len(city.x.calls("events")) == asked, "nobody asks a closed endpoint"
    assert city.service.channels["twitter"].health.trouble is None, "a quarter of an hour is nothing to tell"
    assert "nama" in siti.reads().lower()


def test_what_x_does_not_let_us_say_now_is_said_when_it_does(x_city: XCity) -> None:
    city, siti = x_city, x_city.citizen("siti")
    code = at_the_clinic(city, siti)
    said = len(city.x.sent())
    city.x.fault("dm", "throttled")
    city.official("puskesmas").does("settle", code, words=SETTLEMENT)
    city.x.wait_sent(count=said + 1)
    assert SETTLEMENT in siti.reads()
    assert len(city.x.calls("dm")) <= said + 4, "nobody hammers a closed endpoint"
    nothing_twice(city)


def test_without_credits_the_channel_says_so_and_everything_waits(x_city: XCity) -> None:
    city, siti, budi = x_city, x_city.citizen("siti"), x_city.citizen("budi")
    code = at_the_clinic(city, siti)
    city.x.have_credits(0)
    troubled(city, "credits")
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    budi.writes("halo")
    standing = city.standing()
    assert "Saldo kanal ini di penyedia sudah habis" in standing
    assert "Apa artinya bagi warga" in standing
    assert siti.person.reads()[siti.seen :] == []
    well(city)
    city.on(city.clock() + timedelta(hours=1))
    assert siti.reads().count(SETTLEMENT) == 1
    assert len(budi.person.reads()) == 1
    assert "Saldo" not in city.standing()
    nothing_twice(city)


def test_wrong_keys_are_the_operators_and_lose_nothing(x_city: XCity) -> None:
    city, siti = x_city, x_city.citizen("siti")
    city.x.fault("*", "unauthorised", times=FOR_HOURS)
    troubled(city, "unauthorised")
    siti.writes("halo")
    assert "token" in city.standing().lower()
    well(city)
    assert len(siti.person.reads()) == 1

"""What becomes of a message: X's answers and silences in the core's words (docs.x.com/x-api)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.twitter.posts import has_link, weight
from core.channels import Channel, Choice, Delivery, Fault, Outbound, Outcome
from tests.bots.twitter.outward import answer, channel_to, door, message
from tests.bots.xapi import Person, XApi
from tests.bots.xapi.writes import weight as weight_at_x


@pytest.fixture
def channel(x: XApi) -> Iterator[Channel]:
    made = door(x)
    yield made
    made.close()


def test_a_message_arrives_in_private_with_the_vendors_number(x: XApi, siti: Person, channel: Channel) -> None:
    delivery = channel.send(message(siti.id, "Laporan Ibu sudah diterima.\nTerima kasih & salam."))
    assert siti.reads() == ["Laporan Ibu sudah diterima.\nTerima kasih & salam."]
    assert delivery == Delivery(Outcome.ACCEPTED, vendor_id=x.sent("siti")[0].id)
    assert x.public_posts() == []


def test_a_long_message_goes_as_one(siti: Person, channel: Channel) -> None:
    text = "jalan rusak " * 833
    assert channel.send(message(siti.id, text)).outcome is Outcome.ACCEPTED
    assert siti.reads() == [text]


def test_a_public_answer_stands_under_the_post_that_it_answers(x: XApi, siti: Person, channel: Channel) -> None:
    tweet = siti.tweets("@lapor1708 lampu jalan mati")
    delivery = channel.send(answer(tweet, siti.id))
    (post,) = x.public_posts()
    assert (post.text, post.reply_to, delivery.vendor_id) == ("Lanjut lewat pesan pribadi, ya.", tweet, post.id)
    assert siti.reads() == []


@pytest.mark.parametrize(
    "fault, outcome, what, arrived",
    [
        ("unauthorised", Outcome.AGAIN, Fault.UNAUTHORISED, 0),
        ("oauth1_permissions", Outcome.AGAIN, Fault.UNAUTHORISED, 0),
        ("app_forbidden", Outcome.AGAIN, Fault.UNAUTHORISED, 0),
        ("locked", Outcome.AGAIN, Fault.UNAUTHORISED, 0),
        ("credits", Outcome.AGAIN, Fault.BUDGET, 0),
        ("usage_cap", Outcome.AGAIN, Fault.BUDGET, 0),
        ("dm_forbidden", Outcome.FAILED, Fault.RECIPIENT_GONE, 0),
        ("html", Outcome.AGAIN, Fault.UNAVAILABLE, 0),
        ("unavailable", Outcome.AGAIN, Fault.UNAVAILABLE, 0),
        ("redirect", Outcome.AGAIN, Fault.UNAVAILABLE, 0),
        ("internal", Outcome.UNKNOWN, Fault.UNCERTAIN, 0),
        ("garbage", Outcome.UNKNOWN, Fault.UNCERTAIN, 0),
        ("cut", Outcome.UNKNOWN, Fault.UNCERTAIN, 0),
        ("cut_after", Outcome.UNKNOWN, Fault.UNCERTAIN, 1),
        ("half", Outcome.UNKNOWN, Fault.UNCERTAIN, 1),
    ],
)
def test_each_answer_has_its_meaning(
    x: XApi, siti: Person, channel: Channel, fault: str, outcome: Outcome, what: Fault, arrived: int
) -> None:
    x.fault("dm", fault)
    delivery = channel.send(message(siti.id))
    assert (delivery.outcome, delivery.fault) == (outcome, what)
    assert len(siti.reads()) == arrived
    assert len(x.calls("dm")) == 1  # one attempt
    assert siti.id not in (delivery.detail or "")


@pytest.mark.parametrize("fault", ["dm_forbidden", "app_forbidden", "duplicate", "html", "unauthorised", "cut_after"])
def test_what_becomes_of_a_public_answer_never_says_that_the_person_is_gone(
    x: XApi, siti: Person, channel: Channel, fault: str
) -> None:
    x.fault("post", fault)
    assert channel.send(answer(siti.tweets("@lapor1708 banjir"), siti.id)).fault is not Fault.RECIPIENT_GONE


def test_a_post_that_was_deleted_or_said_already_is_refused_and_does_no_harm(x: XApi, siti: Person, channel: Channel) -> None:
    first, second = siti.tweets("@lapor1708 banjir"), siti.tweets("@lapor1708 banjir lagi")
    assert channel.send(answer(first, siti.id)).outcome is Outcome.ACCEPTED
    again = channel.send(answer(second, siti.id))
    assert (again.outcome, again.fault) == (Outcome.FAILED, Fault.REFUSED)
    siti.deletes(second)
    gone = channel.send(answer(second, siti.id, "Halo, silakan kirim pesan pribadi."))
    assert (gone.outcome, gone.fault) == (Outcome.FAILED, Fault.REFUSED)
    assert channel.health.trouble is None
    assert len(x.public_posts()) == 1


def test_whoever_takes_no_messages_is_not_written_to_again(siti: Person, channel: Channel) -> None:
    siti.closes_dms()
    delivery = channel.send(message(siti.id))
    assert (delivery.outcome, delivery.fault) == (Outcome.FAILED, Fault.RECIPIENT_GONE)
    assert channel.health.trouble is None  # that is between this person and us


def test_a_repeat_that_x_has_already_is_no_failure(x: XApi, siti: Person, channel: Channel) -> None:
    x.fault("dm", "duplicate")
    assert channel.send(message(siti.id, repeat=True)).outcome is Outcome.ACCEPTED


def test_a_limit_closes_only_its_own_endpoint_and_nobody_asks_before_it_opens(x: XApi, siti: Person, channel: Channel) -> None:
    x.fault("dm", "throttled", seconds=300)
    first = channel.send(message(siti.id))
    assert (first.outcome, first.fault) == (Outcome.AGAIN, Fault.THROTTLED)
    assert 290 < (first.retry_after_seconds or 0) < 310
    again = channel.send(message(siti.id))
    assert (again.fault, again.detail) == (Fault.THROTTLED, "own_limit")
    assert 290 < (again.retry_after_seconds or 0) < 310
    assert len(x.calls("dm")) == 1
    assert channel.send(answer(siti.tweets("@lapor1708 x"), siti.id)).outcome is Outcome.ACCEPTED


def test_the_last_call_of_a_window_is_known_to_be_the_last(x: XApi, siti: Person, channel: Channel) -> None:
    x.limit("dm", 2, seconds=60)
    assert [channel.send(message(siti.id, f"{n}")).fault for n in range(3)] == [None, None, Fault.THROTTLED]
    assert len(x.calls("dm")) == 2


def test_no_answer_in_time_is_unknown(x: XApi, siti: Person) -> None:
    impatient = door(x, answer_timeout_seconds=0.2)
    x.fault("dm", "hang")
    delivery = impatient.send(message(siti.id))
    impatient.close()
    assert (delivery.outcome, delivery.fault) == (Outcome.UNKNOWN, Fault.UNCERTAIN)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_certainly_did_not_leave_goes_again(x: XApi, scheme: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        away = channel_to(f"{scheme}://127.0.0.1:{taken.getsockname()[1]}", x.settings())
        delivery = away.send(message("7"))
        assert (delivery.outcome, delivery.fault) == (Outcome.AGAIN, Fault.UNAVAILABLE)
        assert away.health.trouble == "unavailable"
        away.close()


def test_a_host_that_does_not_speak_tls_was_told_nothing(x: XApi) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def answer_once() -> None:
            met, _ = plain.accept()
            with met:
                met.recv(4096)
                met.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer_once)
        thread.start()
        wrong = channel_to(f"https://127.0.0.1:{plain.getsockname()[1]}", x.settings())
        assert wrong.send(message("7")).fault is Fault.UNAVAILABLE
        wrong.close()
        thread.join(5)


def test_trouble_is_told_and_taken_back(x: XApi, siti: Person, channel: Channel) -> None:
    x.fault("dm", "credits")
    channel.send(message(siti.id))
    assert (channel.health.trouble, channel.health.last_success_at) == ("credits", None)
    channel.send(message(siti.id))
    assert channel.health.trouble is None
    assert channel.health.last_success_at is not None


@pytest.mark.parametrize(
    "outbound, detail",
    [
        (message("7", "  \n"), "empty"),
        (message("7", "x" * 10_001), "text_too_long"),
        (message("7", "rusak \ud800"), "not_text"),
        (answer("5", text="Buka lapor.go.id ya"), "link_in_public"),
        (answer("5", text="Buka https://127.0.0.1/x ya"), "link_in_public"),
        (answer("5", text="x" * 281), "text_too_long"),
        (answer("5", text="漢" * 141), "text_too_long"),
        (answer("5", text="Halo", choices=(Choice("a", "A"),)), "not_in_public"),
        (answer("5 OR 1=1", text="Halo"), "answers_nothing"),
        (message("7", "Halo", public=True), "answers_nothing"),
        (message("7", "Halo", public=True, in_reply_to="dm:5"), "answers_nothing"),
    ],
)
def test_what_can_never_be_sent_is_refused_without_asking(x: XApi, channel: Channel, outbound: Outbound, detail: str) -> None:
    delivery = channel.send(outbound)
    assert (delivery.outcome, delivery.fault, delivery.detail) == (Outcome.FAILED, Fault.REFUSED, detail)
    assert x.calls() == []


@pytest.mark.parametrize("address", ["", "siti", "@siti", "7/../../2/tweets", "７", "9" * 30])
def test_an_address_that_is_no_number_is_gone_without_asking(x: XApi, channel: Channel, address: str) -> None:
    assert channel.send(message(address)).fault is Fault.RECIPIENT_GONE
    assert x.calls() == []


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=100))
def test_a_text_never_weighs_less_here_than_at_x(text: str) -> None:
    assert has_link(text) or weight(text) >= weight_at_x(text)


@pytest.mark.parametrize("text", ["lapor.go.id", "ke www.lapor.go.id/x", "HTTP://a", "(kota.id)", "buka:lapor.id."])
def test_what_x_makes_a_link_of_is_seen(text: str) -> None:
    assert has_link(text)


@pytest.mark.parametrize(
    "text", ["SMS 1708", "lapor@kota.go.id", "pengaduan.kota@kota.go.id", "Terima kasih... lanjut, ya.", "pukul 07.30", "1.000"]
)
def test_other_doors_that_are_no_links_may_be_named(text: str) -> None:
    assert not has_link(text)


def test_passwords_that_lie_about_on_the_machine_are_not_taken_for_ours(
    x: XApi, siti: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login siapa password apa\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    channel = door(x)
    lines = channel.check()  # one call signed, one with the bearer token
    channel.close()
    assert [line.ok for line in lines] == [True, True, True]


def test_a_closed_channel_sends_nothing_and_closes_twice(x: XApi, siti: Person, channel: Channel) -> None:
    channel.close()
    channel.close()
    assert channel.send(message(siti.id)).outcome is Outcome.AGAIN
    assert x.calls() == []


def test_many_threads_share_the_connections(x: XApi, siti: Person, channel: Channel) -> None:
    outcomes: list[Outcome] = []

    def several() -> None:
        outcomes.extend(channel.send(message(siti.id, "Halo")).outcome for _ in range(5))

    threads = [threading.Thread(target=several) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert outcomes == [Outcome.ACCEPTED] * 20
    assert len(siti.reads()) == 20

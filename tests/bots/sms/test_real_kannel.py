"""Both ways through a real Kannel: bearerbox, smsbox and its fakesmsc on loopback (`tests/bots/sms/kannel.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bots import sms
from core.alphabet import segments
from core.channels import Channel, InboundKind, Outbound, Outcome, Surroundings
from tests.bots.contract import Inbox, Ingress
from tests.bots.sms.kannel import Kannel

pytestmark = pytest.mark.needs("kannel")

SITI, HER_NUMBER = "081234567890", "+6281234567890"


class House:
    """Our channel behind an ingress, and the inbox that it fills."""

    def __init__(self) -> None:
        self.ingress = Ingress()
        self.inbox = Inbox()
        self.channel: Channel | None = None

    def open(self, kannel: Kannel) -> Channel:
        self.channel = sms.build(sms.Settings.model_validate(kannel.settings), Surroundings("https://not.this.example"))
        self.ingress.routes.extend(self.channel.routes(self.inbox))
        return self.channel

    def texts(self) -> list[str]:
        assert self.channel is not None
        found = self.inbox.inbounds(self.channel)
        return [inbound.text for inbound in found if inbound.kind is InboundKind.MESSAGE]

    def receipts(self) -> set[tuple[str, Outcome]]:
        assert self.channel is not None
        found = [inbound.receipt for inbound in self.inbox.inbounds(self.channel)]
        return {(receipt.vendor_id, receipt.outcome) for receipt in found if receipt is not None}

    def close(self) -> None:
        if self.channel is not None:
            self.channel.close()
        self.ingress.close()


@pytest.fixture
def house() -> Iterator[House]:
    opened = House()
    yield opened
    opened.close()


def test_a_text_comes_in_an_answer_goes_out_and_its_report_comes_back(house: House, tmp_path: Path) -> None:
    with Kannel(tmp_path, house.ingress.url) as kannel:
        channel = house.open(kannel)
        (line,) = channel.check()
        assert line.ok
        kannel.say(SITI, "LAPOR lampu jalan di RT 3 mati 2 minggu + tiang miring 50%")
        kannel.wait(lambda: house.inbox.raws())
        (inbound,) = house.inbox.inbounds(channel)
        assert inbound.text == "LAPOR lampu jalan di RT 3 mati 2 minggu + tiang miring 50%"
        assert inbound.sender.address == house.inbox.raws()[0].lane == HER_NUMBER
        assert inbound.sent_at is not None

        sent = channel.send(Outbound("3f.0", HER_NUMBER, "LAPOR K7M42QXT9 dicatat. Batal: BATAL"))
        assert (sent.outcome, sent.vendor_id) == (Outcome.ACCEPTED, "3f.0")
        kannel.wait(lambda: kannel.shown(HER_NUMBER))
        kannel.wait(lambda: ("3f.0", Outcome.DELIVERED) in house.receipts())
        assert kannel.shown(HER_NUMBER) == ["LAPOR K7M42QXT9 dicatat. Batal: BATAL"]
        assert house.receipts() <= {("3f.0", Outcome.ACCEPTED), ("3f.0", Outcome.DELIVERED)}
        assert kannel.segments(HER_NUMBER) == 1, "the answer of a webhook is never a text to the citizen"


def test_a_text_that_was_refused_with_503_comes_again_and_is_stored_once(house: House, tmp_path: Path) -> None:
    with Kannel(tmp_path, house.ingress.url) as kannel:
        house.open(kannel)
        house.inbox.away = True
        kannel.say(SITI, "jalan berlubang")
        kannel.wait(lambda: house.inbox.refused >= 1)
        assert house.texts() == []
        house.inbox.away = False
        kannel.wait(house.texts)
        assert house.texts() == ["jalan berlubang"]
        assert kannel.shown(HER_NUMBER) == [], "the citizen reads nothing of our outage"


TEXTS = (
    "sampah menumpuk " * 18 + "tolong!!",  # 296 characters
    "harga [beras] {naik} €5 ^ ~ \\ | à é ñ § @ _",
    "lampu mati 😀 “tolong” ya",
    "banjir 😀 " * 39 + "!",
    "1 Beres\n2 Belum",
)


def test_any_text_is_the_same_at_the_other_end_both_ways(house: House, tmp_path: Path) -> None:
    with Kannel(tmp_path, house.ingress.url) as kannel:
        channel = house.open(kannel)
        for number, text in enumerate(TEXTS):
            kannel.say(SITI, text)
            assert channel.send(Outbound(f"k{number}.0", HER_NUMBER, text)).outcome is Outcome.ACCEPTED
        kannel.wait(lambda: len(house.texts()) == len(TEXTS))
        kannel.wait(lambda: len(house.receipts()) == 2 * len(TEXTS))
        assert sorted(house.texts()) == sorted(TEXTS)
        assert kannel.shown(HER_NUMBER) == list(TEXTS)
        assert (f"k{len(TEXTS) - 1}.0", Outcome.DELIVERED) in house.receipts()


def test_kannel_sends_as_many_segments_as_we_count(house: House, tmp_path: Path) -> None:
    texts = [*("x" * length for length in (160, 161, 306, 307)), "[" * 80, "[" * 81, "😀" * 35, "“" * 71]
    phones = {f"+6281234567{number:03}": text for number, text in enumerate(texts)}
    with Kannel(tmp_path, house.ingress.url) as kannel:
        channel = house.open(kannel)
        for phone, text in phones.items():
            assert channel.send(Outbound(f"{phone[1:]}.0", phone, text)).outcome is Outcome.ACCEPTED
        kannel.wait(lambda: all(kannel.shown(phone) == [text] for phone, text in phones.items()))
        assert [kannel.segments(phone) for phone in phones] == [segments(text) for text in texts]


@pytest.mark.parametrize("post", [False, True], ids=["get-url", "post-url"])
def test_pieces_that_kannel_does_not_join_are_joined_here(house: House, tmp_path: Path, post: bool) -> None:
    with Kannel(tmp_path, house.ingress.url, combine=False, post=post) as kannel:
        channel = house.open(kannel)
        kannel.say_pieces(
            SITI,
            [
                (b"\x05\x00\x03\x2a\x03\x03", "di kantor lurah."),
                (b"\x05\x00\x03\x2a\x03\x01", "Saya diminta "),
                (b"\x05\x00\x03\x2a\x03\x02", "uang 50rb "),
            ],
        )
        kannel.wait(lambda: len(house.inbox.raws()) == 3)
        raws = house.inbox.raws()
        assert {raw.lane for raw in raws} == {HER_NUMBER}
        assert len({raw.group for raw in raws}) == 1
        assert all(raw.ready_at is not None for raw in raws)
        joined = channel.join(house.inbox.inbounds(channel))
        assert (joined.text, joined.notes) == ("Saya diminta uang 50rb di kantor lurah.", ())


def test_a_text_by_post_is_the_same_text(house: House, tmp_path: Path) -> None:
    with Kannel(tmp_path, house.ingress.url, post=True) as kannel:
        house.open(kannel)
        kannel.say(SITI, "lampu & kabel = 100% putus")
        kannel.say(SITI, "tolong 😀")
        kannel.wait(lambda: len(house.texts()) == 2)
        assert sorted(house.texts()) == ["lampu & kabel = 100% putus", "tolong 😀"]


def test_a_password_that_kannel_does_not_know_is_said_before_anything_is_sent(house: House, tmp_path: Path) -> None:
    with Kannel(tmp_path, house.ingress.url) as kannel:
        kannel.settings["password"] = "another"
        channel = house.open(kannel)
        (line,) = channel.check()
        assert not line.ok
        assert channel.send(Outbound("k.0", HER_NUMBER, "halo")).outcome is Outcome.AGAIN
        assert channel.health.trouble == "unauthorised"
        assert kannel.lines() == []


def test_nothing_of_kannel_is_left_when_it_is_closed(house: House, tmp_path: Path) -> None:
    with Kannel(tmp_path, house.ingress.url) as kannel:
        processes = kannel.processes()
        assert len(processes) == 3
    assert all(process.poll() is not None for process in processes)

"""What a gateway's request becomes: payload → Inbound, source id, lane, group."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots import sms
from bots.sms.charsets import decode
from bots.sms.envelope import REPORT_LANES, seal
from bots.sms.gateway import GATEWAYS, find
from bots.sms.numbers import person
from bots.sms.parse import INCOMPLETE, join, parse
from bots.sms.udh import is_for_a_machine, piece_of
from bots.sms.wire import Kind, fields, pack, unpack
from core.channels import Fault, Inbound, InboundKind, MediaKind, Outcome, Raw
from tests.bots.sms.twilioapi import ACCOUNT

FRIDAY = datetime(2026, 3, 13, 1, 0, tzinfo=UTC)
SITI = "+6281234567890"


def sealed(payload: bytes, gateway: str = "kannel", kind: Kind = Kind.MESSAGE, at: datetime = FRIDAY) -> Raw:
    return seal(
        payload,
        channel="sms",
        gateway=find(gateway),
        name=gateway,
        kind=kind,
        country="ID",
        received_at=at,
        join_seconds=20,
    )


def read(raw: Raw, number: str = "1708") -> Inbound:
    return parse(raw.body, raw.source_id, channel="sms", country="ID", number=number)


def kannel(**given: Any) -> bytes:
    return urlencode(
        {"id": "a1", "from": "081234567890", "to": "1708", "text": "halo", "charset": "UTF-8", "coding": "0"} | given
    ).encode()


# --- numbers ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "081234567890",
        "6281234567890",
        "+6281234567890",
        "006281234567890",
        "0812-3456-7890",
        "+62 812 3456 7890",
        "81234567890",
    ],
)
def test_one_person_has_one_number_however_it_is_written(written: str) -> None:
    assert person(written, "ID") == SITI


@pytest.mark.parametrize(
    "written, number",
    [
        ("+6591234567", "+6591234567"),  # a worker abroad
        ("6591234567", "+6591234567"),
        ("60123456789", "+60123456789"),
        ("0212345678", "+62212345678"),  # a house with a text-capable line
        ("08991234567890", "+628991234567890"),  # as long as numbers of ID get
    ],
)
def test_other_peoples_numbers_are_kept_too(written: str, number: str) -> None:
    assert person(written, "ID") == number


@pytest.mark.parametrize(
    "written",
    [
        "1708",
        "3636",
        "97799",
        "TELKOMSEL",
        "InfoBMKG",
        "BANK-BRI",
        "",
        "0",
        "+",
        "14045",
        "1500888",
        "08001234567",
        "a" * 500,
        "٠٨١٢٣٤٥٦٧٨٩",
    ],
)
def test_short_codes_service_numbers_and_names_are_nobody(written: str) -> None:
    assert person(written, "ID") is None


@pytest.mark.parametrize("sender", ["1708", "TELKOMSEL", "97799", "Bank %41", "+628111708170"])
def test_machines_and_ourselves_get_no_answer(sender: str) -> None:
    raw = sealed(kannel(**{"from": sender, "text": "LAPOR jalan rusak"}))
    inbound = read(raw, number="+628111708170")
    assert inbound.kind is InboundKind.AUTOMATIC
    assert inbound.sender.address == raw.lane
    assert inbound.text == "LAPOR jalan rusak", "recorded all the same"


def test_the_keyword_stop_is_the_dialogues_business() -> None:
    inbound = read(sealed(kannel(text="STOP")))
    assert (inbound.kind, inbound.text, inbound.sender.address) == (InboundKind.MESSAGE, "STOP", SITI)


# --- texts -----------------------------------------------------------------------------------------------------------------

WIDE = "tolong 😀 “ya”".encode("utf-16-be")


@pytest.mark.parametrize(
    "raw, charset, coding, text",
    [
        (b"jalan rusak", "UTF-8", 0, "jalan rusak"),
        ("café €".encode(), "utf-8", 0, "café €"),
        (WIDE, "UTF-16BE", 2, "tolong 😀 “ya”"),
        (WIDE, "", 2, "tolong 😀 “ya”"),
        (WIDE, "UCS-2", None, "tolong 😀 “ya”"),
        (WIDE, "UTF-8", 0, "tolong 😀 “ya”"),  # the gateway was told a wrong charset
        (WIDE, "no-such-charset", 2, "tolong 😀 “ya”"),
        ("café".encode("latin-1"), "ISO-8859-1", 0, "café"),
        ("café".encode("latin-1"), "UTF-8", 0, "café"),  # no UTF-8, whatever it says
        ("café".encode("cp1252"), "WINDOWS-1252", 0, "café"),
        (b"jalan rusak", "UTF-16BE", 2, "jalan rusak"),  # an odd number of bytes is no UTF-16
        (b"bagian satu", "8-BIT", 1, "bagian satu"),
        ("satu “dua”".encode(), "8-BIT", 1, "satu “dua”"),
        (b"a\0b", "ascii", 0, "ab"),
        (b"", "", None, ""),
        (b"halo", "punycode", 0, "halo"),
        (b"halo\\x41", "unicode_escape", 0, "halo\\x41"),
        (b"halo", "\0", 0, "halo"),
    ],
)
def test_the_words_are_read_in_the_gateways_charset_and_never_lost(raw: bytes, charset: str, coding: int, text: str) -> None:
    assert decode(raw, charset, coding) == text


def test_half_an_emoji_costs_the_emoji_and_no_word() -> None:
    assert decode(WIDE[:16], "UTF-16BE", 2).startswith("tolong ")


def test_a_text_of_kannel() -> None:
    raw = sealed(kannel(id="c-1", text="LAPOR a+b 100% & lain=1\nbaris dua", time="1773363600"))
    assert (raw.source_id, raw.lane, raw.group, raw.ready_at) == ("c-1", SITI, None, None)
    inbound = read(raw)
    assert inbound.text == "LAPOR a+b 100% & lain=1\nbaris dua"
    assert inbound.sent_at == datetime(2026, 3, 13, 1, 0, tzinfo=UTC)
    assert inbound.sender.verified


@pytest.mark.parametrize("time", ["", "0", "99999999999", "kemarin", "2026-13-40 00:00:00"])
def test_an_unlikely_time_is_none(time: str) -> None:
    assert read(sealed(kannel(time=time))).sent_at is None


def test_the_same_words_of_the_same_person_twice_are_two_texts() -> None:
    assert sealed(kannel(id="c-1")).source_id != sealed(kannel(id="c-2")).source_id


def test_without_an_id_a_repeat_is_known_by_its_words_and_minute() -> None:
    first = sealed(kannel(id=""))
    assert sealed(kannel(id=""), at=FRIDAY + timedelta(seconds=30)).source_id == first.source_id
    assert sealed(kannel(id=""), at=FRIDAY + timedelta(minutes=5)).source_id != first.source_id
    assert sealed(kannel(id="", text="halo juga")).source_id != first.source_id
    assert sealed(kannel(id="%I")).source_id.startswith("hash:"), "what Kannel did not fill in is no id"


def test_an_empty_text_asks_for_no_answer() -> None:
    assert read(sealed(kannel(text=" "))).kind is InboundKind.IGNORED


def test_what_cannot_be_read_has_a_lane_of_its_own_and_goes_to_quarantine() -> None:
    raw = sealed(b"to=1708&text=halo")
    assert raw.lane == raw.source_id != sealed(b"text=lain").lane
    with pytest.raises(ValueError):
        read(raw)


TWILIO = {"MessageSid": "SM" + "a" * 32, "From": SITI, "To": "+628111708170", "Body": "lampu mati 😀", "NumMedia": "0"}


def test_a_text_of_twilio() -> None:
    raw = sealed(urlencode(TWILIO).encode(), "twilio")
    assert (raw.source_id, raw.lane) == ("SM" + "a" * 32, SITI)
    assert read(raw).text == "lampu mati 😀"


def test_pictures_of_twilio_are_files() -> None:
    media = f"https://api.twilio.com{ACCOUNT}/Messages/MM{'b' * 32}/Media/ME{'c' * 32}"
    form = TWILIO | {
        "Body": "",
        "NumMedia": "3",
        "MediaUrl0": media,
        "MediaContentType0": "image/jpeg",
        "MediaUrl1": "https://evil.example/x.jpg",
        "MediaUrl2": media.replace("c" * 32, "d" * 32),
        "MediaContentType2": "text/x-vcard",
    }
    inbound = read(sealed(urlencode(form).encode(), "twilio"))
    assert inbound.kind is InboundKind.MESSAGE
    assert [(file.kind, file.mime, file.unique) for file in inbound.files] == [
        (MediaKind.PHOTO, "image/jpeg", "ME" + "c" * 32),
        (MediaKind.DOCUMENT, "text/x-vcard", "ME" + "d" * 32),
    ]
    assert all(file.ref.startswith(ACCOUNT) for file in inbound.files), "no host: the configuration decides it"


def test_a_stored_text_is_read_by_the_gateway_it_came_by() -> None:
    assert read(sealed(urlencode(TWILIO).encode(), "twilio")).sender == read(sealed(kannel())).sender


# --- pieces ------------------------------------------------------------------------------------------------------------------


def piece(number: int, text: str, *, ref: int = 42, total: int = 3, wide: bool = False, **more: Any) -> bytes:
    header = bytes([6, 8, 4, 1, ref, total, number]) if wide else bytes([5, 0, 3, ref, total, number])
    return (
        kannel(id=f"{ref}.{number}.{more}", text=text, udh=header)
        if not more
        else kannel(id=f"{ref}.{number}", text=text, udh=header, **more)
    )


@pytest.mark.parametrize(
    "header, found",
    [
        (b"\x05\x00\x03\x2a\x03\x01", ("3.42", 1, 3)),
        (b"0500032a0301", ("3.42", 1, 3)),
        (b"\x06\x08\x04\x01\x2a\x02\x02", ("4.298", 2, 2)),
        (b"06080401 2a0202", None),
        (b"\x0b\x05\x04\x0b\x84\x23\xf0\x00\x03\x07\x02\x01", ("3.7", 1, 2)),  # behind another element
        (b"\x05\x00\x03\x2a\x03\x04", None),  # the fourth of three
        (b"\x05\x00\x03\x2a\x03\x00", None),
        (b"\x05\x00\x03\x2a\x01\x01", None),  # of one: whole
        (b"\x05\x00\x03\x2a", None),
        (b"\x05", None),
        (b"", None),
    ],
)
def test_the_header_says_which_piece_it_is(header: bytes, found: tuple[str, int, int] | None) -> None:
    got = piece_of(header)
    assert (got and (got.ref, got.number, got.total)) == found


def test_what_is_addressed_to_a_program_is_no_word_of_a_person() -> None:
    header = b"\x06\x05\x04\x0b\x84\x23\xf0"
    assert is_for_a_machine(header)
    assert read(sealed(kannel(udh=header))).kind is InboundKind.AUTOMATIC


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_pieces_become_one_text_in_any_order(order: tuple[int, ...], wide: bool) -> None:
    words = {1: "Saya dimin", 2: "ta uang ", 3: "50rb."}
    raws = [sealed(piece(number, words[number], wide=wide)) for number in order]
    assert len({(raw.lane, raw.group) for raw in raws}) == 1
    assert all(raw.ready_at == FRIDAY + timedelta(seconds=20) for raw in raws)
    joined = join([read(raw) for raw in raws])
    assert (joined.text, joined.kind, joined.notes) == ("Saya diminta uang 50rb.", InboundKind.MESSAGE, ())


def test_pieces_in_different_charsets_are_one_text() -> None:
    first = sealed(piece(1, "mati ", total=2))
    wide = kannel(id="2", udh=bytes([5, 0, 3, 42, 2, 2]), charset="UTF-16BE", coding="2")
    second = sealed(wide.replace(b"text=halo", b"text=" + quote("😀 ya".encode("utf-16-be")).encode()))
    assert join([read(second), read(first)]).text == "mati 😀 ya"


def test_a_missing_piece_is_said_and_a_double_one_counts_once() -> None:
    joined = join([read(sealed(piece(number, str(number)))) for number in (3, 1, 3)])
    assert (joined.text, joined.notes) == ("13", (INCOMPLETE, "missing:2/3"))


def test_a_lone_piece_says_that_it_is_one() -> None:
    inbound = read(sealed(piece(2, "tengah")))
    assert (inbound.text, INCOMPLETE in inbound.notes, inbound.kind) == ("tengah", True, InboundKind.MESSAGE)


def test_texts_of_other_days_totals_and_references_stay_apart() -> None:
    groups = {
        sealed(piece(1, "a")).group,
        sealed(piece(1, "a", ref=43)).group,
        sealed(piece(1, "a", total=2)).group,
        sealed(piece(1, "a", wide=True)).group,
        sealed(piece(1, "a"), at=FRIDAY + timedelta(days=2)).group,
    }
    assert len(groups) == 5
    assert not any("812345" in (group or "") for group in groups), "groups are stored in plain"


# --- delivery reports ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, outcome",
    [("8", Outcome.ACCEPTED), ("4", Outcome.ACCEPTED), ("1", Outcome.DELIVERED), ("2", Outcome.FAILED), ("16", Outcome.FAILED)],
)
def test_reports_of_kannel(kind: str, outcome: Outcome) -> None:
    raw = sealed(urlencode({"id": "3f.0", "type": kind, "answer": ""}).encode(), kind=Kind.STATUS)
    assert raw.source_id == f"dlr:3f.0:{kind}"
    inbound = read(raw)
    assert inbound.kind is InboundKind.RECEIPT
    assert inbound.receipt is not None
    assert (inbound.receipt.vendor_id, inbound.receipt.outcome) == ("3f.0", outcome)


@pytest.mark.parametrize(
    "answer, detail",
    [
        ("id:1 sub:001 dlvrd:000 submit date:1 done date:2 stat:UNDELIV err:069 text:LAPOR K7M42QXT9", "dlr2_undeliv_069"),
        ("NACK/0x0000000b/Invalid Destination Address", "dlr2_0x0000000b"),
        ("", "dlr2"),
    ],
)
def test_a_report_tells_the_networks_code_and_no_words(answer: str, detail: str) -> None:
    inbound = read(sealed(urlencode({"id": "3f.0", "type": "2", "answer": answer}).encode(), kind=Kind.STATUS))
    assert inbound.receipt is not None
    assert inbound.receipt.detail == detail


def test_a_report_of_an_unknown_kind_changes_nothing() -> None:
    assert read(sealed(b"id=3f.0&type=32", kind=Kind.STATUS)).kind is InboundKind.IGNORED


@pytest.mark.parametrize(
    "status, code, outcome, fault",
    [
        ("queued", "", Outcome.ACCEPTED, None),
        ("sent", "", Outcome.ACCEPTED, None),
        ("delivered", "", Outcome.DELIVERED, None),
        ("undelivered", "30003", Outcome.FAILED, None),  # the phone is off: tomorrow it may be on
        ("undelivered", "30005", Outcome.FAILED, Fault.RECIPIENT_GONE),
        ("failed", "21610", Outcome.FAILED, Fault.RECIPIENT_GONE),
    ],
)
def test_reports_of_twilio(status: str, code: str, outcome: Outcome, fault: Fault | None) -> None:
    payload = urlencode(
        {"lapor-key": "3f.0", "MessageSid": "SM" + "a" * 32, "MessageStatus": status, "ErrorCode": code}
    ).encode()
    inbound = read(sealed(payload, "twilio", Kind.STATUS))
    assert inbound.receipt is not None
    assert (inbound.receipt.vendor_id, inbound.receipt.outcome, inbound.receipt.fault) == ("3f.0", outcome, fault)


def test_reports_of_one_message_share_a_lane_and_lanes_are_few() -> None:
    def lane(number: int, kind: str) -> str:
        return sealed(f"id={number}.0&type={kind}".encode(), kind=Kind.STATUS).lane

    assert all(lane(number, "1") == lane(number, "8") for number in range(50))
    assert len({lane(number, "1") for number in range(500)}) <= REPORT_LANES


# --- anything at all ----------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["id", "from", "to", "text", "charset", "coding", "udh", "time", "type", "answer", "MessageSid", "From", "Body",
     "MediaUrl0", "MessageStatus", "ErrorCode", "lapor-key", "NumMedia", "MediaContentType0"]
)  # fmt: skip
LIKELY = st.sampled_from(
    [
        "UTF-16BE",
        "0",
        "1",
        "2",
        "081234567890",
        "+6281234567890",
        "%",
        "\x05\0\x03*\x03\x01",
        "idna",
        "utf-7",
        "delivered",
        "9" * 400,
    ]
)
VALUES = LIKELY.map(lambda text: text.encode("utf-8", "replace")) | st.binary(max_size=60)
PAYLOADS = st.binary(max_size=200) | st.lists(st.tuples(NAMES, VALUES), max_size=8).map(
    lambda pairs: "&".join(f"{name}={quote(value)}" for name, value in pairs).encode()
)


@settings(max_examples=400)
@given(PAYLOADS, st.sampled_from(sorted(GATEWAYS)), st.sampled_from(Kind))
def test_any_request_is_stored_and_read_or_refused(payload: bytes, gateway: str, kind: Kind) -> None:
    raw = sealed(payload, gateway, kind)
    assert unpack(raw.body) == (gateway, kind, payload)
    assert raw.lane
    assert raw.source_id
    try:
        inbound = read(raw)
    except ValueError:
        assert raw.lane == raw.source_id, "what cannot be read holds up nobody"
        return
    assert inbound.text.encode("utf-8").decode() == inbound.text
    assert "\0" not in inbound.text
    assert inbound.kind is InboundKind.RECEIPT or inbound.kind is InboundKind.IGNORED or inbound.sender.address == raw.lane
    assert isinstance(join([inbound, inbound]), Inbound)


@given(st.binary(max_size=300))
def test_any_bytes_have_words_and_fields(raw: bytes) -> None:
    for charset in ("", "UTF-8", "UTF-16BE", "utf-32", "gb18030", "rot13"):
        assert "\0" not in decode(raw, charset, 2)
    assert isinstance(fields(raw), dict)


def test_a_gateway_that_is_no_more_puts_its_texts_into_quarantine() -> None:
    with pytest.raises(ValueError):
        parse(pack("gone", Kind.MESSAGE, b"from=1"), "s", channel="sms", country="ID", number="1708")


def test_the_channels_front_knows_a_number_however_it_is_written() -> None:
    assert sms.address_of("0812-3456-7890", sms.Settings()) == SITI
    assert sms.address_of("1708", sms.Settings()) is None

"""What a stored post or message says (issue 4: what is a report's beginning and what is not)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.twitter.parse import join
from bots.twitter.wire import Event, Kind, Tweet, pack
from core.channels import Inbound, InboundKind, MediaKind
from tests.bots.promises import keep_for_x, storable
from tests.bots.twitter.reading import BUDI, OWN, SITI, read, reply, stored, tweet
from tools.fuzz import seeds

PARENT = 2_000_000_000_000_000_000
NEWS = tweet("Lampu jalan di Jl Melati masih mati", 1_999_999_999_999_999_000, BUDI)
BUDIS_REPORT = tweet("@lapor1708 lampu mati", 1_999_999_999_999_999_000, BUDI)
SITIS_OWN = tweet("Lampu di depan rumah mati", 1_999_999_999_999_999_000, SITI)
SITIS_REPORT = tweet("@lapor1708 lampu mati", 1_999_999_999_999_999_000, SITI)


def invitation_to(whom: str) -> dict[str, Any]:
    return tweet("@siti Terima kasih", 1_999_999_999_999_999_500, OWN) | {
        "conversation_id": "1999999999999999000",
        "in_reply_to_user_id": whom,
    }


def said(text: str, **more: Any) -> str:
    return read(stored(tweet(text, **more))).text


# --- whose word it is


@pytest.mark.parametrize("text", ["@lapor1708 lampu mati", "lampu mati @LAPOR1708 #lapor", "tolong @lapor1708, lampu mati"])
def test_a_mention_with_or_without_the_hashtag_is_a_reports_beginning(text: str) -> None:
    inbound = read(stored(tweet(text)))
    assert inbound.kind is InboundKind.PUBLIC
    assert (inbound.sender.address, inbound.sender.handle, inbound.sender.name) == (SITI, "siti", "Siti")
    assert inbound.sender.verified
    assert inbound.sender.language == "id"
    assert inbound.sent_at == datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def test_a_retweet_is_no_report() -> None:
    one = tweet("RT @lapor1708: terima kasih", referenced_tweets=[{"type": "retweeted", "id": NEWS["id"]}])
    inbound = read(stored(one, NEWS))
    assert (inbound.kind, inbound.notes, inbound.text) == (InboundKind.IGNORED, ("retweet",), "")


@pytest.mark.parametrize("known", [True, False])
def test_a_quote_of_somebody_elses_is_no_report_and_one_of_ones_own_is(known: bool) -> None:
    quoting = [{"type": "quoted", "id": NEWS["id"]}]
    others = stored(tweet("@lapor1708 nih", referenced_tweets=quoting), *([NEWS] if known else []))
    assert read(others).kind is InboundKind.IGNORED
    assert read(stored(tweet("@lapor1708 nih", referenced_tweets=quoting), SITIS_OWN)).kind is InboundKind.PUBLIC


def test_our_own_posts_are_nobodys_report() -> None:
    assert read(stored(tweet("@lapor1708 pengumuman", author=OWN))).kind is InboundKind.IGNORED


@pytest.mark.parametrize(
    "one, parent, kind",
    [
        (reply("@budi @lapor1708 saya juga", BUDIS_REPORT), BUDIS_REPORT, InboundKind.IGNORED),
        (reply("@lapor1708 @budi sabar ya", BUDIS_REPORT), BUDIS_REPORT, InboundKind.IGNORED),
        (reply("@budi @lapor1708 di sini juga, tolong @lapor1708", BUDIS_REPORT), BUDIS_REPORT, InboundKind.PUBLIC),
        (reply("@budi @lapor1708 tolong ini", NEWS), NEWS, InboundKind.PUBLIC),
        (reply("@budi tolong ini @lapor1708", NEWS), NEWS, InboundKind.PUBLIC),
        (reply("@lapor1708 kemarin juga", SITIS_REPORT), SITIS_REPORT, InboundKind.PUBLIC),
        (reply("@lapor1708 sudah dua minggu", SITIS_OWN), SITIS_OWN, InboundKind.PUBLIC),
        (reply("@lapor1708 di Jl Melati", invitation_to(SITI)), invitation_to(SITI), InboundKind.PUBLIC),
        (reply("@lapor1708 @budi haha", invitation_to(BUDI)), invitation_to(BUDI), InboundKind.IGNORED),
        (reply("@budi @lapor1708 ini juga", NEWS), None, InboundKind.IGNORED),
        (reply("@budi ini juga @lapor1708", NEWS), None, InboundKind.PUBLIC),
        (reply("@lapor1708 sudah dua minggu", SITIS_OWN), None, InboundKind.PUBLIC),
    ],
)
def test_a_reply_counts_where_its_author_names_us_and_not_where_x_carries_our_name_along(
    one: dict[str, Any], parent: dict[str, Any] | None, kind: InboundKind
) -> None:
    assert read(stored(one, *([parent] if parent else []))).kind is kind


def test_whoever_goes_on_with_the_own_post_under_a_strangers_is_heard() -> None:
    own = reply("@budi @lapor1708 di sini juga mati", NEWS, number=1_999_999_999_999_999_700)
    assert read(stored(reply("@budi @lapor1708 dari kemarin", own), own)).kind is InboundKind.PUBLIC


def test_a_reply_whose_parent_is_unknown_says_so() -> None:
    assert read(stored(reply("@budi @lapor1708 ini juga", NEWS))).notes == ("parent_missing",)


def test_beside_a_mention_only_the_authors_own_thread_belongs_to_the_story() -> None:
    begin, onward = tweet("Mau cerita"), reply("lanjut", SITIS_OWN)
    assert [read(stored(one, kind=Kind.THREAD)).kind for one in (begin, onward)] == [InboundKind.PUBLIC] * 2
    assert read(stored(reply("@budi iya", NEWS), kind=Kind.THREAD)).kind is InboundKind.IGNORED


def test_whoever_cannot_be_written_to_is_known() -> None:
    closed = {"id": SITI, "username": "siti", "receives_your_dm": False}
    assert read(stored(tweet("@lapor1708 halo"), author=closed)).notes == ("no_private",)
    assert read(stored(tweet("@lapor1708 halo"))).notes == ()


# --- the words


@pytest.mark.parametrize(
    "text, words",
    [
        ("@lapor1708 lampu mati", "lampu mati"),
        ("@LAPOR1708 #LAPOR lampu mati #lampu", "lampu mati #lampu"),
        ("lampu @pln_123 mati, tolong @lapor1708 ya", "lampu @pln_123 mati, tolong ya"),
        ("@lapor1708 @pln_123 lampu mati", "@pln_123 lampu mati"),
        ("@lapor17080 bukan kami @lapor1708", "@lapor17080 bukan kami"),
        ("@lapor1708 5 &lt; 6 &amp;&amp; 7 &gt; 6 &amp;lt;", "5 < 6 && 7 > 6 &lt;"),
        ("@lapor1708\n\n\n\nbaris   satu\nbaris dua ", "baris satu\nbaris dua"),
        ("@lapor1708", ""),
        ("#lapor @lapor1708", ""),
        ("@lapor1708 #laporan tertunda", "#laporan tertunda"),
    ],
)
def test_the_words_are_the_authors_without_our_name_and_hashtag(text: str, words: str) -> None:
    assert said(text) == words


def test_a_replys_names_at_the_head_are_no_words() -> None:
    assert read(stored(reply("@budi @lapor1708 tolong ini", NEWS), NEWS)).text == "tolong ini"


def test_links_are_kept_as_what_they_stand_for_and_those_to_own_media_go() -> None:
    urls = [
        {"url": "https://t.co/aaa", "expanded_url": "https://example.go.id/jalan"},
        {"url": "https://t.co/bbb", "expanded_url": "https://x.com/siti/status/1/photo/1", "media_key": "3_1"},
    ]
    text = "@lapor1708 lihat https://t.co/aaa https://t.co/ccc https://t.co/bbb"
    assert said(text, entities={"urls": urls}) == "lihat https://example.go.id/jalan https://t.co/ccc"


def test_a_long_post_is_read_whole() -> None:
    story = "@lapor1708 " + "sudah dua minggu " * 40 + "tamat"
    one = tweet("@lapor1708 sudah dua…", note_tweet={"text": story, "entities": {}})
    assert read(stored(one)).text.endswith("tamat")


def test_an_edit_names_the_first_version() -> None:
    one = tweet(
        "@lapor1708 di Jl Mawar", 2_000_000_000_000_000_009, edit_history_tweet_ids=[str(PARENT), "2000000000000000009"]
    )
    inbound = read(stored(one, kind=Kind.EDIT), "edit:2000000000000000009")
    assert (inbound.kind, inbound.edits, inbound.text) == (InboundKind.EDIT, f"tweet:{PARENT}", "di Jl Mawar")


def test_exact_coordinates_are_a_place() -> None:
    one = tweet("@lapor1708 di sini", geo={"coordinates": {"type": "Point", "coordinates": [106.8, -6.2]}})
    place = read(stored(one)).place
    assert place is not None
    assert (place.latitude, place.longitude) == (-6.2, 106.8)
    assert read(stored(tweet("@lapor1708 di sini", geo={"place_id": "0073b76548e5984f"}))).place is None


# --- files


def test_photos_films_and_gifs_are_files_with_where_they_lie() -> None:
    media = [
        {"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/media/a.jpg"},
        {
            "media_key": "7_2",
            "type": "video",
            "variants": [
                {"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/a.m3u8"},
                {"content_type": "video/mp4", "bit_rate": 256000, "url": "https://video.twimg.com/small.mp4"},
                {"content_type": "video/mp4", "bit_rate": 2176000, "url": "https://video.twimg.com/large.mp4"},
            ],
        },
    ]
    one = tweet("@lapor1708 buktinya", attachments={"media_keys": ["3_1", "7_2", "16_3"]})
    files = read(stored(one, media=media)).files
    assert [(file.kind, file.ref, file.unique) for file in files] == [
        (MediaKind.PHOTO, "plain https://pbs.twimg.com/media/a.jpg", "3_1"),
        (MediaKind.VIDEO, "plain https://video.twimg.com/large.mp4 https://video.twimg.com/small.mp4", "7_2"),
        (MediaKind.PHOTO, "gone 16_3", "16_3"),
    ]


def dm(text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "2000000000000000001",
        "event_type": "MessageCreate",
        "text": text,
        "sender_id": SITI,
        "dm_conversation_id": f"{SITI}-{OWN}",
        "created_at": "2026-03-02T05:00:00.000Z",
    } | more


def in_private(text: str, media: tuple[dict[str, Any], ...] = (), **more: Any) -> Inbound:
    return read(pack(Kind.DM, OWN, {"event": dm(text, **more), "author": None, "media": list(media)}), "dm:2000000000000000001")


def test_a_direct_message_is_private_and_its_media_want_our_signature() -> None:
    photo = {"media_key": "3_1", "type": "photo", "url": "https://ton.twitter.com/dm/a.jpg"}
    inbound = in_private("ini fotonya https://t.co/zzz", (photo,), attachments={"media_keys": ["3_1"]})
    assert (inbound.kind, inbound.text, inbound.sender.address) == (InboundKind.MESSAGE, "ini fotonya", SITI)
    assert [file.ref for file in inbound.files] == ["signed https://ton.twitter.com/dm/a.jpg"]


def test_the_link_to_a_messages_own_media_is_no_word_and_other_links_are() -> None:
    urls = [
        {"url": "https://t.co/aaa", "expanded_url": "https://example.go.id/?a=1&b=2"},
        {"url": "https://t.co/zzz", "expanded_url": "https://twitter.com/messages/media/1582838499983564806"},
    ]
    inbound = in_private(
        "lihat  https://t.co/aaa https://t.co/zzz", entities={"urls": urls}, attachments={"media_keys": ["3_1"]}
    )
    assert inbound.text == "lihat  https://example.go.id/?a=1&b=2"


def test_what_we_wrote_ourselves_never_comes_back() -> None:
    assert in_private("Kode Anda K7M4", sender_id=OWN).kind is InboundKind.IGNORED


def test_a_deletion_names_the_post_and_nobody() -> None:
    inbound = read(pack(Kind.DELETED, OWN, {"id": str(PARENT), "found_at": "2026-03-02T05:00:00+00:00"}), f"deleted:{PARENT}")
    assert (inbound.kind, inbound.edits, inbound.sender.address) == (InboundKind.DELETED, f"tweet:{PARENT}", "")


# --- threads


def part(number: int, text: str, *, names_us: bool = False) -> Inbound:
    one = tweet(("@lapor1708 " if names_us else "") + text, number)
    return read(stored(one, kind=Kind.TWEET if names_us else Kind.THREAD), f"tweet:{number}")


def test_a_thread_is_one_story_in_the_order_of_its_posts_whatever_order_they_came_in() -> None:
    whole = join([part(12, "2/3 sejak Jumat"), part(11, "lampu mati 1/3", names_us=True), part(13, "3/3 tolong")])
    assert whole.text == "lampu mati\nsejak Jumat\ntolong"
    assert whole.source_id == "tweet:11"
    assert whole.notes == ()


@pytest.mark.parametrize(
    "texts, together",
    [
        (["lampu mati 1/2", "sejak Jumat 2/2"], "lampu mati\nsejak Jumat"),
        (["1/ lampu mati", "2/ sejak Jumat"], "lampu mati\nsejak Jumat"),
        (["(1/2) lampu mati", "(2/2) sejak Jumat"], "lampu mati\nsejak Jumat"),
        (["1/2 jam lampu mati", "tolong diperbaiki"], "1/2 jam lampu mati\ntolong diperbaiki"),
        (["jatuh 24/11", "lagi 25/11"], "jatuh 24/11\nlagi 25/11"),
    ],
)
def test_numbering_goes_and_amounts_and_dates_stay(texts: list[str], together: str) -> None:
    assert join([part(20 + place, text, names_us=not place) for place, text in enumerate(texts)]).text == together


def test_a_thread_answers_to_the_post_that_names_us() -> None:
    assert join([part(11, "mau cerita"), part(12, "lampu mati", names_us=True)]).source_id == "tweet:12"


# --- whatever comes


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[1]",
        b'{"x":1}',
        b'{"x":1,"kind":"tweet","own":"1"}',
        b'{"x":1,"kind":"dm","own":"1"}',
        b'{"x":1,"kind":"deleted","own":"1"}',
        b'{"x":2,"kind":"dm","own":"1"}',
        b"[" * 100_000,
        b'{"x":1,"kind":"tweet","own":"1","tweet":{"id":' + b"9" * 5_000 + b"}}",
        stored(tweet("@lapor1708") | {"text": 7}),
        stored(tweet("@lapor1708", referenced_tweets="no")),
    ],
)
def test_what_we_did_not_store_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(body)


def test_ten_thousand_names_are_read_in_no_time() -> None:
    text = " ".join(f"@warga{number}" for number in range(10_000)) + " @lapor1708 lampu mati"
    names = [{"username": f"warga{number}", "id": str(number)} for number in range(10_000)]
    assert read(stored(tweet(text, entities={"mentions": names}))).text.endswith("lampu mati")
    assert read(stored(reply(text, NEWS), NEWS)).text == "lampu mati"


@pytest.mark.parametrize("text", ["@lapor1708 a\0b", "@lapor1708 \ud800", "@lapor1708 \u202eabc\x07"])
def test_words_come_out_as_a_database_can_keep_them(text: str) -> None:
    storable(read(stored(tweet(text))))


@given(st.sampled_from(seeds("x")), st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 40), st.binary(max_size=8))))
@settings(max_examples=60, deadline=None)
def test_a_mutated_answer_keeps_every_promise(page: bytes, cuts: list[tuple[int, int, bytes]]) -> None:
    body = bytearray(page)
    for at, length, piece in cuts[:4]:
        body[at : at + length] = piece
    keep_for_x(bytes(body))


def test_the_answers_it_begins_with_are_read_whole() -> None:
    assert all(keep_for_x(page) for page in seeds("x"))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
_KEYS = st.sampled_from(sorted({*Tweet.model_fields, *Event.model_fields}))


@given(st.sampled_from(list(Kind)), st.dictionaries(_KEYS, _JSON, max_size=5), st.dictionaries(_KEYS, _JSON, max_size=3))
@settings(max_examples=80, deadline=None)
def test_whatever_stands_in_an_object_an_inbound_or_a_value_error_comes_out(
    kind: Kind, twist: dict[str, Any], author: dict[str, Any]
) -> None:
    name = "event" if kind is Kind.DM else "tweet"
    content = {
        name: (dm("halo") if name == "event" else tweet("@lapor1708 halo")) | twist,
        "author": author or None,
        "media": [],
    }
    try:
        inbound = read(pack(kind, OWN, content))
    except UnicodeError:
        raise
    except ValueError:
        return
    storable(inbound)
    storable(join([inbound, inbound]))


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_whatever_the_bytes_are_an_inbound_or_a_value_error_comes_out(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(body)
    assert json.loads(stored(tweet("x")))["x"] == 1

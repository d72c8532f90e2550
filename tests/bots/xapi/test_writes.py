"""What the X API server of the tests takes, and how it refuses, is what X documents."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import tweepy
from requests_oauthlib import OAuth1

from tests.bots.xapi import KEYS, XApi
from tests.bots.xapi.conftest import Connect
from tests.bots.xapi.remote import Remote
from tests.bots.xapi.writes import weight

US = "1708000000000000001"
JPEG = b"\xff\xd8\xff" + b"foto" * 100


def test_messages_go_both_ways_newest_first_for_thirty_days(x: XApi, client: Connect) -> None:
    budi = x.person("budi")
    long_ago = budi.dms("lama sekali", at=x.do(lambda world: world.now()) - 31 * 86_400)
    said = [budi.dms(f"pesan {number}") for number in range(3)]
    answer = client().create_direct_message(participant_id=budi.id, text="Baik & siap = ya 😀")
    first = client().get_direct_message_events(max_results=2, dm_event_fields="sender_id,dm_conversation_id,created_at")
    token = first["meta"]["next_token"]
    rest = client().get_direct_message_events(max_results=2, pagination_token=token, event_types="MessageCreate")
    ids = [one["id"] for one in [*first["data"], *rest["data"]]]
    assert ids == [answer["data"]["dm_event_id"], *said[::-1]]
    assert long_ago not in ids
    assert [one["sender_id"] for one in first["data"]] == [US, budi.id]
    assert first["data"][0]["dm_conversation_id"] == answer["data"]["dm_conversation_id"]
    assert budi.reads() == ["Baik & siap = ya 😀"]
    x.pass_time(31 * 86_400)
    assert client().get_direct_message_events() == {"meta": {"result_count": 0}}
    x.pass_time(-31 * 86_400)


def test_who_takes_no_messages_cannot_be_written_to(x: XApi, client: Connect) -> None:
    budi = x.person("budi", dms="after_writing")
    budi.tweets("@lapor1708 halo")
    shown = client().get_users_mentions(US, expansions="author_id", user_fields="receives_your_dm")
    assert shown["includes"]["users"][0]["receives_your_dm"] is False
    for _ in range(2):
        with pytest.raises(tweepy.Forbidden, match="permission to DM"):
            client().create_direct_message(participant_id=budi.id, text="Halo")
    budi.dms("lapor")
    client().create_direct_message(participant_id=budi.id, text="Halo")
    budi.closes_dms()
    with pytest.raises(tweepy.Forbidden, match="permission to DM"):
        client().create_direct_message(participant_id=budi.id, text="Halo lagi")
    with pytest.raises(tweepy.Forbidden, match="permission to DM"):
        client().create_direct_message(participant_id="424242", text="Halo")
    with pytest.raises(tweepy.BadRequest):
        client().create_direct_message(participant_id=budi.id, text="x" * 10_001)
    budi.opens_dms()


def test_a_reply_wants_a_mention_new_words_and_280_of_them(x: XApi, client: Connect) -> None:
    post = client().create_tweet
    budi, wati = x.person("budi"), x.person("wati")
    asked, unasked = budi.tweets("@lapor1708 jalan rusak"), wati.tweets("jalan rusak")
    answer = post(text="Lanjut lewat DM, ya.", in_reply_to_tweet_id=asked)
    assert [(one.id, one.text, one.reply_to) for one in x.public_posts()] == [
        (answer["data"]["id"], "Lanjut lewat DM, ya.", asked)
    ]
    with pytest.raises(tweepy.Forbidden, match="duplicate"):
        post(text="Lanjut lewat DM, ya.", in_reply_to_tweet_id=asked)
    with pytest.raises(tweepy.Forbidden, match="not been mentioned"):
        post(text="Lanjut lewat DM.", in_reply_to_tweet_id=unasked)
    with pytest.raises(tweepy.Forbidden, match="too long"):
        post(text="ж" * 279 + "日", in_reply_to_tweet_id=asked)
    budi.deletes(asked)
    with pytest.raises(tweepy.Forbidden, match="deleted or not visible"):
        post(text="Silakan lanjut lewat DM.", in_reply_to_tweet_id=asked)


@pytest.mark.parametrize(
    "text, expected",
    [("laporan", 7), ("日本", 4), ("👨‍👩‍👧", 2), ("lihat https://example.com/" + "a" * 60, 29), ("é", 1), ("“ya”…", 6)],
)
def test_posts_are_weighed_as_documented(text: str, expected: int) -> None:
    assert weight(text) == expected


def test_limits_are_in_the_headers_and_end_with_their_window(x: XApi, client: Connect) -> None:
    x.limit("me", 2, seconds=1)
    reset = None
    for _ in range(2):
        client().get_me()
    with pytest.raises(tweepy.TooManyRequests) as refused:
        client().get_me()
    headers = refused.value.response.headers
    reset = int(headers["x-rate-limit-reset"])
    now = x.do(lambda world: world.now())
    assert (headers["x-rate-limit-limit"], headers["x-rate-limit-remaining"]) == ("2", "0")
    assert now <= reset <= now + 2
    x.pass_time(1.1)
    client().get_me()
    x.documented_limits()
    for _ in range(15):
        client().get_direct_message_events()
    with pytest.raises(tweepy.TooManyRequests):
        client().get_direct_message_events()
    client().get_users_mentions(US)


def test_credits_run_out(x: XApi, client: Connect) -> None:
    x.have_credits(1)
    client().get_me()
    with pytest.raises(tweepy.HTTPException, match="credits") as refused:
        client().get_me()
    assert refused.value.response.status_code == 402
    x.recover()
    client().get_me()


@pytest.mark.parametrize(
    "how, kind",
    [
        ("usage_cap", tweepy.TooManyRequests),
        ("unauthorised", tweepy.Unauthorized),
        ("app_forbidden", tweepy.Forbidden),
        ("html", tweepy.TwitterServerError),
        ("unavailable", tweepy.TwitterServerError),
        ("throttled", tweepy.TooManyRequests),
        ("cut", requests.ConnectionError),
        ("cut_after", requests.ConnectionError),
        ("half", requests.exceptions.ChunkedEncodingError),
        ("garbage", requests.exceptions.JSONDecodeError),
    ],
)
def test_each_fault_is_what_the_library_makes_of_it(x: XApi, client: Connect, how: str, kind: type[Exception]) -> None:
    budi = x.person("budi")
    x.fault("dm", how)
    before = len(x.sent("budi"))
    with pytest.raises(kind):
        client().create_direct_message(participant_id=budi.id, text="Halo")
    assert len(x.sent("budi")) - before == (how in ("cut_after", "half"))
    client().create_direct_message(participant_id=budi.id, text="Halo")


def test_media_are_uploaded_in_one_piece_or_in_several(x: XApi, client: Connect) -> None:
    keys = KEYS.settings()
    auth = OAuth1(*(keys[name] for name in list(keys)[:4]))
    url, budi = f"{x.url}/2/media/upload", x.person("budi")

    def ask(path: str, **how: Any) -> dict[str, Any]:
        answer = requests.post(url + path, auth=auth, timeout=5, **how)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["data"]
        return found

    photo = ask("", files={"media": JPEG}, data={"media_category": "dm_image", "media_type": "image/jpeg"})["id"]
    client().create_direct_message(participant_id=budi.id, media_id=photo)
    assert x.sent("budi")[-1].files == (len(JPEG),)
    video, half = b"\0\0\0\x18ftypmp42" + b"film" * 100, 200
    asked = {"media_type": "video/mp4", "media_category": "dm_video", "total_bytes": len(video)}
    number = ask("/initialize", json=asked)["id"]
    for index, piece in enumerate((video[:half], video[half:])):
        ask(f"/{number}/append", files={"media": piece}, data={"segment_index": str(index)})
    x.processing(60)
    assert ask(f"/{number}/finalize")["processing_info"]["state"] == "in_progress"
    with pytest.raises(tweepy.BadRequest):
        client().create_direct_message(participant_id=budi.id, text="Film", media_id=number)
    x.pass_time(61)
    status = requests.get(url, params={"command": "STATUS", "media_id": number}, auth=auth, timeout=5).json()
    assert status["data"]["processing_info"]["state"] == "succeeded"
    client().create_direct_message(participant_id=budi.id, text="Film", media_id=number)
    assert x.sent("budi")[-1].files == (len(video),)
    x.processing(0)
    assert requests.post(url, files={"media": JPEG}, timeout=5).status_code == 401
    broken = requests.post(url, auth=auth, files={"media": b"%PDF-1.7"}, data={"media_category": "dm_image"}, timeout=5)
    assert broken.status_code == 400
    assert requests.post(f"{x.url}/1.1/media/upload.json", auth=auth, files={"media": JPEG}, timeout=5).status_code == 410


def test_the_media_of_a_message_want_a_signature(x: XApi, client: Connect) -> None:
    budi, keys = x.person("budi"), KEYS.settings()
    budi.dms("ini buktinya", media=[budi.video(b"film" * 10)])
    shown = client().get_direct_message_events(expansions="attachments.media_keys", media_fields="variants")
    best = max(shown["includes"]["media"][0]["variants"], key=lambda one: one.get("bit_rate", 0))
    assert requests.get(best["url"], timeout=5).status_code == 403
    assert requests.get(best["url"], headers={"Authorization": f"Bearer {KEYS.bearer_token}"}, timeout=5).status_code == 403
    auth = OAuth1(*(keys[name] for name in list(keys)[:4]))
    assert requests.get(best["url"], auth=auth, timeout=5).content == b"film" * 10


def test_another_process_can_be_everybody(x: XApi, client: Connect) -> None:
    remote = Remote(x.url)
    joko = remote.person("joko", id="4711")
    joko.dms("halo", media=[joko.photo(JPEG)])
    client().create_direct_message(participant_id="4711", text="Halo juga")
    assert joko.reads() == ["Halo juga"]
    assert remote.call("state")["sent"] >= 1
    remote.call("have_credits", calls=0)
    with pytest.raises(tweepy.HTTPException, match="credits"):
        client().get_me()
    remote.call("recover")
    client().get_me()
    remote.close()

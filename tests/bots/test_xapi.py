"""The X API server of the tests is itself asked, with the vendor's client library, whether it is what X documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import tweepy
from requests_oauthlib import OAuth1

from tests.bots.xapi import KEYS, XApi
from tests.bots.xapi.remote import Remote
from tests.bots.xapi.writes import weight

US = "1708000000000000001"
JPEG = b"\xff\xd8\xff" + b"foto" * 100


class _There(requests.Session):
    """The library's hosts are fixed: its requests go to ours."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def request(self, method: str, url: str, *args: Any, **how: Any) -> requests.Response:  # type: ignore[override]
        return super().request(method, f"{self._url}{urlsplit(url).path}", *args, **{"timeout": 5, **how})


def client(x: XApi, **wrong: str) -> tweepy.Client:
    keys = KEYS.settings() | wrong
    made = tweepy.Client(
        keys["bearer_token"],
        keys["consumer_key"],
        keys["consumer_secret"],
        keys["access_token"],
        keys["access_token_secret"],
        return_type=dict,
    )
    made.session = _There(x.url)
    return made


@pytest.fixture(scope="module")
def server() -> Iterator[XApi]:
    with XApi() as x:
        yield x


@pytest.fixture
def x(server: XApi) -> XApi:
    """One server for all of these tests; everybody has people of their own."""
    server.recover()
    server.do(lambda world: (world.limits.clear(), world.windows.clear(), world.calls.clear(), world.mentions.clear()))
    server.do(lambda world: world.events.clear())
    server.page_by_count(False)
    return server


@pytest.mark.parametrize("name", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"])
def test_a_signature_by_the_wrong_key_is_unauthorised(x: XApi, name: str) -> None:
    with pytest.raises(tweepy.Unauthorized):
        client(x, **{name: f"{KEYS.settings()[name]}9"}).get_me()


def test_a_signature_holds_for_one_address_and_one_time(x: XApi) -> None:
    auth = OAuth1(*(KEYS.settings()[name] for name in list(KEYS.settings())[:4]))
    prepared = requests.Request("GET", f"{x.url}/2/users/me", auth=auth).prepare()
    assert requests.Session().send(prepared, timeout=5).status_code == 200
    assert requests.Session().send(prepared, timeout=5).status_code == 401, "the nonce is used up"
    elsewhere = requests.Request("GET", f"{x.url}/2/users/me", auth=auth).prepare()
    elsewhere.url = f"{x.url}/2/users/me?user.fields=protected"
    assert requests.Session().send(elsewhere, timeout=5).status_code == 401


def test_a_wrong_bearer_token_is_unauthorised_and_a_right_one_reads_no_messages(x: XApi) -> None:
    with pytest.raises(tweepy.Unauthorized):
        client(x, bearer_token="AAAA").get_users_mentions(US)
    assert client(x).get_users_mentions(US) == {"meta": {"result_count": 0}}
    with pytest.raises(tweepy.Forbidden, match="Application-Only is forbidden"):
        client(x).get_direct_message_events(user_auth=False)


def test_mentions_are_paged_from_the_newest_to_the_cursor(x: XApi) -> None:
    budi = x.person("budi")
    ids = [budi.tweets(f"@lapor1708 lampu {number}") for number in range(12)]
    budi.tweets("@lapor17 orang lain")
    first = client(x).get_users_mentions(US, max_results=5, since_id=ids[0])
    token = first["meta"]["next_token"]
    second = client(x).get_users_mentions(US, max_results=5, since_id=ids[0], pagination_token=token)
    third = client(x).get_users_mentions(US, max_results=5, since_id=ids[0], pagination_token=second["meta"]["next_token"])
    assert [one["id"] for page in (first, second, third) for one in page["data"]] == ids[:0:-1]
    assert (first["meta"]["newest_id"], first["meta"]["oldest_id"]) == (ids[11], ids[7])
    assert "next_token" not in third["meta"]
    assert client(x).get_users_mentions(US, max_results=5, until_id=ids[1])["data"][0]["id"] == ids[0]


def test_mentions_reach_back_800(x: XApi) -> None:
    budi = x.person("budi")
    ids = [budi.tweets(f"@lapor1708 {number}") for number in range(810)]
    found: list[str] = []
    token = None
    while True:
        page = client(x).get_users_mentions(US, max_results=100, pagination_token=token)
        found += [one["id"] for one in page["data"]]
        if (token := page["meta"].get("next_token")) is None:
            break
    assert found == ids[:9:-1]


def test_only_what_was_asked_for_is_shown(x: XApi) -> None:
    budi = x.person("budi")
    number = budi.tweets("@lapor1708 #lapor gelap & licin https://example.com/a", media=[budi.photo(JPEG)])
    (bare,) = client(x).get_users_mentions(US)["data"]
    assert set(bare) == {"id", "text", "edit_history_tweet_ids"}
    page = client(x).get_users_mentions(
        US,
        tweet_fields="author_id,attachments,entities,conversation_id",
        expansions="author_id,attachments.media_keys",
        media_fields="url",
        user_fields="protected",
    )
    (tweet,) = page["data"]
    (media,) = page["includes"]["media"]
    assert tweet["conversation_id"] == number
    assert "gelap &amp; licin https://t.co/" in tweet["text"]
    for entity in [*tweet["entities"]["hashtags"], *tweet["entities"]["mentions"], *tweet["entities"]["urls"]]:
        said = entity.get("tag") or entity.get("username") or entity["url"]
        assert tweet["text"][entity["start"] : entity["end"]].lstrip("@#") == said
    assert tweet["entities"]["urls"][-1]["media_key"] == media["media_key"] == tweet["attachments"]["media_keys"][0]
    assert requests.get(media["url"], timeout=5).content == JPEG
    assert page["includes"]["users"][0]["protected"] is False
    with pytest.raises(tweepy.BadRequest, match=r"tweet\.fields"):
        client(x).get_users_mentions(US, tweet_fields="nothing")


def test_a_reply_carries_the_names_of_the_conversation(x: XApi) -> None:
    budi, wati = x.person("budi"), x.person("wati")
    root = budi.tweets("@lapor1708 jalan rusak")
    reply = wati.replies(root, "sama di sini")
    found = client(x).search_recent_tweets(f"conversation_id:{root} from:{wati.id}", tweet_fields="in_reply_to_user_id,text")
    assert [(one["id"], one["text"], one["in_reply_to_user_id"]) for one in found["data"]] == [
        (reply, "@budi @lapor1708 sama di sini", budi.id)
    ]
    both = client(x).search_recent_tweets(f"(conversation_id:{root} from:{wati.id}) OR (conversation_id:{root} from:budi)")
    assert [one["id"] for one in both["data"]] == [reply, root]
    assert client(x).search_recent_tweets(f"conversation_id:{root} -is:reply")["meta"]["result_count"] == 1
    with pytest.raises(tweepy.BadRequest):
        client(x).search_recent_tweets("from:budi near:here")


def test_what_is_gone_and_what_is_protected_are_told_apart(x: XApi) -> None:
    budi, wati = x.person("budi"), x.person("wati")
    gone, hidden, there = budi.tweets("@lapor1708 a"), wati.tweets("@lapor1708 b"), budi.tweets("@lapor1708 c")
    budi.deletes(gone)
    wati.protects()
    answer = client(x).get_tweets([gone, hidden, there, "5"])
    assert [one["id"] for one in answer["data"]] == [there]
    kinds = {one["resource_id"]: one["type"].rpartition("/")[2] for one in answer["errors"]}
    assert kinds == {gone: "resource-not-found", hidden: "not-authorized-for-resource", "5": "resource-not-found"}
    assert [one["id"] for one in client(x).get_users_mentions(US)["data"]] == [there]
    wati.protects(False)


def test_an_edit_is_a_new_id_with_its_history(x: XApi) -> None:
    budi = x.person("budi")
    old = budi.tweets("@lapor1708 jln rusk")
    new = budi.edits(old, "@lapor1708 jalan rusak")
    (shown,) = client(x).get_users_mentions(US)["data"]
    assert (shown["id"], shown["text"], shown["edit_history_tweet_ids"]) == (new, "@lapor1708 jalan rusak", [old, new])


def test_a_long_post_is_cut_off_beside_its_whole_text(x: XApi) -> None:
    words = "@lapor1708 " + "panjang sekali " * 40
    x.person("budi").tweets(words)
    (shown,) = client(x).get_users_mentions(US, tweet_fields="note_tweet")["data"]
    assert len(shown["text"]) <= 280
    assert shown["note_tweet"]["text"] == words


def test_messages_go_both_ways_newest_first_for_thirty_days(x: XApi) -> None:
    budi = x.person("budi")
    long_ago = budi.dms("lama sekali", at=x.do(lambda world: world.now()) - 31 * 86_400)
    said = [budi.dms(f"pesan {number}") for number in range(3)]
    answer = client(x).create_direct_message(participant_id=budi.id, text="Baik & siap = ya 😀")
    first = client(x).get_direct_message_events(max_results=2, dm_event_fields="sender_id,dm_conversation_id,created_at")
    token = first["meta"]["next_token"]
    rest = client(x).get_direct_message_events(max_results=2, pagination_token=token, event_types="MessageCreate")
    ids = [one["id"] for one in [*first["data"], *rest["data"]]]
    assert ids == [answer["data"]["dm_event_id"], *said[::-1]]
    assert long_ago not in ids
    assert [one["sender_id"] for one in first["data"]] == [US, budi.id]
    assert first["data"][0]["dm_conversation_id"] == answer["data"]["dm_conversation_id"]
    assert budi.reads() == ["Baik & siap = ya 😀"]
    x.pass_time(31 * 86_400)
    assert client(x).get_direct_message_events() == {"meta": {"result_count": 0}}
    x.pass_time(-31 * 86_400)


@pytest.mark.parametrize("by_count", [True, False])
def test_pages_change_while_they_are_paged(x: XApi, by_count: bool) -> None:
    budi = x.person("budi")
    said = [budi.dms(f"pesan {number}") for number in range(4)]
    x.page_by_count(by_count)
    first = client(x).get_direct_message_events(max_results=2)
    budi.dms("baru")
    rest = client(x).get_direct_message_events(max_results=2, pagination_token=first["meta"]["next_token"])
    assert [one["id"] for one in rest["data"]] == ([said[2], said[1]] if by_count else [said[1], said[0]])


def test_a_page_that_repeats(x: XApi) -> None:
    budi = x.person("budi")
    said = [budi.dms(f"pesan {number}") for number in range(4)]
    x.fault("events", "repeat")
    first = client(x).get_direct_message_events(max_results=2)
    again = client(x).get_direct_message_events(max_results=2, pagination_token=first["meta"]["next_token"])
    assert [one["id"] for one in again["data"]] == [one["id"] for one in first["data"]] == [said[3], said[2]]
    rest = client(x).get_direct_message_events(max_results=2, pagination_token=again["meta"]["next_token"])
    assert [one["id"] for one in rest["data"]] == [said[1], said[0]]


def test_who_takes_no_messages_cannot_be_written_to(x: XApi) -> None:
    budi = x.person("budi", dms="after_writing")
    for _ in range(2):
        with pytest.raises(tweepy.Forbidden, match="permission to DM"):
            client(x).create_direct_message(participant_id=budi.id, text="Halo")
    budi.dms("lapor")
    client(x).create_direct_message(participant_id=budi.id, text="Halo")
    budi.closes_dms()
    with pytest.raises(tweepy.Forbidden, match="permission to DM"):
        client(x).create_direct_message(participant_id=budi.id, text="Halo lagi")
    with pytest.raises(tweepy.Forbidden, match="permission to DM"):
        client(x).create_direct_message(participant_id="424242", text="Halo")
    with pytest.raises(tweepy.BadRequest):
        client(x).create_direct_message(participant_id=budi.id, text="x" * 10_001)
    budi.opens_dms()


def test_a_reply_wants_a_mention_new_words_and_280_of_them(x: XApi) -> None:
    post = client(x).create_tweet
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


def test_limits_are_in_the_headers_and_end_with_their_window(x: XApi) -> None:
    x.limit("me", 2, seconds=1)
    reset = None
    for _ in range(2):
        client(x).get_me()
    with pytest.raises(tweepy.TooManyRequests) as refused:
        client(x).get_me()
    headers = refused.value.response.headers
    reset = int(headers["x-rate-limit-reset"])
    now = x.do(lambda world: world.now())
    assert (headers["x-rate-limit-limit"], headers["x-rate-limit-remaining"]) == ("2", "0")
    assert now <= reset <= now + 2
    x.pass_time(1.1)
    client(x).get_me()
    x.documented_limits()
    for _ in range(15):
        client(x).get_direct_message_events()
    with pytest.raises(tweepy.TooManyRequests):
        client(x).get_direct_message_events()
    client(x).get_users_mentions(US)


def test_credits_run_out(x: XApi) -> None:
    x.have_credits(1)
    client(x).get_me()
    with pytest.raises(tweepy.HTTPException, match="credits") as refused:
        client(x).get_me()
    assert refused.value.response.status_code == 402
    x.recover()
    client(x).get_me()


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
def test_each_fault_is_what_the_library_makes_of_it(x: XApi, how: str, kind: type[Exception]) -> None:
    budi = x.person("budi")
    x.fault("dm", how)
    before = len(x.sent("budi"))
    with pytest.raises(kind):
        client(x).create_direct_message(participant_id=budi.id, text="Halo")
    assert len(x.sent("budi")) - before == (how in ("cut_after", "half"))
    client(x).create_direct_message(participant_id=budi.id, text="Halo")


def test_media_are_uploaded_in_one_piece_or_in_several(x: XApi) -> None:
    keys = KEYS.settings()
    auth = OAuth1(*(keys[name] for name in list(keys)[:4]))
    url, budi = f"{x.url}/2/media/upload", x.person("budi")

    def ask(path: str, **how: Any) -> dict[str, Any]:
        answer = requests.post(url + path, auth=auth, timeout=5, **how)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["data"]
        return found

    photo = ask("", files={"media": JPEG}, data={"media_category": "dm_image", "media_type": "image/jpeg"})["id"]
    client(x).create_direct_message(participant_id=budi.id, media_id=photo)
    assert x.sent("budi")[-1].files == (len(JPEG),)
    video, half = b"\0\0\0\x18ftypmp42" + b"film" * 100, 200
    asked = {"media_type": "video/mp4", "media_category": "dm_video", "total_bytes": len(video)}
    number = ask("/initialize", json=asked)["id"]
    for index, piece in enumerate((video[:half], video[half:])):
        ask(f"/{number}/append", files={"media": piece}, data={"segment_index": str(index)})
    x.processing(60)
    assert ask(f"/{number}/finalize")["processing_info"]["state"] == "in_progress"
    with pytest.raises(tweepy.BadRequest):
        client(x).create_direct_message(participant_id=budi.id, text="Film", media_id=number)
    x.pass_time(61)
    status = requests.get(url, params={"command": "STATUS", "media_id": number}, auth=auth, timeout=5).json()
    assert status["data"]["processing_info"]["state"] == "succeeded"
    client(x).create_direct_message(participant_id=budi.id, text="Film", media_id=number)
    assert x.sent("budi")[-1].files == (len(video),)
    x.processing(0)
    assert requests.post(url, files={"media": JPEG}, timeout=5).status_code == 401
    broken = requests.post(url, auth=auth, files={"media": b"%PDF-1.7"}, data={"media_category": "dm_image"}, timeout=5)
    assert broken.status_code == 400
    assert requests.post(f"{x.url}/1.1/media/upload.json", auth=auth, files={"media": JPEG}, timeout=5).status_code == 410


def test_the_media_of_a_message_want_a_signature(x: XApi) -> None:
    budi, keys = x.person("budi"), KEYS.settings()
    budi.dms("ini buktinya", media=[budi.video(b"film" * 10)])
    shown = client(x).get_direct_message_events(expansions="attachments.media_keys", media_fields="variants")
    best = max(shown["includes"]["media"][0]["variants"], key=lambda one: one.get("bit_rate", 0))
    assert requests.get(best["url"], timeout=5).status_code == 403
    assert requests.get(best["url"], headers={"Authorization": f"Bearer {KEYS.bearer_token}"}, timeout=5).status_code == 403
    auth = OAuth1(*(keys[name] for name in list(keys)[:4]))
    assert requests.get(best["url"], auth=auth, timeout=5).content == b"film" * 10


def test_another_process_can_be_everybody(x: XApi) -> None:
    remote = Remote(x.url)
    wati = remote.person("wati", id="4711")
    wati.dms("halo", media=[wati.photo(JPEG)])
    client(x).create_direct_message(participant_id="4711", text="Halo juga")
    assert wati.reads() == ["Halo juga"]
    assert remote.call("state")["sent"] >= 1
    remote.close()

"""What the X API server of the tests lets be read is what X documents."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests
import tweepy
from requests_oauthlib import OAuth1

from tests.bots.xapi import KEYS, XApi
from tests.bots.xapi.conftest import Connect

US = "1708000000000000001"
JPEG = b"\xff\xd8\xff" + b"foto" * 100


@pytest.mark.parametrize("name", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"])
def test_a_signature_by_the_wrong_key_is_unauthorised(x: XApi, client: Connect, name: str) -> None:
    with pytest.raises(tweepy.Unauthorized):
        client(**{name: f"{KEYS.settings()[name]}9"}).get_me()


def test_a_signature_holds_for_one_address_and_one_time(x: XApi) -> None:
    auth = OAuth1(*(KEYS.settings()[name] for name in list(KEYS.settings())[:4]))
    prepared = requests.Request("GET", f"{x.url}/2/users/me", auth=auth).prepare()
    with requests.Session() as session:
        assert session.send(prepared, timeout=5).status_code == 200
        assert session.send(prepared, timeout=5).status_code == 401, "the nonce is used up"
    elsewhere = requests.Request("GET", f"{x.url}/2/users/me", auth=auth).prepare()
    elsewhere.url = f"{x.url}/2/users/me?user.fields=protected"
    with requests.Session() as session:
        assert session.send(elsewhere, timeout=5).status_code == 401


def test_a_wrong_bearer_token_is_unauthorised_and_a_right_one_reads_no_messages(x: XApi, client: Connect) -> None:
    with pytest.raises(tweepy.Unauthorized):
        client(bearer_token="AAAA").get_users_mentions(US)
    assert client().get_users_mentions(US) == {"meta": {"result_count": 0}}
    with pytest.raises(tweepy.Forbidden, match="Application-Only is forbidden"):
        client().get_direct_message_events(user_auth=False)


def test_mentions_are_paged_from_the_newest_to_the_cursor(x: XApi, client: Connect) -> None:
    budi = x.person("budi")
    ids = [budi.tweets(f"@lapor1708 lampu {number}") for number in range(12)]
    budi.tweets("@lapor17 orang lain")
    first = client().get_users_mentions(US, max_results=5, since_id=ids[0])
    token = first["meta"]["next_token"]
    second = client().get_users_mentions(US, max_results=5, since_id=ids[0], pagination_token=token)
    third = client().get_users_mentions(US, max_results=5, since_id=ids[0], pagination_token=second["meta"]["next_token"])
    assert [one["id"] for page in (first, second, third) for one in page["data"]] == ids[:0:-1]
    assert (first["meta"]["newest_id"], first["meta"]["oldest_id"]) == (ids[11], ids[7])
    assert "next_token" not in third["meta"]
    assert client().get_users_mentions(US, max_results=5, until_id=ids[1])["data"][0]["id"] == ids[0]


def test_mentions_begin_at_a_moment(x: XApi, client: Connect) -> None:
    budi, now = x.person("budi"), x.do(lambda world: world.now())
    budi.tweets("@lapor1708 dulu", at=now - 600)
    recent = budi.tweets("@lapor1708 tadi", at=now - 60)
    found = client().get_users_mentions(US, start_time=datetime.fromtimestamp(now - 120, UTC))
    assert [one["id"] for one in found["data"]] == [recent]


def test_mentions_reach_back_800(x: XApi, client: Connect) -> None:
    budi = x.person("budi")
    ids = [budi.tweets(f"@lapor1708 {number}") for number in range(810)]
    found: list[str] = []
    token = None
    while True:
        page = client().get_users_mentions(US, max_results=100, pagination_token=token)
        found += [one["id"] for one in page["data"]]
        if (token := page["meta"].get("next_token")) is None:
            break
    assert found == ids[:9:-1]


def test_only_what_was_asked_for_is_shown(x: XApi, client: Connect) -> None:
    budi = x.person("budi")
    number = budi.tweets("@lapor1708 #lapor gelap & licin https://example.com/a", media=[budi.photo(JPEG)])
    (bare,) = client().get_users_mentions(US)["data"]
    assert set(bare) == {"id", "text", "edit_history_tweet_ids"}
    page = client().get_users_mentions(
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
        client().get_users_mentions(US, tweet_fields="nothing")


def test_a_reply_carries_the_names_of_the_conversation(x: XApi, client: Connect) -> None:
    budi, wati = x.person("budi"), x.person("wati")
    root = budi.tweets("@lapor1708 jalan rusak")
    reply = wati.replies(root, "sama di sini")
    found = client().search_recent_tweets(f"conversation_id:{root} from:{wati.id}", tweet_fields="in_reply_to_user_id,text")
    assert [(one["id"], one["text"], one["in_reply_to_user_id"]) for one in found["data"]] == [
        (reply, "@budi @lapor1708 sama di sini", budi.id)
    ]
    both = client().search_recent_tweets(f"(conversation_id:{root} from:{wati.id}) OR (conversation_id:{root} from:budi)")
    assert [one["id"] for one in both["data"]] == [reply, root]
    assert client().search_recent_tweets(f"conversation_id:{root} -is:reply")["meta"]["result_count"] == 1
    with pytest.raises(tweepy.BadRequest):
        client().search_recent_tweets("from:budi near:here")


def test_what_is_gone_and_what_is_protected_are_told_apart(x: XApi, client: Connect) -> None:
    budi, wati = x.person("budi"), x.person("wati")
    gone, hidden, there = budi.tweets("@lapor1708 a"), wati.tweets("@lapor1708 b"), budi.tweets("@lapor1708 c")
    budi.deletes(gone)
    wati.protects()
    answer = client().get_tweets([gone, hidden, there, "5"])
    assert [one["id"] for one in answer["data"]] == [there]
    kinds = {one["resource_id"]: one["type"].rpartition("/")[2] for one in answer["errors"]}
    assert kinds == {gone: "resource-not-found", hidden: "not-authorized-for-resource", "5": "resource-not-found"}
    assert [one["id"] for one in client().get_users_mentions(US)["data"]] == [there]
    wati.protects(False)


def test_an_edit_is_a_new_id_with_its_history(x: XApi, client: Connect) -> None:
    budi = x.person("budi")
    old = budi.tweets("@lapor1708 jln rusk")
    new = budi.edits(old, "@lapor1708 jalan rusak")
    (shown,) = client().get_users_mentions(US)["data"]
    assert (shown["id"], shown["text"], shown["edit_history_tweet_ids"]) == (new, "@lapor1708 jalan rusak", [old, new])


def test_a_long_post_is_cut_off_beside_its_whole_text(x: XApi, client: Connect) -> None:
    words = "@lapor1708 " + "panjang sekali " * 40
    x.person("budi").tweets(words)
    (shown,) = client().get_users_mentions(US, tweet_fields="note_tweet")["data"]
    assert len(shown["text"]) <= 280
    assert shown["note_tweet"]["text"] == words


@pytest.mark.parametrize("by_count", [True, False])
def test_pages_change_while_they_are_paged(x: XApi, client: Connect, by_count: bool) -> None:
    budi = x.person("budi")
    said = [budi.dms(f"pesan {number}") for number in range(4)]
    x.page_by_count(by_count)
    first = client().get_direct_message_events(max_results=2)
    budi.dms("baru")
    rest = client().get_direct_message_events(max_results=2, pagination_token=first["meta"]["next_token"])
    assert [one["id"] for one in rest["data"]] == ([said[2], said[1]] if by_count else [said[1], said[0]])


def test_a_page_that_repeats(x: XApi, client: Connect) -> None:
    budi = x.person("budi")
    said = [budi.dms(f"pesan {number}") for number in range(4)]
    x.fault("events", "repeat")
    first = client().get_direct_message_events(max_results=2)
    again = client().get_direct_message_events(max_results=2, pagination_token=first["meta"]["next_token"])
    assert [one["id"] for one in again["data"]] == [one["id"] for one in first["data"]] == [said[3], said[2]]
    rest = client().get_direct_message_events(max_results=2, pagination_token=again["meta"]["next_token"])
    assert [one["id"] for one in rest["data"]] == [said[1], said[0]]

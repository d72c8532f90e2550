"""Pictures that people sent: from X's hosts only, with our signature only where it is wanted, never more than the limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.twitter.fetch import Hosts
from core.channels import Channel, Fetched, FetchState, FileRef, MediaKind
from tests.bots.twitter.outward import door
from tests.bots.xapi import Person, XApi

PHOTO = b"\xff\xd8\xff" + b"lampu jalan mati" * 500
FILM = b"\x00\x00\x00\x18ftypmp42" + b"banjir" * 4000
LIMIT = 100_000


@pytest.fixture
def channel(x: XApi) -> Iterator[Channel]:
    made = door(x)
    yield made
    made.close()


def fetch(channel: Channel, ref: str, into: Path, limit: int = LIMIT) -> Fetched:
    return channel.fetch(FileRef(ref, MediaKind.PHOTO), None, into, limit)


def test_a_posts_picture_comes_as_it_is(x: XApi, siti: Person, channel: Channel, tmp_path: Path) -> None:
    fetched = fetch(channel, f"plain {x.url}/media/{siti.photo(PHOTO)}.jpg", tmp_path / "f")
    assert fetched == Fetched(FetchState.STORED, size_bytes=len(PHOTO))
    assert (tmp_path / "f").read_bytes() == PHOTO


def test_a_direct_messages_picture_wants_our_signature(x: XApi, siti: Person, channel: Channel, tmp_path: Path) -> None:
    address = f"{x.url}/dm-media/{siti.photo(PHOTO, private=True)}.jpg"
    assert fetch(channel, f"signed {address}", tmp_path / "f").state is FetchState.STORED
    assert (tmp_path / "f").read_bytes() == PHOTO
    assert fetch(channel, f"plain {address}", tmp_path / "g").state is FetchState.GONE


def test_of_several_versions_the_first_that_fits_is_taken(x: XApi, siti: Person, channel: Channel, tmp_path: Path) -> None:
    key = siti.video(FILM)
    ref = f"plain {x.url}/media/{key}.mp4 {x.url}/media/{key}.small.mp4"
    assert fetch(channel, ref, tmp_path / "f").size_bytes == len(FILM)
    assert fetch(channel, ref, tmp_path / "g", limit=10_000).size_bytes == len(FILM) // 4
    assert (tmp_path / "g").stat().st_size == len(FILM) // 4
    assert fetch(channel, ref, tmp_path / "h", limit=100).state is FetchState.TOO_LARGE


def test_more_than_the_limit_is_never_written(x: XApi, siti: Person, channel: Channel, tmp_path: Path) -> None:
    fetched = fetch(channel, f"plain {x.url}/media/{siti.photo(PHOTO)}.jpg", tmp_path / "f", limit=10)
    assert fetched.state is FetchState.TOO_LARGE
    assert not (tmp_path / "f").exists() or (tmp_path / "f").stat().st_size <= 10


@pytest.mark.parametrize("ref", ["gone 3_17", "", "plain", "plain  ", "lain http://a/b"])
def test_what_x_named_without_an_address_is_gone(channel: Channel, tmp_path: Path, ref: str) -> None:
    assert fetch(channel, ref, tmp_path / "f").state is FetchState.GONE


def test_a_picture_that_was_taken_away_is_gone(x: XApi, channel: Channel, tmp_path: Path) -> None:
    assert fetch(channel, f"plain {x.url}/media/3_404.jpg", tmp_path / "f").state is FetchState.GONE


@pytest.mark.parametrize("fault", ["html", "cut", "half", "unauthorised", "throttled"])
def test_what_fails_on_the_way_is_tried_again(x: XApi, siti: Person, channel: Channel, tmp_path: Path, fault: str) -> None:
    ref = f"plain {x.url}/media/{siti.photo(PHOTO)}.jpg"
    x.fault("media", fault)
    pending = fetch(channel, ref, tmp_path / "f")
    assert pending.state is FetchState.PENDING
    assert pending.retry_after_seconds
    assert fetch(channel, ref, tmp_path / "f").state is FetchState.STORED


def test_a_redirection_to_a_foreign_host_is_not_followed(x: XApi, siti: Person, channel: Channel, tmp_path: Path) -> None:
    x.fault("media", "redirect")
    fetched = fetch(channel, f"signed {x.url}/media/{siti.photo(PHOTO)}.jpg", tmp_path / "f")
    assert (fetched.state, fetched.detail) == (FetchState.REFUSED, "foreign_host")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/media/a.jpg",
        "http://169.254.169.254/latest/meta-data",
        "https://evil.example/a.jpg",
        "https://x.com.evil.example/a.jpg",
        "https://evilx.com/a.jpg",
        "https://pbs.twimg.com:8443/a.jpg",
        "http://pbs.twimg.com/a.jpg",
        "https://pbs.twimg.com@evil.example/a.jpg",
        "file:///etc/passwd",
        "https:///a",
    ],
)
def test_nothing_is_asked_of_foreign_hosts(channel: Channel, tmp_path: Path, url: str) -> None:
    fetched = fetch(channel, f"plain {url}", tmp_path / "f")
    assert (fetched.state, fetched.detail) == (FetchState.REFUSED, "foreign_host")


@pytest.mark.parametrize("url", ["https://[::1/a", "https://x.com:port/a", "https://x.com:99999999/a"])
def test_an_address_that_cannot_be_read_is_not_tried_again_and_again(channel: Channel, tmp_path: Path, url: str) -> None:
    assert fetch(channel, f"plain {url}", tmp_path / "f").state is FetchState.REFUSED


def test_hosts_of_x_and_the_offices_own_are_allowed_and_only_the_former_see_who_we_are() -> None:
    hosts = Hosts("https://api.x.com", ("media.example.go.id",))
    for url in ("https://pbs.twimg.com/a.jpg", "https://ton.x.com/a", "https://ton.twitter.com/a", "https://api.x.com/a"):
        assert hosts.allow(url)
        assert hosts.may_see_our_name(url)
    assert hosts.allow("https://media.example.go.id/a")
    assert not hosts.may_see_our_name("https://media.example.go.id/a")


def test_after_closing_a_file_waits(x: XApi, siti: Person, channel: Channel, tmp_path: Path) -> None:
    channel.close()
    assert fetch(channel, f"plain {x.url}/media/{siti.photo(PHOTO)}.jpg", tmp_path / "f").state is FetchState.PENDING

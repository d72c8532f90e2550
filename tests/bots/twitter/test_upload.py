"""Files that go out: uploaded through v2 and named in one direct message (docs.x.com/x-api/media/introduction)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.channels import Channel, Fault, InMemory, Outcome, OutFile, Spending
from tests.bots.twitter.outward import door, message
from tests.bots.xapi import Person, XApi

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
PHOTO = b"\xff\xd8\xff" + b"foto perbaikan" * 100
FILM = b"\x00\x00\x00\x18ftypmp42" + b"x" * (9 * 1024 * 1024)  # three pieces


@pytest.fixture
def keep() -> InMemory:
    return InMemory()


@pytest.fixture
def channel(x: XApi, keep: InMemory) -> Iterator[Channel]:
    made = door(x, keep=keep, clock=lambda: NOON, answer_timeout_seconds=5.0)
    yield made
    made.close()


def file(folder: Path, content: bytes, mime: str) -> OutFile:
    path = folder / "berkas"
    path.write_bytes(content)
    return OutFile(path, "berkas", mime)


def test_a_picture_goes_with_its_words(x: XApi, siti: Person, channel: Channel, tmp_path: Path) -> None:
    delivery = channel.send(message(siti.id, "Sudah diperbaiki", files=(file(tmp_path, PHOTO, "image/jpeg"),)))
    (sent,) = x.sent("siti")
    assert (delivery.outcome, delivery.vendor_id) == (Outcome.ACCEPTED, sent.id)
    assert (sent.text, sent.files) == ("Sudah diperbaiki", (len(PHOTO),))


def test_a_picture_may_go_without_words(x: XApi, siti: Person, channel: Channel, tmp_path: Path) -> None:
    assert channel.send(message(siti.id, "", files=(file(tmp_path, PHOTO, "image/jpeg"),))).outcome is Outcome.ACCEPTED
    assert x.sent("siti")[0].files == (len(PHOTO),)


def test_a_film_goes_in_pieces_and_when_x_has_prepared_it(x: XApi, siti: Person, channel: Channel, tmp_path: Path) -> None:
    x.processing(30)
    outbound = message(siti.id, "Filmnya", files=(file(tmp_path, FILM, "video/mp4"),))
    waiting = channel.send(outbound)
    assert (waiting.outcome, waiting.fault, waiting.retry_after_seconds) == (Outcome.AGAIN, None, 1.0)
    assert len(x.calls("append")) == 3
    assert channel.send(outbound).outcome is Outcome.AGAIN  # still preparing: asked, not brought again
    x.pass_time(31)
    assert channel.send(outbound).outcome is Outcome.ACCEPTED
    assert x.sent("siti")[0].files == (len(FILM),)
    assert len(x.calls("initialize")) == 1


def test_what_was_uploaded_is_not_brought_and_paid_twice(
    x: XApi, siti: Person, channel: Channel, keep: InMemory, tmp_path: Path
) -> None:
    outbound = message(siti.id, "Fotonya", files=(file(tmp_path, PHOTO, "image/jpeg"),))
    x.fault("dm", "html")
    assert channel.send(outbound).outcome is Outcome.AGAIN
    assert channel.send(outbound).outcome is Outcome.ACCEPTED
    assert len(x.calls("upload")) == 1
    assert keep.spent(NOON.date()) == [Spending("answers", 2, 5_000 + 15_000)]


@pytest.mark.parametrize(
    "fault, what",
    [("html", Fault.UNAVAILABLE), ("cut", Fault.UNAVAILABLE), ("credits", Fault.BUDGET), ("unauthorised", Fault.UNAUTHORISED)],
)
def test_an_upload_that_failed_sent_nothing(
    x: XApi, siti: Person, channel: Channel, tmp_path: Path, fault: str, what: Fault
) -> None:
    x.fault("upload", fault)
    delivery = channel.send(message(siti.id, files=(file(tmp_path, PHOTO, "image/jpeg"),)))
    assert (delivery.outcome, delivery.fault) == (Outcome.AGAIN, what)
    assert siti.reads() == []


@pytest.mark.parametrize(
    "content, mime, detail",
    [
        (b"%PDF-1.7", "application/pdf", "file_kind"),
        (b"", "image/jpeg", "file_empty"),
        (PHOTO + b"x" * (5 * 1024 * 1024), "image/jpeg", "file_too_large"),
    ],
)
def test_what_direct_messages_cannot_carry_is_refused_without_asking(
    x: XApi, siti: Person, channel: Channel, tmp_path: Path, content: bytes, mime: str, detail: str
) -> None:
    delivery = channel.send(message(siti.id, files=(file(tmp_path, content, mime),)))
    assert (delivery.outcome, delivery.fault, delivery.detail) == (Outcome.FAILED, Fault.REFUSED, detail)
    assert x.calls() == []


def test_a_file_that_is_not_there_or_one_of_many_is_refused(channel: Channel, siti: Person, tmp_path: Path) -> None:
    missing = channel.send(message(siti.id, files=(OutFile(tmp_path / "hilang", "a", "image/png"),)))
    assert (missing.fault, missing.detail) == (Fault.REFUSED, "file_missing")
    several = channel.send(message(siti.id, files=(file(tmp_path, PHOTO, "image/jpeg"),) * 2))
    assert (several.fault, several.detail) == (Fault.REFUSED, "files_do_not_fit")


def test_a_file_that_x_cannot_read_is_refused(siti: Person, channel: Channel, tmp_path: Path) -> None:
    delivery = channel.send(message(siti.id, files=(file(tmp_path, b"bukan gambar", "image/jpeg"),)))
    assert (delivery.outcome, delivery.fault) == (Outcome.FAILED, Fault.REFUSED)
    assert siti.reads() == []

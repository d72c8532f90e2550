"""Without a relay mails are kept as files: complete or not at all, one for each mail, for nobody else's eyes."""

from __future__ import annotations

import stat
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from core.channels import KEPT, Delivery, Fault, Outcome
from tests.bots.email.sending import KEY, MESSAGE_ID, message, sender

OTHER = KEY.replace("3f", "4e")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_mail_is_kept_under_its_moment_and_key(tmp_path: Path):
    kept = sender(keep=tmp_path / "var" / "mail")
    assert kept.send(message("Halo.")) == Delivery(Outcome.ACCEPTED, MESSAGE_ID, detail=KEPT)
    assert files(tmp_path / "var" / "mail") == [f"20260302T031500Z-{KEY}.eml"]
    path = tmp_path / "var" / "mail" / f"20260302T031500Z-{KEY}.eml"
    assert message_from_bytes(path.read_bytes(), policy=policy.default)["Message-ID"] == f"<{MESSAGE_ID}>"


def test_nobody_else_on_the_machine_reads_it(tmp_path: Path):
    sender(keep=tmp_path / "mail").send(message())
    (path,) = (tmp_path / "mail").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700


def test_a_repeat_takes_the_place_of_the_first(tmp_path: Path):
    (tmp_path / f"20250101T000000Z-{KEY}.eml").write_text("the first, of another day")
    kept = sender(keep=tmp_path)
    kept.send(message("Yang kedua."))
    kept.send(message("Lain.", key=OTHER))
    assert files(tmp_path) == [f"20250101T000000Z-{KEY}.eml", f"20260302T031500Z-{OTHER}.eml"]
    assert "Yang kedua." in (tmp_path / f"20250101T000000Z-{KEY}.eml").read_text()


def test_a_folder_that_cannot_be_written_to_is_tried_again_and_leaves_no_pieces(tmp_path: Path):
    (tmp_path / "mail").write_text("a file where the folder should be")
    delivery = sender(keep=tmp_path / "mail").send(message())
    assert (delivery.outcome, delivery.fault, delivery.vendor_id) == (Outcome.AGAIN, Fault.UNAVAILABLE, None)
    assert files(tmp_path) == ["mail"]


def test_a_name_that_is_taken_by_a_folder_leaves_no_pieces(tmp_path: Path):
    (tmp_path / f"20260302T031500Z-{KEY}.eml").mkdir()
    assert sender(keep=tmp_path).send(message()).outcome is Outcome.AGAIN
    assert files(tmp_path) == [f"20260302T031500Z-{KEY}.eml"]


def test_an_odd_key_leads_nowhere_else(tmp_path: Path):
    sender(keep=tmp_path / "mail").send(message(key="../../etc/x"))
    assert len(files(tmp_path / "mail")) == 1
    assert files(tmp_path) == ["mail"]


def test_the_check_says_where_mails_are_kept_and_what_to_set(tmp_path: Path):
    (line,) = sender(keep=tmp_path).check()
    assert line.ok
    assert str(tmp_path) in line.message
    assert "channels.email.relay.host" in line.message


@pytest.mark.parametrize("times", [1, 2])
def test_after_closing_nothing_is_kept(tmp_path: Path, times: int):
    kept = sender(keep=tmp_path)
    for _ in range(times):
        kept.close()
    assert kept.send(message()).detail == "closed"
    assert files(tmp_path) == []

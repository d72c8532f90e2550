"""No 250 before the commit, none without it, nothing twice: the listener between clients that fail and a storage that fails."""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from bots.email import Settings, build
from bots.email.listen import Certificate, take_port
from core.channels import Binds, Raw, Stored
from core.errors import ConfigurationError, StorageUnavailable
from tests.bots.contract import Inbox
from tests.bots.email.authority import establish
from tests.bots.email.listening import SITI, US, Listening, Slow, mail, wait


def numbered(count: int) -> list[bytes]:
    return [mail(Message_ID=f"<{number}@x>", From=f"p{number}@x.id") for number in range(count)]


def test_the_250_comes_after_the_commit() -> None:
    inbox = Inbox()
    slow = Slow(inbox)
    with Listening(slow) as server, server.line() as line:
        line.begin()
        line.say(mail() + b".\r\n")
        wait(lambda: slow.batches == [1])
        answered: list[int] = []
        listening = threading.Thread(target=lambda: answered.append(line.hear()))
        listening.start()
        time.sleep(0.1)
        assert not answered
        slow.gate.set()
        listening.join(10)
        assert answered == [250]
        assert len(inbox.raws()) == 1


def test_where_storage_is_away_the_mail_is_told_to_come_again_and_then_stored_once() -> None:
    with Listening() as server, server.client() as client:
        server.inbox.away = True
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail(SITI, [US], mail())
        assert refused.value.smtp_code == 451
        assert server.health.trouble == "storage"
        server.inbox.away = False
        client.sendmail(SITI, [US], mail())
        assert server.mails() == [mail()]
        assert server.health.trouble is None


def test_whatever_breaks_it_is_never_a_250() -> None:
    def broken(raws: Sequence[Raw]) -> Sequence[Stored]:
        raise ZeroDivisionError

    with Listening(broken) as server, server.client() as client:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail(SITI, [US], mail())
        assert refused.value.smtp_code == 451
        assert client.noop()[0] == 250


def test_a_mail_that_breaks_the_commit_takes_no_other_with_it() -> None:
    inbox = Inbox()
    slow = Slow(inbox)

    def accept(raws: Sequence[Raw]) -> Sequence[Stored]:
        if any(b"poison" in raw.body for raw in raws):
            raise ValueError
        return slow(raws)

    mails = [*numbered(6), mail("poison", Message_ID="<poison@x>")]
    codes: list[int] = []

    def bring(server: Listening, content: bytes) -> None:
        try:
            server.send(content)
            codes.append(250)
        except smtplib.SMTPDataError as refused:
            codes.append(refused.smtp_code)

    with Listening(accept) as server:
        threads = [threading.Thread(target=bring, args=(server, content)) for content in mails]
        threads[0].start()
        wait(lambda: slow.batches)  # the first is being committed; the others gather behind it
        for thread in threads[1:]:
            thread.start()
        time.sleep(0.3)
        slow.gate.set()
        for thread in threads:
            thread.join(10)
        assert sorted(codes) == [250] * 6 + [451]
        assert len(inbox.raws()) == 6


def test_mails_that_wait_together_are_committed_together() -> None:
    inbox = Inbox()
    slow = Slow(inbox)
    with Listening(slow) as server:
        threads = [threading.Thread(target=server.send, args=(content,)) for content in numbered(10)]
        threads[0].start()
        wait(lambda: slow.batches == [1])
        for thread in threads[1:]:
            thread.start()
        time.sleep(0.5)
        slow.gate.set()
        for thread in threads:
            thread.join(10)
        assert len(inbox.raws()) == 10
        assert len(slow.batches) <= 3


def test_a_client_that_vanishes_after_the_final_dot_loses_nothing_and_its_repeat_is_the_same_mail() -> None:
    inbox = Inbox()
    slow = Slow(inbox)
    with Listening(slow) as server:
        line = server.line()
        line.begin()
        line.say(mail() + b".\r\n")
        wait(lambda: slow.batches == [1])
        line.close()
        time.sleep(0.05)
        slow.gate.set()
        wait(inbox.raws)
        server.send(mail())
        assert (len(inbox.raws()), inbox.duplicates) == (1, 1)


def test_a_client_that_vanishes_within_a_mail_leaves_nothing() -> None:
    with Listening() as server:
        line = server.line()
        line.begin()
        line.say(mail())
        line.close()
        server.send(mail("yang lain", Message_ID="<b@x>"))
        assert server.mails() == [mail("yang lain", Message_ID="<b@x>")]


def test_one_mail_that_comes_by_two_ways_and_to_two_addresses_of_ours_is_one() -> None:
    first = (
        b"Received: from a (a [192.0.2.1])\r\n\tby mx1; Tue, 3 Mar 2026 02:00:00 +0000\r\nReturn-Path: <x@y.id>\r\n" + mail()
    )
    second = b"Delivered-To: kedua@lapor.example.id\r\nX-Spam-Status: No,\r\n score=1\r\nReceived: by mx2\r\n" + mail()
    with Listening(recipients=["kedua@lapor.example.id"]) as server:
        server.send(first)
        server.send(second, SITI, "kedua@lapor.example.id")
        (raw,) = server.inbox.raws()
        assert raw.source_id.startswith("a1@warga.example.com#")
        assert len(raw.source_id.partition("#")[2]) == 32


@pytest.mark.parametrize(
    "other",
    [
        mail("Jalan rusak di depan sekolah."),
        mail(Subject="Lain"),
        mail(From="budi@x.id"),
        mail(Date="Tue, 3 Mar 2026 09:00:01 +0700"),
    ],
)
def test_mails_that_differ_are_two_even_under_one_message_id(other: bytes) -> None:
    with Listening() as server:
        server.send(mail())
        server.send(other)
        assert len(server.mails()) == 2


@pytest.mark.parametrize(
    "broken", [b"", b"\r\n", b"From: \r\n\r\nisi\r\n", b"bukan surat", b"\xff" * 1000, b"From: <>\r\n\r\n"]
)
def test_a_mail_of_nobody_is_stored_in_a_lane_of_its_own(broken: bytes) -> None:
    with Listening() as server, server.line() as line:
        line.begin(sender=b"")
        line.say(broken + b"\r\n.\r\n")
        assert line.hear() == 250
        (raw,) = server.inbox.raws()
        assert raw.lane.startswith("#")
        assert raw.lane in raw.source_id


def test_who_wrote_is_known_by_one_address_however_it_is_spelled() -> None:
    spellings = [
        "SITI@Warga.Example.COM",
        '"Siti, Ibu" <siti@warga.example.com>',
        "=?utf-8?q?S=C3=ADti?= <Siti@warga.example.com>",
    ]
    with Listening() as server:
        for number, spelling in enumerate(spellings):
            server.send(mail(From=spelling, Message_ID=f"<{number}@x>"))
        assert {raw.lane for raw in server.inbox.raws()} == {SITI}


def test_fifty_connections_at_once_lose_and_double_nothing() -> None:
    mails = numbered(150)
    with Listening() as server:

        def bring(part: int) -> None:
            with server.client() as client:
                for content in mails[part::50]:
                    client.sendmail(SITI, [US], content)

        threads = [threading.Thread(target=bring, args=(part,)) for part in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(server.mails()) == sorted(mails)
        assert server.inbox.duplicates == 0


def test_stopping_commits_and_answers_what_is_all_here_and_hangs_up_on_the_rest() -> None:
    inbox = Inbox()
    slow = Slow(inbox)
    server = Listening(slow).__enter__()
    with server.line() as complete, server.line() as halfway, server.line() as idle:
        complete.begin()
        complete.say(mail() + b".\r\n")
        halfway.begin()
        halfway.say(mail()[:50])
        assert idle.hear() == 220
        wait(lambda: slow.batches == [1])
        ending = threading.Thread(target=server.stop)
        ending.start()
        assert [idle.hear(), idle.hear()] == [421, 0]
        assert [halfway.hear(), halfway.hear()] == [421, 0]
        slow.gate.set()
        assert complete.hear() == 250
        ending.join(10)
        assert len(inbox.raws()) == 1
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((server.host, server.port), timeout=1)


def test_a_storage_that_hangs_does_not_hold_up_the_end_and_nobody_is_told_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.email.listen.LAST_MAILS_SECONDS", 0.2)
    slow = Slow(Inbox())
    server = Listening(slow).__enter__()
    with server.line() as line:
        line.begin()
        line.say(mail() + b".\r\n")
        wait(lambda: slow.batches == [1])
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 3
        assert line.hear() in (0, 421)
    slow.gate.set()


# --- the port


def test_a_port_in_use_is_said_with_its_key_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.email.adapter.CHECK_SECONDS", 0.2)
    taken = take_port("127.0.0.1:0", "email")
    where = f"127.0.0.1:{taken.getsockname()[1]}"
    channel = build(Settings(listen=where))
    assert isinstance(channel, Binds)
    with pytest.raises(
        ConfigurationError, match=rf"^channels\.email\.listen: {where} cannot be used \(.+\): choose another port"
    ):
        channel.bind()
    assert not channel.check()[0].ok
    taken.close()
    assert channel.check()[0].ok
    assert channel.bind() == where == channel.bind()
    assert channel.check()[0].ok
    channel.close()


def test_a_port_that_is_lost_is_a_trouble_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.email.adapter.AGAIN_SECONDS", 0.05)
    taken = take_port("127.0.0.1:0", "email")
    port = taken.getsockname()[1]
    channel = build(Settings(listen=f"127.0.0.1:{port}", address=US))
    inbox, stop = Inbox(), threading.Event()
    thread = threading.Thread(target=channel.listen, args=(inbox, stop))
    thread.start()
    wait(lambda: channel.health.trouble == "port")
    taken.close()
    wait(lambda: channel.health.last_success_at)
    assert channel.health.trouble is None
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail(SITI, [US], mail())
    assert len(inbox.raws()) == 1
    stop.set()
    thread.join(10)
    channel.close()


def test_the_check_knows_a_server_of_ours_in_another_process_from_a_strangers() -> None:
    with Listening() as server:
        ours = build(server.settings.model_copy(update={"listen": f"127.0.0.1:{server.port}"}))
        strangers = build(Settings(listen=f"127.0.0.1:{server.port}", address="lapor@lain.example.id"))
        assert ours.check()[0].ok
        assert not strangers.check()[0].ok


# --- the certificate


def test_tls_files_that_are_no_good_stop_the_start(tmp_path: Path) -> None:
    made = establish(tmp_path)
    settings = Settings.model_validate({"tls": {"certificate": made.certificate, "key": made.ca}, "listen": "127.0.0.1:0"})
    channel = build(settings)
    assert isinstance(channel, Binds)
    with pytest.raises(ConfigurationError, match=r"channels\.email\.tls"):
        channel.bind()
    assert not channel.check()[0].ok


def test_a_renewed_certificate_is_used_without_a_restart_and_a_broken_one_is_not(tmp_path: Path) -> None:
    made = establish(tmp_path)
    settings = Settings.model_validate({"tls": {"certificate": made.certificate, "key": made.key}})
    certificate = Certificate(settings, "email")
    first = certificate.context()
    assert certificate.context() is first
    good = made.certificate.read_bytes()
    made.certificate.write_bytes(b"half of a file")
    assert certificate.context() is first
    made.certificate.write_bytes(good)
    wait(lambda: certificate.context() is not first)


def test_a_storage_that_comes_back_is_told_to_nobody_by_hand() -> None:
    """The first mail after an outage is enough."""
    away = threading.Event()
    away.set()
    inbox = Inbox()

    def accept(raws: Sequence[Raw]) -> Sequence[Stored]:
        if away.is_set():
            raise StorageUnavailable
        return inbox(raws)

    with Listening(accept) as server:
        for _ in range(3):
            with pytest.raises(smtplib.SMTPDataError):
                server.send(mail())
        away.clear()
        server.send(mail())
        assert len(inbox.raws()) == 1

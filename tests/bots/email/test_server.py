"""The SMTP server over real sockets: what it takes, what it refuses, and who cannot hold it up."""

from __future__ import annotations

import smtplib
import ssl
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.bots.contract import Inbox
from tests.bots.email.authority import establish
from tests.bots.email.listening import SITI, US, Listening, Slow, mail, wait


def test_a_mail_is_stored_as_it_came_with_what_was_said_beside_it() -> None:
    with Listening() as server:
        server.send(mail(), SITI, US, "Lapor+r.abc@Lapor.Example.ID")
        (raw,) = server.inbox.raws()
        (envelope,) = server.envelopes()
        assert server.mails() == [mail()]
        assert (raw.channel, raw.lane) == ("email", SITI)
        assert (envelope.mail_from, envelope.rcpt_to) == (SITI, (US, "Lapor+r.abc@Lapor.Example.ID"))
        assert (envelope.peer, envelope.helo, envelope.tls) == ("127.0.0.1", "warga.example.com", False)
        assert envelope.received_at is not None


def test_what_is_offered_is_said_in_ehlo_and_nobody_can_log_in() -> None:
    with Listening(max_size_mb=3) as server, server.client() as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(3 * 1024 * 1024)
        assert {"8bitmime", "smtputf8", "pipelining"} <= set(client.esmtp_features)
        assert not {"auth", "starttls"} & set(client.esmtp_features)
        assert client.docmd("AUTH", "PLAIN AGEAYg==")[0] == 502
        assert client.docmd("VRFY", US)[0] == 502
        assert client.docmd("EXPN", US)[0] == 502


def test_starttls_is_offered_where_a_certificate_is_set(tmp_path: Path) -> None:
    made = establish(tmp_path)
    with Listening(tls={"certificate": made.certificate, "key": made.key}) as server, server.client() as client:
        client.ehlo()
        assert "starttls" in client.esmtp_features
        client.starttls(context=ssl.create_default_context(cafile=made.ca))
        client.ehlo()
        assert "auth" not in client.esmtp_features
        assert "starttls" not in client.esmtp_features
        client.sendmail(SITI, [US], mail())
        assert [envelope.tls for envelope in server.envelopes()] == [True]


def test_what_was_said_before_starttls_is_forgotten(tmp_path: Path) -> None:
    """RFC 3207 §6: commands slipped in before the handshake must not count as said inside it."""
    made = establish(tmp_path)
    with Listening(tls={"certificate": made.certificate, "key": made.key}) as server, server.line() as line:
        assert line.hear() == 220
        assert line.ask(b"EHLO x") == 250
        line.say(b"STARTTLS\r\nMAIL FROM:<a@b.id>\r\n")
        assert line.hear() == 220
        line.say(b"no handshake at all\r\n")
        assert line.hear() == 0


@pytest.mark.parametrize("declared", [True, False])
def test_a_mail_over_the_limit_is_refused_and_the_next_one_taken(declared: bool) -> None:
    with Listening(max_size_mb=1) as server, server.client() as client:
        client.ehlo()
        if not declared:
            client.esmtp_features.pop("size")
        with pytest.raises(smtplib.SMTPResponseException) as refused:
            client.sendmail(SITI, [US], mail("x" * 70 + "\r\n" + "besar\r\n" * 200_000))
        assert refused.value.smtp_code == 552
        client.sendmail(SITI, [US], mail())
        assert server.mails() == [mail()]


def test_whoever_never_ends_a_mail_is_hung_up_on() -> None:
    with Listening(max_size_mb=1) as server, server.line() as line:
        line.begin()
        with pytest.raises(OSError, match=r"reset|pipe"):
            line.say(b"x" * (16 * 1024 * 1024))
        assert not server.mails()


def test_a_mail_at_the_limit_is_taken() -> None:
    head = mail("")
    content = head[:-2] + b"x" * (1024 * 1024 - len(head)) + b"\r\n"
    assert len(content) == 1024 * 1024
    with Listening(max_size_mb=1) as server:
        server.send(content)
        assert server.mails() == [content]


@pytest.mark.parametrize(
    "recipient", ["orang@lain.example.com", "lapor@example.com", "lapo@lapor.example.id", "+x@lapor.example.id", "postmaster"]
)
def test_it_is_no_relay(recipient: str) -> None:
    with Listening() as server, server.client() as client:
        client.ehlo()
        assert client.mail(SITI)[0] == 250
        assert client.rcpt(recipient)[0] in (550, 553)
        assert client.docmd("DATA")[0] == 503


@pytest.mark.parametrize(
    "recipient",
    ["LAPOR@lapor.EXAMPLE.id", "lapor+apa.saja@lapor.example.id", "aduan+1@kota.example.id", "siapa@desa.example.id"],
)
def test_its_own_mailboxes_are_taken_in_any_case_and_with_any_tag(recipient: str) -> None:
    with Listening(recipients=["Aduan@kota.example.id", "@Desa.example.id"]) as server:
        server.send(mail(), SITI, recipient)
        assert server.envelopes()[0].rcpt_to == (recipient,)


def test_too_many_recipients_are_told_to_come_again() -> None:
    with Listening(recipients_per_mail=2) as server:
        refused = server.send(mail(), SITI, US, f"x{US}", "lapor+1@lapor.example.id", "lapor+2@lapor.example.id")
        assert {address: code for address, (code, _) in refused.items()} == {
            f"x{US}": 550,
            "lapor+2@lapor.example.id": 452,
        }
        assert len(server.envelopes()[0].rcpt_to) == 2


def test_connections_beyond_the_caps_get_421_and_room_is_given_back() -> None:
    with Listening(connections=5, connections_per_peer=2, trusted_peers=[]) as server:
        with server.client(), server.client(), server.line() as refused:
            assert [refused.hear(), refused.hear()] == [421, 0]
        wait(lambda: heard(server) == 220)


def test_the_offices_own_mta_is_counted_in_the_total_only() -> None:
    with Listening(connections=3, connections_per_peer=1) as server, ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(server.client())
        assert heard(server) == 421


def heard(server: Listening) -> int:
    """How one more connection is greeted."""
    with server.line() as line:
        return line.hear()


def test_a_sender_of_too_many_mails_is_told_to_come_again_and_others_are_not() -> None:
    with Listening(mails_per_minute=2, trusted_peers=[]) as server, server.client() as client:
        for number in range(2):
            client.sendmail(SITI, [US], mail(Message_ID=f"<{number}@x>"))
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            client.sendmail(SITI.upper(), [US], mail())
        assert refused.value.smtp_code == 450
        client.sendmail("budi@warga.example.com", [US], mail(From="budi@warga.example.com"))
        assert len(server.mails()) == 3


def test_the_offices_own_mta_brings_as_many_mails_as_it_has() -> None:
    with Listening(mails_per_minute=1) as server, server.client() as client:
        for number in range(5):
            client.sendmail(SITI, [US], mail(Message_ID=f"<{number}@x>"))
        assert len(server.mails()) == 5


def test_a_silent_client_is_hung_up_on_and_nobody_waits_for_it() -> None:
    with Listening(command_timeout_seconds=0.3) as server, server.line() as line:
        assert line.hear() == 220
        line.say(b"EHLO wa")
        server.send(mail())
        assert line.hear() == 421
        assert line.hear() == 0


def test_a_client_that_drips_a_mail_is_hung_up_on_however_busy_it_looks() -> None:
    with Listening(data_timeout_seconds=0.4) as server, server.line() as line:
        line.begin()
        for letter in b"Subject: p":
            line.say(bytes([letter]))
            time.sleep(0.03)
        assert line.hear() == 421
        assert line.hear() == 0
        assert not server.mails()


def test_a_client_that_only_makes_errors_is_hung_up_on() -> None:
    with Listening() as server, server.line() as line:
        assert line.hear() == 220
        assert line.ask(b"EHLO x") == 250
        codes = [line.ask(b"MAIL TO:<a@b.id>") for _ in range(20)]
        assert set(codes) == {501}
        assert [line.hear(), line.hear()] == [421, 0]


def test_commands_that_say_nothing_do_not_hold_a_connection_for_ever() -> None:
    with Listening() as server, server.line() as line:
        assert line.hear() == 220
        codes = [line.ask(b"NOOP") for _ in range(101)]
        assert codes == [250] * 100 + [421]


def test_a_burst_of_pipelined_commands_and_mails_is_answered_in_order() -> None:
    mails = [mail(Message_ID=f"<{number}@x>") for number in range(10)]
    with Listening() as server, server.line() as line:
        assert line.hear() == 220
        line.say(b"EHLO x\r\n")
        for content in mails:
            line.say(b"MAIL FROM:<" + SITI.encode() + b">\r\nRCPT TO:<" + US.encode() + b">\r\nDATA\r\n" + content + b".\r\n")
        line.say(b"QUIT\r\n")
        assert [line.hear() for _ in range(1 + 4 * 10 + 1)] == [250, *([250, 250, 354, 250] * 10), 221]
        assert server.mails() == mails


def test_a_bounce_has_no_sender_and_is_taken() -> None:
    with Listening() as server:
        server.send(mail(From="MAILER-DAEMON@mx.example.com"), "")
        assert [envelope.mail_from for envelope in server.envelopes()] == [""]


def test_bytes_that_are_no_text_in_commands_and_headers_come_in_and_are_kept() -> None:
    content = (
        b"From: Siti <siti@warga.example.com>\r\nSubject: jal\xe4n \xff\xfe\r\nX-\x00: \x00\r\n\r\nisi \x00 \xff "
        + b"y" * 30_000
    )
    content += b"\r\n"
    with Listening() as server, server.line() as line:
        line.begin(sender=b"s\xffti@warga.example.com")
        line.say(content + b".\r\n")
        assert line.hear() == 250
        assert server.mails() == [content]
        assert server.envelopes()[0].mail_from == "s\ufffdti@warga.example.com"
        assert server.inbox.raws()[0].lane == SITI


@pytest.mark.parametrize(
    "sent, stored",
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"a\r\n..\r\n.\r\n", b"a\r\n.\r\n"),
        (b"..a\r\n...\r\n.\r\n", b".a\r\n..\r\n"),
        (b"a\n.\nb\r\n.\r\n", b"a\n.\nb\r\n"),  # a bare LF ends nothing: RFC 5321 §2.3.8, SMTP smuggling
        (b"a\n.\r\nMAIL FROM:<x@y.id>\r\n.\r\n", b"a\n.\r\nMAIL FROM:<x@y.id>\r\n"),
        (b"a\r.\rb\r\n.\r\n", b"a\r.\rb\r\n"),
        (b"x" * 300_000 + b"\r\n.\r\n", b"x" * 300_000 + b"\r\n"),
        (b"x" * 65_534 + b"\r\n.\r\n", b"x" * 65_534 + b"\r\n"),
    ],
)
def test_only_a_dot_between_two_line_ends_ends_a_mail(sent: bytes, stored: bytes) -> None:
    with Listening() as server, server.line() as line:
        line.begin()
        line.say(sent)
        assert line.hear() == 250
        assert server.mails() == [stored]
        assert line.ask(b"NOOP") == 250


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_it_does_not_matter_how_a_mail_is_cut_into_packets(size: int) -> None:
    sent = mail("..satu\r\n..\r\ndua") + b".\r\n"
    with Listening() as server, server.line() as line:
        line.begin()
        for place in range(0, len(sent), size):
            line.say(sent[place : place + size])
        assert line.hear() == 250
        assert server.mails() == [mail(".satu\r\n.\r\ndua")]


def test_memory_for_waiting_mails_is_bounded_and_the_rest_is_told_to_come_again() -> None:
    inbox = Inbox()
    slow = Slow(inbox)
    large = mail("x" * 900_000)
    codes: list[int] = []

    def bring(server: Listening, number: int) -> None:
        with server.client() as client:
            try:
                client.sendmail(SITI, [US], large.replace(b"<a1@", f"<{number}@".encode()))
                codes.append(250)
            except smtplib.SMTPDataError as refused:
                codes.append(refused.smtp_code)

    with Listening(slow, max_size_mb=1, memory_mb=2) as server:
        threads = [threading.Thread(target=bring, args=(server, number)) for number in range(5)]
        for thread in threads:
            thread.start()
        wait(lambda: codes.count(452) == 3)
        slow.gate.set()
        for thread in threads:
            thread.join(10)
        assert sorted(codes) == [250, 250, 452, 452, 452]
        bring(server, 9)
        assert codes[-1] == 250

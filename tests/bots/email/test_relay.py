"""Handing a mail to a real SMTP server that misbehaves: what came of it is said exactly, and nothing is tried twice."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.email.send import Sender
from core.channels import Delivery, Fault, Outbound, Outcome, OutFile
from tests.bots.email.authority import Authority, establish
from tests.bots.email.postoffice import DROP, SILENCE, TAKE_AND_DROP, Answer, PostOffice, words
from tests.bots.email.sending import KEY, MESSAGE_ID, SITI, TOKENS, message, sender


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as opened:
        yield opened


@pytest.fixture
def post(office: PostOffice) -> Iterator[Sender]:
    opened = sender(office)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return establish(tmp_path_factory.mktemp("authority"))


def once(made: Sender, outbound: Outbound | None = None) -> Delivery:
    try:
        return made.send(outbound or message())
    finally:
        made.close()


def heavy(tmp_path: Path) -> Outbound:
    """More than any socket holds by itself."""
    path = tmp_path / "foto.bin"
    path.write_bytes(bytes(range(256)) * 60_000)
    return message(files=(OutFile(path, "foto.jpg", "image/jpeg"),))


# --- taken ---------------------------------------------------------------------------------------------------------------


def test_a_taken_mail_is_accepted_under_its_message_id(office: PostOffice, post: Sender):
    assert post.send(message()) == Delivery(Outcome.ACCEPTED, MESSAGE_ID, detail="250")
    (delivered,) = office.delivered
    assert delivered.rcpt_to == (SITI,)
    assert delivered.mail_from == TOKENS.bounce_address(KEY)
    assert f"SIZE={len(delivered.raw)}" in delivered.options


def test_a_repeat_is_the_same_mail_to_its_reader(office: PostOffice, post: Sender):
    for _ in range(2):
        post.send(message())
    first, second = office.mails(SITI)
    assert first["Message-ID"] == second["Message-ID"] == f"<{MESSAGE_ID}>"


def test_lines_that_begin_with_a_dot_arrive_as_they_were_written(office: PostOffice, post: Sender):
    text = ".\n..\n.titik\nbiasa\n."
    post.send(message(text))
    assert words(office.mails()[0]) == text


def test_many_mails_share_one_connection(office: PostOffice, post: Sender):
    assert {post.send(message()).outcome for _ in range(20)} == {Outcome.ACCEPTED}
    assert office.connections == 1
    assert len(office.delivered) == 20


def test_several_threads_send_at_once_over_a_few_connections(office: PostOffice, post: Sender):
    outcomes: list[Outcome] = []
    keys = [f"{number:032x}.0" for number in range(24)]
    threads = [
        threading.Thread(target=lambda own=own: outcomes.extend(post.send(message(key=key)).outcome for key in own))
        for own in (keys[start::8] for start in range(8))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert outcomes == [Outcome.ACCEPTED] * 24
    assert sorted(mail["Message-ID"] for mail in office.mails()) == sorted(f"<{key}@kota.test>" for key in keys)
    assert office.connections <= 4


def test_a_connection_that_was_closed_in_the_meantime_is_replaced(office: PostOffice, post: Sender):
    post.send(message())
    office.hang_up()
    assert post.send(message()).outcome is Outcome.ACCEPTED
    assert (office.connections, len(office.delivered)) == (2, 2)


def test_a_relay_that_says_no_to_a_kept_connection_gets_a_new_one(office: PostOffice, post: Sender):
    post.send(message())
    office.answer("rset", "421 4.3.2 idle for too long")
    assert post.send(message()).outcome is Outcome.ACCEPTED
    assert office.connections == 2


# --- not taken -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step, answer, outcome, fault, detail",
    [
        ("rcpt", "451 4.7.1 Greylisted, siti@contoh.test", Outcome.AGAIN, None, "451 4.7.1"),
        ("rcpt", "450 try later", Outcome.AGAIN, None, "450"),
        ("rcpt", "452 4.2.2 mailbox full", Outcome.AGAIN, None, "452 4.2.2"),
        ("end", "451 4.7.1 Greylisted", Outcome.AGAIN, None, "451 4.7.1"),
        ("data", "451 4.3.0 not now", Outcome.AGAIN, None, "451 4.3.0"),
        ("rcpt", "421 4.3.2 shutting down", Outcome.AGAIN, Fault.UNAVAILABLE, "421 4.3.2"),
        ("mail", "421 4.7.0 too many connections", Outcome.AGAIN, Fault.UNAVAILABLE, "421 4.7.0"),
        ("mail", "452 4.3.1 no space", Outcome.AGAIN, Fault.UNAVAILABLE, "452 4.3.1"),
        ("connect", "421 4.7.0 not now", Outcome.AGAIN, Fault.UNAVAILABLE, "421 4.7.0"),
        ("connect", "554 no service here", Outcome.AGAIN, Fault.UNAVAILABLE, "554"),
        ("connect", DROP, Outcome.AGAIN, Fault.UNAVAILABLE, "disconnected"),
        ("connect", SILENCE, Outcome.AGAIN, Fault.UNAVAILABLE, "disconnected"),
        ("ehlo", DROP, Outcome.AGAIN, Fault.UNAVAILABLE, "disconnected"),
        ("rcpt", "550 5.1.1 no such user siti", Outcome.FAILED, Fault.RECIPIENT_GONE, "550 5.1.1"),
        ("rcpt", "550 no such user", Outcome.FAILED, Fault.RECIPIENT_GONE, "550"),
        ("rcpt", "551 5.1.6 moved", Outcome.FAILED, Fault.RECIPIENT_GONE, "551 5.1.6"),
        ("rcpt", "553 5.1.3 bad address", Outcome.FAILED, Fault.RECIPIENT_GONE, "553 5.1.3"),
        ("rcpt", "556 5.1.10 null MX", Outcome.FAILED, Fault.RECIPIENT_GONE, "556 5.1.10"),
        ("rcpt", "550 5.2.1 disabled", Outcome.FAILED, Fault.RECIPIENT_GONE, "550 5.2.1"),
        ("end", "550 5.1.1 no such user after all", Outcome.FAILED, Fault.RECIPIENT_GONE, "550 5.1.1"),
        ("rcpt", "550 5.7.1 policy", Outcome.FAILED, Fault.REFUSED, "550 5.7.1"),
        ("rcpt", "552 5.2.2 mailbox full", Outcome.FAILED, Fault.REFUSED, "552 5.2.2"),
        ("data", "554 5.5.1 no valid recipients", Outcome.FAILED, Fault.REFUSED, "554 5.5.1"),
        ("end", "552 5.3.4 too big", Outcome.FAILED, Fault.REFUSED, "552 5.3.4"),
        ("end", "554 5.7.1 looks like spam", Outcome.FAILED, Fault.REFUSED, "554 5.7.1"),
        ("end", "550 content", Outcome.FAILED, Fault.REFUSED, "550"),
        ("mail", "552 5.3.4 too big", Outcome.FAILED, Fault.REFUSED, "552 5.3.4"),
        ("mail", "530 5.7.0 log in first", Outcome.AGAIN, Fault.UNAUTHORISED, "530 5.7.0"),
        ("mail", "553 5.7.1 not your address", Outcome.AGAIN, Fault.UNAUTHORISED, "553 5.7.1"),
        ("rcpt", "553 5.1.8 sender's domain not found", Outcome.AGAIN, Fault.UNAUTHORISED, "553 5.1.8"),
    ],
)
def test_each_refusal_has_its_meaning(
    office: PostOffice, post: Sender, step: str, answer: Answer, outcome: Outcome, fault: Fault | None, detail: str
):
    office.answer(step, answer)
    assert post.send(message()) == Delivery(outcome, fault=fault, detail=detail)
    assert office.delivered == []


def test_after_a_refusal_the_next_mail_goes_out(office: PostOffice, post: Sender):
    office.answer("rcpt", "451 4.7.1 greylisted")
    assert post.send(message()).outcome is Outcome.AGAIN
    assert post.send(message()).outcome is Outcome.ACCEPTED
    assert office.connections == 1


def test_one_attempt_is_one_attempt(office: PostOffice, post: Sender):
    office.answer("rcpt", "451 greylisted", "451 greylisted")
    post.send(message())
    assert office.commands.count("rcpt") == 1


def test_nobody_listening_is_a_relay_that_is_away(office: PostOffice):
    office.leave()
    made = sender(office)
    assert once(made) == Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="connection_refused")


def test_a_relay_that_came_back_gets_the_next_mail(office: PostOffice, post: Sender):
    post.send(message())
    office.leave()
    assert post.send(message()).fault is Fault.UNAVAILABLE
    office.come_back()
    assert post.send(message()).outcome is Outcome.ACCEPTED


def test_a_name_that_no_host_has_is_a_relay_that_is_away(office: PostOffice, monkeypatch: pytest.MonkeyPatch):
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)  # the name service stands outside the house
    assert once(sender(office)) == Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="no_such_host")


# --- nobody knows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer, arrived", [(DROP, 0), (TAKE_AND_DROP, 1)])
def test_a_break_after_the_final_dot_leaves_it_unknown(office: PostOffice, post: Sender, answer: Answer, arrived: int):
    office.answer("end", answer)
    delivery = post.send(message())
    assert (delivery.outcome, delivery.fault, delivery.vendor_id) == (Outcome.UNKNOWN, Fault.UNCERTAIN, MESSAGE_ID)
    assert len(office.delivered) == arrived


def test_silence_after_the_final_dot_leaves_it_unknown(office: PostOffice):
    office.answer("end", SILENCE)
    delivery = once(sender(office, answer_timeout_seconds=0.3))
    assert (delivery.outcome, delivery.fault, delivery.vendor_id) == (Outcome.UNKNOWN, Fault.UNCERTAIN, MESSAGE_ID)


def test_an_answer_that_is_none_leaves_it_unknown(office: PostOffice, post: Sender):
    office.answer("end", "was war das")
    delivery = post.send(message())
    assert (delivery.outcome, delivery.vendor_id, delivery.detail) == (Outcome.UNKNOWN, MESSAGE_ID, "garbled")


def test_a_slow_yes_is_a_yes(office: PostOffice, post: Sender):
    office.answer("end", 0.5)
    assert post.send(message()).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("answer", [DROP, SILENCE])
def test_a_break_before_the_mail_left_is_tried_again(office: PostOffice, step: str, answer: Answer):
    office.answer(step, answer)
    delivery = once(sender(office, answer_timeout_seconds=0.3))
    assert (delivery.outcome, delivery.fault, delivery.vendor_id) == (Outcome.AGAIN, Fault.UNAVAILABLE, None)


def test_a_break_in_the_middle_of_a_long_mail_is_tried_again(office: PostOffice, post: Sender, tmp_path: Path):
    office.answer("body", DROP)
    delivery = post.send(heavy(tmp_path))
    assert (delivery.outcome, delivery.fault, delivery.vendor_id) == (Outcome.AGAIN, Fault.UNAVAILABLE, None)
    assert office.delivered == []


def test_after_a_break_the_next_mail_goes_out(office: PostOffice, post: Sender):
    office.answer("end", DROP)
    post.send(message())
    assert post.send(message()).outcome is Outcome.ACCEPTED


# --- what this relay cannot carry ----------------------------------------------------------------------------------------


def test_a_mail_over_the_relays_limit_is_refused_before_it_is_sent(tmp_path: Path):
    with PostOffice(size_bytes=100_000) as small:
        delivery = once(sender(small), heavy(tmp_path))
        assert (delivery.outcome, delivery.fault, delivery.detail) == (Outcome.FAILED, Fault.REFUSED, "552 too_large")
        assert "mail" not in small.commands


def test_an_address_in_other_letters_needs_a_relay_that_knows_them(office: PostOffice, post: Sender):
    delivery = post.send(message(address="pök@contoh.test"))
    assert (delivery.outcome, delivery.fault, delivery.detail) == (Outcome.FAILED, Fault.REFUSED, "no_smtputf8")


def test_an_address_in_other_letters_goes_through_a_relay_that_knows_them():
    with PostOffice(smtputf8=True) as modern:
        assert once(sender(modern), message(address="pök@köta.test")).outcome is Outcome.ACCEPTED
        (delivered,) = modern.delivered
        assert delivered.rcpt_to == ("pök@xn--kta-sna.test",)
        assert "To: pök@xn--kta-sna.test".encode() in delivered.raw


def test_a_domain_in_other_letters_goes_through_every_relay(office: PostOffice, post: Sender):
    assert post.send(message(address="budi@köta.test")).outcome is Outcome.ACCEPTED
    assert office.delivered[0].rcpt_to == ("budi@xn--kta-sna.test",)


# --- protection and login ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security, implicit", [("starttls", False), ("tls", True)])
def test_the_mail_travels_protected_and_under_a_login(authority: Authority, security: str, implicit: bool):
    with PostOffice(tls=authority.server(), implicit=implicit, users={"lapor": "rahasia"}) as office:
        made = sender(office, security=security, ca=authority.ca, username="lapor", password="rahasia")
        assert once(made).outcome is Outcome.ACCEPTED
        (delivered,) = office.delivered
        assert (delivered.tls, delivered.user) == (True, "lapor")


@pytest.mark.parametrize("security, implicit", [("starttls", False), ("tls", True)])
def test_a_certificate_that_nobody_vouches_for_stops_the_mail(authority: Authority, security: str, implicit: bool):
    with PostOffice(tls=authority.server(), implicit=implicit, users={"lapor": "rahasia"}) as office:
        made = sender(office, security=security, username="lapor", password="rahasia")
        assert once(made) == Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="certificate")
        assert office.delivered == []


def test_a_certificate_of_another_host_stops_the_mail(tmp_path: Path):
    other = establish(tmp_path, name="lain.test")
    with PostOffice(tls=other.server()) as office:
        made = sender(office, security="starttls", ca=other.ca)
        assert once(made).detail == "certificate"


def test_without_the_starttls_that_was_asked_for_nothing_is_sent(office: PostOffice):
    made = sender(office, security="starttls")
    assert once(made) == Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="no_starttls")
    assert "mail" not in office.commands


def test_a_wrong_password_needs_the_operator():
    with PostOffice(users={"lapor": "rahasia"}) as office:
        delivery = once(sender(office, username="lapor", password="salah"))
        assert delivery == Delivery(Outcome.AGAIN, fault=Fault.UNAUTHORISED, detail="535 5.7.8")


@pytest.mark.parametrize("users, password, detail", [({}, "rahasia", "no_login"), ({"lapor": "x"}, "råhasia", "credentials")])
def test_a_login_that_cannot_be_made_needs_the_operator(users: dict[str, str], password: str, detail: str):
    with PostOffice(users=users) as office:
        delivery = once(sender(office, username="lapor", password=password))
        assert delivery == Delivery(Outcome.AGAIN, fault=Fault.UNAUTHORISED, detail=detail)


# --- check and close -----------------------------------------------------------------------------------------------------


def test_the_check_greets_and_logs_in_and_sends_nothing():
    with PostOffice(users={"lapor": "rahasia"}) as office:
        made = sender(office, username="lapor", password="rahasia")
        (line,) = made.check()
        made.close()
        assert line.ok
        assert "mail" not in office.commands


@pytest.mark.parametrize("password, advice", [("salah", "relay.username and relay.password"), ("rahasia", "relay.port")])
def test_a_failed_check_says_which_setting_to_look_at(password: str, advice: str):
    with PostOffice(users={"lapor": "rahasia"}) as office:
        if password == "rahasia":
            office.leave()
        made = sender(office, username="lapor", password=password)
        (line,) = made.check()
        made.close()
        assert not line.ok
        assert advice in line.message
        assert password not in line.message


def test_a_password_that_would_cross_the_network_in_the_clear_is_said(monkeypatch: pytest.MonkeyPatch):
    with PostOffice(users={"lapor": "rahasia"}) as office:
        here = socket.getaddrinfo(office.host, office.port, type=socket.SOCK_STREAM)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)  # the name service stands outside the house
        made = sender(office, host="relay.kota.test", username="lapor", password="rahasia")
        (line,) = made.check()
        made.close()
    assert not line.ok
    assert "in the clear" in line.message


def test_a_missing_file_of_the_authority_is_named(office: PostOffice, tmp_path: Path):
    made = sender(office, security="starttls", ca=tmp_path / "none.pem")
    (line,) = made.check()
    assert not line.ok
    assert "relay.ca" in line.message
    assert once(made).fault is Fault.UNAVAILABLE


def test_after_closing_nothing_is_sent(office: PostOffice, post: Sender):
    post.send(message())
    post.close()
    post.close()
    assert post.send(message()) == Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="closed")
    assert len(office.delivered) == 1

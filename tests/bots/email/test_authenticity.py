"""Who is believed: the office's own MTA and nobody who writes in its name, and a signature of the author's own domain."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bots.email.authenticity import affordable
from bots.email.results import aligned, verdict_of
from tests.bots.email.listening import SITI, Listening, mail
from tests.bots.email.nameserver import NameServer

MX = "mx.example.go.id"
DOMAIN = SITI.partition("@")[2]


# --- the word of the office's own MTA (RFC 8601)


@pytest.mark.parametrize(
    "header, result",
    [
        (f"{MX}; dkim=pass header.d=warga.example.com", "pass"),
        (f"{MX}; dkim=pass header.d=example.com header.s=k1", "pass"),
        (f"{MX}; dkim=pass header.i=@warga.example.com", "pass"),
        (f"{MX.upper()} 1;\tDKIM = Pass (2048-bit key)  header.d = Warga.Example.COM", "pass"),
        (f"{MX}; spf=pass smtp.mailfrom=siti@warga.example.com", "pass"),
        (f"{MX}; dmarc=pass (p=none) header.from=warga.example.com", "pass"),
        (f"{MX}; dkim=fail header.d=warga.example.com; spf=pass smtp.mailfrom=warga.example.com", "pass"),
        (f"{MX}; dkim=fail (bad signature) header.d=warga.example.com", "fail"),
        (f"{MX}; dmarc=fail header.from=warga.example.com", "fail"),
        (f"{MX}; spf=fail smtp.mailfrom=warga.example.com", "none"),  # a forwarder is no forger
        (f"{MX}; none", "none"),
        (f"{MX}", "none"),
        (f"{MX}; dkim=pass header.d=com", "none"),
        (f"{MX}; dkim=pass header.d=jahat.example.net", "none"),
        (f"{MX}; dkim=pass header.d=x.warga.example.com", "none"),
        (f"{MX}; dkim=pass header.d=notwarga.example.com", "none"),
        (f"{MX}; dkim=pass", "none"),
        (f"{MX}; spf=pass smtp.helo=warga.example.com", "none"),
        (f"{MX}; dmarc=pass header.from=jahat.example.net", "none"),
        (f"{MX}; dkim=passing header.d=warga.example.com", "none"),
        (f"{MX}; iprev=pass policy.iprev=192.0.2.1", "none"),
        (f'{MX}; spf=fail reason="; dkim=pass header.d=warga.example.com" smtp.mailfrom=x.id', "none"),
        (f"{MX}; spf=fail (; dkim=pass header.d=warga.example.com) smtp.mailfrom=x.id", "none"),
        (f"{MX}; dkim=pass (header.d=warga.example.com) header.d=x.id", "none"),
        ("mx.example.go.id.jahat.net; dkim=pass header.d=warga.example.com", None),
        (f"({MX}) jahat.net; dkim=pass header.d=warga.example.com", None),
        (f"jahat.net; x={MX}; dkim=pass header.d=warga.example.com", None),
        ("", None),
        ("(" * 9000, None),
        ('"' * 9000, None),
    ],
)
def test_what_an_mta_wrote_is_read_as_it_was_meant(header: str, result: str | None) -> None:
    verdict = verdict_of([header], MX, SITI)
    assert (verdict and verdict.result) == result


def test_only_the_topmost_header_of_our_mta_counts() -> None:
    ours, forged = f"{MX}; dkim=none", f"{MX}; dkim=pass header.d=warga.example.com"
    other = "mx.lain.net; dkim=pass header.d=warga.example.com"
    assert verdict_of([other, ours, forged], MX, SITI) == verdict_of([ours], MX, SITI)
    verdict = verdict_of([forged, ours], MX, SITI)
    assert verdict is not None
    assert verdict.result == "pass"


@pytest.mark.parametrize(
    "signer, author, may",
    [
        ("dinas.example.go.id", "a@dinas.example.go.id", True),
        ("example.go.id", "a@dinas.example.go.id", True),
        ("Example.GO.id.", "a@example.go.id", True),
        ("gmail.com", "a@gmail.com", True),
        ("go.id", "a@example.go.id", False),
        ("co.id", "a@toko.co.id", False),
        ("com.au", "a@shop.com.au", False),
        ("id", "a@example.id", False),
        ("com", "a@gmail.com", False),
        ("", "a@gmail.com", False),
        (".gmail.com", "a@gmail.com", False),
        ("mail.gmail.com", "a@gmail.com", False),
        ("mail.com", "a@gmail.com", False),
        ("example.com", "a@badexample.com", False),
    ],
)
def test_only_a_domain_of_ones_own_speaks_for_an_address(signer: str, author: str, may: bool) -> None:
    assert aligned(signer, author) is may


def test_the_mtas_word_counts_only_where_it_brings_the_mail_itself() -> None:
    said = mail(Authentication_Results=f"{MX}; dkim=pass header.d=warga.example.com")
    settings = {"authserv_id": MX}
    with Listening(authenticity=settings) as behind, Listening(authenticity=settings, trusted_peers=[]) as open_to_all:
        behind.send(said)
        open_to_all.send(said)
        assert [envelope.auth for envelope in behind.envelopes()] == ["pass"]
        assert [envelope.auth for envelope in open_to_all.envelopes()] == ["none"]


def test_without_a_name_for_it_no_such_header_is_believed() -> None:
    with Listening() as server:
        server.send(mail(Authentication_Results="lapor.example.id; dkim=pass header.d=warga.example.com"))
        assert [envelope.auth for envelope in server.envelopes()] == ["none"]


@pytest.mark.parametrize(
    "senders",
    [
        b"From: siti@warga.example.com\r\nFrom: budi@warga.example.com\r\n",
        b"From: siti@warga.example.com, budi@warga.example.com\r\n",
        b"From: siti@warga.example.com\r\nFROM:\r\n budi@warga.example.com\r\n",
        b"Subject: tanpa pengirim\r\n",
    ],
)
def test_a_mail_of_two_authors_or_none_is_proven_by_nothing(senders: bytes) -> None:
    said = f"Authentication-Results: {MX}; dmarc=pass header.from=warga.example.com\r\n".encode()
    with Listening(authenticity={"authserv_id": MX}) as server:
        server.send(said + senders + b"\r\nisi\r\n")
        assert [envelope.auth for envelope in server.envelopes()] == ["none"]


# --- signatures (RFC 6376)


@cache
def key(bits: int) -> tuple[bytes, str]:
    """A private key in PEM and its record in the DNS."""
    made = rsa.generate_private_key(65537, bits)
    private = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = made.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def signed(content: bytes, domain: str = DOMAIN, *, selector: str = "k1", bits: int = 2048, **more: object) -> bytes:
    """The mail with the signature of that domain on top."""
    header: bytes = dkim.sign(content, selector.encode(), domain.encode(), key(bits)[0], **more)
    return header + content


@pytest.fixture
def dns() -> Iterator[NameServer]:
    """The keys of warga.example.com and of a stranger."""
    with NameServer() as server:
        for domain in (DOMAIN, "example.com", "jahat.example.net"):
            server.records[f"k1._domainkey.{domain}"] = key(2048)[1]
        yield server


def judged(dns: NameServer, content: bytes, **settings: object) -> tuple[str, str]:
    """How the mail is judged on its way through the real server."""
    authenticity = {"nameservers": [dns.address], "dns_timeout_seconds": 0.5} | settings
    with Listening(authenticity=authenticity) as server:
        server.send(content)
        (envelope,) = server.envelopes()
        assert server.mails() == [content]
        return envelope.auth, envelope.auth_domain


def test_a_signature_of_the_authors_domain_proves_the_author(dns: NameServer) -> None:
    assert judged(dns, signed(mail())) == ("pass", DOMAIN)


@pytest.mark.parametrize("canonical", [b"simple", b"relaxed"])
def test_both_canonical_forms_are_understood(dns: NameServer, canonical: bytes) -> None:
    assert judged(dns, signed(mail("dua  spasi \r\n\r\n"), canonicalize=(canonical, canonical)))[0] == "pass"


def test_a_parent_domain_may_sign(dns: NameServer) -> None:
    assert judged(dns, signed(mail(), "example.com")) == ("pass", "example.com")


def test_the_authors_signature_is_found_below_strangers_ones(dns: NameServer) -> None:
    content = signed(signed(signed(mail()), "jahat.example.net"), "jahat.example.net")
    assert judged(dns, content)[0] == "pass"


def test_a_strangers_signature_proves_nothing_and_costs_no_question(dns: NameServer) -> None:
    assert judged(dns, signed(mail(), "jahat.example.net")) == ("none", "")
    assert not dns.asked


@pytest.mark.parametrize(
    "old, new",
    [(b"Jalan rusak di depan", b"Jalan bagus di depan"), (b"Siti <", b"Sita <"), (b"Subject: Jalan", b"Subject: Jelan")],
)
def test_what_was_changed_on_the_way_is_not_proven(dns: NameServer, old: bytes, new: bytes) -> None:
    content = signed(mail())
    assert old in content
    assert judged(dns, content.replace(old, new))[0] != "pass"


def test_a_second_from_line_above_a_signed_one_proves_nothing(dns: NameServer) -> None:
    assert judged(dns, b"From: budi@warga.example.com\r\n" + signed(mail()))[0] == "none"
    assert judged(dns, signed(mail()).replace(b"\r\n\r\n", b"\r\nFrom: budi@warga.example.com\r\n\r\n", 1))[0] == "none"


def test_a_signature_over_a_part_of_the_text_proves_nothing(dns: NameServer) -> None:
    content = signed(mail(), length=True)
    assert b"l=" in content
    assert judged(dns, content + b"ditambahkan orang lain\r\n")[0] != "pass"
    assert judged(dns, content)[0] != "pass"


def test_a_signature_that_leaves_the_author_out_proves_nothing(dns: NameServer) -> None:
    with pytest.raises(dkim.ParameterError):
        signed(mail(), include_headers=[b"subject"])
    content = signed(mail()).replace(b"from :", b"").replace(b": from", b"").replace(b":from", b"")
    assert judged(dns, content)[0] != "pass"


def test_sha1_is_not_believed(dns: NameServer) -> None:
    assert judged(dns, signed(mail(), signature_algorithm=b"rsa-sha1"))[0] != "pass"


@pytest.mark.parametrize(
    "signature",
    [
        b"DKIM-Signature: \r\n",
        b"DKIM-Signature: d=warga.example.com\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=warga.example.com; s=k1; h=from; bh=!!!; b=\xff\xfe\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=warga.example.com; s=" + b"a" * 300 + b"; h=from; bh=AA==; b=AA==\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=warga.example.com; s=..; h=from; bh=AA==; b=AA==\r\n",
        b"DKIM-Signature: v=1;; ==; d=warga.example.com; l=9999999999999; s=k1; h=:; bh=AA==; b=AA==\r\n",
        b"DKIM-Signature: d=warga.example.com;" * 500 + b"\r\n",
        b"DKIM-Signature: d=warga.example.com; s=k1\r\n" * 500,
    ],
)
def test_a_malformed_signature_proves_nothing_and_breaks_nothing(dns: NameServer, signature: bytes) -> None:
    assert judged(dns, signature + mail())[0] != "pass"


@pytest.mark.parametrize(
    "record", ["", "v=DKIM1; p=", "v=DKIM1; k=rsa; p=AAAA", "bukan kunci", "v=DKIM1; k=apa; p=AAAA", "\\255\\000"]
)
def test_a_key_that_is_none_proves_nothing(dns: NameServer, record: str) -> None:
    dns.records[f"k1._domainkey.{DOMAIN}"] = record
    assert judged(dns, signed(mail()))[0] != "pass"


def test_a_key_that_is_not_there_proves_nothing(dns: NameServer) -> None:
    assert judged(dns, signed(mail(), selector="lain"))[0] != "pass"


def test_a_silent_name_server_delays_one_mail_a_little_and_proves_nothing(dns: NameServer) -> None:
    dns.silent = True
    settings = {"nameservers": [dns.address], "dns_timeout_seconds": 0.3}
    with Listening(authenticity=settings) as server:
        began = time.monotonic()
        for number in range(5):
            server.send(signed(mail(Message_ID=f"<{number}@x>")))
        assert time.monotonic() - began < 2
        assert [envelope.auth for envelope in server.envelopes()] == ["none"] * 5


def test_a_key_is_asked_for_once(dns: NameServer) -> None:
    with Listening(authenticity={"nameservers": [dns.address]}) as server:
        for number in range(5):
            server.send(signed(mail(Message_ID=f"<{number}@x>")))
        assert [envelope.auth for envelope in server.envelopes()] == ["pass"] * 5
    assert dns.asked == {f"k1._domainkey.{DOMAIN}": 1}


def test_what_the_mta_said_is_not_checked_again(dns: NameServer) -> None:
    content = f"Authentication-Results: {MX}; dkim=none\r\n".encode() + signed(mail())
    assert judged(dns, content, authserv_id=MX)[0] == "none"
    assert not dns.asked


def test_signatures_are_not_looked_at_where_the_office_does_not_want_it(dns: NameServer) -> None:
    assert judged(dns, signed(mail()), dkim=False)[0] == "none"
    assert not dns.asked


def test_a_mail_made_of_blanks_is_not_checked_for_minutes(dns: NameServer) -> None:
    began = time.monotonic()
    assert judged(dns, signed(mail("x"))[:-2] + b" " * 2_000_000 + b"\r\n")[0] == "none"
    assert judged(dns, signed(mail("x"))[:-2] + b"\t" * 2_000_000 + b"\r\n")[0] == "none"
    assert time.monotonic() - began < 5
    assert affordable(mail("biasa  saja " * 1000))

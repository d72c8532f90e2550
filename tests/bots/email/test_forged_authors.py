"""What somebody tries who is another than he says: with signatures, with words in headers, with a name server of his own."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bots.email import Authenticity, authenticity, headers
from bots.email.authenticity import Proof
from bots.email.keys import Keys, Unanswered, owner_of
from bots.email.results import NONE, Verdict, aligned, verdict_of
from tests.bots.email.nameserver import NameServer

SITI = "siti@warga.example.com"
MTA = "mx.kota.go.id"
KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
RECORD = "v=DKIM1; k=rsa; p=" + base64.b64encode(PUBLIC).decode()
MAIL = (
    b"From: Siti <siti@warga.example.com>\r\nTo: lapor@lapor.example.id\r\nSubject: Jalan rusak\r\n"
    b"Date: Tue, 3 Mar 2026 09:00:00 +0700\r\nMessage-ID: <a1@warga.example.com>\r\n\r\nJalan rusak di depan pasar.\r\n"
)
SIGNED = (b"from", b"to", b"subject", b"date", b"message-id")


def signed(raw: bytes, domain: str = "warga.example.com", names: tuple[bytes, ...] = SIGNED, *, length: bool = False) -> bytes:
    """The mail under a signature of that domain."""
    seal = dkim.sign(raw, b"s1", domain.encode(), PEM, include_headers=names, length=length)
    return bytes(seal) + raw


@pytest.fixture(scope="module")
def dns() -> Iterator[NameServer]:
    domains = ("warga.example.com", "example.com", "com", "penyerang.id", "co.id", "anak.warga.example.com")
    with NameServer() as one:
        one.records = {f"s1._domainkey.{domain}": RECORD for domain in domains}
        one.silent_domains, one.broken_domains = ("bisu.id", "diam.id", "sepi.id"), ("rusak.id",)
        yield one


@pytest.fixture
def proof(dns: NameServer) -> Proof:
    settings = Authenticity(nameservers=(dns.address,), dns_timeout_seconds=0.2)
    return Proof(settings, Keys(settings.nameservers, settings.dns_timeout_seconds))


def judged(proof: Proof, raw: bytes) -> Verdict:
    """As the reception does it."""
    message = headers.read(raw)
    author = headers.sender_of(message)
    told = proof.told(message, author, from_own_mta=False)
    return told if told is not None or author is None else proof.examined(raw, message, author)


# --- signatures


@pytest.mark.parametrize("domain", ["penyerang.id", "com", "anak.warga.example.com"])
def test_another_domains_signature_proves_nothing(proof: Proof, domain: str) -> None:
    assert judged(proof, signed(MAIL, domain)) == NONE


@pytest.mark.parametrize(
    "line",
    [
        b"From: ketua@kota.go.id",
        b"From: siti@warga.example.com",
        b"Subject: BATAL K7M4-2QXT-9",
        b"To: orang.lain@example.net",
        b"Date: Wed, 4 Mar 2026 09:00:00 +0700",
        b"Message-ID: <b2@warga.example.com>",
    ],
)
def test_a_second_line_of_what_stands_once_is_anothers_word(proof: Proof, line: bytes) -> None:
    """RFC 6376 §8.15: the signature still holds, because it covers the lowest one."""
    assert judged(proof, line + b"\r\n" + signed(MAIL)) == NONE


def test_a_signature_that_leaves_out_to_whom_it_was_written_proves_nothing(proof: Proof) -> None:
    elsewhere = MAIL.replace(b"lapor@lapor.example.id", b"penyerang@example.net")
    raw = signed(elsewhere, names=(b"from", b"subject", b"date"))
    assert judged(proof, raw.replace(b"penyerang@example.net", b"lapor@lapor.example.id")).result == "fail"


def test_two_authors_in_one_line_are_not_one(proof: Proof) -> None:
    assert judged(proof, signed(MAIL.replace(b"Siti <", b"ketua@kota.go.id, Siti <"))) == NONE


@pytest.mark.parametrize(
    "line",
    [
        b'From: "siti@warga.example.com" <budi@penyerang.id>',
        b"From: siti@warga.example.com <budi@penyerang.id>",
        b"From: budi@penyerang.id (siti@warga.example.com)",
        b"From: =?utf-8?q?siti=40warga=2Eexample=2Ecom?= <budi@penyerang.id>",
        b"From: <siti@warga.example.com>: ; <budi@penyerang.id>",
        b"From: warga: siti@warga.example.com, budi@penyerang.id;",
        "From: siti@w\u0430rga.example.com".encode(),
    ],
)
def test_no_spelling_of_from_lends_a_stranger_her_name(proof: Proof, line: bytes) -> None:
    raw = signed(line + MAIL[MAIL.index(b"\r\n") :], "penyerang.id")
    verdict, author = judged(proof, raw), headers.sender_of(headers.read(raw))
    assert verdict.result != "pass" or author == "budi@penyerang.id"


# --- what a signature may cost


def rsa_record(bits: int) -> str:
    """A key whose exponent is as long as its modulus."""

    def der(tag: int, content: bytes) -> bytes:
        size = len(content)
        count = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
        return bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x80 + len(count)]) + count) + content

    numbers = [der(2, value.to_bytes(bits // 8 + 1, "big")) for value in ((1 << bits) - 1, (1 << (bits - 1)) - 1)]
    algorithm = der(0x30, der(6, bytes.fromhex("2a864886f70d010101")) + der(5, b""))
    key = der(0x30, algorithm + der(3, b"\0" + der(0x30, b"".join(numbers))))
    return "p=" + base64.b64encode(key).decode()


def test_a_key_of_a_stranger_costs_no_more_than_a_moment(dns: NameServer, proof: Proof) -> None:
    """Without a limit this power takes 3 s in which no other thread runs; a TXT record has room for 17 times as many bits."""
    dns.records["s1._domainkey.berat.id"] = rsa_record(11_200)
    raw = signed(MAIL.replace(SITI.encode(), b"a@berat.id"), "berat.id")
    began = time.monotonic()
    assert judged(proof, raw).result == "fail"
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    "hostile",
    [
        b"DKIM-Signature: v=1; a=rsa-sha256; d=warga.example.com; s=s1; h=from:to; bh=%s; b=YQ=="
        + b"\r\n " * 15_000
        + b"; z=@\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=warga.example.com; s=s1; h=from" + b":to" * 60_000 + b"; bh=%s; b=YQ==\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=warga.example.com; s=s1; h=from:to; bh=%s; b=YQ==\r\n" + b"X:\r\n" * 50_000,
    ],
)
def test_a_signature_made_to_be_slow_is_not_looked_at(proof: Proof, hostile: bytes) -> None:
    body = signed(MAIL).split(b"bh=")[1].split(b";")[0]
    began = time.monotonic()
    assert judged(proof, hostile.replace(b"%s", body) + MAIL).result != "pass"
    assert time.monotonic() - began < 2


def test_a_mail_of_ten_million_lines_is_not_taken_apart_for_its_signature() -> None:
    assert not authenticity.affordable(MAIL + b"\n" * 10_000_000)
    assert authenticity.affordable(MAIL + (b"a" * 76 + b"\r\n") * 300_000)


# --- the name service


def test_one_domain_that_never_answers_does_not_silence_the_others(dns: NameServer, proof: Proof) -> None:
    for sender in (b"a@bisu.id", b"b@surat.bisu.id"):
        assert judged(proof, signed(MAIL.replace(SITI.encode(), sender), "bisu.id")) == NONE
    assert dns.asked["s1._domainkey.bisu.id"] == 1
    assert judged(proof, signed(MAIL)).result == "pass"


def test_a_name_service_that_is_away_is_left_alone_for_a_while(dns: NameServer) -> None:
    moment = [0.0]
    keys = Keys((dns.address,), 0.2, clock=lambda: moment[0])
    for owner in (b"bisu.id", b"diam.id", b"sepi.id"):
        with pytest.raises(Unanswered):
            keys.txt(b"s1._domainkey." + owner)
    with pytest.raises(Unanswered):
        keys.txt(b"s1._domainkey.penyerang.id")
    moment[0] += 11
    assert keys.txt(b"s1._domainkey.penyerang.id") == RECORD.encode()
    assert keys.txt(b"s1._domainkey.kosong.id") is None


def test_a_name_server_that_is_broken_says_nothing_about_the_key_and_is_asked_again(dns: NameServer) -> None:
    keys = Keys((dns.address,), 1.0)
    for _ in range(2):
        with pytest.raises(Unanswered):
            keys.txt(b"s1._domainkey.rusak.id")
    assert dns.asked["s1._domainkey.rusak.id"] >= 2
    assert keys.txt(b"s1._domainkey.penyerang.id") == RECORD.encode()


@pytest.mark.parametrize(
    "name, owner",
    [
        ("s._domainkey.a.b.c.id", "c.id"),
        ("s._domainkey.x.kota.go.id", "kota.go.id"),
        ("id", "id"),
        ("s.example.com.", "example.com"),
    ],
)
def test_a_name_belongs_to_its_shortest_own_ending(name: str, owner: str) -> None:
    assert owner_of(name) == owner


# --- the word of our own mail server (RFC 8601)


@pytest.mark.parametrize(
    "said",
    [
        "dkim=pass header.d=warga.example.com",
        "dkim=pass header.i=@warga.example.com header.s=s1",
        "spf=pass smtp.mailfrom=siti@warga.example.com",
        'spf=pass smtp.mailfrom="siti a"@warga.example.com',
        "dmarc=pass (p=none; dis=none) header.from=warga.example.com",
        "spf=fail smtp.mailfrom=list.example.net; dkim=pass (2048-bit key) header.d=example.com",
    ],
)
def test_what_our_mail_server_proves(said: str) -> None:
    verdict = verdict_of([f"{MTA}; {said}"], MTA, SITI)
    assert verdict is not None
    assert verdict.result == "pass"


@pytest.mark.parametrize(
    "said",
    [
        'spf=pass smtp.mailfrom="siti@warga.example.com"@penyerang.id',
        'spf=pass smtp.mailfrom="x\\"; dkim=pass header.d=warga.example.com; y="@penyerang.id',
        'spf=pass smtp.mailfrom="x; dkim=pass header.d=warga.example.com; y"@penyerang.id',
        'dkim=pass reason="header.d=warga.example.com" header.d=penyerang.id',
        'dkim=pass header.i="x header.d=warga.example.com"@penyerang.id',
        'dkim=pass header.i="header.d=warga.example.com',
        "dkim=pass (header.d=warga.example.com) header.d=penyerang.id",
        "spf=pass (a) dkim=pass (header.d=warga.example.com",
        "dkim=fail; x-dkim=pass header.d=warga.example.com",
        "dkim=pass header.d=co.id",
        "dkim=pass header.d=com",
        "dkim=pass header.d=notwarga.example.com",
        "dkim=pass header.d=anak.warga.example.com",
        "dmarc=pass header.from=penyerang.id",
        "dmarc=pass header.from=example.com",
        "arc=pass header.d=warga.example.com",
        "dkim=passable header.d=warga.example.com",
    ],
)
def test_words_that_a_stranger_may_put_there_prove_nothing(said: str) -> None:
    verdict = verdict_of([f"{MTA}; {said}"], MTA, SITI)
    assert verdict is None or verdict.result != "pass"


def test_only_the_topmost_header_of_our_own_counts() -> None:
    forged = f"{MTA}; dkim=pass header.d=warga.example.com"
    assert verdict_of([f"{MTA}; dkim=none", forged], MTA, SITI) == NONE
    assert verdict_of(["mx.penyerang.id; dkim=pass header.d=warga.example.com"], MTA, SITI) is None
    assert verdict_of([f"({MTA}) mx.penyerang.id; dkim=pass header.d=warga.example.com"], MTA, SITI) is None
    folded = headers.values(
        headers.read(f"Authentication-Results:\r\n {MTA};\r\n\tdkim=none\r\n\r\n".encode()), "Authentication-Results"
    )
    assert verdict_of([*folded, forged], MTA, SITI) == NONE


def test_the_word_of_a_mail_server_that_is_not_ours_is_not_asked_for(dns: NameServer) -> None:
    settings = Authenticity(authserv_id=MTA, dkim=False, nameservers=(dns.address,))
    own = Proof(settings, Keys(settings.nameservers, 0.2))
    message = headers.read(f"Authentication-Results: {MTA}; dkim=pass header.d=warga.example.com\r\n".encode() + MAIL)
    assert own.told(message, SITI, from_own_mta=False) == NONE
    told = own.told(message, SITI, from_own_mta=True)
    assert told is not None
    assert told.result == "pass"


@pytest.mark.parametrize("shared", ["co.id", "go.id", "or.id", "my.id", "web.id", "desa.id", "com.au", "id", "com", "", ".id"])
def test_a_name_under_which_anybody_registers_speaks_for_nobody(shared: str) -> None:
    assert not aligned(shared, f"budi@warung.{shared}")

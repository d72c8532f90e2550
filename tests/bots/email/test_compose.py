"""What stands in a mail of ours: read back with the standard library, as any reading programme would."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.email.compose import compose, plain
from core.channels import Outbound, OutFile, Surroundings
from tests.bots.email.postoffice import words
from tests.bots.email.sending import KEY, MESSAGE_ID, MONDAY, OURS, SITI, TOKENS, message, settings, sign

HOSTILE = "Jalan\r\nBcc: korban@contoh.test\r\n\r\n<script>alert(1)</script>\0\u202eterbalik\ud800"
LONG_ID = "CAF" + "x1" * 60 + "@mail.penyedia-surat.contoh.test"


def raw(outbound: Outbound, name: str | None = "Kota Contoh") -> bytes:
    around = Surroundings(office=name or "", sign=sign)
    return compose(outbound, settings(), around, lambda: MONDAY).as_bytes()


def read(outbound: Outbound, name: str | None = "Kota Contoh") -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(raw(outbound, name), policy=policy.default))


# --- the envelope's words ------------------------------------------------------------------------------------------------


def test_who_writes_to_whom_about_what_and_when():
    mail = read(message(subject="[K7M4-2QXT-9] Laporan Anda"))
    assert getaddresses([mail["From"]]) == [("Kota Contoh", OURS)]
    assert mail["To"] == SITI
    assert mail["Subject"] == "[K7M4-2QXT-9] Laporan Anda"
    assert parsedate_to_datetime(mail["Date"]) == MONDAY
    assert mail["Message-ID"] == f"<{MESSAGE_ID}>"
    assert mail["Content-Language"] == "id"


def test_an_answer_comes_back_with_the_readers_proof():
    assert read(message())["Reply-To"] == TOKENS.reply_address(KEY, SITI)


def test_without_a_subject_the_mail_is_called_by_the_office():
    assert read(message())["Subject"] == "Kota Contoh"
    assert read(message(), name=None)["Subject"] == OURS


def test_machines_are_told_that_a_machine_wrote():  # RFC 3834 §5
    assert read(message())["Auto-Submitted"] == "auto-generated"
    assert read(message(in_reply_to="abc@contoh.test#ff"))["Auto-Submitted"] == "auto-replied"


def test_machines_are_asked_to_be_quiet_but_for_bounces():  # MS-OXCMAIL §2.1.3.2.20
    quiet = read(message())["X-Auto-Response-Suppress"].split(", ")
    assert {"OOF", "AutoReply"} <= set(quiet)
    assert not {"NDR", "All"} & set(quiet)


@pytest.mark.parametrize("header", ["Bcc", "Cc", "List-Id", "List-Unsubscribe", "Precedence", "Sender", "Return-Path"])
def test_what_has_no_place_in_case_mail(header: str):
    assert read(message(HOSTILE, subject=HOSTILE))[header] is None


# --- threads -------------------------------------------------------------------------------------------------------------


def test_an_answer_names_what_it_answers_and_its_report():
    mail = read(message(in_reply_to="abc@contoh.test#0123", thread="report:7"))
    assert mail["In-Reply-To"] == "<abc@contoh.test>"
    root, parent = mail["References"].split()
    assert parent == "<abc@contoh.test>"
    assert re.fullmatch(r"<thread\.[0-9a-f]{32}@kota\.test>", root)


def test_mails_about_one_report_have_one_root_and_others_another():
    roots = [read(message(thread=thread))["References"] for thread in ("report:7", "report:7", "report:8")]
    assert roots[0] == roots[1] != roots[2]
    assert "report:7" not in roots[0]
    assert TOKENS.key_of(roots[0]) is None


def test_a_long_message_id_is_never_broken_or_encoded():
    sent = raw(message(in_reply_to=f"{LONG_ID}#ff", thread="report:7"))
    assert f"In-Reply-To: <{LONG_ID}>\r\n".encode() in sent
    assert f"\r\n <{LONG_ID}>\r\n".encode() in sent
    assert max(len(line) for line in sent.split(b"\r\n")) <= 998  # RFC 5322 §2.1.1


@pytest.mark.parametrize(
    "strange", ["#ff", "", "a b@c#ff", "a@b>\r\nBcc: x@y#ff", "ü@b#ff", "x" * 300 + "@y#ff", "<>#ff", "nohash"]
)
def test_a_message_id_that_is_none_is_left_out(strange: str):
    mail = read(message(in_reply_to=strange))
    assert mail["In-Reply-To"] is mail["References"] is mail["Bcc"] is None


# --- the text ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Sudah saya catat.",
        "Dua baris\ndan\n\nsatu lagi",
        "Ibu Núñez “menulis” – €5 😀 " + "panjang " * 300,
        "x" * 20_000,
        "😀" * 20_000,
        "From the beginning\nFrom again\n.\n..",
        "tab\tdan  dua spasi  \nspasi di akhir ",
        "=?utf-8?q?bukan?= =20 =",
        "\u202elaporan\u200f",
    ],
)
def test_the_plain_text_is_what_the_office_said(text: str):
    assert words(read(message(text))) == text


def test_a_null_and_half_a_character_do_not_travel():
    assert words(read(message("a\0b\ud800c\r\nd\re"))) == "ab\ufffdc\nd\ne"


def test_lines_on_the_wire_are_short_and_end_as_mail_does():
    sent = raw(message("Ibu Núñez " * 1900 + "\n" + "y" * 900))
    assert b"\n" not in sent.replace(b"\r\n", b"")
    assert b"\r" not in sent.replace(b"\r\n", b"")
    assert max(len(line) for line in sent.partition(b"\r\n\r\n")[2].split(b"\r\n")) <= 76  # RFC 2045 §6.7
    assert sent.isascii()


def test_plain_text_stands_before_the_page():
    mail = read(message())
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("text, code", [("x" * 20_001, "text_too_long"), (" \n\0", "empty")])
def test_what_can_never_be_sent_is_said_by_a_code(text: str, code: str):
    with pytest.raises(ValueError, match=f"^{code}$"):
        raw(message(text))


@given(st.text(max_size=200))
def test_any_text_arrives(text: str):
    if plain(text).strip():
        assert words(read(message(text))) == plain(text)


# --- hostile words -------------------------------------------------------------------------------------------------------


def test_no_word_becomes_a_header():
    mail = read(message(HOSTILE, subject=HOSTILE, in_reply_to=HOSTILE, thread=HOSTILE, language=HOSTILE), name=HOSTILE)
    expected = {"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted",
                "X-Auto-Response-Suppress", "MIME-Version", "Content-Type", "Content-Language"}  # fmt: skip
    assert set(mail.keys()) == expected
    assert "Bcc: korban@contoh.test" in mail["Subject"]
    assert "\u202e" not in mail["Subject"]
    assert mail["Content-Language"] == "id"
    assert not mail.defects


@given(st.text(max_size=400), st.text(max_size=200))
def test_any_subject_and_any_name_stay_one_header(subject: str, name: str):
    mail = read(message(subject=subject), name=name)
    assert len(mail.keys()) == 11
    assert [address for _, address in getaddresses([mail["From"]])] == [OURS]
    assert len(str(mail["Subject"])) <= 151


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Laporan [K7M4-2QXT-9]",
        "Pungli di SDN “Contoh” – Rp50.000",
        "=?utf-8?q?x?=",
        "kata " * 29 + "akhir",
        "é" * 150,
        "😀" * 100,
    ],
)
def test_a_subject_arrives_whole(subject: str):
    assert read(message(subject=subject))["Subject"] == subject


def test_a_subject_without_end_is_cut():
    subject = read(message(subject="x" * 100_000))["Subject"]
    assert len(subject) == 150
    assert subject.endswith("…")


@pytest.mark.parametrize(
    "name", ["LAPOR!-SP4N", 'Kota "Contoh", Dinas\\PU <x@y>', "Pemkot Naïve", "=?utf-8?q?x?=", "Dinas, Kota; (A)"]
)
def test_the_offices_name_arrives_as_it_is_written(name: str):
    assert getaddresses([read(message(), name=name)["From"]]) == [(name, OURS)]


@pytest.mark.parametrize(
    "address",
    ["", "siti", "@contoh.test", "siti@", "a b@contoh.test", "a@b@c.test", "siti@contoh.test\r\nRCPT TO:<x@y>",
     "\ud800@contoh.test", "<siti@contoh.test>",
     "siti@contoh.test,budi@contoh.test", "siti@con toh.test", '"a b"@contoh.test', "x" * 65 + "@contoh.test", "siti@\0.test"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str):
    with pytest.raises(ValueError, match=r"^address$"):
        raw(message(address=address))


# --- files ---------------------------------------------------------------------------------------------------------------


def test_files_go_along_as_they_are(tmp_path: Path):
    content = bytes(range(256)) * 50
    (tmp_path / "a").write_bytes(content)
    (tmp_path / "b").write_text("teks\nsaja\n.\n")
    files = (
        OutFile(tmp_path / "a", "foto jalan rusak é.jpg", "image/jpeg"),
        OutFile(tmp_path / "b", "catatan.txt", "text/plain"),
    )
    mail = read(message(files=files, subject="Berkas"))
    assert mail.get_content_type() == "multipart/mixed"
    assert words(mail) == "Sudah saya catat."
    first, second = mail.iter_attachments()
    assert (first.get_filename(), first.get_content_type()) == ("foto jalan rusak é.jpg", "image/jpeg")
    assert (first.get_payload(decode=True), second.get_payload(decode=True)) == (content, b"teks\nsaja\n.\n")


@pytest.mark.parametrize(
    "name, safe",
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\rahasia.doc", "C__rahasia.doc"),
        ('a"b\r\nX-Evil: 1.pdf', "a_b X-Evil_ 1.pdf"),
        ("foto\u202egpj.exe", "fotogpj.exe"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("", "1"),
        ("...", "1"),
    ],
)
def test_a_files_name_is_only_a_name(tmp_path: Path, name: str, safe: str):
    (tmp_path / "a").write_bytes(b"x")
    (attached,) = read(message(files=(OutFile(tmp_path / "a", name, "application/pdf"),))).iter_attachments()
    assert attached.get_filename() == safe
    assert attached["X-Evil"] is None


@pytest.mark.parametrize("mime", ["message/rfc822", "multipart/mixed", "nonsense", "", "text/plain\r\nX-Evil: 1", "image/"])
def test_an_odd_kind_of_file_is_just_bytes(tmp_path: Path, mime: str):
    (tmp_path / "a").write_bytes(b"Subject: x\r\n\r\ny")
    (attached,) = read(message(files=(OutFile(tmp_path / "a", "a.bin", mime),))).iter_attachments()
    assert attached.get_content_type() == "application/octet-stream"
    assert attached.get_payload(decode=True) == b"Subject: x\r\n\r\ny"

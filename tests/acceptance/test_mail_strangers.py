"""Whoever cannot read the citizen's mailbox files a report at the most: reads nothing, changes nothing (sop.md §7)."""

from __future__ import annotations

import shutil
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from tests.acceptance.mailworld import BUDI, SITI, US, MailCity, open_mail_city
from tests.acceptance.test_mail_first_to_last import SETTLEMENT, settled
from tests.acceptance.world import CODE, wib
from tests.bots.email.postoffice import words

STORY = "Lampu jalan di Jl Melati Kota Contoh mati sejak Senin, gelap sekali dan kemarin ada yang dijambret di sana."


def forged(name: str, text: str, subject: str, *, to: str = US, author: str = SITI, **headers: str) -> bytes:
    """A mail that says it is from `author`. `name` makes its Message-ID."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = author, to, subject
    mail["Message-ID"] = f"<{name}@elsewhere.test>"
    for header, value in headers.items():
        mail[header.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def test_a_stranger_who_quotes_code_subject_and_references_starts_his_own_and_learns_nothing(mail_city: MailCity) -> None:
    city, siti, budi = mail_city, mail_city.citizen(), mail_city.citizen(BUDI, "Budi")
    code = settled(city, siti)
    settlement = siti.last()
    before = city.report(code)

    # He was shown her mail and answers it from his own mailbox: the token was made for hers.
    answer = budi.answers("beres", to=settlement)
    assert SETTLEMENT not in answer
    assert code not in answer
    # Knows the code and asks for it; the answer comes to him, and he answers that: now he is proven, to be Budi.
    budi.writes(f"status {code}", f"Re: [{code}] Laporan Anda", References=str(settlement["Message-ID"]))
    told = budi.answers(f"STATUS {code}")
    assert SETTLEMENT not in told
    assert "Pungutan" not in told
    for wish in (f"BATAL {code}", f"{code} beres", f"{code} tambahan: saya bohong", "1", "2"):
        budi.answers(wish)
    own = budi.reports(STORY, "Lampu mati")
    assert own != code
    assert city.report(code) == before
    assert siti.reads() == ""
    page = city.page("nasional", f"/laporan/{code}")
    assert "saya bohong" not in page


WISHES = ("STATUS", "STOP", "BATAL", "beres", "1", "5", "hapus data saya", "INFO", "Belum, uangnya tidak kembali")


def test_whoever_only_claims_to_be_her_changes_nothing_and_she_does_in_answer_to_that(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = settled(city, siti)
    before = city.report(code)
    settlement = siti.last()
    heads = {"In_Reply_To": str(settlement["Message-ID"]), "References": str(settlement["References"])}
    for number, wish in enumerate(WISHES):
        heard = siti.hands_in(forged(f"f{number}", wish, f"Re: [{code}] Laporan Anda", **heads), "evil@elsewhere.test")
        assert "membalas pesan ini" in heard or "balas pesan ini" in heard, wish
        assert SETTLEMENT not in heard
        assert "Pungutan" not in heard
        assert city.report(code) == before
    assert [row["gone_at"] for row in city.rows("addresses")] == [None]
    assert {str(one.rcpt_to[0]) for one in city.relay.delivered} == {SITI}  # nothing goes to who really wrote
    siti.answers("beres")
    assert city.report(code)["state"] == "closed"


def test_a_forged_report_is_filed_its_code_goes_to_her_and_she_takes_it_back(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    raw = forged("f1", STORY, "Lampu mati", Reply_To="evil@elsewhere.test", Disposition_Notification_To="evil@elsewhere.test")
    (code,) = set(CODE.findall(siti.hands_in(raw, "evil@elsewhere.test")))
    assert "bukan Anda" in words(siti.last())
    page = city.page("nasional", f"/laporan/{code}")
    assert "Belum terbukti" in page
    assert not city.relay.mails("evil@elsewhere.test")

    siti.answers("BATAL")
    if city.report(code)["state"] != "archived":
        siti.answers("1")
    assert city.report(code)["state"] == "archived"
    assert "Belum terbukti" in city.page("nasional", f"/laporan/{code}")  # that it was not her is no proof that it was


def test_a_token_that_was_made_for_her_is_worth_nothing_under_another_name_and_a_guessed_one_nothing_at_all(
    mail_city: MailCity,
) -> None:
    city, siti, budi = mail_city, mail_city.citizen(), mail_city.citizen(BUDI, "Budi")
    code = settled(city, siti)
    token = str(siti.last()["Reply-To"])
    local, _, domain = token.partition("@")
    guessed = f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}"
    before = city.report(code)
    budi.hands_in(forged("g1", "beres", "Re: x", to=token, author=BUDI), to=token)
    siti.hands_in(forged("g2", "beres", "Re: x", to=guessed), to=guessed)
    two = forged("g3", "beres", "Re: x", to=token, author=f"{SITI}, {BUDI}")
    siti.hands_in(two, to=token)
    assert city.report(code) == before


def test_a_forged_flood_in_her_name_neither_buries_nor_silences_her(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = settled(city, siti)
    settlement, seen = siti.last(), len(siti.mails)
    with city.client() as client:
        for number in range(60):
            raw = forged(f"n{number}", f"Lampu nomor {number} di Jl Kenanga mati sejak Senin.", f"Lampu {number}")
            client.sendmail("evil@elsewhere.test", [US], raw)
    siti.reads()
    assert len(siti.mails) - seen <= 25
    assert len(city.inbox()) >= 60
    assert code in siti.answers("beres", to=settlement)
    assert city.report(code)["state"] == "closed"


def test_whom_the_offices_own_mail_server_vouches_for_needs_no_reply_and_a_forged_word_of_it_is_none(
    furnished: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    own = tmp_path / "lapor.db"
    shutil.copyfile(furnished[0], own)
    with open_mail_city(
        f"sqlite:///{own}",
        tmp_path,
        start=wib(3, 13),
        passwords=furnished[1],
        authenticity={"authserv_id": "mx.kota.test", "dkim": False},
    ) as city:
        siti = city.citizen()
        code = siti.reports(STORY, "Lampu mati")
        word = "mx.kota.test; dkim={} header.d=warga.test"
        said = f"Authentication-Results: {word.format('pass')}\r\n".encode()
        failed = f"Authentication-Results: {word.format('fail')}\r\n".encode()
        others = b"Authentication-Results: mx.elsewhere.test; dkim=pass header.d=warga.test\r\n"
        other_domain = b"Authentication-Results: mx.kota.test; dkim=pass header.d=elsewhere.test\r\n"
        assert code in siti.hands_in(said + forged("s1", "STATUS", "status"))
        for number, top in enumerate((failed, others, other_domain, failed + said)):
            heard = siti.hands_in(top + forged(f"t{number}", f"STATUS {code}", "status"))
            assert "balas pesan ini" in heard
            assert "Lampu" not in heard
            city.on(city.clock() + timedelta(minutes=11))  # the same words sooner are one message

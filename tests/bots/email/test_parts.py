"""The parts that we find are those that the standard library writes and reads."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.email import parts, wire
from bots.email.attachments import bring, safe_name
from bots.email.charsets import clean
from bots.email.parse import parse
from bots.email.quotes import tidy
from core.channels import FetchState
from tests.bots.email.corpus import ADDRESS, DIRECT, OURS, SITI, corpus

LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co", "Cf", "Zl", "Zp"])
NAMES = st.text(LETTERS, min_size=1, max_size=40).map(lambda name: f"{name}.pdf")
FILES = st.lists(st.tuples(NAMES, st.binary(min_size=1, max_size=3_000)), max_size=5)
TEXTS = st.text(st.one_of(LETTERS, st.just("\n")), max_size=500)
CAREFUL = settings(
    max_examples=100, deadline=2_000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


def written(text: str, subject: str, files: list[tuple[str, bytes]], html: str | None) -> bytes:
    message = EmailMessage(policy.SMTP)
    message["From"], message["To"], message["Subject"] = SITI, ADDRESS, subject
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


@CAREFUL
@given(TEXTS, st.text(LETTERS, min_size=1, max_size=80), FILES, st.one_of(st.none(), st.just("<p>x</p>")))
def test_what_the_standard_library_writes_is_read_as_it_was_meant(tmp_path, text, subject, files, html):
    body = wire.pack(DIRECT, written(text, subject, files, html))
    got = parse(body, "x", ours=OURS)
    if tidy(clean(text)) or html is None:
        assert (got.whole or got.text) == tidy(clean(text))
    assert (got.subject or "").split() == (subject.split() if any(letter.isalnum() for letter in subject) else [])
    assert [file.name for file in got.files] == [safe_name(name) for name, _ in files]
    for file, (_, content) in zip(got.files, files, strict=True):
        assert bring(file, body, tmp_path / "file", 100_000).state is FetchState.STORED
        assert (tmp_path / "file").read_bytes() == content


def test_well_formed_mails_of_the_corpus_have_the_parts_that_the_standard_library_finds():
    compared = 0
    for mail in corpus():
        theirs = message_from_bytes(mail.raw, policy=policy.compat32)
        leaves = [part for part in theirs.walk() if not part.is_multipart()]
        broken = mail.name.startswith(("base64", "broken"))
        nested = any(part.get_content_maintype() == "message" for part in theirs.walk())
        if (
            any(part.defects for part in theirs.walk())
            or nested
            or broken
            or len(leaves) > parts.MOST_PARTS
            or len(mail.raw) > 500_000
        ):
            continue
        ours = [part for part in parts.tree(mail.raw).walk() if not part.children]
        assert [part.mime for part in ours] == [part.get_content_type() for part in leaves], mail.name
        for mine, other in zip(ours, leaves, strict=True):
            if mine.encoding in ("base64", "quoted-printable"):
                assert parts.content(mail.raw, mine).rstrip(b"\r\n") == other.get_payload(decode=True).rstrip(b"\r\n"), (
                    mail.name
                )
        compared += 1
    assert compared > 100

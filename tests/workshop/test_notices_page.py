"""The page with every notice is what the service says now."""

from __future__ import annotations

import pytest

from core.alphabet import segments
from core.dialogue.model import NoticeKind
from core.texts import LANGUAGES
from tools.notices_page import PAGE, SAMPLES, Sample, doors, page, told


def test_the_page_is_what_the_service_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make notices`, and read what changed aloud"


def test_no_notice_is_missing() -> None:
    assert {sample.kind for sample in SAMPLES} == set(NoticeKind)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.kind}-{SAMPLES.index(sample)}")
def test_a_paid_notice_is_one_message_and_one_segment_unless_it_is_two_in_one(sample: Sample, language: str) -> None:
    paid = next(capabilities for capabilities in doors().values() if capabilities.segmented)
    (message,) = told(sample, paid, language)
    may_be_two = sample.along or (sample.kind is NoticeKind.QUESTION and sample.words)
    assert segments(message.text) <= (2 if may_be_two else 1), message.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_names_its_report_or_its_file_on_every_channel(language: str) -> None:
    for sample in SAMPLES:
        for capabilities in doors().values():
            text = "\n".join(message.text for message in told(sample, capabilities, language))
            named = any(code in text for code in ("K7M42QXT9", "K7M4-2QXT-9"))
            assert named or (sample.kind is NoticeKind.FILE_LOST and "IMG_2041.jpg" in text), text

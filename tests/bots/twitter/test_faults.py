"""What answers of the X API mean, from its documentation and from what people report to have got."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.twitter.faults import FAULTS, OPERATORS, REMEDIES, Kind, Refusal, judge, wait_seconds
from bots.twitter.standing import GRAVEST, Standing
from core import texts
from core.channels import Health, Outcome

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
TYPES = "https://api.twitter.com/2/problems"


def problem(status: int, title: str, detail: str, kind: str = "about:blank", **more: Any) -> Refusal:
    return Refusal(status, {"title": title, "detail": detail, "type": kind, "status": status, **more})


def kind_of(refusal: Refusal, *, writes: bool = True, private: bool = True) -> Kind:
    return judge(refusal, writes=writes, private=private, now=NOON).kind


@pytest.mark.parametrize(
    "refusal, kind",
    [
        (problem(401, "Unauthorized", "Unauthorized"), Kind.UNAUTHORISED),
        (
            problem(402, "CreditsDepleted", "Your enrolled account has no credits", f"{TYPES}/credits"),
            Kind.CREDITS,
        ),
        (problem(402, "Payment Required", "credits depleted", f"{TYPES}/credits-depleted"), Kind.CREDITS),
        (problem(429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap", f"{TYPES}/usage-capped"), Kind.CAPPED),
        (problem(429, "Too Many Requests", "Too Many Requests"), Kind.THROTTLED),
        (problem(403, "Forbidden", "You do not have permission to DM one or more participants."), Kind.CLOSED),
        (Refusal(403, {"errors": [{"code": 349, "message": "You cannot send messages to this user."}]}), Kind.CLOSED),
        (problem(404, "Not Found Error", "Could not find user with id: [7].", f"{TYPES}/resource-not-found"), Kind.CLOSED),
        (problem(403, "Forbidden", "Forbidden"), Kind.UNSURE),  # nobody's address is given up for that
        (problem(403, "Forbidden", "You are not permitted to perform this action."), Kind.UNSURE),
        (problem(404, "Not Found", "Not Found"), Kind.UNSURE),
        (problem(403, "Forbidden", "Your account is temporarily locked. Please log in to unlock it."), Kind.PERMISSION),
        (Refusal(403, {"errors": [{"code": 64, "message": "Suspended."}]}), Kind.PERMISSION),
        (
            problem(
                403,
                "Forbidden",
                "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.",
                f"{TYPES}/oauth1-permissions",
            ),
            Kind.PERMISSION,
        ),
        (
            problem(403, "Client Forbidden", "…", f"{TYPES}/client-forbidden", reason="client-not-enrolled"),
            Kind.PERMISSION,
        ),
        (problem(403, "Unsupported Authentication", "…", f"{TYPES}/unsupported-authentication"), Kind.PERMISSION),
        (problem(403, "Forbidden", "You are not permitted to attach this media to a DM event."), Kind.REFUSED),
        (problem(400, "Invalid Request", "One or more parameters was invalid.", f"{TYPES}/invalid-request"), Kind.REFUSED),
        (Refusal(403, {"errors": [{"code": 151, "message": "Whoops! You already said that."}]}), Kind.DUPLICATE),
        (Refusal(503, None), Kind.UNAVAILABLE),
        (problem(503, "Service Unavailable", "Service Unavailable"), Kind.UNAVAILABLE),
        (problem(500, "Internal Server Error", "…"), Kind.UNCERTAIN),
        (Refusal(502, None), Kind.UNCERTAIN),
        (Refusal(403, None), Kind.UNAVAILABLE),  # a proxy's page: it never came to X
        (Refusal(404, None), Kind.UNAVAILABLE),
        (Refusal(302, None), Kind.UNAVAILABLE),
    ],
)
def test_each_answer_to_a_direct_message_has_one_meaning(refusal: Refusal, kind: Kind) -> None:
    assert kind_of(refusal) is kind


@pytest.mark.parametrize(
    "refusal, kind",
    [
        (problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content."), Kind.DUPLICATE),
        (
            problem(403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you."),
            Kind.REFUSED,
        ),
        (
            problem(403, "Forbidden", "Reply to this conversation is not allowed because you have not been mentioned"),
            Kind.REFUSED,
        ),
        (problem(404, "Not Found", "Not Found"), Kind.MISSING),
    ],
)
def test_in_public_nobody_is_ever_gone(refusal: Refusal, kind: Kind) -> None:
    assert kind_of(refusal, private=False) is kind


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
def test_reading_that_failed_changed_nothing(status: int) -> None:
    assert kind_of(Refusal(status, None), writes=False) is Kind.UNAVAILABLE


@given(
    st.integers(300, 599),
    st.none()
    | st.dictionaries(
        st.sampled_from(["title", "detail", "type", "errors", "reason", "status"]),
        st.recursive(st.none() | st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)),
    ),
    st.dictionaries(st.sampled_from(["date", "x-rate-limit-reset", "retry-after", "x-user-limit-24hour-remaining"]), st.text()),
    st.booleans(),
)
def test_whatever_stands_in_an_answer_it_means_something(
    status: int, content: dict[str, Any] | None, headers: dict[str, str], writes: bool
) -> None:
    trouble = judge(Refusal(status, content, headers), writes=writes, private=True, now=NOON)
    delivery = trouble.delivery()
    assert len(trouble.code) < 30
    assert delivery.outcome is not Outcome.ACCEPTED
    assert trouble.retry_after_seconds is None or 0 < trouble.retry_after_seconds <= 86_400


def at(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def test_a_window_is_measured_by_the_clock_at_x() -> None:
    """Ours is an hour slow; X says what time it is there."""
    there = NOON + timedelta(hours=1)
    headers = {"x-rate-limit-reset": at(there + timedelta(minutes=5)), "date": format_datetime(there)}
    assert wait_seconds(headers, NOON) == 301


@pytest.mark.parametrize("date", ["Tue, 24 Nov 2026 12:00:00 +99999999999999", "Mon, 01 Jan 0001 00:00:00 +1400", "x", ""])
def test_a_date_that_is_none_leaves_our_own_clock(date: str) -> None:
    assert 1 <= wait_seconds({"x-rate-limit-reset": at(NOON + timedelta(minutes=5)), "date": date}, NOON) <= 901


def test_the_days_limit_waits_for_the_day_and_a_window_never_longer_than_it_is() -> None:
    day = {
        "x-rate-limit-reset": at(NOON + timedelta(minutes=5)),
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": at(NOON + timedelta(hours=7)),
    }
    assert wait_seconds(day, NOON) == 7 * 3600 + 1
    assert wait_seconds({"x-rate-limit-reset": at(NOON + timedelta(days=300))}, NOON) <= 901
    assert wait_seconds({"x-rate-limit-reset": at(NOON - timedelta(days=300))}, NOON) == 1
    assert wait_seconds({}, NOON) == 60


def test_what_x_does_not_explain_holds_up_nobody_else_and_is_tried_again() -> None:
    delivery = judge(problem(403, "Forbidden", "Forbidden"), writes=True, private=True, now=NOON).delivery()
    assert (delivery.outcome, delivery.fault, delivery.retry_after_seconds) == (Outcome.AGAIN, None, 3600)


def test_every_meaning_has_its_outcome_and_what_an_operator_must_do_is_said() -> None:
    assert set(FAULTS) == set(Kind)
    assert set(REMEDIES) >= OPERATORS
    assert len(set(REMEDIES.values())) == len(REMEDIES)  # each its own
    for language in ("id", "en"):
        said = {code: texts.text(language, f"desk.service.trouble.{code}") for code in {*GRAVEST, *OPERATORS}}
        assert len(set(said.values())) == len(said)


def test_the_desk_reads_the_gravest_trouble_until_its_part_is_well() -> None:
    health = Health()
    standing = Standing(health, lambda: NOON)
    standing.trouble("mentions", "throttled")
    standing.trouble("send", "credits")
    assert health.trouble == "credits"
    standing.well("send")
    assert (health.trouble, health.last_success_at) == ("throttled", NOON)
    standing.trouble("mentions", None)
    assert health.trouble is None


def test_remarks_are_replaced_whole_and_taken_back() -> None:
    health = Health()
    standing = Standing(health, lambda: NOON)
    standing.remark("budget", {"spent": "1.00"})
    before = health.remarks
    standing.remark("gap", {"since": "a", "until": "b"})
    standing.remark("budget", None)
    assert before == {"budget": {"spent": "1.00"}}
    assert health.remarks == {"gap": {"since": "a", "until": "b"}}

"""What SMS gateways send, broken in every way: an Inbound or ValueError, under ids that can be stored."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bots.promises import keep_for_sms
from tools.fuzz import DICTIONARY, seeds

FAST = settings(max_examples=200, deadline=2_000, suppress_health_check=[HealthCheck.too_slow])
BODIES = seeds("sms")
WORDS = [word.encode().decode("unicode_escape").encode("latin-1") for word in DICTIONARY["sms"]]


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A gateway's request, cut, doubled and sprinkled behind its first line."""
    head, _, payload = draw(st.sampled_from(BODIES)).partition(b"\n")
    body = bytearray(payload)
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(body)))
        until = min(len(body), at + draw(st.integers(0, 40)))
        body[at:until] = draw(st.one_of(st.sampled_from(WORDS), st.binary(max_size=8), st.just(body[at:until] * 3)))
    return head + b"\n" + bytes(body)


def test_the_requests_it_begins_with_are_read():
    assert all(keep_for_sms(body) is not None for body in BODIES)


@FAST
@given(mutations())
def test_a_mutated_request_keeps_every_promise(body):
    keep_for_sms(body)


@FAST
@given(st.sampled_from([body.partition(b"\n")[0] for body in BODIES]), st.binary(max_size=500))
def test_any_bytes_of_a_gateway_keep_every_promise(head, payload):
    keep_for_sms(head + b"\n" + payload)


@FAST
@given(st.binary(max_size=500))
def test_any_bytes_keep_every_promise(body):
    keep_for_sms(body)

"""What a careless or hostile gateway could send: read as it was meant, or not taken at all."""

from __future__ import annotations

import pytest

from bots.sms.charsets import UCS2, decode
from tests.bots.sms.doors import PHONE, KannelDoor
from tests.bots.sms.smsbox import SECRET


@pytest.mark.parametrize("charset", ["UTF-16", "UCS-2", "ISO-10646-UCS-2", "UTF-16BE", ""])
@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_wide_letters_that_say_their_order_are_read_in_it(charset: str, order: str) -> None:
    assert decode("\ufefflampu mati".encode(order), charset, UCS2) == "lampu mati"


def test_the_first_secret_of_a_call_counts_and_none_is_stored(kannel: KannelDoor) -> None:
    text = f"id=p-1&from=%2B{PHONE[1:]}&text=halo"
    assert kannel.ingress.answer("GET", f"/sms/kannel?secret=wrong&secret={SECRET}&{text}", {}, b"") == 403
    assert kannel.inbox.raws() == []
    assert kannel.ingress.answer("GET", f"/sms/kannel?secret={SECRET}&%73ecret={SECRET}&{text}", {}, b"") == 200
    (raw,) = kannel.inbox.raws()
    assert SECRET.encode() not in raw.body


def test_of_two_senders_in_one_call_the_same_one_names_the_lane_and_the_person(kannel: KannelDoor) -> None:
    text = f"secret={SECRET}&id=p-2&from=%2B{PHONE[1:]}&from=0811000000&text=halo"
    assert kannel.ingress.answer("GET", f"/sms/kannel?{text}", {}, b"") == 200
    (raw,) = kannel.inbox.raws()
    (inbound,) = kannel.inbox.inbounds(kannel.channel)
    assert raw.lane == inbound.sender.address == PHONE

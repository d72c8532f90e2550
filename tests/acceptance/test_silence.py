"""Silence closes only what reached the reporter (sop.md §6). Settled on Friday 2026-03-13; Nyepi, Idulfitri and Good Friday lie
between: the 7th working day is 31 March, the 10th is 6 April (both by hand; the second is a worked example of §6)."""

from __future__ import annotations

from tests.acceptance.test_first_to_last import SETTLEMENT, at_the_clinic
from tests.acceptance.world import City, wib


def test_a_settlement_that_nobody_answers_is_reminded_after_seven_days_and_closed_after_ten(any_city: City) -> None:
    city, siti = any_city, any_city.citizen(7)
    code = at_the_clinic(city, siti)
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    assert SETTLEMENT in siti.reads()

    city.on(wib(3, 31, 23, 50))
    assert siti.reads() == ""
    city.on(wib(4, 1, 8))
    reminder = siti.reads()
    assert code in reminder
    assert "Senin, 6 April" in reminder
    city.on(wib(4, 1, 20))
    assert siti.reads() == ""  # once

    city.on(wib(4, 6, 23, 50))
    assert city.report(code)["state"] == "in_progress"
    city.on(wib(4, 7, 0, 5))
    report = city.report(code)
    assert (report["state"], report["closing"]) == ("closed", "silence")
    assert code in siti.reads()


def test_a_settlement_that_did_not_arrive_closes_nothing(city: City) -> None:
    siti, budi = city.citizen(7), city.citizen(8, "Budi")
    reached, unreached = at_the_clinic(city, siti), at_the_clinic(city, budi)
    city.vendor.do(lambda world: world.blocked.add(8))  # blocked, and no update said so: the 403 is the first we hear of it
    for code in (reached, unreached):
        city.does("puskesmas", "settle", code, words=SETTLEMENT)
    assert SETTLEMENT not in budi.last()

    for moment in (wib(4, 1, 8), wib(4, 7, 0, 5), wib(4, 13, 8), wib(4, 30, 8)):
        city.on(moment)
    assert city.report(reached)["state"] == "closed"
    assert city.report(unreached)["state"] == "in_progress"
    states = {row["report_id"]: row["state"] for row in city.rows("outbox") if row["clock"] == "silence"}
    assert states == {city.report(reached)["id"]: "delivered", city.report(unreached)["id"]: "failed"}
    # Ten working days after the last attempt, the overdue notice of 13 April, a person may close it (sop.md §5).
    assert "close_unreachable" in city.official("puskesmas").offered(unreached)

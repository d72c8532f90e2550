"""The day's money for X: reading stops first, answers go on; when all is spent the channel says so and waits for midnight."""

from __future__ import annotations

from typing import Any

from tests.acceptance.conftest import XCities
from tests.acceptance.test_x_first_to_last import QUESTION, RESPONSE, STORY
from tests.acceptance.xworld import XCity, wib

DEAR: dict[str, Any] = {
    "budget_usd_per_day": 1.0,
    "answers_share": 0.4,
    "prices": {"dm_read_usd": 0.05, "user_read_usd": 0, "dm_create_usd": 0.05},
}
"""At 09.00, with five eighths of the day before us, 0.25 of the dollar is kept for answers: polling ends at 0.75. Somebody's
message and our answer cost 0.15, because X counts our own message among those that we read."""


def spent(city: XCity) -> float:
    """US dollars in the ledger."""
    return sum(row["micro_usd"] for row in city.rows("spendings")) / 1_000_000


def test_polling_stops_first_then_answers_wait_for_midnight(x_cities: XCities) -> None:
    with x_cities(**DEAR) as city:
        siti = city.citizen("siti")
        code = siti.reports(STORY)  # four times 0.15
        city.citizen("budi").says("halo")
        city.x.wait(lambda: spent(city) == 0.75)
        city.citizen("citra").says("halo")
        assert spent(city) == 0.85, "our answer to her is not read any more"
        dewi = city.citizen("dewi")
        unread = dewi.person.dms("halo")

        city.does("nasional", "dispose", code, category="complaint", office_name="Pemerintah Kota Contoh")
        city.on(wib(3, 13, 9, 5))
        assert "Pemerintah Kota Contoh" in siti.reads(), "answers have what is left"
        standing = city.standing()
        assert "Anggaran hari ini dijaga untuk jawaban kepada warga" in standing
        assert "0,90 dari 1,00" in standing
        assert dewi.person.reads() == []

        city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")
        city.does("puskesmas", "ask", code, words=QUESTION)
        assert QUESTION in siti.reads()
        city.does("puskesmas", "take_back", code)
        city.on(wib(3, 13, 9, 10))
        assert spent(city) == 1.0
        asked = len(city.x.calls("dm"))
        city.does("puskesmas", "respond", code, words=RESPONSE, promised_on="2026-03-16")
        city.on(wib(3, 13, 23, 50))
        assert RESPONSE not in siti.reads()
        assert len(city.x.calls("dm")) == asked
        assert city.service.channels["twitter"].health.trouble == "budget"
        standing = city.standing()
        assert "Apa artinya bagi warga" in standing
        assert "1,00 dari 1,00" in standing

        city.clock.set(wib(3, 14, 0, 10))
        city.vendor.brings(f"dm:{unread}")
        city.quiet()
        assert siti.reads().count(RESPONSE) == 1
        assert len(dewi.person.reads()) == 1, "whoever wrote meanwhile is answered now"
        assert city.service.channels["twitter"].health.trouble is None


def test_a_service_that_is_started_anew_remembers_what_the_day_has_cost(x_cities: XCities) -> None:
    with x_cities(**DEAR) as city:
        city.citizen("siti").reports(STORY)
        city.x.wait(lambda: spent(city) == 0.6)
    with x_cities(**DEAR, start=wib(3, 13, 10)) as city:
        assert spent(city) == 0.6
        city.citizen("budi").says("halo")
        city.x.wait(lambda: city.service.channels["twitter"].health.remarks["budget"]["spent"] == "0.75")
        assert "0,75 dari 1,00" in city.standing()

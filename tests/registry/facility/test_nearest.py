"""Clinics near a place: the nearest first, none that is closed, and the place kept nowhere."""

from datetime import date
from typing import Any

import pytest

from tests.registry.conftest import digitise

PATH = "/api/v1/public/clinics/nearest"
HERE = {"latitude": 43.3, "longitude": 68.25}  # Turkistan
PLACES = [
    ("Жақын", 43.301, 68.25, 111),
    ("Алыстау", 43.3, 68.275, 2024),  # east, where a degree is shorter
    ("Астана", 51.17, 71.45, 904_711),
]


async def test_the_nearest_open_ones_by_the_great_circle(
    resources: Any, clinic: Any, client: Any, owner: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for name, latitude, longitude, _ in PLACES:
        await digitise(resources, clinic.bin, name=name, latitude=latitude, longitude=longitude)
    async with client() as guest:
        found = (await guest.post(PATH, json=HERE)).json()["items"]
        assert [f["name"] for f in found] == [p[0] for p in PLACES]
        for one, (_, _, _, metres) in zip(found, PLACES, strict=True):
            assert one["distance_m"] == pytest.approx(metres, rel=0.005)
        first = (await guest.post(PATH, json={**HERE, "limit": 1})).json()["items"]
        assert first == found[:1]

        await owner.execute(
            "UPDATE registry.facility SET closed_on = $1 WHERE name = 'Жақын'", date(2026, 4, 6)
        )
        after = (await guest.post(PATH, json=HERE)).json()["items"]
        assert [f["name"] for f in after] == ["Алыстау", "Астана"]
        await owner.execute("UPDATE registry.organisation SET status = 'BLOCKED'")
        assert (await guest.post(PATH, json=HERE)).json()["items"] == []
        abroad = await guest.post(PATH, json={"latitude": 55.75, "longitude": 37.6})
        assert abroad.status_code == 422
    assert "43.3" not in caplog.text

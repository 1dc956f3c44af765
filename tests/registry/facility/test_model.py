"""What digitises a facility (M §6(4)): its place, its photographs, its accounting data."""

from typing import Any

import msgspec
import pytest

from tests.registry.conftest import new_facility


@pytest.mark.parametrize(("latitude", "longitude"), [(40.5, 46.4), (55.5, 87.4), (51.17, 71.45)])
def test_facilities_stand_in_kazakhstan(latitude: float, longitude: float) -> None:
    found = new_facility(latitude=latitude, longitude=longitude)
    assert (found.latitude, found.longitude) == (latitude, longitude)


@pytest.mark.parametrize(
    "changed",
    [
        {"latitude": 40.49},
        {"latitude": 55.51},
        {"longitude": 46.39},
        {"longitude": 87.41},
        {"latitude": None},
        {"photo_outside_sha256": None},
        {"photo_inside_sha256": None},
        {"photo_inside_sha256": "ab"},
        {"accounting_186": {}},
        {"accounting_186": None},
        {"address": ""},
        {"design_capacity": -1},
    ],
)
def test_what_is_not_whole_is_not_digitised(changed: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        new_facility(**changed)

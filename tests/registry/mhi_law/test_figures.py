"""The law's figures: the release's rows are the database's, new ones are signed for and count at once."""

from datetime import date, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.money import tenge
from backend.kernel.resources import Resources
from backend.registry.entitlement import figures
from backend.registry.entitlement import service as entitlement
from backend.registry.entitlement.law import BUILT_IN
from backend.registry.mhi_law import service
from backend.registry.mhi_law.errors import FigureClosed, FigureKnown
from backend.registry.mhi_law.model import SetCategory, SetMinimumWage
from tests.registry.conftest import OTHER_BIN, Insure, actor, iin_of, signed

REGISTRAR = actor(OTHER_BIN, Role.REGISTRAR)
SOURCE = "Республикалық бюджет туралы заң, 9-бап"


def wage(year: int = 2027, amount: int = 90_000, source: str = SOURCE) -> SetMinimumWage:
    return SetMinimumWage(year, tenge(amount), source)


async def test_the_database_has_what_the_release_knows(resources: Resources) -> None:
    stored = await figures.read(resources.db.egov)
    assert dict(stored.minimum_wages) == dict(BUILT_IN.minimum_wages)
    for name in ("rates", "categories"):
        assert set(getattr(stored, name)) == set(getattr(BUILT_IN, name))


async def test_a_new_wage_prices_what_is_owed(
    resources: Resources, insure: Insure, clock: FixedClock
) -> None:
    (person,) = (await insure(iin_of(21))).values()
    db = resources.db.registry
    before = await entitlement.status_of(db, person, date(2027, 1, 10))
    assert before.arrears.amount_tiyn == 12 * 4_250_00
    law = await service.set_minimum_wage(resources, REGISTRAR, signed(wage(), resources, OTHER_BIN))
    assert [(w.year, w.arrears_per_month_tiyn) for w in law.minimum_wages] == [
        (2024, 4_250_00),
        (2027, 4_500_00),
    ]
    after = await entitlement.status_of(db, person, date(2027, 1, 10))
    assert after.arrears.amount_tiyn == 12 * 4_500_00
    assert "54\N{NO-BREAK SPACE}000,00" in after.explanation.ru
    still = await entitlement.status_of(db, person, date(2026, 12, 31))
    assert still.arrears.amount_tiyn == 12 * 4_250_00
    later = wage(amount=91_000)
    clock.advance(timedelta(days=1))
    law = await service.set_minimum_wage(resources, REGISTRAR, signed(later, resources, OTHER_BIN))
    assert law.minimum_wages[-1].amount_tiyn == tenge(91_000)


async def test_a_wage_of_another_year_or_the_same_again_is_refused(resources: Resources) -> None:
    for year in (2028, 2100):
        with pytest.raises(FigureClosed):
            await service.set_minimum_wage(
                resources, REGISTRAR, signed(wage(year), resources, OTHER_BIN)
            )
    await service.set_minimum_wage(resources, REGISTRAR, signed(wage(), resources, OTHER_BIN))
    with pytest.raises(FigureKnown):
        await service.set_minimum_wage(resources, REGISTRAR, signed(wage(), resources, OTHER_BIN))
    another = msgspec.structs.replace(wage(), amount_tiyn=tenge(91_000))
    with pytest.raises(FigureKnown):  # at the very same moment: which would be the later?
        await service.set_minimum_wage(resources, REGISTRAR, signed(another, resources, OTHER_BIN))
    for bad in ({"amount_tiyn": 85_000}, {"year": 2025}, {"source": " "}):
        given: dict[str, Any] = {
            "operation": "mhi_law.set_minimum_wage",
            **msgspec.structs.asdict(wage()),
            **bad,
        }
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(given, SetMinimumWage)


async def test_a_sixteenth_category_insures(
    resources: Resources, insure: Insure, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    (person,) = (await insure(iin_of(22))).values()
    names = ("санат он алты", "категория шестнадцать", "category sixteen")
    new = SetCategory("16", date(2026, 1, 1), "local_budget", *names, SOURCE)
    await service.set_category(resources, REGISTRAR, signed(new, resources, OTHER_BIN))
    with pytest.raises(FigureKnown):
        again = SetCategory("16", date(2026, 1, 1), "state", *names, SOURCE)
        await service.set_category(resources, REGISTRAR, signed(again, resources, OTHER_BIN))
    await owner.execute(
        "INSERT INTO registry.privilege VALUES ($1, '16', '2026-02-01', NULL)", person
    )
    status = await entitlement.status_of(resources.db.egov, person, date(2026, 4, 6))
    assert status.basis == "CATEGORY"
    assert "категория 16, категория шестнадцать" in status.explanation.ru


async def test_everybody_reads_and_the_registrar_alone_signs(client: Any) -> None:
    async with client() as http:
        shown = await http.get("/api/v1/mhi-law")
        assert shown.status_code == 200
        assert len({c["code"] for c in shown.json()["categories"]}) == 15
    body = {"document": "e30=", "signature": "e30="}
    for role in (Role.ISSUER_HEAD, Role.ISSUER_FINANCE, Role.MOH, Role.EXECUTOR_HEAD):
        async with client(role, bin=OTHER_BIN) as http:
            for path in ("minimum-wages", "categories"):
                refused = await http.post(f"/api/v1/mhi-law/{path}", json=body)
                assert refused.status_code == 403, role

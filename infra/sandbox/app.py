"""One process for every stand-in: `saqtau sandbox`. Each speaks its outside system's protocol.

/nca         the certification centre: CRL, OCSP
/sms, /bmg   the SMS gateway, the mobile citizens base
/biometrics, /biometrics-jws   two biometric providers, the second a slow one
/treasury    the Treasury's integrated information system
/tax         the tax body's e-invoices, debts and untimely payments
/permits     licences and annexes
/dfo         the depository of financial statements
/state-corporation   the State Corporation's daily files
/sur, /sumt  the resource and the equipment system: capacities
/gbd-fl, /gbd-ul  the journals of the state databases of persons and of legal entities
/digital-documents   electronic documents, with their owner's consent
/egov        the e-government gateway: identity documents, cabinets, monitoring of services
/telegram    a Bot API server
/control     the stand-ins' clock
/desk        a clinic's people with their keys, eGov Mobile on their phones; NCALayer has a port of its own
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec
from litestar import Litestar, Router, get, put
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody

from infra.sandbox import (
    biometrics,
    capacity,
    desk,
    dfo,
    digital_documents,
    egov,
    gates,
    gbd,
    permits,
    sms,
    state_corporation,
    tax,
    treasury,
)
from infra.sandbox.nca import api as nca
from infra.sandbox.state import Sandbox
from infra.sandbox.telegram import Telegram, telegram


class ClockSetting(msgspec.Struct, frozen=True):
    """The instant the stand-ins shall believe it is."""

    at: datetime


@put("/control/clock")
async def set_clock(
    data: JSONBody[ClockSetting], sandbox: NamedDependency[Sandbox]
) -> dict[str, str]:
    """Set the stand-ins' clock."""
    sandbox.set_clock(data.at)
    return {"at": sandbox.now().isoformat()}


@get("/control/alive")
async def alive() -> dict[str, bool]:
    """Say that the process runs."""
    return {"alive": True}


def create_sandbox(sandbox: Sandbox, ncalayer_port: int | None = None) -> Litestar:
    """The application of all stand-ins over one state; NCALayer's stand-in listens where it is asked to."""

    async def provide() -> Sandbox:
        return sandbox

    @asynccontextmanager
    async def ncalayer(_: Litestar) -> AsyncIterator[None]:
        layer = desk.layer_of(sandbox)
        if ncalayer_port is not None:
            await layer.start(ncalayer_port)
        try:
            yield
        finally:
            await layer.stop()

    return Litestar(
        route_handlers=[
            set_clock,
            alive,
            *nca.HANDLERS,
            *sms.HANDLERS,
            *biometrics.HANDLERS,
            Router("/treasury", route_handlers=treasury.HANDLERS),
            Router("/tax", route_handlers=tax.HANDLERS),
            Router("/state-corporation", route_handlers=state_corporation.HANDLERS),
            gbd.router("gbd-fl"),
            gbd.router("gbd-ul"),
            permits.router(),
            Router("/dfo", route_handlers=dfo.HANDLERS),
            capacity.router("sur"),
            capacity.router("sumt"),
            *digital_documents.HANDLERS,
            *egov.HANDLERS,
            *telegram(Telegram()),
            *desk.HANDLERS,
            *gates.HANDLERS,
        ],
        lifespan=[ncalayer],
        dependencies={"sandbox": Provide(provide)},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=64 * 1024 * 1024,
    )

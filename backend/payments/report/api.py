"""The report over HTTP."""

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from backend.kernel.actor import EXECUTOR, ISSUER, Actor
from backend.kernel.db import Db
from backend.payments.act.errors import ActNotFound
from backend.payments.report import service
from backend.payments.report.model import MEDIA_TYPES, Form
from backend.registry.account.errors import AccountNotOpen
from backend.web.guards import requires
from backend.web.openapi import operation


@get(
    "/acts/{act_id:uuid}/report",
    guards=[requires(EXECUTOR, ISSUER)],
    tags=["payments"],
    media_type="text/csv",
    response_headers={"cache-control": "no-store"},
    **operation(
        "FetchActReport",
        "The report on an act, line by line, as CSV, XLSX or JSON",
        discloses="nothing",
        errors=(ActNotFound, AccountNotOpen),
        answer="№,МАЖ жазбасы,Қызмет,…",
    ),
)
async def fetch(
    act_id: FromPath[UUID],
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
    form: FromQuery[Form] = Form.CSV,
) -> Stream:
    """Every line with its evidence, what is wrong with it, and what to do, in the caller's language.

    A clinic finds the person by its own record: none is named. `form` is `csv`, `xlsx`, or `json` (a
    document a line). The issuer also sees what the insured say.
    """
    content = await service.hand_out(db, actor, act_id, form, language)
    return Stream(
        content,
        media_type=MEDIA_TYPES[form],
        headers={"content-disposition": f'attachment; filename="act-{act_id}.{form.value}"'},
    )


HANDLERS = [fetch]

"""Who gave the service: the directory of specialities and the certificates told, against each line (M §13)."""

from datetime import date, timedelta
from uuid import uuid4

import msgspec

from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.payments.act.model import ActStatus
from backend.payments.report import service as reports
from backend.payments.report.model import Form
from backend.registry.specialist import service as specialist
from backend.registry.specialist.model import (
    CertificateBatch,
    CertificateEntry,
    EnterNeeds,
    NeedEntry,
)
from tests.payments.conftest import (
    CLINIC,
    DAY,
    DOCTOR_IIN,
    HEAD,
    Owner,
    act,
    cases,
    iin,
    present,
    signed,
)

REGISTRAR_BIN = "100240000009"
SUR = Actor(uuid4(), frozenset({Role.MOH}), bin="081240007777")
CODE, OTHER = "A02.004.000", "B03.116.005"
BASIS = "Сынақ анықтамалығы"
ONE_DAY = timedelta(days=1)


async def need(
    world: Resources, *specialities: str, code: str = CODE, since: date = date(2026, 1, 1),
    until: date | None = None,
) -> None:  # fmt: skip
    """The registrar enters what a service asks of who gives it."""
    command = EnterNeeds((NeedEntry(code, specialities, since, until),), BASIS)
    request = signed(command, REGISTRAR_BIN, world.clock.now(), salt=f" {uuid4()}")
    await specialist.enter_needs(world, request)


async def certify(world: Resources, *certificates: CertificateEntry) -> None:
    """The Resource Management System tells certificates."""
    answer = await specialist.tell(world, SUR, CertificateBatch(uuid4(), certificates))
    assert not answer.refused


def certificate(speciality: str = "therapy", **changes: object) -> CertificateEntry:
    """A specialist's, valid around DAY; without changes the doctor's of the scene."""
    given: dict[str, object] = {
        "number": "KZ-1", "iin": DOCTOR_IIN, "speciality": speciality,
        "valid_from": date(2024, 1, 1), "valid_to": date(2028, 12, 31),
    }  # fmt: skip
    return CertificateEntry(**(given | changes))  # type: ignore[arg-type]


async def judged(world: Resources, number: str) -> tuple[list[str], dict[str, int]]:
    """The codes of a fresh act's one line, and what is noted."""
    found = await present(world, act(number, cases([1], number, episode=number)))
    codes = [code for line in found.report.lines for code in line.codes]
    assert found.status is (ActStatus.CHECK_FAILED if codes else ActStatus.CHECK_PASSED)
    return codes, found.report.notes


UNKNOWN, NOT_LICENSED = "WORKER_LICENCE_UNKNOWN", "WORKER_NOT_LICENSED"
HELD: dict[str, tuple[list[CertificateEntry], str | None]] = {
    "nothing is told of him": ([], UNKNOWN),
    "of the speciality": ([certificate()], None),
    "of another that will do": ([certificate("family-medicine")], None),
    "on that day alone": ([certificate(valid_from=DAY, valid_to=DAY)], None),
    "without an end": ([certificate(valid_to=None)], None),
    "of none that will do": ([certificate("surgery")], NOT_LICENSED),
    "run out the day before": ([certificate(valid_to=DAY - ONE_DAY)], NOT_LICENSED),
    "not yet": ([certificate(valid_from=DAY + ONE_DAY)], NOT_LICENSED),
    "withdrawn": ([certificate(withdrawn=True)], NOT_LICENSED),
    "withdrawn, and the word before comes late": (
        [certificate(seq=2, withdrawn=True), certificate(seq=1)],
        NOT_LICENSED,
    ),
    "given again": ([certificate(seq=1, withdrawn=True), certificate(seq=2)], None),
    "one of two": ([certificate("surgery"), certificate(number="KZ-2")], None),
}


async def test_a_line_needs_a_certificate_of_its_day(world: Resources, owner: Owner) -> None:
    await need(world, "therapy", "family-medicine")
    lines = []
    for n, (told, _) in enumerate(HELD.values(), 1):
        worker = iin(400 + n)
        await owner.execute(
            "INSERT INTO registry.worker VALUES ($1, $2, $3, 'дәрігер', true, $4)",
            uuid4(), CLINIC, world.keyring.lookup("iin", worker), world.clock.now(),
        )  # fmt: skip
        for one in told:  # each in a batch of its own, in this order
            number = f"{one.number}-{n}"
            await certify(world, msgspec.structs.replace(one, iin=worker, number=number))
        lines += cases([n], worker_iin=worker)
    found = await present(world, act("7", lines))
    codes = {line.line_no: line.codes for line in found.report.lines}
    told_of = {name: codes.get(n, ()) for n, name in enumerate(HELD, 1)}
    assert told_of == {name: () if code is None else (code,) for name, (_, code) in HELD.items()}


async def test_the_last_entry_that_holds_on_the_day_counts(world: Resources) -> None:
    assert await judged(world, "1") == ([], {})  # no directory: nobody has asked for anything
    await need(world, "surgery", code=OTHER, since=date(2026, 3, 21))
    assert await judged(world, "2") == ([], {})  # it begins the day after
    await need(world, "surgery", code=OTHER)
    # there is a directory now, and it does not know the service: passed, and told
    assert await judged(world, "3") == ([], {"SPECIALITY_NEED_UNKNOWN": 1})
    await certify(world, certificate())
    await need(world, "surgery")
    assert await judged(world, "4") == (["WORKER_NOT_LICENSED"], {})
    await need(world, "therapy", since=date(2026, 3, 1), until=DAY)
    assert await judged(world, "5") == ([], {})
    await need(world, "surgery", until=date(2026, 3, 19))
    assert await judged(world, "6") == ([], {})
    await need(world)  # none by name
    assert await judged(world, "8") == ([], {})


async def test_the_report_says_it_line_by_line(world: Resources) -> None:
    await need(world, "therapy")
    await certify(world, certificate("surgery"))
    command = act("7", (*cases([1]), *cases([2], "s", service_code=OTHER)))
    found = await present(world, command)
    assert found.report.counts == {NOT_LICENSED: 1}
    assert found.report.notes == {"SPECIALITY_NEED_UNKNOWN": 1}
    for language, told, noted in (
        (
            "kk",
            "Қызметкердің бұл қызметке құқығы жоқ (WORKER_NOT_LICENSED)",
            "қандай мамандық керек",
        ),
        ("ru", "У работника нет права на эту услугу (WORKER_NOT_LICENSED)", "какая специальность"),
        ("en", "The worker may not give this service (WORKER_NOT_LICENSED)", "which speciality"),
    ):
        stream = await reports.hand_out(world.db.payments, HEAD, found.act_id, Form.CSV, language)
        _, first, second = b"".join([part async for part in stream]).decode().splitlines()
        assert told in first
        assert noted not in first
        assert noted in second

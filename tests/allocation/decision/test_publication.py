"""What everybody gets of a signed decision: one file, sealed, to be computed anew offline."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from backend.allocation.contract import service as contracts
from backend.allocation.decision import publication, service
from backend.allocation.decision.record import Decision, RefuseDecision, SignDecision
from backend.allocation.decision.refusals import DecisionNotFound
from backend.kernel.actor import Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from infra.sandbox.nca import keyfile
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.allocation.conftest import CDC, HEAD, ISSUER_BIN, Executor, Sign

PASSWORD = "қор"


@pytest.fixture(scope="session")
def centre(tmp_path_factory: pytest.TempPathFactory) -> tuple[Centre, Path]:
    made = Centre.create(b"publication", datetime.now(UTC), algorithms=("rsa-sha256",))
    folder = tmp_path_factory.mktemp("centre")
    made.save(folder)
    return made, folder / "trust"


@pytest.fixture(scope="session")
def issuer(centre: tuple[Centre, Path]) -> KeyPair:
    return centre[0].issue_information_system(
        ISSUER_BIN, "ӘМСҚ", "Saqtau", datetime.now(UTC), "rsa-sha256"
    )


@pytest.fixture
def sealing(
    resources: Resources, issuer: KeyPair, centre: tuple[Centre, Path], tmp_path: Path
) -> Resources:
    """The service's resources with the issuer's seal in a key file."""
    place = tmp_path / "issuer.p12"
    place.write_bytes(keyfile.dump(issuer, PASSWORD))
    config = msgspec.structs.replace(
        resources.config,
        seal_issuer=str(place),
        seal_issuer_password=PASSWORD,
        trust=str(centre[1]),
    )
    return msgspec.structs.replace(resources, config=config)


@pytest.fixture
async def signed(
    decided: Decision,
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    keyring: Keyring,
    config: Config,
    sign: Sign,
) -> Decision:
    command = sign(SignDecision(decided.decision_id, decided.result_sha256), HEAD)
    return await contracts.sign_decision(
        db_allocation, clock, calendar, keyring, config, HEAD, decided.decision_id, command
    )


async def replay(file: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """The command on a machine with nothing but the file: no database, no service."""
    command = [sys.executable, "-m", "backend.app.cli", "allocate", "--bundle", str(file), *options]
    bare = {k: v for k, v in os.environ.items() if not k.startswith("SAQTAU_")}
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, check=False, timeout=60, env=bare
    )
    assert done.stderr == b""
    return done.returncode, json.loads(done.stdout)


async def test_the_file_is_sealed_and_computed_anew_by_anyone(
    sealing: Resources,
    signed: Decision,
    centre: tuple[Centre, Path],
    tmp_path: Path,
    db_allocation: Db,
) -> None:
    assert await publication.seal_public(sealing) == 1
    assert await publication.seal_public(sealing) == 0  # once
    content = await publication.sealed(db_allocation, signed.decision_id)
    file = tmp_path / "decision.json"
    file.write_bytes(content)
    trust = ("--trust", str(centre[1]))
    code, told = await replay(file, *trust, "--issuer", ISSUER_BIN)
    assert (code, told["valid"], told["code"], told["differences"]) == (0, True, "OK", [])
    assert told["record_sha256"] == told["recomputed_sha256"] == signed.result_sha256
    assert (told["lines"], told["applications"]) == (3, 5)
    assert (told["seal"]["code"], told["seal"]["bin"]) == ("OK", ISSUER_BIN)

    changed = content.replace(b'"score_milli":4700', b'"score_milli":4100', 1)
    assert changed != content
    file.write_bytes(changed)
    code, told = await replay(file, *trust)
    assert (code, told["code"]) == (1, "DIFFERENT")
    (difference,) = told["differences"]
    assert (difference["line"], difference["field"]) == (CDC, "score_milli")
    assert (difference["told"], difference["should_be"]) == (4100, 4700)
    assert told["recomputed_sha256"] == signed.result_sha256
    assert told["seal"]["code"] == "OK"  # what was put back is what the issuer sealed

    file.write_bytes(content)
    assert (await replay(file, *trust, "--issuer", "980540000397"))[1]["code"] == "SEAL_INVALID"
    code, told = await replay(file)  # the national centre does not know the sandbox
    assert (code, told["code"], told["seal"]["code"]) == (1, "SEAL_INVALID", "UNTRUSTED_CHAIN")


async def test_a_record_made_up_anew_has_no_seal_of_the_issuer(
    sealing: Resources,
    signed: Decision,
    centre: tuple[Centre, Path],
    tmp_path: Path,
    db_allocation: Db,
) -> None:
    """Everything computed consistently from other inputs: only the seal can tell."""
    await publication.seal_public(sealing)
    document = json.loads(await publication.sealed(db_allocation, signed.decision_id))
    bare = await publication.published(db_allocation, None, signed.decision_id)
    other = json.loads(bare.replace(b'"version":1', b'"version":2'))
    head = {k: other[k] for k in ("algorithm", "announcement_id", "plan", "totals")}
    other["mark"] = publication.bundle.mark(head)
    document["record"] = other
    document["record_sha256"] = "0" * 64
    file = tmp_path / "decision.json"
    file.write_bytes(json.dumps(document).encode())
    trust = ("--trust", str(centre[1]))
    code, told = await replay(file, *trust)
    assert (code, told["code"]) == (1, "DIFFERENT")  # the hash beside the record
    assert told["differences"][0]["field"] == "record_sha256"
    document["record_sha256"] = told["recomputed_sha256"]
    file.write_bytes(json.dumps(document).encode())
    code, told = await replay(file, *trust)
    assert (code, told["code"], told["seal"]["code"]) == (1, "SEAL_INVALID", "DIGEST_MISMATCH")


async def test_without_a_seal_the_record_is_public_and_says_so(
    resources: Resources, signed: Decision, db_allocation: Db, tmp_path: Path
) -> None:
    assert await publication.seal_public(resources) == 0
    file = tmp_path / "decision.json"
    file.write_bytes(await publication.sealed(db_allocation, signed.decision_id))
    code, told = await replay(file)
    assert (code, told["code"], told["seal"]) == (1, "SEAL_MISSING", None)
    assert told["differences"] == []
    file.write_bytes(await publication.published(db_allocation, None, signed.decision_id))
    assert (await replay(file))[1]["code"] == "SEAL_MISSING"


async def test_what_is_no_file_of_a_decision_is_refused_in_json(tmp_path: Path) -> None:
    file = tmp_path / "no.json"
    file.write_bytes(b'{"record": {"lines": []}, "record_sha256": "", "seal": null}')
    code, told = await replay(file)
    assert (code, told["code"], told["path"]) == (1, "BAD_BUNDLE", "record.$")


async def test_everybody_finds_it_and_no_iin_stands_in_it(
    client: Any,
    resources: Resources,
    decided: Decision,
    signed: Decision,
    executors: list[Executor],
    owner: asyncpg.Connection,
) -> None:
    async with client() as guest:
        (listed,) = (await guest.get("/api/v1/public/decisions")).json()["items"]
        assert listed["decision_id"] == str(signed.decision_id)
        assert (listed["lines"], listed["shares"], listed["sealed_at"]) == (3, 5, None)
        file = await guest.get(f"/api/v1/public/decisions/{signed.decision_id}")
        assert file.json()["record_sha256"] == signed.result_sha256
        assert "attachment" in file.headers["content-disposition"]
        assert (await guest.get(f"/api/v1/public/decisions/{listed['plan_id']}")).status_code == 404
        lines = f"/api/v1/decisions/{signed.decision_id}/lines"
        assert (await guest.get(lines)).status_code == 401
    async with client(Role.EXECUTOR_HEAD, bin=executors[0].bin) as clinic:
        first = (await clinic.get(f"{lines}?limit=2", headers={"Accept-Language": "en"})).json()
        rest = (await clinic.get(f"{lines}?cursor={first['next']}")).json()
        codes = [item["line_code"] for item in first["items"] + rest["items"]]
        assert codes == sorted(codes)
        assert len(codes) == 3
        assert rest["items"][0]["explanation"].startswith("Жоспар: ")
        cdc = next(i for i in [*first["items"], *rest["items"]] if i["line_code"] == CDC)
        assert (cdc["sum_min"], cdc["sum_max"], cdc["residue"]) == (2293, 2748, 0)


async def test_lines_are_explained_from_what_is_kept(decided: Decision, db_allocation: Db) -> None:
    told = await publication.lines(db_allocation, HEAD, "en", decided.decision_id, None, 10)
    cdc = next(t for t in told if t.line_code == CDC)
    assert cdc.explanation == (
        "Plan: 2,500 services. All minimums together: 2,293; all maximums: 2,748. "
        "Group I: 207 was left, the group could take 255, so it was shared in proportion. "
        "Group II: nothing was left. Allocated: 2,500 services; left in the plan: 0."
    )


async def test_nothing_is_public_before_the_signature(
    decided: Decision, sealing: Resources, db_allocation: Db
) -> None:
    assert await publication.seal_public(sealing) == 0
    assert await publication.public_decisions(db_allocation, None, 10) == []
    with pytest.raises(DecisionNotFound):
        await publication.sealed(db_allocation, decided.decision_id)


async def test_flipping_who_owns_an_executor_changes_no_byte(
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    decided: Decision,
    sign: Sign,
    owner: asyncpg.Connection,
) -> None:
    """R60: a state enterprise served by the Treasury or a partnership served by a bank."""
    await owner.execute(
        "UPDATE registry.organisation SET name = 'ГКП на ПХВ «Емхана»',"
        " requisites = jsonb_set(requisites, '{0,treasury}', 'true') WHERE kind = 'EXECUTOR'"
    )
    refusal = sign(RefuseDecision(decided.decision_id, "тексеру"), HEAD)
    await service.refuse(db_allocation, clock, HEAD, decided.decision_id, refusal)
    again = await service.decide(db_allocation, clock, calendar, HEAD, decided.announcement_id)
    assert again.result_sha256 == decided.result_sha256

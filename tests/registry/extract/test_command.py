"""`saqtau registry verify --extract FILE`, as one sees it who has the file and the published keys."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.kernel.actor import Actor
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.extract import paper, qr, rules
from backend.registry.extract.model import ExtractFile
from backend.registry.log import heads, queries
from backend.registry.log import rules as log_rules
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_cms
from infra.sandbox.nca import keyfile
from infra.sandbox.nca.centre import Centre
from tests.conftest import MONDAY_MORNING
from tests.registry.extract.conftest import Take, file_of, head_over_it

PASSWORD = "Қпия сөз 1"
REGISTRAR_BIN = "980540000397"
NOWHERE = {"SAQTAU_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}


def run(*options: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "registry", "verify", *options],
        env={**os.environ, **NOWHERE},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "{}"), json.loads(done.stderr or "{}")


def verified(raw: bytes, *options: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """`options` end as `--keys FILE --extract FILE …`: the extract is written there first."""
    Path(options[3]).write_bytes(raw)
    return run(*options)


@pytest.fixture
async def file(resources: Resources, clock: FixedClock, insured: Actor, take: Take) -> ExtractFile:
    given = await take()
    await head_over_it(resources, clock)
    return await file_of(resources, insured, given)


@pytest.fixture
async def options(resources: Resources, file: ExtractFile, tmp_path: Path) -> tuple[str, ...]:
    keys = tmp_path / "keys.json"
    keys.write_bytes(msgspec.json.encode(await heads.public_keys(resources.db.registry)))
    return "--keys", str(keys), "--extract", str(tmp_path / "extract")


async def test_an_extract_is_verified_without_any_database(
    resources: Resources, file: ExtractFile, options: tuple[str, ...]
) -> None:
    pdf, data = await paper.pdf(resources, file), rules.file_octets(file)
    for raw, form in ((pdf, "pdf"), (data, "json"), (qr.text(file.proof).encode(), "qr")):
        code, answer, _ = verified(raw, *options)
        assert (code, answer["ok"], answer["form"]) == (0, True, form)
        assert (answer["leaf_hash"], answer["head"]) == (file.proof.leaf_hash, 1)
    code, answer, _ = verified(pdf.replace(b"/Type/Catalog", b"/Type/Katalog"), *options)
    assert (code, answer["ok"], answer["code"]) == (1, False, "PDF_CHANGED")
    code, _, error = run(*options[2:])
    assert (code, error["code"]) == (2, "BAD_KEYS")
    code, _, error = run(*options, "--head", options[1])
    assert (code, error["code"]) == (2, "BAD_ARGUMENT")


@pytest.fixture(scope="module")
def centre() -> Centre:
    return Centre.create(b"extract", MONDAY_MORNING, algorithms=("rsa-sha256", "gost2015-512"))


@pytest.fixture
def sealing(resources: Resources, clock: FixedClock, centre: Centre, tmp_path: Path) -> Resources:
    """The registrar has a GOST seal for CMS and an RSA one for PDF."""
    files = []
    for algorithm in ("gost2015-512", "rsa-sha256"):
        pair = centre.issue_information_system(
            REGISTRAR_BIN, "Тіркеуші", "Saqtau", clock.now(), algorithm
        )
        file = tmp_path / f"{algorithm}.p12"
        file.write_bytes(keyfile.dump(pair, PASSWORD))
        files.append(str(file))
    config = msgspec.structs.replace(
        resources.config, seal_registrar=",".join(files), seal_registrar_password=PASSWORD
    )
    return msgspec.structs.replace(resources, config=config)


async def test_the_registrars_seal_stands_over_ours(
    sealing: Resources,
    resources: Resources,
    centre: Centre,
    clock: FixedClock,
    file: ExtractFile,
    options: tuple[str, ...],
    tmp_path: Path,
) -> None:
    centre.save(tmp_path)
    sealed = await paper.pdf(sealing, file)
    bare = await paper.pdf(resources, file)
    assert sealed.startswith(bare)
    trusting = (*options, "--trust", str(tmp_path / "trust"), "--at", clock.now().isoformat())
    code, answer, _ = verified(sealed, *trusting)
    assert (code, answer["sealed_by"]) == (0, REGISTRAR_BIN)
    code, answer, _ = run(*options, "--trust", "test")
    assert (code, answer["code"]) == (1, "SEAL_INVALID")
    changed = bytearray(sealed)
    changed[len(bare) + 40] ^= 1
    for raw in (bytes(changed), sealed + b"\n", bare + b"\n"):
        code, answer, _ = verified(raw, *trusting)
        assert (code, answer["code"]) == (1, "PDF_CHANGED")


async def test_the_registrars_cms_over_data_and_over_the_logs_key(
    sealing: Resources, centre: Centre, file: ExtractFile, tmp_path: Path
) -> None:
    centre.save(tmp_path)
    trust, at = TrustStore.load(str(tmp_path / "trust")), sealing.clock.now()
    await heads.rotate_key(sealing)
    key = (await queries.KEYS.all(sealing.db.registry))[-1]
    assert key.endorsement is not None
    statement = log_rules.key_statement(key.key_number, key.public_key, key.created_at)
    data = rules.file_octets(file)
    for cms, over in ((await paper.cms(sealing, file), data), (key.endorsement, statement)):
        found = verify_cms(cms, over, trust, at, None, revocation_required=False)
        assert (found.code, found.signers[0].bin) == ("OK", REGISTRAR_BIN)
        assert found.signers[0].algorithm == "gost2015-512"
        other = verify_cms(cms, over + b" ", trust, at, None, revocation_required=False)
        assert other.code == "DIGEST_MISMATCH"

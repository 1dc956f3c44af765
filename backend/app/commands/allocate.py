"""`saqtau allocate`: one plan line allocated by rule, or a published decision computed anew.

Without a database and without a network. For people, on a terminal, a table with the reasons; for
everything else the one JSON document of CONTRACT.md.
"""

import base64
import binascii
import hashlib
import sys
from datetime import UTC, datetime
from typing import Any, Literal

import click
import msgspec

from backend.allocation.decision import case as cases
from backend.allocation.decision.errors import AllocationRefused
from backend.app.commands import console

Shown = Literal["kk", "ru", "en"]


@click.command("allocate")
@click.argument("case", metavar="[CASE.json]", required=False)
@click.option("--bundle", metavar="FILE", help="recompute a published decision, and check its seal")
@click.option("--trust", default="prod", help="of the seal: prod, test, or a directory")
@click.option("--at", "at_text", help="the instant the seal is judged at, RFC 3339 (else now)")
@click.option("--issuer", metavar="BIN", help="whose seal it must be")
@click.option("--language", type=click.Choice(["kk", "ru", "en"]), default="kk")
@click.option("--json", "as_json", is_flag=True, help="the JSON document on a terminal too")
def command(
    case: str | None,
    bundle: str | None,
    trust: str,
    at_text: str | None,
    issuer: str | None,
    language: Shown,
    as_json: bool,
) -> None:
    """Allocate one plan line among its applications (domain 5.3), or replay a decision.

    CASE.json is a file, or - for standard input. Prints the decided line, or a refusal with exit 1.
    """
    if (case is None) == (bundle is None):
        console.bad_argument("either CASE.json or --bundle FILE is wanted")
    pretty = sys.stdout is not None and sys.stdout.isatty() and not as_json
    if bundle is not None:
        _replay(bundle, _Judge(trust, at_text, issuer), language if pretty else None)
    assert case is not None
    document = console.read_json(case)
    try:
        read = cases.read_case(document)
        outcome = cases.computed(read)
    except AllocationRefused as refused:
        console.refuse(refused.actual_code, refused.detail, refused.path)
    if pretty:
        from backend.app.commands import allocate_table

        allocate_table.show_line(read, outcome, language)
        raise SystemExit(0)
    console.answer(cases.answer(read, outcome), yes=True)


class _Judge(msgspec.Struct, frozen=True):
    """How a seal is judged."""

    trust: str
    at_text: str | None
    issuer: str | None


def _replay(file: str, judge: _Judge, language: Shown | None) -> None:
    """Print what came of the replay, and leave: 0 only when all of it is as the issuer sealed it."""
    from backend.allocation.decision import replay

    document = console.read_json(file)
    whole = isinstance(document, dict) and set(document) == {"record", "record_sha256", "seal"}
    record = document["record"] if whole else document
    try:
        found = replay.replay(record)
    except AllocationRefused as refused:
        path = f"record.{refused.path}" if whole else refused.path
        console.refuse(refused.actual_code, refused.detail, path)
    seal = _seal(document["seal"] if whole else None, found.recomputed, judge)
    told = msgspec.to_builtins(found)
    del told["same"], told["recomputed"]
    hashed = not whole or document["record_sha256"] == found.recomputed_sha256
    if not hashed:
        told["differences"].append(
            {
                "line": None,
                "application": None,
                "field": "record_sha256",
                "told": document["record_sha256"],
                "should_be": found.recomputed_sha256,
            }
        )
    code = "OK"
    if not found.same or not hashed:
        code = "DIFFERENT"
    elif seal is None:
        code = "SEAL_MISSING"
    elif not seal["valid"]:
        code = "SEAL_INVALID"
    answer = {"valid": code == "OK", "code": code, **told, "seal": seal}
    if language is not None:
        from backend.app.commands import allocate_table

        allocate_table.show_replay(answer)
        raise SystemExit(0 if code == "OK" else 1)
    console.answer(answer, yes=code == "OK")


def _seal(text: Any, sealed: bytes, judge: _Judge) -> dict[str, Any] | None:
    """What the seal says of the recomputed record; None where there is none."""
    if text is None:
        return None
    from backend.app.commands import ecp
    from backend.signing.model import Code
    from backend.signing.verify.document import verify_cms

    ecp.choose_library()
    trust = ecp.trust_of(judge.trust)
    at = ecp.instant_of(judge.at_text) if judge.at_text is not None else datetime.now(UTC)
    try:
        cms = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (ValueError, binascii.Error):
        cms = b""
    # Offline nobody can be asked about revocation; who needs it has `saqtau ecp verify --crl`.
    found = verify_cms(cms, sealed, trust, at, None, revocation_required=False)
    signer = found.signers[0] if found.signers else None
    code = found.code
    sealed_by = signer.bin if signer is not None else None
    if found.valid and (sealed_by is None or judge.issuer not in (None, sealed_by)):
        code = Code.WRONG_ROLE  # a seal is an organisation's, also where nobody said whose
    return {
        "valid": code is Code.OK,
        "code": code,
        "organisation": signer.organisation if signer else None,
        "bin": signer.bin if signer else None,
        "signed_at": signer.signed_at.isoformat() if signer and signer.signed_at else None,
        "cms_sha256": hashlib.sha256(cms).hexdigest(),
    }

"""`saqtau ecp verify`: who signed these bytes, in what role, and does it hold."""

import os
import re
from datetime import UTC, datetime
from typing import Any

import click

from backend.app.commands import console
from backend.signing.algorithm import selection
from backend.signing.model import Role, SignerInfo, Verification
from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_document
from backend.signing.verify.judge import Policy

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)


@click.group(no_args_is_help=False)
def command() -> None:
    """Verify electronic signatures."""


@command.command()
@click.argument("file")
@click.option("--content", help="the detached content")
@click.option("--trust", default="prod", help="prod, test, or a directory of certificates")
@click.option("--at", "at_text", help="the reference time, RFC 3339 (else now)")
@click.option("--crl", "crls", multiple=True, help="a certificate revocation list")
@click.option("--ocsp", "ocsps", multiple=True, help="an OCSP answer")
@click.option("--no-revocation", is_flag=True, help="accept an unknown revocation status")
@click.option("--require-role", "role_text", help="the role every signer must have")
def verify(
    file: str,
    content: str | None,
    trust: str,
    at_text: str | None,
    crls: tuple[str, ...],
    ocsps: tuple[str, ...],
    no_revocation: bool,
    role_text: str | None,
) -> None:
    """Verify FILE: CMS in DER, PEM or base64, or XML with XMLDSig. Exit 0 only when it is valid."""
    if (file, content, *crls, *ocsps).count("-") > 1:
        console.bad_argument("standard input can be read but once")
    choose_library()
    policy = Policy(
        trust=trust_of(trust),
        at=instant_of(at_text) if at_text is not None else datetime.now(UTC),
        revocation=RevocationFiles(
            [console.read_bytes(name) for name in crls],
            [console.read_bytes(name) for name in ocsps],
        ),
        revocation_required=not no_revocation,
        require_role=_role(role_text) if role_text is not None else None,
    )
    beside = console.read_bytes(content) if content is not None else None
    found = verify_document(policy, console.read_bytes(file), beside)
    console.answer(as_json(found), yes=found.valid)


def choose_library() -> None:
    """The OpenSSL engine where it is: a large document is digested four hundred times as fast."""
    try:
        selection.settle(os.environ.get("SAQTAU_GOST_BACKEND", selection.AUTO))
    except selection.BackendMissing as e:
        console.bad_argument(f"SAQTAU_GOST_BACKEND: {e}", "BAD_CONFIG")


def trust_of(source: str) -> TrustStore:
    """The trust anchors named; exit 2 when there are none."""
    try:
        return TrustStore.load(source)
    except (OSError, ValueError) as e:
        reason = e.strerror if isinstance(e, OSError) and e.strerror else str(e)
        console.bad_argument(f"--trust knows prod, test, or a directory; not {source!r}: {reason}")


def instant_of(text: str) -> datetime:
    """An RFC 3339 time in UTC; exit 2 when it is none."""
    if not _RFC3339.match(text):
        console.bad_argument(f"--at is not an RFC 3339 time: {text!r}")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        console.bad_argument(f"--at is not an RFC 3339 time: {text!r}")


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        console.bad_argument(f"--require-role knows {', '.join(Role)}; not {text!r}")


def as_json(found: Verification) -> dict[str, Any]:
    """The answer in the contract's shape."""
    return {
        "valid": found.valid,
        "code": found.code,
        "format": found.format,
        "signers": [_signer(signer) for signer in found.signers],
    }


def _signer(signer: SignerInfo) -> dict[str, Any]:
    at = signer.signed_at
    return {
        "valid": signer.valid,
        "code": signer.code,
        "algorithm": signer.algorithm,
        "iin": signer.iin,
        "bin": signer.bin,
        "common_name": signer.common_name,
        "organisation": signer.organisation,
        "roles": list(signer.roles),
        "signed_at": at.isoformat().replace("+00:00", "Z") if at is not None else None,
        "timestamped": signer.timestamped,
        "serial": signer.serial,
        "chain": list(signer.chain),
        "revocation": {"status": signer.revocation.status, "source": signer.revocation.source},
    }

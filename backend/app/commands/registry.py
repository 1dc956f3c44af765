"""`saqtau registry verify`: prove the operation log of the configured database untouched.

With `--head`, also against heads kept outside; with `--extract`, one extract instead, offline.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import asyncpg
import click
import msgspec

from backend.app.commands import console
from backend.app.commands.order import order
from backend.app.commands.rekey import rekey

if TYPE_CHECKING:
    from backend.registry.log.model import LogKey, TreeHead


@click.group(no_args_is_help=False)
def command() -> None:
    """The registry: its log and its orders."""


command.add_command(rekey)
command.add_command(order)


@command.command()
@click.option("--head", "heads", multiple=True, help="a head kept outside, as it was published")
@click.option("--keys", help="the log's public keys, as they were published")
@click.option("--extract", help="verify this extract instead, offline: PDF, JSON, or a QR's text")
@click.option("--trust", help="for the registrar's seal on a PDF: prod, test, or a directory")
@click.option("--at", "at_text", help="the time to judge that seal at, RFC 3339 (else now)")
def verify(
    heads: tuple[str, ...],
    keys: str | None,
    extract: str | None,
    trust: str | None,
    at_text: str | None,
) -> None:
    """Re-read the whole log, compute every hash anew, follow tree and heads, print the root."""
    from infra import servers

    known = None if keys is None else public_keys(_keys(keys))
    if extract is not None:
        if heads:
            console.bad_argument("an extract brings its own head: --head is for the log")
        _verify_extract(extract, known, trust, at_text)
    kept = [head for name in heads for head in _heads(name)]
    try:
        with servers.running() as endpoints:
            document = asyncio.run(_verify(endpoints.database_url, kept, known))
    except (servers.ServersUnavailable, OSError, asyncpg.PostgresError) as e:
        console.bad_argument(f"the database cannot be read: {e}", "DATABASE_UNREADABLE")
    except (ValueError, OverflowError, asyncpg.InterfaceError):
        # What the driver says here may repeat the address, password and all.
        console.bad_argument("SAQTAU_DATABASE_URL is no usable address", "DATABASE_UNREADABLE")
    console.answer(document, yes=document["ok"])


async def _verify(
    database_url: str, heads: "Sequence[TreeHead]", keys: Mapping[int, bytes] | None
) -> dict[str, Any]:
    from backend.kernel.db import open_db
    from backend.registry.log.verify import verify as verify_log

    db = await open_db(database_url, "saqtau_registry", max_size=1, application="saqtau-verify")
    try:
        found = await verify_log(db, heads, keys)
    finally:
        await db.close()
    document: dict[str, Any] = {
        "ok": found.ok,
        "operations": found.operations,
        "root": found.root,
        "sealed": found.sealed,
        "heads": found.heads,
    }
    if (broken := found.broken) is None:
        return document
    return {
        **document,
        "code": "LOG_BROKEN",
        "damage": broken.damage.value,
        "operation": {
            "subject_id": str(broken.subject_id) if broken.subject_id else None,
            "seq": broken.seq,
        },
        "leaves": None if broken.leaf_index is None else [broken.leaf_index, broken.leaf_until],
        "head": broken.head,
    }


def _verify_extract(
    name: str, keys: Mapping[int, bytes] | None, trust: str | None, at_text: str | None
) -> NoReturn:
    """Nothing is asked of any database or network."""
    from backend.app.commands.ecp import instant_of, trust_of
    from backend.registry.extract.verify import Refused, check
    from backend.signing.verify.judge import Policy

    if keys is None:
        console.bad_argument("--extract needs --keys: the log's published keys", "BAD_KEYS")
    policy = Policy(
        trust=trust_of(trust or "prod"),
        at=datetime.now(UTC) if at_text is None else instant_of(at_text),
        revocation=None,
        revocation_required=False,
    )
    try:
        held = check(console.read_bytes(name), keys, policy)
    except Refused as e:
        refusal = {"ok": False, "code": e.fault.value, "detail": e.detail}
        console.answer(refusal, yes=False)
    console.answer({"ok": True, "code": "OK", **msgspec.to_builtins(held)}, yes=True)


def _heads(name: str) -> "list[TreeHead]":
    """One head, or a page or list of them."""
    from backend.registry.log import rules
    from backend.registry.log.model import SignedHead

    found = console.read_json(name)
    if isinstance(found, dict) and "items" in found:
        found = found["items"]
    if not isinstance(found, list):
        found = [found]
    try:
        return [rules.from_published(head) for head in msgspec.convert(found, list[SignedHead])]
    except (ValueError, OverflowError) as e:
        console.bad_argument(f"{name} is no head of the log: {e}", "BAD_HEAD")


def _keys(name: str) -> "list[LogKey]":
    from backend.registry.log.model import LogKey

    try:
        return msgspec.convert(console.read_json(name), list[LogKey])
    except ValueError as e:
        console.bad_argument(f"{name} holds no keys of the log: {e}", "BAD_KEYS")


def public_keys(keys: "Sequence[LogKey]") -> dict[int, bytes]:
    """The public keys by number; exit 2 when one is not 32 octets in base64."""
    import base64
    import binascii

    try:
        found = {key.key_number: base64.b64decode(key.public_key, validate=True) for key in keys}
    except binascii.Error:
        console.bad_argument("a public key is not base64", "BAD_KEYS")
    if any(len(key) != 32 for key in found.values()):
        console.bad_argument("a public key is not 32 octets long", "BAD_KEYS")
    return found

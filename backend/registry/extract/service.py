"""Giving extracts: the insured his own, the issuer and state bodies on their grounds."""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Tx
from backend.kernel.ids import require_iin, uuid7
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.entitlement import service as entitlement
from backend.registry.extract import queries, rules, words
from backend.registry.extract.errors import ExtractNotFound, NoPolicyToShow
from backend.registry.extract.model import (
    AccountPart,
    CheckCode,
    Checked,
    Document,
    EntitlementPart,
    ExtractFile,
    Given,
    Ground,
    Insured,
    Kind,
    OrderExtract,
    PolicyPart,
    Promise,
    Proof,
    RequestExtract,
    Row,
    TakeExtract,
)
from backend.registry.log import heads, merkle, tree
from backend.registry.log import rules as log_rules
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.registry.person import service as persons
from backend.registry.person.errors import InsuredNotFound
from backend.registry.person.model import Identity
from backend.registry.policy import service as policies
from backend.registry.policy.model import Card
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed
from backend.web import paging

# What a promise promises (RFC 9162 §4.1: the maximum merge delay).
PROMISED_WITHIN = timedelta(hours=24)
# An extract that was made just before a head may have had no place in it.
_SEALED_WITHIN = timedelta(minutes=1)
_SHOWN = (
    Field.NAME, Field.IIN, Field.BIRTH_DATE, Field.ADDRESS, Field.DOCUMENT, Field.ACCOUNT,
    Field.POLICY, Field.ENTITLEMENT, Field.OPERATIONS,
)  # fmt: skip


class _Making(msgspec.Struct, frozen=True):
    """An extract about to be made."""

    kind: Kind
    ground: Ground
    basis_kind: BasisKind
    basis_id: str
    actor_bin: str | None = None
    evidence_id: UUID | None = None


async def take(resources: Resources, actor: Actor, command: TakeExtract) -> Given:
    """The insured's own extract, on his consent (M §44). Raises InsuredNotFound, NoPolicyToShow."""
    db, now = resources.db.registry, resources.clock.now()
    person_id = await access_records.record_own(db, actor, "TakeExtract", at=now)
    making = _Making(
        command.kind, Ground("CONSENT"), BasisKind.SELF, basis_id=str(actor.session_id)
    )
    await heads.signing_key(resources)
    async with db.transaction() as tx:
        who = await persons.identity(tx, resources.keyring, person_id)
        return await _make(tx, resources, actor, person_id, who, making)


async def order(resources: Resources, actor: Actor, signed: Signed[OrderExtract]) -> Given:
    """An extract for the issuer, on its signed order (M §43).

    Raises IinInvalid, InsuredNotFound, NoPolicyToShow, DocumentAlreadyUsed.
    """
    command = signed.command
    ground = Ground("ORDER", number=command.order_number)
    return await _for_office(
        resources, actor, signed, command.iin, command.kind, ground, Basis.ORDER, "OrderExtract"
    )


async def request(resources: Resources, actor: Actor, signed: Signed[RequestExtract]) -> Given:
    """An extract for an entitled state body, through the registrar, on its written request (M §45).

    Raises as `order`.
    """
    command = signed.command
    ground = Ground(
        "REQUEST",
        body=command.body,
        number=command.request_number,
        on=command.requested_on,
    )
    return await _for_office(
        resources, actor, signed, command.iin, command.kind, ground, Basis.REQUEST, "RequestExtract"
    )


async def _for_office(
    resources: Resources,
    actor: Actor,
    signed: Signed[Any],
    iin: str,
    kind: Kind,
    ground: Ground,
    basis: Basis,
    operation: str,
) -> Given:
    require_iin(iin, "$.iin")
    await access_records.count_look(resources, actor)
    await heads.signing_key(resources)
    db, now = resources.db.registry, resources.clock.now()
    async with db.transaction() as tx:
        person_id = await persons.named(tx, resources.keyring, iin)
        evidence_id = await evidence.store(tx, signed)
        access = Access(actor, operation, basis, _SHOWN, evidence_id)
        found = await persons.disclose(tx, resources.keyring, access, [person_id], at=now)
        if person_id not in found:
            raise InsuredNotFound
        making = _Making(
            kind,
            ground,
            BasisKind(basis.value),
            basis_id=str(evidence_id),
            actor_bin=actor.bin,
            evidence_id=evidence_id,
        )
        return await _make(tx, resources, actor, person_id, found[person_id], making)


async def _make(
    tx: Tx, resources: Resources, actor: Actor, person_id: UUID, who: Identity, making: _Making
) -> Given:
    """Extract, hash, log, keep: all in one transaction, with the person's chain locked."""
    now, extract_id = resources.clock.now(), uuid7()
    await log.lock(tx, [person_id])
    document = await _document(tx, resources, person_id, who, making, extract_id)
    octets = rules.canonical(document)
    digest = sha256(octets).digest()
    ground = {k: v for k, v in msgspec.to_builtins(making.ground).items() if v is not None}
    operation = NewOperation(
        subject_id=person_id,
        op_class=OpClass.INFORMATION,
        op_type=rules.OP_TYPE[making.kind],
        at=now,
        actor=actor.label,
        basis_kind=making.basis_kind,
        basis_id=making.basis_id,
        content={"extract": str(extract_id), "ground": ground, "sha256": digest.hex()},
    )
    await log.append(tx, [operation])
    logged = await queries.LAST_LOGGED.get(tx, person_id)
    code = rules.code_of(digest)
    await queries.ADD.run(
        tx,
        person_id,
        extract_id,
        making.kind,
        now,
        actor.label,
        making.actor_bin,
        making.evidence_id,
        code,
        digest,
        resources.keyring.seal(octets, _context(extract_id)),
        logged.seq,
        logged.hash,
    )
    leaf = merkle.leaf_hash(logged.hash)
    return Given(extract_id, making.kind, now, code, digest.hex(), leaf.hex(), proved=False)


async def _document(
    tx: Tx,
    resources: Resources,
    person_id: UUID,
    who: Identity,
    making: _Making,
    extract_id: UUID,
) -> Document:
    now = resources.clock.now()
    today = legal_date(now)
    account = await queries.ACCOUNT.one(tx, person_id)
    if account is None or account.opened_at is None:
        raise InsuredNotFound
    card = await policies.card(tx, person_id, today.year)
    if card is None and making.kind in (Kind.POLICY, Kind.POLICY_EVENTS):
        raise NoPolicyToShow
    status = await entitlement.status_of(tx, person_id, today)
    classes = [c.value for c in rules.LISTED[making.kind]]
    return Document(
        extract_id=extract_id,
        kind=making.kind,
        issued_at=now,
        registrar=words.REGISTRAR,
        registrar_bin=resources.config.registrar_bin,
        registrar_address=resources.config.registrar_address,
        ground=making.ground,
        insured=Insured(who.full_name, who.iin, who.birth_date, who.address, who.document_no),
        account=AccountPart(account.status, account.opened_at),
        entitlement=EntitlementPart(today, status.status.value, status.until),
        policy=None if card is None else _policy(card),
        operations=tuple(await queries.ENTRIES.all(tx, person_id, classes, rules.ENTRIES_MAX)),
        operations_total=await queries.ENTRIES_TOTAL.get(tx, person_id, classes),
        legal=words.LEGAL,
    )


def _policy(card: Card) -> PolicyPart:
    policy = card.policy
    return PolicyPart(
        number=policy.number,
        status=policy.status.value,
        gvfmc=policy.gvfmc,
        mhi=policy.mhi,
        service_list=policy.service_list,
        tariff_set=policy.tariff_set,
        rule_set=policy.rule_set,
        issued_on=policy.issued_on,
        valid_from=policy.valid_from,
        valid_to=policy.valid_to,
        issuer_name=card.issuer_name,
        issuer_bin=card.issuer_bin,
        issuer_address=card.issuer_address,
        executor_name=card.executor_name,
        executor_bin=card.executor_bin,
    )


# --- what was given -------------------------------------------------------------------------------


async def own(
    resources: Resources, actor: Actor, cursor: str | None, limit: int
) -> paging.Page[Given]:
    """The extracts the insured took, the newest first. Raises BadCursor."""
    db = resources.db.registry
    person_id = await access_records.record_own(
        db, actor, "ListOwnExtracts", at=resources.clock.now()
    )
    after = paging.decode_uuid(cursor)
    rows = await queries.OWN_LIST.all(db, person_id, after, limit + 1)
    return paging.page([_given(row) for row in rows], limit, lambda g: g.extract_id)


async def own_row(resources: Resources, actor: Actor, operation: str, extract_id: UUID) -> Row:
    """An extract the insured took. Raises ExtractNotFound."""
    db = resources.db.registry
    person_id = await access_records.record_own(db, actor, operation, at=resources.clock.now())
    row = await queries.OWN.one(db, person_id, extract_id)
    if row is None:
        raise ExtractNotFound
    return row


async def ordered_row(resources: Resources, actor: Actor, operation: str, extract_id: UUID) -> Row:
    """An extract this office ordered; that it is looked at again is noted. Raises ExtractNotFound."""
    async with resources.db.registry.transaction() as tx:
        row = await queries.ORDERED.one(tx, extract_id, actor.bin)
        if row is None:
            raise ExtractNotFound
        logged = await queries.LOGGED.get(tx, row.person_id, row.seq)
        access = Access(
            actor, operation, Basis(logged.basis_kind.value), _SHOWN, UUID(logged.basis_id)
        )
        await access_records.record(tx, access, [row.person_id], at=resources.clock.now())
    return row


async def check(resources: Resources, command: CheckCode) -> Checked:
    """What everybody may know who holds the code. Raises ExtractNotFound."""
    db = resources.db.registry
    row = await queries.BY_CODE.one(db, rules.read_code(command.code))
    if row is None:
        raise ExtractNotFound
    given = _given(row)
    return Checked(given.kind, given.issued_at, given.sha256, given.leaf_hash, given.proved)


def _given(row: Row) -> Given:
    return Given(
        row.extract_id,
        row.kind,
        row.at,
        row.code,
        row.sha256.hex(),
        merkle.leaf_hash(row.hash).hex(),
        row.proved,
    )


async def file(resources: Resources, row: Row) -> ExtractFile:
    """The extract with its proof; with a promise while no head stands over it."""
    db = resources.db.registry
    octets = resources.keyring.open(row.sealed, _context(row.extract_id))
    document: Mapping[str, Any] = msgspec.json.decode(octets)
    logged = await queries.LOGGED.get(db, row.person_id, row.seq)
    return ExtractFile(dict(document), rules.logged(logged), await _proof(resources, row))


async def _proof(resources: Resources, row: Row) -> Proof | Promise:
    db, leaf = resources.db.registry, merkle.leaf_hash(row.hash)
    placed = await tree.leaf(db, leaf)
    head = None if placed is None else await heads.over(db, placed.leaf_index)
    if placed is None or head is None:
        return await _promise(resources, leaf, log_rules.to_milliseconds(row.at))
    found = await tree.inclusion(db, leaf, head.tree_size)
    return Proof(leaf.hex(), found.leaf_index, found.inclusion_path, log_rules.published(head))


async def _promise(resources: Resources, leaf: bytes, at: datetime) -> Promise:
    key = await heads.signing_key(resources)
    until = at + PROMISED_WITHIN
    octets = rules.promise_octets(leaf, at, until, key.key_number)
    signature = log_rules.sign(octets, heads.private_half(resources.keyring, key))
    return Promise(leaf.hex(), at, until, key.key_number, base64.b64encode(signature).decode())


async def hurry(resources: Resources) -> None:
    """The sweep: where an extract waits for its proof, a head is signed within minutes."""
    if await queries.WAITS_FOR_HEAD.get(resources.db.registry, _SEALED_WITHIN):
        await heads.sign(resources, every=heads.SIGN_SOON)


def _context(extract_id: UUID) -> bytes:
    return b"registry.extract:" + extract_id.bytes

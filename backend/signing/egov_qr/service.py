"""The party's side of signing by QR: offer a package, follow it, fetch what was signed."""

import base64
import secrets
from uuid import UUID

import msgspec

from backend.kernel.actor import Actor
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.signing.egov_qr import protocol, queries, rules, watch
from backend.signing.egov_qr.errors import PackageNotFound, PackageNotSigned, PackageOver
from backend.signing.egov_qr.model import (
    AuthType,
    DocumentRow,
    Name,
    NewPackage,
    PackageOffered,
    PackageRow,
    PackageState,
    Purpose,
    SignatureRow,
    SignedDocument,
    SignedPackage,
    SignMethod,
    Status,
)
from backend.signing.evidence.model import SignedRequest
from backend.signing.login import service as login
from backend.web.limits import Limit, count
from backend.web.paper import qr

PATH = "/api/v1/egov-qr/phone"
_TOKEN_BYTES = 32
_SWEEP_MAX = 500
OFFERS = Limit("egov-qr.offers", 300)  # of one organisation in ten minutes
GUESTS = Limit("egov-qr.logins", 60, chat_most=10)  # of one address
_LOGIN_DESCRIPTION = Name(
    kk="Saqtau сервисіне кіру", ru="Вход в сервис Saqtau", en="Sign in to Saqtau"
)


async def offer(resources: Resources, actor: Actor, command: NewPackage) -> PackageOffered:
    """Offer documents to a signer of the actor's organisation, for rules.LIFE.

    Raises PackageBad, MethodNotSupported, TooMany.
    """
    documents = rules.require_package(command)
    assert actor.bin is not None, "guarded: organisations only"
    await count(resources, (OFFERS, actor.bin))
    package = PackageRow(
        package_id=uuid7(),
        purpose=Purpose.OPERATION,
        operation=command.operation,
        auth_type=command.auth_type,
        sign_method=command.sign_method,
        description=command.description,
        bin=None if actor.sole else actor.bin,
        signer=actor.signer,
        roles=tuple(sorted(set(command.roles))),
        challenge_id=None,
        token_sha256=None,
        watch_sha256=None,
        status=Status.PENDING,
        expires_at=resources.clock.now() + rules.LIFE,
        refusals=0,
        last_refusal=None,
        eds_signer=None,
    )
    return await _keep(resources, package, documents)


async def offer_login(resources: Resources, address: str) -> PackageOffered:
    """Offer a login challenge to whoever scans it. The answer's `watch_token` follows the package.

    `address` is where the guest connects from: so many a time (TooMany).
    """
    await count(resources, (GUESTS, address))
    challenge = await login.create_challenge(resources)
    watch_token = secrets.token_urlsafe(_TOKEN_BYTES)
    package = PackageRow(
        package_id=uuid7(),
        purpose=Purpose.LOGIN,
        operation="login",
        auth_type=AuthType.TOKEN,
        sign_method=SignMethod.CMS_SIGN_ONLY,
        description=_LOGIN_DESCRIPTION,
        bin=None,
        signer=None,
        roles=(),
        challenge_id=challenge.challenge_id,
        token_sha256=None,
        watch_sha256=rules.digest(watch_token),
        status=Status.PENDING,
        expires_at=challenge.expires_at,
        refusals=0,
        last_refusal=None,
        eds_signer=None,
    )
    document = DocumentRow(
        number=1,
        sign_method=SignMethod.CMS_SIGN_ONLY,
        name=_LOGIN_DESCRIPTION,
        meta=(),
        mime="application/json",
        content=base64.b64decode(challenge.document),
    )
    offered = await _keep(resources, package, [document])
    return msgspec.structs.replace(offered, watch_token=watch_token)


async def _keep(
    resources: Resources, package: PackageRow, documents: list[DocumentRow]
) -> PackageOffered:
    link, token = link_of(resources.keyring, package), token_of(resources.keyring, package)
    async with resources.db.signing.transaction() as tx:
        await queries.ADD_PACKAGE.run(
            tx,
            package.package_id,
            package.purpose,
            package.operation,
            package.auth_type,
            package.sign_method,
            package.description,
            package.bin,
            package.signer,
            package.roles,
            package.challenge_id,
            rules.digest(link),
            rules.digest(token) if package.auth_type is AuthType.TOKEN else None,
            package.watch_sha256,
            resources.clock.now(),
            package.expires_at,
        )
        rows = [
            (package.package_id, d.number, d.sign_method, d.name, d.meta, d.mime, d.content)
            for d in documents
        ]
        await queries.ADD_DOCUMENT.many(tx, rows)
    entry = entry_of(resources, package)
    return PackageOffered(
        package_id=package.package_id,
        status=package.status,
        expires_at=package.expires_at,
        qr_text=protocol.qr_text(entry),
        qr_svg=qr.svg(protocol.qr_text(entry)),
        links=protocol.links(entry),
    )


def link_of(keyring: Keyring, package: PackageRow) -> str:
    """The part of the address that cannot be guessed: derived, so that it is stored nowhere."""
    return _derived(keyring, "egov-qr.link", package)


def token_of(keyring: Keyring, package: PackageRow) -> str:
    """The app's bearer token: API 1 hands it out, the database keeps its SHA-256 alone."""
    return _derived(keyring, "egov-qr.token", package)


def _derived(keyring: Keyring, kind: str, package: PackageRow) -> str:
    secret = keyring.lookup(kind, str(package.package_id))
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def entry_of(resources: Resources, package: PackageRow) -> str:
    """The address of API 1; it ends with the marker m.egov.kz asks for."""
    return f"{_base(resources, package)}/{protocol.MARKER}"


def documents_of(resources: Resources, package: PackageRow) -> str:
    """The address of API 2."""
    return f"{_base(resources, package)}/documents"


def _base(resources: Resources, package: PackageRow) -> str:
    link = link_of(resources.keyring, package)
    return f"{resources.config.public_url.rstrip('/')}{PATH}/{link}"


async def find(
    resources: Resources, package_id: UUID, actor: Actor | None, watch_token: str | None
) -> PackageRow:
    """The package of whoever asked for it. Raises PackageNotFound for everybody else."""
    package = await queries.PACKAGE.one(resources.db.signing, package_id)
    if package is None or not rules.may_watch(package, actor, watch_token):
        raise PackageNotFound
    return package


async def withdraw(
    resources: Resources, package_id: UUID, actor: Actor | None, watch_token: str | None
) -> PackageState:
    """Take the offer back: nobody can sign it any more. Raises PackageNotFound, PackageOver."""
    package = await find(resources, package_id, actor, watch_token)
    now = resources.clock.now()
    db = resources.db.signing
    if not await queries.FINISH.run(db, package.package_id, Status.REFUSED, now):
        raise PackageOver
    watch.nudge(resources, package_id)
    return watch.state_of(await queries.PACKAGE.get(db, package_id), now)


async def signed(
    resources: Resources, package_id: UUID, actor: Actor | None, watch_token: str | None
) -> SignedPackage:
    """What was signed, as requests for the operation it serves, for rules.KEPT.

    Raises PackageNotFound, PackageNotSigned.
    """
    package = await find(resources, package_id, actor, watch_token)
    if package.status is not Status.SIGNED:
        raise PackageNotSigned(status=rules.status_at(package, resources.clock.now()).value)
    rows = await queries.SIGNATURES.all(resources.db.signing, package_id)
    is_login = package.purpose is Purpose.LOGIN
    return SignedPackage(
        package_id=package_id,
        purpose=package.purpose,
        operation=package.operation,
        documents=[_signed(row) for row in rows],
        challenge_id=package.challenge_id,
        signature=_base64(rows[0].signature) if is_login else None,
    )


def _signed(row: SignatureRow) -> SignedDocument:
    if row.sign_method is SignMethod.XML:
        return SignedDocument(row.number, row.evidence_id, xml=row.signature.decode())
    if row.sign_method is SignMethod.CMS_WITH_DATA:
        request = SignedRequest(document=_base64(row.signature))
    else:
        request = SignedRequest(document=_base64(row.document), signature=_base64(row.signature))
    return SignedDocument(row.number, row.evidence_id, request=request)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


async def sweep(resources: Resources) -> None:
    """Packages that nobody signed in time are over; old ones are forgotten, their evidence is not."""
    now = resources.clock.now()
    for package_id in await queries.EXPIRE.all(resources.db.signing, now, _SWEEP_MAX):
        watch.nudge(resources, package_id)
    await queries.FORGET.run(resources.db.signing, now - rules.KEPT, _SWEEP_MAX)

"""The app's side of signing by QR: API 1, API 2, and what comes back signed (ECP.md §4)."""

import asyncio
import hashlib
from uuid import UUID

from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal, Unavailable
from backend.kernel.resources import Resources
from backend.signing.egov_qr import protocol, queries, rules, service, watch
from backend.signing.egov_qr.errors import (
    LinkUnknown,
    LoginXmlWrong,
    PackageChanged,
    PackageOver,
    SignatureReplayed,
    TokenWrong,
)
from backend.signing.egov_qr.model import (
    AuthType,
    DocumentRow,
    Json,
    Name,
    PackageRow,
    Purpose,
    SignMethod,
    Status,
)
from backend.signing.errors import NotSignerOfOrg, RevocationUnknown
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Proof
from backend.signing.model import Code, Role, SignerInfo
from backend.signing.revocation import held

_FORMAT = {
    SignMethod.XML: "xmldsig",
    SignMethod.CMS_WITH_DATA: "cms-attached",
    SignMethod.CMS_SIGN_ONLY: "cms-detached",
}
OPERATION = "egov_qr.sign"  # what the evidence of a package's document serves


async def introduce(resources: Resources, link: str, organisation: Name, language: str) -> Json:
    """API 1: who asks for the signature and where the documents are; the package is then OPENED.

    Raises LinkUnknown, PackageOver, PackageExpired.
    """
    package = await _open(resources, link)
    config = resources.config
    return protocol.introduction(
        package,
        organisation,
        config.registrar_bin or config.issuer_bin,
        uri=service.documents_of(resources, package),
        token=service.token_of(resources.keyring, package),
        language=language,
    )


async def documents(resources: Resources, link: str, token: str | None) -> Json:
    """API 2 by GET: auth types Token and None. Raises as `introduce`, and TokenWrong."""
    package = await _open(resources, link)
    _require_token(package, token)
    if package.auth_type is AuthType.EDS:
        raise TokenWrong
    return await _offered(resources, package)


async def documents_for(resources: Resources, link: str, xml: str) -> Json:
    """API 2 by POST: auth type Eds, a signed login XML that is shown once.

    Raises as `introduce`, TokenWrong for another auth type, LoginXmlWrong, NotSignerOfOrg,
    RevocationUnknown.
    """
    package = await _open(resources, link)
    if package.auth_type is not AuthType.EDS:
        raise TokenWrong
    raw = xml.encode("utf-8", "replace")
    found = await evidence.verify_xml(resources, raw)
    required = held.is_required(resources.config)
    unknown = any(one.revocation.status == "unknown" for one in found.signers)
    if found.code is Code.REVOCATION_UNKNOWN or (
        found.code is Code.WRONG_KEY_USAGE and required and unknown  # a key for signing in alone
    ):
        raise RevocationUnknown(retry_after_s=evidence.RETRY_AFTER_S)
    signer = rules.authenticated(found, revocation_required=required)
    if signer is None:
        raise LoginXmlWrong(path="xml")
    rules.require_login_xml(raw, service.documents_of(resources, package), resources.clock.now())
    _require_signer(resources, package, signer)
    async with resources.db.signing.transaction() as tx:
        seen = _digest(signer)
        if not await queries.SEE.run(tx, seen, package.package_id, resources.clock.now()):
            raise LoginXmlWrong(path="xml")
        await queries.SHOWN_TO.run(tx, package.package_id, _person(resources, signer))
    return await _offered(resources, package)


async def take(resources: Resources, link: str, token: str | None, returned: object) -> None:
    """What the app sent back: verified whole, stored as evidence once, or refused.

    Raises LinkUnknown, PackageOver, PackageExpired, TokenWrong, PackageChanged,
    SignatureReplayed, and as `evidence.accept`. A refusal of what came back is counted: at
    rules.REFUSALS_MAX the package is withdrawn. What cannot be decided now is not.
    """
    package = await _find(resources, link)
    rules.require_open(package, resources.clock.now())
    _require_token(package, token)
    if package.status is not Status.OPENED or _unseen(package):
        raise TokenWrong
    rows = await queries.DOCUMENTS.all(resources.db.signing, package.package_id)
    try:
        values = protocol.signed_values(protocol.documents_to_sign(package, rows), returned)
        proofs = [
            await _proven(resources, package, row, value)
            for row, value in zip(rows, values, strict=True)
        ]
        if len({signature for _, signature in proofs}) != len(proofs):
            raise SignatureReplayed
        await _finish(resources, package, rows, proofs)
    except Unavailable:
        raise
    except Refusal as e:
        await _count_refusal(resources, package.package_id, e)
        raise
    finally:
        watch.nudge(resources, package.package_id)


async def _find(resources: Resources, link: str) -> PackageRow:
    db = resources.db.signing
    package = await queries.PACKAGE_OF_LINK.one(db, rules.digest(link))
    if package is None:
        raise LinkUnknown
    return package


async def _open(resources: Resources, link: str) -> PackageRow:
    package = await _find(resources, link)
    now = resources.clock.now()
    rules.require_open(package, now)
    if package.status is Status.PENDING:
        await queries.OPEN.run(resources.db.signing, package.package_id, now)
        watch.nudge(resources, package.package_id)
    return package


def _require_token(package: PackageRow, token: str | None) -> None:
    if package.auth_type is AuthType.TOKEN and not rules.is_secret(token, package.token_sha256):
        raise TokenWrong


def _unseen(package: PackageRow) -> bool:
    """Of the documents of an Eds package, were none shown to anybody yet?"""
    return package.auth_type is AuthType.EDS and package.eds_signer is None


async def _offered(resources: Resources, package: PackageRow) -> Json:
    rows = await queries.DOCUMENTS.all(resources.db.signing, package.package_id)
    return protocol.documents_to_sign(package, rows)


async def _proven(
    resources: Resources, package: PackageRow, document: DocumentRow, value: bytes
) -> tuple[Proof, bytes]:
    """The proof that one of ours signed exactly the offered bytes, and the signature's digest."""
    path = f"documentsToSign[{document.number - 1}]"
    is_xml = document.sign_method is SignMethod.XML
    if is_xml:
        found = await evidence.verify_xml(resources, value)
    else:
        found = await evidence.verify(resources, value, document.content)
    signer = evidence.require_one_signer(found)
    _require_signer(resources, package, signer)
    if package.eds_signer is not None and package.eds_signer != _person(resources, signer):
        raise NotSignerOfOrg
    content = found.content
    assert content is not None, "a valid signature has content"
    if found.format != _FORMAT[document.sign_method]:
        raise PackageChanged(path=path)
    if is_xml:
        forms = await asyncio.to_thread(rules.canonical_forms, document.content)
        if content not in forms:
            raise PackageChanged(path=path)
    operation = f"{OPERATION}:{package.package_id}"  # it serves this package and nothing else
    proof = await evidence.prove(resources, operation, content, value, signer, found)
    return proof, _digest(signer)


def _require_signer(resources: Resources, package: PackageRow, signer: SignerInfo) -> None:
    """A signer of the organisation that offers, in a role it named; for a login, anyone.

    A sole proprietor's package is signed by himself alone, known by the keyed hash of his IIN.
    """
    if package.purpose is Purpose.LOGIN:
        return
    if package.bin is None:
        himself = signer.bin is None and Role.INDIVIDUAL in signer.roles
        if not himself or _person(resources, signer) != package.signer:
            raise NotSignerOfOrg
        return
    party = Actor(session_id=package.package_id, roles=frozenset(), bin=package.bin)
    roles = frozenset(Role(role) for role in package.roles)
    evidence.require_of_organisation(signer, party, roles)


def _person(resources: Resources, signer: SignerInfo) -> bytes:
    """The keyed hash of who signed: of the IIN, or of an information system's certificate."""
    return resources.keyring.lookup("iin", signer.iin or f"serial:{signer.serial}")


def _digest(signer: SignerInfo) -> bytes:
    return hashlib.sha256(signer.signature).digest()


async def _finish(
    resources: Resources,
    package: PackageRow,
    documents: list[DocumentRow],
    proofs: list[tuple[Proof, bytes]],
) -> None:
    """Close the package and keep its evidence, all or nothing. Raises PackageOver, SignatureReplayed."""
    now = resources.clock.now()
    package_id = package.package_id
    async with resources.db.signing.transaction() as tx:
        if not await queries.FINISH.run(tx, package_id, Status.SIGNED, now):
            raise PackageOver
        for document, (proof, signature) in zip(documents, proofs, strict=True):
            if not await queries.SEE.run(tx, signature, package_id, now):
                raise SignatureReplayed
            evidence_id = await evidence.store(tx, proof)
            await queries.ADD_SIGNATURE.run(tx, package_id, document.number, evidence_id)


async def _count_refusal(resources: Resources, package_id: UUID, refusal: Refusal) -> None:
    await queries.REFUSED_ONCE.run(
        resources.db.signing,
        package_id,
        refusal.actual_code,
        resources.clock.now(),
        rules.REFUSALS_MAX,
    )

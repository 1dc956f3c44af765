"""Signed documents to be verified, and both ways to verify one."""

from datetime import UTC, datetime

import msgspec

from backend.signing.algorithm import backend
from backend.signing.cms import parse
from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust.store import TrustAnchor, TrustStore
from backend.signing.verify.document import verify_cms_under
from backend.signing.verify.judge import Policy
from infra.sandbox.nca.centre import Centre

GOST, RSA = "gost2015-512", "rsa-sha256"
SEED = b"saqtau bench"
SIGNERS, DOCUMENTS = 50, 200


class Signed(msgspec.Struct, frozen=True):
    """A signed document, and the bare signature in it."""

    cms: bytes
    content: bytes
    spki: bytes
    algorithm: str
    covered: bytes
    signature: bytes


class Desk(msgspec.Struct, frozen=True):
    """What a verifier has at hand, in a shape that travels to another process."""

    documents: list[Signed]
    anchors: list[TrustAnchor]
    certificates: list[bytes]  # of the anchors, in DER
    crls: list[bytes]
    at: datetime

    def policy(self) -> Policy:
        """Trust in the sandbox's centre alone, revocation by its fresh lists."""
        return Policy(
            trust=TrustStore("bench", self.anchors),
            at=self.at,
            revocation=RevocationFiles(self.crls),
        )


def sign_documents(*algorithms: str) -> Desk:
    """A sandbox centre, its signers, and `DOCUMENTS` approvals for each algorithm, by turns."""
    now = datetime.now(UTC).replace(microsecond=0)
    centre = Centre.create(SEED, now, algorithms=algorithms)
    signers = {
        algorithm: [
            centre.issue_legal(
                f"{800101300000 + n}", f"{100140000000 + n}", "ҮЛГІ АДАМ", f"Емхана {n}", "head",
                now, algorithm=algorithm,
            )
            for n in range(SIGNERS)
        ]
        for algorithm in algorithms
    }  # fmt: skip
    documents = []
    for n in range(DOCUMENTS):
        content = msgspec.json.encode(
            {"operation": "act.approve", "act": n, "content_sha256": f"{n:064x}"}
        )
        for algorithm in algorithms:
            pair = signers[algorithm][n % SIGNERS]
            cms = pair.sign_cms(content, at=now)
            documents.append(_opened(cms, content, pair.certificate.spki, algorithm))
    crls = [centre.crl(now, algorithm) for algorithm in algorithms]
    return Desk(documents, centre.anchors(), centre.certificates(), crls, now)


def _opened(cms: bytes, content: bytes, spki: bytes, algorithm: str) -> Signed:
    (signer,) = parse.parse(cms).signers
    assert signer.signed is not None, "our own CMS has signed attributes"
    return Signed(cms, content, spki, algorithm, signer.signed, signer.signature)


class Verifier:
    """Both sides of one document: True when it holds."""

    def __init__(self, desk: Desk) -> None:
        self.documents, self.policy = desk.documents, desk.policy()

    def through_service(self, i: int) -> bool:
        """The whole answer of `saqtau ecp verify`, but its printing."""
        one = self.documents[i % len(self.documents)]
        return verify_cms_under(self.policy, one.cms, one.content).valid

    def bare(self, i: int) -> bool:
        """One signature."""
        one = self.documents[i % len(self.documents)]
        return backend.verify(one.spki, one.algorithm, one.covered, one.signature)

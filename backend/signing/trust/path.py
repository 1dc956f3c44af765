"""From a signer's certificate to an anchor (RFC 5280 §6, without policy and name constraints).

An issuing certificate must be a certification centre's (basicConstraints, keyCertSign, path
length) and carry no critical extension we do not understand.
"""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from backend.signing.algorithm import backend
from backend.signing.certificate.profile import COMMON_NAME
from backend.signing.certificate.x509 import KEY_CERT_SIGN, Certificate
from backend.signing.trust.store import TrustAnchor, TrustStore

MAX_LENGTH = 8
MAX_CHECKS = 16  # signatures tried for one path: a hostile bag of certificates costs no more


class Issuer(NamedTuple):
    """Who issued the leaf: what its CRL and OCSP answers are checked with."""

    subject: bytes
    spki: bytes
    key_id: bytes | None


class TrustPath(NamedTuple):
    """A path that holds. `in_force` tells whether everything in it was valid at the asked time."""

    names: tuple[str, ...]
    issuer: Issuer
    in_force: bool
    certificates: tuple[bytes, ...] = ()  # in DER, the leaf first
    anchors: tuple[str, ...] = ()  # by fingerprint, up to the root


@lru_cache(maxsize=8192)
def is_signed_by(certificate: Certificate, spki: bytes) -> bool:
    """Was the certificate signed with the key in `spki`?"""
    algorithm = backend.SIGNATURE_OIDS.get(certificate.signature_oid)
    return algorithm is not None and backend.verify(
        spki, algorithm, certificate.tbs, certificate.signature
    )


def build(
    leaf: Certificate, others: list[Certificate], store: TrustStore, at: datetime
) -> TrustPath | None:
    """The best path from `leaf` over `others` to an anchor: one in force at `at`, else any, else None."""
    return _Search(others, store, at).from_leaf(leaf)


class _Search:
    def __init__(self, others: list[Certificate], store: TrustStore, at: datetime) -> None:
        self.others, self.store, self.at = others, store, at
        self.checks = 0

    def from_leaf(self, leaf: Certificate) -> TrustPath | None:
        if leaf.critical_unknown:
            return None
        best: TrustPath | None = None
        anchor = self.store.by_sha256.get(leaf.sha256)
        if anchor is not None:
            best = self._ended([leaf], anchor, direct=True)
        if best is None or not best.in_force:
            best = self._climb([leaf], best)
        return best

    def _climb(self, path: list[Certificate], best: TrustPath | None) -> TrustPath | None:
        """Depth first: anchors before certificates of the document."""
        tip = path[-1]
        for anchor in self.store.issuers_of(tip.issuer, tip.authority_key_id):
            below = sum(not certificate.self_issued for certificate in path[1:])
            long = anchor.path_length is not None and below > anchor.path_length
            if anchor.may_issue and not long and self._signed(tip, anchor.spki):
                best = _better(best, self._ended(path, anchor, direct=False))
        for candidate in self.others:
            if best is not None and best.in_force:
                break
            if self._may_follow(candidate, path) and self._signed(tip, candidate.spki):
                best = self._climb([*path, candidate], best)
        return best

    def _may_follow(self, candidate: Certificate, path: list[Certificate]) -> bool:
        tip = path[-1]
        below = sum(not certificate.self_issued for certificate in path[1:])
        return (
            candidate.subject == tip.issuer
            and candidate.is_ca
            and candidate.key_usage is not None
            and KEY_CERT_SIGN in candidate.key_usage
            and not candidate.critical_unknown
            and (candidate.path_length is None or below <= candidate.path_length)
            and len(path) < MAX_LENGTH
            and all(candidate.spki != passed.spki for passed in path)
        )

    def _signed(self, certificate: Certificate, spki: bytes) -> bool:
        self.checks += 1
        return self.checks <= MAX_CHECKS and is_signed_by(certificate, spki)

    def _ended(self, path: list[Certificate], anchor: TrustAnchor, *, direct: bool) -> TrustPath:
        """The path that ends at `anchor`, named on up to the root the store knows."""
        tail = self._up_to_root(anchor)
        names = [certificate.attribute(COMMON_NAME) or "" for certificate in path]
        names += [link.name for link in (tail[1:] if direct else tail)]
        in_force = all(certificate.valid_at(self.at) for certificate in path) and all(
            link.valid_at(self.at) for link in tail
        )
        return TrustPath(
            tuple(names),
            self._issuer(path, tail, direct=direct),
            in_force,
            tuple(certificate.raw for certificate in path),
            tuple(link.sha256 for link in tail),
        )

    def _issuer(self, path: list[Certificate], tail: list[TrustAnchor], *, direct: bool) -> Issuer:
        if len(path) > 1:
            return Issuer(path[1].subject, path[1].spki, path[1].subject_key_id)
        above = tail[1] if direct and len(tail) > 1 else tail[0]
        return Issuer(above.subject, above.spki, above.subject_key_id)

    def _up_to_root(self, anchor: TrustAnchor) -> list[TrustAnchor]:
        found = [anchor]
        while found[-1].issuer != found[-1].subject and len(found) < MAX_LENGTH:
            above = self.store.issuers_of(found[-1].issuer, found[-1].authority_key_id)
            above = [link for link in above if link.may_issue and link not in found]
            if not above:
                break
            found.append(next((link for link in above if link.valid_at(self.at)), above[0]))
        return found


def _better(best: TrustPath | None, found: TrustPath) -> TrustPath:
    return found if best is None or (found.in_force and not best.in_force) else best

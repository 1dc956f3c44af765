"""A key with its certificate: what a person keeps in a .p12 file."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from backend.signing.algorithm import keys
from backend.signing.algorithm.keys import SigningKey
from backend.signing.certificate import x509
from backend.signing.cms import build


class KeyPair:
    """A signing key, its certificate and the certificates above it (issuer first)."""

    def __init__(
        self, key: SigningKey, certificate_der: bytes, chain: Sequence[bytes] = ()
    ) -> None:
        self.key, self.certificate_der, self.chain = key, certificate_der, tuple(chain)
        self.certificate = x509.parse(certificate_der)

    @property
    def algorithm(self) -> str:
        """The contract's name of the algorithm."""
        return self.key.algorithm

    @property
    def serial(self) -> int:
        """The certificate's serial number."""
        return self.certificate.serial

    def sign_cms(self, document: bytes, *, detached: bool = True, at: datetime) -> bytes:
        """CMS SignedData in DER over `document`, the issuer's certificate enclosed."""
        return co_sign(document, [self], detached=detached, at=at)

    def dump(self) -> dict[str, object]:
        """All of it as JSON fields (a sandbox's secrets: never for real keys)."""
        return {
            "key": keys.dump(self.key),
            "certificate": self.certificate_der.hex(),
            "chain": [certificate.hex() for certificate in self.chain],
        }

    @classmethod
    def load(cls, fields: dict[str, object]) -> "KeyPair":
        """The pair that `dump` wrote."""
        key, certificate, chain = fields["key"], fields["certificate"], fields["chain"]
        assert isinstance(key, dict)
        assert isinstance(certificate, str)
        assert isinstance(chain, list)
        return cls(keys.load(key), bytes.fromhex(certificate), [bytes.fromhex(c) for c in chain])


def co_sign(
    document: bytes,
    pairs: Sequence[KeyPair],
    *,
    detached: bool = True,
    at: datetime,
    stamp: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """One CMS with a SignerInfo of each pair, time-stamped when `stamp` is given."""
    signers = [build.Signer(pair.key, pair.certificate_der, at.astimezone(UTC)) for pair in pairs]
    above = [pair.chain[0] for pair in pairs if pair.chain]
    return build.sign(document, signers, detached=detached, certificates=above, stamp=stamp)

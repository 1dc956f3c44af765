"""The sandbox certification centre: a root, an issuing centre and a responder for each algorithm.

Pure: it keeps what it issued and revoked in memory, and `save`/`load` move that to a folder.
With a seed every key is the same on every run, so that tests and the demo can be replayed.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from backend.signing.algorithm import keys
from backend.signing.certificate import profile as nca
from backend.signing.certificate.x509 import (
    AUTHORITY_KEY_ID,
    DIGITAL_SIGNATURE,
    EXT_KEY_USAGE,
    KEY_USAGE,
    OCSP_NO_CHECK,
    SUBJECT_KEY_ID,
)
from backend.signing.der import writer
from backend.signing.der.reader import Malformed
from backend.signing.trust.store import TrustAnchor, anchor_of
from infra.sandbox.nca import holders, profile, stamping, status
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.nca.ledger import Ledger
from infra.sandbox.nca.profile import Template, Urls

ALGORITHMS = ("gost2015-512", "rsa-sha256")
_CENTRE_LIFE = timedelta(days=20 * 365)
PERSON_LIFE, SYSTEM_LIFE = timedelta(days=365), timedelta(days=3 * 365)  # ECP.md §1.3
CRL_LIFE = timedelta(days=180)  # ECP.md §1.6: observed of the NCA's test CRL
_CENTRE_AGE = timedelta(days=365)  # the centre exists before anybody asks it
DELTA_LIFE = timedelta(days=1)
UNSPECIFIED = 0


class Hierarchy:
    """The centre's keys of one algorithm."""

    def __init__(
        self, root: KeyPair, issuing: KeyPair, responder: KeyPair, stamper: KeyPair
    ) -> None:
        self.root, self.issuing = root, issuing
        self.responder, self.stamper = responder, stamper


class Centre:
    """See the module. Every `now` is an instant in UTC."""

    def __init__(self, seed: bytes | None, base_url: str) -> None:
        self._seed, self.base_url = seed, base_url
        self._hierarchies: dict[str, Hierarchy] = {}
        self._revoked: dict[int, status.Revoked] = {}
        self._issued = Ledger()
        self._count = self._crl_number = 0

    @classmethod
    def create(
        cls,
        seed: bytes | None,
        now: datetime,
        *,
        algorithms: Sequence[str] = ALGORITHMS,
        base_url: str = "http://test.pki.gov.kz",
    ) -> "Centre":
        """A new centre, a year old at `now`."""
        centre = cls(seed, base_url)
        for algorithm in algorithms:
            centre._hierarchies[algorithm] = centre._found(algorithm, now - _CENTRE_AGE)
        return centre

    def issue_individual(
        self, iin: str, name: str, now: datetime, algorithm: str = "gost2015-512"
    ) -> KeyPair:
        """A natural person's signing key; `name` is "ФАМИЛИЯ ИМЯ [ОТЧЕСТВО]"."""
        subject = profile.name(*holders.person(iin, name), *holders.patronymic(name))
        return self.issue(subject, [nca.EMAIL_PROTECTION, profile.INDIVIDUAL], now, algorithm)

    def issue_legal(
        self,
        iin: str,
        bin_: str,
        person_name: str,
        organisation: str,
        role: str,
        now: datetime,
        algorithm: str = "gost2015-512",
    ) -> KeyPair:
        """An organisation's person: role head, signatory, finance, hr or employee."""
        subject = profile.name(
            *holders.person(iin, person_name),
            *holders.company(bin_, organisation),
            *holders.patronymic(person_name),
        )
        extended = [nca.EMAIL_PROTECTION, profile.LEGAL_ENTITY, profile.LEGAL_ROLES[role]]
        return self.issue(subject, extended, now, algorithm)

    def issue_information_system(
        self,
        bin_: str,
        organisation: str,
        system_name: str,
        now: datetime,
        algorithm: str = "gost2015-512",
    ) -> KeyPair:
        """An information system's key: no IIN, no emailProtection, three years."""
        subject = profile.name(
            (nca.COMMON_NAME, f'ИС "{system_name}"'),
            (nca.COUNTRY, "KZ"),
            *holders.company(bin_, organisation),
            (nca.USER_ID, "1.2.398.3.3.9.1"),
        )
        extended = [profile.LEGAL_ENTITY, profile.LEGAL_ROLES["information_system"]]
        return self.issue(subject, extended, now, algorithm, life=SYSTEM_LIFE)

    def issue(
        self,
        subject: bytes,
        extended: Sequence[str],
        now: datetime,
        algorithm: str = "gost2015-512",
        *,
        usage: Sequence[int] = profile.SIGNING_USAGE,
        life: timedelta = PERSON_LIFE,
    ) -> KeyPair:
        """Any leaf certificate: the others call this, and so do tests of what is not in order."""
        above = self._hierarchies[algorithm]
        self._count += 1
        key = keys.generate(algorithm, self._seed_of(f"leaf {self._count}"))
        own = profile.key_id(key.spki())
        issuer = above.issuing.certificate
        template = Template(
            subject,
            key.spki(),
            self._serial(own),
            now,
            now + life,
            profile.leaf_extensions(
                own, issuer.subject_key_id or b"", usage, extended, self._urls(algorithm)
            ),
        )
        raw = profile.sign_certificate(template, issuer.subject, above.issuing.key)
        return KeyPair(key, raw, [above.issuing.certificate_der, above.root.certificate_der])

    def revoke(self, pair: KeyPair, at: datetime, reason: int = UNSPECIFIED) -> None:
        """Revoke a certificate from `at` on."""
        self._revoked[pair.serial] = status.Revoked(at, reason)

    def reinstate(self, pair: KeyPair) -> None:
        """Take a revocation back, as no centre may but of a certificate on hold."""
        self._revoked.pop(pair.serial, None)

    def revoke_serial(self, serial: int, at: datetime, reason: int = UNSPECIFIED) -> bool:
        """Revoke by number; False when this centre issued no such certificate."""
        if serial in self._issued:
            self._revoked[serial] = status.Revoked(at, reason)
        return serial in self._issued

    def crl(
        self, now: datetime, algorithm: str = "gost2015-512", *, life: timedelta = CRL_LIFE
    ) -> bytes:
        """The CRL of the issuing centre of that algorithm, as it stands at `now`."""
        self._crl_number += 1
        known = {serial: found for serial, found in self._revoked.items() if found.at <= now}
        issuing = self._hierarchies[algorithm].issuing
        return status.crl(issuing, known, now, now + life, self._crl_number)

    def delta_crl(
        self, now: datetime, algorithm: str = "gost2015-512", *, life: timedelta = DELTA_LIFE
    ) -> bytes:
        """The delta list of that centre: every change since its first base list, whichever one holds."""
        self._crl_number += 1
        known = {serial: found for serial, found in self._revoked.items() if found.at <= now}
        issuing = self._hierarchies[algorithm].issuing
        return status.crl(issuing, known, now, now + life, self._crl_number, base=1)

    def ocsp_response(self, request_der: bytes, now: datetime) -> bytes:
        """The answer to an OCSP request; unreadable requests get `malformedRequest`."""
        return self._answer(request_der, now, lambda serial: self._status(serial, now))

    def ocsp_disowning(self, request_der: bytes, now: datetime) -> bytes:
        """The signed answer that the certificates asked about are not known here."""
        return self._answer(request_der, now, lambda _: "unknown")

    def _answer(
        self, request_der: bytes, now: datetime, say: Callable[[int], status.Revoked | str | None]
    ) -> bytes:
        try:
            asked, nonce = status.read_request(request_der)
        except (Malformed, ValueError, IndexError):
            return status.failure(1)
        for hierarchy in self._hierarchies.values():
            if asked and all(status.names_issuer(one, hierarchy.issuing) for one in asked):
                answers = [(one, say(one.serial)) for one in asked]
                return status.response(hierarchy.responder, answers, now, nonce)
        return status.failure(6)

    def time_stamp_response(
        self, request_der: bytes, now: datetime, algorithm: str = "gost2015-512"
    ) -> bytes:
        """The answer to an RFC 3161 request; an unreadable one is rejected."""
        try:
            request = stamping.read_request(request_der)
        except (Malformed, ValueError, IndexError):
            return stamping.refusal()
        self._count += 1
        authority = self._hierarchies[algorithm].stamper
        return stamping.response(stamping.token(authority, request, now, self._count))

    def stamper(self, now: datetime, algorithm: str = "gost2015-512") -> Callable[[bytes], bytes]:
        """What makes time stamps at `now`, for `co_sign(..., stamp=…)`."""
        self._count += 1
        return stamping.stamper(self._hierarchies[algorithm].stamper, now, self._count)

    def anchors(self) -> list[TrustAnchor]:
        """Root and issuing centre of every algorithm."""
        return [anchor_of(pair.certificate) for pair in self._centres()]

    def certificates(self) -> list[bytes]:
        """The certificates of the anchors, in DER."""
        return [pair.certificate_der for pair in self._centres()]

    def hierarchy(self, algorithm: str) -> Hierarchy:
        """The centre's own keys of one algorithm: tests forge with them."""
        return self._hierarchies[algorithm]

    def save(self, folder: Path) -> None:
        """Write the keys and the state to `folder`, and the anchors' certificates to `folder/trust`.

        What this centre, or one loaded from there, issues from now on is known to both (`ledger`).
        """
        (folder / "trust").mkdir(parents=True, exist_ok=True)
        for number, raw in enumerate(self.certificates()):
            (folder / "trust" / f"centre-{number}.cer").write_bytes(raw)
        state = {
            "base_url": self.base_url,
            "count": self._count,
            "crl_number": self._crl_number,
            "revoked": {str(n): [r.at.isoformat(), r.reason] for n, r in self._revoked.items()},
            "hierarchies": {
                algorithm: [pair.dump() for pair in (h.root, h.issuing, h.responder, h.stamper)]
                for algorithm, h in self._hierarchies.items()
            },
        }
        file = folder / "centre.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(state, indent=1))
        self._issued.keep_in(folder)

    @classmethod
    def load(cls, folder: Path) -> "Centre":
        """The centre that `save` wrote. Its leaf keys are drawn at random, for two processes that
        counted on from one seed would make the same keys for different people.
        """
        state = json.loads((folder / "centre.json").read_text())
        centre = cls(None, state["base_url"])
        centre._count, centre._crl_number = state["count"], state["crl_number"]
        centre._issued.keep_in(folder)
        centre._revoked = {
            int(serial): status.Revoked(datetime.fromisoformat(at), reason)
            for serial, (at, reason) in state["revoked"].items()
        }
        centre._hierarchies = {
            algorithm: Hierarchy(*map(KeyPair.load, pairs))
            for algorithm, pairs in state["hierarchies"].items()
        }
        return centre

    @classmethod
    def at(cls, folder: Path | None, now: datetime) -> "Centre":
        """The centre of that folder, founded there if there is none; without a folder, a new one."""
        if folder is not None and (folder / "centre.json").exists():
            return cls.load(folder)
        made = cls.create(None, now)
        if folder is not None:
            made.save(folder)
        return made

    def _centres(self) -> list[KeyPair]:
        return [pair for h in self._hierarchies.values() for pair in (h.root, h.issuing)]

    def _status(self, serial: int, now: datetime) -> status.Revoked | str | None:
        if serial not in self._issued:
            return "unknown"
        found = self._revoked.get(serial)
        return found if found is not None and found.at <= now else None

    def _found(self, algorithm: str, since: datetime) -> Hierarchy:
        """Root, issuing centre and responder of one algorithm."""
        family = algorithm.split("-", maxsplit=1)[0].upper()
        root_name = profile.name(
            (nca.COMMON_NAME, f"НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ ({family}) SANDBOX"),
            (nca.COUNTRY, "KZ"),
        )
        issuing_name = profile.name(
            (nca.COMMON_NAME, f"ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ ({family}) SANDBOX"),
            (nca.COUNTRY, "KZ"),
        )
        root = self._authority(algorithm, "root", root_name, None, since)
        issuing = self._authority(algorithm, "issuing", issuing_name, root, since)
        responder = self._servant(
            algorithm,
            f"OCSP RESPONDER ({family}) SANDBOX",
            issuing,
            since,
            [
                profile.extension(EXT_KEY_USAGE, writer.sequence(writer.oid(nca.OCSP_SIGNING))),
                profile.extension(OCSP_NO_CHECK, writer.null()),
            ],
        )
        usage = writer.sequence(writer.oid(nca.TIME_STAMPING))
        stamper = self._servant(
            algorithm,
            f"TIME STAMPING AUTHORITY ({family}) SANDBOX",
            issuing,
            since,
            [profile.extension(EXT_KEY_USAGE, usage, critical=True)],
        )
        return Hierarchy(root, issuing, responder, stamper)

    def _servant(
        self, algorithm: str, name: str, issuing: KeyPair, since: datetime, extra: list[bytes]
    ) -> KeyPair:
        """A key the centre answers with: OCSP or time stamps."""
        key = keys.generate(algorithm, self._seed_of(name))
        own = profile.key_id(key.spki())
        above = issuing.certificate.subject_key_id or b""
        extensions = [
            profile.extension(KEY_USAGE, writer.named_bits([DIGITAL_SIGNATURE]), critical=True),
            *extra,
            profile.extension(SUBJECT_KEY_ID, writer.octet_string(own)),
            profile.extension(AUTHORITY_KEY_ID, writer.sequence(writer.implicit(0, above))),
        ]
        template = Template(
            profile.name((nca.COMMON_NAME, name), (nca.COUNTRY, "KZ")),
            key.spki(),
            self._serial(own),
            since,
            since + _CENTRE_LIFE,
            extensions,
        )
        raw = profile.sign_certificate(template, issuing.certificate.subject, issuing.key)
        return KeyPair(key, raw, [issuing.certificate_der])

    def _authority(
        self, algorithm: str, label: str, name: bytes, above: KeyPair | None, since: datetime
    ) -> KeyPair:
        key = keys.generate(algorithm, self._seed_of(f"{algorithm} {label}"))
        own = profile.key_id(key.spki())
        issuer_id = own if above is None else above.certificate.subject_key_id or b""
        template = Template(
            name,
            key.spki(),
            self._serial(own),
            since,
            since + _CENTRE_LIFE,
            profile.ca_extensions(own, issuer_id, None if above is None else 0),
        )
        issuer_name = name if above is None else above.certificate.subject
        raw = profile.sign_certificate(template, issuer_name, key if above is None else above.key)
        return KeyPair(key, raw, [] if above is None else [above.certificate_der])

    def _serial(self, key_id: bytes) -> int:
        """Twenty octets, positive: the key id without its first bit, as the NCA's."""
        serial = int.from_bytes(bytes([key_id[0] & 0x7F | 0x40]) + key_id[1:], "big")
        self._issued.add(serial)
        return serial

    def _seed_of(self, label: str) -> bytes | None:
        if self._seed is None:
            return None
        return hashlib.sha256(self._seed + b"\0" + label.encode()).digest()

    def _urls(self, algorithm: str) -> Urls:
        family = algorithm.split("-", maxsplit=1)[0]
        return Urls(
            ocsp=f"{self.base_url}/ocsp/",
            issuer=f"{self.base_url}/cert/nca_{family}.cer",
            crl=f"{self.base_url}/crl/nca_{family}.crl",
            delta=f"{self.base_url}/crl/nca_d_{family}.crl",
        )


def new_seed() -> bytes:
    """A seed for a centre that shall be replayed."""
    return secrets.token_bytes(32)

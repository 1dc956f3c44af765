"""The people who sign by hand: their keys, on the phone, in NCALayer and as .p12 files."""

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair

SYSTEM = "information_system"
ROLES = ("head", "signatory", "finance", "employee", "individual", SYSTEM)
IIN, BIN = "900101300017", "090240000015"


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose key to issue. An individual has no BIN; of an information system the IIN is not used."""

    role: str
    iin: str = IIN
    bin: str = BIN
    name: str = "ҚОЛДАНУШЫ СЫНАҚ"
    organisation: str = "Сынақ клиникасы"
    algorithm: str = "gost2015-512"


class Holder(msgspec.Struct, frozen=True):
    """A key and whose it is; `serial` is its certificate's, in hex."""

    serial: str
    of: NewPerson
    pair: KeyPair


class People:
    """A clinic's people, made when first asked for, and whoever is added."""

    def __init__(self, centre: Centre, now: Callable[[], datetime]) -> None:
        self._centre, self._now = centre, now
        self._holders: dict[str, Holder] = {}
        self.at_the_computer: str | None = None  # whose storage NCALayer opens first

    def all(self) -> list[Holder]:
        """Everybody, whoever sits at the computer first."""
        if not self._holders:
            for role in ROLES:
                self.add(NewPerson(role))
        return sorted(self._holders.values(), key=lambda h: h.serial != self.at_the_computer)

    def __iter__(self) -> Iterator[KeyPair]:
        """Their keys, in that order."""
        return (one.pair for one in self.all())

    def find(self, serial: str) -> Holder | None:
        """The holder of that certificate."""
        return next((one for one in self.all() if one.serial == serial), None)

    def add(self, person: NewPerson) -> Holder:
        """Issue a key. Raises ValueError for a role or an algorithm there is not."""
        if person.role not in ROLES:
            raise ValueError(person.role)
        try:
            pair = self._issued(person)
        except KeyError as e:
            raise ValueError(*e.args) from None
        made = Holder(f"{pair.serial:x}", person, pair)
        self._holders[made.serial] = made
        return made

    def _issued(self, of: NewPerson) -> KeyPair:
        now = self._now()
        if of.role == "individual":
            return self._centre.issue_individual(of.iin, of.name, now, of.algorithm)
        if of.role == SYSTEM:
            return self._centre.issue_information_system(
                of.bin, of.organisation, "САҚТАУ", now, of.algorithm
            )
        return self._centre.issue_legal(
            of.iin, of.bin, of.name, of.organisation, of.role, now, of.algorithm
        )

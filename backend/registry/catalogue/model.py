"""An operation of the registry and the ways in which it comes about."""

import msgspec

from backend.kernel.actor import Role
from backend.registry.log.model import BasisKind, OpClass


class Named(msgspec.Struct, frozen=True):
    """What an operation is called."""

    kk: str
    ru: str
    en: str


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way an operation comes about: by an operation of the API, or by a job of the system.

    `roles` are its lawful actors. Of an order, `document` is the operation named in what is signed;
    other bases are a session of the actor, and what `note` says.
    """

    by: str
    roles: tuple[Role, ...]
    basis: BasisKind
    document: str | None = None
    job: bool = False
    note: str = ""


class RegistryOperation(msgspec.Struct, frozen=True, kw_only=True):
    """A row of M §27-30; `op_types` are what it is called in the log."""

    paragraph: str
    op_class: OpClass
    op_types: tuple[str, ...]
    name: Named
    ways: tuple[Way, ...]

"""Facts about accounts."""

from uuid import UUID

from backend.kernel.events import Event


class OrganisationOpened(Event, frozen=True):
    """The issuer or an executor opened its account; the subject is the organisation."""

    kind: str
    form: str


class OrganisationChanged(Event, frozen=True):
    """An organisation entered changed data; `in_time`: within the working day of M §31."""

    in_time: bool


class AgreementSigned(Event, frozen=True):
    """An executor concluded the user agreement."""

    evidence_id: UUID


class AgreementEnded(Event, frozen=True):
    """An executor withdrew from the user agreement."""

    evidence_id: UUID


class AccountsOpened(Event, frozen=True):
    """Accounts of so many insured opened in one batch; the subject is the batch."""

    count: int

"""What happened to decisions."""

from uuid import UUID

from backend.kernel.events import Event


class DecisionCalculated(Event, frozen=True):
    """An announcement was allocated; `subject` is the decision."""

    announcement_id: UUID
    result_sha256: str


class DecisionSigned(Event, frozen=True):
    """The issuer's head signed the result; the contracts are formed."""

    announcement_id: UUID


class DecisionAnnulled(Event, frozen=True):
    """The issuer's head refused to sign; the announcement may be computed anew."""

    announcement_id: UUID


class AllocationFailed(Event, frozen=True):
    """No application was accepted: the whole plan is residue, to be announced again."""

    announcement_id: UUID


class ResidueAnnounced(Event, frozen=True):
    """What a plan's decisions left over was announced; `subject` is the new announcement."""

    plan_id: UUID

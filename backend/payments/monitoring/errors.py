"""Refusals about monitorings."""

from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class MonitoringNotFound(NotFound):
    """There is no such monitoring, or it is not this reader's."""

    code = "MONITORING_NOT_FOUND"


class MonitoringStateWrong(Conflict):
    """The monitoring is in another state than this step needs."""

    code = "MONITORING_STATE_WRONG"


class MonitoringDates(Invalid):
    """The days lie in the past, or end before they begin."""

    code = "MONITORING_DATES"


class BasisMissing(Invalid):
    """An unscheduled monitoring needs its basis."""

    code = "MONITORING_BASIS"


class MonitoredUnknown(Invalid):
    """There is no such executor, or it is named twice."""

    code = "MONITORED_UNKNOWN"


class SampleUnknown(Invalid):
    """There is no such sample, or it is not drawn yet."""

    code = "MONITORING_SAMPLE"


class NoticeTooLate(Conflict):
    """Fewer than five full working days lie between the notice and the planned day (M §20, D15)."""

    code = "NOTICE_TOO_LATE"


class MonitoringNotYet(Conflict):
    """The planned day has not come."""

    code = "MONITORING_NOT_YET"


class CommissionIncomplete(Invalid):
    """A kind of member is missing (M §20); `missing` names the first."""

    code = "COMMISSION_INCOMPLETE"


class MemberUnfit(Invalid):
    """A member is named twice, or his organisation has no seat of that kind in the service."""

    code = "COMMISSION_MEMBER"


class NotAMember(Forbidden):
    """Who signs is not of this commission."""

    code = "NOT_A_MEMBER"


class AlreadySigned(Conflict):
    """This member signed this text."""

    code = "PROTOCOL_SIGNED_BY_YOU"


class ProtocolNotFound(NotFound):
    """There is no such text of a protocol."""

    code = "PROTOCOL_NOT_FOUND"


class ProtocolSuperseded(Conflict):
    """The text or the commission was changed: signatures begin anew on the newest."""

    code = "PROTOCOL_SUPERSEDED"


class ProtocolUnsigned(Conflict):
    """Not every member signed; `missing` says how many are left (M §21)."""

    code = "PROTOCOL_UNSIGNED"


class ProtocolInvalid(Invalid):
    """A block of the protocol does not fit the monitoring; the path names it."""

    code = "PROTOCOL_INVALID"


class DefectUnknown(Invalid):
    """The dictionary has no such code on that day, or it does not give this ground."""

    code = "DEFECT_CODE_UNKNOWN"


class OutsidePowers(Invalid):
    """That kind of member may not find this defect (M §22)."""

    code = "OUTSIDE_POWERS"


class EarlierUnassessed(Invalid):
    """Earlier recommendations are not spoken of; `count` says how many (M §21(3))."""

    code = "EARLIER_UNASSESSED"


class DefectCodesInvalid(Invalid):
    """A code stands twice, or begins on a day that has gone."""

    code = "DEFECT_CODES_INVALID"


class TaskNotFound(NotFound):
    """There is no such recommendation, or it is another executor's."""

    code = "FOLLOW_UP_NOT_FOUND"


class TaskStateWrong(Conflict):
    """It has been judged, or nothing was reported and its term still runs."""

    code = "FOLLOW_UP_STATE_WRONG"


class FollowUpOpen(Conflict):
    """Recommendations are not judged yet; `count` says how many."""

    code = "FOLLOW_UP_OPEN"


class FindingNotFound(NotFound):
    """There is no such confirmed finding."""

    code = "FINDING_NOT_FOUND"


class PenaltyNotFound(NotFound):
    """There is no such penalty, or it was lifted."""

    code = "PENALTY_NOT_FOUND"


class PenaltyTwice(Conflict):
    """This finding has a penalty of this kind."""

    code = "PENALTY_TWICE"

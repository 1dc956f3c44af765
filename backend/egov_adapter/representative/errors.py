"""Why nobody is represented."""

from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class RepresentationUnconfirmed(NotFound):
    """The state database does not confirm it, or the person is not known here; which is not told."""

    code = "REPRESENTATION_UNCONFIRMED"


class RepresentationNotFound(NotFound):
    """There is no such representation in force between these people."""

    code = "REPRESENTATION_NOT_FOUND"


class AlreadyRepresented(Conflict):
    """A representation between these two people is in force."""

    code = "ALREADY_REPRESENTED"


class RepresentationOver(Invalid):
    """The last day lies in the past, or the child is of age."""

    code = "REPRESENTATION_OVER"


class NotForYourself(Forbidden):
    """A representative's session acts for the other person alone, and one does not represent oneself."""

    code = "NOT_FOR_YOURSELF"

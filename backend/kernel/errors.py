"""Refusals: what the service answers when it will not do a thing.

    Refusal
     ├─ Invalid          the request itself is wrong                       (400/422)
     ├─ Unauthenticated  we do not know who asks                           (401)
     ├─ Forbidden        we know, and the permission matrix says no        (403)
     ├─ NotFound         there is no such thing, or it is not yours        (404)
     ├─ Conflict         the thing is in a state that does not allow it    (409)
     ├─ TooMany          later, please                                     (429)
     └─ Unavailable      a source we must ask does not answer              (503)

A refusal carries a stable `code` of the dictionary (domain chapter 10); clients branch on it.
Texts in kk, ru and en stand in `web/texts`; HTTP status is known to `web/problems` alone.
`facts` fill the text's placeables and are shown to the caller: never personal data.
"""

from typing import ClassVar


class Refusal(Exception):
    """The root of all refusals. `path` names the offending place in the input, if there is one."""

    code: ClassVar[str] = "REFUSED"

    def __init__(
        self,
        *,
        path: str | None = None,
        code: str | None = None,
        retry_after_s: int | None = None,
        **facts: str | int,
    ) -> None:
        self.actual_code = code or self.code
        self.path = path
        self.retry_after_s = retry_after_s
        self.facts = facts
        super().__init__(self.actual_code)


class Invalid(Refusal):
    """The request is wrong in itself; sending it again unchanged cannot help."""

    code = "INVALID"


class Unauthenticated(Refusal):
    """Who asks is not known."""

    code = "UNAUTHENTICATED"


class Forbidden(Refusal):
    """The permission matrix does not allow this to this actor."""

    code = "FORBIDDEN"


class NotFound(Refusal):
    """There is no such thing, or it is not this actor's: the two are not told apart."""

    code = "NOT_FOUND"


class Conflict(Refusal):
    """The state of the thing does not allow this now."""

    code = "CONFLICT"


class TooMany(Refusal):
    """Too many requests of this actor; `retry_after_s` says when to come again."""

    code = "TOO_MANY_REQUESTS"


class Unavailable(Refusal):
    """A source that has to be asked does not answer: unknown never passes (D28)."""

    code = "SOURCE_UNAVAILABLE"

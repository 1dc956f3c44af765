"""What every operation tells the OpenAPI: its name, its refusals by code, and examples that work.

@post("/visits", guards=[requires(Role.INSURED)],
      **operation("RegisterVisit", "Check in", discloses="nothing", errors=(DuplicateVisit,), body={…}, answer={…}))
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    Example,
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)
from litestar.params import QueryParameter

from backend.kernel.errors import Forbidden, Invalid, Refusal, TooMany, Unauthenticated
from backend.web.paging import PAGE_MAX
from backend.web.problems import PROBLEM_JSON, Problem, problem, status_of

DISCLOSES = "discloses"
Refusals = tuple[type[Refusal], ...]
# What the answer tells about an insured person. "nothing"; "own": the asking person's record, noted once
# a session; "person": somebody else's, noted in the transaction of the read and shown to that person
# (backend/registry/access_record). There is no default: an operation that does not say fails a test.
Disclosure = Literal["nothing", "own", "person"]
# How many items of a list are wanted: `limit: PageLimit = 50`. (A msgspec Meta inside FromQuery is
# passed over by Litestar: it would document the bound and not hold it.)
PageLimit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]


class Whole:
    """An example with its nulls: the framework leaves them out of what it knows to be JSON (described.py)."""

    def __init__(self, value: Any) -> None:
        self.value = value


def operation(
    name: str,
    summary: str,
    *,
    discloses: Disclosure | None = None,
    errors: Refusals = (),
    body: Any = None,
    answer: Any = None,
    guarded: bool = True,
) -> dict[str, Any]:
    """Keyword arguments for a Litestar route decorator.

    `name` is the operationId (a verb and a noun); `errors` the refusals beyond the common ones;
    `body` and `answer` the examples of the request and of the success, as JSON values; `discloses`
    what the success tells about an insured person.
    """
    common: Refusals = (Unauthenticated, Forbidden, TooMany) if guarded else (TooMany,)
    if body is not None:
        common = (Invalid, *common)
    return {
        "operation_id": name,
        "summary": summary,
        "responses": _responses((*common, *errors)),
        "operation_class": _with_examples(body, answer),
        "security": [{"session": []}] if guarded else None,
        "opt": {DISCLOSES: discloses},
    }


def picture_operation(name: str, summary: str, **told: Any) -> dict[str, Any]:
    """As `operation`, for one whose body is a picture as it is: JPEG, PNG or WebP."""
    made = operation(name, summary, **told)
    described: Any = made["operation_class"]

    @dataclass
    class WithPicture(described):  # type: ignore[misc]
        """An operation whose body is octets: the framework does not describe it by itself."""

        def __post_init__(self) -> None:
            octets = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
            kinds = ("image/jpeg", "image/png", "image/webp")
            content = {
                kind: OpenAPIMediaType(schema=octets, example="(octets of the file)")
                for kind in kinds
            }
            self.request_body = RequestBody(content=content, required=True)
            super().__post_init__()

    return made | {"operation_class": WithPicture}


def _responses(errors: Refusals) -> dict[int, ResponseSpec]:
    by_status: dict[int, list[type[Refusal]]] = defaultdict(list)
    for error in dict.fromkeys(errors):
        by_status[status_of(error())].append(error)
    return {
        status: ResponseSpec(
            Problem,
            description=", ".join(f"`{e.code}`" for e in members),
            media_type=PROBLEM_JSON,
            generate_examples=False,
            examples=[
                Example(
                    id=e.code,
                    summary=(e.__doc__ or e.code).strip(),
                    value=msgspec.to_builtins(problem(e(), "en")),
                )
                for e in members
            ],
        )
        for status, members in sorted(by_status.items())
    }


def _with_examples(body: Any, answer: Any) -> type[Operation]:
    @dataclass  # makes an __init__ that calls __post_init__; the inherited one does not
    class WithExamples(Operation):
        """An operation that carries its examples."""

        def __post_init__(self) -> None:
            for response in (self.responses or {}).values():
                for media in (cast(OpenAPIResponse, response).content or {}).values():
                    for example in (media.examples or {}).values():
                        if isinstance(example, Example):
                            example.id = None  # it has become the key; OpenAPI knows no such field
            if body is not None and isinstance(self.request_body, RequestBody):
                for media in self.request_body.content.values():
                    media.example = Whole(body)
            for status, response in (self.responses or {}).items():
                if answer is None or not status.startswith("2"):
                    continue
                for media in (cast(OpenAPIResponse, response).content or {}).values():
                    media.examples = None
                    media.example = Whole(answer)

    return WithExamples

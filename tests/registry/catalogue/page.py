"""docs/registry-operations.md, written from the table of operations."""

from backend.kernel.actor import Role
from backend.registry.catalogue.model import RegistryOperation, Way

BASES = {
    "ORDER": "signed order",
    "EVENT": "system event",
    "REQUEST": "written document",
    "SELF": "the actor's own",
}
HEAD = """# Operations of the registry

The sixteen operations of M §26-30: who lawfully causes each, on what basis, by which operation of the API or
job, and what it is called in the log. This page is written from `backend/registry/catalogue/rules.py` by
`tests/registry/catalogue/test_matrix.py`, which also drives every row of it: through the API each lawful actor
succeeds and leaves the operation in the log with its basis and with what was before and after; every other
role is refused and leaves nothing. `SAQTAU_WRITE_DOCS=1 pytest tests/registry/catalogue` writes it anew.

Roles are those of the permission matrix (`backend/kernel/actor.py`). `system` is nobody's session: the service
itself, in the name of the registrar (`registrar:automatic` in the log). A signed document is a JSON command with
that `operation`, signed with ECP by the actor's own organisation. The service serves this table at
`GET /api/v1/registry/operations`, in Kazakh, Russian and English.
"""
TAIL = """
## Corrections

Nothing in the log is changed or taken away (D2). What was done in error is undone by a new operation that names
the one it reverses, each once: of accounts and organisations' data by the registrar (`CorrectAccount`), of policies by
the issuer's signed order (`OrderReversal`). A closing has no counterpart in M §28: it is reversed by an `OPEN` whose
content names it.
"""


def page(operations: tuple[RegistryOperation, ...]) -> str:
    """The whole page."""
    lines = [HEAD, "## By operation", ""]
    lines += ["| # | class | operation | source | log | by | actors | basis | signed document |"]
    lines += ["|---|---|---|---|---|---|---|---|---|"]
    for number, operation in enumerate(operations, 1):
        for place, way in enumerate(operation.ways):
            told = (
                (
                    str(number),
                    operation.op_class,
                    operation.name.en,
                    operation.paragraph,
                    " ".join(f"`{t}`" for t in operation.op_types),
                )
                if place == 0
                else ("",) * 5
            )
            lines.append(_row(*told, *_way(way)))
    lines += ["", "## By role", "", "`●` by the API, `○` as the system.", ""]
    roles = [role for role in Role if any(role in way.roles for o in operations for way in o.ways)]
    numbers = [str(n) for n in range(1, len(operations) + 1)]
    lines += [_row("role", *numbers), _row(*["---"] * (len(numbers) + 1))]
    lines += [
        _row(f"`{role}`", *(_mark(role, operation) for operation in operations)) for role in roles
    ]
    never = ", ".join(f"`{role}`" for role in Role if role not in roles)
    lines += ["", f"No operation is caused by {never}, nor by a guest.", TAIL.rstrip("\n"), ""]
    return "\n".join(lines)


def _way(way: Way) -> tuple[str, str, str, str]:
    basis = BASES[way.basis] + (f": {way.note}" if way.note else "")
    by = f"job `{way.by}`" if way.job else f"`{way.by}`"
    return by, ", ".join(way.roles), basis, f"`{way.document}`" if way.document else ""


def _mark(role: Role, operation: RegistryOperation) -> str:
    ways = [way for way in operation.ways if role in way.roles]
    if not ways:
        return ""
    return "○" if all(way.job for way in ways) else "●"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"

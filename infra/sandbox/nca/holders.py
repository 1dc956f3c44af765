"""How the national centre writes the names of those it certifies (ECP.md §1.3): attributes in their order."""

from backend.signing.certificate import profile as nca


def person(iin: str, name: str) -> list[tuple[str, str]]:
    """The names of a natural person; the third part of `name` goes to its own attribute."""
    surname, *given = name.split()
    common = " ".join([surname, *given[:1]])
    return [
        (nca.COMMON_NAME, common),
        (nca.SURNAME, surname),
        (nca.SERIAL_NUMBER, f"IIN{iin}"),
        (nca.COUNTRY, "KZ"),
    ]


def patronymic(name: str) -> list[tuple[str, str]]:
    """The patronymic, where there is one, in GN."""
    rest = name.split()[2:]
    return [(nca.GIVEN_NAME, " ".join(rest))] if rest else []


def company(bin_: str, organisation: str) -> list[tuple[str, str]]:
    """The organisation he acts for, and its BIN."""
    return [(nca.ORGANISATION, organisation), (nca.UNIT, f"BIN{bin_}")]

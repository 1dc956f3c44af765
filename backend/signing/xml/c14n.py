"""Canonical XML 1.0 and Exclusive Canonical XML 1.0, without comments, of a whole document or of one
element in its place (W3C REC-xml-c14n-20010315, REC-xml-exc-c14n-20020718)."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from itertools import pairwise

from backend.signing.xml.tree import XML, Document, Element, Instruction

INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
# Our trees hold no comments, and same-document references leave them out: the variants agree
ALGORITHMS = {
    INCLUSIVE: False,
    f"{INCLUSIVE}#WithComments": False,
    EXCLUSIVE: True,
    f"{EXCLUSIVE}WithComments": True,
}
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
)


class Canonical:
    """Canonical octets of which certain elements (enveloped signatures) can be left out, made once for all.

    What is left out changes nothing of the rest: namespaces are rendered for descendants alone.
    """

    def __init__(self, parts: list[str], places: dict[Element, tuple[int, int]]) -> None:
        cuts = sorted({0, len(parts), *(place for span in places.values() for place in span)})
        self._pieces = {start: "".join(parts[start:end]).encode() for start, end in pairwise(cuts)}
        self._places = places

    def without(self, element: Element | None) -> bytes:
        """The octets, `element` and what is inside it left out."""
        start, end = self._places.get(element, (0, 0)) if element is not None else (0, 0)
        return b"".join(piece for at, piece in self._pieces.items() if at < start or at >= end)


def canonical_document(
    document: Document,
    *,
    exclusive: bool,
    holes: Iterable[Element] = (),
    prefixes: AbstractSet[str] = frozenset(),
) -> Canonical:
    """The document's canonical octets; each of `holes` can be left out."""
    parts = [_instruction(one) + "\n" for one in document.before]
    writer = _Writer(parts, exclusive, prefixes, holes)
    writer.write(document.root, None, {})
    parts += ["\n" + _instruction(one) for one in document.after]
    return Canonical(parts, writer.places)


def canonical_element(
    element: Element,
    *,
    exclusive: bool,
    holes: Iterable[Element] = (),
    prefixes: AbstractSet[str] = frozenset(),
) -> Canonical:
    """The canonical octets of one element in its place; each of `holes` can be left out."""
    writer = _Writer([], exclusive, prefixes, holes)
    writer.write(element, None, {} if exclusive else _inherited_xml(element))
    return Canonical(writer.parts, writer.places)


def of_document(
    document: Document,
    *,
    exclusive: bool,
    without: Element | None = None,
    prefixes: AbstractSet[str] = frozenset(),
) -> bytes:
    """The canonical octets of the document, one element (an enveloped signature) left out."""
    holes = () if without is None else (without,)
    made = canonical_document(document, exclusive=exclusive, holes=holes, prefixes=prefixes)
    return made.without(without)


def of_element(
    element: Element,
    *,
    exclusive: bool,
    without: Element | None = None,
    prefixes: AbstractSet[str] = frozenset(),
) -> bytes:
    """The canonical octets of one element in its place, `without` left out."""
    holes = () if without is None else (without,)
    made = canonical_element(element, exclusive=exclusive, holes=holes, prefixes=prefixes)
    return made.without(without)


def _inherited_xml(element: Element) -> dict[str, str]:
    """xml:* attributes of the ancestors, nearest first: they come along (C14N 1.0 §2.4)."""
    found: dict[str, str] = {}
    above = element.parent
    while above is not None:
        for attribute in above.attributes:
            if attribute.namespace == XML:
                found.setdefault(attribute.local, attribute.value)
        above = above.parent
    return found


class _Writer:
    def __init__(
        self,
        parts: list[str],
        exclusive: bool,
        prefixes: AbstractSet[str],
        holes: Iterable[Element],
    ) -> None:
        self.parts, self.exclusive, self.prefixes = parts, exclusive, prefixes
        self.holes = frozenset(holes)
        self.places: dict[Element, tuple[int, int]] = {}

    def write(
        self, element: Element, rendered: dict[str, str] | None, inherited: dict[str, str]
    ) -> None:
        """Append the element; `rendered` are the namespaces the output's ancestors declared, None at the apex."""
        start, parts = len(self.parts), self.parts
        wanted: AbstractSet[str]
        if self.exclusive:
            wanted = _wanted(element, self.prefixes)
        else:  # below the apex everything in force but the element's own is rendered already
            wanted = element.declared.keys() if rendered is not None else {"", *element.scope}
        rendered = rendered or {}
        fresh = {}
        for prefix in wanted:
            namespace = element.scope.get(prefix, "")
            if prefix != "xml" and rendered.get(prefix, "") != namespace:
                fresh[prefix] = namespace
        parts.append(f"<{element.name}")
        for prefix in sorted(fresh):
            name = f"xmlns:{prefix}" if prefix else "xmlns"
            parts.append(f' {name}="{fresh[prefix].translate(_VALUE)}"')
        if element.attributes or inherited:
            parts += _rendered(element, inherited)
        parts.append(">")
        below = {**rendered, **fresh} if fresh else rendered
        for child in element.children:
            if isinstance(child, str):
                parts.append(child.translate(_TEXT))
            elif isinstance(child, Instruction):
                parts.append(_instruction(child))
            else:
                self.write(child, below, {})
        parts.append(f"</{element.name}>")
        if element in self.holes:
            self.places[element] = (start, len(parts))


def _rendered(element: Element, inherited: dict[str, str]) -> list[str]:
    attributes = [(a.namespace, a.local, a.name, a.value) for a in element.attributes]
    own = {local for namespace, local, _, _ in attributes if namespace == XML}
    attributes += [
        (XML, local, f"xml:{local}", value)
        for local, value in inherited.items()
        if local not in own
    ]
    return [f' {name}="{value.translate(_VALUE)}"' for _, _, name, value in sorted(attributes)]


def _wanted(element: Element, prefixes: AbstractSet[str]) -> set[str]:
    """The prefixes an element visibly uses, and the listed ones that are in force."""
    used = {element.prefix}
    if element.attributes:
        used.update(a.name.partition(":")[0] for a in element.attributes if ":" in a.name)
    if prefixes:
        used.update(prefix for prefix in prefixes if prefix in element.scope or not prefix)
    return used


def _instruction(one: Instruction) -> str:
    data = one.data.replace("\r", "&#xD;")
    return f"<?{one.target} {data}?>" if data else f"<?{one.target}?>"

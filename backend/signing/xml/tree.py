"""A small tree of an XML document that keeps what canonical XML needs: prefixes as written.

`lxml` forgets which of two prefixes of one namespace an attribute used, and moving a node rewrites
them; here nothing is moved. No DTD, so no entities of the sender's making; comments are left out,
because a same-document reference does not cover them (XMLDSig §4.4.3.3).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple
from xml.parsers import expat

from backend.signing.der.reader import Malformed

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 128
MAX_NODES = 100_000
MAX_PREFIXES = 128  # in force at one place
MAX_ATTRIBUTES = 1024
XML = "http://www.w3.org/XML/1998/namespace"
XMLNS = "http://www.w3.org/2000/xmlns/"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"


_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Instruction(NamedTuple):
    """A processing instruction."""

    target: str
    data: str


class Attribute(NamedTuple):
    """An attribute that is no namespace declaration."""

    name: str  # as written, with its prefix
    namespace: str
    local: str
    value: str


class Element:
    """An element: `name` as written; `scope` maps every prefix in force to its namespace."""

    __slots__ = (
        "attributes",
        "children",
        "declared",
        "local",
        "name",
        "namespace",
        "parent",
        "prefix",
        "scope",
    )

    def __init__(
        self,
        name: str,
        parent: "Element | None",
        scope: dict[str, str],
        declared: Mapping[str, str] = _NOTHING,
        attributes: Sequence[Attribute] = (),
    ) -> None:
        self.name, self.parent, self.scope, self.declared = name, parent, scope, declared
        self.prefix, _, self.local = name.rpartition(":")
        self.namespace = _resolve(self.prefix, scope)
        self.attributes = attributes
        self.children: Sequence[Element | Instruction | str] = ()

    def add(self, child: "Element | Instruction | str") -> None:
        """Append a child. Most elements have none: they hold no list that a collector would visit."""
        if isinstance(self.children, list):
            self.children.append(child)
        else:
            self.children = [child]

    def is_a(self, namespace: str, local: str) -> bool:
        """Is this its expanded name?"""
        return self.local == local and self.namespace == namespace

    def elements(self) -> "list[Element]":
        """The child elements."""
        return [child for child in self.children if isinstance(child, Element)]

    def all(self, namespace: str, local: str) -> "list[Element]":
        """The child elements of that name."""
        return [child for child in self.elements() if child.is_a(namespace, local)]

    def one(self, namespace: str, local: str) -> "Element":
        """The only child element of that name. Raises Malformed."""
        found = self.all(namespace, local)
        if len(found) != 1:
            raise Malformed(f"expected one {local}, found {len(found)}")
        return found[0]

    def only(self, namespace: str, local: str) -> "Element":
        """The child element of that name, when there is no other. Raises Malformed."""
        if len(self.elements()) != 1:
            raise Malformed(f"{self.local} holds more than {local}")
        return self.one(namespace, local)

    def get(self, local: str, namespace: str = "") -> str | None:
        """The value of an attribute."""
        for attribute in self.attributes:
            if attribute.local == local and attribute.namespace == namespace:
                return attribute.value
        return None

    def text(self) -> str:
        """The text of an element that has nothing else inside. Raises Malformed."""
        if not all(isinstance(child, str) for child in self.children):
            raise Malformed(f"{self.local} holds more than text")
        return "".join(child for child in self.children if isinstance(child, str))

    def walk(self) -> "Iterator[Element]":
        """Itself and every element beneath, in document order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += reversed(element.elements())


class Document:
    """The root, and the processing instructions around it."""

    def __init__(self, root: Element, before: list[Instruction], after: list[Instruction]) -> None:
        self.root, self.before, self.after = root, before, after

    def by_id(self, wanted: str) -> Element | None:
        """The element of that Id, by any attribute that some reader takes for one. Raises Malformed."""
        found = self._ids.get(wanted, [])
        if len(found) > 1:
            raise Malformed("an Id stands twice")
        return found[0] if found else None

    @cached_property
    def _ids(self) -> dict[str, list[Element]]:
        found: dict[str, list[Element]] = {}
        for element in self.root.walk():
            for attribute in element.attributes:
                if attribute.local.lower() == "id" and attribute.namespace in ("", WSU, XML):
                    found.setdefault(attribute.value, []).append(element)
        return found


def _resolve(prefix: str, scope: dict[str, str]) -> str:
    if prefix == "xml":
        return XML
    if prefix and prefix not in scope:
        raise Malformed("a prefix without a namespace")
    return scope.get(prefix, "")


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.open: list[Element] = []
        self.before: list[Instruction] = []
        self.after: list[Instruction] = []
        self.count = 0

    def start(self, name: str, flat: list[str]) -> None:
        self._bound()
        parent = self.open[-1] if self.open else None
        scope = parent.scope if parent is not None else {}
        element = _element(name, parent, scope, flat) if flat else Element(name, parent, scope)
        if name.count(":") > 1 or name.startswith(":") or name.endswith(":"):
            raise Malformed("not a qualified name")
        if parent is None:
            self.root = element
        else:
            parent.add(element)
        self.open.append(element)
        if len(self.open) > MAX_DEPTH:
            raise Malformed("nested too deep")

    def end(self, _name: str) -> None:
        self.open.pop()

    def text(self, data: str) -> None:
        if self.open:
            self.open[-1].add(data)

    def instruction(self, target: str, data: str) -> None:
        self._bound()
        found = Instruction(target, data)
        if self.open:
            self.open[-1].add(found)
        else:
            (self.before if self.root is None else self.after).append(found)

    def doctype(self, *_: object) -> None:
        raise Malformed("a document type is not allowed")

    def _bound(self) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise Malformed("too many nodes")


def _element(name: str, parent: Element | None, scope: dict[str, str], flat: list[str]) -> Element:
    """An element with attributes, of which some may be namespace declarations."""
    pairs = list(zip(flat[::2], flat[1::2], strict=True))
    if len(pairs) > MAX_ATTRIBUTES:
        raise Malformed("too many attributes")
    declared = {
        attribute.partition(":")[2]: value
        for attribute, value in pairs
        if attribute == "xmlns" or attribute.startswith("xmlns:")
    }
    if declared:
        _require_lawful(declared)
        scope = {**scope, **declared}
        if len(scope) > MAX_PREFIXES:
            raise Malformed("too many namespaces")
    return Element(name, parent, scope, declared or _NOTHING, _attributes(pairs, scope))


def _require_lawful(declared: dict[str, str]) -> None:
    for prefix, namespace in declared.items():
        if prefix in ("xml", "xmlns") or namespace in (XML, XMLNS) or (prefix and not namespace):
            raise Malformed("a namespace declaration that must not be")
        # Canonical XML 1.0 §1.3 cannot carry relative namespace names
        if namespace and ":" not in namespace:
            raise Malformed("a relative namespace name")


def _attributes(pairs: list[tuple[str, str]], scope: dict[str, str]) -> Sequence[Attribute]:
    found: list[Attribute] = []
    seen: set[tuple[str, str]] = set()
    for name, value in pairs:
        prefix, _, local = name.rpartition(":")
        if prefix == "xmlns" or name == "xmlns":
            continue
        namespace = _resolve(prefix, scope) if prefix else ""
        if (namespace, local) in seen:
            raise Malformed("an attribute stands twice")
        seen.add((namespace, local))
        found.append(Attribute(name, namespace, local, value))
    return found


def parse(raw: bytes) -> Document:
    """The document in `raw`. Raises Malformed for what is not well-formed, has a DTD or is too large."""
    if len(raw) > MAX_BYTES:
        raise Malformed("the XML is too large")
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.ProcessingInstructionHandler = builder.instruction
    parser.StartDoctypeDeclHandler = builder.doctype
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, LookupError, ValueError) as e:
        raise Malformed(f"not XML: {e}") from None
    if builder.root is None:
        raise Malformed("no root element")
    return Document(builder.root, builder.before, builder.after)

"""Canonical XML 1.0 and Exclusive Canonical XML 1.0, without comments, of a whole document or of one
element in its place (W3C REC-xml-c14n-20010315, REC-xml-exc-c14n-20020718)."""

from collections.abc import Set as AbstractSet

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


def of_document(
    document: Document,
    *,
    exclusive: bool,
    without: Element | None = None,
    prefixes: AbstractSet[str] = frozenset(),
) -> bytes:
    """The canonical octets of the document, one element (an enveloped signature) left out."""
    parts = [_instruction(one) + "\n" for one in document.before]
    _write(document.root, parts, exclusive, without, prefixes, None, {})
    parts += ["\n" + _instruction(one) for one in document.after]
    return "".join(parts).encode()


def of_element(
    element: Element,
    *,
    exclusive: bool,
    without: Element | None = None,
    prefixes: AbstractSet[str] = frozenset(),
) -> bytes:
    """The canonical octets of one element in its place, `without` left out."""
    parts: list[str] = []
    inherited = {} if exclusive else _inherited_xml(element)
    _write(element, parts, exclusive, without, prefixes, None, inherited)
    return "".join(parts).encode()


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


def _write(
    element: Element,
    parts: list[str],
    exclusive: bool,
    without: Element | None,
    prefixes: AbstractSet[str],
    rendered: dict[str, str] | None,
    inherited: dict[str, str],
) -> None:
    """Append the element; `rendered` are the namespaces the output's ancestors declared, None at the apex."""
    wanted: AbstractSet[str]
    if exclusive:
        wanted = _wanted(element, prefixes)
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
    attributes = [(a.namespace, a.local, a.name, a.value) for a in element.attributes]
    own = {local for namespace, local, _, _ in attributes if namespace == XML}
    attributes += [
        (XML, local, f"xml:{local}", value)
        for local, value in inherited.items()
        if local not in own
    ]
    for _, _, name, value in sorted(attributes):
        parts.append(f' {name}="{value.translate(_VALUE)}"')
    parts.append(">")
    below = {**rendered, **fresh} if fresh else rendered
    for child in element.children:
        if isinstance(child, str):
            parts.append(child.translate(_TEXT))
        elif isinstance(child, Instruction):
            parts.append(_instruction(child))
        elif child is not without:
            _write(child, parts, exclusive, without, prefixes, below, {})
    parts.append(f"</{element.name}>")


def _wanted(element: Element, prefixes: AbstractSet[str]) -> set[str]:
    """The prefixes an element visibly uses, and the listed ones that are in force."""
    used = {element.prefix}
    used.update(a.name.partition(":")[0] for a in element.attributes if ":" in a.name)
    used.update(prefix for prefix in prefixes if prefix in element.scope or not prefix)
    return used


def _instruction(one: Instruction) -> str:
    data = one.data.replace("\r", "&#xD;")
    return f"<?{one.target} {data}?>" if data else f"<?{one.target}?>"

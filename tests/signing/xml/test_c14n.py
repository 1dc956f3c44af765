"""Our canonical XML answers as libxml2's, and keeps the prefixes libxml2's wrappers lose."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from backend.signing.der.reader import Malformed
from backend.signing.xml import c14n, tree

TEXT = st.text(st.sampled_from("aб &<>\"'\t\n\r]"), max_size=6)
NAMESPACES = ["urn:a", "urn:b", "urn:c"]


def escaped(text: str) -> str:
    table = {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\r": "&#13;",
        "\n": "&#10;",
        "\t": "&#9;",
    }
    return text.translate(str.maketrans(table))


@st.composite
def elements(draw, depth: int = 3, scope: tuple[str, ...] = ()) -> str:
    """A well-formed element as text, with namespaces declared and redeclared at random."""
    declared = draw(st.dictionaries(st.sampled_from(["", "p", "q"]), st.sampled_from(NAMESPACES)))
    known = sorted({*scope, *(prefix for prefix in declared if prefix)})
    prefix = draw(st.sampled_from(["", *known]))
    name = f"{prefix}:e" if prefix else draw(st.sampled_from(["e", "f"]))
    parts = [f"<{name}"]
    parts += [f' xmlns{":" if k else ""}{k}="{v}"' for k, v in declared.items()]
    used = draw(st.lists(st.sampled_from(["x", "y", "xml:lang"]), unique=True, max_size=3))
    parts += [f' {attribute}="{escaped(draw(TEXT))}"' for attribute in used]
    if known and draw(st.booleans()):
        parts.append(f' {draw(st.sampled_from(known))}:z="1"')
    parts.append(">")
    for _ in range(draw(st.integers(0, 2)) if depth else 0):
        kind = draw(st.sampled_from(["text", "element", "instruction", "comment", "cdata"]))
        if kind == "element":
            parts.append(draw(elements(depth - 1, tuple(known))))
        elif kind == "text":
            parts.append(escaped(draw(TEXT)))
        else:
            parts.append(
                {"instruction": "<?go on?>", "comment": "<!-- c -->", "cdata": "<![CDATA[<&]]>"}[
                    kind
                ]
            )
    return "".join([*parts, f"</{name}>"])


@settings(max_examples=80, deadline=None)
@given(elements(), st.booleans())
def test_whole_documents_agree_with_libxml2(text: str, exclusive: bool) -> None:
    raw = ("<?pi one?>" + text + "<?pi two?>").encode()
    parsed = etree.ElementTree(etree.fromstring(raw))
    expected = etree.tostring(parsed, method="c14n", exclusive=exclusive, with_comments=False)
    assert c14n.of_document(tree.parse(raw), exclusive=exclusive) == expected


@settings(max_examples=60, deadline=None)
@given(elements())
def test_exclusive_parts_agree_with_libxml2(text: str) -> None:
    parsed = etree.fromstring(text.encode())
    ours = tree.parse(text.encode()).root
    for part, other in zip(ours.walk(), parsed.iter(etree.Element), strict=True):
        expected = etree.tostring(
            other, method="c14n", exclusive=True, with_comments=False, with_tail=False
        )
        assert c14n.of_element(part, exclusive=True) == expected


def test_a_part_brings_its_context_along() -> None:
    """C14N 1.0 §2.4, §3.7: namespaces in force and xml: attributes come with an element in its place."""
    raw = b'<a xmlns="urn:a" xmlns:p="urn:p" xml:lang="kk"><b xml:space="preserve"><c xml:lang="ru"/></b></a>'
    (b,) = tree.parse(raw).root.elements()
    assert c14n.of_element(b, exclusive=False) == (
        b'<b xmlns="urn:a" xmlns:p="urn:p" xml:lang="kk" xml:space="preserve"><c xml:lang="ru"></c></b>'
    )
    (c,) = b.elements()
    assert c14n.of_element(c, exclusive=False) == (
        b'<c xmlns="urn:a" xmlns:p="urn:p" xml:lang="ru" xml:space="preserve"></c>'
    )
    assert c14n.of_element(c, exclusive=True) == b'<c xmlns="urn:a" xml:lang="ru"></c>'
    assert c14n.of_element(c, exclusive=True, prefixes={"p"}) == (
        b'<c xmlns="urn:a" xmlns:p="urn:p" xml:lang="ru"></c>'
    )


def test_two_prefixes_of_one_namespace_stay_themselves() -> None:
    raw = b'<a xmlns:p="urn:x" xmlns:q="urn:x"><q:b p:y="1" q:z="2"></q:b></a>'
    assert c14n.of_document(tree.parse(raw), exclusive=False) == raw


@pytest.mark.parametrize("text", [
    "<!DOCTYPE a><a/>", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "<a>&x;</a>", "<a", "", "  ",
    "<p:a/>", '<a b="1" b="2"/>', '<a xmlns:p="u:x" xmlns:q="u:x" p:b="1" q:b="2"/>',
    '<a xmlns:p=""/>', '<a xmlns:xml="urn:x"/>', '<a xmlns="relative"/>', "<a/><b/>",
    "<a>" * 200 + "</a>" * 200, "<a:b:c xmlns:a='urn:x'/>", "<a>\x00</a>",
])  # fmt: skip
def test_what_may_not_be_signed_is_malformed(text: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(Malformed):
            tree.parse(text.encode(encoding))

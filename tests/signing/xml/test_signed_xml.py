"""Signed XML: what holds, what does not, and every way of wrapping a signature we know of."""

import re

import pytest

from backend.signing.model import Code, Verification
from backend.signing.revocation.files import RevocationFiles
from backend.signing.verify.document import verify_document
from backend.signing.verify.judge import Policy
from backend.signing.xml import tree
from infra.sandbox.nca import signed_xml
from infra.sandbox.nca.signed_xml import HOLE, SOAP

PLAIN = f'<order xmlns="urn:o" Id="o1"><sum cur="KZT">100</sum><to>Клиника</to>{HOLE}</order>'
BODY = '<m:Pay xmlns:m="urn:m"><m:sum>100</m:sum></m:Pay>'


@pytest.fixture
def check(trust, good, now):
    policy = Policy(trust=trust, at=now, revocation=good)

    def run(raw: bytes | str) -> Verification:
        return verify_document(policy, raw.encode() if isinstance(raw, str) else raw)

    return run


@pytest.fixture(scope="module")
def order(head) -> str:
    return signed_xml.enveloped(PLAIN, head).decode()


@pytest.fixture(scope="module")
def by_id(head) -> str:
    return signed_xml.enveloped(PLAIN, head, uri="#o1", exclusive_info=True).decode()


@pytest.fixture(scope="module")
def soap(head) -> str:
    return signed_xml.envelope(BODY, head).decode()


def test_an_enveloped_signature_holds(check, order) -> None:
    found = check(order)
    assert (found.code, found.format) == (Code.OK, "xmldsig")
    (signer,) = found.signers
    assert (signer.algorithm, signer.iin, signer.signed_at) == (
        "gost2015-512",
        "900101300017",
        None,
    )
    assert found.content == (
        '<order xmlns="urn:o" Id="o1"><sum cur="KZT">100</sum><to>Клиника</to></order>'.encode()
    )


def test_content_given_beside_must_be_what_is_inside(trust, good, now, order) -> None:
    """As for an attached CMS: `--content` of something else is never "valid"."""
    policy = Policy(trust=trust, at=now, revocation=good)
    plain = PLAIN.replace(HOLE, "")
    for content, code in (
        (plain.encode(), Code.OK),
        (f"<?xml version='1.0'?>\n{plain}\n".encode(), Code.OK),
        (order.encode(), Code.OK),
        (plain.replace("100", "900").encode(), Code.DIGEST_MISMATCH),
        (b"something else", Code.DIGEST_MISMATCH),
        (b"", Code.DIGEST_MISMATCH),
    ):
        found = verify_document(policy, order.encode(), content)
        assert (found.code, found.valid) == (code, code is Code.OK)


def test_a_signature_by_the_root_s_id_holds(check, by_id) -> None:
    assert check(by_id).code is Code.OK


@pytest.mark.parametrize("token", [False, True])
def test_an_envelope_holds(check, head, citizen, token) -> None:
    for pair in (head, citizen):
        found = check(signed_xml.envelope(BODY, pair, token=token))
        assert (found.code, found.format) == (Code.OK, "wsse")
        assert found.content is not None
        assert b"<m:sum>100</m:sum>" in found.content


def test_every_algorithm_signs_xml(centre, trust, now) -> None:
    from backend.signing.trust.store import TrustStore
    from infra.sandbox.nca.centre import Centre

    for algorithm in ("gost2015-256", "gost2004"):
        other = Centre.create(b"old", now, algorithms=[algorithm])
        pair = other.issue_individual("900101300017", "А Б", now, algorithm)
        policy = Policy(
            trust=TrustStore("old", other.anchors()), at=now,
            revocation=RevocationFiles([other.crl(now, algorithm)]),
        )  # fmt: skip
        found = verify_document(policy, signed_xml.enveloped(PLAIN, pair))
        assert (found.code, found.signers[0].algorithm) == (Code.OK, algorithm)


@pytest.mark.parametrize(
    ("old", "new"),
    [(">100<", ">900<"), ('cur="KZT"', 'cur="USD"'), ('"urn:o"', '"urn:p"'), ("<to>", "<to >x"),
     ("</order>", " </order>"), ("<order ", '<order a="1" '), ('Id="o1"', 'Id="o2"')],
)  # fmt: skip
def test_a_changed_document_is_found(check, order, old, new) -> None:
    assert old in order
    assert check(order.replace(old, new, 1)).code is Code.DIGEST_MISMATCH


def test_a_changed_signature_is_found(check, order) -> None:
    value = re.search(r"<ds:SignatureValue>(.)", order)
    assert value is not None
    other = "B" if value[1] == "A" else "A"
    changed = order.replace(f"<ds:SignatureValue>{value[1]}", f"<ds:SignatureValue>{other}")
    assert check(changed).code is Code.BAD_SIGNATURE
    assert (
        check(order.replace("<ds:SignedInfo>", '<ds:SignedInfo Id="x">')).code is Code.BAD_SIGNATURE
    )


def test_comments_are_not_covered_and_not_handed_on(check, order) -> None:
    """A same-document reference leaves comments out, so whoever acts on the document never sees one."""
    found = check(order.replace("Клиника", "Кли<!-- x -->ника"))
    assert found.code is Code.OK
    assert found.content is not None
    assert "Клиника".encode() in found.content


@pytest.mark.parametrize("text", [
    "<order/>", PLAIN.replace(HOLE, ""), "<!DOCTYPE order><order/>", "<", "<a><b></a>",
    '<order xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Signature/></order>',
])  # fmt: skip
def test_what_is_not_a_signed_document_is_malformed(check, text) -> None:
    found = check(text)
    assert (found.valid, found.code, found.signers) == (False, Code.MALFORMED, ())


def test_a_document_type_is_refused_however_it_is_written(check, order) -> None:
    bomb = '<!DOCTYPE order [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    assert check(bomb + order).code is Code.MALFORMED
    assert check((bomb + order).encode("utf-16")).code is Code.MALFORMED


def signature_of(text: str) -> str:
    found = re.search(r"<ds:Signature .*</ds:Signature>", text, re.DOTALL)
    assert found is not None
    return found[0]


def order_wrappings(order: str, by_id: str) -> dict[str, str]:
    """The signed order kept whole somewhere, another order where the reader looks."""
    signature, bare = signature_of(by_id), PLAIN.replace(HOLE, "")
    evil = bare.replace("100", "900").replace('Id="o1"', 'Id="evil"')
    inside = evil.replace("</order>", "{}</order>")
    moved = signature.replace("</ds:Signature>", f"<ds:Object>{bare}</ds:Object></ds:Signature>")
    return {
        "original beside the signature": inside.format(bare + signature),
        "original in the signature's Object": inside.format(moved),
        "original under an extra element": inside.format(f"<x>{by_id}</x>{signature}"),
        "signed document inside": inside.format(by_id),
        "signature first": inside.format(signature + bare),
        "same Id twice": evil.replace('Id="evil"', 'Id="o1"').replace("</order>", f"{bare}{signature}</order>"),
        "same Id in another attribute": inside.format(f'<y id="o1"/>{bare}{signature}'),
        "new root around all": f"<wrap>{by_id}</wrap>",
        "new root, signature lifted": f"<wrap>{bare}{signature}</wrap>",
        "new root, enveloped lifted": f"<wrap>{bare}{signature_of(order)}</wrap>",
        "signature in Object of a new one": inside.format(
            signature.replace("<ds:KeyInfo>", f"<ds:Object>{bare}</ds:Object><ds:KeyInfo>")),
    }  # fmt: skip


def test_no_wrapping_of_an_order_passes(check, order, by_id) -> None:
    variants = order_wrappings(order, by_id)
    assert len(variants) >= 8
    for name, text in variants.items():
        tree.parse(text.encode())  # well-formed: refused for what it is, not for a slip of the test
        found = check(text)
        assert not found.valid, name
        assert found.content is None


def envelope_wrappings(soap: str) -> dict[str, str]:
    body = re.search(r"<S:Body.*</S:Body>", soap, re.DOTALL)
    assert body is not None
    good = body[0]
    evil = good.replace("100", "900").replace('"id-1"', '"id-2"')
    twin = good.replace("100", "900")
    signature = signature_of(soap)
    at_end = "</S:Header>"
    named = BODY.replace("<m:Pay", '<m:Pay Id="id-1"')
    return {
        "body moved to a header element": soap.replace(good, evil).replace(at_end, f"<w>{good}</w>{at_end}"),
        "body moved, same Id": soap.replace(good, twin).replace(at_end, f"<w>{good}</w>{at_end}"),
        "two bodies": soap.replace(good, evil + good),
        "two bodies, other order": soap.replace(good, good + evil),
        "body inside the body": soap.replace(good, evil.replace("</S:Body>", f"{good}</S:Body>")),
        "body after the envelope's children": soap.replace(good, f"{evil}<w>{good}</w>"),
        "body in the signature's Object": soap.replace(good, evil).replace(
            signature, signature.replace("</ds:Signature>", f"<ds:Object>{good}</ds:Object></ds:Signature>")),
        "body in Security": soap.replace(good, evil).replace("</wsse:Security>", f"{good}</wsse:Security>"),
        "payload by the Id": soap.replace(good, evil).replace(at_end, f"<w>{named}</w>{at_end}"),
        "signature outside Security": soap.replace(signature, "").replace(at_end, f"<w>{signature}</w>{at_end}"),
        "signature in the body": soap.replace(signature, "").replace("</S:Body>", f"{signature}</S:Body>"),
        "second header": soap.replace("<S:Header>", "<S:Header/><S:Header>"),
        "id of another kind": soap.replace(good, evil.replace("wsu:Id", 'Id="id-1" wsu:Id')),
    }  # fmt: skip


def test_no_wrapping_of_an_envelope_passes(check, soap) -> None:
    variants = envelope_wrappings(soap)
    assert len(variants) >= 8
    for name, text in variants.items():
        tree.parse(text.encode())
        found = check(text)
        assert not found.valid, name
        assert found.content is None


def test_two_references_are_one_too_many(check, order) -> None:
    reference = re.search(r"<ds:Reference .*</ds:Reference>", order, re.DOTALL)
    assert reference is not None
    assert check(order.replace(reference[0], reference[0] * 2)).code is Code.MALFORMED
    assert check(order.replace(reference[0], "")).code is Code.MALFORMED


@pytest.mark.parametrize(("old", "new"), [
    ("gostr34102015-gostr34112015-512", "unknown"),
    ("algorithms:gostr34112015-512", "algorithms:md5"),
    ('"http://www.w3.org/TR/2001/REC-xml-c14n-20010315"', '"http://www.w3.org/2006/12/xml-c14n11"'),
    ("20010315#WithComments", "20010315#Other"),
    ("http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
])  # fmt: skip
def test_other_algorithms_are_not_ours(check, order, old, new) -> None:
    assert old in order
    assert check(order.replace(old, new, 1)).code is Code.UNSUPPORTED_ALGORITHM


def test_a_reference_elsewhere_is_refused(check, order) -> None:
    for uri in ("#", "#nobody", "http://example.org/", "#xpointer(/)", "file:///etc/passwd"):
        changed = order.replace('Reference URI=""', f'Reference URI="{uri}"')
        assert check(changed).code is Code.BAD_SIGNATURE
    assert check(order.replace('Reference URI=""', "Reference")).code is Code.BAD_SIGNATURE


def test_an_envelope_signed_as_a_document_is_not_an_envelope(check, head) -> None:
    """An enveloped signature over the whole envelope is not the Body's signature."""
    text = (
        f'<S:Envelope xmlns:S="{SOAP}"><S:Header>{HOLE}</S:Header><S:Body>x</S:Body></S:Envelope>'
    )
    assert not check(signed_xml.enveloped(text, head)).valid

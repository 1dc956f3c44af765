"""XAdES: the second Reference covers the signature's own properties, which are never content."""

import re
from datetime import timedelta

import pytest

from backend.signing.model import Code, Verification
from backend.signing.verify.document import verify_document
from backend.signing.verify.judge import Policy
from backend.signing.xml import tree
from backend.signing.xml.reference import DS
from backend.signing.xml.xades import SIGNED_PROPERTIES, XADES
from infra.sandbox.nca.signed_xml import HOLE, xades

PLAIN = f'<order Id="o1"><sum cur="KZT">100</sum>{HOLE}</order>'
BARE = '<order Id="o1"><sum cur="KZT">100</sum></order>'


@pytest.fixture
def check(trust, good, now):
    def run(raw: bytes | str, later: timedelta = timedelta(0)) -> Verification:
        policy = Policy(trust=trust, at=now + later, revocation=good)
        return verify_document(policy, raw.encode() if isinstance(raw, str) else raw)

    return run


@pytest.fixture
def order(head, now) -> str:
    return xades(PLAIN, head, at=now).decode()


@pytest.mark.parametrize("who", ["head", "citizen"])
def test_it_holds_and_only_the_content_is_handed_on(check, request, who, now) -> None:
    pair = request.getfixturevalue(who)
    found = check(xades(PLAIN, pair, at=now))
    assert (found.code, found.format, found.content) == (Code.OK, "xmldsig", BARE.encode())
    (signer,) = found.signers
    assert (signer.algorithm, signer.signed_at) == (pair.algorithm, now)
    assert not signer.timestamped


def test_a_stamp_over_the_value_is_the_reference_time(check, head, centre, now) -> None:
    when, years = now + timedelta(minutes=1), timedelta(days=3 * 365)
    stamped = xades(PLAIN, head, at=now, stamp=centre.stamper(when))
    found = check(stamped, later=years)
    assert found.code is Code.OK
    assert (found.signers[0].timestamped, found.signers[0].signed_at) == (True, when)
    other = xades(PLAIN, head, at=now + timedelta(seconds=1), stamp=centre.stamper(when)).decode()
    token = re.compile("<xades:EncapsulatedTimeStamp>.*</xades:EncapsulatedTimeStamp>", re.DOTALL)
    lent = token.search(other)
    assert lent is not None
    swapped = token.sub(lent[0], stamped.decode())
    assert (check(swapped).code, check(swapped).signers[0].timestamped) == (Code.OK, False)
    assert check(swapped, later=years).code is Code.EXPIRED


@pytest.mark.parametrize("garbage", ["", "!", "AAAA", "<xades:x/>"])
def test_a_stamp_that_cannot_be_read_is_none(check, head, centre, now, garbage) -> None:
    text = xades(PLAIN, head, at=now, stamp=centre.stamper(now)).decode()
    bent = re.sub(
        r"(<xades:EncapsulatedTimeStamp>).*(</xades:Enc)", rf"\1{garbage}\2", text, flags=re.S
    )
    found = check(bent)
    assert (found.code, found.signers[0].timestamped) == (Code.OK, False)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (">100<", ">900<", Code.DIGEST_MISMATCH),
        ("<xades:SigningTime>2", "<xades:SigningTime>1", Code.DIGEST_MISMATCH),
        ('Id="sig-properties"', 'Id="other"', Code.BAD_SIGNATURE),
        ("#sig-properties", "#o1", Code.BAD_SIGNATURE),
        ("#sig-properties", "", Code.BAD_SIGNATURE),
        ("#sig-properties", "#sig", Code.BAD_SIGNATURE),
        (f' Type="{SIGNED_PROPERTIES}"', "", Code.MALFORMED),
        (f' Type="{SIGNED_PROPERTIES}"', ' Type="urn:other"', Code.MALFORMED),
        ('Target="#sig"', 'Target="#gis"', Code.MALFORMED),
        (' Id="sig">', ">", Code.MALFORMED),
        ("</ds:Object>", "<x/></ds:Object>", Code.MALFORMED),
        ("</ds:Object>", "</ds:Object><ds:Object/>", Code.MALFORMED),
        ("</xades:SignedProperties>", "</xades:SignedProperties><xades:SignedProperties/>", Code.MALFORMED),
    ],
)  # fmt: skip
def test_what_is_bent_is_refused(check, order, old, new, code) -> None:
    assert old in order
    found = check(order.replace(old, new, 1))
    assert (found.valid, found.code, found.content) == (False, code, None)


def test_another_s_certificate_is_no_proof(check, head, citizen, now) -> None:
    named = xades(PLAIN, head, at=now, named=citizen.certificate_der)
    assert check(named).code is Code.BAD_SIGNATURE


@pytest.mark.parametrize("at", ["", "yesterday", "2026-03-02T05:00:00"])
def test_a_time_that_is_none_is_malformed(check, head, at) -> None:
    class Text:
        def isoformat(self) -> str:
            return at

    assert check(xades(PLAIN, head, at=Text())).code is Code.MALFORMED  # type: ignore[arg-type]


def parts_of(order: str) -> tuple[str, str, str, str]:
    """The Signature, its two References and its properties."""
    signature = re.search(r"<ds:Signature .*</ds:Signature>", order, re.DOTALL)
    properties = re.search(r"<xades:SignedProperties.*</xades:SignedProperties>", order, re.DOTALL)
    first, second = re.findall(r"<ds:Reference .*?</ds:Reference>", order, re.DOTALL)
    assert signature is not None
    assert properties is not None
    return signature[0], first, second, properties[0]


def wrappings(order: str) -> dict[str, str]:
    """The signed parts kept whole somewhere, others where the reader looks."""
    signature, first, second, properties = parts_of(order)
    evil = BARE.replace("100", "900").replace('Id="o1"', 'Id="evil"')
    inside = evil.replace("</order>", "{}</order>")
    other = properties.replace("<xades:SigningTime>2", "<xades:SigningTime>1")
    moved = (
        properties.replace(  # exclusive canonical XML declares them there anyhow: the same digest
            "<xades:SignedProperties",
            f'<xades:SignedProperties xmlns:ds="{DS}" xmlns:xades="{XADES}"',
        )
    )
    own = order.replace(properties, other.replace('"sig-properties"', '"own"'))
    in_object = signature.replace("</ds:Object>", f"{BARE}</ds:Object>")
    return {
        "content beside the signature": inside.format(BARE + signature),
        "content in the Object": inside.format(in_object),
        "signed document inside": inside.format(order),
        "new root around all": f"<wrap>{order}</wrap>",
        "signature lifted": f"<wrap>{BARE}{signature}</wrap>",
        "properties moved beside": own.replace("<sum", f"{moved}<sum"),
        "properties moved, same Id": order.replace(properties, other).replace("<sum", f"{moved}<sum"),
        "properties in the unsigned ones": own.replace(
            "</xades:QualifyingProperties>",
            f"<xades:UnsignedProperties>{moved}</xades:UnsignedProperties></xades:QualifyingProperties>"),
        "properties in KeyInfo": own.replace("</ds:KeyInfo>", f"{moved}</ds:KeyInfo>"),
        "content never referenced": order.replace(first, ""),
        "properties referenced twice": order.replace(second, second * 2),
        "content referenced twice": order.replace(first, first * 2),
        "content taken for properties": order.replace(first, first.replace(
            "<ds:Reference ", f'<ds:Reference Type="{SIGNED_PROPERTIES}" ')),
        "properties taken for content": order.replace(second, "").replace(
            'URI=""', 'URI="#sig-properties"'),
        "two signatures, one Id": order.replace(signature, signature * 2),
    }  # fmt: skip


def test_no_wrapping_passes(check, order) -> None:
    for name, text in wrappings(order).items():
        tree.parse(text.encode())  # well-formed: refused for what it is, not for a slip of the test
        found = check(text)
        assert not found.valid, name
        assert found.content is None, name

"""A sealed PDF is the PDF it was with a signature over all of it; one octet more or other is told."""

from collections.abc import Callable
from datetime import datetime

import pytest

from backend.signing.cms.build import Signer
from backend.signing.model import Code
from backend.signing.revocation.files import RevocationFiles
from backend.signing.seal import pades, pdf, syntax
from backend.signing.seal.errors import PdfUnfit, SealMissing
from backend.signing.trust.store import TrustStore
from backend.signing.verify.judge import Policy
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.signing.seal.conftest import PLAIN, pdf_of

Sealed = Callable[..., bytes]


@pytest.fixture(scope="session")
def policy(trust: TrustStore, good: RevocationFiles, now: datetime) -> Policy:
    return Policy(trust=trust, at=now, revocation=good)


@pytest.fixture(scope="session")
def sealed(issuer: KeyPair, now: datetime) -> Sealed:
    def seal(raw: bytes, **more: object) -> bytes:
        signer = Signer(issuer.key, issuer.certificate_der, now)
        return pades.sign(raw, signer, certificates=issuer.chain[:1], **more)  # type: ignore[arg-type]

    return seal


def test_the_document_stays_and_the_signature_holds(
    plain_pdf: bytes, sealed: Sealed, policy: Policy, issuer: KeyPair
) -> None:
    made = sealed(plain_pdf, reason="Полис шығарылды")
    assert made.startswith(plain_pdf)
    found = pades.verify(policy, made)
    assert found.code is Code.OK
    assert found.signers[0].bin == "061211600012"
    assert found.signers[0].signed_at is None  # PAdES: the time is the PDF's word, or a stamp's
    assert found.content is not None
    assert found.content.startswith(plain_pdf)
    assert b"/ETSI.CAdES.detached" in made
    assert syntax.text("Полис шығарылды") in made
    again = pdf.Document(made)
    page = syntax.dictionary(again.octets(again.first_page()))
    assert page[b"/MediaBox"] == b"[0 0 595 842]"
    assert syntax.dictionary(again.octets(again.catalog))[b"/Lang"] == b"(kk)"


def test_a_time_stamp_proves_the_time(
    plain_pdf: bytes, sealed: Sealed, policy: Policy, centre: Centre, now: datetime
) -> None:
    found = pades.verify(policy, sealed(plain_pdf, stamp=centre.stamper(now, "rsa-sha256")))
    assert found.code is Code.OK
    assert found.signers[0].timestamped
    assert found.signers[0].signed_at == now


def test_any_octet_changed_is_told(plain_pdf: bytes, sealed: Sealed, policy: Policy) -> None:
    made = sealed(plain_pdf)
    covered = pdf.signed_octets(made)
    assert covered is not None
    start = made.index(b"/Contents <")
    stop = made.index(b">", start)
    for place in range(0, len(made), 97):
        changed = bytearray(made)
        changed[place] ^= 1
        found = pades.verify(policy, bytes(changed))
        if start < place < stop:  # the CMS: what of it is not signed vouches for nothing
            assert found.content in (None, covered[0]), place
        else:
            assert found.code in (Code.DIGEST_MISMATCH, Code.MALFORMED), place


def test_what_is_appended_after_the_seal_is_not_sealed(
    plain_pdf: bytes, sealed: Sealed, policy: Policy
) -> None:
    made = sealed(plain_pdf)
    for added in (b"\n", b"%", made[len(plain_pdf) :]):
        assert pades.verify(policy, made + added).code is Code.MALFORMED
    for cut in (1, 10, 1000):
        assert pades.verify(policy, made[:-cut]).code is Code.MALFORMED


def test_two_seals_on_one_document(
    plain_pdf: bytes, sealed: Sealed, policy: Policy, citizen: KeyPair, now: datetime
) -> None:
    first = sealed(plain_pdf)
    second = pades.sign(first, Signer(citizen.key, citizen.certificate_der, now))
    assert second.startswith(first)
    found = pades.verify(policy, second)
    assert found.code is Code.OK
    assert found.signers[0].iin == "900101300017"
    again = pdf.Document(second)
    form = syntax.dictionary(
        again.followed(syntax.dictionary(again.octets(again.catalog))[b"/AcroForm"])
    )
    assert len(syntax.items(form[b"/Fields"])) == 2
    page = syntax.dictionary(again.octets(again.first_page()))
    assert len(syntax.items(page[b"/Annots"])) == 2


@pytest.mark.parametrize(
    "objects",
    [
        [PLAIN[0][:-2] + b"/AcroForm<</Fields[]/DA(/Helv 0 Tf)>>>>", *PLAIN[1:]],
        [PLAIN[0][:-2] + b"/AcroForm 5 0 R>>", *PLAIN[1:], b"<</Fields 6 0 R>>", b"[]"],
        [*PLAIN[:2], PLAIN[2][:-2] + b"/Annots 5 0 R>>", PLAIN[3], b"[ % none\n ]"],
        [PLAIN[0], b"<</Type/Pages/Count 1/Kids 5 0 R>>", *PLAIN[2:], b"[3 0 R]"],
        [PLAIN[0][:-2] + rb"/Note(a \) ( nested ) \\)/Hex<AB c>>>", *PLAIN[1:]],
    ],
    ids=["form inside", "form and fields apart", "notes apart", "pages apart", "strings"],
)
def test_forms_and_notes_wherever_they_stand(
    objects: list[bytes], sealed: Sealed, policy: Policy
) -> None:
    assert pades.verify(policy, sealed(pdf_of(objects))).code is Code.OK


DEEP = b"<</A" * 200 + b"1" + b">>" * 200


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"%PDF-1.7", b"PK\x03\x04", pdf_of(PLAIN)[:-7], pdf_of(PLAIN).replace(b"xref", b"xrfe"),
        pdf_of(PLAIN, extra=b"/Encrypt 4 0 R"), pdf_of(PLAIN, extra=b"/XRefStm 10"),
        pdf_of(PLAIN, extra=b"/Prev 9"), pdf_of(PLAIN, root=9), pdf_of(PLAIN, root=4), pdf_of([]),
        pdf_of(PLAIN).replace(b"3 0 obj", b"7 0 obj"), pdf_of(PLAIN).replace(b" n ", b" x "),
        pdf_of([PLAIN[0], b"<</Type/Pages/Kids[2 0 R]>>"]), pdf_of([DEEP, *PLAIN[1:]]),
        pdf_of([b"<</Pages 2 0 R/Pages 2 0 R>>", *PLAIN[1:]]), pdf_of([b"<</Pages(2 0 R>>"]),
        pdf_of([b"<<" + b"(" * 3000, *PLAIN[1:]]),
    ],
)  # fmt: skip
def test_what_we_do_not_understand_is_refused(raw: bytes, sealed: Sealed) -> None:
    with pytest.raises(PdfUnfit):
        sealed(raw)


def test_a_table_that_names_itself_ends(sealed: Sealed) -> None:
    raw = pdf_of(PLAIN, extra=b"/Prev 0000000")
    table = raw.rindex(b"xref\n0 ")
    with pytest.raises(PdfUnfit):
        sealed(raw.replace(b"/Prev 0000000", b"/Prev %07d" % table))


def test_a_key_no_reader_knows_seals_no_pdf(
    plain_pdf: bytes, registrar: KeyPair, now: datetime
) -> None:
    with pytest.raises(SealMissing):
        pades.sign(plain_pdf, Signer(registrar.key, registrar.certificate_der, now))


def test_a_signature_larger_than_its_room_is_refused(plain_pdf: bytes, now: datetime) -> None:
    with pytest.raises(PdfUnfit):
        pdf.sign(plain_pdf, 10, now, "", lambda _: bytes(11))


def test_files_without_a_seal_are_not_sealed(plain_pdf: bytes, policy: Policy) -> None:
    for raw in (
        b"",
        plain_pdf,
        b"/ByteRange [0 1 2 3]",
        b"/ByteRange[0 30 34 0]" + b" " * 9 + b"<00>",
    ):
        assert pades.verify(policy, raw).code is Code.MALFORMED

"""The printed extract: a PDF/A-3 that carries its own data, sealed octet for octet."""

import msgspec

from backend.kernel.resources import Resources
from backend.registry.extract import rules, words
from backend.registry.extract.model import Document, ExtractFile
from backend.registry.log import heads
from backend.registry.log import rules as log_rules
from backend.signing.seal import service as seal
from backend.signing.seal.errors import SealMissing
from backend.web import paper

TEMPLATE = "extract"
FILE_NAME = "extract.json"


async def pdf(resources: Resources, file: ExtractFile) -> bytes:
    """The PDF with the log's seal, and the registrar's PAdES where its key is set up."""
    document = msgspec.convert(file.document, Document)
    code = rules.code_of(rules.digest(file.document))
    attached = paper.Attachment(
        FILE_NAME,
        "application/json",
        rules.file_octets(file).decode(),
        "Үзінді көшірменің деректері / Данные выписки",
    )
    made = await paper.pdf(
        TEMPLATE,
        words.page(document, code, file.proof),
        at=document.issued_at,
        attachments=[attached],
    )
    key = await heads.signing_key(resources)
    private = heads.private_half(resources.keyring, key)
    sealed = rules.with_seal(made, key.key_number, log_rules.sign(rules.pdf_digest(made), private))
    try:
        return await seal.seal_pdf(
            resources.config,
            seal.Owner.REGISTRAR,
            sealed,
            resources.clock.now(),
            reason=words.TITLES[document.kind].kk,
        )
    except SealMissing:
        return sealed


async def cms(resources: Resources, file: ExtractFile) -> bytes:
    """The registrar's detached CMS over the file's octets. Raises SealMissing."""
    return await seal.seal(
        resources.config, seal.Owner.REGISTRAR, rules.file_octets(file), resources.clock.now()
    )


async def png(file: ExtractFile, *, ppi: float) -> bytes:
    """The first page as a picture."""
    document = msgspec.convert(file.document, Document)
    code = rules.code_of(rules.digest(file.document))
    page = words.page(document, code, file.proof)
    return await paper.png(TEMPLATE, page, at=document.issued_at, ppi=ppi)

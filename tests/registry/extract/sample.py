"""A fictitious person's extract, as it is printed in the docs."""

import base64
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec

from backend.registry.extract import rules, words
from backend.registry.extract.model import (
    AccountPart,
    Document,
    EntitlementPart,
    Entry,
    ExtractFile,
    Ground,
    Insured,
    Kind,
    LoggedOperation,
    PolicyPart,
    Proof,
)
from backend.registry.log import merkle
from backend.registry.log.model import SignedHead

AT = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)
ISSUER = "issuer_head:061211600012"
PLACE, SIZE = 20_412_345, 41_234_567


def entry(seq: int, name: str, actor: str, basis: str, days: int) -> Entry:
    return Entry(seq, AT - timedelta(days=days), *name.split("."), actor, basis)


DOCUMENT = Document(
    extract_id=UUID(int=7),
    kind=Kind.ACCOUNT,
    issued_at=AT,
    registrar=words.REGISTRAR,
    registrar_bin="980540000397",
    registrar_address="Астана қ., Мәңгілік Ел даңғылы, 8",
    ground=Ground("CONSENT"),
    insured=Insured(
        "Ахметова Айгүл Серікқызы",
        "900101400017",
        date(1990, 1, 1),
        "Алматы қ., Абай даңғылы, 52, 14-пәтер",
        "N01234567",
    ),
    account=AccountPart("OPEN", AT - timedelta(days=20)),
    entitlement=EntitlementPart(date(2026, 4, 6), "CONSUMER", date(2026, 6, 30)),
    policy=PolicyPart(
        number="2026-0000012345",
        status="CREDITED",
        gvfmc=True,
        mhi=True,
        service_list="GVFMC+MHI",
        tariff_set="KR DSM-170/2020",
        rule_set="KR DSM-291/2020",
        issued_on=date(2026, 3, 20),
        valid_from=date(2026, 3, 20),
        valid_to=date(2026, 12, 31),
        issuer_name="«Әлеуметтік медициналық сақтандыру қоры» КЕАҚ",
        issuer_bin="061211600012",
        issuer_address="Астана қ., Мәңгілік Ел даңғылы, 8",
        executor_name="№ 5 қалалық емхана ШЖҚ МКК",
        executor_bin="090440002224",
    ),
    operations=(
        entry(3, "POLICY.CREDIT", ISSUER, "ORDER", 17),
        entry(2, "POLICY.ISSUE", ISSUER, "ORDER", 17),
        entry(1, "ACCOUNT.OPEN", "registrar:automatic", "EVENT", 20),
    ),
    operations_total=3,
    legal=words.LEGAL,
)
LEAF = sha256(b"leaf").digest()
FILE = ExtractFile(
    msgspec.json.decode(rules.canonical(DOCUMENT)),
    LoggedOperation(
        UUID(int=1), 4, "INFORMATION", "ACCOUNT_EXTRACT", AT, "", "SELF", "", "{}", "", ""
    ),
    Proof(
        LEAF.hex(),
        PLACE,
        [sha256(bytes([n])).hexdigest() for n in range(len(merkle.inclusion_spans(PLACE, SIZE)))],
        SignedHead(
            number=2204,
            tree_size=SIZE,
            root="00" * 32,
            at=AT + timedelta(minutes=1),
            previous=sha256(b"previous").hexdigest(),
            key_number=1,
            signature=base64.b64encode(bytes(range(64))).decode(),
        ),
    ),
)

"""The three formats say the same; whatever is flipped, cut off or hidden in a file is refused."""

import contextlib
import random
from datetime import date

import msgspec
import pytest

from backend.sources.state_corporation.errors import FileUnreadable
from backend.sources.state_corporation.model import FileFormat, Header, Line
from backend.sources.state_corporation.service import reader
from tests.sources.state_corporation.files import receipt, refund, reversal, write

IIN = "850101300005"
LINES = [
    receipt("SC-1/1", IIN),
    receipt("SC-1/2", IIN, "2025-12", kind="contribution", payer=None, amount_tiyn=425_000),
    receipt("SC-1/3", "000000000000", "2026-04", payer=None, payer_kind="sole_proprietor"),
    refund("SC-1/4", "SC-1/1", 1),
    reversal("SC-1/5", "SC-0/77", 123),
]
FORMATS = list(FileFormat)


def read(kind: FileFormat, raw: bytes, step: int = 1 << 20) -> tuple[list[Line], Header]:
    found, source = [], reader(kind)
    for start in range(0, len(raw), step):
        found += source.feed(raw[start : start + step])
    source.close()
    assert source.header is not None
    return found, source.header


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_what_was_written_is_read(kind: FileFormat, step: int) -> None:
    lines, header = read(kind, write(kind, LINES), step)
    assert [msgspec.structs.replace(x, number=0) for x in lines] == LINES
    assert [x.number for x in lines] == (
        [2, 3, 4, 5, 6] if kind is FileFormat.CSV else [1, 2, 3, 4, 5]
    )
    assert header == Header("SC-1", date(2026, 4, 6), 5, 2_225_000, 124)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_of_no_rows_is_a_file(kind: FileFormat) -> None:
    assert read(kind, write(kind, []))[1].records == 0


@pytest.mark.parametrize("kind", FORMATS)
def test_cut_off_anywhere_it_is_no_file(kind: FileFormat) -> None:
    raw = write(kind, LINES)
    end = len(raw) - (1 if raw.endswith(b"\n") else 0)
    for length in range(0, end, 3):
        with pytest.raises(FileUnreadable):
            read(kind, raw[:length])


@pytest.mark.parametrize("kind", FORMATS)
def test_lost_and_doubled_rows_are_missed(kind: FileFormat) -> None:
    raw = write(kind, LINES)
    whole = [
        (raw, write(kind, LINES[:n] + LINES[n + 1 :])) for n in range(len(LINES))
    ] + [(raw, write(kind, [*LINES, LINES[0]]))]  # fmt: skip
    for announced, sent in whole:
        if kind is FileFormat.CSV:
            head, _, _ = announced.partition(b"\n")
            tampered = head + b"\n" + sent.partition(b"\n")[2]
        else:
            head, _, rest = announced.partition(b"</TxsSummry>")
            assert rest
            tampered = head + b"</TxsSummry>" + sent.partition(b"</TxsSummry>")[2]
        if kind is not FileFormat.CSV or sent.count(b"\n") != announced.count(b"\n"):
            lines, header = [], None
            try:
                lines, header = read(kind, tampered)
            except FileUnreadable:
                continue
            assert header.records != len(lines) or header.receipts_tiyn != sum(
                x.amount_tiyn for x in lines if x.iin
            )


@pytest.mark.parametrize("kind", FORMATS)
def test_noise_never_breaks_the_reader(kind: FileFormat) -> None:
    chance = random.Random(7)
    raw = write(kind, LINES)
    for _ in range(400):
        noisy = bytearray(raw)
        for _ in range(chance.choice((1, 1, 2, 8))):
            at = chance.randrange(len(noisy))
            noisy[at : at + chance.choice((0, 1, 5))] = bytes(
                chance.choice((0, 10, 59, 60, 62, 255, chance.randrange(256)))
                for _ in range(chance.choice((0, 1, 3)))
            )
        with contextlib.suppress(FileUnreadable):
            read(kind, bytes(noisy), chance.choice((11, 1 << 20)))


@pytest.mark.parametrize("kind", [FileFormat.CAMT_053, FileFormat.CAMT_054])
@pytest.mark.parametrize(
    "hidden",
    [
        '<!DOCTYPE Document [<!ENTITY a "b">]>',
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!doctype Document [<!entity % p SYSTEM "file:///etc/passwd"> %p;]>',
    ],
)
def test_no_document_type_and_no_entities(kind: FileFormat, hidden: str) -> None:
    raw = write(kind, LINES)
    head, _, rest = raw.partition(b"?>")
    hostile = head + b"?>" + hidden.encode() + rest
    for step in (1, 1 << 20):
        with pytest.raises(FileUnreadable):
            read(kind, hostile, step)
    for encoding in ("utf-16", "utf-7", "utf-32"):
        with pytest.raises(FileUnreadable):
            read(kind, hostile.decode().replace("UTF-8", encoding.upper()).encode(encoding))
    with pytest.raises(FileUnreadable):
        read(kind, raw.replace(b"SC-1/2", b"&a;"))


@pytest.mark.parametrize("kind", [FileFormat.CAMT_053, FileFormat.CAMT_054])
def test_another_message_is_not_ours(kind: FileFormat) -> None:
    raw = write(kind, LINES)
    for before, after in (
        (b"001.08", b"001.02"),
        (b'Ccy="KZT"', b'Ccy="USD"'),
        (b"<Cd>BOOK</Cd>", b"<Cd>PDNG</Cd>"),
        (b"<Tp>MM03</Tp>", b"<Tp>QTR1</Tp>"),
        (b"<Prtry>deduction</Prtry>", b"<Prtry>gift</Prtry>"),
    ):
        assert before in raw
        with pytest.raises(FileUnreadable):
            read(kind, raw.replace(before, after))
    statement = write(FileFormat.CAMT_053, LINES)
    with pytest.raises(FileUnreadable, match="BALANCE_MISMATCH"):
        read(FileFormat.CAMT_053, statement.replace(b">1000.00<", b">1000.01<"))


def test_a_deep_nest_is_refused() -> None:
    raw = write(FileFormat.CAMT_054, LINES).replace(
        b"<NtryRef>SC-1/1</NtryRef>", b"<a>" * 5_000 + b"</a>" * 5_000
    )
    with pytest.raises(FileUnreadable):
        read(FileFormat.CAMT_054, raw)


@pytest.mark.parametrize(
    "row",
    [
        b"P;X;2026-04-06;2026-03;D;850101300005;;;1.00;",
        b"P;X;2026-04-06;2026-13;D;850101300005;;;1.00",
        b"P;X;20260406;2026-03;D;850101300005;;;1.00",
        b"P;X;2026-04-06;2026-03;D;850101300005;;;0.00",
        b"P;X;2026-04-06;2026-03;D;850101300005;;;-1.00",
        b"P;X;2026-04-06;2026-03;D;850101300005;;;1.0",
        b"P;X;2026-04-06;2026-03;E;850101300005;;;1.00",
        b"P;X;2026-04-06;2026-03;D;85010130000;5;x;1.00",
        b"P; X;2026-04-06;2026-03;D;850101300005;;;1.00",
        b"R;X;2026-04-06;X;1.00",
        b"Z;X",
        b"\\.",
        b"P;\xd0\x98;2026-04-06;2026-03;D;850101300005;;;1.00",
    ],
)
def test_a_malformed_row_is_named(row: bytes) -> None:
    raw = write(FileFormat.CSV, LINES)
    first, second, rest = raw.split(b"\n", 2)
    with pytest.raises(FileUnreadable, match="ROW_MALFORMED") as refused:
        read(FileFormat.CSV, b"\n".join((first, second, row, rest)))
    assert refused.value.line == 3

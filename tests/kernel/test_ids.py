import threading
import time
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel import ids
from backend.kernel.ids import (
    BinInvalid,
    EntityType,
    IbanInvalid,
    IinInvalid,
    NumberCheck,
    NumberCode,
    NumberKind,
    Sex,
    check_digit,
    check_iban_kz,
    check_number,
    require_bin,
    require_iban_kz,
    require_iin,
    uuid7,
)

DIGITS = st.text("0123456789", min_size=11, max_size=11)


def numbered(eleven: str) -> str:
    """`eleven` with its control digit."""
    digit = check_digit(eleven)
    assert digit is not None
    return f"{eleven}{digit}"


def with_sequence(start: str) -> str:
    """A number that begins with `start`, with the first sequence that is assigned."""
    rest = 11 - len(start)
    for sequence in range(10**rest):
        eleven = f"{start}{sequence:0{rest}}"
        if check_digit(eleven) is not None:
            return numbered(eleven)
    raise AssertionError(start)


# --- UUIDs ---


def test_ids_are_version_7_and_rise() -> None:
    found = [uuid7() for _ in range(10_000)]
    assert found == sorted(found)
    assert len(set(found)) == len(found)
    assert all(i.version == 7 and i.variant == "specified in RFC 4122" for i in found)


def test_an_id_tells_its_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    told = uuid7().int >> 80
    assert before <= told <= time.time_ns() // 1_000_000 + 10


def test_ids_of_many_threads_are_distinct() -> None:
    found: list[list[UUID]] = [[] for _ in range(8)]

    def take(mine: list[UUID]) -> None:
        mine.extend(uuid7() for _ in range(2_000))

    threads = [threading.Thread(target=take, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({i for mine in found for i in mine}) == 16_000
    assert all(mine == sorted(mine) for mine in found)


def test_ids_rise_even_when_the_clock_jumps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000_000_000_000
    times = iter([now, now - 3_600_000_000_000, now - 1, now + 1_000_000])
    monkeypatch.setattr(ids.time, "time_ns", lambda: next(times))
    source = ids._Uuid7Source()
    found = [source.next() for _ in range(4)]
    assert found == sorted(set(found))


def test_ids_rise_when_a_millisecond_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1_800_000_000_000_000_000)
    source = ids._Uuid7Source()
    found = [source.next() for _ in range(10_000)]
    assert found == sorted(set(found))


# --- the control digit ---


@given(DIGITS)
def test_control_digit_by_the_letter_of_the_decree(eleven: str) -> None:
    first = sum(int(d) * w for d, w in zip(eleven, range(1, 12), strict=True)) % 11
    second = (
        sum(int(d) * w for d, w in zip(eleven, [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2], strict=True))
        % 11
    )
    wanted = first if first != 10 else second if second != 10 else None
    assert check_digit(eleven) == wanted


def test_some_elevens_belong_to_no_number() -> None:
    unassigned = [f"{n:011}" for n in range(20_000) if check_digit(f"{n:011}") is None]
    assert 100 < len(unassigned) < 250  # 0.83 % (ECP 6)
    eleven = next(n for n in (f"900101300{s:02}" for s in range(100)) if check_digit(n) is None)
    assert all(check_number(f"{eleven}{d}").code is NumberCode.CHECK_DIGIT for d in range(10))


@pytest.mark.parametrize("text", ["", "1" * 10, "1" * 12, "1234567890x", "١٢٣٤٥٦٧٨٩٠١"])
def test_control_digit_needs_eleven_digits(text: str) -> None:
    with pytest.raises(ValueError, match="eleven"):
        check_digit(text)


def weighted(eleven: str) -> int:
    return sum(int(d) * w for d, w in zip(eleven, range(1, 12), strict=True)) % 11


@given(DIGITS, st.integers(0, 9), st.integers(1, 9))
def test_one_mistyped_digit_is_caught(eleven: str, at: int, by: int) -> None:
    # The decree's own gaps: weight 11 is nothing modulo 11, so the eleventh digit goes unguarded,
    # and the second weights may by chance give the digit the first ones gave.
    wrong = eleven[:at] + str((int(eleven[at]) + by) % 10) + eleven[at + 1 :]
    if weighted(eleven) != 10 and weighted(wrong) != 10:
        assert check_digit(wrong) != check_digit(eleven)


# --- IIN ---


@pytest.mark.parametrize(
    ("start", "born", "sex"),
    [
        ("9912311", date(1899, 12, 31), Sex.MALE),
        ("0001012", date(1800, 1, 1), Sex.FEMALE),
        ("8502283", date(1985, 2, 28), Sex.MALE),
        ("8402294", date(1984, 2, 29), Sex.FEMALE),
        ("0002295", date(2000, 2, 29), Sex.MALE),
        ("0612116", date(2006, 12, 11), Sex.FEMALE),
    ],
)
def test_an_iin_tells_birth_date_and_sex(start: str, born: date, sex: Sex) -> None:
    assert check_number(with_sequence(start)) == NumberCheck(
        valid=True, kind=NumberKind.IIN, code=NumberCode.OK, birth_date=born, sex=sex
    )


def test_the_published_example_passes() -> None:
    found = check_number("061211600012")
    assert found.valid
    assert (found.kind, found.birth_date) == (NumberKind.IIN, date(2006, 12, 11))


@pytest.mark.parametrize(
    "start",
    [
        "8502293",  # 1985 is no leap year
        "0002293",  # 1900 was none either
        "0002291",  # nor 1800
        "9913013",
        "9900013",
        "9901003",
        "9901323",
        "9904313",
        "0002300",  # no such day in any century, though digit 7 names none
    ],
)
def test_a_day_that_does_not_exist(start: str) -> None:
    found = check_number(with_sequence(start))
    assert (found.valid, found.kind, found.code) == (False, NumberKind.IIN, NumberCode.DATE)
    assert found.birth_date is None


@pytest.mark.parametrize("seventh", "0789")
def test_iin_digit_7_outside_1_to_6_is_type(seventh: str) -> None:
    for start in (f"900101{seventh}", f"000229{seventh}"):
        found = check_number(with_sequence(start))
        assert (found.valid, found.kind, found.code) == (False, NumberKind.IIN, NumberCode.TYPE)


# --- BIN ---


@pytest.mark.parametrize(
    ("start", "registered", "entity_type"),
    [
        ("940140", "1994-01", EntityType.RESIDENT),
        ("121250", "2012-12", EntityType.NON_RESIDENT),
        ("000763", "2000-07", EntityType.JOINT_SOLE_PROPRIETORSHIP),
        ("260341", "2026-03", EntityType.RESIDENT),
        ("500140", "1950-01", EntityType.RESIDENT),
        ("490140", "2049-01", EntityType.RESIDENT),
    ],
)
def test_a_bin_tells_month_and_type(start: str, registered: str, entity_type: EntityType) -> None:
    assert check_number(with_sequence(start)) == NumberCheck(
        valid=True,
        kind=NumberKind.BIN,
        code=NumberCode.OK,
        registered=registered,
        entity_type=entity_type,
    )


@pytest.mark.parametrize("start", ["941340", "940050", "949960"])
def test_a_month_that_does_not_exist(start: str) -> None:
    found = check_number(with_sequence(start))
    assert (found.valid, found.kind, found.code) == (False, NumberKind.BIN, NumberCode.DATE)


@pytest.mark.parametrize("fifth", "789")
def test_bin_digit_5_of_7_to_9_is_type(fifth: str) -> None:
    found = check_number(with_sequence(f"9401{fifth}0"))
    assert (found.valid, found.kind, found.code) == (False, NumberKind.BIN, NumberCode.TYPE)


# --- what comes off the street ---


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", NumberCode.LENGTH),
        ("--1", NumberCode.LENGTH),
        ("06121160001", NumberCode.LENGTH),
        ("0612116000120", NumberCode.LENGTH),
        (" 061211600012", NumberCode.LENGTH),
        ("061211600012\n", NumberCode.LENGTH),
        ("0" * 100_000, NumberCode.LENGTH),
        ("06121160001x", NumberCode.NOT_DIGITS),
        ("06121160001\n", NumberCode.NOT_DIGITS),
        ("-61211600012", NumberCode.NOT_DIGITS),
        ("+61211600012", NumberCode.NOT_DIGITS),
        ("٠٦١٢١١٦٠٠٠١٢", NumberCode.NOT_DIGITS),
        ("".join(chr(0xFF10 + int(d)) for d in "061211600012"), NumberCode.NOT_DIGITS),
        ("06121160001²", NumberCode.NOT_DIGITS),
        ("\x00" * 12, NumberCode.NOT_DIGITS),
        ("\ud800" * 12, NumberCode.NOT_DIGITS),
        ("000000000000", NumberCode.DATE),
        ("111111111111", NumberCode.CHECK_DIGIT),
    ],
)
def test_odd_input_gets_a_code(text: str, code: NumberCode) -> None:
    found = check_number(text)
    assert (found.valid, found.code) == (False, code)


@given(st.text(max_size=14) | DIGITS.map(lambda t: t + "7"))
def test_any_text_gets_an_answer(text: str) -> None:
    found = check_number(text)
    assert found.valid == (found.code is NumberCode.OK)
    assert (found.kind is not None) or not found.valid


def test_a_code_is_named_in_the_order_of_the_table() -> None:
    assert [c.value for c in NumberCode] == [
        "LENGTH",
        "NOT_DIGITS",
        "DATE",
        "TYPE",
        "CHECK_DIGIT",
        "OK",
    ]
    assert check_number("990230999999").code is NumberCode.DATE  # also TYPE and CHECK_DIGIT
    assert check_number("990101999990").code is NumberCode.TYPE  # also CHECK_DIGIT


# --- require ---


def test_require_keeps_the_kinds_apart() -> None:
    iin, company = with_sequence("8502283"), with_sequence("940140")
    assert require_iin(iin) == iin
    assert require_bin(company) == company
    with pytest.raises(IinInvalid) as iin_refused:
        require_iin(company, "$.iin")
    with pytest.raises(BinInvalid) as bin_refused:
        require_bin(iin)
    assert (iin_refused.value.facts, iin_refused.value.path) == ({"reason": "TYPE"}, "$.iin")
    assert bin_refused.value.facts == {"reason": "TYPE"}


def test_a_refusal_never_repeats_the_number() -> None:
    with pytest.raises(IinInvalid) as refused:
        require_iin("850228300019")
    assert "850228" not in f"{refused.value} {refused.value.facts} {refused.value.args}"


# --- IBAN ---


def iban(account: str) -> str:
    """A well-formed IBAN of Kazakhstan for a bank code and an account."""
    number = int("".join(str(int(sign, 36)) for sign in account + "KZ00"))
    return f"KZ{98 - number % 97:02}{account}"


@given(
    st.integers(0, 999), st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=13, max_size=13)
)
def test_an_iban_with_its_check_digits_passes(bank: int, account: str) -> None:
    good = iban(f"{bank:03}{account}")
    assert check_iban_kz(good)
    assert require_iban_kz(good) == good
    # a digit for a digit, a letter for a letter: the length of the number stays
    other = next(sign for sign in ("12" if good[-1].isdigit() else "AB") if sign != good[-1])
    assert not check_iban_kz(good[:-1] + other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "KZ",
        "KZ86125KZT5004100100 ",
        "kz86125KZT5004100100",
        "KZ86 125K ZT50 0410 0100",
        "KZ86125KZT500410010",
        "KZ86125KZT50041001000",
        "DE86125KZT5004100100",
        "KZ86125KZT500410010é",
        "KZ٨٦125KZT5004100100",
    ],
)
def test_what_is_no_iban(text: str) -> None:
    assert not check_iban_kz(text)
    with pytest.raises(IbanInvalid):
        require_iban_kz(text)


def test_the_registry_example_of_kazakhstan_passes() -> None:
    assert check_iban_kz("KZ86125KZT5004100100")  # SWIFT IBAN registry

"""Tables people hand in: whatever their shape, the answer comes at once and is bounded."""

from backend.kernel.tables import (
    COLUMNS_MAX,
    ERRORS_TOLD,
    RowError,
    RowsInvalid,
    read_csv,
    shape_faults,
)


def test_a_million_columns_are_one_fault() -> None:
    table = read_csv(",".join(f"c{n}" for n in range(1_000_000)) + "\n1\n", 10)
    assert table is not None
    assert shape_faults(table, ["code"], rows_max=10) == [RowError(0, "", "PLAN_ROW_TOO_WIDE")]
    assert len(table.header) > COLUMNS_MAX


def test_of_a_longer_table_one_row_more_is_read() -> None:
    table = read_csv("code\n\n" + "x\n" * 1_000_000, 10)
    assert table is not None
    assert len(table.body) == 11
    assert shape_faults(table, ["code"], rows_max=10) == [RowError(0, "", "PLAN_ROW_TOO_MANY")]


def test_the_first_faults_are_told_and_all_of_them_counted() -> None:
    refused = RowsInvalid([RowError(n, "code", "PLAN_ROW_EMPTY") for n in range(ERRORS_TOLD + 5)])
    assert len(refused.errors) == ERRORS_TOLD
    assert refused.facts["count"] == ERRORS_TOLD + 5

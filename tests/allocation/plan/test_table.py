"""Whatever a table holds, reading it ends in lines or in named faults, never in anything else."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.allocation.decision.model import BaseKind, Unit
from backend.allocation.plan.model import LineDraft, Source
from backend.allocation.plan.rules import check_lines
from backend.allocation.plan.table import COLUMNS, read_table

HEADER = ",".join(COLUMNS)
cells = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["mhi", "service", "tiyn", "capacity", "75", "cdc", "100", "true", "=1", '"']),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(cells, max_size=16), max_size=4), st.sampled_from(",;"))
def test_any_cells_become_lines_or_faults(rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    lines, faults = read_table(out.getvalue())
    assert lines or faults
    assert all(0 <= f.row <= len(rows) and f.code.startswith("PLAN_ROW_") for f in faults)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_is_answered(text: str) -> None:
    lines, faults = read_table(text)
    assert lines or faults


titles = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40)


@settings(max_examples=50, deadline=None)
@given(titles, titles, st.integers(0, 10**18), st.sampled_from(list(BaseKind)), st.booleans())
def test_written_lines_are_read_back(
    kk: str, ru: str, units: int, base_kind: BaseKind, lot: bool
) -> None:
    line = LineDraft(
        code="2026-mhi-75-x",
        source=Source.MHI,
        region="75",
        service_type="x",
        care_form="ambulatory",
        title_kk=kk,
        title_ru=ru,
        unit=Unit.TIYN,
        planned_units=units,
        base_kind=base_kind,
        payment_method="global",
        lot=lot,
    )
    out = io.StringIO()
    row = [getattr(line, column) for column in COLUMNS]
    csv.writer(out).writerows([COLUMNS, ["" if cell is None else cell for cell in row]])
    assert read_table(out.getvalue()) == ([line], [])
    assert check_lines([line]) == []

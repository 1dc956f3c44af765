"""A service billed in somebody's name, written straight into the tables of the payments wing."""

from uuid import UUID

from tests.visits.conftest import CLINIC, Owner

ACT = UUID("01980000-0000-7000-8000-0000000ac701")
CASE = UUID("01980000-0000-7000-8000-0000000ca5e1")
LINE = UUID("01980000-0000-7000-8000-0000000019e1")


async def bill(owner: Owner, person_id: UUID, status: str = "CHECK_PASSED") -> None:
    """One case of an act that passed its checks. What lies between (contract, plan) is left out."""
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")  # no foreign keys
        await owner.execute(
            """
            INSERT INTO allocation.plan_line (line_id, plan_id, code, source, region, service_type,
                care_form, title_kk, title_ru, unit, planned_units, tariff_tiyn, amount_tiyn,
                base_kind, payment_method, lot, phc_full, v_max_percent)
            VALUES ($1, $1, 'L1', 'mhi', '75', 'cdc', 'outpatient', 'Қабылдау', 'Приём', 'service',
                10, 234567, 2345670, 'capacity', 'tariff', false, false, 25)
            """,
            LINE,
        )
        await owner.execute(
            """
            INSERT INTO payments.act (act_id, contract_id, executor_id, source, number, period_from,
                period_to, status, seq_no, submitted_at, cases, total_tiyn, content_sha256,
                evidence_id)
            VALUES ($1, $1, $2, 'mhi', '1', '2026-04-01', '2026-04-30', $3, 1,
                '2026-04-05T00:00:00Z', 1, 234567, sha256('x'), $1)
            """,
            ACT,
            CLINIC,
            status,
        )
        await owner.execute(
            """
            INSERT INTO payments.act_case (person_id, act_id, line_no, case_id, executor_id,
                service_record_id, service_code, line_id, units, amount_tiyn, service_date, episode,
                grade, errors)
            VALUES ($1, $2, 1, $3, $4, 'R1', 'A02.001.000', $5, 1, 234567, '2026-04-03', '', 'NONE',
                '{}')
            """,
            person_id,
            ACT,
            CASE,
            CLINIC,
            LINE,
        )

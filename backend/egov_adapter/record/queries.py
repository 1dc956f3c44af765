"""SQL of a citizen's own record. Every statement takes the person first."""

from backend.egov_adapter.record.model import (
    Billed,
    OwnCase,
    OwnClinic,
    OwnContribution,
    OwnPolicy,
    OwnVisit,
    PaidMonth,
)
from backend.kernel.db import Query

# The hot path (SPEED.md): one row by the unique index of person and year.
POLICY = Query[OwnPolicy](
    """
    SELECT p.policy_id, p.number, p.year, p.status, p.gvfmc, p.mhi, p.service_list, p.issued_on,
           p.valid_from, p.valid_to, p.executor_id, o.name AS executor
      FROM registry.policy p
      LEFT JOIN registry.organisation o ON o.organisation_id = p.executor_id
     WHERE p.person_id = $1 AND p.year = $2 AND p.status <> 'CANCELLED'
    """
)
VISITS = Query[OwnVisit](
    """
    SELECT v.visit_id, v.at, v.visit_date, f.name AS facility, o.name AS executor,
           v.grade
      FROM visits.visit v
      JOIN registry.facility f ON f.facility_id = v.facility_id
      JOIN registry.organisation o ON o.organisation_id = v.executor_id
     WHERE v.person_id = $1 AND ($2::uuid IS NULL OR v.visit_id < $2)
     ORDER BY v.visit_id DESC
     LIMIT $3
    """
)
# $4: the language of the service's title; the plan has them in kk and ru.
BILLED = Query[Billed](
    """
    SELECT c.case_id, c.service_date, c.service_code,
           CASE WHEN $4 = 'kk' THEN l.title_kk ELSE l.title_ru END AS service,
           o.name AS executor, c.units, c.amount_tiyn,
           CASE WHEN a.status = 'PAID' THEN 'PAID'
                WHEN a.status IN ('CHECK_FAILED', 'CANCELLED') THEN 'REFUSED'
                WHEN a.status IN ('CHECKING', 'CHECK_PASSED') THEN 'CHECKED'
                ELSE 'ACCEPTED' END AS state,
           c.grade,
           (SELECT m.mark FROM payments.act_case_mark m
             WHERE m.person_id = $1 AND m.case_id = c.case_id
             ORDER BY m.seq DESC LIMIT 1) AS mark,
           (SELECT k.tracking_number FROM egov.complaint k
             WHERE k.person_id = $1 AND k.case_id = c.case_id) AS dispute
      FROM payments.act_case c
      JOIN payments.act a ON a.act_id = c.act_id
      JOIN registry.organisation o ON o.organisation_id = a.executor_id
      JOIN allocation.plan_line l ON l.line_id = c.line_id
     WHERE c.person_id = $1 AND ($2::uuid IS NULL OR c.case_id < $2)
     ORDER BY c.case_id DESC
     LIMIT $3
    """
)
OWN_CASE = Query[OwnCase](
    """
    SELECT c.case_id, c.act_id, a.executor_id
      FROM payments.act_case c
      JOIN payments.act a ON a.act_id = c.act_id
     WHERE c.person_id = $1 AND c.case_id = $2
    """
)
CONTRIBUTIONS = Query[OwnContribution](
    """
    SELECT contribution_id, paid_on, period, kind, amount_tiyn, payer_bin, refunded_tiyn,
           refunded_on
      FROM registry.contribution
     WHERE person_id = $1
       AND ($2::date IS NULL OR (paid_on, contribution_id) < ($2, $3::uuid))
     ORDER BY paid_on DESC, contribution_id DESC
     LIMIT $4
    """
)
MONTHS = Query[PaidMonth](
    """
    SELECT period AS month, sum(amount_tiyn - refunded_tiyn)::bigint AS amount_tiyn,
           count(*) AS receipts
      FROM registry.contribution
     WHERE person_id = $1 AND period >= $2
     GROUP BY period
    """
)
CLINIC = Query[OwnClinic](
    """
    SELECT a.executor_id, o.name AS executor, a.facility_id, f.name AS facility, f.address, a.since
      FROM registry.attachment a
      JOIN registry.organisation o ON o.organisation_id = a.executor_id
      JOIN registry.facility f ON f.facility_id = a.facility_id
     WHERE a.person_id = $1
    """
)

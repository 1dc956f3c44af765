"""SQL of entitlement: what the rules look at."""

from datetime import date
from uuid import UUID

import msgspec

from backend.kernel.db import Query
from backend.registry.entitlement.categories import Category
from backend.registry.entitlement.model import ReceiptKind
from backend.registry.entitlement.rates import MhiRate


class ReceiptRow(msgspec.Struct, frozen=True):
    """A receipt of a person; `himself`: he paid it, as a self-payer."""

    person_id: UUID
    paid_on: date
    period: str
    kind: ReceiptKind
    amount_tiyn: int
    refunded_tiyn: int
    himself: bool


class CategoryRow(msgspec.Struct, frozen=True):
    """A category of a person."""

    person_id: UUID
    category: str
    valid_from: date
    valid_to: date | None


class History(msgspec.Struct, frozen=True):
    """One person's receipts and categories: a field for each column, ordered as RECEIPTS and CATEGORIES.

    `n` is the place of the question, from 1; `himself`: he paid it, as a self-payer. None: there are none.
    """

    n: int
    paid_on: tuple[date, ...] | None
    period: tuple[str, ...] | None
    kind: tuple[ReceiptKind, ...] | None
    amount_tiyn: tuple[int, ...] | None
    refunded_tiyn: tuple[int, ...] | None
    himself: tuple[bool, ...] | None
    category: tuple[str, ...] | None
    valid_from: tuple[date, ...] | None
    valid_to: tuple[date | None, ...] | None
    closed: bool


class Sifted(msgspec.Struct, frozen=True):
    """What the database can tell at a glance; `entitled` None: the rules have to be asked."""

    person_id: UUID
    entitled: bool | None


class WageRow(msgspec.Struct, frozen=True):
    """The minimum wage set for `year`, in tiyn, and the paragraph that sets it."""

    year: int
    amount_tiyn: int
    source: str


WAGES = Query[WageRow](
    """
    SELECT DISTINCT ON (year) year, amount_tiyn, source
      FROM registry.minimum_wage
     ORDER BY year, entered_at DESC
    """
)
RATES = Query[MhiRate](
    "SELECT payer, valid_from, rate_bp, base, wage_tenths, source FROM registry.mhi_rate"
)
PRIVILEGE_CATEGORIES = Query[Category](
    "SELECT code, valid_from, payer, kk, ru, en FROM registry.privilege_category"
)
RECEIPTS = Query[ReceiptRow](
    """
    SELECT person_id, paid_on, period, kind, amount_tiyn, refunded_tiyn,
           payer_bin IS NULL AND coalesce(payer_kind = 'self_payer', true) AS himself
      FROM registry.contribution
     WHERE person_id = ANY ($1::uuid[]) AND paid_on <= $2
     ORDER BY person_id, period, paid_on, contribution_id
    """
)
CATEGORIES = Query[CategoryRow](
    """
    SELECT person_id, category, valid_from, valid_to
      FROM registry.privilege
     WHERE person_id = ANY ($1::uuid[])
     ORDER BY person_id, valid_from, category
    """
)
# One person in one round trip. `= $1` and not `= ANY`: an array hides the person from the planner,
# and then all partitions are asked.
HISTORY = Query[History](
    """
    SELECT 1 AS n, paid.paid_on, paid.period, paid.kind, paid.amount_tiyn, paid.refunded_tiyn,
           paid.himself, held.category, held.valid_from, held.valid_to,
           EXISTS (SELECT FROM registry.account WHERE person_id = $1 AND status = 'CLOSED') AS closed
      FROM (
        SELECT array_agg(paid_on) AS paid_on, array_agg(period) AS period,
               array_agg(kind) AS kind, array_agg(amount_tiyn) AS amount_tiyn,
               array_agg(refunded_tiyn) AS refunded_tiyn,
               array_agg(himself) AS himself
          FROM (
            SELECT paid_on, period, kind, amount_tiyn, refunded_tiyn,
                   payer_bin IS NULL AND coalesce(payer_kind = 'self_payer', true) AS himself
              FROM registry.contribution
             WHERE person_id = $1 AND paid_on <= $2
             ORDER BY period, paid_on, contribution_id
          ) AS receipts
      ) AS paid
     CROSS JOIN (
        SELECT array_agg(category) AS category, array_agg(valid_from) AS valid_from,
               array_agg(valid_to) AS valid_to
          FROM (
            SELECT category, valid_from, valid_to
              FROM registry.privilege
             WHERE person_id = $1
             ORDER BY valid_from, category
          ) AS categories
      ) AS held
    """
)
# The same for those who asked at the same time: person by person, each in the own partition.
HISTORIES = Query[History](
    """
    SELECT asked.n::int AS n, paid.paid_on, paid.period, paid.kind, paid.amount_tiyn, paid.refunded_tiyn,
           paid.himself, held.category, held.valid_from, held.valid_to,
           EXISTS (
               SELECT FROM registry.account
                WHERE account.person_id = asked.person_id AND status = 'CLOSED'
           ) AS closed
      FROM unnest($1::uuid[], $2::date[]) WITH ORDINALITY AS asked (person_id, on_day, n)
     CROSS JOIN LATERAL (
        SELECT array_agg(paid_on) AS paid_on, array_agg(period) AS period,
               array_agg(kind) AS kind, array_agg(amount_tiyn) AS amount_tiyn,
               array_agg(refunded_tiyn) AS refunded_tiyn,
               array_agg(himself) AS himself
          FROM (
            SELECT paid_on, period, kind, amount_tiyn, refunded_tiyn,
                   payer_bin IS NULL AND coalesce(payer_kind = 'self_payer', true) AS himself
              FROM registry.contribution
             WHERE person_id = asked.person_id AND paid_on <= asked.on_day
             ORDER BY period, paid_on, contribution_id
          ) AS receipts
      ) AS paid
     CROSS JOIN LATERAL (
        SELECT array_agg(category) AS category, array_agg(valid_from) AS valid_from,
               array_agg(valid_to) AS valid_to
          FROM (
            SELECT category, valid_from, valid_to
              FROM registry.privilege
             WHERE person_id = asked.person_id
             ORDER BY valid_from, category
          ) AS categories
      ) AS held
    """
)
CLOSED = Query[UUID](
    """
    SELECT person_id
      FROM registry.account
     WHERE person_id = ANY ($1::uuid[]) AND status = 'CLOSED'
    """
)
# The plain cases of `rules.decide`: a category in effect is always enough; a payment by others for
# this month or the three before it too. Self-payers, and those whom only sixty months without
# a gap could still carry, are left to the rules. $3..$6: the months -6, -4, -3 and the present one.
SIFT = Query[Sifted](
    """
    SELECT asked.person_id,
           CASE WHEN closed.person_id IS NOT NULL THEN false
                WHEN privileged.person_id IS NOT NULL THEN true
                WHEN paid.person_id IS NULL THEN false
                WHEN paid.last_by_others AND paid.lately THEN true
                WHEN paid.last_by_others AND NOT paid.half_a_year THEN false
                END AS entitled
      FROM unnest($1::uuid[]) AS asked (person_id)
      LEFT JOIN (
        SELECT person_id
          FROM registry.account
         WHERE person_id = ANY ($1::uuid[]) AND status = 'CLOSED'
      ) AS closed USING (person_id)
      LEFT JOIN (
        SELECT DISTINCT person_id
          FROM registry.privilege
         WHERE person_id = ANY ($1::uuid[])
           AND valid_from <= $2 AND coalesce(valid_to >= $2, true)
      ) AS privileged USING (person_id)
      LEFT JOIN (
        SELECT person_id,
               right(max(period || CASE WHEN payer_bin IS NULL AND coalesce(payer_kind = 'self_payer', true)
                                        THEN '0' ELSE '1' END) FILTER (WHERE period <= $6), 1) = '1'
                   AS last_by_others,
               bool_or(period BETWEEN $5 AND $6) AS lately,
               bool_or(period BETWEEN $3 AND $4) AS half_a_year
          FROM registry.contribution
         WHERE person_id = ANY ($1::uuid[]) AND paid_on <= $2 AND amount_tiyn > refunded_tiyn
         GROUP BY person_id
      ) AS paid USING (person_id)
    """
)

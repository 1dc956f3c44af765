"""SQL of entitlement: what the rules look at."""

from datetime import date
from uuid import UUID

import msgspec

from backend.kernel.db import Query
from backend.registry.entitlement.model import ReceiptKind


class ReceiptRow(msgspec.Struct, frozen=True):
    """A receipt of a person; `by_himself`: he paid it."""

    person_id: UUID
    paid_on: date
    period: str
    kind: ReceiptKind
    amount_tiyn: int
    refunded_tiyn: int
    by_himself: bool


class CategoryRow(msgspec.Struct, frozen=True):
    """A category of a person."""

    person_id: UUID
    category: str
    valid_from: date
    valid_to: date | None


class History(msgspec.Struct, frozen=True):
    """One person's receipts and categories: a field for each column, ordered as RECEIPTS and CATEGORIES.

    `n` is the place of the question, from 1; `by_himself`: he paid the last receipt. None: there are none.
    """

    n: int
    paid_on: tuple[date, ...] | None
    period: tuple[str, ...] | None
    kind: tuple[ReceiptKind, ...] | None
    amount_tiyn: tuple[int, ...] | None
    refunded_tiyn: tuple[int, ...] | None
    by_himself: bool | None
    category: tuple[str, ...] | None
    valid_from: tuple[date, ...] | None
    valid_to: tuple[date | None, ...] | None


class Sifted(msgspec.Struct, frozen=True):
    """What the database can tell at a glance; `entitled` None: the rules have to be asked."""

    person_id: UUID
    entitled: bool | None


RECEIPTS = Query[ReceiptRow](
    """
    SELECT person_id, paid_on, period, kind, amount_tiyn, refunded_tiyn, payer_bin IS NULL AS by_himself
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
           paid.by_himself, held.category, held.valid_from, held.valid_to
      FROM (
        SELECT array_agg(paid_on) AS paid_on, array_agg(period) AS period,
               array_agg(kind) AS kind, array_agg(amount_tiyn) AS amount_tiyn,
               array_agg(refunded_tiyn) AS refunded_tiyn,
               (array_agg(payer_bin IS NULL))[count(*)::int] AS by_himself
          FROM (
            SELECT paid_on, period, kind, amount_tiyn, refunded_tiyn, payer_bin
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
           paid.by_himself, held.category, held.valid_from, held.valid_to
      FROM unnest($1::uuid[], $2::date[]) WITH ORDINALITY AS asked (person_id, on_day, n)
     CROSS JOIN LATERAL (
        SELECT array_agg(paid_on) AS paid_on, array_agg(period) AS period,
               array_agg(kind) AS kind, array_agg(amount_tiyn) AS amount_tiyn,
               array_agg(refunded_tiyn) AS refunded_tiyn,
               (array_agg(payer_bin IS NULL))[count(*)::int] AS by_himself
          FROM (
            SELECT paid_on, period, kind, amount_tiyn, refunded_tiyn, payer_bin
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
# The plain cases of `rules.decide`: a category in effect is always enough; an employee's payment
# for this month or the three before it too. Self-payers, and those whom only sixty months without
# a gap could still carry, are left to the rules. $3..$6: the months -6, -4, -3 and the present one.
SIFT = Query[Sifted](
    """
    SELECT asked.person_id,
           CASE WHEN privileged.person_id IS NOT NULL THEN true
                WHEN paid.person_id IS NULL THEN false
                WHEN paid.by_himself THEN NULL
                WHEN paid.lately THEN true
                WHEN paid.half_a_year THEN NULL
                ELSE false END AS entitled
      FROM unnest($1::uuid[]) AS asked (person_id)
      LEFT JOIN (
        SELECT DISTINCT person_id
          FROM registry.privilege
         WHERE person_id = ANY ($1::uuid[])
           AND valid_from <= $2 AND coalesce(valid_to >= $2, true)
      ) AS privileged USING (person_id)
      LEFT JOIN (
        SELECT person_id,
               (array_agg(payer_bin IS NULL ORDER BY period DESC, paid_on DESC, contribution_id DESC))[1]
                   AS by_himself,
               bool_or(amount_tiyn > refunded_tiyn AND period BETWEEN $5 AND $6) AS lately,
               bool_or(amount_tiyn > refunded_tiyn AND period BETWEEN $3 AND $4) AS half_a_year
          FROM registry.contribution
         WHERE person_id = ANY ($1::uuid[]) AND paid_on <= $2
         GROUP BY person_id
      ) AS paid USING (person_id)
    """
)

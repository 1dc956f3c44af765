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

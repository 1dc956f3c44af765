"""SQL of organisations' accounts."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.account.model import Numbered, Organisation, Readiness

ADD = Query[None](
    """
    INSERT INTO registry.organisation (
        organisation_id, bin, kind, form, name, status, contacts, requisites, head, evidence_id,
        opened_at, changed_at
    )
    VALUES ($1, $2, $3, $4, $5, 'OPEN', $6, $7, $8, $9, $10, $10)
    """
)
BIN_TAKEN = "organisation_bin_key"
ISSUER_TAKEN = "organisation_one_issuer"
BY_BIN = Query[Organisation](
    """
    SELECT organisation_id, bin, kind, form, name, status, contacts, requisites, opened_at,
           changed_at, agreement_signed_at, mis_code, dfo_year
      FROM registry.organisation
     WHERE bin = $1
    """
)
BY_BIN_FOR_UPDATE = Query[Organisation](
    """
    SELECT organisation_id, bin, kind, form, name, status, contacts, requisites, opened_at,
           changed_at, agreement_signed_at, mis_code, dfo_year
      FROM registry.organisation
     WHERE bin = $1
       FOR UPDATE
    """
)
BY_IDS = Query[Organisation](
    """
    SELECT organisation_id, bin, kind, form, name, status, contacts, requisites, opened_at,
           changed_at, agreement_signed_at, mis_code, dfo_year
      FROM registry.organisation
     WHERE organisation_id = ANY ($1::uuid[])
    """
)
READINESS = Query[Readiness](
    "SELECT ready, missing FROM registry.executor_ready WHERE organisation_id = $1"
)
SIGN_AGREEMENT = Query[None](
    """
    UPDATE registry.organisation
       SET agreement_signed_at = $2, agreement_evidence_id = $3, agreement_withdrawn_at = NULL,
           changed_at = $2
     WHERE organisation_id = $1 AND agreement_signed_at IS NULL
    """
)
WITHDRAW_AGREEMENT = Query[None](
    """
    UPDATE registry.organisation
       SET agreement_signed_at = NULL, agreement_evidence_id = NULL, agreement_withdrawn_at = $2,
           changed_at = $2
     WHERE organisation_id = $1 AND agreement_signed_at IS NOT NULL
    """
)
WITHDRAWN = Query[bool](
    """
    SELECT agreement_withdrawn_at IS NOT NULL FROM registry.organisation WHERE organisation_id = $1
    """
)
DECLARE = Query[None](
    """
    UPDATE registry.organisation
       SET mis_code = coalesce($2, mis_code),
           mis_declared_at = CASE WHEN $2 IS NULL THEN mis_declared_at ELSE $4 END,
           dfo_year = coalesce($3, dfo_year),
           dfo_posted_at = CASE WHEN $3 IS NULL THEN dfo_posted_at ELSE $4 END,
           changed_at = $4
     WHERE organisation_id = $1
    """
)
CHANGE = Query[None](
    """
    UPDATE registry.organisation
       SET name = $2, contacts = $3, requisites = $4, head = $5, changed_at = $6
     WHERE organisation_id = $1
    """
)
HEAD = Query[bytes]("SELECT head FROM registry.organisation WHERE organisation_id = $1")
FIRST_EVIDENCE = Query[UUID](
    "SELECT evidence_id FROM registry.organisation WHERE organisation_id = $1"
)
MARK_QR = Query[None](
    """
    UPDATE registry.facility SET qr_obtained_at = $2
     WHERE facility_id = $1 AND qr_obtained_at IS NULL
    """
)
UNMARK_QR = Query[None]("UPDATE registry.facility SET qr_obtained_at = NULL WHERE facility_id = $1")
EXECUTOR_IDS = Query[Numbered](
    """
    SELECT bin, organisation_id
      FROM registry.organisation
     WHERE bin = ANY ($1::text[]) AND kind = 'EXECUTOR' AND status <> 'CLOSED'
    """
)

"""SQL of one-time passwords."""

from backend.egov_adapter.citizen.model import Frozen, OtpRow, OtpTry
from backend.kernel.db import Query

# A new password replaces the one before it; while frozen nothing is changed and no row comes back.
ASK = Query[bytes](
    """
    INSERT INTO egov.otp AS o (subject, otp_id, requested_at, expires_at, language, sealed)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (subject) DO UPDATE
       SET otp_id = EXCLUDED.otp_id, requested_at = EXCLUDED.requested_at,
           expires_at = EXCLUDED.expires_at, language = EXCLUDED.language,
           sealed = EXCLUDED.sealed, person_id = NULL, code_hash = NULL, tries = 0,
           used_at = NULL, frozen_until = NULL
     WHERE o.frozen_until IS NULL OR o.frozen_until <= EXCLUDED.requested_at
    RETURNING subject
    """
)
FROZEN = Query[Frozen]("SELECT frozen_until FROM egov.otp WHERE subject = $1")
TO_SEND = Query[OtpRow](
    """
    SELECT subject, otp_id, expires_at, language, sealed, person_id
      FROM egov.otp
     WHERE otp_id = $1 AND sealed IS NOT NULL AND used_at IS NULL AND expires_at > $2
    """
)
SET_CODE = Query[None](
    """
    UPDATE egov.otp SET person_id = $2, code_hash = $3, sealed = $4
     WHERE otp_id = $1 AND code_hash IS NULL
    """
)
SENT = Query[None]("UPDATE egov.otp SET sealed = NULL WHERE otp_id = $1")
# One statement counts the try and hands out what to compare with: of fifty at once, five get it.
TRY = Query[OtpTry](
    """
    UPDATE egov.otp
       SET tries = tries + 1,
           frozen_until = CASE WHEN tries + 1 >= $3 THEN $4::timestamptz END
     WHERE subject = $1 AND used_at IS NULL AND expires_at > $2 AND tries < $3
    RETURNING otp_id, person_id, code_hash, tries
    """
)
USE = Query[None](
    """
    UPDATE egov.otp SET used_at = $2, frozen_until = NULL
     WHERE otp_id = $1 AND used_at IS NULL AND code_hash IS NOT NULL
    """
)
FORGET = Query[None](
    "DELETE FROM egov.otp WHERE expires_at < $1 AND (frozen_until IS NULL OR frozen_until < $1)"
)

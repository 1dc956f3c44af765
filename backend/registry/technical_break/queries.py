"""SQL of technical breaks."""

from datetime import datetime

from backend.kernel.db import Query
from backend.registry.technical_break.model import StoredBreak

ADD = Query[None](
    """
    INSERT INTO registry.technical_break
           (break_id, kind, starts_at, ends_at, reason_kk, reason_ru, reason_en, announced_at, until_at,
            began_at, ended_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $4, $9, $10)
    """
)
# $1 break, $2 step, $3 at, $4 until, $5 actor, $6 evidence, $7 its own number
ADD_STEP = Query[None](
    """
    INSERT INTO registry.technical_break_step (break_id, step, at, until_at, actor, evidence_id, step_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    """
)
FOR_UPDATE = Query[StoredBreak](
    """
    SELECT break_id, kind, starts_at, ends_at, reason_kk, reason_ru, reason_en, announced_at, until_at,
           began_at, ended_at, cancelled_at
      FROM registry.technical_break
     WHERE break_id = $1
       FOR UPDATE
    """
)
BEGIN = Query[None]("UPDATE registry.technical_break SET began_at = $2 WHERE break_id = $1")
PUT_OFF = Query[None]("UPDATE registry.technical_break SET until_at = $2 WHERE break_id = $1")
END = Query[None]("UPDATE registry.technical_break SET ended_at = $2 WHERE break_id = $1")
CANCEL = Query[None]("UPDATE registry.technical_break SET cancelled_at = $2 WHERE break_id = $1")
ONE = Query[StoredBreak](
    """
    SELECT break_id, kind, starts_at, ends_at, reason_kk, reason_ru, reason_en, announced_at, until_at,
           began_at, ended_at, cancelled_at
      FROM registry.technical_break
     WHERE break_id = $1
    """
)
# $1 the last one shown, $2 how many
LIST = Query[StoredBreak](
    """
    SELECT break_id, kind, starts_at, ends_at, reason_kk, reason_ru, reason_en, announced_at, until_at,
           began_at, ended_at, cancelled_at
      FROM registry.technical_break
     WHERE $1::uuid IS NULL OR break_id < $1
     ORDER BY break_id DESC
     LIMIT $2
    """
)
RUNNING_UNTIL = Query[datetime](
    """
    SELECT until_at
      FROM registry.technical_break
     WHERE began_at IS NOT NULL AND ended_at IS NULL
    """
)

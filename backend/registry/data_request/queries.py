"""SQL of requests for data."""

from backend.kernel.db import Query
from backend.registry.data_request.model import Outcome, StoredRequest

NEXT_NO = Query[int](
    """
    INSERT INTO registry.data_request_number (year, last_no) VALUES ($1, 1)
    ON CONFLICT (year) DO UPDATE SET last_no = data_request_number.last_no + 1
    RETURNING last_no
    """
)
ADD = Query[None](
    """
    INSERT INTO registry.data_request (
        request_id, number, body_bin, body_name, purpose, asked, asked_at, asked_by, evidence_id
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    """
)
OUTCOMES = Query[Outcome](
    "SELECT outcome FROM registry.data_request_answer WHERE request_id = $1 ORDER BY no"
)
ADD_ANSWER = Query[None](
    """
    INSERT INTO registry.data_request_answer (
        request_id, no, outcome, answered_on, paper, entered_at, evidence_id
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    """
)
# Two that answer at once take one number each, or one of them is refused.
ANSWER_KEYS = {"data_request_answer_pkey", "data_request_answered"}
# $1 one request (null: all), $2 only those that wait, $3 the last one shown, $4 how many
LIST = Query[StoredRequest](
    """
    SELECT asked.request_id, asked.number, asked.body_bin, asked.body_name, asked.purpose, asked.asked,
           asked.asked_at, asked.asked_by,
           coalesce((
               SELECT jsonb_agg(jsonb_build_object(
                          'no', answer.no, 'outcome', answer.outcome, 'answered_on', answer.answered_on,
                          'paper', answer.paper, 'entered_at', answer.entered_at
                      ) ORDER BY answer.no)
                 FROM registry.data_request_answer AS answer
                WHERE answer.request_id = asked.request_id), '[]') AS answers
      FROM registry.data_request AS asked
     WHERE ($1::uuid IS NULL OR asked.request_id = $1)
       AND ($3::uuid IS NULL OR asked.request_id < $3)
       AND (NOT $2::boolean OR NOT EXISTS (
            SELECT FROM registry.data_request_answer AS answer
             WHERE answer.request_id = asked.request_id AND answer.outcome <> 'PARTLY'))
     ORDER BY asked.request_id DESC
     LIMIT $4
    """
)

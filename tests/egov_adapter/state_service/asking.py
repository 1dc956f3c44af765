"""What the tests of the state service do as a citizen's phone: consent, ask, sign, and read what came."""

import base64
from datetime import datetime
from typing import Any

import msgspec

from backend.egov_adapter.state_service import rules
from backend.egov_adapter.state_service.model import Outcome
from infra.sandbox.nca.keypair import KeyPair
from tests.egov_adapter.conftest import AIGUL_IIN
from tests.egov_adapter.state_service.conftest import Outside

API = "/api/v1"
CONSENTS, REQUESTS = f"{API}/citizen/service-consents", f"{API}/citizen/service-requests"


async def consent(http: Any) -> str:
    answer = await http.post(CONSENTS)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["consent_id"])


async def ask(http: Any, outside: Outside, **other: Any) -> Any:
    """A request with consent by code."""
    consent_id = await consent(http)
    answer = await http.post(
        REQUESTS, json={"consent_id": consent_id, "code": outside.code()} | other
    )
    assert answer.status_code == 202, answer.text
    return answer.json()


def read(kept: Any) -> Outcome:
    return rules.read(base64.b64decode(kept.document))


def signed(pair: KeyPair, at: datetime, **document: Any) -> dict[str, str]:
    octets = msgspec.json.encode(document)
    return {
        "document": base64.b64encode(octets).decode(),
        "signature": base64.b64encode(pair.sign_cms(octets, at=at)).decode(),
    }


async def ground_of(http: Any, outside: Outside, request: Any) -> str | None:
    found = (await http.get(f"{REQUESTS}/{request['request_id']}")).json()
    if found["ground"] is None:
        return None
    assert found["stage"] == "REFUSED"
    kept = outside.cabinet()[-1]
    assert (kept.kind, read(kept).holder.iin) == ("REFUSAL", AIGUL_IIN)
    return str(found["ground"])

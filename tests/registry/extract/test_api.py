"""Extracts and proofs over HTTP: who is let in, and what everybody may fetch."""

import base64
from uuid import UUID, uuid4

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.extract.verify import check
from backend.registry.log import merkle, tree
from tests.conftest import Client
from tests.registry.conftest import ISSUER_BIN
from tests.registry.extract.conftest import OFFLINE, head_over_it

API = "/api/v1"


async def test_the_insured_takes_his_extract_and_anybody_proves_it(
    client: Client, resources: Resources, clock: FixedClock, person_id: UUID
) -> None:
    async with client(Role.INSURED, person_id=person_id) as http:
        refused = await http.post(
            f"{API}/citizen/extracts", json={"kind": "ACCOUNT", "consent": False}
        )
        assert refused.status_code in (400, 422)
        taken = await http.post(
            f"{API}/citizen/extracts", json={"kind": "ACCOUNT", "consent": True}
        )
        assert taken.status_code == 201, taken.text
        given = taken.json()
        await head_over_it(resources, clock)
        raw = (await http.get(f"{API}/citizen/extracts/{given['extract_id']}/json")).content
        answer = await http.get(f"{API}/citizen/extracts/{given['extract_id']}/pdf")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "no-store"
        listed = (await http.get(f"{API}/citizen/extracts")).json()["items"]
        assert [(g["extract_id"], g["proved"]) for g in listed] == [(given["extract_id"], True)]
    async with client() as http:
        keys = {
            key["key_number"]: base64.b64decode(key["public_key"])
            for key in (await http.get(f"{API}/registry/log/keys")).json()
        }
        assert check(raw, keys, OFFLINE).head == check(answer.content, keys, OFFLINE).head == 1
        checked = await http.post(f"{API}/extracts/check", json={"code": given["code"]})
        assert checked.json()["proved"] is True
        assert "iin" not in checked.text
        unknown = await http.post(f"{API}/extracts/check", json={"code": "0" * 20})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "EXTRACT_NOT_FOUND")


async def test_nobody_else_gets_it(client: Client, resources: Resources, person_id: UUID) -> None:
    async with client(Role.INSURED, person_id=person_id) as http:
        given = (
            await http.post(f"{API}/citizen/extracts", json={"kind": "ACCOUNT", "consent": True})
        ).json()
    for form in ("json", "pdf"):
        own, ordered = (
            f"{API}/{where}/{given['extract_id']}/{form}"
            for where in ("citizen/extracts", "extracts")
        )
        async with client(Role.INSURED, person_id=uuid4()) as http:
            assert (await http.get(own)).status_code == 404
            assert (await http.get(ordered)).status_code == 403
        async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
            assert (await http.get(own)).status_code == 403
            assert (await http.get(ordered)).status_code == 404
        async with client(Role.EXECUTOR_HEAD, bin="090440002224") as http:
            assert (await http.get(ordered)).status_code == 403
        async with client() as http:
            assert (await http.get(own)).status_code == 401


async def test_heads_and_proofs_are_everybodys_and_may_be_kept(
    client: Client, resources: Resources, clock: FixedClock, person_id: UUID
) -> None:
    async with client() as http:
        early = await http.get(f"{API}/registry/log/heads/latest")
        assert (early.status_code, early.json()["code"]) == (404, "HEAD_UNKNOWN")
        async with client(Role.INSURED, person_id=person_id) as insured:
            leaves = []
            for _ in range(3):
                taken = await insured.post(
                    f"{API}/citizen/extracts", json={"kind": "POLICY", "consent": True}
                )
                leaves.append(taken.json()["leaf_hash"])
                await head_over_it(resources, clock)
        heads = (await http.get(f"{API}/registry/log/heads?limit=2")).json()
        assert [h["number"] for h in heads["items"]] == [1, 2]
        more = (await http.get(f"{API}/registry/log/heads?cursor={heads['next']}")).json()
        latest = await http.get(f"{API}/registry/log/heads/latest")
        assert more["items"] == [latest.json()]
        assert latest.headers["cache-control"] == "public, max-age=60"
        size, root = latest.json()["tree_size"], bytes.fromhex(latest.json()["root"])
        answer = await http.get(
            f"{API}/registry/log/proofs/inclusion?hash={leaves[0]}&tree_size={size}"
        )
        assert "immutable" in answer.headers["cache-control"]
        proof = answer.json()
        path = [bytes.fromhex(h) for h in proof["inclusion_path"]]
        leaf = bytes.fromhex(leaves[0])
        assert merkle.root_by_inclusion(leaf, proof["leaf_index"], size, path) == root
        first = heads["items"][0]
        told = (
            await http.get(
                f"{API}/registry/log/proofs/consistency?first={first['tree_size']}&second={size}"
            )
        ).json()
        merkle.require_consistent(
            first["tree_size"],
            size,
            bytes.fromhex(first["root"]),
            root,
            [bytes.fromhex(h) for h in told["consistency_path"]],
        )
        for query, status, code in (
            (f"inclusion?hash={'0' * 64}&tree_size={size}", 404, "LEAF_UNKNOWN"),
            (f"inclusion?hash={'G' * 64}&tree_size={size}", 422, "HASH_UNREADABLE"),
            (f"inclusion?hash={leaves[0].upper()}&tree_size={size}", 422, "HASH_UNREADABLE"),
            (f"inclusion?hash={leaves[0]}&tree_size={size + 1}", 422, "TREE_SIZE_UNKNOWN"),
            (f"consistency?first={size}&second=0", 422, "TREE_SIZE_UNKNOWN"),
        ):
            wrong = await http.get(f"{API}/registry/log/proofs/{query}")
            assert (wrong.status_code, wrong.json().get("code")) == (status, code), query
        assert (
            await http.get(f"{API}/registry/log/proofs/consistency?first=-1&second=1")
        ).status_code in (400, 422)
    assert await tree.seal(resources.db.registry) == 0

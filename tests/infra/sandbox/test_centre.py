"""One saved centre in several processes: each answers for what the others issued."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust import path
from backend.signing.trust.store import TrustStore
from infra.sandbox.nca import status
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
IIN = "900101300017"


def said(centre: Centre, pair: KeyPair) -> str:
    """What the centre's responder says of a key."""
    found = path.build(pair.certificate, [], TrustStore("sandbox", centre.anchors()), NOW)
    assert found is not None
    issuer = found.issuer
    request = status.request(issuer.subject, issuer.spki, pair.serial, b"nonce")
    answer = RevocationFiles([], [centre.ocsp_response(request, NOW)])
    return answer.status(pair.certificate, issuer, NOW).status


def test_the_responder_knows_what_another_process_issued(tmp_path: Path) -> None:
    demo = Centre.create(b"one centre", NOW)
    before = demo.issue_individual(IIN, "А Б", NOW)
    demo.save(tmp_path)
    sandbox = Centre.load(tmp_path)
    after = [demo.issue_individual(IIN, "А Б", NOW) for _ in range(3)]
    of_sandbox = sandbox.issue_individual(IIN, "А Б", NOW)
    for pair in (before, *after, of_sandbox):
        assert said(sandbox, pair) == said(demo, pair) == "good"
    assert of_sandbox.serial not in {
        pair.serial for pair in after
    }  # nor the same key for two people
    assert sandbox.revoke_serial(after[0].serial, NOW - timedelta(hours=1))
    assert said(sandbox, after[0]) == "revoked"
    assert not sandbox.revoke_serial(5, NOW)
    assert said(Centre.load(tmp_path), of_sandbox) == "good"


def test_a_line_that_is_not_whole_yet_is_read_when_it_is(tmp_path: Path) -> None:
    demo = Centre.create(b"one centre", NOW)
    demo.save(tmp_path)
    sandbox = Centre.load(tmp_path)
    pair = Centre.load(tmp_path).issue_individual(IIN, "А Б", NOW)
    file = tmp_path / "issued.txt"
    whole = file.read_bytes()
    file.write_bytes(whole[:-5])
    assert said(sandbox, pair) == "unknown"
    file.write_bytes(whole)
    assert said(sandbox, pair) == "good"


def test_a_centre_of_a_folder_is_founded_once(tmp_path: Path) -> None:
    made = Centre.at(tmp_path / "new", NOW)
    again = Centre.at(tmp_path / "new", NOW)
    assert again.certificates() == made.certificates()
    assert Centre.at(None, NOW).certificates() != made.certificates()

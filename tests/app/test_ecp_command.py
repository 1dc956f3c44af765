"""`saqtau ecp verify`: one JSON answer, its exit code, never a traceback (CONTRACT.md)."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.app import cli
from infra.sandbox.nca import signed_xml, status
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
AT = "2026-03-02T10:00:00+05:00"
DOCUMENT = "Өтінім".encode()


@pytest.fixture(scope="module")
def centre() -> Centre:
    return Centre.create(b"tests of the command", NOW)


@pytest.fixture(scope="module")
def head(centre: Centre) -> KeyPair:
    return centre.issue_legal("900101300017", "061211600012", "СЕРІКОВ АЙДОС", "ТОО", "head", NOW)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, centre: Centre, head: KeyPair) -> Path:
    found = tmp_path_factory.mktemp("ecp")
    centre.save(found)
    answer = centre.ocsp_response(
        status.request(
            centre.hierarchy("gost2015-512").issuing.certificate.subject,
            centre.hierarchy("gost2015-512").issuing.certificate.spki,
            head.serial,
            b"nonce",
        ),
        NOW,
    )
    for name, raw in {
        "attached.cms": head.sign_cms(DOCUMENT, detached=False, at=NOW),
        "detached.cms": head.sign_cms(DOCUMENT, at=NOW),
        "content": DOCUMENT,
        "good.crl": centre.crl(NOW),
        "good.ocsp": answer,
        "garbage": b"garbage",
        "empty": b"",
        "order.xml": signed_xml.enveloped(f"<order>{signed_xml.HOLE}</order>", head),
        "envelope.xml": signed_xml.envelope("<x/>", head),
    }.items():
        (found / name).write_bytes(raw)
    return found


@pytest.fixture
def verify(capsys, monkeypatch, folder: Path) -> Any:
    def call(*words: str, trust: str | None = "trust", at: str | None = AT) -> tuple[int, Any]:
        options = (
            ["--trust", str(folder / trust)]
            if trust == "trust"
            else ["--trust", "prod" if trust is None else trust]
        )
        options += ["--at", at] if at else []
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["saqtau", "ecp", "verify", *words, *options])
        with pytest.raises(SystemExit) as left:
            cli.main()
        told = capsys.readouterr()
        exit_code = int(left.value.code or 0)
        assert (told.out == "") == (exit_code == 2)
        assert (told.err == "") == (exit_code != 2)
        return exit_code, json.loads(told.out or told.err)

    return call


def test_the_answer_has_the_contract_s_shape(verify, head) -> None:
    exit_code, found = verify("detached.cms", "--content", "content", "--crl", "good.crl")
    assert exit_code == 0
    assert found == {
        "valid": True,
        "code": "OK",
        "format": "cms-detached",
        "signers": [
            {
                "valid": True,
                "code": "OK",
                "algorithm": "gost2015-512",
                "iin": "900101300017",
                "bin": "061211600012",
                "common_name": "СЕРІКОВ АЙДОС",
                "organisation": "ТОО",
                "roles": ["legal_entity", "head"],
                "signed_at": "2026-03-02T05:00:00Z",
                "timestamped": False,
                "serial": f"{head.serial:040x}",
                "chain": [
                    "СЕРІКОВ АЙДОС",
                    "ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST2015) SANDBOX",
                    "НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST2015) SANDBOX",
                ],
                "revocation": {"status": "good", "source": "crl"},
            }
        ],
    }


@pytest.mark.parametrize(("file", "kind"), [
    ("attached.cms", "cms-attached"), ("order.xml", "xmldsig"), ("envelope.xml", "wsse"),
])  # fmt: skip
def test_every_format_is_recognised(verify, file: str, kind: str) -> None:
    exit_code, found = verify(file, "--ocsp", "good.ocsp")
    assert (exit_code, found["valid"], found["format"]) == (0, True, kind)
    assert found["signers"][0]["revocation"] == {"status": "good", "source": "ocsp"}


@pytest.mark.parametrize(("words", "options", "code"), [
    (["garbage"], {}, "MALFORMED"),
    (["empty"], {}, "MALFORMED"),
    (["detached.cms"], {}, "CONTENT_MISSING"),
    (["detached.cms", "--content", "garbage"], {}, "DIGEST_MISMATCH"),
    (["attached.cms"], {"trust": None}, "UNTRUSTED_CHAIN"),
    (["attached.cms"], {"trust": "test"}, "UNTRUSTED_CHAIN"),
    (["attached.cms"], {"at": "2028-01-01T00:00:00Z"}, "EXPIRED"),
    (["attached.cms"], {"at": "2026-03-01T00:00:00Z"}, "EXPIRED"),
    (["attached.cms", "--require-role", "finance"], {}, "WRONG_ROLE"),
    (["attached.cms"], {}, "REVOCATION_UNKNOWN"),
    (["attached.cms", "--crl", "garbage", "--ocsp", "empty"], {}, "REVOCATION_UNKNOWN"),
    (["attached.cms", "--ocsp", "good.ocsp"], {"at": "2026-03-02T05:05:01Z"}, "REVOCATION_UNKNOWN"),
])  # fmt: skip
def test_a_refusal_is_an_answer_and_exit_1(verify, words, options, code) -> None:
    exit_code, found = verify(*words, **options)
    assert (exit_code, found["valid"], found["code"]) == (1, False, code)


def test_revocation_may_be_left_out(verify) -> None:
    exit_code, found = verify("attached.cms", "--no-revocation", "--require-role", "head")
    assert (exit_code, found["code"]) == (0, "OK")
    assert found["signers"][0]["revocation"] == {"status": "unknown", "source": None}


def test_a_revoked_certificate(verify, folder, centre, head) -> None:
    other = Centre.load(folder)
    other.revoke(head, NOW - timedelta(hours=1))
    (folder / "bad.crl").write_bytes(other.crl(NOW))
    exit_code, found = verify("attached.cms", "--crl", "bad.crl")
    assert (exit_code, found["code"]) == (1, "REVOKED")
    assert found["signers"][0]["revocation"] == {"status": "revoked", "source": "crl"}
    assert verify("attached.cms", "--crl", "bad.crl", "--no-revocation")[0] == 1


@pytest.mark.parametrize(("words", "options", "code"), [
    (["absent"], {}, "FILE_UNREADABLE"),
    ([], {}, "BAD_ARGUMENT"),
    (["attached.cms", "--content", "absent"], {}, "FILE_UNREADABLE"),
    (["attached.cms", "--crl", "absent"], {}, "FILE_UNREADABLE"),
    (["attached.cms", "--ocsp", "absent"], {}, "FILE_UNREADABLE"),
    (["attached.cms"], {"trust": "absent"}, "BAD_ARGUMENT"),
    (["attached.cms"], {"trust": ""}, "BAD_ARGUMENT"),
    (["-", "--content", "-"], {}, "BAD_ARGUMENT"),
    (["attached.cms", "--crl", "-", "--ocsp", "-"], {}, "BAD_ARGUMENT"),
    (["attached.cms"], {"at": "yesterday"}, "BAD_ARGUMENT"),
    (["attached.cms"], {"at": "2026-03-02"}, "BAD_ARGUMENT"),
    (["attached.cms"], {"at": "2026-03-02T00:00:00"}, "BAD_ARGUMENT"),
    (["attached.cms"], {"at": "2026-13-02T00:00:00Z"}, "BAD_ARGUMENT"),
    (["attached.cms"], {"at": "0001-01-01T00:00:00+23:59"}, "BAD_ARGUMENT"),
    (["attached.cms", "--require-role", "king"], {}, "BAD_ARGUMENT"),
    (["attached.cms", "--unheard-of"], {}, "BAD_ARGUMENT"),
])  # fmt: skip
def test_what_cannot_be_read_is_exit_2(verify, words, options, code) -> None:
    exit_code, found = verify(*words, **options)
    assert (exit_code, found["code"]) == (2, code)


def test_standard_input_is_read_in_a_process_of_its_own(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "ecp", "verify", "-", "--trust", str(folder / "trust"),
         "--at", AT, "--no-revocation"],
        input=(folder / "attached.cms").read_bytes(), capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0
    assert json.loads(done.stdout)["code"] == "OK"
    assert done.stderr == b""

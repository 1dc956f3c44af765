"""NCALayer's stand-in speaks as the real one does, with and without TLS."""

import asyncio
import base64
import ipaddress
import json
import os
import ssl
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_document
from backend.signing.verify.judge import Policy
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.ncalayer import NcaLayer
from tests.conftest import MONDAY_MORNING


class Client:
    """A browser's end of the socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, layer: NcaLayer, tls: ssl.SSLContext | None = None) -> "Client":
        port = int(layer.url.rsplit(":", 1)[1])
        made = cls(*await asyncio.open_connection("127.0.0.1", port, ssl=tls))
        key = base64.b64encode(os.urandom(16)).decode()
        made.writer.write(
            f"GET / HTTP/1.1\r\nHost: x\r\nOrigin: https://saqtau.kz\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        assert b" 101 " in await made.reader.readuntil(b"\r\n\r\n")
        return made

    async def receive(self) -> Any:
        size = (await self.reader.readexactly(2))[1]
        if size == 126:
            (size,) = struct.unpack(">H", await self.reader.readexactly(2))
        return json.loads(await self.reader.readexactly(size))

    async def ask(self, text: str) -> Any:
        raw, mask = text.encode(), b"mask"
        body = bytes(octet ^ mask[i % 4] for i, octet in enumerate(raw))
        half = len(body) // 8 * 4  # in two fragments, a ping between them
        for first, part in ((0x01, body[:half]), (0x89, b""), (0x80, body[half:])):
            self.writer.write(
                bytes([first, 0x80 | 126]) + struct.pack(">H", len(part)) + mask + part
            )
        assert await self.reader.readexactly(2) == b"\x8a\x00"  # the pong
        return await self.receive()

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


def question(data: Any, **changed: Any) -> str:
    args = {
        "allowedStorages": None,
        "format": "cms",
        "data": data,
        "signingParams": {
            "decode": True, "encapsulate": False, "digested": False, "tsaProfile": None,
        },
        "signerParams": {
            "extKeyUsageOids": [], "iin": "", "bin": "", "serialNumber": "", "chain": [],
        },
        "locale": "kk",
        **changed,
    }  # fmt: skip
    return json.dumps({"module": "kz.gov.pki.knca.basics", "method": "sign", "args": args})


@pytest.fixture
def self_signed(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The stand-in's TLS, and a browser's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)  # TLS knows no other clock
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(host, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "tls.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))


@pytest.mark.parametrize("secure", [False, True])
async def test_it_greets_signs_and_closes(
    head: KeyPair, anchors: Path, self_signed: tuple[ssl.SSLContext, ssl.SSLContext], secure: bool
) -> None:
    server, browser = self_signed if secure else (None, None)
    layer = NcaLayer([head], now=lambda: MONDAY_MORNING)
    await layer.start(tls=server)
    client = await Client.to(layer, browser)
    assert await client.receive() == {"result": {"version": "1.4"}}
    assert layer.origins == ["https://saqtau.kz"]
    policy = Policy(
        trust=TrustStore.load(str(anchors)), at=MONDAY_MORNING, revocation_required=False
    )
    one = await client.ask(question(base64.b64encode(b"one").decode()))
    [cms] = one["body"]["result"]
    assert verify_document(policy, base64.b64decode(cms), b"one").valid
    two = await client.ask(question(["<a>1</a>", "<b>2</b>"], format="xml"))
    assert all(verify_document(policy, xml.encode()).valid for xml in two["body"]["result"])
    await client.close()
    await layer.stop()


async def test_it_refuses_as_people_and_programs_do(head: KeyPair) -> None:
    layer = NcaLayer([head], now=lambda: MONDAY_MORNING)
    await layer.start()
    client = await Client.to(layer)
    await client.receive()
    layer.moods.append("cancel")
    assert await client.ask(question("AAAA")) == {"status": True}
    other = {"extKeyUsageOids": ["1.2.398.3.3.4.1.2.3"]}
    assert await client.ask(question("AAAA", signerParams=other)) == {"status": True}
    for asked in (
        question("AAAA", allowedStorages=["AKKaztokenStore"]),
        question("no base64!"),
        question("AAAA", format="pdf"),
        "[]",
        "not JSON",
        json.dumps({"module": "kz.gov.pki.knca.commonUtils", "method": "signXml", "args": []}),
    ):
        answer = await client.ask(asked)
        assert answer["status"] is False
        assert answer["message"]
    await client.close()
    await layer.stop()

"""Paths to anchors: who may issue, how long a path may be, and when it holds."""

from datetime import datetime, timedelta

import pytest

from backend.signing.algorithm import keys
from backend.signing.certificate import x509
from backend.signing.certificate.x509 import Certificate
from backend.signing.der import writer
from backend.signing.trust import path
from backend.signing.trust.store import TrustStore, anchor_of, read_certificates
from infra.sandbox.nca import profile as nca
from infra.sandbox.nca.centre import Centre

YEAR = timedelta(days=365)


class Maker:
    """Makes certificates of every lawful and unlawful shape, ECDSA for speed."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def make(
        self, name: str, by: "tuple[Certificate, keys.SigningKey] | None" = None, *,
        ca: bool = True, usage=nca.CA_USAGE, length: int | None = None,
        extra: "list[bytes] | None" = None, since: datetime | None = None, life=YEAR,
    ) -> "tuple[Certificate, keys.SigningKey]":  # fmt: skip
        key = keys.generate("ecdsa-sha256", name.encode())
        subject = nca.name(("2.5.4.3", name))
        extensions = list(extra or [])
        if ca:
            limit = b"" if length is None else writer.integer(length)
            extensions.append(
                nca.extension(
                    x509.BASIC_CONSTRAINTS,
                    writer.sequence(writer.boolean(True), limit),
                    critical=True,
                )
            )
        if usage is not None:
            extensions.append(
                nca.extension(x509.KEY_USAGE, writer.named_bits(usage), critical=True)
            )
        start = since or self.now
        template = nca.Template(
            subject,
            key.spki(),
            int.from_bytes(name.encode(), "big"),
            start,
            start + life,
            extensions,
        )
        issuer, signing = (subject, key) if by is None else (by[0].subject, by[1])
        return x509.parse(nca.sign_certificate(template, issuer, signing)), key


@pytest.fixture
def maker(now) -> Maker:
    return Maker(now)


def store(*certificates: Certificate) -> TrustStore:
    return TrustStore("made", map(anchor_of, certificates))


def test_intermediates_may_come_from_the_document(maker, now) -> None:
    root = maker.make("root")
    middle = maker.make("middle", root)
    leaf, _ = maker.make("leaf", middle, ca=False, usage=(0, 1))
    found = path.build(leaf, [middle[0]], store(root[0]), now)
    assert found is not None
    assert (found.names, found.in_force) == (("leaf", "middle", "root"), True)
    assert found.issuer.spki == middle[0].spki
    assert path.build(leaf, [], store(root[0]), now) is None
    shown = path.build(leaf, [], store(root[0], middle[0]), now)
    assert shown is not None
    assert shown.names == ("leaf", "middle", "root")


@pytest.mark.parametrize("fault", [
    {"ca": False}, {"usage": (0, 1)}, {"usage": None}, {"usage": (6,)},
    {"extra": [nca.extension("2.5.29.30", b"\x30\x00", critical=True)]},
])  # fmt: skip
def test_who_is_no_centre_issues_nothing(maker, now, fault) -> None:
    root = maker.make("root")
    middle = maker.make("middle", root, **fault)
    leaf, _ = maker.make("leaf", middle, ca=False, usage=(0, 1))
    assert path.build(leaf, [middle[0]], store(root[0]), now) is None


def test_an_anchor_that_is_no_centre_issues_nothing_either(maker, now) -> None:
    lone = maker.make("lone", ca=False, usage=(0, 1))
    leaf, _ = maker.make("leaf", lone, ca=False, usage=(0, 1))
    assert path.build(leaf, [], store(lone[0]), now) is None
    direct = path.build(lone[0], [], store(lone[0]), now)
    assert direct is not None
    assert direct.names == ("lone",)


def test_path_length_is_kept(maker, now) -> None:
    root = maker.make("root", length=0)
    middle = maker.make("middle", root)
    below, _ = maker.make("below", root, ca=False, usage=(0, 1))
    leaf, _ = maker.make("leaf", middle, ca=False, usage=(0, 1))
    assert path.build(below, [], store(root[0]), now) is not None
    assert path.build(leaf, [middle[0]], store(root[0]), now) is None
    top = maker.make("top")
    short = maker.make("short", top, length=0)
    long = maker.make("long", short)
    deep, _ = maker.make("deep", long, ca=False, usage=(0, 1))
    assert path.build(deep, [long[0], short[0]], store(top[0]), now) is None


def test_a_forged_issuer_of_the_right_name_is_not_believed(maker, now) -> None:
    root = maker.make("root")
    impostor = x509.parse(
        nca.sign_certificate(
            nca.Template(
                root[0].subject, keys.generate("ecdsa-sha256", b"impostor").spki(), 7, now,
                now + YEAR, [],
            ),
            root[0].subject, keys.generate("ecdsa-sha256", b"impostor"),
        )
    )  # fmt: skip
    leaf, _ = maker.make("leaf", (root[0], keys.generate("ecdsa-sha256", b"impostor")), ca=False)
    assert path.build(leaf, [impostor], store(root[0]), now) is None


def test_everything_must_be_in_force(maker, now) -> None:
    root = maker.make("root", life=10 * YEAR)
    old = maker.make("old", root, since=now - 2 * YEAR)
    leaf, _ = maker.make("leaf", old, ca=False, usage=(0, 1))
    found = path.build(leaf, [old[0]], store(root[0]), now)
    assert found is not None
    assert not found.in_force
    outlived = maker.make("outlived", since=now - 2 * YEAR)
    below, _ = maker.make("below", outlived, ca=False, usage=(0, 1))
    found = path.build(below, [], store(outlived[0]), now)
    assert found is not None
    assert not found.in_force


def test_a_path_in_force_is_preferred(maker, now) -> None:
    """A centre renewed with the same key: the old certificate must not spoil the new one."""
    root = maker.make("root", life=10 * YEAR)
    old = maker.make("middle", root, since=now - 2 * YEAR)
    new = maker.make("middle", root)
    leaf, _ = maker.make("leaf", new, ca=False, usage=(0, 1))
    for others in ([old[0], new[0]], [new[0], old[0]]):
        found = path.build(leaf, others, store(root[0]), now)
        assert found is not None
        assert found.in_force


def test_a_ring_of_certificates_ends(maker, now) -> None:
    first = maker.make("first")
    second = maker.make("second", first)
    ring = maker.make("first", second)
    leaf, _ = maker.make("leaf", ring, ca=False, usage=(0, 1))
    assert path.build(leaf, [second[0], ring[0]], TrustStore("none", []), now) is None


def test_a_crowd_of_namesakes_costs_little(maker, now) -> None:
    root = maker.make("root")
    crowd = [maker.make("middle", root, since=now + timedelta(seconds=n))[0] for n in range(200)]
    leaf, _ = maker.make("leaf", maker.make("other"), ca=False, usage=(0, 1))
    assert path.build(leaf, crowd, store(root[0]), now) is None


def test_a_directory_is_a_store(tmp_path, now) -> None:
    centre = Centre.create(b"tests of signing", now, algorithms=["gost2015-512"])
    centre.save(tmp_path)
    found = TrustStore.load(tmp_path / "trust")
    assert set(found.by_sha256) == {anchor.sha256 for anchor in centre.anchors()}
    (tmp_path / "trust" / "README.txt").write_text("not a certificate")
    (tmp_path / "trust" / "gone.cer").symlink_to("nowhere")
    assert len(TrustStore.load(str(tmp_path / "trust")).anchors) == 2
    with pytest.raises(OSError, match="No such file"):
        TrustStore.load(tmp_path / "absent")
    with pytest.raises(ValueError, match="no name"):
        TrustStore.load("")  # not the folder one happens to stand in


def test_certificates_are_read_in_every_wrapping(now) -> None:
    import base64

    centre = Centre.create(b"tests of signing", now, algorithms=["gost2015-512"])
    first, second = centre.certificates()
    pem = b"".join(
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(c) + b"-----END CERTIFICATE-----\n"
        for c in (first, second)
    )
    assert [c.raw for c in read_certificates(pem)] == [first, second]
    assert [c.raw for c in read_certificates(base64.b64encode(first))] == [first]
    assert [c.raw for c in read_certificates(first)] == [first]
    damaged = pem.replace(base64.encodebytes(first)[:8], b"AAAA    ")
    assert [c.raw for c in read_certificates(damaged)] == [second]
    for garbage in (b"", b"garbage", first[:-1], b"\x30\x00"):
        assert read_certificates(garbage) == []

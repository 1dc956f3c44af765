"""Which library computes GOST is said once, and a library asked for by name is never replaced."""

from collections.abc import Iterator

import pytest

from backend.signing.algorithm import backend, gost, openssl_gost, selection, streebog

KEY = gost.PrivateKey.generate(seed=b"selection")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = [*backend.backends()]
    yield
    backend.settle_gost(next(b for b in before if "gost2015-512" in b.algorithms))
    streebog.use(None)


@pytest.mark.parametrize("choice", [selection.AUTO, selection.GMPY2, selection.PYTHON])
def test_the_chosen_one_answers(choice: str) -> None:
    name = selection.settle(choice)
    asked = [b for b in backend.backends() if "gost2015-512" in b.algorithms]
    assert [b.name for b in asked] == [name]
    if choice != selection.AUTO:
        assert name == choice
    elif openssl_gost.load() is not None:
        assert name == "openssl-gost"
    assert backend.verify(KEY.spki(), "gost2015-512", b"data", KEY.sign(b"data"))
    assert not backend.verify(KEY.spki(), "gost2015-512", b"date", KEY.sign(b"data"))
    assert any("rsa-sha256" in b.algorithms for b in backend.backends())


def test_settling_again_leaves_no_other_behind() -> None:
    for _ in range(3):
        selection.settle(selection.PYTHON)
        selection.settle(selection.GMPY2)
    assert len(backend.backends()) == 2


def test_what_is_not_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openssl_gost, "load", lambda: None)
    with pytest.raises(selection.BackendMissing, match="libengine-gost-openssl"):
        selection.settle(selection.OPENSSL)
    assert selection.settle(selection.AUTO) in ("gmpy2", "python")
    with pytest.raises(selection.BackendMissing):
        selection.settle("kalkan")

"""An RSA key that never leaves its token, by PKCS#11 (OASIS PKCS#11 v2.40 §2.1.8).

`python-pkcs11` is not among the service's own dependencies: who has a token installs it
(`requirements-system.txt`).
"""

import contextlib
import importlib
import threading
from types import ModuleType
from typing import Any

from backend.signing.algorithm import backend
from backend.signing.certificate import x509


class TokenUnusable(OSError):
    """The module, the token, the key or its certificate cannot be had; the text says which."""


class TokenKey:
    """A SigningKey in a token. Signatures are made one at a time; a lost session is opened anew."""

    algorithm = backend.RSA

    def __init__(self, module: str, token: str, label: str | None, pin: str) -> None:
        self._library = _library()
        self._module, self._token, self._label, self._pin = module, token, label, pin
        self._lock = threading.Lock()
        self._session: Any = None
        self._key: Any = None
        with self._lock:
            self._open()
            self.certificates = self._certificates()
        if not self.certificates:
            raise TokenUnusable("the token holds no certificate")
        self._spki = x509.parse(self.certificates[0]).spki

    def spki(self) -> bytes:
        """See SigningKey: the key the certificate names."""
        return self._spki

    def sign(self, data: bytes) -> bytes:
        """See SigningKey. Raises TokenUnusable."""
        with self._lock:
            for attempt in range(2):
                try:
                    if self._key is None:
                        self._open()
                    made: bytes = self._key.sign(
                        data, mechanism=self._library.Mechanism.SHA256_RSA_PKCS
                    )
                except self._library.exceptions.PKCS11Error as e:
                    self._forget()  # the token was taken out, or somebody logged out
                    if attempt:
                        raise TokenUnusable(f"the token does not sign: {_name(e)}") from None
                else:
                    return made
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Log out."""
        with self._lock:
            self._forget()

    def _open(self) -> None:
        errors = self._library.exceptions
        try:
            token = self._library.lib(self._module).get_token(token_label=self._token)
            try:
                self._session = token.open(user_pin=self._pin)
            except errors.UserAlreadyLoggedIn:  # a process logs in once, for all its sessions
                self._session = token.open()
            self._key = self._session.get_key(
                object_class=self._library.ObjectClass.PRIVATE_KEY,
                key_type=self._library.KeyType.RSA,
                label=self._label,
            )
        except (errors.PKCS11Error, OSError, RuntimeError) as e:
            self._forget()
            raise TokenUnusable(f"the token cannot be used: {_name(e)}") from None

    def _certificates(self) -> list[bytes]:
        """The certificates of the token, the key's own first."""
        of = self._library.Attribute
        wanted = self._key.id
        found = [
            (one[of.ID] != wanted, bytes(one[of.VALUE]))
            for one in self._session.get_objects({of.CLASS: self._library.ObjectClass.CERTIFICATE})
        ]
        if not any(not other for other, _ in found):
            return []
        return [raw for _, raw in sorted(found, key=lambda pair: pair[0])]

    def _forget(self) -> None:
        session, self._session, self._key = self._session, None, None
        if session is not None:
            with contextlib.suppress(self._library.exceptions.PKCS11Error):
                session.close()  # or it was gone already


def _library() -> ModuleType:
    try:
        return importlib.import_module("pkcs11")
    except ImportError:
        raise TokenUnusable(
            "a pkcs11: seal needs python-pkcs11 (requirements-system.txt)"
        ) from None


def _name(error: Exception) -> str:
    """The kind of error: what it says may quote a PIN's neighbours."""
    return type(error).__name__

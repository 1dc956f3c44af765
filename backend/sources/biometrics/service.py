"""One hook for every provider: who is set up, in the order they are asked; and whose callback it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

import httpx

from backend.kernel.config import Config
from backend.sources.biometrics.jws import Jws
from backend.sources.biometrics.model import Result, Start, Started
from backend.sources.biometrics.signed_json import SignedJson


class Provider(Protocol):
    """What a provider must be able to do; a new one is a file beside the others and a row below."""

    name: str
    callback_path: str

    def configured(self, config: Config) -> bool:
        """Whether it is set up."""
        ...

    async def start(self, http: httpx.AsyncClient, config: Config, session: Start) -> Started:
        """Open a session. Raises SourceUnavailable."""
        ...

    def read(
        self, config: Config, headers: Mapping[str, str], body: bytes, *, at: datetime
    ) -> Result:
        """What a callback says, once it is proved to be the provider's. Raises CallbackUnsigned, Invalid."""
        ...


PROVIDERS: Final[Mapping[str, Provider]] = {p.name: p for p in (SignedJson(), Jws())}


def configured(config: Config) -> list[Provider]:
    """Who may be asked, the first first: where one is silent the next one serves."""
    return [provider for provider in PROVIDERS.values() if provider.configured(config)]

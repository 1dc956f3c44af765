"""The benchmarks by name, in the order they run; each is imported only when it is asked for."""

import importlib
from collections.abc import Sequence

from infra.bench.harness import Benchmark
from infra.bench.model import Unknown
from infra.bench.scene import Scene

# name (CONTRACT.md) -> module of infra.bench.cases, class
BENCHMARKS = {
    "status-get": ("status", "StatusGet"),
    "checkin-post": ("checkin", "CheckinPost"),
    "allocation": ("allocation", "Allocation"),
    "ecp-gost": ("ecp_gost", "EcpGost"),
    "ecp-cms": ("ecp_cms", "EcpCms"),
    "registry-verify": ("registry_log", "RegistryVerify"),
    "entitlement": ("entitlement", "Entitlement"),
    "issuance": ("issuance", "Issuance"),
    "act-50k": ("act_50k", "Act50k"),
    "bot-update": ("bot_update", "BotUpdate"),
}
# Beyond the contract's: measured where they are named.
OTHERS = {
    "attachments": ("feed", "Attachments"),
    "status-mixed": ("status_mixed", "StatusMixed"),
}
_KNOWN = BENCHMARKS | OTHERS


def chosen(names: Sequence[str]) -> list[str]:
    """The names asked for, each once, in the order given; the contract's without any. Raises Unknown."""
    for name in names:
        if name not in _KNOWN:
            raise Unknown(f"no benchmark {name!r}; there are: {', '.join(_KNOWN)}")
    return list(dict.fromkeys(names)) or list(BENCHMARKS)


def load(name: str, scene: Scene) -> Benchmark:
    """The benchmark of that name, not yet set up."""
    module, kind = _KNOWN[name]
    made: Benchmark = getattr(importlib.import_module(f"infra.bench.cases.{module}"), kind)(scene)
    return made

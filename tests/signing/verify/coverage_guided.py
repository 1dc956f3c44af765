"""The readers under atheris, which keeps what reaches new code: run by `test_coverage_guided` in `make prove`.

It feeds the same readers with the same assertions as `test_fuzz`. Only `make prove` installs atheris, which has no
wheel for every platform Saqtau is built on.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import atheris  # type: ignore[import-not-found]

with atheris.instrument_imports(include=["backend.signing"]):
    from tests.signing.verify.test_fuzz import targets

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def main() -> None:
    """Arguments are libFuzzer's: -runs=…, -seed=…, -max_len=…."""
    fed = targets(NOW)
    corpus = tempfile.mkdtemp()
    for number, target in enumerate(fed):
        (Path(corpus) / f"{number}").write_bytes(bytes([number]) + target.raw)

    def read(data: bytes) -> None:
        """The first octet chooses the reader; the rest is what it is given."""
        if data:
            fed[data[0] % len(fed)].read(data[1:])

    atheris.Setup([*sys.argv, "-max_len=16384", corpus], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

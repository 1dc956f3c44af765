"""The readers of strangers' bytes under atheris: 200,000 inputs led to new code by coverage (issue 3).

`make prove` installs atheris, where there is a wheel for it (requirements-fuzz.txt).
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

RUNS = int(os.environ.get("SAQTAU_FUZZ_INPUTS", "200000"))
SEED = os.environ.get("SAQTAU_SEED", "20261122")

if (sys.platform, platform.machine()) == ("linux", "x86_64"):

    @pytest.mark.prove
    def test_what_leads_to_new_code_breaks_nothing() -> None:
        done = subprocess.run(
            [
                sys.executable, "-m", "tests.signing.verify.coverage_guided",
                f"-runs={RUNS}", f"-seed={SEED}", "-print_final_stats=1",
            ],
            cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
        assert f"stat::number_of_executed_units: {RUNS}" in done.stderr, done.stderr[-4000:]

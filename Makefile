# Saqtau: every command of the project. `make help` lists them.
# Works from any directory: make -C path/to/saqtau demo
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
READY := $(VENV)/.ready
# Half the machine's cores, at least two: the databases need the rest.
TEST_WORKERS ?= 2
# Every program is compiled once, not at each of its starts, of which the tests and the demo make hundreds.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo quick test test-system prove bench lint types contracts lock clean

help: ## list the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv from the hashed lock files

$(READY): requirements.txt requirements-uv.txt pyproject.toml
	@test -x $(BIN)/python && $(BIN)/python -c '' 2>/dev/null || { rm -rf $(VENV); $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Saqtau needs Python 3.11 or newer; set PYTHON=...' >&2; exit 1; }; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt 2>/dev/null || $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.txt requirements-uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## the whole country, end to end, over real HTTP (ARGS="--once --json FILE")
	@$(BIN)/saqtau demo $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

contracts: $(READY)
	@$(BIN)/lint-imports

quick: lint types contracts ## what a contributor runs before a commit
	@$(BIN)/pytest -q -m "not slow and not servers and not system and not prove" -n $(TEST_WORKERS)

test: lint types contracts ## everything that judges the code, on real servers
	@$(BIN)/pytest -q -m "not system and not prove" -n $(TEST_WORKERS)

test-system: $(READY) ## tests that need system packages (installs them on Debian as root)
	@sh infra/deploy/system-packages.sh
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-system.txt
	@$(BIN)/pytest -q -m system

prove: $(READY) ## the long seeded proofs
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-fuzz.txt
	@$(BIN)/pytest -q -s -m prove

bench: $(READY) ## the benchmark suite: ratios to the limit measured in the same run
	@$(BIN)/saqtau bench $(ARGS)

lock: $(READY) ## write the hashed lock files anew
	@$(BIN)/uv pip compile pyproject.toml --group test --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.txt
	@$(BIN)/uv pip compile --group system --constraint requirements.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements-system.txt
	@$(BIN)/uv pip compile --group fuzz --constraint requirements.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements-fuzz.txt
	@sed -n 's/^\(uv==[0-9.]*\).*/\1/p' requirements-uv.txt | $(BIN)/uv pip compile - --universal --generate-hashes --no-emit-index-url --no-header --quiet -o requirements-uv.txt

clean: ## remove the virtual environment and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

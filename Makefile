# Everything a person or CI runs. The virtual environment makes itself; nothing here needs root but what says so.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Counts packages while pip works: a minute of silence looks like a fault.
INSTALL = $(BIN)/python -m pip install --require-hashes --no-deps -r $(1) \
	| awk '/^(Collecting|Requirement already)/ { printf "\r  %d of $(shell grep -c == $(1)) packages", ++n; fflush() } END { print "" }'

.PHONY: help demo demo-check demo-reset setup dev test check bench-ingest bench-query soak format lock clean
.DEFAULT_GOAL := help

help: ## say what there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: setup ## run the sample ward on this machine until Ctrl-C
	@exec $(BIN)/phoan-demo run

demo-check: setup ## prove the whole chain without a person; the last line is JSON
	@exec $(BIN)/phoan-demo check

demo-reset: ## forget the sample ward's state
	rm -rf .demo

setup: $(VENV)/run.done ## make the virtual environment that runs everything

dev: $(VENV)/dev.done ## make the virtual environment that also tests everything

$(VENV)/run.done: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make $(MAKECMDGOALS) PYTHON=python3.x"; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) \
		|| { echo "The module venv is missing: apt-get install python3-venv"; exit 2; }
	@echo "  installing what Phố An runs on (once, about a minute)"
	@$(call INSTALL,requirements/run.txt)
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.done: requirements/dev.txt $(VENV)/run.done
	@echo "  installing what the tests need (once)"
	@$(call INSTALL,requirements/dev.txt)
	@touch $@

test: dev ## install what only tests need, then run all tests
	@tests/system-packages
	$(BIN)/python -m pytest
	node --test tests/web/

check: dev ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench-ingest: dev ## committed records a second, against the broker's and the table's own limits
	@$(BIN)/python -m benchmarks.ingest

bench-query: dev ## how fast a year of a ward answers (DB=postgresql://... ROWS=n)
	@tests/system-packages
	@$(BIN)/python -m benchmarks.query

soak: dev ## break things at random for SOAK_S seconds (3600) while a simulated fleet publishes
	SOAK_S=$${SOAK_S:-3600} $(BIN)/python -m pytest tests/faults -k random

format: dev ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## choose versions anew (needs uv)
	uv pip compile pyproject.toml --excludes requirements/excludes.txt --universal --fork-strategy fewest \
		--python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		--extra edge --extra centre --extra demo -o requirements/run.txt
	uv pip compile pyproject.toml --excludes requirements/excludes.txt --universal --fork-strategy fewest \
		--python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		--extra edge --extra centre --extra demo --extra dev -c requirements/run.txt -o requirements/dev.txt

clean: ## remove everything that was made here
	rm -rf $(VENV) .demo *.egg-info build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

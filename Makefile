# Everything a person or CI runs. The virtual environment makes itself; nothing here needs root but what says so.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Counts packages while pip works: a minute of silence looks like a fault.
INSTALL = $(BIN)/python -m pip install --require-hashes --no-deps $(2) -r $(1) \
	| awk '/^(Collecting|Requirement already)/ { printf "\r  %d of $(shell grep -c == $(1)) packages", ++n; fflush() } END { print "" }'

.PHONY: help demo demo-check demo-reset setup dev test check check-web bench-accuracy bench-api bench-counting bench-edge bench-fleet bench-ingest bench-live bench-qr bench-query docs-pictures soak format lock clean
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

# torch brings 4 GB of libraries for graphics cards, which it wants also where there is none.
$(VENV)/yolo.done: requirements/yolo.txt $(VENV)/dev.done
	@echo "  installing torch and ultralytics (once, some minutes and 5 GB of disk)"
	@$(call INSTALL,requirements/yolo.txt,--no-compile)
	@touch $@

test: dev $(VENV)/yolo.done ## install what only tests need, then run all tests
	@tests/system-packages
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --ignore tests/e2e --ignore tests/faults
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder tests/e2e tests/faults
	node --test tests/web/
	$(MAKE) --no-print-directory check-web

check-web: ## the page's JavaScript against its types
	@tests/system-packages
	tests/node_modules/.bin/tsc --project tests/web/tsconfig.json

check: dev ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench-accuracy: dev ## how well people are seen and followed, and how fast (VIDEO=film.mp4 GT=truth.csv)
	@$(BIN)/python -m benchmarks.accuracy

bench-api: dev ## how fast the API answers over a year while 50 walls watch (DB=postgresql://... ROWS=n SECONDS=30)
	@$(BIN)/python -m benchmarks.api

bench-counting: dev ## how well lines count at 2, 5 and 10 frames a second (VIDEO=film.mp4 GT=truth.csv)
	@$(BIN)/python -m benchmarks.counting

bench-edge: dev ## how many busy cameras this machine carries, against its own limits and the plain way
	@$(BIN)/python -m benchmarks.edge

bench-fleet: dev ## how many boxes a centre on this machine carries (BOXES=10,100,500 SECONDS=40 KEEP=1)
	@tests/system-packages
	@$(BIN)/python -m benchmarks.fleet

bench-ingest: dev ## committed records a second, against the broker's and the table's own limits
	@$(BIN)/python -m benchmarks.ingest

bench-live: dev ## how late live video is on the wall in Chromium, and what it costs (SECONDS=10)
	@tests/system-packages
	@$(BIN)/python -m benchmarks.live

bench-qr: dev ## how soon a swapped payment code is told of, and how often one that was not (SWAPS=200 HOURS=50)
	@$(BIN)/python -m benchmarks.qr

bench-query: dev ## how fast a year of a ward answers (DB=postgresql://... ROWS=n)
	@tests/system-packages
	@$(BIN)/python -m benchmarks.query

docs-pictures: dev ## draw the pictures of docs/rules.md, docs/camera-health.md, docs/police.md and docs/technician.md anew
	@tests/system-packages
	@$(BIN)/python docs/draw_rules.py
	@$(BIN)/python -m docs.draw_health
	@$(BIN)/python -m docs.draw_police
	@$(BIN)/python -m docs.draw_technician

soak: dev ## break things at random for SOAK_S seconds (3600) while a simulated fleet publishes
	SOAK_S=$${SOAK_S:-3600} $(BIN)/python -m pytest tests/faults -k random

format: dev ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## choose versions anew (needs uv)
	uv pip compile pyproject.toml --excludes requirements/excludes.txt --universal --fork-strategy fewest \
		--python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		--extra edge --extra centre --extra dashboards --extra demo -o requirements/run.txt
	uv pip compile pyproject.toml --excludes requirements/excludes.txt --universal --fork-strategy fewest \
		--python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		--extra edge --extra centre --extra dashboards --extra demo --extra dev -c requirements/run.txt -o requirements/dev.txt
	uv pip compile pyproject.toml --excludes requirements/excludes.txt --universal --fork-strategy fewest \
		--python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		--extra edge --extra yolo -c requirements/dev.txt -o requirements/yolo.txt
	uv pip compile pyproject.toml requirements/build.in --excludes requirements/excludes.txt --universal \
		--fork-strategy fewest --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		--extra centre -c requirements/run.txt -o requirements/centre.txt
	uv pip compile pyproject.toml requirements/build.in --excludes requirements/excludes.txt --universal \
		--fork-strategy fewest --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		--extra edge -c requirements/run.txt -o requirements/edge.txt

clean: ## remove everything that was made here
	rm -rf $(VENV) .demo *.egg-info build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

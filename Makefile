# Every target sets up what it needs. PYTHON may name another interpreter, 3.11 or newer; VENV another place.
PYTHON ?= python3
VENV ?= .venv
PIP = $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
RUN = $(VENV)/bin

.PHONY: help demo run test check install wheel package train bench conformance lock format clean

help:  ## List the targets.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Returns Monitor needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	@echo "setting up $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed tests/requirements.lock
	@$(PIP) install --require-hashes -r tests/requirements.lock
	@touch $@

install: $(VENV)/.installed  ## Set up the virtual environment.

demo: $(VENV)/.installed  ## Run the main job offline and show the digest.
	@$(RUN)/monitor demo

run: $(VENV)/.installed  ## Start the daemon on config/.
	@exec $(RUN)/monitor run

check: $(VENV)/.tested  ## Format, lint, types and the import contract.
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports

test: check  ## Everything that must hold, and the number of tests.
	$(RUN)/python -m pytest -n 2 --dist loadfile

wheel: $(VENV)/.installed  ## Build dist/*.whl.
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

package:  ## Install the built wheel, and nothing of the checkout, into VENV.
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements.lock
	@rm -f dist/returns_monitor-*.whl
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .
	@$(PIP) install --no-deps --force-reinstall dist/returns_monitor-*.whl

train: $(VENV)/.installed  ## Train the model anew from models/corpus, and use it.
	$(RUN)/monitor train --version $$(cat models/ACTIVE) --activate

bench: $(VENV)/.installed  ## Poll 500 feeds beside reader and newsboat, classify, find stories, reclassify, compose 1,000 digests; takes minutes.
	@$(RUN)/python -m tests.bench
	@OPENBLAS_NUM_THREADS=1 $(RUN)/python -m tests.bench.classify
	@OPENBLAS_NUM_THREADS=1 $(RUN)/python -m tests.bench.stories
	@OPENBLAS_NUM_THREADS=1 $(RUN)/python -m tests.bench.reclassify
	@$(RUN)/python -m tests.bench.digests

conformance: $(VENV)/.tested  ## Read feedparser's published cases; write docs/conformance.md.
	@$(RUN)/python -m tests.conformance.table

lock: $(VENV)/.tested  ## Pin everything anew, for all platforms, with hashes and without an index address.
	@$(PIP) install uv
	$(RUN)/python tests/lock.py

format: $(VENV)/.tested  ## Put the code into its form.
	$(RUN)/ruff format .
	$(RUN)/ruff check --fix .

clean:  ## Remove what was set up and built; config/ and var/ stay.
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache

# Two commands: `make report` shows the result, `make test` proves the code. `make help` lists all.

PYTHON ?= python3
VENV   ?= .venv
OUT    ?= out

# !! Our copy of the report prints no publication date, and this project never guesses one.
# !! The date below is an ILLUSTRATION that lets a newcomer see a page. Give the real one:
# !!     make report PUBLISHED=YYYY-MM-DD
PUBLISHED ?= 2024-12-31
WHOSE_DATE = $(if $(filter file,$(origin PUBLISHED)),an ILLUSTRATION: our copy of the report prints no date. Give yours: make report PUBLISHED=YYYY-MM-DD,as you said)

# Two workers, a file's tests staying together so that what a module sets up is set up once.
# On one core, or to read the output in order: make test PYTEST=
PYTEST ?= -n 2 --dist loadfile

# Where it is set (in many a container), each of the hundreds of processes that the tests start
# compiles all it imports, again and again.
unexport PYTHONDONTWRITEBYTECODE

BIN := $(VENV)/bin
# The stamps carry a checksum of the locks and of the part of pyproject.toml that describes the
# package. A changed one reinstalls, a new time stamp (git checkout) does not, so a second run needs
# no network.
WANTED := $(shell { cat requirements/*.txt; sed '/^\[tool\./,$$d' pyproject.toml; } | cksum | cut -d ' ' -f 1)
READY  := $(VENV)/.ready-$(WANTED)
DEV    := $(VENV)/.dev-$(WANTED)
BENCH  := $(VENV)/.bench-$(WANTED)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help report test lint format types layers tests test-slow docs attack bench lock clean

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

report: $(READY) ## Screen the packaged report and write out/report.html (PUBLISHED=YYYY-MM-DD)
	@echo "!! publication date $(PUBLISHED), $(WHOSE_DATE)"
	@$(BIN)/supplychain-screen screen --published $(PUBLISHED) --prices yahoo --or-simulated --html $(OUT)/report.html || { \
	  code=$$?; [ $$code -eq 3 ] || exit $$code; \
	  echo "Complete but for the prices named above: the page marks what is missing."; }

test: lint format types layers tests ## Run every check: ruff, mypy, import-linter, doctests, pytest (some minutes)

lint: $(DEV) ## Find mistakes (ruff check)
	@echo "== ruff check"
	@$(BIN)/ruff check .

format: $(DEV) ## Check the layout of the code (ruff format --check)
	@echo "== ruff format --check"
	@$(BIN)/ruff format --check .

types: $(DEV) ## Check the types (mypy --strict)
	@echo "== mypy"
	@$(BIN)/mypy

layers: $(DEV) ## Check that imports point one way (import-linter)
	@echo "== import-linter"
	@$(BIN)/lint-imports

tests: $(DEV) ## Run the tests and the examples of the docstrings (pytest)
	@echo "== pytest, doctests included"
	@$(BIN)/python -m pytest $(PYTEST) -m "not slow"

test-slow: $(DEV) ## Run the tests that take longer: kills, Spark, LibreOffice, properties in full
	@echo "== pytest, what is slow and every property in full"
	@HYPOTHESIS_PROFILE=full $(BIN)/python -m pytest $(PYTEST) -m "slow or hypothesis"

docs: $(DEV) ## Write docs/cli.md anew from the commands themselves
	@$(BIN)/typer supplychain_screen.cli.program utils docs --name supplychain-screen --output docs/cli.md

attack: $(DEV) ## Try a hundred bad inputs and fifty environments; write docs/threats.md anew
	@$(BIN)/python -m tests.attacks

bench: $(BENCH) ## Measure this package beside the ones people use today
	@for each in benchmarks/[a-z]*.py; do echo "== $$each"; $(BIN)/python $$each || exit; done

# Universal: one file for every system and Python. It names no address, so any index will do.
# Nothing that the program itself needs is built on the user's machine.
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet $(UPGRADE)

lock: $(DEV) ## Write requirements/*.txt anew from pyproject.toml (UPGRADE=--upgrade for the newest)
	@$(COMPILE) pyproject.toml --group build --extra dev --extra bench -o requirements/bench.txt
	@$(COMPILE) pyproject.toml --group build --extra dev -c requirements/bench.txt -o requirements/dev.txt
	@$(COMPILE) pyproject.toml --group build -c requirements/bench.txt -o requirements/base.txt --only-binary :all:
	@echo uv | $(COMPILE) - -o requirements/uv.txt

clean: ## Remove the environment and everything that was built
	rm -rf $(VENV) $(OUT) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not. Name one: make report PYTHON=python3.12" >&2; exit 2; }
	@echo "== a virtual environment in $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(READY): | $(VENV)/.made
	@echo "== installing (once)"
	@$(BIN)/python requirements/install.py base
	@rm -f $(VENV)/.ready-* $(VENV)/.dev-* $(VENV)/.bench-*
	@touch $@

$(DEV): | $(VENV)/.made
	@echo "== installing with what the checks need (once)"
	@$(BIN)/python requirements/install.py dev
	@rm -f $(VENV)/.ready-* $(VENV)/.dev-* $(VENV)/.bench-*
	@touch $(READY) $@

$(BENCH): $(DEV)
	@echo "== installing what we are measured against (once)"
	@$(BIN)/python requirements/install.py bench
	@touch $@

# The daily words: run, test, lint. Everything lives in .venv; `make clean` forgets it.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

help: ## what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# One way in: uv where the machine has it, venv and pip otherwise; the result is the same.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with PYTHON=python3.12 make $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || { echo "Making $(VENV) …"; $(if $(UV),$(UV) venv -q --python $(PYTHON) $(VENV),$(PYTHON) -m venv $(VENV)); }
	@echo "Installing $(1) …"
	@$(if $(UV),$(UV) pip install -q --python $(BIN)/python --no-deps --require-hashes -r $(1),$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r $(1))
endef

$(VENV)/.run: requirements.lock
	$(call install,requirements.lock)
	@touch $@

$(VENV)/.dev: requirements-dev.lock
	$(call install,requirements-dev.lock)
	@touch $@ $(VENV)/.run

run: $(VENV)/.run ## start the studio: web server and workers, until Ctrl+C
	@exec $(BIN)/python manage.py studio

test: $(VENV)/.dev browser ## the whole test suite, browser tests included
ifdef ARGS
	$(BIN)/pytest $(ARGS)
else
	$(BIN)/pytest -q -n $(or $(JOBS),2) --dist loadfile -m "not browser and not crash"
	@# One after the other: each of these starts a whole studio and wants the machine for itself.
	$(BIN)/pytest -q -m "browser or crash"
endif

browser: ## find Chromium, install it where the platform allows, or say what to do
	@$(SHELL) tests/browser/find_chromium.sh >/dev/null

lint: $(VENV)/.dev ## style, types, migrations, deployment settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run
	DATA_DIR=$$(mktemp -d) HOST=0.0.0.0 PUBLIC_URL=https://studio.example.org OFFLINE_HTTP=off \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(VENV)/.dev ## figures: song, library, search, first visit, poll
	$(BIN)/python -m tests.bench

gates: $(VENV)/.dev ## measure and judge the songs themselves; ARGS="--styles pop --no-asr" for a part
	$(BIN)/python -m studio.engine.gates $(ARGS)

lock: ## renew the lock files from pyproject.toml (needs uv)
	uv pip compile pyproject.toml -q --generate-hashes --no-emit-index-url --no-header --no-annotate --universal \
		--python-version 3.11 --extra engine -o requirements.lock
	uv pip compile pyproject.toml -q --generate-hashes --no-emit-index-url --no-header --no-annotate --universal \
		--python-version 3.11 --extra engine --extra recognition --extra scale --extra test -o requirements-dev.lock

clean: ## forget the virtual environment and what tests left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache test-results

.PHONY: help run test browser lint bench gates lock clean

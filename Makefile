# `make` lists what there is to do. PYTHON is any Python from 3.11 on, VENV where the environment goes:
# `make test PYTHON=python3.13 VENV=.venv-3.13`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ENVIRONMENT := $(VENV)/.complete
EDITORS := tests/editors/node_modules/.complete
UV := .venv-lock/bin/uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup build test lint types editors golden schema reference codes statuses attributes offerings replacements generated check wheel bench fuzz model boot aws-smoke security lock lowest clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(ENVIRONMENT) ## make the environment, .venv, from the lock

$(ENVIRONMENT): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than 3.11: name a newer one with make PYTHON=…" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

build: setup ## compile the example, omega.yaml, into build/
	$(BIN)/omegac build

test: setup editors ## run all tests
	$(BIN)/python -m pytest --numprocesses auto --dist loadgroup

editors: $(EDITORS) ## install what the tests of editors run, with npm

# Without npm, those tests are skipped, except in CI.
$(EDITORS): tests/editors/package.json tests/editors/package-lock.json tests/editors/.npmrc
	(cd tests/editors && npm ci --loglevel=error) && touch $@ || echo "the tests of editors will be skipped" >&2

lint: setup ## check style, format and who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/shellcheck .ci/run

types: setup ## check types
	$(BIN)/mypy

golden: setup ## rewrite the golden files in tests/cases/
	OMEGAC_GOLDEN=rewrite $(BIN)/python -m pytest tests/test_cases.py tests/test_rules.py tests/test_lint.py tests/test_report.py \
		tests/test_console.py tests/deployment

schema: setup ## bundle the schemas into schemas/omega.schema.json
	$(BIN)/python scripts/schema.py

reference: setup ## rewrite docs/language.md from the schema
	$(BIN)/python scripts/reference.py

codes: setup ## rewrite docs/codes.md from the table of codes
	$(BIN)/python scripts/codes.py

statuses: setup ## rewrite docs/statuses.md from the table of statuses
	$(BIN)/python scripts/statuses.py

attributes: setup ## rewrite the table of resource attributes
	$(BIN)/python scripts/attributes.py

offerings: setup ## rewrite the table of instance types and runtimes
	$(BIN)/python scripts/offerings.py

replacements: setup ## rewrite the table of properties that ask for a replacement
	$(BIN)/python scripts/replacements.py

generated: setup ## check that generated files are up to date
	$(BIN)/python scripts/schema.py --check
	$(BIN)/python scripts/reference.py --check
	$(BIN)/python scripts/codes.py --check
	$(BIN)/python scripts/statuses.py --check
	$(BIN)/python scripts/attributes.py --check
	$(BIN)/python scripts/offerings.py --check
	$(BIN)/python scripts/replacements.py --check

check: lint types generated test ## all that CI checks

wheel: setup ## build sdist and wheel into dist/
	$(BIN)/python -m build --no-isolation

fuzz: setup ## compile COUNT specs and templates changed at random, 20000: make fuzz COUNT=1000
	$(BIN)/python scripts/fuzz.py $(COUNT)

model: setup ## walk the model of deployments SEEDS times on other ways, 20: make model SEEDS=200
	for seed in $$(seq $(or $(SEEDS),20)); do \
		OMEGAC_MODEL_SEED=$$seed $(BIN)/python -m pytest tests/operations/test_model.py || exit 1; done

boot: setup ## boot what is deployed, by the real cloud-init under systemd; needs root and Debian
	packages=$$($(BIN)/python -m tests.boot.image) && if test -n "$$packages"; then \
		apt-get -qq update && apt-get -qqy install --no-install-recommends $$packages || \
		echo "the boots will be skipped" >&2; fi
	OMEGAC_BOOT=1 $(BIN)/python -m pytest -rs --log-cli-level INFO --log-cli-format "%(message)s" tests/boot

aws-smoke: setup ## deploy the example to an account, check both hellos, and take it down; asks before it costs anything
	$(BIN)/python scripts/aws_smoke.py

bench: setup ## measure how long a build takes
	$(BIN)/python scripts/bench.py
	$(BIN)/python scripts/bench_userdata.py

security: .venv-security/.complete setup ## check the compiled example with checkov
	$(BIN)/python scripts/security.py

.venv-security/.complete: requirements/security.txt
	$(PYTHON) -m venv .venv-security
	.venv-security/bin/python -m pip install --quiet --require-hashes --requirement requirements/security.txt
	touch $@

lock: $(UV) ## pin the newest of everything in requirements/
	$(LOCK) pyproject.toml --extra sandbox --group dev --output-file requirements/dev.txt
	$(LOCK) --group security --output-file requirements/security.txt

$(UV):
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet uv

lowest: $(UV) editors ## run all tests with the oldest dependencies allowed
	$(PYTHON) -m venv --clear .venv-lowest
	$(UV) pip compile --quiet --resolution lowest-direct --python .venv-lowest/bin/python \
		pyproject.toml --extra sandbox --group dev --output-file .venv-lowest/requirements.txt
	.venv-lowest/bin/python -m pip install --quiet --requirement .venv-lowest/requirements.txt
	.venv-lowest/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	.venv-lowest/bin/python -m pytest --numprocesses auto --dist loadgroup

clean: ## remove all that these targets make
	rm -rf .venv .venv-* tests/editors/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

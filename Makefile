# Two commands are all a stranger needs: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PORT ?= 8000

.PHONY: run test check chaos format pins clean

run: .venv/run
	$(BIN)/throughline up --demo --port $(PORT)

test: .venv/dev
	$(BIN)/python -m tests.run

# What `make test` runs first, alone: format, lint, types, import contracts, migrations.
check: .venv/dev
	$(BIN)/python -m tests.run --checks-only

# Thousands of handoffs under kills and faults, and the notices of 10,000 engagements over six years;
# rewrites docs/reference/chaos.md. Takes hours. `make chaos NOTICES=1000` plays such notices alone.
chaos: .venv/dev
	$(BIN)/python -m tests.chaos $(if $(NOTICES),--notices $(NOTICES),$(HANDOFFS))

format: .venv/dev
	$(BIN)/ruff check --fix-only --quiet src tests
	$(BIN)/ruff format --quiet src tests
	$(BIN)/djade --target-version 5.2 --quiet $$(git ls-files '*.html') || true

.venv/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Throughline needs Python 3.11 or newer.")'
	$(PYTHON) -m venv .venv
	touch $@

.venv/run: .venv/python requirements/build.txt requirements/run.txt pyproject.toml
	$(PIP) --require-hashes -r requirements/build.txt -r requirements/run.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev: .venv/run requirements/dev.txt
	$(PIP) --require-hashes -r requirements/dev.txt
	touch $@

# Newer pins, with hashes, without any index's address. Needs uv.
pins:
	printf 'setuptools>=77\n' | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate - -o requirements/build.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt

clean:
	rm -rf .venv var artefacts .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

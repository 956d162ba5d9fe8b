# Two commands do everything on a fresh machine: make serve, make test.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.serve: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q cfit_graph
	@touch $@

$(VENV)/.dev: $(VENV)/.serve requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

serve: $(VENV)/.serve ## build the release if anything changed, and serve it at http://127.0.0.1:8000
	@$(BIN)/cfit build
	@$(BIN)/cfit serve

test: $(VENV)/.dev ## run every test
	$(BIN)/pytest

check: $(VENV)/.dev ## format, lint, types, layers, docs and the house numbers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_architecture.py tests/test_docs.py
	$(BIN)/python tests/house.py
	$(BIN)/cfit fmt --check

build: $(VENV)/.serve ## validate the graph and publish it as a release
	@$(BIN)/cfit build

validate: $(VENV)/.serve ## say what is wrong with the data
	@$(BIN)/cfit validate

bench: $(VENV)/.dev ## time the questions against rdflib on the same data
	$(BIN)/python benchmarks/questions.py

compare: $(VENV)/.dev ## time the researchers' queries against other servers, and write docs/performance.md
	$(BIN)/python -m benchmarks.run

approve: $(VENV)/.dev ## accept today's validation reports and answers as the expected ones
	CFIT_APPROVE=1 $(BIN)/pytest -q tests/test_shapes.py tests/test_questions.py

format: $(VENV)/.dev ## format code and data, and mend what the linter can
	$(BIN)/cfit fmt
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## pin the newest allowed versions (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra build --extra client --extra dev pyproject.toml -o requirements-dev.lock

.PHONY: help serve test check build validate bench compare approve format lock

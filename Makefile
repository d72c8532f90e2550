# The only task runner. `make` alone lists the recipes; what needs more than a few lines of shell stands in tools/.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
UV_COMPILE := ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

.PHONY: migration notices help setup setup-test serve chat demo test test-system faults fuzz bench check lint types imports format cover lock audit clean

help: ## list the recipes
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## make .venv with what the service needs; after it .venv/bin/lapor is there
	@tools/setup run

setup-test:
	@tools/setup test

serve: setup ## start everything on http://127.0.0.1:8080, with the demonstration government on an empty database
	@LAPOR_DEMO_ON_EMPTY=1 exec $(BIN)/lapor serve $(if $(CONFIG),--config "$(CONFIG)")

chat: setup ## talk to the service as a citizen, in this terminal (AS=name for another citizen)
	@exec $(BIN)/lapor chat $(if $(AS),--as "$(AS)")

demo: setup ## fill an empty database with the demonstration government
	@exec $(BIN)/lapor demo

test: setup-test check ## lint, types, imports and all tests, real PostgreSQL included
	@$(BIN)/pytest -n auto --dist worksteal -q -m "not faults" $(ARGS)
	@! [ -d tests/faults ] || echo "Apart, because it takes minutes: make faults."

test-system: ## install the system packages that some tests need (Debian)
	@tools/test-system

faults: setup-test ## kill the service's processes at every step of the road; minutes
	@$(BIN)/pytest -q -s -m faults --timeout 3000 tests/faults $(ARGS)

fuzz: setup-test ## coverage-guided fuzzing of what reads mail, SMS and X; minutes (ARGS="mail 600": one of them, so many seconds)
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .fuzz
	@VIRTUAL_ENV=.fuzz $(BIN)/uv pip sync --quiet --require-hashes requirements/fuzz.txt
	@for each in $(if $(ARGS),"$(ARGS)",mail sms x); do .fuzz/bin/python -m tools.fuzz $$each; done

bench: setup-test ## measure speed and size; record the result in docs/performance.md
	@$(BIN)/python -m benchmarks $(ARGS)

check: setup-test lint types imports ## lint, format, types and imports, without the tests

lint: setup-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup-test
	@$(BIN)/mypy

imports: setup-test
	@PYTHONPATH=. $(BIN)/lint-imports --no-logo

format: setup-test ## put the code into its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

cover: setup-test ## which branches no test takes
	@$(BIN)/pytest -n auto --dist worksteal -q -m "not faults" --cov --cov-report=term $(ARGS)

lock: setup-test ## compile requirements/*.in to the hash-locked *.txt (ARGS=--upgrade for newer versions)
	@cd requirements && $(UV_COMPILE) $(ARGS) uv.in -o uv.txt
	@cd requirements && $(UV_COMPILE) $(ARGS) run.in -o run.txt
	@cd requirements && $(UV_COMPILE) $(ARGS) -c run.txt test.in -o test.txt
	@cd requirements && $(UV_COMPILE) $(ARGS) -c run.txt fuzz.in -o fuzz.txt

audit: setup-test ## ask whether a pinned dependency has a known hole (needs the network)
	@$(BIN)/pip-audit --disable-pip --require-hashes -r requirements/run.txt

notices: setup-test ## write docs/notices.md, every notice to a reporter as each channel tells it
	@PYTHONPATH=. $(BIN)/python -m tools.notices_page

clean: ## remove caches; .venv and var/ (the data) stay
	@rm -rf .coverage .coverage.* htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find . -path ./.venv -prune -o -path ./var -prune -o -name __pycache__ -type d -exec rm -rf {} +

migration: setup-test ## write the next database revision (NAME="what changes") from the tables
	@PYTHONPATH=. $(BIN)/python -m tools.migration $(NAME)

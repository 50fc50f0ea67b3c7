# make refresh: the main job on recorded sources. make test, make check: what CI runs. make help lists all.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
UV := VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip
SPARK := .venv-spark
COMPILE := $(BIN)/uv pip compile pyproject.toml --extra dev --extra export --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet

IN_NEW_HOME = home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && export MTM_HOME="$$home/data" && $(BIN)/mtm refresh

.PHONY: help setup setup-spark refresh test test-spark test-spark-large proofs check format bench bench-register audit-recall contract \
	dictionary coverage audit-page ui lock clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

setup: $(READY)  ## .venv with pinned tools, dbt project parsed

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else \
	  "Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0] + "; try make PYTHON=python3.12 ...")'
	@echo "setting up .venv (once)"
	$(PYTHON) -m venv --clear .venv
	@awk '/^uv==/ {found = 1} found {print} found && !/\\$$/ {exit}' requirements.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	@$(UV) sync --quiet --require-hashes --compile-bytecode requirements.lock
	@$(UV) install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q audit ingest publish orchestration
	@$(BIN)/python -c 'from orchestration import dbt; dbt.prepare()'
	@touch $(READY)

setup-spark: $(SPARK)/ready  ## .venv-spark, the same with Spark and dbt-spark beside

$(SPARK)/ready: $(READY) requirements-spark.lock
	@echo "setting up $(SPARK) (once; Spark is a download of 456 MB)"
	$(PYTHON) -m venv --clear $(SPARK)
	@VIRTUAL_ENV=$(CURDIR)/$(SPARK) $(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode \
	  requirements.lock requirements-spark.lock
	@VIRTUAL_ENV=$(CURDIR)/$(SPARK) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(SPARK)/ready

refresh: setup  ## fetch, archive, land, build, check, publish on recorded sources
	@$(BIN)/mtm refresh

test: setup  ## the tests but for the long ones
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not proof"

test-spark: setup-spark  ## a build on a cluster of Spark, every published table compared with DuckDB's
	@$(SPARK)/bin/pytest -m "not proof" tests/spark

test-spark-large: setup-spark  ## the same with a register of ten million rows
	@$(SPARK)/bin/pytest -m proof tests/spark

proofs: setup  ## the long tests: kills at every moment, a server from installation to restore, dead agencies
	@$(BIN)/pytest -m proof tests/test_publication_proofs.py
	@$(BIN)/pytest -n 2 --dist loadfile -m proof --ignore tests/test_publication_proofs.py

check: setup  ## format, lint, types, SQL lint, import floors
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint dbt_project --disable-progress-bar --processes 0 > .venv/sqlfluff.txt 2>&1 || (cat .venv/sqlfluff.txt; false)
	@$(BIN)/lint-imports --no-cache > .venv/lint-imports.txt || (cat .venv/lint-imports.txt; false)
	@echo "check: all good"

format: setup  ## put code and SQL into shape
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	@$(BIN)/sqlfluff fix dbt_project --force --disable-progress-bar

bench: setup  ## measurements beside their yardsticks, into bench/RESULTS.md
	@$(BIN)/python -m bench.refresh
	@$(BIN)/python -m bench.sheets
	@$(BIN)/python -m bench.history
	@$(BIN)/python -m bench.publish

bench-register: setup  ## the register of crossings at up to 100 million rows, into bench/RESULTS.md: ten minutes
	@$(BIN)/python -m bench.register

audit-recall: setup  ## what the audit finds of planted errors, into bench/RESULTS.md
	@$(BIN)/python -m bench.audit

contract: setup  ## dbt_project/contract.yml and docs/contract.md from the project
	@$(BIN)/python -m tools.write_contract

dictionary: setup  ## docs/dictionary.md from the recorded sources, in a home of its own
	@$(IN_NEW_HOME) && $(BIN)/python -m tools.write_dictionary

coverage: setup  ## docs/coverage.md from the recorded sources, in a home of its own
	@$(IN_NEW_HOME) && $(BIN)/python -m tools.write_coverage

audit-page: setup  ## docs/audit_2023q3.md from the recorded sources, in a home of its own
	@$(IN_NEW_HOME) && $(BIN)/python -m tools.write_audit_pages

ui: setup  ## Dagster on 127.0.0.1:3000
	@$(BIN)/mtm ui

lock: setup  ## pin the dependencies of pyproject.toml anew
	@$(COMPILE) --output-file requirements.lock
	@$(COMPILE) --extra spark --constraint requirements.lock --output-file .venv/spark.lock
	@grep -vxFf requirements.lock .venv/spark.lock > requirements-spark.lock

clean:  ## remove both environments and what dbt parsed; data/ stays
	rm -rf .venv $(SPARK) dbt_project/target dbt_project/logs

# `make demo` shows it, `make test` proves it, `make check` is what CI runs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
export PATH := $(CURDIR)/$(BIN):$(PATH)  # protoc looks its plug-ins up there.
unexport PYTHONDONTWRITEBYTECODE  # Hundreds of processes start here: they share what is compiled.
PROTOS := $(wildcard proto/partsledger/v1/*.proto)
ERROR_DETAILS := proto/google/rpc/error_details.proto

# One more than there are cores: tests wait for disks and for processes that start.
TEST_WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)
# Begun first, so that no worker is left alone with them at the end.
LONGEST_TESTS := tests/simulation tests/server/cli tests/chaos

# They take long, and what they test seldom changes: see `make tools`.
TESTS_OF_TOOLS := tests/benchmarks tests/mutants tests/docs/test_adding.py

# They need Node.js, and packages of the npm registry: see `make node`.
TESTS_OF_NODE := tests/node

# The oldest PostgreSQL that is supported, where Debian 12 puts it (apt install postgresql-15).
OLDEST_POSTGRES ?= /usr/lib/postgresql/15/bin
TESTS_OF_SQL := tests/server/eventlog tests/projections tests/server/writing tests/server/backup

# Other versions of Python, as far as they are here, and what is run on each of them.
PYTHONS ?= python3.12 python3.13 python3.14
FAST_TESTS := tests/domain tests/server/eventlog tests/server/writing tests/server/backup

# Which faults `make mutants` puts into the sources, and how many: another seed, other faults.
SEED ?= 1
SAMPLE ?= 60

.PHONY: help demo test tools oldest fast pythons chaos forged node replay mutants check lint types imports schema stubs proto facts api-docs api-examples format examples bench bench-quick bench-long clean

help:  ## Lists what can be made.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(INSTALLED)  ## Imports the examples over gRPC and prints what finance reads.
	@$(BIN)/partsledger demo

test: $(INSTALLED)  ## Runs all tests of the product, against a real PostgreSQL.
	@$(BIN)/pytest --numprocesses $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder \
	  $(TESTS_OF_TOOLS:%=--ignore=%) $(TESTS_OF_NODE:%=--ignore=%) $(LONGEST_TESTS) tests

tools: $(INSTALLED)  ## Runs the tests of what developers use: docs/adding.md, benchmarks, mutants.
	@$(BIN)/pytest --numprocesses $(TEST_WORKERS) $(TESTS_OF_TOOLS)

oldest: $(INSTALLED)  ## Runs the tests of log, views and writer on PostgreSQL 15 (OLDEST_POSTGRES=…/bin).
	@$(BIN)/python -m tests.on_postgres $(OLDEST_POSTGRES) --numprocesses $(TEST_WORKERS) --dist loadfile $(TESTS_OF_SQL)

pythons:  ## Runs the fast tests on each of PYTHONS that is here, each in an environment of its own.
	@for python in $(PYTHONS); do \
	  if "$$python" -c '' 2>/dev/null; then \
	    echo "On $$python …"; \
	    $(MAKE) --no-print-directory fast PYTHON="$$python" VENV="build/$$(basename "$$python")" || exit 1; \
	  else echo "$$python is not here"; fi; done

fast: $(INSTALLED)
	@$(BIN)/pytest --quiet --numprocesses $(TEST_WORKERS) --dist loadfile $(FAST_TESTS)

chaos: $(INSTALLED)  ## Kills server and PostgreSQL 50 times each, in every way; opens 10,200 idle streams.
	@PARTSLEDGER_KILLS=50 PARTSLEDGER_IDLE=3400 $(BIN)/pytest -s \
	  tests/chaos/test_killed_in_the_middle.py tests/server/api/test_idle_streams.py

node: $(INSTALLED)  ## Builds the example in Node.js, and runs it against a real server.
	@cd examples/node && npm install --silent --no-fund --no-audit --no-package-lock && npm run --silent build
	@$(BIN)/pytest --quiet $(TESTS_OF_NODE)

forged: $(INSTALLED)  ## Sends a million forged and senseless calls to a server with tokens on.
	@PARTSLEDGER_FORGED=1000000 $(BIN)/pytest -s tests/server/api/access/test_forged_calls.py

replay: $(INSTALLED)  ## Works out the figures of 100,000 facts from docs/replay.md, in DuckDB and Beancount.
	@PARTSLEDGER_REPLAY=large $(BIN)/pytest -s tests/server/cli/test_replay.py

mutants: $(INSTALLED)  ## Puts faults into the sources, one at a time, to see a test fail (SEED=2 SAMPLE=200).
	@$(BIN)/python -m tests.mutants --seed $(SEED) --sample $(SAMPLE)

check: lint types imports schema stubs test tools  ## Everything CI checks.

lint: $(INSTALLED)
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet

types: $(INSTALLED)
	@$(BIN)/mypy

imports: $(INSTALLED)
	@PYTHONPATH=.:proto $(BIN)/lint-imports --no-logo

schema: $(INSTALLED)
	@$(BIN)/buf lint proto
	@$(BIN)/buf format proto --exclude-path proto/google --diff --exit-code

# The committed stubs are what the .proto files say now.
stubs: $(INSTALLED)
	@rm -rf build/stubs && mkdir -p build/stubs
	@$(BIN)/python -m grpc_tools.protoc --proto_path=proto --python_out=build/stubs \
	  --grpc_python_out=build/stubs --mypy_out=quiet:build/stubs --mypy_grpc_out=quiet:build/stubs $(PROTOS)
	@for stub in build/stubs/partsledger/v1/*; do \
	  cmp "$$stub" "proto/partsledger/v1/$$(basename "$$stub")" || exit 1; done

proto: $(INSTALLED) $(ERROR_DETAILS)  ## Regenerates partsledger.v1 next to the .proto files.
	@$(BIN)/buf format --exclude-path proto/google --write proto
	@$(BIN)/python -m grpc_tools.protoc --proto_path=proto --python_out=proto \
	  --grpc_python_out=proto --mypy_out=quiet:proto --mypy_grpc_out=quiet:proto $(PROTOS)

# Google's, for those who generate a client from proto/ alone: proto/README.md.
$(ERROR_DETAILS): $(INSTALLED)
	@cp "$$($(BIN)/python -c 'from google.rpc import error_details_pb2 as e; print(e.__file__[:-7])').proto" $@

format: $(INSTALLED)  ## Formats everything in place.
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix
	@$(BIN)/buf format --exclude-path proto/google --write proto

facts: $(INSTALLED)  ## Writes docs/facts again: every stored fact, from the models.
	@$(BIN)/python -m domain.published.pages docs/facts

api-docs: $(INSTALLED)  ## Writes docs/api again: every service of the API, from the .proto files.
	@$(BIN)/python -m server.api.published.pages docs/api

api-examples: $(INSTALLED)  ## Provokes every refusal again, for docs/api: what the server answers now.
	@$(BIN)/python -m tests.server.api.refusals docs/api/examples.json
	@$(MAKE) --no-print-directory api-docs

examples: $(INSTALLED)  ## Makes the files of the small maker again, from their seed.
	@$(BIN)/python -m examples.generate --size small --out examples/small

bench: $(INSTALLED)  ## Measures against what a team would otherwise pick: docs/performance.md.
	@$(BIN)/python -m benchmarks

bench-quick: $(INSTALLED)  ## The same, smaller, in less than three minutes.
	@$(BIN)/python -m benchmarks --quick

bench-long: $(INSTALLED)  ## Reading, starting and memory at ten million facts: 100 minutes, 50 GB.
	@$(BIN)/python -m benchmarks --long

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else \
	  "Python 3.11 or later is needed, this is " + sys.version.split()[0] + ": make PYTHON=python3.12 …")'
	@echo "Setting up $(VENV) (once) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	@touch $@

clean:  ## Removes what was built; not the data.
	@rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis

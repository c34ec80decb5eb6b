# `make run` is all a newcomer needs; `make test` is all a change needs.

PYTHON ?= python3
PORT ?= 8000
MEMBERS ?= 300
DEMO ?= 1
ROWS ?= 1000000
DOCUMENTS ?= 1000000
POSTS ?= 10000000
BENCH_MEMBERS ?= 100000
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

# What a server sets, for the check of what it would run with.
LIKE_A_SERVER = env -u DEBUG -u HTTPS ALLOWED_HOSTS=community.example \
  BACKUP_KEY=only-for-this-check-and-for-nothing-else \
  SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')

.PHONY: install run demo test checks tests browser format
.PHONY: bench-pages bench-grown bench-checkout bench-seats bench-slots bench-search
.PHONY: bench-import bench-models bench-storm bench-live bench-ledger bench-awards

install: $(VENV)/installed

run: install
	@$(MANAGE) run --port $(PORT) --demo $(DEMO) --members $(MEMBERS)

demo: install
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) demo --members $(MEMBERS)

test: checks tests browser

checks: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy .
	$(BIN)/python -W "ignore:Got an error" manage.py makemigrations --check --dry-run
	$(LIKE_A_SERVER) $(MANAGE) check --deploy --fail-level WARNING
	$(MANAGE) translations --check

tests: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n 2 -m "not browser"

browser: $(VENV)/installed-dev
	@chromium=$$(sh tests/chromium.sh) || exit 1; \
	if [ -n "$$chromium" ]; then \
	  CHROMIUM="$$chromium" $(BIN)/python -m pytest -n 2 -m browser; \
	fi

# What pages cost in CPU, next to a hello world of the same server.
bench-pages: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.pages

# What topics and lists cost among ten million posts, next to among ten thousand.
bench-grown: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.grown --posts $(POSTS)

# What buying costs next to reading, and who gets the last one.
bench-checkout: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.checkout

bench-seats: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.seats

bench-slots: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.slots

# How fast points move next to pgbench, and who gets the last of a budget.
bench-ledger: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.ledger

# What finding among a million texts costs next to reading one by its number.
bench-search: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.search --documents $(DOCUMENTS)

# Five hundred people in a live room, next to the health check.
bench-live: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.live

# What members notice of 1,000 posts by 100 new accounts in a minute.
bench-storm: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.storm

# How fast a history comes in; then what a night and a fit of the models cost.
bench-import: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.imports --rows $(ROWS)

# How fast a log of a million deeds is paid for.
bench-awards: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.awards --rows $(ROWS)

bench-models: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.models --members $(BENCH_MEMBERS)

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The stamps make the second call instant, and a changed list install again.
$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing the pinned requirements…"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip  # cut off
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

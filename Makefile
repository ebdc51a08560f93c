# make run and make test are all a newcomer needs.
VENV ?= .venv
PY := $(VENV)/bin/python
FLASK := $(VENV)/bin/flask --app wsgi

.PHONY: help install run test check bench screenshots translate
.DEFAULT_GOAL := help

help:                       ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## the environment with pinned packages, and compiled translations
	@$(VENV)/bin/pybabel -q compile -d translations 2>/dev/null || true

run: install                ## serve on 127.0.0.1:8000, web and worker; Ctrl-C stops all
	@$(FLASK) setup
	@exec $(FLASK) start

test: install $(VENV)/.installed-dev ## everything: checks, unit, PostgreSQL and browser tests
	@tests/run.sh

check: install $(VENV)/.installed-dev ## style, types, layers
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: install $(VENV)/.installed-dev ## the benchmarks README quotes
	@for file in benchmarks/*.py; do $(PY) -m benchmarks.$$(basename $$file .py); done

screenshots: install $(VENV)/.installed-dev ## take README's pictures again
	@$(PY) -m tests.browser.screenshots

translate: install          ## collect new texts into the catalogues
	@$(VENV)/bin/pybabel -q extract -F translations/babel.cfg -k lazy_gettext -k _l --omit-header --no-location -o translations/messages.pot .
	@$(VENV)/bin/pybabel -q update -i translations/messages.pot -d translations --omit-header --no-fuzzy-matching

$(VENV)/bin/python:
	@python3 -m venv $(VENV) 2>/dev/null || $(MAKE) --no-print-directory venv-package
	@test -x $(VENV)/bin/pip || { rm -rf $(VENV); $(MAKE) --no-print-directory venv-package; }

# Debian ships venv apart from Python; as root it can be fetched, otherwise say what is missing.
.PHONY: venv-package
venv-package:
	@rm -rf $(VENV)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get -qq update && apt-get -qq install -y python3-venv >/dev/null; \
	 else echo "Python's venv module is missing: install it (Debian: apt-get install python3-venv) and run make again."; exit 1; fi
	@python3 -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@$(VENV)/bin/pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(VENV)/.installed
	@$(VENV)/bin/pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch $@

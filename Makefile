# make install   a virtual environment with unknot in it
# make demo      the main job: 100,000 noisy circles, untangled, into ./demo
# make test      everything that must pass
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := install
.PHONY: install demo test lint clean

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "unknot needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

VIEWER := hatch_build.py $(wildcard viewer/*.json viewer/*.mjs) $(shell find viewer/src -type f)

$(VENV)/.installed: pyproject.toml $(VIEWER) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[topology,cluster]' --group dev
	touch $@

install: $(VENV)/.installed

demo: $(VENV)/.installed
	$(BIN)/unknot demo --out demo

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

test: lint
	$(BIN)/pytest -n auto --dist worksteal

clean:
	rm -rf demo build dist .pytest_cache .ruff_cache .hypothesis

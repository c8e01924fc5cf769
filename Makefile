# Everything installs itself into .venv: a fresh clone needs Python >= 3.11 (with venv) and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# The frameworks ask for other versions of NumPy and more, and so have a place of their own.
FRAMEWORKS       := .venv-frameworks
FRAMEWORKS_READY := $(FRAMEWORKS)/.ready
# Python for WebAssembly comes in a package of 98 MB, for the host's Python, and so does its runner.
WASM             := .venv-wasm
WASM_READY       := $(WASM)/.ready
KERAS            := KERAS_BACKEND=tensorflow KERAS_HOME=_build/keras TF_CPP_MIN_LOG_LEVEL=2
# Warnings and errors come on the other stream.
RENDER := $(BIN)/jupyter-book build _build/source --path-output . -W -n --keep-going --quiet > /dev/null

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_ROOT_USER_ACTION = ignore

.DEFAULT_GOAL := help
# The targets share _build: make -j2 book test does one after the other.
.NOTPARALLEL:
.PHONY: help book compare lite pdf latex epub zip dist test test-machines test-wasm fuzz lint format execute lab serve lock clean test-frameworks test-gpu benchmarks test-package

help:  ## list the targets
	@echo "make TARGET [PYTHON=python3.12], where TARGET is one of:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python is %d.%d; expected 3.11 or later: make PYTHON=..." % sys.version_info[:2])'
	@echo "Installing what the book and its tests need into $(VENV), which takes a few minutes"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --requirement requirements.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(FRAMEWORKS_READY): tests/frameworks/requirements.txt pyproject.toml
	$(PYTHON) -m venv $(FRAMEWORKS)
	$(FRAMEWORKS)/bin/python -m pip install --quiet --requirement $<
	$(FRAMEWORKS)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(WASM_READY): tests/machines/requirements.txt
	$(PYTHON) -m venv $(WASM)
	$(WASM)/bin/python -m pip install --quiet --requirement $<
	@touch $@

book: $(READY)  ## render the book to _build/html, executing what changed
	@$(BIN)/python -m scripts.notebooks stage
	@echo "Rendering the pages"
	@$(RENDER)
	@echo "The book is ready: open _build/html/index.html"

compare: $(READY)  ## render the book twice from nothing and compare every byte
	$(BIN)/python -m scripts.notebooks stage
	rm -rf _build/once _build/again
	$(subst --path-output .,--path-output _build/once,$(RENDER))
	$(subst --path-output .,--path-output _build/again,$(RENDER))
	diff -r _build/once/_build/html _build/again/_build/html
	@echo "Both builds are the same"

lite: $(READY)  ## render the book with JupyterLite in it, which runs chapters in the page
	@$(BIN)/python -m scripts.notebooks stage
	@echo "Rendering the pages"
	@BOOK_LITE=1 $(RENDER)
	@$(BIN)/python -m scripts.jupyterlite
	@echo "The book is ready: python3 -m http.server --directory _build/html 8000"

# What Sphinx keeps for the PDF is apart from what it keeps for the pages: with one for both, each
# build would take pages for up to date that the other has read.
pdf: latex $(READY)  ## typeset the book with LaTeX, in _build/pdf
	$(BIN)/python -m scripts.notebooks stage
	$(BIN)/jupyter-book build _build/source --path-output _build/paper --builder latex -W -n --keep-going --quiet
	$(BIN)/python -m scripts.typeset

latex:
	@$(PYTHON) -m scripts.typeset check

epub: $(READY)  ## make an EPUB for e-readers, in _build/epub
	$(BIN)/python -m scripts.notebooks stage
	$(BIN)/jupyter-book build _build/source --path-output _build/ebook --builder custom --custom-builder epub -W -n --keep-going --quiet > /dev/null
	$(BIN)/python -m scripts.pack_epub

zip: book  ## pack the pages into _build/zip, to read them elsewhere
	$(BIN)/python -m scripts.zip_site

dist: $(READY)  ## build the distributions of nnlib, in dist
	$(BIN)/hatchling build

# The pages as they were built last, with JupyterLite or without, are brought up to date before.
LITE := $(or $(wildcard _build/html/lite/jupyter-lite.json),$(filter lite,$(MAKECMDGOALS)))

test: $(if $(LITE),lite,book)  ## run all tests and re-execute every notebook, comparing all outputs
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n logical --maxprocesses 4 --dist loadscope \
		--timeout 600 --nbval --nbval-current-env --nbval-cell-timeout 300

test-machines: $(READY)  ## execute the notebooks as other processors would, and compare all outputs
	$(BIN)/python tests/machines/run.py

test-wasm: $(WASM_READY)  ## run the chapters under WebAssembly, and compare what they print
	$(WASM)/bin/python tests/machines/wasm.py

fuzz: $(READY)  ## try 2000 examples, not 50, of each property and each kind of damaged file
	HYPOTHESIS_PROFILE=long OPENBLAS_NUM_THREADS=1 timeout 1800 \
		$(BIN)/python -m pytest -q -n 2 tests/nnlib/test_hostile_files.py tests/nnlib/test_extremes.py

test-frameworks: $(FRAMEWORKS_READY)  ## compare nnlib with scikit-learn, PyTorch, Keras and JAX
	$(KERAS) $(FRAMEWORKS)/bin/python -m pytest -q tests/frameworks tests/benchmarks

test-gpu: $(READY)  ## compare nnlib on a GPU with nnlib here, where there is one and CuPy
	$(BIN)/python -m pytest -q -rs tests/gpu

benchmarks: $(READY) $(FRAMEWORKS_READY)  ## measure nnlib beside its peers, and redraw the figures
	$(FRAMEWORKS)/bin/python -m benchmarks.run
	$(BIN)/python -m scripts.pictures

test-package: $(READY)  ## test the wheel in clean environments, with the oldest and the newest NumPy
	$(BIN)/python -m scripts.check_package

lint: $(READY)  ## check format, style, types and workflows
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy examples/typed_usage.py
	$(BIN)/zizmor --offline --quiet .

format: $(READY)  ## format code and notebooks
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

execute: $(READY)  ## re-execute the notebooks and redraw the pictures, in place
	$(BIN)/python -m scripts.notebooks execute
	$(BIN)/python -m scripts.pictures

lab: $(READY)  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir notebooks

serve: book  ## build the book and serve it at http://localhost:8000
	$(BIN)/python -m http.server --bind localhost --directory _build/html 8000

lock: $(READY)  ## pin requirements.txt anew to the latest versions
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links --extra mnist --extra notebooks --extra distributed --group dev --output-file requirements.txt pyproject.toml

clean:  ## remove everything that was built and installed
	rm -rf _build $(VENV) $(FRAMEWORKS) $(WASM)

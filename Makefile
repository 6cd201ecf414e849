# `make help` lists the targets. What they may be told:
#   PYTHON  the Python to make the environment from; default: the first of 3.11, 3.12, 3.13 found
#   PORT    the port of `make serve`
#   NOTES   anything: print the speaker notes of the slides as well
#   TESTS   what `make test` hands to pytest, for instance TESTS="tests/test_locks.py -x"
VENV := .venv
BIN := $(VENV)/bin
PORT := 8000
NOTES :=
TESTS :=
LOCK_FLAGS :=

# One thread a process: more are no faster at the book's sizes, and tests run side by side.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export TF_CPP_MIN_LOG_LEVEL := 3

INSTALLED := $(VENV)/.installed-requirements
INSTALLED_DEV := $(VENV)/.installed-requirements-dev

# Everything that the built site depends on. Its stamp is named after the list itself, so that a
# file that goes away counts as a change too; with the decks, since chapters link those that exist.
SOURCES := _config.yml _toc.yml CITATION.cff $(shell find chapters lib _ext _html _static _templates -type f \
	! -path '*/.*' ! -path '*/__pycache__/*' ! -name '*~' 2>/dev/null | LC_ALL=C sort)
BOOK := _build/.book-$(shell echo $(SOURCES) $(wildcard slides/*.md) | cksum | cut -d' ' -f1)
SLIDE_SOURCES := $(shell find slides -type f ! -path '*/.*' ! -path '*/__pycache__/*' ! -name '*~' 2>/dev/null | LC_ALL=C sort)
SLIDES := _build/.slides-$(shell echo $(SLIDE_SOURCES) | cksum | cut -d' ' -f1)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help book slides slides-pdf test serve lab memory-span embedding learning-curve case-study language-model fine-tuning bench lint lock clean distclean

help: ## list the targets
	@echo "make book and make test need nothing made before. All targets:"
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/  make \1@\2/p' $(MAKEFILE_LIST) | awk -F@ '{ printf "%-24s%s\n", $$1, $$2 }'

book: $(BOOK) $(SLIDES) ## run the chapters and build the site in _build/html
	@echo "The book is in _build/html; make serve shows it."

slides: $(SLIDES) ## build the slides in _build/html/slides, and the book before them
	@echo "The slides are in _build/html/slides; make serve shows them behind each chapter's button."

slides-pdf: $(SLIDES) $(INSTALLED_DEV) ## print the slides to _build/slides-pdf (NOTES=1: with notes)
	@$(BIN)/python tools/print_slides.py _build/html _build/slides-pdf $(if $(NOTES),--notes)

test: lint $(SLIDES) ## check everything: lint, the built book, the library
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal $(TESTS)

serve: $(SLIDES) ## show the built site on http://127.0.0.1:8000 (PORT=...)
	@$(BIN)/python tools/serve.py _build/html $(PORT)

lab: $(INSTALLED) ## open the chapters as notebooks in JupyterLab
	@$(BIN)/jupyter-lab chapters

memory-span: $(INSTALLED) ## measure how long every cell remembers
	@$(BIN)/python -m lib.experiments.memory_span

embedding: $(INSTALLED_DEV) ## learn the word vectors that ship with the book
	@$(BIN)/python -m lib.experiments.embedding

learning-curve: $(INSTALLED) ## measure what pretrained words are worth, by number of labels
	@$(BIN)/python -m lib.experiments.learning_curve

case-study: $(INSTALLED) ## train the networks of the case study
	@$(BIN)/python -m lib.experiments.case_study

language-model: $(INSTALLED) ## pretrain the language model that ships with the book
	@$(BIN)/python -m lib.experiments.language_model

fine-tuning: $(INSTALLED) ## measure the good practice of transfer learning
	@$(BIN)/python -m lib.experiments.fine_tuning

bench: $(INSTALLED) ## time one update in lib, Keras and, if installed, PyTorch
	@$(BIN)/python -m benchmarks.bench_training

lint: $(INSTALLED_DEV) ## check the style of the Python files
	$(BIN)/ruff check

lock: $(INSTALLED_DEV) ## compile both locks (LOCK_FLAGS=--upgrade for newer versions)
	$(call compile,requirements)
	$(call compile,requirements-dev)

clean: ## remove what builds and tests leave behind
	rm -rf _build .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## remove the virtual environment as well
	rm -rf $(VENV) install.log *.egg-info

# One lock serves Python 3.11, 3.12 and 3.13 on every system, and names no package index.
compile = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(LOCK_FLAGS) $(1).in --output-file $(1).txt

$(INSTALLED): requirements.txt pyproject.toml tools/install.sh
	@tools/install.sh requirements.txt
	@touch $@

$(INSTALLED_DEV): requirements-dev.txt $(INSTALLED)
	@tools/install.sh requirements.txt requirements-dev.txt
	@touch $@

# --all, because a plain rebuild after a failed one reports success.
$(BOOK): $(SOURCES) $(INSTALLED)
	@rm -f _build/.book-*
	@$(BIN)/jupyter-book build . -W --keep-going -n --all || { \
		echo "make: the book did not build: the messages above, and _build/html/reports/ for cells, say where; mend it and run make book again." >&2; \
		exit 1; }
	@touch $@

# The slides take what they show from the book as it was built: no cell runs.
$(SLIDES): $(SLIDE_SOURCES) $(BOOK)
	@rm -f _build/.slides-*
	@$(BIN)/python -m sphinx -W --keep-going -n -q -E -b revealjs -d _build/.doctrees-slides slides _build/html/slides || { \
		echo "make: the slides did not build: the messages above say where; mend it and run make slides again." >&2; \
		exit 1; }
	@touch $@

# The front door. `make help` lists the targets; what each does is in tools/, which also works
# without make: `python -m tools book`. What they may be told:
#   PYTHON  the Python to make the environment from; default: the first of 3.11, 3.12, 3.13 found
#   JOBS    how many chapters run at once; default: one a processor
#   PORT    the port of `make serve` and `make watch`
#   NOTES   anything: print the speaker notes of the slides as well
#   CHAPTERS, OFFSETS  what `make fresh-seeds` runs, and how many times; default: all, 5
#   EXPERIMENT, MINUTES  what `make repeat` does again, and for how long; default: all of them, all
#   LIVE_FROM  a folder with a release of Pyodide, or its address: the cells of the pages then run
#           in them; `make live` fetches the release where this names none
#   STUDENT 1: build the edition for students, without solutions and ladders
#   TESTS   what `make test` hands to pytest, for instance TESTS="tests/test_locks.py -x"
#   MUTANTS what `make mutants` is told, for instance MUTANTS="--number 40 --only mutants"
#   INSTALLER  pip: install with pip where uv would be faster
# and LOCK_FLAGS, what `make lock` hands to uv.
export PYTHON JOBS PORT NOTES LIVE_FROM STUDENT TESTS MUTANTS CHAPTERS OFFSETS EXPERIMENT
export MINUTES INSTALLER LOCK_FLAGS

TARGETS := book live pyodide slides slides-pdf test serve watch reproduce fresh-seeds repeat \
	measures links lab memory-span embedding learning-curve \
	case-study language-model fine-tuning bench mutants faults lint lock clean distclean

.DEFAULT_GOAL := help
.PHONY: help $(TARGETS)

help: ## list the targets
	@echo "make book and make test need nothing made before. All targets:"
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/  make \1@\2/p' $(MAKEFILE_LIST) | awk -F@ '{ printf "%-24s%s\n", $$1, $$2 }'

book: ## run the chapters and build the site in _build/html
live: ## build it with cells that run in the page (LIVE_FROM=...)
pyodide: ## fetch Python for the browser to _build/pyodide
slides: ## build the slides in _build/html/slides, and the book before them
slides-pdf: ## print the slides to _build/slides-pdf (NOTES=1: with notes)
test: ## check everything: lint, the built book, the library
serve: ## show the built site on http://127.0.0.1:8000 (PORT=...)
watch: ## show it too, and build it again whenever a source is saved
reproduce: ## build twice from nothing and compare all outputs
fresh-seeds: ## measure every claim on seeds that nobody has seen
repeat: ## do the runs of committed results again and compare (EXPERIMENT=...)
measures: ## write the page of the time and memory that each chapter took
links: ## follow every link that leads out of the book
lab: ## open the chapters as notebooks in JupyterLab
memory-span: ## measure how long every cell remembers
embedding: ## learn the word vectors that ship with the book
learning-curve: ## measure what pretrained words are worth, by number of labels
case-study: ## train the networks of the case study
language-model: ## pretrain the language model that ships with the book
fine-tuning: ## measure the good practice of transfer learning
bench: ## time one update in lib, Keras and, if installed, PyTorch
mutants: ## break the core in many places, and count what tests and chapters notice
faults: ## the same with the faults chosen by hand alone
lint: ## check style, format and type hints of the Python files
lock: ## compile both locks (LOCK_FLAGS=--upgrade for newer versions)
clean: ## remove what builds and tests leave behind
distclean: ## remove the virtual environment as well

# Any Python that starts will do here; tools/ finds the right one. That of the environment comes
# first, because it starts fastest.
$(TARGETS):
	@for python in .venv/bin/python "$${PYTHON:-python3.11}" python3.12 python3.13 python3 python; do \
		if "$$python" -c "" 2>/dev/null; then exec "$$python" -S -m tools $@; fi; \
	done; \
	echo "make: the book needs Python 3.11, 3.12 or 3.13, and $${PYTHON:-python3} was not found or does not start; install one of them, or name it: make PYTHON=/path/to/python3.12." >&2; \
	exit 1

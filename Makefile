# make          install the locked dependencies, run the main job
# make study-imagenet   one study of another benchmark by itself, into results/studies/imagenet/
# make multiverse   every combination of choices, then the report with it
# make coverage     whether intervals hold on simulated data, and profiles; then the report
# make bayes    the Bayesian fit (Stan: CmdStan where there is one, else pystan); then the report
# make calibration  whether it is calibrated, on simulated data; then the report
# make cmdstan  install CmdStan into .cmdstan/ (needs a network, make and a C++ compiler)
# make full     everything
# make ship     pack the tables of these targets into data/shipped, which a fresh `make` shows
# make restamp  after an edit of code: compute some of their numbers again, and if they are the same
#               let the packed tables be used again; BEFORE=FOLDER compares them with those of a
#               checkout with the old code, where another processor draws other numbers (Stan)
# make refresh  download again the sources that are read from an address
# make figures  the figures and the report again, from the tables as they are; nothing is fitted
# make docs     write again what is drawn and listed from the code, and the figure of the answer
#               (run `make` before), in docs/
# make test     all tests            PYTEST_ARGS="-m 'not slow'"
# make lint     ruff, mypy, import-linter, snakefmt, snakemake --lint
# make lock     renew requirements.lock and requirements-stan.lock from pyproject.toml
# make RUN=mine any of these for runs/mine.yaml laid over config.yaml, apart in runs/mine
# make VERBOSE=1  any of these with all that Snakemake says of single jobs
# make clean    remove everything built except .venv

PYTHON ?= python3
CORES ?= all
SNAKEMAKE_ARGS ?=
PYTEST_ARGS ?=
RUN ?=
BEFORE ?=
SHIP ?= multiverse coverage bayes bayes_capability calibration

# Nothing of the person's shell steers Python, pip or matplotlib here.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONOPTIMIZE PIP_USER PIP_TARGET PIP_PREFIX
export MPLBACKEND := Agg
export PYTHONNOUSERSITE := 1
# Snakemake and matplotlib keep caches at home; where there is none that can be written to, here.
ifeq ($(shell [ -n "$$HOME" ] && [ -w "$$HOME" ] && echo yes),)
export HOME := $(shell mkdir -p .home && cd .home && pwd)
endif

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
STAN := $(VENV)/.stan
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES)
# A run of its own has its configuration in runs/NAME.yaml and all that it makes in runs/NAME.
ifneq ($(RUN),)
ifeq ($(wildcard runs/$(RUN).yaml),)
$(error runs/$(RUN).yaml: no such file; write there what the run has other than config.yaml)
endif
SNAKEMAKE += --directory runs/$(RUN)
endif

.DEFAULT_GOAL := all
.PHONY: all samples refresh multiverse coverage bayes calibration cmdstan full figures docs test
.PHONY: ship restamp lint format schema lock clean place

# Two runs of Snakemake, because it compares its inputs by content only between runs: after the
# first, a sample that came out the same byte for byte makes nothing of the second run again.
all: samples
	$(SNAKEMAKE) $(SNAKEMAKE_ARGS)

samples: $(STAMP)
	$(if $(filter samples,$(MAKECMDGOALS)),,ALGOPROG_WARNINGS=later) $(SNAKEMAKE) \
		$(SNAKEMAKE_ARGS) -- samples

study-%: $(STAMP)
	$(SNAKEMAKE) $(SNAKEMAKE_ARGS) -- results/studies/$*/answer.txt
	@cat $(if $(RUN),runs/$(RUN)/)results/studies/$*/answer.txt

# The only thing that downloads what was downloaded before. A source that fails stops no other.
refresh: $(STAMP)
	$(SNAKEMAKE) --snakefile workflow/refresh.smk --forceall --keep-going $(SNAKEMAKE_ARGS)

# Nothing else needs Stan, and it does not install everywhere: docs/install.md.
bayes calibration full test: $(STAN)

multiverse coverage bayes calibration: samples
	$(SNAKEMAKE) $(SNAKEMAKE_ARGS) -- $@
	$(SNAKEMAKE) $(SNAKEMAKE_ARGS)

# Only of the configuration as it comes. SHIP=multiverse packs that target alone.
ifneq ($(RUN),)
ship restamp:
	@echo "only results of the configuration as it comes are shipped: leave RUN=$(RUN) out" >&2; exit 1
else
ship: samples $(if $(filter bayes% calibration,$(SHIP)),$(STAN))
	$(SNAKEMAKE) $(SNAKEMAKE_ARGS) -- $(sort $(SHIP:bayes_capability=bayes))
	$(BIN)/python -m algoprog.shipping pack $(SHIP)

restamp: samples $(if $(wildcard data/shipped/bayes* data/shipped/calibration),$(STAN))
	proofs=$$($(BIN)/python -m algoprog.shipping proofs) && [ -n "$$proofs" ] && \
		$(SNAKEMAKE) $(SNAKEMAKE_ARGS) -- $$proofs
	$(BIN)/python -m algoprog.shipping restamp $(if $(BEFORE),--before $(BEFORE))
endif

full: samples
	$(SNAKEMAKE) $(SNAKEMAKE_ARGS) --keep-going -- multiverse coverage bayes calibration
	$(SNAKEMAKE) $(SNAKEMAKE_ARGS)

figures: $(STAMP)
	$(SNAKEMAKE) $(SNAKEMAKE_ARGS) --allowed-rules figures report --forcerun figures report \
		-- results/figures results/report.html

docs: $(STAMP)
	$(BIN)/python -m algoprog.catalogue > docs/read-the-tables.md
	$(BIN)/python -m algoprog.config.reference > docs/configuration.md
	$(BIN)/python docs/dataflow.py docs/dataflow.svg
	cp results/figures/answer-steps.svg docs/answer.svg

cmdstan: $(STAMP)
	$(BIN)/python -m algoprog.bayes.cmdstan .cmdstan

test:
	$(BIN)/python -m pytest -n 3 --dist loadgroup --no-loadscope-reorder $(PYTEST_ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/snakefmt --check --compact-diff workflow rules
	$(BIN)/python .ci/lint_workflow.py

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt workflow rules

schema: $(STAMP)
	$(BIN)/python -m algoprog.config.document > config.schema.json

# A shell that Snakemake starts would read these signs of a path, so nothing is installed there.
place:
	@case "$$(pwd)" in *[[:space:]\'\"\&\(\)\$$\\\;\<\>\|\*\?\#\`\!\{\}]*|*\[*|*\]*) \
		printf '%s\n' "$$(pwd): a path with blanks, quotes or signs that a shell reads;" \
			"move the project to a folder without them. Nothing was installed." >&2; exit 1;; esac

$(STAMP): requirements.lock pyproject.toml | place
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "algoprog needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(STAN): $(STAMP) requirements-stan.lock
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-stan.lock
	@touch $@

lock: $(STAMP)
	$(BIN)/python .ci/lock.py --upgrade

clean:
	rm -rf results data/processed logs .snakemake runs/*/ .mypy_cache .ruff_cache .pytest_cache

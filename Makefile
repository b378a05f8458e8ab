# Needs only Python 3.11 or newer, make and the package registries. `make` alone prints what there is.

PYTHON ?= python3
ARGS ?=
WORKERS ?= auto
EVALUATIONS ?= 100000

VENV := .venv
DEMO_VENV := .venv-demo
LOCK_VENV := .cache/lock-venv
SDK_VENV := .venv-sdk
BIN := $(VENV)/bin
CODE := truto_unify tests benchmarks
SDK_PYTHONS = $(PYTHON) python3.13 python3.12 python3.14 $(wildcard $(HOME)/.pyenv/versions/*/bin/python)
SHOPIFY_SCHEMA := .cache/shopify-dev-mcp
STEPS := lint types imports pytest
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test $(STEPS) mypy pyright coverage fuzz fuzz-parsers lists faults mutate format signatures \
	bench bench-quick load soak audit drawings \
	shopify-schema evidence guesses lock build clean

help:  ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PYTHON=python3.12 picks the interpreter (after make clean); ARGS='...' is passed on to demo and pytest."

demo: $(DEMO_VENV)/.installed  ## Show customers, orders and products of every pretend store; no keys needed
	@$(DEMO_VENV)/bin/truto-unify demo $(ARGS)

test: $(VENV)/.installed $(SDK_VENV)/.installed  ## Run lint, types, import contracts and tests; say at the end what failed
	@failed=""; \
	for step in $(STEPS); do \
		echo "== $$step"; \
		$(MAKE) --no-print-directory $$step || failed="$$failed $$step"; \
	done; \
	if [ -n "$$failed" ]; then echo "FAILED:$$failed"; exit 1; fi; \
	echo "All of these passed: $(STEPS)"

lint: $(VENV)/.installed  ## Check style, spelling and YAML
	@failed=0; \
	$(BIN)/ruff check $(CODE) || failed=1; \
	$(BIN)/ruff format --check $(CODE) || failed=1; \
	$(BIN)/codespell *.md .ci $(CODE) $(wildcard docs providers mappings) || failed=1; \
	$(BIN)/yamllint --strict $(wildcard providers mappings) .yamllint.yaml || failed=1; \
	exit $$failed

types: $(VENV)/.installed  ## Check types with mypy, strictly, and with pyright, side by side
	@$(MAKE) --no-print-directory --keep-going --jobs=2 mypy pyright

mypy: $(VENV)/.installed
	@$(BIN)/mypy

pyright: $(VENV)/.installed
	@$(BIN)/basedpyright --pythonpath $(BIN)/python

imports: $(VENV)/.installed  ## Check that imports run one way
	@$(BIN)/lint-imports --no-logo --cache-dir .cache/import_linter

# Where a machine forbids compiled modules, each of the many processes would compile the package and the tests again.
pytest coverage: export PYTHONDONTWRITEBYTECODE :=

pytest: $(VENV)/.installed  ## Run the tests alone: make pytest ARGS='-k cursor -x'
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

fuzz: $(VENV)/.installed  ## Compare the compiler with the JMESPath oracle: make fuzz EVALUATIONS=1000000
	@$(BIN)/python -m tests.compiler.fuzz.run --evaluations $(EVALUATIONS) $(ARGS)

fuzz-parsers: $(VENV)/.installed  ## Try every parser of foreign text: make fuzz-parsers ARGS='--seconds 300'
	@$(BIN)/python -m tests.fuzz $(ARGS)

lists: $(VENV)/.installed  ## Read lists from stores with every fault, through every door (writes docs/list-faults.md)
	@$(BIN)/python -m tests.lists $(ARGS)

faults: $(VENV)/.installed  ## Call stores with every fault, at every door, and 10,000 customers (writes docs/faults.md)
	@$(BIN)/python -m tests.faults $(ARGS)

coverage: $(VENV)/.installed  ## Run the tests and list the lines and branches they miss
	@$(BIN)/python -m pytest --cov --cov-report=term $(ARGS)

format: $(VENV)/.installed  ## Rewrite the code in the house style
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

signatures: $(VENV)/.installed  ## Write the types of public calls and the tables of docs/library.md again
	@$(BIN)/python -m tests.signatures

mutate: $(VENV)/.installed  ## Break each line of each mapping in every way; some test must notice (writes docs/mutation.md)
	@$(BIN)/python -m tests.mutation $(ARGS)

bench: $(VENV)/.installed  ## Measure speed against its goals; ARGS=--write-docs puts the result into docs/performance.md
	@$(BIN)/python -m benchmarks $(ARGS)

bench-quick: $(VENV)/.installed  ## The same in a minute, as a hint: make bench-quick ARGS='--only records'
	@$(BIN)/python -m benchmarks --quick $(ARGS)

load: $(VENV)/.installed  ## Measure fairness, neighbours and hostile answers; ARGS=--write-docs puts the results into docs/load.md
	@$(BIN)/python -m benchmarks.load --only fairness --only neighbours --only answers $(ARGS)

soak: $(VENV)/.installed  ## Use the service for minutes, with a kill -9 in the middle: make soak ARGS='--minutes 30'
	@$(BIN)/python -m benchmarks.load --only soak $(ARGS)

audit: $(LOCK_VENV)/.installed  ## Look up known vulnerabilities of the locked dependencies; needs a vulnerability service
	@$(LOCK_VENV)/bin/python -m pip install --quiet pip-audit
	@$(LOCK_VENV)/bin/pip-audit --require-hashes --disable-pip -r requirements/dev.txt $(ARGS)

drawings:  ## Draw the pictures of docs/ from their text sources; needs graphviz (Debian: apt-get install graphviz)
	dot -Tsvg docs/architecture.dot -o docs/architecture.svg

shopify-schema:  ## Fetch the Shopify Admin schema that a test validates our queries against
	mkdir -p $(SHOPIFY_SCHEMA)
	npm pack --silent --pack-destination $(SHOPIFY_SCHEMA) @shopify/dev-mcp@1.16.0
	tar -xzf $(SHOPIFY_SCHEMA)/shopify-dev-mcp-1.16.0.tgz -C $(SHOPIFY_SCHEMA) package/dist/data/admin_2026-07.json.gz
	rm $(SHOPIFY_SCHEMA)/shopify-dev-mcp-1.16.0.tgz

evidence: $(VENV)/.installed  ## Compute the support matrix again, from the recordings, examples and pretend stores
	@$(BIN)/python -m tests.evidence $(ARGS)

guesses: $(VENV)/.installed  ## Count the fields that scaffold finds in the samples of known stores (writes docs/scaffold.md)
	@$(BIN)/python -m tests.guesses $(ARGS)

build: $(VENV)/.installed  ## Build the wheel and the source archive into dist/
	@$(BIN)/python -m build --no-isolation

lock: $(LOCK_VENV)/.installed  ## Lock the dependencies again; UPGRADE=1 also takes newer releases
	@for name in demo dev sdk; do \
		python=3.11; \
		case $$name in \
			demo) what="--extra cli --group build pyproject.toml" ;; \
			dev) what="--all-extras --group dev pyproject.toml" ;; \
			sdk) what="requirements/sdk.in"; python=3.12 ;; \
		esac; \
		$(LOCK_VENV)/bin/uv --no-config pip compile --quiet --universal --python-version $$python --generate-hashes --no-strip-extras \
			--no-header --no-annotate $(if $(UPGRADE),--upgrade) $$what \
			--output-file requirements/$$name.txt >/dev/null || exit 1; \
		{ echo "# Made by 'make lock'; edit $${what##* } instead."; grep -v '^ *#' requirements/$$name.txt; } \
			> .cache/$$name.txt && mv .cache/$$name.txt requirements/$$name.txt; \
		if grep -nE '://|^ *-[^-]|find-links|index-url|(^|[ @])/' requirements/$$name.txt; then \
			echo "requirements/$$name.txt names an address or a path"; exit 1; \
		fi; \
	done

clean:  ## Remove everything that these commands made
	rm -rf $(VENV) $(DEMO_VENV) $(SDK_VENV) .cache build dist .coverage .hypothesis .ruff_cache truto_unify/_data
	find truto_unify tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# One virtual environment each, from the lock; the stamp makes a second run fast. The hashes are checked in the first
# step; the second adds the project itself, and builds it with what the first installed.
$(VENV)/.installed: requirements/dev.txt pyproject.toml
	$(call make_venv,$(VENV))
	$(call install,$(VENV),requirements/dev.txt)

$(DEMO_VENV)/.installed: requirements/demo.txt pyproject.toml
	$(call make_venv,$(DEMO_VENV))
	$(call install,$(DEMO_VENV),requirements/demo.txt)

# Another vendor's SDK calls the service in a test. It needs Python 3.12; without one the test is skipped, aloud.
$(SDK_VENV)/.installed: requirements/sdk.txt
	@for python in $(SDK_PYTHONS); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || continue; \
		echo "Installing requirements/sdk.txt into $(SDK_VENV) ..."; \
		"$$python" -m venv $(SDK_VENV) && echo '*' > $(SDK_VENV)/.gitignore && \
		$(SDK_VENV)/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements/sdk.txt && \
		touch $@; exit; \
	done; \
	echo "No Python 3.12 or newer was found: the test with the SDK will be skipped"

$(LOCK_VENV)/.installed:
	$(call make_venv,$(LOCK_VENV))
	@$(LOCK_VENV)/bin/python -m pip install --quiet uv
	@touch $@

define make_venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(1) \
		|| { echo "No virtual environment could be made; on Debian: apt-get install python3-venv"; exit 1; }
	@echo '*' > $(1)/.gitignore
endef

define install
	@echo "Installing $(2) into $(1) ..."
	@$(1)/bin/python -m pip install --quiet --require-hashes -r $(2)
	@$(1)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
endef

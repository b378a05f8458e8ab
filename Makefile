# Needs only Python 3.11 or newer, make and the package registries. `make` alone prints what there is.

PYTHON ?= python3
ARGS ?=
WORKERS ?= auto

VENV := .venv
DEMO_VENV := .venv-demo
LOCK_VENV := .cache/lock-venv
BIN := $(VENV)/bin
CODE := truto_unify tests
SHOPIFY_SCHEMA := .cache/shopify-dev-mcp
STEPS := lint types imports pytest
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test $(STEPS) coverage format shopify-schema evidence lock build clean

help:  ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PYTHON=python3.12 picks the interpreter (after make clean); ARGS='...' is passed on to demo and pytest."

demo: $(DEMO_VENV)/.installed  ## Show customers of every pretend store in one list; no keys needed
	@$(DEMO_VENV)/bin/truto-unify demo $(ARGS)

test: $(VENV)/.installed  ## Run lint, types, import contracts and tests; say at the end what failed
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

types: $(VENV)/.installed  ## Check types with mypy, strictly
	@$(BIN)/mypy

imports: $(VENV)/.installed  ## Check that imports run one way
	@$(BIN)/lint-imports --no-logo --cache-dir .cache/import_linter

pytest: $(VENV)/.installed  ## Run the tests alone: make pytest ARGS='-k cursor -x'
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

coverage: $(VENV)/.installed  ## Run the tests and list the lines and branches they miss
	@$(BIN)/python -m pytest --cov --cov-report=term $(ARGS)

format: $(VENV)/.installed  ## Rewrite the code in the house style
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

shopify-schema:  ## Fetch the Shopify Admin schema that a test validates our queries against
	mkdir -p $(SHOPIFY_SCHEMA)
	npm pack --silent --pack-destination $(SHOPIFY_SCHEMA) @shopify/dev-mcp@1.16.0
	tar -xzf $(SHOPIFY_SCHEMA)/shopify-dev-mcp-1.16.0.tgz -C $(SHOPIFY_SCHEMA) package/dist/data/admin_2026-07.json.gz
	rm $(SHOPIFY_SCHEMA)/shopify-dev-mcp-1.16.0.tgz

evidence: $(VENV)/.installed  ## Compute the support matrix again, from the recordings, examples and pretend stores
	@$(BIN)/python -m tests.evidence

build: $(VENV)/.installed  ## Build the wheel and the source archive into dist/
	@$(BIN)/python -m build --no-isolation

lock: $(LOCK_VENV)/.installed  ## Lock the dependencies again; UPGRADE=1 also takes newer releases
	@for name in demo dev; do \
		case $$name in \
			demo) what="--extra cli --group build" ;; \
			dev) what="--all-extras --group dev" ;; \
		esac; \
		$(LOCK_VENV)/bin/uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-header --no-annotate $(if $(UPGRADE),--upgrade) $$what pyproject.toml \
			--output-file requirements/$$name.txt >/dev/null || exit 1; \
		{ echo "# Made by 'make lock'; edit pyproject.toml instead."; grep -v '^ *#' requirements/$$name.txt; } \
			> .cache/$$name.txt && mv .cache/$$name.txt requirements/$$name.txt; \
		if grep -nE '://|^ *-[^-]|find-links|index-url|(^|[ @])/' requirements/$$name.txt; then \
			echo "requirements/$$name.txt names an address or a path"; exit 1; \
		fi; \
	done

clean:  ## Remove everything that these commands made
	rm -rf $(VENV) $(DEMO_VENV) .cache build dist .coverage .hypothesis .ruff_cache truto_unify/_data
	find truto_unify tests -name __pycache__ -type d -prune -exec rm -rf {} +

# One virtual environment each, from the lock; the stamp makes a second run fast. The hashes are checked in the first
# step; the second adds the project itself, and builds it with what the first installed.
$(VENV)/.installed: requirements/dev.txt pyproject.toml
	$(call make_venv,$(VENV))
	$(call install,$(VENV),requirements/dev.txt)

$(DEMO_VENV)/.installed: requirements/demo.txt pyproject.toml
	$(call make_venv,$(DEMO_VENV))
	$(call install,$(DEMO_VENV),requirements/demo.txt)

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

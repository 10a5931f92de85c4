# The commands of Okami. `make run` starts everything, `make test` checks everything.
PYTHON ?= python3
VENV_PYTHON = .venv/bin/python

.PHONY: help setup run test test-long accept bench lock messages format

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

setup: ## Make .venv and install what Okami needs to run
	@$(PYTHON) scripts/setup.py

run: ## Start web and worker on this machine, with demo data the first time
	@$(PYTHON) scripts/setup.py && exec $(VENV_PYTHON) scripts/run.py

test: ## Lint, types, layers, translations, both databases, a real worker, a real browser
	@$(PYTHON) scripts/setup.py --with-tests && exec $(VENV_PYTHON) scripts/run_tests.py

test-long: ## The tests that are too slow for every change
	@$(PYTHON) scripts/setup.py --with-tests && exec $(VENV_PYTHON) scripts/run_tests.py --long

accept: ## Check against the public data sets: make accept DATA=folder
	@test -n "$(DATA)" || { echo "Name the folder of the data sets: make accept DATA=folder"; exit 2; }
	@$(PYTHON) scripts/setup.py --with-tests && exec $(VENV_PYTHON) scripts/accept_everywhere.py "$(DATA)"

bench: ## Rates of import, pull and ranking beside the limits of this machine
	@$(PYTHON) scripts/setup.py --with-tests && exec $(VENV_PYTHON) scripts/servers.py run -- $(VENV_PYTHON) -m bench

messages: ## Collect the texts of the screens into locale/ja
	@$(PYTHON) scripts/setup.py --with-tests && exec $(VENV_PYTHON) scripts/translations.py collect

format: ## Put the code into the house's form
	@$(PYTHON) scripts/setup.py --with-tests
	@$(VENV_PYTHON) -m ruff check --fix . && $(VENV_PYTHON) -m ruff format .

lock: ## Renew requirements/*.txt from requirements/*.in (needs uv; UPGRADE=--upgrade takes newer releases)
	@$(PYTHON) scripts/lock.py $(UPGRADE)

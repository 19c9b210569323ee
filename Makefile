# dstui: `make run` starts it, `make test` proves it, `make help` lists the rest.

BIN := .venv/bin
WITH_ENGINE := $(BIN)/python scripts/private_engine.py
TRACELESS := $(BIN)/python scripts/traceless.py
# tests mostly wait, so one process more than there are cores; an engine that was named is for one
JOBS ?= $(if $(DSTUI_TEST_HOST),1,$(shell n=$$(nproc); echo $$((n < 7 ? n + 1 : 8))))

.PHONY: help run test test-engines bench screenshots format clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

run: .venv/.installed ## install dstui into .venv and start it; without an engine, its demo
	@$(BIN)/dstui --demo-if-unreachable

test: .venv/.installed-test ## check and test everything, beside a Docker Engine of its own
	@scripts/install_test_tools.sh
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy dstui scripts
	$(BIN)/lint-imports
	$(TRACELESS) $(WITH_ENGINE) -n $(JOBS) $(BIN)/pytest -n $(JOBS) --dist worksteal --durations 20

test-engines: .venv/.installed-test ## run the engine tests on ENGINES=all, some by name, or DSTUI_TEST_HOST
	@scripts/install_test_tools.sh
	$(BIN)/python scripts/test_engines.py $(ENGINES)

bench: .venv/.installed-test ## measure dstui beside its peers
	$(WITH_ENGINE) $(BIN)/python -m bench

screenshots: .venv/.installed-test ## make the pictures of the README from the demo
	$(BIN)/python scripts/screenshots.py

format: .venv/.installed-test ## put the code into the house's form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## remove what was built, .venv too
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: pyproject.toml
	@scripts/make_venv.sh .
	@touch $@

.venv/.installed-test: pyproject.toml
	@scripts/make_venv.sh '.[test]'
	@touch $@ .venv/.installed

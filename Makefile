# The commands of the README. PYTHON picks the interpreter: make demo PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# A PYTHON that is named and is of another version than the one in .venv: .venv is made anew with it.
VERSION := -c 'import sys; print(sys.version.split()[0])'
ifneq ($(origin PYTHON),file)
ifneq ($(wildcard .venv/python),)
OLD := $(shell $(BIN)/python $(VERSION) 2>&1)
NEW := $(shell $(PYTHON) $(VERSION) 2>&1)
ifneq ($(OLD),$(NEW))
CLEAR := --clear
.PHONY: .venv/python
endif
endif
endif

.PHONY: demo test test-slow lint samples clean

demo: .venv/reading
	@$(BIN)/digits scan samples/sheet.jpg --annotated out
	@$(BIN)/digits video samples/clip.mp4 --out out/clip.mp4
	@echo
	@echo "The annotated picture is out/sheet.jpg, the annotated video is out/clip.mp4."

test: .venv/everything lint
	$(BIN)/python -m pytest -m "not slow"

# What takes longer: real training, a real wheel, a real window, a real browser.
test-slow: .venv/everything
	$(BIN)/python -m pytest -m slow

lint: .venv/everything
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

samples: .venv/everything
	$(BIN)/python -m training samples

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "This needs Python 3.10 to 3.13; name one: make demo PYTHON=python3.12" >&2; exit 2; }
	@$(if $(CLEAR),echo ".venv has Python $(OLD); making it anew with $(NEW) ...")
	$(PYTHON) -m venv $(CLEAR) .venv
	@touch $@

.venv/reading: .venv/python pyproject.toml
	@echo "Installing what reading needs into .venv ..."
	@$(PIP) --editable .
	@touch $@

.venv/everything: .venv/python pyproject.toml requirements.txt
	@echo "Installing everything, TensorFlow included, into .venv ..."
	@$(PIP) --requirement requirements.txt --editable ".[train,heic,dev]"
	@touch $@ .venv/reading

clean:
	rm -rf .venv out build dist *.egg-info

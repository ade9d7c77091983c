# The only entry anyone types. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:

PYTHON  ?= python3.11
VENV    := .venv
BIN     := $(VENV)/bin
SITE    ?= report-room
SCRIPT  ?= lost-wallet
OUT     ?= build/visit/$(SCRIPT)
DIR     ?= var/centre
SCALE   ?= full
SEED    ?= 20261121
SUDO    := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# Tests and pictures of the guides never look for a display. A visit uses the one there is.
OFFSCREEN := QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software

help: ## this list
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

# --- set-up ---------------------------------------------------------------------------------------------------------
# A stamp remembers what was installed, so that a second run asks neither Debian nor the package index anything.

define install_debian
	@missing=$$(for p in $$(sed 's/#.*//' $(1)); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then echo "installing Debian packages:" $$missing; \
	  $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; fi
endef

build/debian-run.stamp: packages.apt
	$(call install_debian,packages.apt)
	@mkdir -p build && touch $@

build/debian-test.stamp: packages-test.apt
	$(call install_debian,packages-test.apt)
	@mkdir -p build && touch $@

$(BIN)/python: | build/debian-run.stamp
	$(PYTHON) -m venv $(VENV)

build/python-run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@mkdir -p build && touch $@

build/python-dev.stamp: requirements-dev.lock pyproject.toml build/python-run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Chinese input: librime compiles its dictionaries once (about 15 s); later starts only read them.
build/rime.stamp: build/python-run.stamp $(wildcard ui/input/schemas/*)
	$(BIN)/python -m ui.input.deploy build/rime
	@touch $@

setup: build/debian-run.stamp build/python-run.stamp build/rime.stamp ## install all that running needs
setup-dev: setup build/debian-test.stamp build/python-dev.stamp

# --- run ------------------------------------------------------------------------------------------------------------
run: setup ## centre, courier, devices (simulated) and the kiosk in a window; SITE=report-room|mtr|border
	@$(BIN)/kiosk run --site $(SITE)

centre: setup ## the centre alone, in DIR=var/centre (made when it is not there); says where it listens
	@[ -e $(DIR)/centre.json ] || $(BIN)/report-centre init $(DIR)
	@exec $(BIN)/report-centre serve $(DIR)

visit: setup ## play a visitor through the real screens; SCRIPT=lost-wallet OUT=folder
	@$(BIN)/kiosk visit $(SCRIPT) --out $(OUT)

services: setup ## play every service, shortest, typical and longest, in three languages (about an hour); writes docs/services.json
	$(OFFSCREEN) chrt -i 0 $(BIN)/kiosk tour --record docs/services.json

# --- prove ----------------------------------------------------------------------------------------------------------
# Four workers for two cores: two of them keep whole kiosks, which mostly wait (tests/conftest.py).
test: setup-dev ## all tests, offscreen
	$(OFFSCREEN) $(BIN)/python -m pytest -q -n 4 --dist loadscope --no-loadscope-reorder

PROVE = $(OFFSCREEN) KIOSK_PROVE_SCALE=$(SCALE) KIOSK_PROVE_SEED=$(SEED) $(BIN)/python -m pytest -q -n 2 \
	--dist loadscope --timeout 0

prove-post: setup-dev ## campaigns against the post office; SCALE=full, short, or a factor of full such as 0.1; SEED=number
	$(PROVE) $(addprefix tests/prove/,clock keys kill outage proxy simulation stolen storage)

prove-devices: setup-dev ## campaigns against devices: paper, scans, pictures, zones, the fault matrix; SCALE and SEED as above
	$(PROVE) $(addprefix tests/prove/,paper pictures scanner zones) tests/faults

prove-services: setup-dev ## random visits to every service, 1,000,000 events; SCALE and SEED as above
	$(PROVE) -s tests/prove/services tests/services

lint: setup-dev ## ruff, mypy strict, qmllint, import directions, licences
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.lint_qml

docs: setup-dev ## make the generated pages, diagrams and pictures again
	$(OFFSCREEN) $(BIN)/python docs/make.py
	$(OFFSCREEN) $(BIN)/python docs/pictures.py

bench: setup-dev ## measurements, as ratios in one run
	$(OFFSCREEN) $(BIN)/python -m benchmarks

bench-centre: setup-dev ## the centre on PostgreSQL at 10 thousand, 1 million and 10 million cases (some 15 GB, half an hour)
	$(BIN)/python -m benchmarks --only centre_on_postgresql --rows 10000 --rows 1000000 --rows 10000000

lock: ## resolve the Python packages anew (needs the index)
	$(BIN)/uv pip compile -q --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements-kiosk.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-header --python-version 3.11 --extra centre pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-header --python-version 3.11 --extra centre --extra dev pyproject.toml -o requirements-dev.lock

clean: ## remove everything that was made
	rm -rf build var .venv

.PHONY: help setup setup-dev run centre visit services test prove-post prove-services lint docs bench bench-centre lock clean

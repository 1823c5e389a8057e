# The few commands a person needs; `make` alone lists them. Each step is a script in tools/, and whatever a fresh
# machine lacks is installed into .tools/ (git ignores it) once, and again only when a version below changes.
CARGO_DENY := 0.20.2
CARGO_FUZZ := 0.13.2
NATS_PY := 2.16.0
KUBERNETES_VALIDATE := 1.34.1
PYTHON := .tools/python/nats-py-$(NATS_PY)-kubernetes-validate-$(KUBERNETES_VALIDATE)

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

# The pinned toolchain, or the name under which this machine already has that version.
ifneq ($(filter-out help clean frontend,$(MAKECMDGOALS)),)
export RUSTUP_TOOLCHAIN := $(shell tools/toolchain)
$(if $(RUSTUP_TOOLCHAIN),,$(error Rust is missing; the lines above say what to do))
endif

# Always built together: alone, cli has other features of shared dependencies, and all of them would be built again.
export PROGRAMS := -p cli -p rating-service

# Programs installed here come before the machine's own.
export PATH := $(CURDIR)/.tools/bin:$(PATH)

# A fresh clone is built once; what only speeds up the second build is a cost there.
ifeq ($(CI),true)
export CARGO_INCREMENTAL := 0
endif

.PHONY: help dev build frontend screenshots pictures test lint e2e bench bench-top bench-cluster faults fuzz clean compiler postgres nix

help: ## List these commands
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 22

dev: compiler .tools/bin/nats-server ## Run the whole system on this machine until Ctrl-C
	@cargo build --locked $(PROGRAMS)
	@tools/frontend dev
	@$(or $(CARGO_TARGET_DIR),target)/debug/ratectl dev $(ARGS) || [[ $$? == 130 ]]

build: compiler ## Build ratectl for use, into target/release
	@cargo build --locked --release -p cli

frontend: ## Build the web UI into frontend/dist; `make dev` does so where Node.js is
	@tools/frontend build

screenshots: compiler .tools/bin/nats-server ## Take pictures of every page of the web UI, into frontend/screenshots
	@cargo build --locked $(PROGRAMS)
	@tools/frontend screenshots

pictures: compiler ## Draw the pictures of `ratectl top` in docs/images anew, from the states that its tests have
	@RATECTL_PICTURES=1 cargo test --locked --quiet -p cli --lib the_pictures_of_the_documents

test: compiler nix postgres .tools/bin/nats-server $(PYTHON) .tools/cargo-deny-$(CARGO_DENY) $(if $(LONG),.tools/cargo-fuzz-$(CARGO_FUZZ)) ## Lint and test (LONG=1: fuzz and long fault runs too)
	@tools/test

lint: compiler nix .tools/cargo-deny-$(CARGO_DENY) ## Format, clippy, docs, licences, layout, shell and nix syntax
	@tools/lint

e2e: compiler ## Test on a real cluster, ARGS='part of a name'; part of `make test`
	@tools/e2e test $(ARGS)

bench: compiler .tools/bin/nats-server ## Measure the proxy against the transport's own limit
	@cargo run --locked --release -p bench -- $(ARGS)

bench-top: compiler .tools/bin/nats-server ## Measure what `ratectl top` costs, and how soon it answers
	@cargo build --locked --release -p cli -p bench --bins
	@$(or $(CARGO_TARGET_DIR),target)/release/bench-top $(ARGS)

bench-cluster: compiler ## Measure create-cluster against a bare `docker start` of the same node
	@cargo build --locked --release -p cli -p e2e --bins
	@tools/e2e run $(or $(CARGO_TARGET_DIR),target)/release/bench-cluster $(ARGS)

faults: compiler .tools/bin/nats-server ## Kill, pause and lock parts of the system under load; count what was lost
	@cargo run --locked -p faults -- $(ARGS)

fuzz: compiler .tools/cargo-fuzz-$(CARGO_FUZZ) ## Fuzz the wire contract, SECONDS_EACH (60)
	@tools/fuzz

clean: ## Remove everything built, installed or recorded here, the data of `make dev` too
	rm -rf target contract/fuzz/target contract/fuzz/artifacts .tools .ratectl frontend/dist frontend/node_modules frontend/screenshots

compiler postgres nix:
	@tools/setup $@

.tools/bin/nats-server:
	@tools/setup nats_server

$(PYTHON):
	@tools/setup python $(NATS_PY) $(KUBERNETES_VALIDATE)

.tools/cargo-deny-%:
	@tools/setup cargo cargo-deny $*

.tools/cargo-fuzz-%:
	@tools/setup cargo cargo-fuzz $*

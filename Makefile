# What a person runs: demo, test, check, bench. Each sets up and builds what it needs.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

# A CI environment may leave HOME out; Go and npm keep their caches under it.
export HOME := $(or $(HOME),$(shell getent passwd "$$(id -u)" | cut -d: -f6))

BIN := node_modules/.bin
GO_BUILD := go build -buildvcs=false
PACKAGES := core charts react
FRONTEND := examples/apron/frontend
NEXTJS := examples/nextjs-app

.PHONY: help setup build go packages frontend nextjs demo test test-go test-packages test-e2e test-guides \
	test-crash crash soak bite check format-check vet lint lint-go lint-ts types sizes drift reference reference-check published bench format screenshot clean

help:
	@echo "make demo    start Oriel and the example product Apron, and print where to sign in"
	@echo "make test    install what is missing, then run every test"
	@echo "make check   format, vet, lint, types, sizes, drift, then every test"
	@echo "make crash   kill the server in the middle of sign-ins, ten times over; SEED=n repeats a trial"
	@echo "make soak    10,000 random schemas of 10 questions on each engine; ORIEL_SEARCH_SEED=n repeats one"
	@echo "make bite    the attacks on SAML responses, with each rule that stops them taken out"
	@echo "make bench   exchange, session check and card beside Express, Fastify, the plain drivers and the bare libraries"
	@echo "make build   the binaries, the packages and Apron's page"
	@echo "make setup   install what is missing"
	@echo "make format  rewrite the sources in the project's format"

setup:
	@scripts/setup

# --- build -----------------------------------------------------------------

build: go frontend nextjs

# Go decides itself what is out of date.
go:
	@scripts/setup build
	$(GO_BUILD) -o bin/oriel ./cmd/oriel
	$(GO_BUILD) -o bin/apron ./examples/apron

.build/npm.stamp: package-lock.json
	@scripts/setup build
	@touch $@

sources = $(shell find packages/$(1)/src -type f 2>/dev/null) packages/$(1)/package.json packages/$(1)/tsconfig.json tsconfig.base.json

.build/core.built: $(call sources,core) .build/npm.stamp
.build/charts.built: $(call sources,charts) .build/npm.stamp
.build/react.built: $(call sources,react) .build/core.built .build/charts.built

.build/%.built:
	rm -rf packages/$*/dist
	$(BIN)/tsc -p packages/$*
	@touch $@

packages: .build/packages.packed

# What npm would publish: the example hosts install these, not the workspace.
.build/packages.packed: $(PACKAGES:%=.build/%.built) $(wildcard packages/*/README.md)
	rm -rf .build/packages && mkdir -p .build/packages
	npm pack --silent --pack-destination .build/packages $(PACKAGES:%=-w packages/%) >/dev/null
	@touch $@

frontend: .build/apron.built

.build/apron.built: .build/packages.packed $(shell find $(FRONTEND) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
	node scripts/unpack.mjs $(FRONTEND)
	$(BIN)/tsc -p $(FRONTEND)
	cd $(FRONTEND) && ../../../$(BIN)/vite build --logLevel warn
	@touch $@

nextjs: .build/nextjs.built

.build/nextjs.built: .build/packages.packed $(shell find $(NEXTJS) -type f -not -path '*/node_modules/*' -not -path '*/.next/*' -not -name next-env.d.ts 2>/dev/null)
	node scripts/unpack.mjs $(NEXTJS)
	cd $(NEXTJS) && NEXT_TELEMETRY_DISABLED=1 ../../$(BIN)/next build >../../.build/nextjs.log 2>&1 || { cat ../../.build/nextjs.log >&2; exit 1; }
	@touch $@

# --- run -------------------------------------------------------------------

# Building talks on stderr, so that stdout holds the addresses and nothing else.
demo:
	@$(MAKE) --no-print-directory go frontend 1>&2
	@exec node scripts/demo.mjs

bench: build
	scripts/bench

screenshot: setup build
	node scripts/screenshot.mjs

# --- test ------------------------------------------------------------------

test: setup build
	@$(MAKE) --no-print-directory test-go test-packages test-e2e test-guides test-crash

test-go:
	scripts/test-go

test-packages: packages
	$(BIN)/vitest run --config vitest.config.ts

test-e2e: build
	$(BIN)/vitest run --config tests/e2e/vitest.config.ts

# What the guides say, done as it stands.
test-guides: build
	node scripts/guide.mjs

# What SIGKILL in the middle of sign-ins may not lose or let through.
test-crash crash: go
	go run ./tests/crash $(if $(SEED),-seed $(SEED))

# Ten thousand schemas that were never tried, on each engine.
soak:
	ORIEL_SEARCH_SCHEMAS=10000 go test -v -count=1 -timeout 12h -run 'servesPermittedRowsOnlyWithAFreshSeed' ./internal/source/...

# Takes each rule of the SAML verifier out, and tells which attacks then get through.
bite:
	node scripts/bite.mjs

# --- check -----------------------------------------------------------------

check: setup build
	@$(MAKE) --no-print-directory format-check vet lint types sizes drift reference-check published
	@$(MAKE) --no-print-directory test

format-check:
	@unformatted=$$(git ls-files --cached --others --exclude-standard '*.go' | xargs -r gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run make format:" >&2; echo "$$unformatted" >&2; exit 1; fi
	$(BIN)/prettier --check --log-level warn .

vet:
	go vet ./...

lint: lint-go lint-ts

lint-go:
	go tool -modfile=tools/go.mod golangci-lint run

lint-ts:
	$(BIN)/eslint .

types: packages
	$(BIN)/tsc -p tsconfig.json

sizes: packages
	$(BIN)/size-limit

# The types that are generated from api/openapi.yaml are those in the tree.
drift:
	scripts/drift

# What the SDK's reference says is what its sources' comments say.
reference:
	$(BIN)/typedoc

reference-check:
	@rm -rf .build/reference
	$(BIN)/typedoc --out .build/reference
	@diff -r docs/reference/api .build/reference || { echo "docs/reference/api is not what the sources say: run make reference" >&2; exit 1; }

published: packages
	@for package in $(PACKAGES); do $(BIN)/publint --strict packages/$$package; done
	@# ES modules only: what CommonJS or a Node before package exports makes of them isn't asked.
	@for package in $(PACKAGES); do $(BIN)/attw --pack packages/$$package --profile esm-only --quiet; done

format:
	git ls-files --cached --others --exclude-standard '*.go' | xargs -r gofmt -w
	$(BIN)/prettier --write --log-level warn .

clean:
	rm -rf bin .build packages/*/dist tests/e2e/output $(FRONTEND)/dist $(NEXTJS)/.next $(FRONTEND)/node_modules/@oriel $(NEXTJS)/node_modules/@oriel

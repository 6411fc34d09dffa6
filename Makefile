# SPDX-License-Identifier: Apache-2.0
# `make` shows what there is; `make run` and `make test` do everything.

GO      ?= go
BIN     := bin/hustings
FIPS    ?= v1.0.0
GOFLAGS += -trimpath

.PHONY: help run build fips web test check bench fuzz generate docs lint tools clean

help: ## show what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: build ## build, then run the demo office with a synthetic county
	$(BIN) demo

build: web ## build bin/hustings
	$(GO) build $(GOFLAGS) -o $(BIN) ./cmd/hustings

fips: web ## build bin/hustings-fips on Go's FIPS 140-3 module, and test keys and sign-in on it
	GOFIPS140=$(FIPS) $(GO) build $(GOFLAGS) -o $(BIN)-fips ./cmd/hustings
	GOFIPS140=$(FIPS) $(GO) test ./kit/seal ./guard/keys/... ./guard/identity/...
	GOFIPS140=$(FIPS) GODEBUG=fips140=only $(GO) test ./kit/seal ./guard/keys/...

web: web/dist/manifest.json ## build the front end into web/dist

web/dist/manifest.json: web/package-lock.json $(shell find web/styles web/scripts web/build.mjs -type f 2>/dev/null)
	cd web && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

test: tools build ## install what the tests need where that is allowed, then run all tests
	$(GO) test -timeout 25m ./...
	@if [ "$$($(GO) env CGO_ENABLED)" = 1 ]; then $(GO) test -tags pkcs11 ./guard/keys/root; else echo "no C compiler: the hardware token is not tested"; fi

tools: ## PostgreSQL, Chromium, xmllint and SoftHSM through apt, where we may
	@.ci/tools

check: lint test docs fuzz ## test, lint, walls, generated documents fresh, fuzz

lint: ## gofmt, vet, generated pages fresh
	@test -z "$$(gofmt -l $$(git ls-files '*.go' | grep -v _templ.go))" || { echo "not gofmt-clean:"; gofmt -l $$(git ls-files '*.go' | grep -v _templ.go); exit 1; }
	$(GO) vet ./...
	@$(MAKE) --no-print-directory generate
	@git diff --exit-code --stat -- '*_templ.go' || { echo "pages are not fresh: run make generate and commit"; exit 1; }

generate: ## make Go of the page templates
	$(GO) tool templ generate

docs: build ## write docs/routes.txt, events.md, permissions.md, config.md
	$(GO) test ./app -run TestGeneratedDocuments -update
	@git diff --exit-code --stat -- docs || { echo "documents were not fresh; commit them"; exit 1; }

fuzz: ## every parser for FUZZTIME (30s)
	@.ci/fuzz $(or $(FUZZTIME),30s)

bench: build ## benchmarks; figures go into bench/
	@bench/run

clean: ## remove what was built
	rm -rf bin web/dist/*.css web/dist/*.js web/dist/*.svg web/dist/manifest.json

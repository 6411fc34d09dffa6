# SPDX-License-Identifier: Apache-2.0
# `make` shows what there is; `make run` and `make test` do everything.

GO      ?= go
BIN     := bin/hustings
GOFLAGS += -trimpath

.PHONY: help run build web test check bench fuzz generate docs lint tools clean

help: ## show what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: build ## build, then run the demo office with a synthetic county
	$(BIN) demo

build: web ## build bin/hustings
	$(GO) build $(GOFLAGS) -o $(BIN) ./cmd/hustings

web: web/dist/manifest.json ## build the front end into web/dist

web/dist/manifest.json: web/package-lock.json $(shell find web/styles web/scripts web/build.mjs -type f 2>/dev/null)
	cd web && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

test: tools build ## install what the tests need where that is allowed, then run all tests
	$(GO) test ./...

tools: ## PostgreSQL, Chromium and xmllint through apt, where we may
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

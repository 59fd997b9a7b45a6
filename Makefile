# EFP Connect self-service. `make` or `make help` explains every target.

BUILD   := .build
KRATOS  ?=
HYDRA   ?=
# A machine of two cores runs two packages at a time: more browsers and Kratos than that only wait for one another. Those that
# take longest begin first, so that the others are done beside them.
PARALLEL ?= 2
LONGEST  := ./selfservice-ui ./internal/importer ./selfservice-ui/tests/cluster

.DEFAULT_GOAL := help
.PHONY: help demo test race fuzz pictures storybook bench starved attack reading check build assets kratos hydra chromium clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  KRATOS=/path/to/kratos make demo    another Kratos than the one built here"
	@echo "  EFP_STRICT=1 make test              a test that would be skipped fails instead"
	@echo "  EFP_TEST_KRATOS, EFP_TEST_HYDRA, EFP_TEST_POSTGRES, EFP_TEST_MYSQL, EFP_TEST_REDIS   run the same tests on other engines"

demo: assets kratos hydra ## everything on this machine: site, mailbox, a real Kratos and Hydra, sample accounts and services
	@go run ./cmd/demo

test: assets kratos hydra chromium sbom check ## everything: linters, unit tests, journeys on the real Kratos and in Chromium
	$(call say,tests)
	go test -count=1 -vet=off -p $(PARALLEL) -timeout 40m $(LONGEST) ./... # check has vetted them
	go test -C cmd/demo/kratos -tags sqlite ./...
	go test -C deploy/chart -count=1 ./...

# One package at a time: under the detector each takes several times the processor and the memory.
race: assets kratos hydra chromium ## the same tests under Go's race detector; some three times as long
	$(call say,tests under the race detector)
	@command -v "$$(go env CC)" >/dev/null || { echo "a C compiler is needed, for the race detector: apt-get install gcc libc6-dev"; exit 1; }
	CGO_ENABLED=1 go test -race -count=1 -p 1 -timeout 40m ./...

fuzz: assets kratos ## every fuzzer, one after another: FUZZTIME (1m) each, FUZZ=FuzzService those of that name
	$(call say,fuzzers)
	@FUZZTIME=$(FUZZTIME) FUZZ=$(FUZZ) scripts/fuzz

pictures: assets chromium ## every page, phone and desktop, light and dark, and the mail, into .build/screenshots
	EFP_SCREENSHOTS=1 go test -count=1 -timeout 40m -run 'EveryLook|OwnTextSettings|ForcedColours|CodeField|InABrowser' ./selfservice-ui ./courier-templates ./internal/mailbox

storybook: assets ## every page, state, look and mail as files that need no server, into .build/storybook
	rm -rf $(BUILD)/storybook
	go run ./cmd/storybook --out $(BUILD)/storybook
	@echo "open $(BUILD)/storybook/index.html"

bench: assets kratos ## the figures of our own programs, one package at a time
	go test -run '^$$' -bench . -benchmem -p 1 -timeout 60m ./...

starved: kratos assets ## who has an account, told by nothing while Kratos has a tenth of a core; an hour, wants cpulimit (apt-get install cpulimit)
	go test -tags bench -run '^$$' -bench Starved -benchtime 1x -timeout 120m ./selfservice-ui

attack: ## our own security code, read and heard by our own programs; wants tesseract (apt-get install tesseract-ocr)
	go test -tags bench -run Attack -v -timeout 90m ./internal/captcha/image

reading: ## three sets of fifty security codes at real size for three readers, into .build/reading
	go test -tags bench -count=1 -run PicturesForReaders ./internal/captcha/image

check: $(BUILD)/bin/staticcheck ## gofmt, go vet, staticcheck (staticcheck.conf), import rules
	$(call say,linters)
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "gofmt -w these files:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go vet -tags bench ./internal/captcha/image ./selfservice-ui
	go vet -C cmd/demo/kratos -tags sqlite ./...
	go vet -C cmd/demo/hydra -tags sqlite ./...
	go vet -C deploy/chart ./...
	$(BUILD)/bin/staticcheck ./...
	go test -count=1 ./internal/importrules

build: assets ## our programs, into .build/bin
	go build -trimpath -o $(BUILD)/bin/ ./cmd/...

sbom: assets $(BUILD)/bin/cyclonedx-gomod node_modules/.package-lock.json ## what each program and the pages are made of (CycloneDX), into .build/sbom
	@mkdir -p $(BUILD)/sbom
	@for program in selfservice-ui import-accounts kratos-config; do \
	  go build -buildvcs=false -o $(BUILD)/sbom/$$program ./cmd/$$program && \
	  $(BUILD)/bin/cyclonedx-gomod bin -json -version "$$(git describe --tags --always 2>/dev/null || echo unknown)" \
	    -output $(BUILD)/sbom/$$program.cdx.json $(BUILD)/sbom/$$program && rm $(BUILD)/sbom/$$program || exit 1; done
	@mkdir -p $(BUILD)/sbom/npm && cp package-lock.json $(BUILD)/sbom/npm/ && \
	  sed 's/"private": true,/"private": true, "version": "0.0.0",/' package.json > $(BUILD)/sbom/npm/package.json # npm wants one
	@cd $(BUILD)/sbom/npm && npm sbom --package-lock-only --sbom-format cyclonedx --sbom-type application --omit dev > ../pages.cdx.json
	@rm -r $(BUILD)/sbom/npm
	@ls -l $(BUILD)/sbom

pin: ## writes the digest of each image beside its tag (docker with buildx, and the registries); `make pin CHECK=1` only looks for those without
	@scripts/pin $(if $(CHECK),--check)

assets: node_modules/.package-lock.json ## style sheets, fonts and scripts from npm, into selfservice-ui/page/static/vendor
	@node scripts/assets.mjs

kratos: ## the real Kratos v1.3.1, into .build/kratos; nothing when KRATOS or EFP_TEST_KRATOS names one
ifeq ($(KRATOS)$(EFP_TEST_KRATOS),)
	@$(MAKE) --no-print-directory $(BUILD)/kratos
else
	@echo "Kratos: $(or $(EFP_TEST_KRATOS),$(KRATOS))"
endif

hydra: ## the real Hydra v2.3.0, into .build/hydra; nothing when HYDRA or EFP_TEST_HYDRA names one
ifeq ($(HYDRA)$(EFP_TEST_HYDRA),)
	@$(MAKE) --no-print-directory $(BUILD)/hydra
else
	@echo "Hydra: $(or $(EFP_TEST_HYDRA),$(HYDRA))"
endif

chromium: ## Chromium for the browser tests, where the system's package manager may install it
	@scripts/chromium

clean: ## removes everything that was made here
	rm -rf $(BUILD) node_modules selfservice-ui/page/static/vendor

# An engine that a demo or a test runs: .build/NAME from cmd/demo/NAME.
$(BUILD)/kratos: $(wildcard cmd/demo/kratos/*.go cmd/demo/kratos/go.*)
$(BUILD)/hydra: $(wildcard cmd/demo/hydra/*.go cmd/demo/hydra/go.*)
$(BUILD)/kratos $(BUILD)/hydra:
	$(call say,building the real $(@F) from its published module; some minutes the first time)
	@command -v "$$(go env CC)" >/dev/null || { echo "a C compiler is needed, for SQLite: apt-get install gcc libc6-dev"; exit 1; }
	CGO_ENABLED=1 go build -C cmd/demo/$(@F) -tags sqlite -o ../../../$@ .
	@touch $@

$(BUILD)/bin/staticcheck: tools/go.mod tools/go.sum
	$(call say,building staticcheck)
	go build -C tools -o ../$(BUILD)/bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	@touch $@

$(BUILD)/bin/cyclonedx-gomod: tools/go.mod tools/go.sum
	$(call say,building cyclonedx-gomod)
	go build -C tools -o ../$(BUILD)/bin/cyclonedx-gomod github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json
	$(call say,npm packages)
	@command -v npm >/dev/null || { echo "Node.js 20.19 or newer is needed, with npm"; exit 1; }
	npm ci --ignore-scripts
	@touch $@

say = @echo "== $(1)"

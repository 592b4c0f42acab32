GO ?= go
PKGS := ./... ./testdata
TOOLS := $(GO) tool -modfile=tools.mod

.PHONY: check fmt vet lint race test e2e axe screenshots demo fuzz bench cover golden crash conformance eval

check: fmt vet lint race

fmt:
	@test -z "$$($(TOOLS) gofumpt -l .)" || { $(TOOLS) gofumpt -l .; exit 1; }
vet:
	$(GO) vet $(PKGS)
	$(GO) vet -tags e2e ./web ./share ./cmd/bundel
lint:
	$(TOOLS) staticcheck $(PKGS)
race:
	@# at the end of every program the detector waits a second; the tests run hundreds
	GORACE=atexit_sleep_ms=20 CGO_ENABLED=1 $(GO) test -race -shuffle=on $(PKGS)
test:
	CGO_ENABLED=0 $(GO) test -shuffle=on $(PKGS)
e2e:
	sh docs/e2e.sh
axe:
	core=$$(sh docs/axe.sh) && BUNDEL_AXE=all BUNDEL_AXE_CORE=$$core $(GO) test -tags e2e ./web -run TestAxe -count=1 -v -timeout 30m
screenshots:
	BUNDEL_PICTURES=$(CURDIR)/docs/screenshots $(GO) test -tags e2e ./cmd/bundel -run TestPicturesOfThePages -count=1 -v
demo:
	CGO_ENABLED=0 $(GO) build -o bin/bundel ./cmd/bundel
	bin/bundel demo $(if $(ONCE),--once)
fuzz:
	sh docs/fuzz.sh
crash:
	BUNDEL_CRASH=100000 $(GO) test ./store/internal/crash -count=1 -v -timeout 4h
	BUNDEL_KILLS=2000 $(GO) test ./store -run SurvivesKill -count=1 -v -timeout 1h
	BUNDEL_FLIPS=all $(GO) test ./store -run 'FlippedBits/small' -count=1 -v -timeout 4h
eval:
	BUNDEL_EVAL=20000 $(GO) test ./aggregator -run 'TestEval' -count=1 -v
	BUNDEL_EVAL=20000 $(GO) test ./aggregator -run 'Laws|AtMostOne|Transitions|NoLineHolds|DoesNotDepend|Hides|Mixed|Stays|Leaks|TimeAlone' -count=1 -timeout 4h
conformance:
	sh docs/conformance.sh
bench:
	$(GO) test -run '^$$' -bench . -benchmem $(PKGS)
	cd bench && $(GO) test -run '^$$' -bench . -timeout 30m ./...
cover:
	$(GO) test -cover ./fhir ./medmij/... ./store/... ./aggregator ./share ./web/...
golden:
	$(GO) test ./web -update
	$(GO) test ./medmij -run TestErrorsPageIsTheTable -update

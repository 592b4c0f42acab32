#!/bin/sh
# Runs the browser tests. They need Chromium, which is installed on Debian where
# that is allowed, and npm, which fetches axe-core.
set -eu
if ! command -v chromium >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	apt-get update -qq && apt-get install -y -qq chromium >/dev/null
fi
if ! command -v chromium >/dev/null 2>&1; then
	echo "the browser tests need chromium: install it and run make e2e again" >&2
	exit 1
fi
BUNDEL_AXE_CORE=$(sh docs/axe.sh)
export BUNDEL_AXE_CORE
# The other tests of these packages ran before: only those that need a browser.
tests=$(grep -l '^//go:build e2e' web/*_test.go web/desk/*_test.go share/*_test.go cmd/bundel/*_test.go |
	xargs sed -n 's/^func \(Test[A-Za-z0-9_]*\)(.*/\1/p' | paste -sd'|' -)
exec go test -tags e2e -count=1 -run "^($tests)\$" ./web ./web/desk ./share ./cmd/bundel

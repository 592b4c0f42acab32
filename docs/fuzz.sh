#!/bin/sh
# Runs every fuzz target for a while (default 30 s each).
set -eu
for dir in fhir fhir/r4 medmij store store/internal/bolt store/internal/seal store/internal/keys; do
	for target in $(grep -ho '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go 2>/dev/null | sed 's/^func //'); do
		echo "== $dir $target"
		go test "./$dir" -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-30s}"
	done
done

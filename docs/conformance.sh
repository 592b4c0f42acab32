#!/bin/sh
# Runs the tests that carry the id of a row of CONFORMANCE.md and prints the
# rows with their results. Fails when a row that is not under "Not shown" has
# no test, or one that does not pass.
set -eu
cd "$(dirname "$0")/.."
ids='LST|NET|AUT|CBK|TOK|REF|RSC|DAT|DEL|LOG|SEC|UX|GWY'
out=$(mktemp)
trap 'rm -f "$out"' EXIT
${GO:-go} test -v -count=1 -run "^Test($ids)_[0-9]+" ./... >"$out" 2>&1 || true
if ! awk -F' [|] ' '
	FNR == NR { # what go test said: one line for each test
		if ($0 ~ /^(FAIL|panic:)/ && $0 !~ /^FAIL$/) broken = broken "\n" $0
		if (match($0, /^--- (PASS|FAIL|SKIP): Test[A-Z]+_[0-9]+/)) {
			split(substr($0, RSTART, RLENGTH), w, /[ :]+/)
			id = substr(w[3], 5); sub(/_/, "-", id)
			if (w[2] == "FAIL" || result[id] == "") result[id] = w[2]
			if (w[2] == "PASS" && result[id] == "SKIP") result[id] = "PASS"
			tests++
		}
		next
	}
	/^## / { hidden = $0 == "## Not shown" }
	/^[|] [A-Z]+-[0-9]+ / {
		id = substr($1, 3)
		if (hidden) { why[id] = $2; sub(/ [|]$/, "", why[id]); next }
		text = $4; sub(/ [|]$/, "", text)
		rows[++n] = id; who[id] = $2; level[id] = $3; says[id] = text
	}
	END {
		for (i = 1; i <= n; i++) {
			id = rows[i]
			r = result[id]
			if (r == "") r = id in why ? "not shown" : "NO TEST"
			if (r != "PASS" && r != "not shown") bad++
			count[level[id], r]++
			printf "%-7s %-4s %-6s %-9s %s\n", id, who[id], level[id], r, says[id]
		}
		printf "\n%d tests; MUST: %d pass, %d not shown; SHOULD: %d pass, %d not shown; %d rows fail\n", tests,
			count["MUST", "PASS"], count["MUST", "not shown"], count["SHOULD", "PASS"], count["SHOULD", "not shown"], bad + 0
		for (id in why) printf "%s not shown: %s\n", id, why[id]
		if (broken != "") { print broken; bad++ }
		exit bad > 0
	}' "$out" docs/CONFORMANCE.md; then
	grep -A15 -E '^ *--- FAIL' "$out" | head -100 || true
	exit 1
fi

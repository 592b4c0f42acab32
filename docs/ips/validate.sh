#!/bin/sh
# Checks summaries by HL7 IPS 2.0.0 with the validator of HL7 (in HAPI FHIR): those
# that are named, else that of the example person in both languages. Fetches the
# validator (Maven) and the profiles (npm) once, some 150 MB, into
# $BUNDEL_IPS; after that it needs no network. VERBOSE=1 shows warnings too.
#
#   sh docs/ips/validate.sh [FILE...]
#
# Codes of SNOMED CT and LOINC cannot be looked up offline: those are warnings.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kept=${BUNDEL_IPS:-${XDG_CACHE_HOME:-$HOME/.cache}/bundel-ips}
sum=e0f593a09f5bd45817b26f4322f1e253a1cef59e66ef98f19347b43173a684595fda6dac964fdde91a2249820284a265be6b49ec66d17edb7b3e9865c2665c6d
mkdir -p "$kept"
if [ ! -f "$kept/ips.tgz" ]; then
	new=$(cd "$kept" && npm pack --silent hl7.fhir.uv.ips@2.0.0)
	mv "$kept/$new" "$kept/ips.tgz"
fi
printf '%s  %s\n' "$sum" "$kept/ips.tgz" | sha512sum -c --quiet
if [ ! -d "$kept/lib" ]; then
	mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$kept/new"
	mv "$kept/new" "$kept/lib"
fi
if [ $# -eq 0 ]; then
	made=$(mktemp -d)
	trap 'rm -rf "$made"' EXIT
	cd "$here/../.."
	BUNDEL_IPS_OUT=$made ${GO:-go} test -count=1 -run '^TestSummariesToValidate$' ./share
	set -- "$made"/*.json
fi
java -cp "$kept:$kept/lib/*" "$here/Validate.java" "$@"

#!/bin/sh
# Fetches axe-core, which judges the pages in the browser tests, into a cache
# and prints where it is. One exact version, checked; it is no part of Bundel.
set -eu
version=4.14.1
sum=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
dir=${BUNDEL_AXE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bundel-axe-core-$version}
if [ ! -s "$dir/axe.min.js" ]; then
	if ! command -v npm >/dev/null 2>&1; then
		echo "the browser tests need axe-core $version from npm: install npm and run make e2e again" >&2
		exit 1
	fi
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	npm pack --silent --ignore-scripts --pack-destination "$tmp" "axe-core@$version" >/dev/null
	echo "$sum  $tmp/axe-core-$version.tgz" | sha512sum -c - >/dev/null
	mkdir -p "$dir"
	tar -xzf "$tmp/axe-core-$version.tgz" -C "$tmp" package/axe.min.js
	mv "$tmp/package/axe.min.js" "$dir/axe.min.js"
fi
echo "$dir/axe.min.js"

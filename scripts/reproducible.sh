#!/usr/bin/env bash
# Proves that the release is reproducible and needs no network once it was built:
# scripts/reproducible.sh [--architecture x86_64|arm64]. Packages it here, then from a copy in
# another folder, from nothing but the sources and what was downloaded, without network, with
# another temporary folder, umask, language and time zone. The zips must be equal.
set -euo pipefail
cd "$(dirname "$0")/.."

./package.sh "$@"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
commit=$(scripts/commit.sh)
copy=$work/elsewhere
mkdir -p "$copy/.cache/libraries" "$work/tmp"
git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -xC "$copy"
cp -R .cache/libraries/*-{source,instead-of}-* "$copy/.cache/libraries" 2>/dev/null || true
cp -R .cache/sysroot "$copy/.cache"

(
    umask 077
    cd "$copy"
    env -i PATH="$PATH" HOME="$HOME" TMPDIR="$work/tmp" LANG=C TZ=Pacific/Auckland POINTSMAN_COMMIT="$commit" \
        unshare --map-root-user --net ./package.sh "$@"
)
for zip in "$copy"/dist/pointsman-*.zip; do
    cmp "dist/${zip##*/}" "$zip"
    echo "reproducible: ${zip##*/}"
done

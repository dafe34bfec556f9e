#!/usr/bin/env bash
# Makes the files of a release in dist/release, and what has changed in dist/notes.md:
# scripts/assets.sh [TAG]. With a tag, which is v and the version, the changelog must have the
# version's date, and the sources must be those of a commit.
#
# Both zips are built here. The tool is built for this machine's own architecture; that for the other one is taken where
# scripts/tool.sh has made it on such a machine and it was brought to dist/pointsman-linux-ARCHITECTURE. With
# a tag it has to be there.
set -euo pipefail
cd "$(dirname "$0")/.."
tag=${1-}

fail() {
    echo "assets.sh: $1" >&2
    exit 1
}

# The newest section of the changelog: its heading's version and date, and its text.
heading=$(grep -m 1 '^## ' CHANGELOG.md)
[[ $heading =~ ^'## ['([0-9]+\.[0-9]+\.[0-9]+)'] - '(Unreleased|[0-9]{4}-[0-9]{2}-[0-9]{2})$ ]] ||
    fail "CHANGELOG.md: expected '## [VERSION] - DATE', found '$heading'"
version=${BASH_REMATCH[1]} date=${BASH_REMATCH[2]}
if [[ $tag ]]; then
    [[ $tag == "v$version" ]] || fail "the tag is $tag, and the version in CHANGELOG.md is $version"
    [[ $date != Unreleased ]] || fail "CHANGELOG.md has no date for $version"
    commit=$(scripts/commit.sh)
    [[ $commit && $commit != *-dirty ]] || fail "the sources are not those of a commit"
fi

own=$(uname -m | sed s/aarch64/arm64/)
case $own in
x86_64) other=dist/pointsman-linux-arm64 ;;
*) other=dist/pointsman-linux-x86_64 ;;
esac
if [[ $tag ]]; then
    [[ -f $other ]] || fail "$other is not there: scripts/tool.sh makes it on a machine of that architecture"
    # What --version says is in the program as it is written.
    LC_ALL=C grep -qaF -- "$commit" "$other" || fail "$other is not of the commit $commit"
fi

./package.sh --architecture x86_64
./package.sh --architecture arm64
scripts/tool.sh

rm -rf dist/release
mkdir dist/release
cp dist/pointsman-{x86_64,arm64}.zip LICENSE NOTICE dist/release
cp dist/pointsman "dist/release/pointsman-linux-$own"
if [[ -f $other ]]; then
    install -m 0755 "$other" dist/release/
else
    echo "assets.sh: notice: $other is not there, and not in this release" >&2
fi
scripts/bill-of-materials.py >dist/release/pointsman.cdx.json
(cd dist/release && sha256sum -- * >SHA256SUMS)
awk '/^## / { if (++sections > 1) exit; next } { print }' CHANGELOG.md >dist/notes.md
cat dist/release/SHA256SUMS

#!/usr/bin/env bash
# Runs every test: Swift's own, then the end-to-end suite on the debug build and on the release.
# The closing line of each comes last.
set -euo pipefail
cd "$(dirname "$0")/.."
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
export POINTSMAN_PYTHON=$PWD/.venv/bin/python

swift build
swift test --disable-xctest 2>&1 | tee "$results/swift"
./package.sh
scripts/release.sh echo
for build in debug release; do
    folder=.build/debug
    [[ $build == debug ]] || folder=dist
    POINTSMAN_BOOTSTRAP=$PWD/$folder/bootstrap POINTSMAN_ECHO=$PWD/$folder/echo \
        .venv/bin/python -m pytest Tests/EndToEnd 2>&1 | tee "$results/$build"
done

echo
for build in debug release; do
    echo "end to end, $build: $(tail -n 1 "$results/$build")"
done
grep -E 'Test run with [0-9]+ tests?' "$results/swift" | tail -n 1

#!/usr/bin/env bash
# Runs every test: the template's checks, Swift's own, then the end-to-end suite and the tool's on the
# release and, but for what is marked as release_only, on the debug build; the documentation's and the stack
# on the release. The closing line of each comes last.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/temporary.sh
scripts/need.sh swift git python3 make dpkg-source patch readelf xz advzip
results=$TMPDIR/results
mkdir -p "$results"
export POINTSMAN_PYTHON=$PWD/.venv/bin/python
running=()

scripts/template.sh
swift build
swift test --disable-xctest 2>&1 | tee "$results/swift"
./package.sh
scripts/release.sh echo
scripts/tool.sh
# The suites end what they have started before what they have written goes.
trap 'jobs -p | xargs -r kill 2>/dev/null; wait; rm -rf "$TMPDIR"' EXIT
for suite in EndToEnd Tool Docs; do
    builds=(debug release)
    [[ $suite != Docs ]] || builds=(release) # which is what readers have
    # Both builds at the same time: they wait more than they compute.
    for build in "${builds[@]}"; do
        folder=dist marks=()
        [[ $build == release ]] || folder=.build/debug marks=(-m 'not release_only')
        POINTSMAN_BOOTSTRAP=$PWD/$folder/bootstrap POINTSMAN_ECHO=$PWD/$folder/echo \
            POINTSMAN_TOOL=$PWD/$folder/pointsman \
            .venv/bin/python -m pytest "${marks[@]}" "Tests/$suite" >"$results/$suite-$build" 2>&1 &
        running[$!]=$suite-$build
    done
    for process in "${!running[@]}"; do
        wait "$process" || {
            cat "$results/${running[$process]}"
            exit 1
        }
    done
    running=()
done
.venv/bin/python -m pytest Tests/Project 2>&1 | tee "$results/project"
.venv/bin/python -m pytest Tests/Stack 2>&1 | tee "$results/stack"

echo
for build in debug release; do
    echo "end to end, $build: $(tail -n 1 "$results/EndToEnd-$build")"
    echo "the tool, $build: $(tail -n 1 "$results/Tool-$build")"
done
echo "the documentation: $(tail -n 1 "$results/Docs-release")"
echo "the project's own files: $(tail -n 1 "$results/project")"
echo "stack: $(tail -n 1 "$results/stack")"
grep -E 'Test run with [0-9]+ tests?' "$results/swift" | tail -n 1

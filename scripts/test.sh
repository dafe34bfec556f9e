#!/usr/bin/env bash
# Runs every test: the template's checks, Swift's own, then the end-to-end suite and the tool's on the
# release and, but for what is marked as release_only, on the debug build; the documentation's, the console's and
# the stack on the release. The closing line of each comes last.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/temporary.sh
scripts/need.sh swift git python3 make dpkg-source patch readelf xz advzip
results=$TMPDIR/results
mkdir -p "$results"
export POINTSMAN_PYTHON=$PWD/.venv/bin/python
running=()

# What runs in the background ends, with all that it has started, before what it has written goes.
clean_up() {
    local job
    for job in $(jobs -p); do
        kill -- "-$job" 2>/dev/null || true
    done
    wait
    rm -rf "$TMPDIR"
}
trap clean_up EXIT

# The compiler makes the release on one core: beside it the template is checked and the debug build made.
set -m # in a process group of its own, as the suites are below
(./package.sh && scripts/release.sh echo && scripts/tool.sh) </dev/null >"$results/release" 2>&1 &
release=$!
set +m
scripts/template.sh
swift build
echo "waiting for the release, which is built beside"
wait "$release" || {
    cat "$results/release"
    exit 1
}
cat "$results/release"
swift test --disable-xctest 2>&1 | tee "$results/swift"
scripts/fuzz.sh 60 2>&1 | tee "$results/fuzz"
for suite in EndToEnd Tool Docs Console; do
    builds=(debug release)
    # Readers have the release; a browser's tests are of the page, which is the same in both.
    [[ $suite != Docs && $suite != Console ]] || builds=(release)
    # Both builds at the same time: they wait more than they compute.
    set -m
    for build in "${builds[@]}"; do
        folder=dist marks=()
        [[ $build == release ]] || folder=.build/debug marks=(-m 'not release_only')
        POINTSMAN_BOOTSTRAP=$PWD/$folder/bootstrap POINTSMAN_ECHO=$PWD/$folder/echo \
            POINTSMAN_TOOL=$PWD/$folder/pointsman \
            .venv/bin/python -m pytest "${marks[@]}" "Tests/$suite" </dev/null >"$results/$suite-$build" 2>&1 &
        running[$!]=$suite-$build
    done
    set +m
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
echo "the console: $(tail -n 1 "$results/Console-release")"
echo "the documentation: $(tail -n 1 "$results/Docs-release")"
echo "the project's own files: $(tail -n 1 "$results/project")"
echo "stack: $(tail -n 1 "$results/stack")"
grep '^fuzzing: ' "$results/fuzz"
grep -E 'Test run with [0-9]+ tests?' "$results/swift" | tail -n 1

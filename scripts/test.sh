#!/usr/bin/env bash
# Runs every test: the template's checks, Swift's own, then the end-to-end suite and the tool's on the
# debug build and on the release, and the stack of the release. The closing line of each comes last.
set -euo pipefail
cd "$(dirname "$0")/.."
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
export POINTSMAN_PYTHON=$PWD/.venv/bin/python
running=()

scripts/template.sh
swift build
swift test --disable-xctest 2>&1 | tee "$results/swift"
./package.sh
scripts/release.sh echo
scripts/tool.sh
# All at the same time: they wait more than they compute.
for build in debug release; do
    folder=.build/debug
    [[ $build == debug ]] || folder=dist
    programs=(
        "POINTSMAN_BOOTSTRAP=$PWD/$folder/bootstrap" "POINTSMAN_ECHO=$PWD/$folder/echo"
        "POINTSMAN_TOOL=$PWD/$folder/pointsman"
    )
    env "${programs[@]}" .venv/bin/python -m pytest Tests/EndToEnd >"$results/$build" 2>&1 &
    running[$!]=$build
    env "${programs[@]}" .venv/bin/python -m pytest Tests/Tool >"$results/$build-tool" 2>&1 &
    running[$!]=$build-tool
done
for process in "${!running[@]}"; do
    wait "$process" || {
        cat "$results/${running[$process]}"
        exit 1
    }
done
.venv/bin/python -m pytest Tests/Stack 2>&1 | tee "$results/stack"

echo
for build in debug release; do
    echo "end to end, $build: $(tail -n 1 "$results/$build")"
    echo "the tool, $build: $(tail -n 1 "$results/$build-tool")"
done
echo "stack: $(tail -n 1 "$results/stack")"
grep -E 'Test run with [0-9]+ tests?' "$results/swift" | tail -n 1

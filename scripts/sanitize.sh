#!/usr/bin/env bash
# Runs the Swift tests under sanitizers, each with a build of its own: scripts/sanitize.sh [SANITIZER…]
# address, undefined and thread if nothing is said.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/temporary.sh
scripts/need.sh swift

[[ $# -gt 0 ]] || set -- address undefined thread
# Leaks are not looked for: Swift's runtime keeps what it needs until the end.
export ASAN_OPTIONS=detect_leaks=0
for sanitizer; do
    echo "the Swift tests, $sanitizer sanitizer"
    swift test --sanitize "$sanitizer" --scratch-path ".build-$sanitizer" --disable-xctest --quiet
done

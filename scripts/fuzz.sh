#!/usr/bin/env bash
# A million mutated inputs under AddressSanitizer: scripts/fuzz.sh [CASES] [SEED].
set -euo pipefail
cd "$(dirname "$0")/.."

source scripts/temporary.sh
scripts/need.sh swift
swift build -c release --product fuzz --sanitize address --scratch-path .build-fuzz
# Leaks are not looked for: Swift's runtime keeps what it needs until the end.
ASAN_OPTIONS=detect_leaks=0 timeout 1800 .build-fuzz/release/fuzz events "${1:-1000000}" "${2:-1}"

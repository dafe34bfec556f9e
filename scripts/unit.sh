#!/usr/bin/env bash
# The Swift tests alone.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/temporary.sh
scripts/need.sh swift

swift build --build-tests
swift test --skip-build --disable-xctest

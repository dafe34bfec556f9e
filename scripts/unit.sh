#!/usr/bin/env bash
# The Swift tests alone, but for those that take longest (`.thorough`): each call failing in each way, chains
# of certificates, what is made to take long. `make test` runs these too.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/temporary.sh
scripts/need.sh swift

swift build --build-tests
POINTSMAN_TESTS=quick swift test --quiet --skip-build --disable-xctest

#!/usr/bin/env bash
# Explores the ledger's schedules further than `make test` does: two faults, three invocations
# (Tests/CoreTests/Evaluate/Model). Prints how many states, transitions and ends of schedules there are.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/temporary.sh
scripts/need.sh swift

swift build --build-tests
POINTSMAN_TESTS=model swift test --skip-build --disable-xctest --filter LedgerModelTests

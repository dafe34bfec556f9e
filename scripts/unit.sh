#!/usr/bin/env bash
# The Swift tests alone, but for those that take longest: each call failing in each way, chains of
# certificates, and files made to take long. `make test` runs these too.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/temporary.sh
scripts/need.sh swift

swift build --build-tests
swift test --skip-build --disable-xctest --skip 'When a call' --skip 'HTTPClientTrustTests' --skip 'HostileFileTests'

#!/usr/bin/env bash
# Measures the release beside its peers: scripts/bench.sh [--peer NAME=COMMAND] [PART]... writes
# Benchmarks/REPORT.md; with parts it prints those alone.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/temporary.sh

./package.sh
scripts/release.sh echo
swift build -c release --product rules-curve
python=.cache/bench/python
wanted=$(sha256sum <Benchmarks/requirements.txt)
if [[ $(cat "$python/complete" 2>/dev/null) != "$wanted" ]]; then
    echo "installing the peers' Python packages in $python"
    rm -rf "$python"
    python3 -m venv "$python"
    "$python/bin/pip" install --quiet --disable-pip-version-check -r Benchmarks/requirements.txt
    echo "$wanted" >"$python/complete"
fi
openssl=$(scripts/library.sh openssl "$(uname -m | sed s/aarch64/arm64/)")
"$python/bin/python" Benchmarks/run.py --libraries "-I$openssl/include -L$openssl/lib -lssl -lcrypto" --bootstrap dist/bootstrap --echo dist/echo \
    --rules-curve .build/release/rules-curve --zip dist/pointsman.zip "$@"

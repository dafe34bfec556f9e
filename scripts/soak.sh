#!/usr/bin/env bash
# 10,000 deliveries through the release while its calls fail: scripts/soak.sh [OPTION]…, of which --help tells.
set -euo pipefail
cd "$(dirname "$0")/.."

source scripts/temporary.sh
scripts/need.sh python3
[[ -f dist/pointsman.zip ]] || ./package.sh
bootstrap=$TMPDIR/bootstrap
python3 -m zipfile --extract dist/pointsman.zip "$TMPDIR"
chmod +x "$bootstrap"
keep=$PWD/.soak python=$PWD/.venv/bin/python
cd Tests/EndToEnd
"$python" -m soak --bootstrap "$bootstrap" --keep "$keep" "$@"

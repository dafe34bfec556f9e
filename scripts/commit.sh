#!/usr/bin/env bash
# Prints the commit that a release is built from, for --version: 12 digits, and -dirty where files
# were changed. POINTSMAN_COMMIT says it for sources without a git repository; else that is nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ${POINTSMAN_COMMIT-} ]]; then
    echo "$POINTSMAN_COMMIT"
elif [[ -e .git ]]; then
    scripts/need.sh git
    git describe --always --exclude '*' --abbrev=12 --dirty
else
    echo "commit.sh: notice: there is no git repository here and POINTSMAN_COMMIT is not set:" \
        "--version will say that the commit is unknown" >&2
fi

#!/usr/bin/env bash
# Checks the form of all that is written here: Swift, shell, Python.
set -euo pipefail
cd "$(dirname "$0")/.."

source scripts/temporary.sh
scripts/need.sh swift shellcheck
swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks
shellcheck ./*.sh scripts/*.sh demo/*.sh Tests/EndToEnd/*.sh .ci/run
.venv/bin/ruff check --quiet
.venv/bin/ruff format --check --quiet
echo "lint: no problems found"

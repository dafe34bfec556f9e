#!/bin/sh
# Shows the product at work on a local AWS: `make demo`, or this script after `make setup`.
set -eu
cd "$(dirname "$0")/.."

exec .venv/bin/python demo/demo.py "$@"

#!/bin/sh
# Shows the product at work on a local AWS: all of it, or one line of it by name.
# `make demo` and `make demo DEMO=codecommit`, or this script after `make setup`.
set -eu
cd "$(dirname "$0")/.."

case "${1-}" in
'')
    python3 demo/prepare.py
    exec .venv/bin/python demo/demo.py
    ;;
-*) exec .venv/bin/python demo/demo.py "$@" ;;
*) exec .venv/bin/python demo/one_line.py "$@" ;;
esac

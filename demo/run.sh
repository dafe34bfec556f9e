#!/bin/sh
# Shows the product at work on a local AWS: `make demo`, or this script where `make setup` has
# been run. What it needs of Python goes to .venv.
set -eu
cd "$(dirname "$0")/.."

wanted=$(cat demo/requirements.txt Tests/EndToEnd/requirements.txt | sha256sum)
if [ "$(cat .venv/demo 2>/dev/null)" != "$wanted" ]; then
    echo "Installing the local AWS in .venv (once) ..."
    [ -x .venv/bin/python ] || python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --no-compile \
        --requirement demo/requirements.txt
    echo "$wanted" >.venv/demo
fi

exec .venv/bin/python demo/demo.py "$@"

#!/bin/sh
# Shows the product at work on a local AWS: `demo/run.sh`, or `make demo`.
#
# Everything it needs beyond Python 3.11 and the build's own tools goes to .cache.
set -eu
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
if ! "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))'; then
    echo "demo: Python 3.11 or newer with its venv module is needed, found: $("$python" --version)" >&2
    exit 1
fi

wanted=$(cat demo/requirements.txt Tests/EndToEnd/requirements.txt | sha256sum | cut -c1-12)
environment=.cache/demo/$wanted
if [ ! -e "$environment/complete" ]; then
    echo "Installing the local AWS (once; about a minute) ..."
    rm -rf "$environment"
    "$python" -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check --no-compile \
        --requirement demo/requirements.txt
    touch "$environment/complete"
fi

exec "$environment/bin/python" demo/demo.py "$@"

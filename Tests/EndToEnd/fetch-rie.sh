#!/bin/sh
# Fetches the official Lambda Runtime Interface Emulator into .cache/ and prints its path.
#
# It ships inside the wheel of aws-sam-cli; only that one member is taken out.
set -eu
cd "$(dirname "$0")/../.."

python=${POINTSMAN_PYTHON:-.venv/bin/python}
version=1.170.0
case "$(uname -m)" in
x86_64)
    member=aws-lambda-rie-x86_64
    digest=6b1e686e62ab2baf5759c412c4864276ef2a88b094fca53ec070637ccba9b9a5
    ;;
aarch64)
    member=aws-lambda-rie-arm64
    digest=
    ;;
*)
    echo "fetch-rie: no emulator for $(uname -m)" >&2
    exit 1
    ;;
esac

emulator=$PWD/.cache/rie/$version/$member
if [ ! -x "$emulator" ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    "$python" -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: \
        "aws-sam-cli==$version" -d "$scratch" >&2
    "$python" - "$scratch" "samcli/local/rapid/$member" <<'PYTHON' >"$scratch/emulator"
import pathlib, sys, zipfile

[wheel] = pathlib.Path(sys.argv[1]).glob("*.whl")
sys.stdout.buffer.write(zipfile.ZipFile(wheel).read(sys.argv[2]))
PYTHON
    if [ -n "$digest" ]; then
        echo "$digest  $scratch/emulator" | sha256sum --check --quiet >&2
    fi
    chmod +x "$scratch/emulator"
    mkdir -p "$(dirname "$emulator")"
    mv "$scratch/emulator" "$emulator"
fi
echo "$emulator"

#!/usr/bin/env bash
# Checks template.yaml and examples/: their form, what checkov asks for, and what no linter knows.
# The tools are in .venv-template, apart from the tests' own: they insist on other versions of boto3.
# Where all is there it needs no network.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/temporary.sh
export AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 LOG_LEVEL=ERROR

# Makes a virtual environment, unless it is there with these very packages.
environment() {
    local folder=$1 requirements=$2 wanted
    wanted=$(sha256sum <"$requirements")
    [[ $(cat "$folder/complete" 2>/dev/null) != "$wanted" ]] || return 0
    echo "installing Python packages in $folder"
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check "${@:3}" -r "$requirements"
    echo "$wanted" >"$folder/complete"
}
# Of its ten thousand files few are ever imported: those are compiled then.
environment .venv-template scripts/template-requirements.txt --no-deps --no-compile
# The CDK itself runs in node.
if command -v node >/dev/null; then
    environment .venv-cdk examples/cdk/requirements.txt
fi

# Runs one tool; what it says is of interest only where it finds something.
check() {
    local said
    if ! said=$("$@" 2>&1); then
        printf '%s\n' "$said" >&2
        return 1
    fi
}

PATH=$PWD/.venv-template/bin:$PATH
check cfn-lint template.yaml 'examples/**/*.yaml'
check sam validate --lint --language-extensions --template template.yaml
python Tests/Template/cloudformation.py >"$TMPDIR/template.json"
check checkov --file "$TMPDIR/template.json" --config-file scripts/checkov.yaml
python -m pytest Tests/Template

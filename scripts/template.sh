#!/usr/bin/env bash
# Checks template.yaml and examples/: their form, what checkov asks for, and what no linter knows.
# The tools are in .venv-template, apart from the tests' own: they insist on other versions of boto3.
# Where all is there it needs no network.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/temporary.sh
export AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 LOG_LEVEL=ERROR

wanted=$(sha256sum <scripts/template-requirements.txt)
if [[ $(cat .venv-template/complete 2>/dev/null) != "$wanted" ]]; then
    echo "installing Python packages in .venv-template"
    rm -rf .venv-template
    python3 -m venv .venv-template
    .venv-template/bin/pip install --quiet --disable-pip-version-check --no-deps \
        -r scripts/template-requirements.txt
    echo "$wanted" >.venv-template/complete
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

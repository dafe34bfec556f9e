#!/usr/bin/env bash
# What action.yml does, by the variables that it sets: fetches the tool of a release, sees that it is the
# one that was meant, and has it check.
set -euo pipefail
fail() { echo "::error::$1" && exit 2; }

name=pointsman-linux-$(uname -m | sed s/aarch64/arm64/)
folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/pointsman.XXXXXX")
trap 'rm -rf "$folder"' EXIT
[[ $POINTSMAN_VERSION =~ ^v[0-9][0-9A-Za-z.+-]*$ ]] || fail "version: expected such as v1.0.0, found '$POINTSMAN_VERSION'"
[[ -z $POINTSMAN_SHA256 || $POINTSMAN_SHA256 =~ ^[0-9a-f]{64}$ ]] ||
    fail "sha256: expected 64 hexadecimal digits, found '$POINTSMAN_SHA256'"
[[ $POINTSMAN_STRICT =~ ^(true|false)$ ]] || fail "strict: expected true or false, found '$POINTSMAN_STRICT'"

fetch() {
    curl --fail --silent --show-error --location --retry 3 --output "$folder/$1" \
        "$POINTSMAN_RELEASES/$POINTSMAN_VERSION/$1" || fail "$1 of $POINTSMAN_VERSION cannot be fetched"
}
wanted=$POINTSMAN_SHA256
if [[ -z $wanted ]]; then
    fetch SHA256SUMS
    wanted=$(sed -nE "s/^([0-9a-f]{64}) [ *]$name$/\1/p" "$folder/SHA256SUMS")
    [[ -n $wanted ]] || fail "$POINTSMAN_VERSION has no $name"
fi
fetch "$name"
found=$(sha256sum "$folder/$name" | cut -c 1-64)
[[ $found == "$wanted" ]] || fail "$name of $POINTSMAN_VERSION is another one: its SHA-256 is $found, not $wanted"
chmod +x "$folder/$name"
options=()
[[ $POINTSMAN_STRICT == false ]] || options=(--strict)
read -ra paths <<<"$POINTSMAN_PATHS"
"$folder/$name" check --format github "${options[@]}" -- "${paths[@]}"

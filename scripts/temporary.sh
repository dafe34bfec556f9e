# shellcheck shell=sh # sourced, also by make
# A temporary folder of the script's own, which goes when the script ends, whatever ends it: SwiftPM,
# for one, leaves its own behind. What the script runs has the same folder.
if [ -z "${POINTSMAN_TEMPORARY-}" ]; then
    TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/pointsman.XXXXXX")
    POINTSMAN_TEMPORARY=$TMPDIR
    export TMPDIR POINTSMAN_TEMPORARY
    trap 'rm -rf "$TMPDIR"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
fi

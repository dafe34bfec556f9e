#!/usr/bin/env bash
# Ends with 1 and one sentence where a command is missing: scripts/need.sh COMMAND...
set -euo pipefail

missing=()
for command in "$@"; do
    command -v "$command" >/dev/null && continue
    case $command in
    swift) missing+=("swift (6.3 or later, from https://www.swift.org/install)") ;;
    git | gcc | make | python3 | dpkg-query | apt-get) missing+=("$command") ;;
    *) missing+=("$command (which \`make setup\` installs)") ;;
    esac
done
((${#missing[@]})) || exit 0
printf -v list ', %s' "${missing[@]}"
echo "this machine lacks ${list#, }; nothing was built" >&2
exit 1

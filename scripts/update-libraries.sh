#!/usr/bin/env bash
# Moves the pins of the libraries that the release builds, for a security update:
# scripts/update-libraries.sh [NAME[=VERSION]]... takes the newest source packages that the
# distribution signs, writes their digests to libraries.sha256 and says what has changed. Where the
# mirror lacks the files of the newest, a version can be named. Without arguments: all libraries.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
pins=$root/scripts/libraries.sha256
debian=$(dpkg --print-architecture)
(($#)) || set -- curl openssl

# The version of a library that a list pins.
version() {
    sed -nE "s/.* ${1}_(.*)\.dsc$/\1/p" "$2"
}

for wanted in "$@"; do
    name=${wanted%%=*}
    old=$(version "$name" "$pins")
    [[ $old ]] || {
        echo "update-libraries.sh: $name is none of the libraries in scripts/libraries.sha256" >&2
        exit 2
    }
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    (cd "$work" && "$root/scripts/apt.sh" "$debian" source --download-only "$wanted") \
        >"$work.log" 2>&1 || {
        cat "$work.log" >&2
        echo "update-libraries.sh: cannot download $wanted" >&2
        rm -f "$work.log"
        exit 1
    }
    rm -f "$work.log"
    {
        grep -v " ${name}_" "$pins" || true
        (cd "$work" && sha256sum ./*.dsc ./*.tar.* | sed 's| \./| |' | grep -v '\.asc$')
    } | sort -k 2 >"$work/pins"
    new=$(version "$name" "$work/pins")
    cat "$work/pins" >"$pins"
    if [[ $old == "$new" ]]; then
        echo "$name: $old, as before"
    else
        echo "$name: $old → $new"
        mkdir -p .cache/libraries
        rm -rf ".cache/libraries/$name-source-$new"
        rm "$work/pins"
        mv "$work" ".cache/libraries/$name-source-$new"
    fi
    rm -rf "$work"
done

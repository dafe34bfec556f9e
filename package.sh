#!/usr/bin/env bash
# Packages the release. --help tells the rest.
set -euo pipefail
cd "$(dirname "$0")"

usage="usage: ./package.sh [--architecture x86_64|arm64]

Makes dist/pointsman-ARCHITECTURE.zip, whose one file is the static executable bootstrap, and
prints its SHA-256. Without --architecture it is the machine's own, and dist/pointsman.zip is the
same zip. The same sources, Swift toolchain and library versions (listed in
dist/ARCHITECTURE/inputs) give the same bytes. The network is needed once for each architecture."
budget=2000000 # bytes of the zip

architecture=$(uname -m | sed s/aarch64/arm64/)
while (($#)); do
    case $1 in
    --architecture) architecture=${2-} && shift ;;
    --architecture=*) architecture=${1#*=} ;;
    -h | --help) echo "$usage" && exit ;;
    *) echo "$usage" >&2 && exit 2 ;;
    esac
    shift || true
done
source scripts/temporary.sh
scripts/need.sh swift python3 advzip
source scripts/architecture.sh

scripts/release.sh bootstrap "$architecture"

# The same binary gives the same zip: no time, owner or order of this machine is in it. advzip
# deflates it again, which makes it smaller by 3 % in 5 s.
pack() {
    rm -f "$2"
    python3 - "$1" "$2" <<'PYTHON'
import sys
import zipfile

entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
entry.create_system = 3  # Unix, whose permissions follow: an executable file
entry.external_attr = 0o100755 << 16
with open(sys.argv[1], "rb") as binary, zipfile.ZipFile(sys.argv[2], "w") as archive:
    archive.writestr(entry, binary.read(), zipfile.ZIP_DEFLATED, compresslevel=9)
PYTHON
    advzip --recompress --shrink-extra --quiet "$2"
}

binary=dist/$architecture/bootstrap zip=dist/pointsman-$architecture.zip
packed=dist/$architecture/packed # the digests of a zip and of what it is made from
if ! sha256sum --check --status "$packed" 2>/dev/null; then
    echo "packing $binary, about 10 s"
    pack "$binary" "$zip"
    sha256sum "$binary" "$zip" package.sh >"$packed"
fi

size=$(stat -c %s "$zip")
printf '%-24s %9d bytes of at most %d\n' "$zip" "$size" "$budget"
((size <= budget)) || {
    echo "package.sh: $zip exceeds its budget" >&2
    exit 1
}
[[ ! ${is_native-} ]] || ln -f "$zip" dist/pointsman.zip
sha256sum "$zip"

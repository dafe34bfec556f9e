#!/usr/bin/env bash
# Packages the release. --help tells the rest.
set -euo pipefail
cd "$(dirname "$0")"

usage="usage: ./package.sh [--architecture x86_64|arm64]

Makes dist/pointsman-ARCHITECTURE.zip, whose one file is the static executable bootstrap, and
prints its SHA-256. Without --architecture it is the machine's own, and dist/pointsman.zip is the
same zip. The same sources, Swift toolchain and library versions (listed in
dist/ARCHITECTURE/inputs) give the same bytes. The network is needed once for each architecture."
budget=3300000 # bytes of the zip

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
scripts/need.sh swift python3 zopfli
source scripts/architecture.sh

scripts/release.sh bootstrap "$architecture"

# The same binary gives the same zip: no time, owner or order of this machine is in it. Zopfli's
# deflate is smaller than zlib's by 3 %, and 20 s slower. The format: PKWARE's APPNOTE.TXT, 4.3.
pack() {
    local deflated=$TMPDIR/deflated
    zopfli --deflate --i3 -c "$1" >"$deflated"
    python3 - "$1" "$deflated" "$2" <<'PYTHON'
import struct
import sys
import zlib

binary, deflated = (open(name, "rb").read() for name in sys.argv[1:3])
assert zlib.decompress(deflated, -zlib.MAX_WBITS) == binary
name = b"bootstrap"
january_1980 = 1 << 5 | 1
# version needed, flags, deflate, time, date, digest, sizes, lengths of the name and of what is extra
entry = struct.pack(
    "<5H3I2H", 20, 0, 8, 0, january_1980, zlib.crc32(binary), len(deflated), len(binary), len(name), 0
)
local = b"PK\x03\x04" + entry + name + deflated
# made by Unix; no comment, first disk, binary; an executable file; the entry is at the start
central = b"PK\x01\x02" + struct.pack("<H", 3 << 8 | 20) + entry
central += struct.pack("<3H2I", 0, 0, 0, 0o100755 << 16, 0) + name
end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 1, 1, len(central), len(local), 0)
with open(sys.argv[3], "wb") as archive:
    archive.write(local + central + end)
PYTHON
}

binary=dist/$architecture/bootstrap zip=dist/pointsman-$architecture.zip
packed=dist/$architecture/packed # the digests of a zip and of what it is made from
if ! sha256sum --check --status "$packed" 2>/dev/null; then
    echo "packing $binary, about 25 s"
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

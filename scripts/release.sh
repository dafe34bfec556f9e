#!/usr/bin/env bash
# Builds a product as it is released, as Embedded Swift and fully static: dist/PRODUCT.
set -euo pipefail
cd "$(dirname "$0")/.."
product=${1:?the product, such as bootstrap, is missing}

fail() {
    echo "release.sh: $1" >&2
    exit 1
}

[[ $(uname -sm) == "Linux x86_64" ]] ||
    fail "the release is built on and for x86_64 Linux, and this is $(uname -sm): the Swift \
toolchain has an Embedded standard library for no other Linux"
resources=$(swiftc -print-target-info |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["paths"]["runtimeResourcePath"])')
unicode=$resources/embedded/x86_64-unknown-linux-gnu/libswiftUnicodeDataTables.a
[[ -f $unicode ]] || fail "this Swift toolchain lacks $unicode"
libcurl=$(scripts/libcurl.sh)

arguments=(-Xcc "-I$libcurl/include" -Xswiftc -use-ld=bfd -Xswiftc -Xclang-linker -Xswiftc -static)
for argument in \
    -L"$libcurl/lib" --start-group -lcurl -lcares -lssl -lcrypto -lpcre2-8 -lm --end-group \
    "$unicode" -T scripts/release.ld --orphan-handling=error --no-eh-frame-hdr \
    --gc-sections --strip-all --build-id=none -z norelro -z max-page-size=4096 \
    --no-warnings; do
    arguments+=(-Xlinker "$argument")
done
built=.build-embedded/release/$product
rm -f "$built" # SwiftPM does not know that it depends on scripts/ and libcurl too
# Without debug information, which would be stripped, the compiler needs a third of the time.
POINTSMAN_EMBEDDED=1 swift build -c release --product "$product" -debug-info-format none \
    --scratch-path .build-embedded "${arguments[@]}"

# The first segment reaches over the data of a start as well: see release.ld.
mkdir -p dist
python3 - "$built" "dist/$product" <<'PYTHON'
import struct
import sys

binary = bytearray(open(sys.argv[1], "rb").read())
[headers] = struct.unpack_from("<Q", binary, 0x20)
header = struct.Struct("<IIQQQQQQ")  # type, flags, offset, address, -, size, memory size, alignment
code, data = (list(header.unpack_from(binary, headers + n * header.size)) for n in (0, 1))
assert code[:3] == [1, 5, 0] and data[:2] == [1, 6] and data[5] == data[6]
code[5] = code[6] = data[2] + data[5]
assert code[3] + code[6] <= data[3]
header.pack_into(binary, headers, *code)
with open(sys.argv[2], "wb") as file:
    file.write(binary)
PYTHON
chmod 0755 "dist/$product"

# Read whole before it is searched: grep -q would end the pipe early, and pipefail see an error.
dynamic=$(readelf --wide --program-headers --dynamic "dist/$product")
! grep -qE 'INTERP|NEEDED' <<<"$dynamic" || fail "dist/$product is not static"
! grep -qaE 'libFoundation|FoundationEssentials' "dist/$product" ||
    fail "dist/$product needs Foundation"
printf '%-20s %9d bytes, static\n' "dist/$product" "$(stat -c %s "dist/$product")"

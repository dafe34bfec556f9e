#!/usr/bin/env bash
# Builds the command-line tool as it is released, for this machine's architecture: dist/pointsman,
# ordinary Swift with Foundation, static: it needs no Swift, no libcurl and no loader where it runs.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "tool.sh: $1" >&2
    exit 1
}

source scripts/temporary.sh
[[ $(uname -s) == Linux ]] || fail "the tool is built on Linux, and this is $(uname -s)"
scripts/need.sh swift python3 make dpkg-source patch readelf xz
commit=$(scripts/commit.sh)
architecture=$(uname -m | sed s/aarch64/arm64/)
openssl=$(scripts/library.sh openssl "$architecture")
curl=$(scripts/library.sh curl "$architecture" proxy)

linker=(-L"$curl/lib" -L"$openssl/lib" --start-group -lcurl -lcares -lssl -lcrypto -lpcre2-8 --end-group --strip-all)
arguments=(-Xcc "-I$curl/include" -Xcc "-I$openssl/include" -Xswiftc -static-executable)
for argument in "${linker[@]}"; do
    arguments+=(-Xlinker "$argument")
done
# Without debug information, which would be stripped, the compiler needs a third of the time.
POINTSMAN_COMMIT=$commit swift build -c release --product pointsman --static-swift-stdlib -debug-info-format none \
    --scratch-path .build-tool "${arguments[@]}"

mkdir -p dist
install -m 0755 .build-tool/release/pointsman dist/pointsman
# Read whole before it is searched: grep -q would end the pipe early, and pipefail see an error.
dynamic=$(readelf --wide --program-headers --dynamic dist/pointsman)
! grep -qE 'INTERP|NEEDED' <<<"$dynamic" || fail "dist/pointsman is not static"
printf '%-24s %9d bytes, static\n' dist/pointsman "$(stat -c %s dist/pointsman)"

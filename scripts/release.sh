#!/usr/bin/env bash
# Builds a product as it is released, as Embedded Swift and fully static, for x86_64 or arm64:
# scripts/release.sh PRODUCT [ARCHITECTURE] makes dist/ARCHITECTURE/PRODUCT and, for the machine's
# own, dist/PRODUCT.
set -euo pipefail
cd "$(dirname "$0")/.."
product=${1:?the product, such as bootstrap, is missing}
architecture=${2:-$(uname -m | sed s/aarch64/arm64/)}

fail() {
    echo "release.sh: $1" >&2
    exit 1
}

source scripts/temporary.sh
[[ $(uname -s) == Linux ]] || fail "the release is built on Linux, and this is $(uname -s)"
scripts/need.sh swift python3 make dpkg-source patch readelf xz
source scripts/architecture.sh
commit=$(scripts/commit.sh)
unicode=$resources/embedded/$swift/libswiftUnicodeDataTables.a
[[ -f $unicode ]] || fail "this Swift toolchain has no Embedded standard library for $architecture: \
$unicode is missing"
sysroot=$(scripts/sysroot.sh "$architecture")
openssl=$(scripts/library.sh openssl "$architecture" headers)
curl=$(scripts/library.sh curl "$architecture" headers)

# What the libraries' archives offer and nothing calls: PCRE2's compiler to machine code (no
# expression is compiled by it), c-ares' names of services (libcurl gives it port numbers), which
# would bring the C library's loader of modules with them, that loader itself (a static program has no
# modules, and names are resolved by c-ares), TLS as a server speaks it, its extensions included, what the C
# library scans and prints floating-point numbers and wide characters with (no format has them), and what
# C++ unwinds a stack with (nothing throws).
uncalled=(
    pcre2_jit_match_8 _pcre2_jit_check_exec_8 _pcre2_jit_free_8 _pcre2_jit_get_size_8
    _pcre2_jit_get_target_8 getservbyname getservbyport_r
    ossl_statem_server_{read_transition,write_transition,pre_work,post_work,construct_message}
    ossl_statem_server_{max_message_size,process_message,post_process_message}
    tls_parse_ctos_{alpn,cookie,early_data,ec_pt_formats,ems,etm,key_share,maxfragmentlen,post_handshake_auth}
    tls_parse_ctos_{psk,psk_kex_modes,renegotiate,server_name,session_ticket,sig_algs,sig_algs_cert}
    tls_parse_ctos_supported_groups
    tls_construct_stoc_{alpn,cookie,cryptopro_bug,early_data,ec_pt_formats,ems,etm,key_share,maxfragmentlen}
    tls_construct_stoc_{psk,renegotiate,server_name,session_ticket,supported_groups,supported_versions}
    _dl_open __gcc_personality_v0 _Unwind_Resume
    __strto{f,d,ld,f128}_internal __printf_fp __printf_fphex __vfwprintf_internal __gconv_transliterate
)
# Curves of which TLS here agrees on none. A certificate may name them all the same: no signature by
# them is valid.
refused=(
    ossl_ed25519_{sign,verify,public_from_private} ossl_ed448_{sign,verify,public_from_private}
    ossl_x448 ossl_x448_public_from_private
)
replaced=("${uncalled[@]/%/=abort}" "${refused[@]/%/=pointsman_refuse}")
compiler=("--target=$gnu" "--sysroot=$sysroot" "-I$curl/include" "-I$openssl/include")
linker=(
    -L"$curl/lib" -L"$openssl/lib" --start-group -lcurl -lcares -lssl -lcrypto -lpcre2-8 -lm --end-group
    "$unicode" -T "$PWD/scripts/release.ld" --orphan-handling=error --no-eh-frame-hdr
    --gc-sections --icf=all "${replaced[@]/#/--defsym=}" --strip-all --build-id=none -z norelro -z "max-page-size=$page"
)
arguments=(
    --triple "$swift" "${compiler[@]/#/-Xcc=}" -Xswiftc -use-ld=lld
    -Xswiftc -Xfrontend -Xswiftc -clang-target -Xswiftc -Xfrontend -Xswiftc "$gnu"
)
for argument in "--target=$gnu" "--sysroot=$sysroot" -static; do
    arguments+=(-Xswiftc -Xclang-linker -Xswiftc "$argument")
done
for argument in "${linker[@]}"; do
    arguments+=(-Xlinker "$argument")
done
# Swift's optimizer orders some releases by their addresses in its own memory, which are therefore to
# be the same in every run.
fixed=(setarch --addr-no-randomize)
"${fixed[@]}" true 2>/dev/null || {
    fixed=()
    echo "release.sh: notice: addresses cannot be fixed here (a container's seccomp profile may forbid" \
        "personality): another build may differ in a few bytes" >&2
}
built=.build-embedded/$swift/release/$product
# What the linker reads and SwiftPM does not know of: where it has changed, it links again.
linked=${built%/*}/$product.linked
sha256sum --check --status "$linked" 2>/dev/null || rm -f "$built"
# Without debug information, which would be stripped, the compiler needs a third of the time.
# SwiftPM would fetch all packages that Package.resolved names, and bootstrap needs none of them: it is
# built from a folder that has the package without that file.
mkdir -p .build-embedded/package
ln -sfn ../../{Package.swift,Sources,Benchmarks} .build-embedded/package
build() {
    SWIFT_EXEC=$PWD/scripts/swiftc.sh POINTSMAN_EMBEDDED=1 POINTSMAN_COMMIT=$commit "${fixed[@]}" \
        swift build -c release "$@" -debug-info-format none \
        --package-path .build-embedded/package --scratch-path .build-embedded "${arguments[@]}"
}
# The libraries are needed to link: until then they are built beside the compiler, which has most to do.
if [[ ! -d $curl/lib ]]; then
    nice -n 5 scripts/library.sh curl "$architecture" >/dev/null &
    status=0
    build --target "$product" || status=$?
    wait $!
    ((status == 0)) || exit "$status"
fi
build --product "$product"
sha256sum scripts/release.ld ".cache/sysroot/$architecture.packages" >"$linked"

# The first segment reaches over the data of a start as well: see release.ld.
mkdir -p "dist/$architecture"
python3 - "$built" "dist/$architecture/$product" <<'PYTHON'
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
# What its bytes depend on besides the sources.
{
    echo "commit=${commit:-unknown}"
    swiftc --version 2>&1 | grep -i 'swift version'
    sed -n 's/^Version: /curl=/p' "$curl/source.dsc"
    sed -n 's/^Version: /openssl=/p' "$openssl/source.dsc"
    cat ".cache/sysroot/$architecture.packages"
} >"dist/$architecture/inputs"

built=dist/$architecture/$product
chmod 0755 "$built"

# Read whole before it is searched: grep -q would end the pipe early, and pipefail see an error.
dynamic=$(readelf --wide --program-headers --dynamic "$built")
! grep -qE 'INTERP|NEEDED' <<<"$dynamic" || fail "$built is not static"
! grep -qaE 'libFoundation|FoundationEssentials' "$built" || fail "$built needs Foundation"
printf '%-24s %9d bytes, static\n' "$built" "$(stat -c %s "$built")"
[[ ! ${is_native-} ]] || ln -f "$built" "dist/$product"

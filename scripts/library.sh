#!/usr/bin/env bash
# Builds a static library of the release for x86_64 or arm64 from Debian's source package as
# libraries.sha256 has it: scripts/library.sh openssl|curl ARCHITECTURE prints the folder that holds
# its include/ and lib/. A second run finds it in .cache/libraries and needs no network. With `headers`
# behind it, it ends as soon as include/ is there, and a second run goes on from there. With `proxy`,
# curl can go through proxies, as the tool does.
set -Eeuo pipefail
cd "$(dirname "$0")/.."
name=$1
architecture=$2
part=${3-}
source scripts/architecture.sh
sysroot=$(scripts/sysroot.sh "$architecture")
# For size: what computes much is written in assembly.
flags="-Os -fno-pie -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables"

# OpenSSL: what a TLS client of AWS, GitHub and Kubernetes needs, and signing with RSA.
openssl_options=(
    # One static program, on one thread, that runs until it is killed: nothing is loaded at run
    # time, neither modules nor openssl.cnf, nothing is locked, nobody is asked, nothing cleaned up.
    no-shared no-pic no-dso no-module no-engine no-autoload-config no-threads no-async no-atexit
    no-secure-memory no-ui-console no-tests
    # libcurl reads and writes the sockets.
    no-sock no-ktls
    # Names of source files and texts of errors: the former are in no message; the latter are loaded
    # by libcurl's patch when there is an error to tell of.
    no-filenames no-autoerrinit
    # As Debian builds it: the kernel gives random numbers.
    no-rdrand
    # TLS 1.2 and 1.3 over TCP and their usual extensions. (Session tickets need no PSK of others.)
    no-ssl3 no-ssl3-method no-tls1 no-tls1_1 no-dtls no-srtp no-psk no-srp no-nextprotoneg no-comp
    no-multiblock no-ssl-trace
    # X.509 is verified with certificates alone: no revocation by OCSP, no transparency logs, no
    # addresses in certificates, no messages (CMS), enrolment (CMP) and time stamps.
    no-ocsp no-ct no-rfc3779 no-cms no-cmp no-ts
    # Keys: RSA and elliptic curves over primes, of which TLS agrees on X25519, P-256 and P-384.
    enable-ec_nistp_64_gcc_128 no-dh no-dsa no-ec2m no-sm2 no-gost
    # Ciphers: AES-GCM, ChaCha20-Poly1305.
    no-legacy no-aria no-bf no-camellia no-cast no-des no-idea no-rc2 no-rc4 no-rc5 no-seed no-sm4
    no-ocb no-siv no-cmac no-siphash
    # Digests: SHA-1 and SHA-2; MD5 cannot be left out.
    no-md2 no-md4 no-mdc2 no-rmd160 no-whirlpool no-sm3 no-blake2 no-scrypt
)
# Debian's own level: 112 bits of security for every key and signature of a chain.
openssl_level=-DOPENSSL_TLS_SECURITY_LEVEL=2
# libcurl: HTTP and HTTPS only, c-ares as resolver (a static glibc cannot load NSS).
curl_options=(
    --disable-shared --enable-static --with-pic=no --disable-dependency-tracking
    --disable-openssl-auto-load-config --without-ca-bundle --without-ca-path
    --enable-ipv6 --enable-ares --disable-threaded-resolver --disable-pthreads
    --disable-ftp --disable-file --disable-ldap --disable-ldaps --disable-rtsp --disable-dict
    --disable-telnet --disable-tftp --disable-pop3 --disable-imap --disable-smb --disable-smtp
    --disable-gopher --disable-mqtt --disable-websockets --disable-doh --disable-proxy
    --disable-alt-svc --disable-hsts --disable-cookies --disable-netrc --disable-unix-sockets
    --disable-ntlm --disable-tls-srp --disable-crypto-auth --disable-http-auth --disable-sspi
    --disable-mime --disable-dateparse --disable-dnsshuffle --disable-progress-meter
    --disable-headers-api --disable-get-easy-options --disable-socketpair
    --disable-libcurl-option --disable-manual --disable-versioned-symbols
    --without-libpsl --without-libidn2 --without-brotli --without-zstd --without-zlib
    --without-nghttp2 --without-librtmp --without-libssh2 --without-libgsasl
)

fail() {
    echo "library.sh: $1" >&3
    exit 1
}

# Into a folder: the source package, in a version or in the newest.
download() {
    echo "downloading $2 (once)" >&3
    rm -rf "$1" "$1.part"
    mkdir -p "$1.part"
    (cd "$1.part" && "$root/scripts/apt.sh" "$debian" source --download-only "$2") >>"$log" 2>&1 &&
        mv "$1.part" "$1"
}

# Prints the .dsc of the source to build: the pinned one; or, where the mirror has a newer one in its
# place, that, which the distribution has signed as well.
find_source() {
    local pinned version source instead
    pinned=$(sed -nE "s/.* (${name}_.*\.dsc)$/\1/p" scripts/libraries.sha256)
    version=${pinned#"${name}_"} version=${version%.dsc}
    source=$cache/$name-source-$version instead=$cache/$name-instead-of-$version
    [[ -d $source || -d $instead ]] || download "$source" "$name=$version" ||
        download "$instead" "$name" ||
        fail "cannot download $name's source; the network is needed once. More in ${log#"$root"/}"
    if [[ -d $source ]]; then
        (cd "$source" && grep " ${name}_" "$root/scripts/libraries.sha256" |
            sha256sum --quiet --check) >&3 2>&1 ||
            fail "what lies in ${source#"$root"/} is not what scripts/libraries.sha256 says"
        echo "$source/$pinned"
    else
        source=$(echo "$instead/$name"_*.dsc)
        echo "library.sh: notice: this is ${source##*/}, not $pinned of scripts/libraries.sha256," \
            "which the mirror lacks: the release will not be byte for byte the one of that" >&3
        echo "$source"
    fi
}

# Both are built by a compiler whose name says nothing of this machine: OpenSSL keeps it.
prepare() {
    rm -rf "$work" "$prefix"
    mkdir -p "$work/bin" "$work/installed/lib" "$prefix/include/$name"
    printf '#!/bin/sh\nexec %s "$@"\n' "${clang[*]}" >"$work/bin/cc"
    chmod +x "$work/bin/cc"
    cd "$work"
    dpkg-source --extract "$dsc" source
    cd source
    "prepare_$name"
    cp "$dsc" "$prefix/source.dsc"
    cp "include/$name"/*.h "$prefix/include/$name"
    touch "$work/prepared"
}

build() {
    rm "$work/prepared" # one that is interrupted begins anew
    cd "$work/source"
    "build_$name"
    mv "$work/installed/lib" "$prefix"
}

# The tables of the default provider name all that it offers: what they do not name, the linker
# leaves out, a third of libcrypto.
narrow_openssl() {
    local algorithms='NULL|SHA1|SHA2_(224|256|384|512)|MD5|MD5_SHA1|AES_256_(ECB|CTR)|AES_(128|256)_GCM'
    algorithms+='|ChaCha20|ChaCha20_Poly1305|HMAC|HKDF|TLS1_3_KDF|TLS1_PRF|ECDH|X25519|EC|ECDSA|RSA|RSA_PSS'
    algorithms+='|CTR_DRBG|SEED_SRC'
    perl -0pi -e "s/^    (\\{ |ALGC?\\()PROV_NAMES_(?!($algorithms),).*?( \\}|\\)),\\n//gms" providers/defltprov.c
    # Keys are read (RSA, EC, X25519) and never written, and no file of another format holds one.
    perl -0pi -e 's/^ENCODER.*?\),\n//gms' providers/encoders.inc
    perl -0pi -e 's/^DECODER\w*\("(ED|X448|[^"]*", (msblob|pvk)).*?\),\n//gms' providers/decoders.inc
    sed -i '/^STORE(/d' providers/stores.inc
    sed -i '/"base"/d' crypto/provider_predefined.c
    sed -i -E '/EVP_add_cipher\(EVP_/{/(aes_(128|256)_gcm|aes_256_(ctr|ecb)|chacha20)/!d}; /EVP_add_cipher_alias/d' crypto/evp/c_allc.c
    # P-256's table for x86_64 alone is a twelfth of the zip: it is the compiler's code instead.
    sed -i -E 's/ecp_nistz256\.c ecp_nistz256-(x86_64\.s|armv8\.S) ?//; s/ECP_NISTZ256_ASM ?//' crypto/ec/build.info
    # A processor without instructions for AES has the code for vectors, and needs no second one of them.
    sed -i -E 's/ bsaes-(x86_64\.s|armv8\.S)//; s/ ?\<BSAES_ASM//' crypto/aes/build.info
    sed -i -E 's/EC_GFp_nistp(224|521)_method/NULL/' crypto/ec/ec_curve.c
    # X25519's public key is the private one times the base point 9 (RFC 7748, section 6.1): by the same
    # ladder as the shared secret, as fast as by a table of 30,000 bytes, which Ed25519 would need too.
    perl -0pi -e 's/(void ossl_x25519_public_from_private\(.*?\)\n\{).*?\n\}/$1\n    static const uint8_t base[32] = { 9 };\n    x25519_scalar_mult(out_public_value, private_key, base);\n}/s' crypto/ec/curve25519.c
}

prepare_openssl() {
    narrow_openssl
    perl Configure "linux-${gnu%%-*}" --prefix=/ --openssldir=/etc/ssl "${openssl_options[@]}" CC=cc \
        AR="$toolchain/llvm-ar" RANLIB="$toolchain/llvm-ranlib" CFLAGS="$flags $openssl_level"
    make -j"$(nproc)" build_generated
}

build_openssl() {
    make -j"$(nproc)" libcrypto.a libssl.a
    cp libcrypto.a libssl.a "$work/installed/lib"
}

prepare_curl() {
    patch -p1 <"$root/scripts/libcurl-lazy.patch"
    # As released, configure is newer than what it is made from: the distribution's patches change
    # both, and autoconf is not to be needed for that.
    touch aclocal.m4 && find . -name Makefile.in -exec touch {} + && touch configure lib/curl_config.h.in
}

build_curl() {
    ./configure --host="$gnu" --prefix=/ --with-openssl="$openssl" "${curl_options[@]}" CC=cc \
        CFLAGS="$flags" LDFLAGS="-static -fuse-ld=lld" AR="$toolchain/llvm-ar" \
        RANLIB="$toolchain/llvm-ranlib"
    make -j"$(nproc)" -C lib install DESTDIR="$work/installed"
}

case $name in
openssl) options="$(declare -f narrow_openssl) ${openssl_options[*]} $openssl_level" patch=/dev/null takes="two minutes" ;;
curl)
    openssl=$(scripts/library.sh openssl "$architecture" "${part/proxy/}")
    # Of two options that contradict each other configure takes the later one.
    [[ $part != proxy ]] || curl_options+=(--enable-proxy --enable-http-auth)
    options="${curl_options[*]} ${openssl##*/}" patch=scripts/libcurl-lazy.patch takes="half a minute"
    ;;
*)
    echo "library.sh: there is no library '$name': openssl or curl" >&2
    exit 2
    ;;
esac
root=$PWD
cache=$root/.cache/libraries
log=$cache/$name.log
mkdir -p "$cache"
: >"$log"
exec 3>&2 # the terminal, also for a failure whose output goes to the log
dsc=$(find_source)
clang=("$toolchain/clang" "--target=$gnu" "--sysroot=$sysroot")
key=$( (cat "$dsc" "$patch" && "$toolchain/clang" --version | head -n 1 &&
    echo "$options $flags ${sysroot##*/}") | sha256sum)
prefix=$cache/$name-$architecture-${key:0:12}
work=$prefix.build
if [[ ! -d $prefix/lib ]]; then
    exec 9>"$prefix.lock" # another build of the same, in another terminal, is waited for
    flock 9
fi
if [[ ! -d $prefix/lib ]]; then
    export PATH=$work/bin:$PATH SOURCE_DATE_EPOCH=0
    trap '[[ -e $work/prepared ]] || rm -rf "$work"' EXIT
    trap 'tail -n 30 "$log" >&3; fail "the build failed; all of it is in ${log#"$root"/}"' ERR
    if [[ ! -e $work/prepared ]]; then
        echo "unpacking $name for $architecture (once)" >&2
        prepare >>"$log" 2>&1
    fi
    if [[ $part != headers ]]; then
        echo "building $name for $architecture (once, about $takes)" >&2
        build >>"$log" 2>&1
    fi
fi
echo "$prefix"

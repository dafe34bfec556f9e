#!/usr/bin/env bash
# Builds the release's libcurl for x86_64 or arm64: static, HTTP and HTTPS only, c-ares as resolver
# (a static glibc cannot load NSS), from Debian's source package as libcurl.sha256 has it. Prints
# the folder that holds include/ and lib/libcurl.a. A second run finds it in .cache/ and needs no
# network.
set -Eeuo pipefail
cd "$(dirname "$0")/.."
architecture=$1
source scripts/architecture.sh
sysroot=$(scripts/sysroot.sh "$architecture")

options=(
    --disable-shared --enable-static --with-pic=no --disable-dependency-tracking
    --with-openssl --disable-openssl-auto-load-config --without-ca-bundle --without-ca-path
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
flags="-O2 -fno-pie -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables"

fail() {
    echo "libcurl.sh: $1" >&3
    exit 1
}

# Into a folder: curl's source package, in a version or in the newest.
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
    pinned=$(sed -nE 's/.* (.*\.dsc)$/\1/p' scripts/libcurl.sha256)
    version=${pinned#curl_} version=${version%.dsc}
    source=$cache/source-$version instead=$cache/instead-of-$version
    [[ -d $source || -d $instead ]] || download "$source" "curl=$version" ||
        download "$instead" curl ||
        fail "cannot download curl's source; the network is needed once. More in ${log#"$root"/}"
    if [[ -d $source ]]; then
        (cd "$source" && sha256sum --quiet --check "$root/scripts/libcurl.sha256") >&3 2>&1 ||
            fail "what lies in ${source#"$root"/} is not what scripts/libcurl.sha256 says"
        echo "$source/$pinned"
    else
        source=$(echo "$instead"/curl_*.dsc)
        echo "libcurl.sh: notice: this is ${source##*/}, not $pinned of scripts/libcurl.sha256, which" \
            "the mirror lacks: the release will not be byte for byte the one of that" >&3
        echo "$source"
    fi
}

build() {
    cd "$work"
    dpkg-source --extract "$dsc" curl
    cd curl
    patch -p1 <"$root/scripts/libcurl-lazy.patch"
    # As released, configure is newer than what it is made from: the distribution's patches change
    # both, and autoconf is not to be needed for that.
    touch aclocal.m4 && find . -name Makefile.in -exec touch {} + && touch configure lib/curl_config.h.in
    ./configure --host="$gnu" --prefix=/ "${options[@]}" CC="${clang[*]}" CFLAGS="$flags" \
        LDFLAGS="-static -fuse-ld=lld" AR="$toolchain/llvm-ar" RANLIB="$toolchain/llvm-ranlib"
    make -j2 -C lib install DESTDIR="$work/installed"
    make -C include install DESTDIR="$work/installed"
    cp "$dsc" "$work/installed/source.dsc"
    rm -rf "$prefix"
    mkdir -p "${prefix%/*}"
    mv "$work/installed" "$prefix"
}

root=$PWD
cache=$root/.cache/libcurl
log=$cache/build.log
mkdir -p "$cache"
: >"$log"
exec 3>&2 # the terminal, also for a failure whose output goes to the log
dsc=$(find_source)
clang=("$toolchain/clang" "--target=$gnu" "--sysroot=$sysroot")
key=$( (cat "$dsc" scripts/libcurl-lazy.patch && "$toolchain/clang" --version | head -n 1 &&
    echo "${options[*]} $flags ${sysroot##*/}") | sha256sum)
prefix=$cache/$architecture-${key:0:12}
if [[ ! -d $prefix ]]; then
    echo "building libcurl for $architecture (once, about half a minute)" >&2
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'tail -n 30 "$log" >&3; fail "the build failed; all of it is in ${log#"$root"/}"' ERR
    build >>"$log" 2>&1
fi
echo "$prefix"

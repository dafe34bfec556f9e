#!/usr/bin/env bash
# Builds the release's libcurl: static, HTTP and HTTPS only, c-ares as resolver (a static glibc
# cannot load NSS), from the distribution's own source package of the installed version.
# Prints the folder that holds include/ and lib/libcurl.a. A second run finds it in .cache/ and
# needs no network; the machine's apt configuration is left as it is.
set -Eeuo pipefail
cd "$(dirname "$0")/.."

options=(
    --disable-shared --enable-static --with-pic=no --disable-dependency-tracking
    --with-openssl --disable-openssl-auto-load-config --without-ca-bundle --without-ca-path
    --enable-ares --disable-threaded-resolver --disable-pthreads
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
flags="-O2 -fno-pie -fno-plt -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables"

# Debug builds link the installed libcurl; the release has the same version, patches included.
version=$(dpkg-query -W -f '${source:Version}' libcurl4-openssl-dev)
key=$( (echo "$version ${options[*]} $flags" && cat scripts/libcurl-lazy.patch) | sha256sum)
prefix=$PWD/.cache/libcurl/${version//[^0-9A-Za-z.+-]/_}-${key:0:12}

if [[ -f $prefix/lib/libcurl.a ]]; then
    echo "$prefix"
    exit
fi

root=$PWD
exec 3>&2 # the terminal, also for a failure whose output goes to the log
work=$(mktemp -d)
log=$root/.cache/libcurl/build.log
mkdir -p "${log%/*}"
trap 'rm -rf "$work"' EXIT

# An apt of our own: the distribution's sites as the machine knows them, for source packages. The
# machine's hooks belong to its own updates and are left out.
own_apt() {
    mkdir -p "$work"/apt/state/lists/partial "$work"/apt/cache/archives/partial
    # shellcheck disable=SC2016 # the dollars are apt's
    apt-get indextargets --format '$(ORIGIN)|deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' | sed -nE 's/^(Debian|Ubuntu)\|//p' | sort -u >"$work/apt/sources"
    [[ -s $work/apt/sources ]] || fail "apt knows no Debian or Ubuntu site: run apt-get update"
    printf '#clear %s;\n' APT::Update::Post-Invoke APT::Update::Post-Invoke-Success \
        >"$work/apt/conf"
    apt=(
        env "APT_CONFIG=$work/apt/conf" apt-get -q
        -o "Dir::Etc::sourcelist=$work/apt/sources" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State=$work/apt/state" -o Dir::State::status=/var/lib/dpkg/status
        -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User=
        -o Acquire::Retries=3 -o Acquire::Languages=none
    )
}

fail() {
    echo "libcurl.sh: $1" >&3
    exit 1
}

build() {
    "${apt[@]}" update
    cd "$work"
    "${apt[@]}" source "curl=$version" || "${apt[@]}" source curl
    cd curl-*/
    patch -p1 <"$root/scripts/libcurl-lazy.patch"
    # As released, configure is newer than what it is made from: the distribution's patches change
    # both, and autoconf is not to be needed for that.
    touch aclocal.m4 && find . -name Makefile.in -exec touch {} + && touch configure lib/curl_config.h.in
    ./configure --prefix="$work/installed" "${options[@]}" CFLAGS="$flags" LDFLAGS=-no-pie
    make -j2 -C lib install
    make -C include install
    mkdir -p "$prefix.new/lib"
    cp -R "$work/installed/include" "$prefix.new/"
    cp "$work/installed/lib/libcurl.a" "$prefix.new/lib/"
    rm -rf "$prefix"
    mv "$prefix.new" "$prefix"
}

echo "building libcurl $version for the release (once, about half a minute)" >&2
own_apt
trap 'tail -n 30 "$log" >&3; fail "the build failed; all of it is in ${log#"$root"/}"' ERR
build >"$log" 2>&1
echo "$prefix"

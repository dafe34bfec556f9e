#!/usr/bin/env bash
# Prints the root of the C libraries for x86_64 or arm64: / for the machine's own; for the other a
# folder of the distribution's packages in the versions that are installed here. Nothing is
# installed. A second run finds it in .cache/ and needs no network.
set -euo pipefail
cd "$(dirname "$0")/.."
architecture=$1
source scripts/architecture.sh

compiler=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 'libgcc-*-dev' |
    sed -n 's/^ii //p' | sort -V | tail -n 1)
packages=()
for package in libc6-dev "$compiler" libpcre2-dev libc-ares-dev; do
    packages+=("$package=$(dpkg-query -W -f '${Version}' "$package")")
done
# What is linked in, for those who compare two releases: see release.sh.
used=$PWD/.cache/sysroot/$architecture.packages
mkdir -p "${used%/*}"
if [[ ${is_native-} ]]; then
    printf '%s\n' "${packages[@]}" >"$used"
    echo /
    exit
fi

key=$(sha256sum <<<"${packages[*]}")
root=$PWD
sysroot=$root/.cache/sysroot/$architecture-${key:0:12}
if [[ -d $sysroot ]]; then
    cp "$sysroot/packages" "$used"
    echo "$sysroot"
    exit
fi

echo "downloading $architecture's C libraries (once)" >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
apt=$root/scripts/apt.sh
log=$root/.cache/sysroot/download.log
cd "$work"
# The kernel's headers are not part of what is built: any version will do.
if ! "$apt" "$debian" download linux-libc-dev "${packages[@]}" >"$log" 2>&1; then
    "$apt" "$debian" download linux-libc-dev "${packages[@]%%=*}" >>"$log" 2>&1 || {
        echo "sysroot.sh: cannot download $architecture's C libraries; the network is needed once." \
            "More in ${log#"$root"/}" >&2
        exit 1
    }
    echo "sysroot.sh: notice: $architecture's C libraries are newer than this machine's own," \
        "whose versions the mirror lacks" >&2
fi
for package in *.deb; do
    dpkg-deb --extract "$package" sysroot
    # shellcheck disable=SC2016 # the dollars are dpkg-deb's
    dpkg-deb --show --showformat '${Package}=${Version}\n' "$package" >>sysroot/packages
done
cp sysroot/packages "$used"
mv sysroot "$sysroot"
echo "$sysroot"

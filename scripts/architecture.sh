# shellcheck shell=bash disable=SC2034,SC2154 # sourced, by scripts that have named the $architecture
# What $architecture, Lambda's word for one, is called by others.
case $architecture in
x86_64) debian=amd64 gnu=x86_64-linux-gnu swift=x86_64-unknown-linux-gnu page=4096 ;;
# Swift has an Embedded standard library for arm64 without a system in every toolchain, for arm64
# Linux in none that runs on x86_64. Generated code is the same: the calling convention is.
arm64) debian=arm64 gnu=aarch64-linux-gnu swift=aarch64-none-none-elf page=65536 ;;
*)
    echo "${0##*/}: there is no architecture '$architecture': x86_64 or arm64" >&2
    exit 2
    ;;
esac
[[ $(dpkg --print-architecture) != "$debian" ]] || is_native=1

# The toolchain's own clang and ld.lld know every architecture.
resources=$(swiftc -print-target-info |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["paths"]["runtimeResourcePath"])')
toolchain=${resources%/lib/swift}/bin

#!/usr/bin/env bash
# Installs what a Debian or Ubuntu machine lacks beyond Swift, git, gcc and Python: the libraries'
# headers and a few tools by apt, Python packages in .venv. Where all is there it needs no network.
# scripts/setup.sh system installs the former alone, scripts/setup.sh demo of the latter those that
# the demo needs.
set -euo pipefail
cd "$(dirname "$0")/.."
part=${1-}

packages=(
    libcurl4-openssl-dev libssl-dev libpcre2-dev libc-ares-dev # what bootstrap stands on
    binutils dpkg-dev make patch perl xz-utils advancecomp     # for the release and its libraries
)
# What only the tests need: the browser for the console's. Ubuntu's is a snap, which no container takes:
# Playwright has one of its own.
of_tests=(shellcheck chromium)
if grep -qx ID=ubuntu /etc/os-release; then of_tests=(shellcheck); fi
root=()
((EUID == 0)) || root=(sudo)

install_packages() {
    "${root[@]}" apt-get -q -o Acquire::Retries=3 update
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y \
        --no-install-recommends "$@"
}

install_missing_packages() {
    local package missing=()
    scripts/need.sh swift git gcc python3 dpkg-query apt-get
    for package in "${packages[@]}"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
            missing+=("$package")
    done
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    ((${#missing[@]})) || return 0
    echo "installing ${missing[*]}"
    install_packages "${missing[@]}" </dev/null
}

# The digest of all that pip is to install by the requirements in a folder.
digest_of() {
    case $1 in
    demo) cat demo/requirements.txt ;;
    scripts) cat {demo,Tests/EndToEnd,scripts}/requirements.txt ;;
    esac | sha256sum
}

# The demo's packages are a part of those in scripts/, and what is installed is added to.
install_python_packages() {
    local wanted
    wanted=$(digest_of "$1")
    [[ $(cat .venv/complete .venv/complete-demo 2>/dev/null) != *"$wanted"* ]] || return 0
    [[ $(cat .venv/complete 2>/dev/null) != "$(digest_of scripts)" ]] || return 0
    echo "installing Python packages in .venv, which takes about a minute (once)"
    if [[ $(cat .venv/complete-demo 2>/dev/null) != "$(digest_of demo)" ]]; then
        rm -rf .venv
        python3 -m venv .venv
    fi
    .venv/bin/pip install --quiet --disable-pip-version-check \
        -r "$1/requirements.txt"
    case $1 in
    demo) echo "$wanted" >.venv/complete-demo ;;
    scripts) echo "$wanted" >.venv/complete ;;
    esac
}

case $part in
system) install_missing_packages ;;
demo) install_python_packages demo ;;
'')
    packages+=("${of_tests[@]}")
    install_missing_packages
    install_python_packages scripts
    [[ " ${of_tests[*]} " == *" chromium "* ]] || .venv/bin/playwright install --with-deps chromium
    ;;
*)
    echo "usage: scripts/setup.sh [system|demo]" >&2
    exit 2
    ;;
esac

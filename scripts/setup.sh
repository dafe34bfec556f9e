#!/usr/bin/env bash
# Installs what a Debian or Ubuntu machine lacks beyond Swift, git, gcc and Python: the libraries'
# headers and a few tools by apt, Python packages in .venv. Where all is there it needs no network.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
    libcurl4-openssl-dev libssl-dev libpcre2-dev libc-ares-dev # what bootstrap stands on
    binutils dpkg-dev make patch perl xz-utils zopfli          # for the release and its libraries
    shellcheck
)
root=()
((EUID == 0)) || root=(sudo)

install_packages() {
    "${root[@]}" apt-get -q -o Acquire::Retries=3 update
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y \
        --no-install-recommends "$@"
}

missing=()
for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
        missing+=("$package")
done
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
if ((${#missing[@]})); then
    echo "installing ${missing[*]}"
    install_packages "${missing[@]}" </dev/null
fi

wanted=$(cat {scripts,Tests/EndToEnd,Tests/Stack}/requirements.txt | sha256sum)
if [[ $(cat .venv/complete 2>/dev/null) != "$wanted" ]]; then
    echo "installing Python packages in .venv"
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check -r scripts/requirements.txt
    echo "$wanted" >.venv/complete
fi

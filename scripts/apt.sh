#!/usr/bin/env bash
# apt-get with lists of its own, for one architecture: scripts/apt.sh amd64|arm64 COMMAND... It asks
# the distribution's sites that the machine knows, and checks what they sign. The machine's own
# lists are left as they are; its hooks belong to its own updates and are left out.
set -euo pipefail
architecture=$1
shift

own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
mkdir -p "$own"/state/lists/partial "$own"/cache/archives/partial
: >"$own/status"
# shellcheck disable=SC2016 # the dollars are apt's
apt-get indextargets --format '$(ORIGIN)|$(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' | sed -nE 's/^(Debian|Ubuntu)\|/deb-src /p' | sort -u >"$own/sources"
[[ -s $own/sources ]] || {
    echo "apt.sh: apt knows no Debian or Ubuntu site: run apt-get update" >&2
    exit 1
}
sed -i -E 'p; s/^deb-src/deb/' "$own/sources"
cat >"$own/conf" <<CONF
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Architectures;
APT::Architecture "$architecture";
APT::Sandbox::User "";
Acquire::Retries "3";
Acquire::Languages "none";
CONF

own_apt=(
    env "APT_CONFIG=$own/conf" apt-get -q
    -o "Dir::Etc::sourcelist=$own/sources" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State=$own/state" -o "Dir::State::status=$own/status" -o "Dir::Cache=$own/cache"
)
"${own_apt[@]}" update
"${own_apt[@]}" "$@"

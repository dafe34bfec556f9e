#!/usr/bin/env bash
# Installs the tool that scripts/tool.sh has made, its man page and its completions:
# scripts/install.sh [PREFIX], /usr/local unless given. With DESTDIR everything lies below that folder.
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${1-/usr/local} tool=${POINTSMAN_TOOL:-dist/pointsman}
source scripts/temporary.sh

[[ $prefix == /* ]] || { echo "install.sh: expected a folder's whole path, found '$prefix'" >&2 && exit 2; }
[[ -x $tool ]] || { echo "install.sh: there is no $tool: \`make tool\` makes it" >&2 && exit 1; }
scripts/need.sh python3 gzip install

# install_as FOLDER NAME MODE: what it is given to read becomes that file.
install_as() {
    cat >"$TMPDIR/file"
    install -d "$DESTDIR$prefix/$1"
    install -m "$3" "$TMPDIR/file" "$DESTDIR$prefix/$1/$2"
    echo "$DESTDIR$prefix/$1/$2"
}

DESTDIR=${DESTDIR-}
version=$("$tool" --version | head -n 1)
install_as bin pointsman 755 <"$tool"
"$tool" --experimental-dump-help | scripts/man-page.py "$version" | gzip -n9 | install_as share/man/man1 pointsman.1.gz 644
"$tool" --generate-completion-script bash | install_as share/bash-completion/completions pointsman 644
"$tool" --generate-completion-script zsh | install_as share/zsh/site-functions _pointsman 644
"$tool" --generate-completion-script fish | install_as share/fish/vendor_completions.d pointsman.fish 644

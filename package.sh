#!/usr/bin/env bash
# Packages the release: dist/pointsman.zip, whose one file is the static executable bootstrap.
# Fails if that is dynamic, needs Foundation, or the zip exceeds its size budget.
set -euo pipefail
cd "$(dirname "$0")"

budget=3000000 # bytes of the zip

scripts/release.sh bootstrap

# The same binary gives the same zip: no time, owner or order of this machine is in it.
python3 - <<'PYTHON'
import zipfile

entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
entry.create_system = 3
entry.external_attr = 0o100755 << 16
entry.compress_type = zipfile.ZIP_DEFLATED
with zipfile.ZipFile("dist/pointsman.zip", "w") as archive:
    archive.writestr(entry, open("dist/bootstrap", "rb").read(), compresslevel=9)
PYTHON

size=$(stat -c %s dist/pointsman.zip)
printf '%-20s %9d bytes of at most %d\n' dist/pointsman.zip "$size" "$budget"
((size <= budget)) || {
    echo "package.sh: dist/pointsman.zip exceeds its budget" >&2
    exit 1
}

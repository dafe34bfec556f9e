#!/usr/bin/env python3
"""Prints the software bill of materials of a release: CycloneDX 1.6, JSON.

scripts/bill-of-materials.py [DIST] reads what was built in a folder, `dist` if none is named: what
went into each zip (`ARCHITECTURE/inputs`), the zips and the tool; and scripts/libraries.sha256 and
Package.resolved. The same release gives the same text.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
import sys
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# The names in NOTICE, and the licences, by the names in `inputs` and Package.resolved.
RUNTIME = "GPL-3.0-or-later WITH GCC-exception-3.1"
SWIFT = "Apache-2.0 WITH Swift-exception"
LICENCES = {
    "curl": ("curl", "curl"),
    "openssl": ("OpenSSL", "Apache-2.0"),
    "libc6-dev": ("GNU C Library", "LGPL-2.1-or-later"),
    "libgcc-dev": ("GCC runtime", RUNTIME),
    "libpcre2-dev": ("PCRE2", "BSD-3-Clause AND BSD-2-Clause"),
    "libc-ares-dev": ("c-ares", "MIT AND ISC"),
    "swift": ("Swift standard library", SWIFT),
    "swift-argument-parser": ("swift-argument-parser", SWIFT),
    "yams": ("Yams", "MIT"),
    "flyingfox": ("FlyingFox", "MIT"),
    "foundation": ("Swift Foundation", f"{SWIFT} AND Unicode-3.0"),
}
DEBIAN = {"x86_64": "amd64", "arm64": "arm64"}


def sha256(file: Path) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": hashlib.sha256(file.read_bytes()).hexdigest()}]


def component(key: str, version: str, purl: str, **more: object) -> dict[str, object]:
    name, licence = LICENCES[key]
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "licenses": [{"expression": licence}],
        "purl": purl,
    } | more


def quoted(version: str) -> str:
    return version.replace("+", "%2B").replace("~", "%7E")


def sources(name: str, version: str) -> dict[str, object]:
    """The digests of a source package, where that version is the pinned one."""
    lines = (ROOT / "scripts/libraries.sha256").read_text().splitlines()
    files = [line.split() for line in lines if f" {name}_" in line]
    if not any(file == f"{name}_{version}.dsc" for _, file in files):
        return {}
    references = [
        {
            "type": "source-distribution",
            "url": file.replace("~", "%7E"),
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }
        for digest, file in files
    ]
    return {"externalReferences": references}


def linked(inputs: Path, architecture: str) -> list[dict[str, object]]:
    """What `inputs` says that a program of one architecture was linked with."""
    distribution = platform.freedesktop_os_release()["ID"]
    found = []
    for line in inputs.read_text().splitlines():
        if swift := re.search(r"Swift version (\S+)", line):
            found.append(
                component("swift", swift[1], f"pkg:swift/github.com/swiftlang/swift@{swift[1]}")
            )
            continue
        name, _, version = line.partition("=")
        key = re.sub(r"^libgcc-\d+-dev$", "libgcc-dev", name)
        if name == "commit":
            continue
        if key not in LICENCES:
            sys.exit(f"bill-of-materials.py: no licence is known for '{line}' of {inputs}")
        kind = "source" if name in ("curl", "openssl") else DEBIAN[architecture]
        purl = f"pkg:deb/{distribution}/{name}@{quoted(version)}?arch={kind}"
        found.append(component(key, version, purl, **sources(name, version)))
    return found


def packages() -> list[dict[str, object]]:
    """The tool's packages, with their commits."""
    found = []
    for pin in json.loads((ROOT / "Package.resolved").read_text())["pins"]:
        state, url = pin["state"], pin["location"].removesuffix(".git")
        if pin["identity"] not in LICENCES:
            sys.exit(f"bill-of-materials.py: no licence is known for the package {pin['identity']}")
        commit = {"uid": state["revision"], "url": f"{url}/commit/{state['revision']}"}
        purl = f"pkg:swift/{url.removeprefix('https://')}@{state['version']}"
        found.append(
            component(pin["identity"], state["version"], purl, pedigree={"commits": [commit]})
        )
    return found


def main(dist: Path) -> None:
    tool = dist / "pointsman"
    said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    release = re.fullmatch(r"pointsman (\S+) \(commit (\S+)\)\n", said)
    assert release, said
    version = release[1] if release[2] == "unknown" else f"{release[1]}+{release[2]}"

    components, dependencies = {}, []

    def add(file: Path, name: str, parts: list[dict[str, object]]) -> None:
        components[name] = {
            "type": "application",
            "bom-ref": name,
            "name": name,
            "version": version,
            "hashes": sha256(file),
            "licenses": [{"license": {"id": "Apache-2.0"}}],
        }
        for part in parts:
            components[part["bom-ref"]] = part
        dependencies.append({"ref": name, "dependsOn": sorted({p["bom-ref"] for p in parts})})

    for architecture in DEBIAN:
        name = f"pointsman-{architecture}.zip"
        if (dist / name).exists():
            add(dist / name, name, linked(dist / architecture / "inputs", architecture))
    native = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    for architecture in DEBIAN:
        # That of the other architecture is built on a machine of its own, and brought here.
        name = f"pointsman-linux-{architecture}"
        file = tool if architecture == native else dist / name
        if not file.exists():
            continue
        own = linked(dist / architecture / "inputs", architecture)
        [swift] = [part["version"] for part in own if part["name"] == LICENCES["swift"][0]]
        url = "github.com/swiftlang/swift-corelibs-foundation"
        foundation = component("foundation", swift, f"pkg:swift/{url}@{swift}")
        add(file, name, [*own, foundation, *packages()])
    products = [each["ref"] for each in dependencies]
    dependencies.append({"ref": "pointsman", "dependsOn": products})

    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "pointsman",
                "name": "pointsman",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": list(components.values()),
        "dependencies": dependencies,
    }
    # By its contents: a release that is built again has the same.
    bill["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(bill))}"
    print(json.dumps(bill, indent=2))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist")

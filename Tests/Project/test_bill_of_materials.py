"""The software bill of materials of a release."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from license_expression import get_spdx_licensing

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/bill-of-materials.py"
PINNED = {
    line.split()[1].split("_")[0]: line.split()[1].split("_")[1].removesuffix(".dsc")
    for line in (ROOT / "scripts/libraries.sha256").read_text().splitlines()
    if line.endswith(".dsc")
}
INPUTS = f"""commit=0123456789ab
Swift version 6.3.1 (swift-6.3.1-RELEASE)
curl={PINNED["curl"]}
openssl=3.0.1-1
libc6-dev=2.36-9+deb12u14
libgcc-12-dev=12.2.0-14+deb12u1
libpcre2-dev=10.42-1+deb12u2
libc-ares-dev=1.18.1-3
"""


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """What `make release` leaves behind, as far as the script reads it."""
    for architecture in ("x86_64", "arm64"):
        (tmp_path / architecture).mkdir()
        (tmp_path / architecture / "inputs").write_text(INPUTS)
        (tmp_path / f"pointsman-{architecture}.zip").write_text(architecture)
    tool = tmp_path / "pointsman"
    tool.write_text("#!/bin/sh\necho 'pointsman 1.2.3 (commit 0123456789ab)'\n")
    tool.chmod(0o755)
    # The other architecture's, which cannot be run here.
    other = "x86_64" if platform.machine() == "aarch64" else "arm64"
    (tmp_path / f"pointsman-linux-{other}").write_text("tool")
    return tmp_path


def run(dist: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, SCRIPT, dist]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def bill(dist: Path) -> dict[str, Any]:
    ended = run(dist)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def libraries(bill: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in bill["components"] if each["type"] == "library"]


def test_it_is_as_cyclonedx_has_it(bill: dict[str, Any]):
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(json.dumps(bill)) is None
    del bill["components"][0]["name"]
    assert validator.validate_str(json.dumps(bill)) is not None


def test_the_files_of_the_release_are_in_it_with_their_digests(bill: dict[str, Any], dist: Path):
    files = {each["name"]: each for each in bill["components"] if each["type"] == "application"}
    for architecture in ("x86_64", "arm64"):
        zip_file = files.pop(f"pointsman-{architecture}.zip")
        assert zip_file["version"] == "1.2.3+0123456789ab"
        content = hashlib.sha256(architecture.encode()).hexdigest()
        assert zip_file["hashes"] == [{"alg": "SHA-256", "content": content}]
    assert set(files) == {"pointsman-linux-x86_64", "pointsman-linux-arm64"}
    assert hashlib.sha256(b"tool").hexdigest() in {
        each["hashes"][0]["content"] for each in files.values()
    }


def test_every_part_is_in_notice_under_a_licence_of_spdx(bill: dict[str, Any]):
    notice = (ROOT / "NOTICE").read_text().split("=====")[0]
    licensing = get_spdx_licensing()
    names = [each["name"] for each in libraries(bill)]
    # Of one zip; what another architecture has of its own; and of the tool.
    assert len(names) == 7 + 4 + 4
    for each in libraries(bill):
        assert f"  {each['name']}" in notice, each
        [licence] = each["licenses"]
        assert not licensing.validate(licence["expression"]).errors, licence


def test_a_zip_depends_on_its_libraries_and_the_tool_on_its_packages_too(bill: dict[str, Any]):
    depends = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    assert len(depends.pop("pointsman")) == 4
    curl = f"pkg:deb/debian/curl@{PINNED['curl'].replace('+', '%2B')}?arch=source"
    for name, parts in depends.items():
        assert any("/curl@" in part for part in parts), curl
        is_tool = name.startswith("pointsman-linux-")
        assert len(parts) == (11 if is_tool else 7)
        assert ("pkg:swift/github.com/jpsim/Yams@6.2.2" in parts) == is_tool


def test_a_pinned_source_has_its_digests_and_another_has_none(bill: dict[str, Any]):
    [curl] = [each for each in libraries(bill) if each["name"] == "curl"]
    [openssl] = [each for each in libraries(bill) if each["name"] == "OpenSSL"]
    files = [each["url"].split("_")[0] for each in curl["externalReferences"]]
    assert files == ["curl"] * 3
    assert "externalReferences" not in openssl


def test_the_same_release_has_the_same_bill(bill: dict[str, Any], dist: Path):
    assert json.loads(run(dist).stdout) == bill
    (dist / "pointsman-arm64.zip").write_text("another")
    assert json.loads(run(dist).stdout)["serialNumber"] != bill["serialNumber"]


def test_a_library_without_a_known_licence_is_an_error(dist: Path):
    inputs = dist / "arm64/inputs"
    inputs.write_text(INPUTS + "libnew-dev=1\n")
    ended = run(dist)
    assert ended.returncode == 1
    assert not ended.stdout
    assert ended.stderr == (
        f"bill-of-materials.py: no licence is known for 'libnew-dev=1' of {inputs}\n"
    )

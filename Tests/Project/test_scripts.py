"""What the scripts leave behind, do twice, and say before they take long."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_what_a_script_runs_has_a_temporary_folder_that_goes_with_it(tmp_path: Path):
    """SwiftPM leaves folders and locks in it, each time."""
    inner = tmp_path / "inner.sh"
    inner.write_text(f'source {ROOT}/scripts/temporary.sh\ntouch "$TMPDIR/left"\necho "$TMPDIR"\n')
    outer = f'source {ROOT}/scripts/temporary.sh\nbash {inner}\necho "$TMPDIR"\ntouch "$TMPDIR/x"'
    environment = {name: os.environ[name] for name in os.environ if name != "POINTSMAN_TEMPORARY"}
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", outer],
        env=environment | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = ended.stdout.split()
    assert first == second and first.startswith(f"{tmp_path}/pointsman.")
    assert list(tmp_path.iterdir()) == [inner]


def test_every_script_that_builds_or_packs_has_such_a_folder():
    builds = re.compile(r"^\s*(\w+=\S+ )*(swift (build|test)|advzip)\b", re.MULTILINE)
    scripts = [ROOT / "package.sh", *(ROOT / "scripts").glob("*.sh")]
    found = [each for each in scripts if builds.search(each.read_text())]
    assert len(found) > 5
    for script in found:
        assert "source scripts/temporary.sh" in script.read_text(), script


@pytest.mark.parametrize("file", ["demo.py", "line.py"])
def test_the_demo_colours_an_outcome_as_the_tool_does(file: str):
    source = (ROOT / "Sources/pointsman/Why/SavedRecord.swift").read_text()
    (cases,) = re.findall(
        r"extension RuleOutcome.Outcome \{.*?switch self \{(.*?)\}", source, re.DOTALL
    )
    styles = {
        re.sub(r"[A-Z]", lambda found: "-" + found[0].lower(), name): style.upper()
        for names, style in re.findall(r"case ([^:]+): \.(\w+)", cases)
        for name in re.findall(r"\.(\w+)", names)
    }
    (table,) = re.findall(r"(?m)^COLOURS = \{(.*)\}$", (ROOT / "demo" / file).read_text())
    colours = dict(re.findall(r'"([a-z-]+)": (\w+)', table))
    assert len(colours) == 4
    assert colours == {name: styles[name] for name in colours}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """`package.sh` beside a release that is made at once, and an `advzip` that counts its calls."""
    for folder in "scripts", "bin", "dist/x86_64":
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "package.sh", tmp_path)
    for name in "temporary.sh", "need.sh":
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts")
    (tmp_path / "scripts/architecture.sh").write_text("is_native=\n")
    programs = {
        "scripts/release.sh": "printf made >dist/x86_64/bootstrap",
        "bin/advzip": "echo packed >>calls",
        "bin/swift": "",
    }
    for name, text in programs.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{text}\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def package(sources: Path) -> str:
    ended = subprocess.run(
        [sources / "package.sh", "--architecture", "x86_64"],
        env=os.environ | {"PATH": f"{sources}/bin:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended
    return ended.stdout


def test_a_zip_of_the_same_program_is_not_packed_twice(sources: Path):
    assert "packing dist/x86_64/bootstrap, about 10 s\n" in package(sources)
    assert "packing" not in package(sources)
    assert (sources / "calls").read_text() == "packed\n"
    (sources / "scripts/release.sh").write_text("#!/bin/bash\nprintf new >dist/x86_64/bootstrap\n")
    assert "packing" in package(sources)
    (sources / "dist/pointsman-x86_64.zip").unlink()
    assert "packing" in package(sources)


def test_the_demo_says_what_takes_minutes_before_it_begins():
    text = """
import prepare
class Job:
    def __init__(self, *command): print("begun:", *command)
prepare.Job, prepare.is_current, prepare.wait = Job, lambda: False, lambda jobs: exit()
Job.end = lambda self: None
prepare.prepare()
"""
    ended = subprocess.run(
        [sys.executable, "-c", text],
        env=os.environ | {"PYTHONPATH": str(ROOT / "demo")},
        capture_output=True,
        text=True,
    )
    said = "The release is built first: about four minutes on two cores, once."
    assert ended.stdout.splitlines() == [said, "begun: scripts/release.sh bootstrap"], ended

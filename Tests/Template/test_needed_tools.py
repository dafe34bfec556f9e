"""What a machine lacks is said in one sentence, before anything is built."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path_without(tmp_path: Path):
    """A folder for `PATH` with all commands of this machine but some."""

    def make(*missing: str) -> str:
        for folder in os.environ["PATH"].split(":"):
            for command in Path(folder).glob("*"):
                link = tmp_path / command.name
                if command.name not in missing and not link.is_symlink():
                    link.symlink_to(command)
        return str(tmp_path)

    return make


SWIFT = "swift (6.3 or later, from https://www.swift.org/install)"
ADVZIP = "advzip (which `make setup` installs)"


@pytest.mark.parametrize(
    ("script", "missing", "said"),
    [
        ("package.sh", ["advzip"], ADVZIP),
        ("package.sh", ["swift", "advzip"], f"{SWIFT}, {ADVZIP}"),
        ("scripts/tool.sh", ["swift"], SWIFT),
        ("scripts/unit.sh", ["swift"], SWIFT),
        ("scripts/lint.sh", ["swift"], SWIFT),
        ("scripts/fuzz.sh", ["swift"], SWIFT),
        ("scripts/test.sh", ["swift", "advzip"], f"{SWIFT}, {ADVZIP}"),
        ("scripts/setup.sh", ["swift", "gcc"], f"{SWIFT}, gcc"),
    ],
)
def test_a_missing_tool_is_reported_in_one_sentence(path_without, script, missing, said):
    ended = subprocess.run(
        [shutil.which("bash"), str(ROOT / script)],
        env={"HOME": os.environ["HOME"], "PATH": path_without(*missing)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert (ended.stdout, ended.stderr) == (
        "",
        f"this machine lacks {said}; nothing was built\n",
    )

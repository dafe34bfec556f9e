"""What the suite needs to run: the tool and the bootstrap under test."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tool import Tool

# What ends the suite from outside ends what it has started as well.
signal.signal(signal.SIGTERM, signal.default_int_handler)

ROOT = Path(__file__).resolve().parents[2]


def program(variable: str, name: str) -> Path:
    path = Path(os.environ.get(variable, ROOT / ".build/debug" / name))
    assert path.is_absolute(), f"{variable} is not an absolute path: {path}"
    assert os.access(path, os.X_OK), f"no {name} to test: {path}"
    return path


@pytest.fixture(scope="session")
def tool() -> Tool:
    """`POINTSMAN_TOOL` and `POINTSMAN_BOOTSTRAP`, else the debug builds."""
    return Tool(program("POINTSMAN_TOOL", "pointsman"), program("POINTSMAN_BOOTSTRAP", "bootstrap"))


class Rules:
    """A folder of rules about the repository of the events."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __fspath__(self) -> str:
        return str(self.folder)

    def put(self, name: str, *paths: str, target: dict | None = None) -> None:
        target = target or {"CodePipeline": {"Name": name, "SourceAction": "Source"}}
        rule = {"Repository": "octo-org/monorepo", "Paths": list(paths), "Target": target}
        # In one step, as editors do: a half-written file is another test's matter.
        part = self.folder / f"{name}.part"
        part.write_text(json.dumps(rule))
        part.rename(self.folder / f"{name}.json")


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    folder = tmp_path / "rules"
    folder.mkdir()
    rules = Rules(folder)
    rules.put("api", "services/api/**")
    rules.put("web", "services/web/**")
    return rules

"""What the suite needs to run: the tool and the bootstrap under test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from programs import program
from tool import Tool


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

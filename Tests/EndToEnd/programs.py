"""The programs under test: those that the environment names, else the debug builds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DEBUG = Path(__file__).resolve().parents[2] / ".build/debug"


def program(variable: str, name: str) -> Path:
    path = Path(os.environ.get(variable, DEBUG / name))
    assert path.is_absolute(), f"{variable} is not an absolute path: {path}"
    if not os.access(path, os.X_OK):
        hint = f"run `swift build`, or name another in {variable}"
        pytest.exit(f"there is no {name} at {path}: {hint}", returncode=2)
    return path

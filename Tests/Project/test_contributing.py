"""What CONTRIBUTING.md says is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_every_file_that_it_names_is_there():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    names = re.findall(r"`((?:[\w.+-]+/)*[\w+-]+\.(?:swift|py|sh|yml|yaml|md|txt))`", text)
    assert len(names) > 20
    files = {str(path.relative_to(ROOT)) for path in ROOT.glob("*.*")}
    for folder in (".github", "Sources", "Tests", "docs", "scripts"):
        files |= {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*.*")}
    for name in names:
        assert any(file == name or file.endswith(f"/{name}") for file in files), name
    for folder in re.findall(r"`((?:[\w.-]+/)*[\w-]+)/?`", text):
        if folder.split("/")[0] in ("Sources", "Tests", "events", "demo"):
            assert (ROOT / folder).is_dir(), folder


def test_its_lines_run_tests_that_there_are():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    lines = text.split("## Run one test\n\n")[1].split("\n\n")[0].splitlines()
    assert len(lines) == 6
    [suite] = re.findall(r"--filter /(\w+\.swift)", lines[1])
    assert list((ROOT / "Tests").rglob(suite))
    [words] = re.findall(r'--filter "([^"]+)"', lines[2])
    assert any(words in path.read_text() for path in (ROOT / "Tests").rglob("*.swift"))
    for line in lines[3:5]:
        [file, word] = re.findall(r"pytest (\S+) -k (\w+)", line)[0]
        assert re.search(rf"def test_\w*{word}", (ROOT / file).read_text()), line
    [function, page] = re.findall(r'-k "(\w+) and (\S+)"', lines[5])[0]
    assert re.search(rf"def test_\w*{function}", (ROOT / "Tests/Docs/test_commands.py").read_text())
    assert (ROOT / "docs" / page).is_file()


@pytest.mark.parametrize("suite", ["EndToEnd", "Stack", "Tool", "Docs", "Console"])
def test_a_suites_readme_names_each_of_its_files(suite):
    folder = ROOT / "Tests" / suite
    text = (folder / "README.md").read_text()
    missing = [path.name for path in sorted(folder.glob("test_*.py")) if path.name not in text]
    assert missing == []

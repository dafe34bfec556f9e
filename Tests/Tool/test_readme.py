"""The session that the README shows, typed anew on a terminal of 80 columns."""

from __future__ import annotations

import os
import re

from tool import EVENTS, Running, Tool

README = EVENTS.parent / "README.md"


def session() -> list[tuple[str, str]]:
    """Each command and what the README shows below it."""
    chapter = README.read_text().split("### On the terminal\n")[1].split("\n### ")[0]
    shown = "".join(re.findall(r"(?m)^(?: {4}.*\n|\n(?= {4}| *\n {4}))", chapter))
    steps = re.split(r"(?m)^ {4}\$ ", shown)[1:]
    return [
        (command, re.sub(r"(?m)^ {4}", "", output).strip())
        for command, _, output in (step.partition("\n") for step in steps)
    ]


def test_the_session_in_the_readme_is_what_the_tool_says(tool: Tool, tmp_path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/pointsman").symlink_to(tool.program)
    (tmp_path / "events").symlink_to(EVENTS)
    environment = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "NO_COLOR": "1"}
    steps = session()
    assert len(steps) == 7
    for command, expected in steps:
        if command.startswith("cat "):
            file = tmp_path / command.removeprefix("cat ")
            file.parent.mkdir(exist_ok=True)
            file.write_text(expected + "\n")
            continue
        shell = ["/bin/sh", "-c", f"cd {tmp_path} && {command}"]
        with Running(shell, environment, columns=80) as running:
            running.status()
            running.wait_for_end()
            assert running.screen.strip() == expected, command

"""What is installed beside the tool, and how others get it: man page, completions, action, hook."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import platform
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tool import PATIENCE, Tool

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    environment = os.environ | {"DESTDIR": str(folder), "POINTSMAN_TOOL": str(tool.program)}
    subprocess.run(
        [ROOT / "scripts/install.sh", "/usr"], env=environment, check=True, timeout=PATIENCE
    )
    return folder / "usr"


def test_the_tool_its_man_page_and_its_completions_are_installed(installed: Path):
    files = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    assert files == {
        "bin/pointsman",
        "share/man/man1/pointsman.1.gz",
        "share/bash-completion/completions/pointsman",
        "share/zsh/site-functions/_pointsman",
        "share/fish/vendor_completions.d/pointsman.fish",
    }
    assert os.access(installed / "bin/pointsman", os.X_OK)
    assert "complete" in (installed / "share/bash-completion/completions/pointsman").read_text()


def test_the_man_page_has_each_command_and_each_option(tool: Tool, installed: Path):
    text = gzip.decompress((installed / "share/man/man1/pointsman.1.gz").read_bytes()).decode()
    dump = json.loads(tool.run("--experimental-dump-help").output)["command"]
    commands = [each for each in dump["subcommands"] if each["commandName"] != "help"]
    assert len(commands) >= 8
    for command in commands:
        section = text.split(f".SH {command['commandName'].upper()}\n")[1].split("\n.SH ")[0]
        plain = section.replace("\\-", "-")
        for argument in command["arguments"]:
            for name in argument.get("names", []):
                assert f"\\fB{'-' if name['kind'] == 'short' else '--'}{name['name']}" in plain
    # Only requests of roff and of its man macros: a line of text never is one.
    requests = set(re.findall(r"(?m)^\.([A-Za-z]*)", text))
    assert requests <= {"TH", "SH", "PP", "TP", "RS", "RE", "nf", "fi", "br"}, requests
    assert not re.search(r"(?m)^'", text)


def test_an_installation_says_what_is_missing(tool: Tool, tmp_path: Path):
    def install(prefix: str, program: Path):
        return subprocess.run(
            [ROOT / "scripts/install.sh", prefix],
            env=os.environ | {"DESTDIR": str(tmp_path), "POINTSMAN_TOOL": str(program)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    ended = install("usr", tool.program)
    assert (ended.returncode, ended.stderr) == (
        2,
        "install.sh: expected a folder's whole path, found 'usr'\n",
    )
    ended = install("/usr", tmp_path / "none")
    assert (ended.returncode, ended.stderr) == (
        1,
        f"install.sh: there is no {tmp_path}/none: `make tool` makes it\n",
    )
    assert not list(tmp_path.iterdir())


# The action.


class Release:
    """A release's files as they lie on a server, and the action that fetches them."""

    def __init__(self, tool: Tool, folder: Path):
        self.name = f"pointsman-linux-{platform.machine().replace('aarch64', 'arm64')}"
        self.folder = folder / "releases/v1.0.0"
        self.folder.mkdir(parents=True)
        self.work = folder / "work"
        self.work.mkdir()
        (self.folder / self.name).symlink_to(tool.program)
        self.digest = hashlib.sha256(tool.program.read_bytes()).hexdigest()
        (self.folder / "SHA256SUMS").write_text(
            f"{'0' * 64}  LICENSE\n{self.digest}  {self.name}\n"
        )

    def check(self, **inputs: str):
        action = yaml.safe_load((ROOT / "action.yml").read_text())
        defaults = {name: each.get("default", "") for name, each in action["inputs"].items()}
        values = (
            defaults | {"version": "v1.0.0", "releases": f"file://{self.folder.parent}"} | inputs
        )
        [step] = action["runs"]["steps"]
        environment = {"PATH": os.environ["PATH"], "RUNNER_TEMP": str(self.work)}
        for name, expression in step["env"].items():
            wanted = re.match(r"\$\{\{ inputs\.(\w+)", expression)
            assert wanted, expression
            environment[name] = values[wanted[1]]
        return subprocess.run(
            ["bash", "-c", step["run"]],
            cwd=self.work,
            env=environment | {"GITHUB_ACTION_PATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )


RULE = {"Repository": "a/b", "Target": {"CodePipeline": {"Name": "p", "SourceAction": "s"}}}


@pytest.fixture
def release(tool: Tool, tmp_path: Path) -> Release:
    release = Release(tool, tmp_path)
    (release.work / "good").mkdir()
    (release.work / "good/a.json").write_text(json.dumps(RULE))
    (release.work / "bad").mkdir()
    (release.work / "bad/a.json").write_text(json.dumps(RULE | {"Branchs": []}))
    (release.work / "warned").mkdir()
    (release.work / "warned/a.json").write_text(json.dumps(RULE | {"Paths": ["/src/**"]}))
    return release


@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        ({"paths": "good"}, 0),
        ({"paths": "good warned"}, 0),
        ({"paths": "good warned", "strict": "true"}, 1),
        ({"paths": "good bad"}, 1),
        ({}, 1),
        ({"paths": "none"}, 2),
    ],
)
def test_the_action_checks_with_the_release_s_tool(
    release: Release, inputs: dict[str, str], status: int
):
    ended = release.check(**inputs)
    assert ended.returncode == status, ended
    if status == 1 and "strict" not in inputs:
        assert "::error file=bad/a.json,line=1" in ended.stdout, ended
    left = [path.name for path in release.work.iterdir() if path.name.startswith("pointsman.")]
    assert not left


def test_the_action_runs_no_other_tool(release: Release):
    ended = release.check(paths="good", sha256=release.digest)
    assert ended.returncode == 0, ended
    ended = release.check(paths="good", sha256="1" * 64)
    assert (ended.returncode, ended.stdout) == (
        2,
        f"::error::{release.name} of v1.0.0 is another one: its SHA-256 is {release.digest}, not "
        f"{'1' * 64}\n",
    )
    (release.folder / "SHA256SUMS").write_text(f"{release.digest}  another\n")
    ended = release.check(paths="good")
    assert (ended.returncode, ended.stdout) == (2, f"::error::v1.0.0 has no {release.name}\n")


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"version": ""}, "version: expected such as v1.0.0, found ''"),
        ({"version": "v1/../x"}, "version: expected such as v1.0.0, found 'v1/../x'"),
        ({"version": "v2.0.0"}, "SHA256SUMS of v2.0.0 cannot be fetched"),
        ({"sha256": "ABC"}, "sha256: expected 64 hexadecimal digits, found 'ABC'"),
        ({"strict": "yes"}, "strict: expected true or false, found 'yes'"),
    ],
)
def test_what_is_wrong_with_the_action_s_inputs_is_said(
    release: Release, inputs: dict[str, str], reason: str
):
    ended = release.check(**inputs)
    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (2, f"::error::{reason}"), ended


def test_the_hook_runs_what_the_tool_takes(tool: Tool, release: Release, monkeypatch):
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, *arguments = hook["entry"].split()
    assert (program, hook["language"], hook["pass_filenames"]) == ("pointsman", "system", False)
    monkeypatch.chdir(release.work)
    assert tool.run(*arguments, *hook["args"]).status == 1
    monkeypatch.chdir(release.work / "good")
    assert tool.run(*arguments, *hook["args"]).status == 0
    for name, is_looked_at in (
        ("a.json", True),
        ("b.yaml", True),
        ("c.yml", True),
        ("d.py", False),
    ):
        assert bool(re.search(hook["files"], name)) == is_looked_at

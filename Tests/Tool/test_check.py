"""`check` and `explain` as a shell runs them: pipes for files, and where what is said goes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tool import EVENTS, Tool

PUSH = EVENTS / "github-push-services-api.json"
TARGET = {"CodePipeline": {"Name": "p"}}
RULE = {"Repository": "octo-org/monorepo", "Paths": ["services/api/**"], "Target": TARGET}
GOOD = "No problems found (1 rule in 1 file)\n"


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    file = tmp_path / "api.json"
    file.write_text(json.dumps(RULE))
    return file


def shell(tool: Tool, command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command.replace("pointsman", str(tool.program))],
        cwd=folder,
        env=tool.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "command",
    [
        "pointsman check <(cat api.json)",
        "cat api.json | pointsman check -",
        "cat api.json | pointsman check /dev/stdin",
        "pointsman check /dev/fd/7 7<api.json",
        "mkfifo pipe; cat api.json >pipe & pointsman check pipe",
    ],
)
def test_a_rule_may_come_through_a_pipe(tool: Tool, rule: Path, command: str):
    ended = shell(tool, command, rule.parent)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, GOOD, "")


@pytest.mark.parametrize(
    "command",
    [
        f"pointsman explain <(cat {PUSH}) --rules api.json",
        f"cat {PUSH} | pointsman explain - --rules api.json",
        f"pointsman explain {PUSH} --rules <(cat api.json)",
        f"cat api.json | pointsman explain {PUSH} --rules /dev/stdin",
        f"pointsman explain <(cat {PUSH}) --rules <(cat api.json)",
    ],
)
def test_so_may_an_event_and_its_rules(tool: Tool, rule: Path, command: str):
    ended = shell(tool, f"{command} --json", rule.parent)
    assert (ended.returncode, ended.stderr) == (0, "")
    [change] = json.loads(ended.stdout)["changes"]
    assert [rule["outcome"] for rule in change["rules"]] == ["start"]


def test_what_evaluate_refuses_for_its_byte_order_mark_is_refused(tool: Tool, rule: Path):
    rule.write_text("\ufeff" + rule.read_text())
    checked = tool.run("check", rule)
    explained = tool.run("explain", PUSH, "--rules", rule)
    assert (checked.status, explained.status) == (1, 1)
    assert "error: the file begins with a byte order mark, which no rule may" in checked.output
    assert "0xEF" in explained.output


def test_of_a_file_that_is_not_there_only_that_is_said(tool: Tool):
    ended = tool.run("check", "missing.json")
    assert ended.status == 2
    assert ended.output == ""
    assert ended.errors == "pointsman: 'missing.json' cannot be read: no such file or directory\n"


def test_where_there_is_nothing_to_check_only_that_is_said(tool: Tool, tmp_path: Path):
    ended = tool.run("check", tmp_path)
    assert (ended.status, ended.output) == (2, "")
    assert ended.errors == (
        "pointsman: there is no rule and no template that declares one in what was named\n"
    )


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ([], "No problems found (1 rule in 1 file; 1 other passed over; 1 note with --notes)\n"),
        (["--quiet"], ""),
        (
            ["-v"],
            "passed over: package.json: neither a rule, which has Repository and Target, nor a"
            " template, which has Resources\n\n"
            "No problems found (1 rule in 1 file; 1 other passed over; 1 note with --notes)\n",
        ),
    ],
)
def test_how_much_is_told_can_be_said(
    tool: Tool, rule: Path, options: list[str], shown: str, monkeypatch: pytest.MonkeyPatch
):
    rule.write_text(json.dumps(RULE | {"Events": ["push", "tag"]}))
    rule.with_name("package.json").write_text('{"name": "x"}')
    monkeypatch.chdir(rule.parent)
    ended = tool.run("check", ".", *options)
    assert (ended.status, ended.output, ended.errors) == (0, shown, "")


def test_with_notes_all_is_told(tool: Tool, rule: Path):
    rule.write_text(json.dumps(RULE | {"Events": ["push", "tag"]}))
    told = json.loads(tool.run("check", rule, "--json", "--notes").output)
    assert [finding["id"] for finding in told["findings"]] == ["provider-limit"]
    assert json.loads(tool.run("check", rule, "--json").output)["findings"] == []


def test_nothing_and_everything_is_a_wrong_usage(tool: Tool, rule: Path):
    assert tool.run("check", rule, "-q", "-v").status == 64

"""`pointsman init`: a first rule and its template, from options or from what is typed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from tool import PATIENCE, Running, Tool

API = ["--repository", "octo-org/monorepo", "--branch", "main", "--path", "services/api/**"]
API += ["--pipeline", "api"]
RULE = {
    "Repository": "octo-org/monorepo",
    "Branches": ["main"],
    "Paths": ["services/api/**"],
    "Target": {"CodePipeline": {"Name": "api", "SourceAction": "Source"}},
}
SHOWN = """\
wrote rules/api.json
wrote rules/api.yaml
If the pipeline's source action is not called Source, say so in both.

Next:
  pointsman check --strict rules
  pointsman explain --repository octo-org/monorepo --branch main --path services/api/x --rules rules
  aws cloudformation deploy --stack-name trigger-api --template-file rules/api.yaml \
--parameter-overrides AccountName=tools
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_it_writes_a_rule_and_its_template_and_says_what_is_next(tool: Tool, folder: Path):
    ended = tool.run("init", *API)
    assert (ended.status, ended.output, ended.errors) == (0, SHOWN, "")
    assert written(folder) == ["rules/api.json", "rules/api.yaml"]
    assert json.loads(Path("rules/api.json").read_text()) == RULE


@pytest.mark.parametrize(
    "options",
    [
        API,
        [*API, "--status", "ci/api"],
        ["--repository", "a/b", "--branch", "release/*", "--build", "ab", "--status", "ci"],
        ["--repository", "a/b/c", "--source", "gitlab", "--branch", "main", "--pipeline", "a@b"],
        ["--repository", "on", "--source", "codecommit", "--branch", "no", "--pipeline", "1"],
        ["--repository", "a/b", "--source", "dockerhub", "--pipeline", "p"],
        ["--repository", "a", "--source", "ecr", "--build", "ab", "--name", "image"],
    ],
)
def test_what_it_writes_passes_the_check_and_fits_the_schema(
    tool: Tool, folder: Path, options: list[str]
):
    assert tool.run("init", *options, "--output", "a/b").status == 0
    checked = tool.run("check", "--strict", "a")
    assert checked.status == 0, checked
    assert "2 rules in 2 files" in checked.output
    [rule] = folder.glob("a/b/*.json")
    schema = json.loads(tool.run("schema").output)
    Draft7Validator(schema).validate(json.loads(rule.read_text()))


def test_the_commands_that_are_next_can_be_typed(tool: Tool, folder: Path):
    told = json.loads(tool.run("init", *API, "--json").output)
    assert told["written"] == ["rules/api.json", "rules/api.yaml"]
    check, explain, deploy = told["next"]
    for command in check, explain:
        ended = subprocess.run(
            ["bash", "-c", command.replace("pointsman", str(tool.program), 1)],
            env=tool.environment, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert ended.returncode == 0, ended
    assert "starts CodePipeline api" in ended.stdout
    assert deploy.startswith("aws cloudformation deploy --stack-name trigger-api ")


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ([], "--repository, --branch, --pipeline or --build"),
        (API[2:], "--repository"),
        (API[:2] + API[4:], "--branch"),
        (API[:6], "--pipeline or --build"),
        (["--source", "ecr", "--build", "ab"], "--repository"),
    ],
)
def test_without_a_terminal_a_missing_option_is_named(
    tool: Tool, folder: Path, options: list[str], missing: str
):
    ended = tool.run("init", *options)
    assert (ended.status, ended.output) == (64, "")
    assert f"pointsman: {missing}: missing, and there is no terminal to ask on\n" in ended.errors
    assert written(folder) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--build", "b"], "either --pipeline or --build"),
        (["--name", "../api"], "--name: expected letters, digits or . - _"),
        (["--source", "svn"], "The value 'svn' is invalid for '--source <source>'"),
    ],
)
def test_wrong_usage_is_status_64(tool: Tool, folder: Path, more: list[str], said: str):
    ended = tool.run("init", *API, *more)
    assert (ended.status, ended.output) == (64, "")
    assert said in ended.errors
    assert written(folder) == []


@pytest.mark.parametrize("name", ["api.json", "api.yaml"])
def test_nothing_is_overwritten(tool: Tool, folder: Path, name: str):
    Path("rules").mkdir()
    Path("rules", name).write_text("mine")
    ended = tool.run("init", *API)
    assert (ended.status, ended.output) == (2, "")
    said = f"nothing was written: 'rules/{name}' is there already, --name and --output say another"
    assert ended.errors == f"pointsman: {said}\n"
    assert written(folder) == [f"rules/{name}"]
    assert Path("rules", name).read_text() == "mine"
    assert tool.run("init", *API, "--name", "other").status == 0


def test_a_rule_that_would_not_pass_is_not_written(tool: Tool, folder: Path):
    ended = tool.run("init", *API, "--path", "/lib/**")
    assert (ended.status, ended.output) == (2, "")
    assert ended.errors == (
        "pointsman: nothing was written: Paths[1]: matches no path: none begins with '/', being "
        "relative to the repository's root, did you mean `lib/**`?\n"
    )
    assert written(folder) == []


def test_of_two_files_none_stays_where_one_cannot_be_written(tool: Tool, folder: Path):
    # The rule has fewer than 512 bytes, the template has more.
    command = ["prlimit", "--fsize=512", tool.program, "init", *API]
    ended = subprocess.run(
        ["bash", "-c", 'trap "" XFSZ; exec "$@"', "-", *command],
        env=tool.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=PATIENCE,
    )  # fmt: skip
    assert ended.returncode == 2, ended
    assert ended.stderr == "pointsman: writing rules/api.yaml: file too large\n"
    assert written(folder) == []


@pytest.fixture
def clone(folder: Path) -> Path:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    clone = folder / "clone"
    clone.mkdir()
    identity = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]
    for command in (
        ["init", "--quiet", "--initial-branch=trunk"],
        ["remote", "add", "origin", "git@gitlab.com:group/sub/project.git"],
        [*identity, "commit", "--quiet", "--message=First", "--allow-empty"],
    ):
        subprocess.run(["git", *command], cwd=clone, env=environment, check=True)
    return clone


def test_on_a_terminal_it_asks_and_a_clone_has_the_usual_answers(
    tool: Tool, clone: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(clone)
    with Running([str(tool.program), "init"], tool.environment) as running:
        for question, answer in (
            (r"Repository \[group/sub/project\]: ", ""),
            (r"Branch that starts it \[trunk\]: ", ""),
            (r"Changed paths .* \(all\): ", "src/** lib/**"),
            (r"Pipeline of CodePipeline .*: ", ""),
            (r"Project of CodeBuild to start: ", ""),
            (r"(?s)Project of CodeBuild to start: .*Project of CodeBuild to start: ", "build"),
        ):
            running.wait_for(question)
            running.type(f"{answer}\n")
        assert running.status() == 0
        running.wait_for_end()
        assert "wrote rules/build.yaml" in running.screen
    assert json.loads((clone / "rules/build.json").read_text()) == {
        "Source": "gitlab",
        "Repository": "group/sub/project",
        "Branches": ["trunk"],
        "Paths": ["src/**", "lib/**"],
        "Target": {"CodeBuild": {"Project": "build", "SourceVersion": "#{after}"}},
    }


def test_on_a_terminal_only_what_is_missing_is_asked(tool: Tool, folder: Path):
    options = API[:4] + API[6:]
    with Running([str(tool.program), "init", *options], tool.environment) as running:
        running.wait_for(r"^Changed paths .*: ")
        running.type("\n")
        assert running.status() == 0
        running.wait_for_end()
        assert "Repository" not in running.screen
    assert "Paths" not in json.loads(Path("rules/api.json").read_text())


def test_an_answer_that_does_not_come_is_an_error(tool: Tool, folder: Path):
    with Running([str(tool.program), "init"], tool.environment) as running:
        running.wait_for("Repository: ")
        running.type("\x04")
        assert running.status() == 2
        running.wait_for_end()
        assert "pointsman: nothing was written: an answer is missing" in running.screen
    assert written(folder) == []

"""`pointsman schema`: every rule of the documents fits it, and what is an error does not."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tool import Tool

ROOT = Path(__file__).resolve().parents[2]
TARGET = {"CodePipeline": {"Name": "api", "SourceAction": "Source"}}
RULE: dict[str, Any] = {"Repository": "octo-org/monorepo", "Target": TARGET}


@pytest.fixture(scope="module")
def schema(tool: Tool) -> Draft7Validator:
    ended = tool.run("schema")
    assert (ended.status, ended.errors) == (0, "")
    schema = json.loads(ended.output)
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def documented() -> list[dict[str, Any]]:
    """The rules and parts of rules that the pages show."""
    texts = [
        text
        for name in ("rules", "targets", "command-line", "required-checks")
        for text in re.findall(
            r"(?ms)^```json[^\n]*\n(.*?)^```$", (ROOT / f"docs/{name}.md").read_text()
        )
    ]
    objects = [json.loads(text) for text in texts if not re.search(r"…", text)]
    known = {"Repository", "Target", "Source", "Events", "Paths", "Branches"}
    return [RULE | object for object in objects if known & set(object) and "rule" not in object]


def test_every_rule_of_the_documents_fits(schema: Draft7Validator, tool: Tool):
    rules = documented()
    assert len(rules) > 20
    for rule in rules:
        assert [error.message for error in schema.iter_errors(rule)] == [], rule


@pytest.mark.parametrize(
    "more",
    [
        {"Branchs": ["main"]},
        {"repository": "a/b"},
        {"Source": "githb"},
        {"Repository": "a b"},
        {"Events": []},
        {"Events": ["release"]},
        {"Branches": "main"},
        {"Paths": [1]},
        {"Paths": ["a", ""]},
        {"Forks": True},
        {"Drafts": "no"},
        {"Order": "newst"},
        {"Supersede": 1},
        {"Status": ""},
        {"Status": "x" * 101},
        {"Target": {}},
        {"Target": {"Jenkins": {}}},
        {"Target": {"CodePipeline": {}}},
        {"Target": {"CodePipeline": {"Name": "a", "Nam": "b"}}},
        {"Target": {"CodePipeline": {"Name": "a", "Variables": {"A": 1}}}},
        {"Target": {"CodePipeline": {"Name": "a", "RoleArn": "role"}}},
        {"Target": {"CodePipeline": {"Name": "a"}, "EventBridge": {}}},
        {"Target": {"CodeBuild": {"Project": ""}}},
        {"Target": {"OpenShiftBuild": {"UrlSecretArn": "secret"}}},
        {"Target": {"KubernetesDeployment": {"Cluster": "c"}}},
        {"Target": {"PullRequestPipeline": {"Template": "t"}}},
    ],
)
def test_what_check_calls_an_error_does_not(
    schema: Draft7Validator, tool: Tool, more: dict[str, Any]
):
    rule = RULE | more
    assert not schema.is_valid(rule)
    assert tool.run("check", "-", text=json.dumps(rule)).status == 1


@pytest.mark.parametrize(
    "more",
    [
        {"$schema": "rule.schema.json"},
        {"Supersede": True, "Events": ["pull_request"]},
        {"Target": {"CodeBuild": {"Project": "ab", "SourceVersion": "#{after}"}}},
        {"Target": {"EventBridge": {}}},
    ],
)
def test_what_check_takes_fits(schema: Draft7Validator, tool: Tool, more: dict[str, Any]):
    rule = RULE | more
    assert [error.message for error in schema.iter_errors(rule)] == []
    assert tool.run("check", "--strict", "-", text=json.dumps(rule)).status == 0


@pytest.mark.parametrize("name", ["Repository", "Target"])
def test_what_a_rule_must_have_is_required(schema: Draft7Validator, name: str):
    assert not schema.is_valid({key: value for key, value in RULE.items() if key != name})


def test_a_schema_that_cannot_be_written_is_no_success(tool: Tool):
    command = ["/bin/sh", "-c", f"{tool.program} schema >/dev/full"]
    ended = subprocess.run(command, env=tool.environment, capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr == "pointsman: writing the output: no space left on device\n"

"""The construct in examples/cdk, synthesised by the CDK in .venv-cdk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cloudformation import ROOT

PYTHON = ROOT / ".venv-cdk/bin/python"

pytestmark = [
    pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-cdk: scripts/template.sh makes it"),
    pytest.mark.skipif(shutil.which("node") is None, reason="the CDK needs node"),
]


@pytest.fixture(scope="module")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The template of the example's stack."""
    folder: Path = tmp_path_factory.mktemp("cdk")
    subprocess.run(
        [PYTHON, "-B", "app.py"],
        cwd=ROOT / "examples/cdk",
        env=os.environ
        | {"CDK_OUTDIR": str(folder), "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1"},
        check=True,
        timeout=300,
    )
    return json.loads((folder / "ApiTrigger.template.json").read_text())


def test_a_trigger_is_the_custom_resource_with_the_rules_properties(synthesised: dict):
    [trigger] = [
        resource
        for resource in synthesised["Resources"].values()
        if resource["Type"] == "Custom::PipelineTrigger"
    ]
    assert trigger["Properties"] == {
        "ServiceToken": {"Fn::ImportValue": "tools-PipelineTrigger"},
        "ServiceTimeout": "120",
        "Repository": "octo-org/monorepo",
        "Branches": ["main"],
        "Paths": ["services/api/**"],
        "Target": {"CodePipeline": {"Name": "api", "SourceAction": "Source"}},
    }


def test_the_rules_key_is_an_attribute(synthesised: dict):
    [name] = [
        name
        for name, resource in synthesised["Resources"].items()
        if resource["Type"] == "Custom::PipelineTrigger"
    ]
    assert synthesised["Outputs"]["RuleKey"]["Value"] == {"Fn::GetAtt": [name, "Key"]}


def test_a_trigger_is_declared_in_a_few_lines():
    _, _, use = (ROOT / "examples/cdk/app.py").read_text().partition("trigger = PipelineTrigger(")
    assert use.partition("\n)")[0].count("    ") == 6, "scope, name, and four properties"

"""The examples for Terraform, applied to the local AWS.

The AWS provider is found as Terraform finds it: in the registry, or where
`TF_CLI_ARGS_init=-plugin-dir=FOLDER` says.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local_cloud import ROOT, LocalCloud
from ministack_process import REGION

EXAMPLES = ROOT / "examples/terraform"
PROVIDER = """
provider "aws" {{
  region                      = "{region}"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true
  endpoints {{
    cloudformation = "{url}"
    s3             = "{url}"
    sts            = "{url}"
  }}
}}
"""

pytestmark = pytest.mark.skipif(
    shutil.which("terraform") is None, reason="Terraform is not installed"
)


class Module:
    """One of the examples as the root module, with the local AWS as its provider."""

    def __init__(self, folder: Path, example: str, cloud: LocalCloud):
        shutil.copytree(EXAMPLES / example, folder)
        (folder / "provider.tf").write_text(PROVIDER.format(region=REGION, url=cloud.ministack.url))
        self.folder = folder
        ended = self._run("init", "-input=false")
        if "Failed to query available provider packages" in ended.stderr:
            pytest.skip("the AWS provider of Terraform is not to be had")
        assert ended.returncode == 0, ended.stderr

    def apply(self, **variables: Any) -> subprocess.CompletedProcess[str]:
        (self.folder / "terraform.tfvars.json").write_text(json.dumps(variables))
        return self._run("apply", "-auto-approve", "-input=false", "-no-color")

    def destroy(self) -> None:
        ended = self._run("destroy", "-auto-approve", "-input=false")
        assert ended.returncode == 0, ended.stderr

    def output(self, name: str) -> Any:
        return json.loads(self._run("output", "-json", name).stdout)

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder,
            env={key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
            capture_output=True,
            text=True,
            timeout=300,
        )


def test_the_stack_is_made_by_terraform(cloud: LocalCloud, tmp_path: Path):
    cloud.client("s3").create_bucket(
        Bucket="terraform-artifacts", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    module = Module(tmp_path / "stack", "stack", cloud)
    ended = module.apply(
        template=str(ROOT / "template.yaml"),
        package=str(cloud.package),
        artifact_bucket="terraform-artifacts",
        stack_name="by-terraform",
        parameters={
            "ConfigStorageS3BucketName": "rules-by-terraform",
            "ResourceRoleName": "",
            "AccountName": "terraform",
        },
        tags={"team": "ci"},
        s3_url=cloud.ministack.url,
    )
    assert ended.returncode == 0, ended.stderr
    assert cloud.status("by-terraform") == "CREATE_COMPLETE"
    assert module.output("outputs") == cloud.outputs("by-terraform")
    assert {"Key": "team", "Value": "ci"} in cloud.describe("by-terraform")["Tags"]


def test_a_rule_belongs_to_the_trigger_that_terraform_made(
    cloud: LocalCloud, pointsman: str, tmp_path: Path
):
    rule = {
        "Repository": "octo-org/terraform",
        "Paths": ["services/api/**"],
        "Target": {"CodePipeline": {"Name": "api"}},
    }
    module = Module(tmp_path / "trigger", "trigger", cloud)
    ended = module.apply(name="api-trigger", account_name=pointsman, rule=rule)
    assert ended.returncode == 0, ended.stderr
    key = module.output("rule_key")
    stored = json.loads(cloud.object(pointsman, key))
    assert rule.items() <= stored.items()

    wrong = rule | {"Paths": ["services/[api/**"]}
    ended = module.apply(name="api-trigger", account_name=pointsman, rule=wrong)
    assert ended.returncode == 1
    assert "unclosed '['" in cloud.failures("api-trigger")["Trigger"]
    assert json.loads(cloud.object(pointsman, key)) == stored

    module.destroy()
    assert key not in cloud.keys(pointsman)

"""The policies in examples/policies, held to what is called with them."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from cloudformation import ROOT, transformed

POLICIES = {
    path.stem: json.loads(path.read_text())["Statement"]
    for path in sorted(ROOT.glob("examples/policies/*.json"))
}
# What `aws cloudformation package` and `deploy` call, and the commands that are no call.
OF_COMMANDS = {
    "cloudformation package": {"s3:GetObject", "s3:PutObject"},
    "cloudformation deploy": {
        "cloudformation:DescribeStacks",
        "cloudformation:GetTemplateSummary",
        "cloudformation:CreateChangeSet",
        "cloudformation:DescribeChangeSet",
    },
    "s3api head-bucket": {"s3:ListBucket"},
    "s3api put-public-access-block": {"s3:PutBucketPublicAccessBlock"},
    "sts get-caller-identity": set(),  # is always allowed
}
# What CloudFormation calls for properties that the template does not have.
NOT_OURS = re.compile(
    r"kms:|s3tables:|s3files:|firehose:|elasticfilesystem:"
    r"|iam:(Attach|Detach)(Group|User)Policy|iam:\w+RolePermissionsBoundary"
    r"|lambda:GetLayerVersion|lambda:GetCodeSigningConfig|lambda:PassCapacityProvider"
    r"|s3:(Get|Put|Delete)Object\w*|s3:getObject|s3:REST\.PUT\.OBJECT"
    r"|secretsmanager:(RemoveRegionsFrom|ReplicateSecretTo)\w+"
    r"|logs:DeleteResourcePolicy"
)


def actions(name: str) -> set[str]:
    return {action for statement in POLICIES[name] for action in statement["Action"]}


def called() -> set[str]:
    """The actions of the commands in deploy.sh."""
    text = "".join((ROOT / name).read_text() for name in ("deploy.sh", "scripts/deploy-checks.sh"))
    # A command that is proposed to the reader is `aws cloudformation …`.
    service = r"(?<!aws )\b(cloudformation|s3api|secretsmanager|sts)"
    own = service + r" ([a-z]+(?:-[a-z]+)*) (?:--|\\\n|\"\$)"
    found = set()
    for service, command in re.findall(own, text):
        name = "".join(word.capitalize() for word in command.split("-"))
        default = {f"{service.removesuffix('api')}:{name}"}
        found |= OF_COMMANDS.get(f"{service} {command}", default)
    return found


def test_the_deployer_may_do_what_deploy_does_and_no_more():
    assert len(called()) > 15
    assert actions("deployer") == called() | {"iam:PassRole"}


def test_cloudformation_may_do_what_the_resources_need():
    needed = {
        permission
        for resource in transformed()["Resources"].values()
        for handler, described in PROVIDER_SCHEMA_MANAGER.get_resource_schema(
            "us-east-1", resource["Type"]
        )
        .schema["handlers"]
        .items()
        if handler != "list"
        for permission in described["permissions"]
    }
    needed = {permission for permission in needed if not NOT_OURS.match(permission)}
    assert len(needed) > 100
    allowed = actions("cloudformation")
    assert {
        each for each in needed if not any(fnmatchcase(each, pattern) for pattern in allowed)
    } == set()


@pytest.mark.parametrize("name", POLICIES)
def test_only_what_knows_no_resources_is_allowed_on_all(name: str):
    on_all = {
        action
        for statement in POLICIES[name]
        if statement["Resource"] == "*"
        for action in statement["Action"]
    }
    assert {action.split(":")[0] for action in on_all} <= {"ec2", "logs", "secretsmanager"}
    assert not any("*" in action for action in on_all)


@pytest.mark.parametrize("name", POLICIES)
def test_the_words_to_replace_are_explained(name: str):
    listing = (ROOT / "examples/README.md").read_text()
    text = json.dumps(POLICIES[name])
    words = set(re.findall(r"(?<!apigateway:)\b[A-Z]{5,}(?:-[A-Z]+)*\b", text))
    assert words
    assert all(f"`{word}`" in listing for word in words)
    assert f"policies/{name}.json" in listing

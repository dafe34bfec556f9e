"""TrainingPeaks' stack, updated in place by template.yaml, keeps what others know.

MONO_REPO is that stack after SAM's transform: every resource, with what is set of the properties
whose change replaces it. Which those are, CloudFormation's own schemas say, as cfn-lint has them.
"""

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from cloudformation import ROOT, Stack, transformed

PARAMETERS = {
    "AccountName": "tools",
    "ConfigStorageS3BucketName": "tools-monorepo-configuration",
    "ConfigStoragePrefix": "mono-repo/config",
}
MONO_REPO = {
    "ApiAccessLogs": ("AWS::Logs::LogGroup", {"LogGroupName": "/aws/api/GitHubIntegrationS3"}),
    "ConfigStorageBucket": ("AWS::S3::Bucket", {"BucketName": "tools-monorepo-configuration"}),
    "GitHubEventEvalFunction": ("AWS::Lambda::Function", {}),
    "GitHubEventEvalFunctionRole": ("AWS::IAM::Role", {}),
    "GitHubWebhookFunction": ("AWS::Lambda::Function", {}),
    "GitHubWebhookFunctionGitHubWebhookPermission": ("AWS::Lambda::Permission", {}),
    "GitHubWebhookFunctionRole": ("AWS::IAM::Role", {}),
    "HttpApi": ("AWS::ApiGatewayV2::Api", {}),
    "HttpApiApiGatewayDefaultStage": (
        "AWS::ApiGatewayV2::Stage",
        {"ApiId": "HttpApi", "StageName": "$default"},
    ),
    "MonoRepoResourceS3Role": ("AWS::IAM::Role", {"RoleName": "MonoRepoResourceS3Role"}),
    "MonoRepoS3ConfigCloudFormationResourceFunction": ("AWS::Lambda::Function", {}),
}
# Nobody outside of the stack knows these.
REMOVED = {
    "GitHubEventEvalFunctionRole",
    "GitHubWebhookFunctionGitHubWebhookPermission",
    "GitHubWebhookFunctionRole",
}
# Request ids of 30 days; with that name there could be no second stack.
REPLACED = {"ApiAccessLogs"}
EXPORTS = {
    "tools-MonoRepoTrigger": "arn:MonoRepoS3ConfigCloudFormationResourceFunction",
    "tools-MonoRepoTriggerRole": "arn:MonoRepoResourceS3Role",
}
TEMPLATE = transformed()
STACK = Stack(TEMPLATE, **PARAMETERS)


def replacing(kind):
    """The properties whose change replaces a resource."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return [path.removeprefix("/properties/") for path in schema.get("createOnlyProperties", [])]


@pytest.mark.parametrize("name", MONO_REPO.keys() - REMOVED)
def test_nothing_is_replaced_that_others_know(name):
    kind, before = MONO_REPO[name]
    assert STACK.resources[name]["Type"] == kind
    after = STACK.resources[name]["Properties"]
    changed = {key for key in replacing(kind) if before.get(key) != after.get(key)}
    assert bool(changed) == (name in REPLACED), changed


def test_nothing_is_removed_that_others_know():
    assert MONO_REPO.keys() - STACK.resources.keys() == REMOVED


def test_nothing_new_takes_the_fixed_name_of_what_is_there():
    names = ["LogGroupName", "RoleName", "BucketName", "FunctionName", "QueueName", "Name"]
    fixed = {
        (name, resource["Properties"][key])
        for name, resource in STACK.resources.items()
        if name not in MONO_REPO and resource["Type"] not in {"AWS::Lambda::Permission"}
        for key in names
        if isinstance(resource["Properties"].get(key), str)
        and key in replacing(resource["Type"])
        and resource["Properties"][key] not in STACK.resources
    }
    assert all("/pointsman/" in value for _, value in fixed), fixed


@pytest.mark.parametrize(("name", "value"), EXPORTS.items())
def test_an_export_that_stacks_import_keeps_name_and_value(name, value):
    exports = {
        output["Export"]["Name"]: output["Value"]
        for output in STACK.outputs.values()
        if "Export" in output
    }
    assert exports[name] == value


def test_the_webhooks_url_stays():
    assert STACK.outputs["GitHubWebhookEndpoint"]["Value"] == (
        "https://HttpApi.execute-api.eu-west-1.amazonaws.com/ghorg/push"
    )
    assert "/ghorg/push" in STACK.resources["HttpApi"]["Properties"]["Body"]["paths"]


def test_the_parameters_keep_their_meaning_and_defaults():
    declared = TEMPLATE["Parameters"]
    assert declared["AccountName"]["Default"] == "tools"
    assert declared["ConfigStoragePrefix"]["Default"] == "mono-repo/config"
    # A bucket's name is unique in all of AWS: a default would be somebody's already.
    assert "Default" not in declared["ConfigStorageS3BucketName"]


def test_a_second_stack_beside_it_shares_no_name():
    beside = Stack(
        TEMPLATE,
        AccountName="pointsman",
        ConfigStorageS3BucketName="pointsman-rules",
        ResourceRoleName="",
    )
    assert "RoleName" not in beside.resources["MonoRepoResourceS3Role"]["Properties"]
    shared = {
        output["Export"]["Name"] for output in beside.outputs.values() if "Export" in output
    } & {output["Export"]["Name"] for output in STACK.outputs.values() if "Export" in output}
    assert shared == set()


@pytest.mark.parametrize("name", MONO_REPO.keys() - REMOVED)
def test_why_a_name_is_kept_stands_beside_it(name):
    text = (ROOT / "template.yaml").read_text()
    if name == "HttpApiApiGatewayDefaultStage":
        assert "HttpApiApiGatewayDefaultStage, as there" in text
    else:
        assert f"\n  {name}:\n    # The id" in text

"""Holds the examples to what the stack exports and the functions take."""

import pytest

from cloudformation import ROOT, Stack, source, transformed

EXAMPLES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("examples/**/*.yaml"))
TEMPLATES = {name: source(name) for name in EXAMPLES}


def resources(*kinds):
    return [
        pytest.param(template, resource["Properties"], resource["Type"], id=f"{name}:{logical_id}")
        for name, template in TEMPLATES.items()
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] in kinds
    ]


TRIGGERS = resources("Custom::PipelineTrigger", "Custom::MonoRepoTrigger")
PIPELINES = resources("AWS::CodePipeline::Pipeline")


def exports():
    stack = Stack(transformed(), ConfigStorageS3BucketName="rules", AccountName="${AccountName}")
    return {
        output["Export"]["Name"]: output["Value"]
        for output in stack.outputs.values()
        if "Export" in output
    }


def test_there_are_triggers_of_both_shapes():
    assert {trigger.values[2] for trigger in TRIGGERS} == {
        "Custom::PipelineTrigger",
        "Custom::MonoRepoTrigger",
    }


@pytest.mark.parametrize(("template", "properties", "kind"), TRIGGERS)
def test_a_triggers_token_is_what_the_stack_exports(template, properties, kind):
    name = properties["ServiceToken"]["Fn::ImportValue"]["Fn::Sub"]
    assert exports()[name] == "arn:MonoRepoS3ConfigCloudFormationResourceFunction"
    assert template["Parameters"]["AccountName"]["Default"] == "tools"


@pytest.mark.parametrize(("template", "properties", "kind"), TRIGGERS)
def test_a_stack_does_not_wait_an_hour_for_an_answer(template, properties, kind):
    assert properties["ServiceTimeout"] == 120


@pytest.mark.parametrize(("template", "properties", "kind"), TRIGGERS)
def test_a_trigger_has_the_properties_of_its_shape(template, properties, kind):
    own = properties.keys() - {"ServiceToken", "ServiceTimeout"}
    if kind == "Custom::MonoRepoTrigger":
        assert own == {"GitHubRepo", "GitHubBranch", "ChangeMatchExpressions", "CodePipelineName"}
    else:
        assert {"Repository", "Target"} <= own
        assert properties["Target"].keys() == {"CodePipeline"}
        assert properties["Target"]["CodePipeline"]["SourceAction"] == "Source"


@pytest.mark.parametrize(("template", "properties", "kind"), TRIGGERS)
def test_a_trigger_starts_the_pipeline_of_its_template_or_a_parameter(template, properties, kind):
    target = properties.get("Target", {}).get("CodePipeline", {})
    name = target.get("Name") or properties["CodePipelineName"]
    known = template["Resources"].keys() | template["Parameters"].keys()
    assert name["Ref"] in known


@pytest.mark.parametrize(("template", "properties", "kind"), TRIGGERS)
def test_a_placeholder_is_not_lost_as_a_comment(template, properties, kind):
    variables = properties.get("Target", {}).get("CodePipeline", {}).get("Variables", {})
    assert all("#{" in value for value in variables.values())


@pytest.mark.parametrize(("template", "properties", "kind"), PIPELINES)
def test_nothing_else_starts_a_pipeline(template, properties, kind):
    assert properties["PipelineType"] == "V2"
    assert "Triggers" not in properties
    (source_action,) = properties["Stages"][0]["Actions"]
    assert source_action["Name"] == "Source"
    assert source_action["Configuration"]["DetectChanges"] is False


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_explained(name):
    listing = (ROOT / "examples/README.md").read_text()
    assert name.removeprefix("examples/").split("/")[0] in listing


def test_a_role_elsewhere_lets_both_functions_in_that_are_to_assume_it():
    template = TEMPLATES["examples/cross-account/pipeline.yaml"]
    assert {"EvaluateRoleArn", "ReportRoleArn"} <= template["Parameters"].keys()
    assert template["Parameters"].keys() & {"ReportRoleArn"} <= stack_outputs()
    trust = template["Resources"]["StartRole"]["Properties"]["AssumeRolePolicyDocument"]
    admitted = str(trust["Statement"][0]["Condition"]["ArnEquals"]["aws:PrincipalArn"])
    assert "EvaluateRoleArn" in admitted and "ReportRoleArn" in admitted


def stack_outputs():
    return transformed()["Outputs"].keys()


def forwarded():
    resources = TEMPLATES["examples/forward-events/sender.yaml"]["Resources"]
    return {
        name: each["Properties"]
        for name, each in resources.items()
        if each["Type"] == "AWS::Events::Rule"
    }


def test_what_is_forwarded_is_what_report_is_told():
    token = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:token-AbCdEf"
    stack = Stack(
        transformed(),
        ConfigStorageS3BucketName="rules",
        ReportStatuses="enabled",
        GitHubTokenSecretArn=token,
    )
    told = [
        rule["EventPattern"]
        for rule in stack.of_type("AWS::Events::Rule").values()
        if rule["Targets"][0]["Arn"] == "arn:ReportFunction"
    ]
    sent = [rule["EventPattern"] for rule in forwarded().values()]
    assert sorted(map(str, sent)) == sorted(map(str, told))


def test_what_is_forwarded_is_all_that_the_other_bus_takes():
    receiver = TEMPLATES["examples/forward-events/receiver.yaml"]["Resources"]["Policy"]
    statement = receiver["Properties"]["Statement"]
    sources = [rule["EventPattern"]["source"][0] for rule in forwarded().values()]
    assert statement["Condition"] == {"StringEquals": {"events:source": sources}}
    assert statement["Action"] == "events:PutEvents"


def test_what_cannot_be_forwarded_is_kept():
    for rule in forwarded().values():
        (target,) = rule["Targets"]
        assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["Undelivered", "Arn"]}}
        assert target["Arn"] == {"Ref": "EventBusArn"}

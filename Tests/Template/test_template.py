"""Holds template.yaml to what no linter knows."""

import json
import re

import pytest

from cloudformation import PSEUDO, ROOT, Stack, listed, source, transformed

TEMPLATE = transformed()
WRITTEN = source()
TEXT = (ROOT / "template.yaml").read_text()
BUCKET = "arn:aws:s3:::rules"
FUNCTIONS = {
    "webhook": "GitHubWebhookFunction",
    "evaluate": "GitHubEventEvalFunction",
    "resource": "MonoRepoS3ConfigCloudFormationResourceFunction",
    "report": "ReportFunction",
    "recover": "RecoverFunction",
}
OPTIONAL = {"report", "recover"}
ROLES = {
    "webhook": "WebhookRole",
    "evaluate": "EvaluateRole",
    "resource": "MonoRepoResourceS3Role",
    "report": "ReportRole",
    "recover": "RecoverRole",
}
TOKEN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:token-AbCdEf"
HOOKS = "orgs/octo-org/hooks/1234,repos/octo-org/mono-repo/hooks/5678,app/hook"
REPORTING = dict(GitHubTokenSecretArn=TOKEN, ReportStatuses="enabled", RecoverHooks=HOOKS)
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:github-AbCdEf"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
REPOSITORIES = "arn:aws:codecommit:eu-west-1:111122223333:team-*"
EVERYTHING = dict(
    DockerHubRoute="enabled",
    CodeCommitRepositoryArn=REPOSITORIES,
    GitHubSecretArn=SECRET,
    GitHubSecretKmsKeyArn=KEY,
    AlarmTopicArn="arn:aws:sns:eu-west-1:111122223333:alarms",
    AssumableRoleArns="arn:aws:iam::444455556666:role/pointsman-*",
    BuildProjectArns="arn:aws:codebuild:eu-west-1:111122223333:project/api",
    PullRequestPipelineArns="arn:aws:codepipeline:eu-west-1:111122223333:review-*,"
    "arn:aws:codeconnections:eu-west-1:111122223333:connection/c1",
    PullRequestPipelineRoleArns="arn:aws:iam::111122223333:role/review",
    EventBusArns="arn:aws:events:eu-west-1:111122223333:event-bus/default",
    EksClusterArns="arn:aws:eks:eu-west-1:111122223333:cluster/main",
    TargetSecretArns="arn:aws:secretsmanager:eu-west-1:111122223333:secret:ci/*",
    TargetSecretKmsKeyArns="arn:aws:kms:us-east-1:111122223333:key/5678abcd",
    **REPORTING,
    SubnetIds="subnet-1,subnet-2",
    SecurityGroupIds="sg-1",
    WebhookReservedConcurrency="20",
    EvaluateReservedConcurrency="10",
    ResourceReservedConcurrency="5",
)


def stack(**parameters):
    return Stack(TEMPLATE, **({"ConfigStorageS3BucketName": "rules"} | parameters))


def stack_with(name, **parameters):
    """A stack that has this function."""
    return stack(**((REPORTING if name in OPTIONAL else {}) | parameters))


def function(name, **parameters):
    return stack_with(name, **parameters).resources[FUNCTIONS[name]]["Properties"]


# the functions

STORAGE = {"S3_BUCKET": "rules", "S3_PREFIX": "mono-repo/config"}
OWN = {"GITHUB_SECRET_ARN": "arn:GitHubSecret"}
API = {"GITHUB_TOKEN_ARN": TOKEN, "GITHUB_API_URL": "https://api.github.com"}
WEBHOOK = STORAGE | {
    "EVAL_FUNCTION_ARN": "arn:GitHubEventEvalFunction",
    "GITHUB_SECRET_ARN": "arn:GitHubSecret",
    "GITHUB_ALLOW_SHA1": "false",
    "MAX_EVENT_AGE_DAYS": 7,
    "RESPOND_WITH_DECISIONS": "false",
}


@pytest.mark.parametrize(
    ("name", "parameters", "variables"),
    [
        ("evaluate", {}, STORAGE | OWN),
        ("resource", {}, STORAGE | OWN),
        (
            "resource",
            {
                "DockerHubRoute": "enabled",
                "GitHubSecretArn": SECRET,
                "GitHubTokenSecretArn": TOKEN,
            },
            STORAGE
            | API
            | {
                "GITHUB_SECRET_ARN": SECRET,
                "DOCKERHUB_TOKEN_ARN": "arn:DockerHubToken",
            },
        ),
        ("evaluate", {"GitHubTokenSecretArn": TOKEN}, STORAGE | OWN | API),
        (
            "evaluate",
            REPORTING | {"GitHubApiUrl": "https://github.example.com/api/v3"},
            STORAGE
            | OWN
            | API
            | {
                "GITHUB_API_URL": "https://github.example.com/api/v3",
                "REPORT_FUNCTION_ARN": "arn:ReportFunction",
            },
        ),
        ("report", {}, STORAGE | OWN | API),
        ("recover", {}, STORAGE | OWN | API | {"RECOVER_HOOKS": HOOKS}),
        ("webhook", {}, WEBHOOK),
        ("webhook", {"GitHubAllowSHA1": "true"}, WEBHOOK | {"GITHUB_ALLOW_SHA1": "true"}),
        ("webhook", {"MaxEventAgeDays": 0}, WEBHOOK | {"MAX_EVENT_AGE_DAYS": 0}),
        ("webhook", {"RespondWithDecisions": "true"}, WEBHOOK | {"RESPOND_WITH_DECISIONS": "true"}),
        ("webhook", {"GitHubSecretArn": SECRET}, WEBHOOK | {"GITHUB_SECRET_ARN": SECRET}),
        (
            "webhook",
            {"DockerHubRoute": "enabled"},
            WEBHOOK | {"DOCKERHUB_TOKEN_ARN": "arn:DockerHubToken"},
        ),
    ],
)
def test_a_function_has_these_variables_and_no_others(name, parameters, variables):
    assert function(name, **parameters)["Environment"]["Variables"] == variables


@pytest.mark.parametrize(
    ("name", "timeout"),
    [("webhook", 15), ("evaluate", 60), ("resource", 30), ("report", 300), ("recover", 300)],
)
def test_the_functions_are_one_zip_told_apart_by_the_handler(name, timeout):
    assert WRITTEN["Resources"][FUNCTIONS[name]]["Properties"]["CodeUri"] == "dist/pointsman.zip"
    assert WRITTEN["Mappings"]["Functions"][name.capitalize()]["Handler"] == name
    properties = function(name)
    assert properties["Handler"] == name
    assert properties["Timeout"] == timeout
    assert properties["Runtime"] == "provided.al2023"
    assert properties["MemorySize"] == 256
    assert properties["Architectures"] == ["x86_64"]
    assert function(name, Architecture="arm64")["Architectures"] == ["arm64"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_logs_json_to_a_group_of_the_stack(name):
    properties = function(name, LogLevel="DEBUG")
    logging = properties["LoggingConfig"]
    assert logging["LogFormat"] == "JSON"
    assert logging["ApplicationLogLevel"] == "DEBUG"
    group = stack_with(name, LogRetentionDays=90).resources[logging["LogGroup"]]["Properties"]
    assert group == {"LogGroupName": f"/aws/lambda/pointsman/{name}", "RetentionInDays": 90}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_optional_of_a_function_is_absent_unless_asked_for(name):
    assert function(name).keys().isdisjoint({"VpcConfig", "ReservedConcurrentExecutions"})
    whole = function(name, **EVERYTHING)
    assert whole["VpcConfig"] == {
        "SubnetIds": ["subnet-1", "subnet-2"],
        "SecurityGroupIds": ["sg-1"],
    }
    if name not in OPTIONAL:
        assert whole["ReservedConcurrentExecutions"] in {"20", "10", "5"}
    assert whole["TracingConfig"] == {"Mode": "Active"}


@pytest.mark.parametrize("name", ["webhook", "evaluate", "report"])
def test_what_failed_to_the_last_is_kept(name):
    made = stack_with(name)
    config = made.of_type("AWS::Lambda::EventInvokeConfig")[FUNCTIONS[name] + "EventInvokeConfig"]
    assert config["MaximumRetryAttempts"] == 2
    assert config["MaximumEventAgeInSeconds"] == 21600
    assert config["DestinationConfig"] == {"OnFailure": {"Destination": "arn:DeadLetterQueue"}}
    assert made.allows(ROLES[name], "sqs:SendMessage", "arn:DeadLetterQueue")


def test_a_presigned_url_is_put_into_no_queue():
    configs = stack().of_type("AWS::Lambda::EventInvokeConfig")
    assert not configs[FUNCTIONS["resource"] + "EventInvokeConfig"].get("DestinationConfig")


# what is optional


@pytest.mark.parametrize(
    ("parameters", "there"),
    [
        ({}, set()),
        ({"GitHubTokenSecretArn": TOKEN}, set()),
        ({"GitHubTokenSecretArn": TOKEN, "ReportStatuses": "enabled"}, {"report"}),
        ({"GitHubTokenSecretArn": TOKEN, "RecoverHooks": "app/hook"}, {"recover"}),
        (REPORTING, {"report", "recover"}),
    ],
)
def test_report_and_recover_are_there_if_they_are_asked_for(parameters, there):
    made = stack(**parameters)
    assert made.refusals() == []
    for name in OPTIONAL:
        own = {
            each
            for each in made.resources
            if each.startswith(name.capitalize()) and not each.endswith("Logs")
        }
        assert bool(own) == (name in there), own


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (
            {"ReportStatuses": "enabled"},
            "ReportStatuses needs GitHubTokenSecretArn, GiteaTokenSecretArn "
            "or GitLabTokenSecretArn",
        ),
        ({"RecoverHooks": HOOKS}, "RecoverHooks need GitHubTokenSecretArn"),
    ],
)
def test_neither_is_of_use_without_a_token(parameters, said):
    assert stack(**parameters).refusals() == [said]
    assert stack(**parameters, GitHubTokenSecretArn=TOKEN).refusals() == []


@pytest.mark.parametrize("provider", ["Gitea", "GitLab"])
def test_a_token_of_another_provider_needs_a_server_and_is_enough_for_statuses(provider):
    given = {f"{provider}TokenSecretArn": TOKEN, "ReportStatuses": "enabled"}
    assert stack(**given).refusals() == [f"{provider}TokenSecretArn needs {provider}ApiUrl"]
    made = stack(**given, **{f"{provider}ApiUrl": "https://git.example.com/api"})
    assert made.refusals() == []
    for role in ("EvaluateRole", "ReportRole"):
        assert made.allows(role, "secretsmanager:GetSecretValue", TOKEN)
    assert not made.allows("WebhookRole", "secretsmanager:GetSecretValue", TOKEN)


@pytest.mark.parametrize("provider", ["Gitea", "GitLab"])
def test_a_provider_has_its_route_with_its_secret_alone(provider):
    def routes(**parameters: str) -> set[str]:
        api = stack(**parameters).resources["HttpApi"]["Properties"]["Body"]
        return set(api["paths"])

    assert f"/{provider.lower()}" not in routes()
    given = {f"{provider}SecretArn": TOKEN}
    assert routes(**given) - routes() == {f"/{provider.lower()}"}
    made = stack(**given)
    assert made.allows("WebhookRole", "secretsmanager:GetSecretValue", TOKEN)
    assert not made.allows("EvaluateRole", "secretsmanager:GetSecretValue", TOKEN)


def test_images_of_ecr_come_by_a_rule_of_their_own():
    assert "EcrRule" not in stack().resources
    made = stack(EcrRepositoryName="team/*")
    pattern = made.resources["EcrRule"]["Properties"]["EventPattern"]
    assert pattern["source"] == ["aws.ecr"]
    assert pattern["detail"]["repository-name"] == [{"wildcard": "team/*"}]
    permission = made.resources["WebhookEcrPermission"]["Properties"]
    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["SourceArn"] == "arn:EcrRule"


def test_what_becomes_of_runs_is_reported_and_what_cannot_be_is_kept():
    made = stack(**REPORTING)
    rules = made.of_type("AWS::Events::Rule")
    patterns = {
        (rule["EventPattern"]["source"][0], rule["EventPattern"]["detail-type"][0])
        for rule in rules.values()
        if "EventPattern" in rule
    }
    assert patterns == {
        ("aws.codepipeline", "CodePipeline Pipeline Execution State Change"),
        ("aws.codebuild", "CodeBuild Build State Change"),
    }
    permitted = {
        permission["SourceArn"]
        for permission in made.of_type("AWS::Lambda::Permission").values()
        if permission["FunctionName"] == "ReportFunction"
    }
    assert permitted == {"arn:ReportFunctionPipelines", "arn:ReportFunctionBuilds"}
    for name in ("ReportFunctionPipelines", "ReportFunctionBuilds"):
        (target,) = rules[name]["Targets"]
        assert target["Arn"] == "arn:ReportFunction"
        assert target["DeadLetterConfig"] == {"Arn": "arn:DeadLetterQueue"}


def test_a_rule_of_this_stack_alone_may_use_the_queue():
    document = stack().resources["DeadLetterQueuePolicy"]["Properties"]["PolicyDocument"]
    (statement,) = [each for each in document["Statement"] if each["Effect"] == "Allow"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/pointsman-*"}
    }


def test_recover_runs_every_ten_minutes_and_never_beside_itself():
    made = stack(**REPORTING)
    (schedule,) = [
        rule
        for rule in made.of_type("AWS::Events::Rule").values()
        if rule.get("ScheduleExpression")
    ]
    assert schedule["ScheduleExpression"] == "rate(10 minutes)"
    assert schedule["Targets"][0]["Arn"] == "arn:RecoverFunction"
    config = made.resources["RecoverFunctionEventInvokeConfig"]["Properties"]
    assert config["MaximumRetryAttempts"] == 0
    longest = config["MaximumEventAgeInSeconds"] + function("recover")["Timeout"]
    assert longest <= 600


# what comes in


@pytest.mark.parametrize(
    ("parameters", "routes"),
    [
        ({}, {"/github", "/ghorg/push"}),
        ({"DockerHubRoute": "enabled"}, {"/github", "/ghorg/push", "/dockerhub/{token}"}),
    ],
)
def test_each_route_is_the_webhooks_and_may_invoke_it(parameters, routes):
    made = stack(**parameters)
    paths = made.resources["HttpApi"]["Properties"]["Body"]["paths"]
    assert paths.keys() == routes
    sources = {
        permission["SourceArn"]
        for permission in made.of_type("AWS::Lambda::Permission").values()
        if permission["Principal"] == "apigateway.amazonaws.com"
    }
    api = f"arn:aws:execute-api:{PSEUDO['AWS::Region']}:{PSEUDO['AWS::AccountId']}:HttpApi"
    assert sources == {f"{api}/*/POST/*"}
    for path in paths.values():
        assert path.keys() == {"post"}
        integration = path["post"]["x-amazon-apigateway-integration"]
        assert integration["payloadFormatVersion"] == "2.0"
        assert "functions/arn:GitHubWebhookFunction/invocations" in integration["uri"]


def test_no_access_log_holds_a_path():
    (stage,) = stack().of_type("AWS::ApiGatewayV2::Stage").values()
    form = stage["AccessLogSettings"]["Format"]
    assert "$context.routeKey" in form
    assert "$context.path" not in form and "requestOverride" not in form


def test_what_the_api_throttles_is_counted_from_the_access_log():
    (counted,) = stack().of_type("AWS::Logs::MetricFilter").values()
    (stage,) = stack().of_type("AWS::ApiGatewayV2::Stage").values()
    form = json.loads(stage["AccessLogSettings"]["Format"])
    assert counted["LogGroupName"] == "ApiAccessLogs"
    assert counted["FilterPattern"] == '{ $.status = "429" }'
    assert form["status"] == "$context.status"
    (metric,) = counted["MetricTransformations"]
    assert metric["Dimensions"] == [{"Key": "ApiId", "Value": "$.apiId"}]
    assert form["apiId"] == "$context.apiId"
    alarm = stack().resources["ApiThrottledAlarm"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (
        metric["MetricNamespace"],
        metric["MetricName"],
    )
    assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": "HttpApi"}]


@pytest.mark.parametrize(
    ("delivery", "principals"),
    [
        ("trigger", {"apigateway.amazonaws.com", "codecommit.amazonaws.com"}),
        ("event-rule", {"apigateway.amazonaws.com", "events.amazonaws.com"}),
    ],
)
def test_codecommit_delivers_in_one_way(delivery, principals):
    made = stack(CodeCommitRepositoryArn=REPOSITORIES, CodeCommitDelivery=delivery)
    permissions = made.of_type("AWS::Lambda::Permission").values()
    assert {permission["Principal"] for permission in permissions} == principals
    assert ("CodeCommitRule" in made.resources) == (delivery == "event-rule")


def test_an_answer_comes_before_a_stack_gives_up_or_never():
    """A request that waited the longest and took the longest ends within the examples' time."""
    kept = stack().resources["MonoRepoS3ConfigCloudFormationResourceFunctionEventInvokeConfig"]
    settings = kept["Properties"]
    assert settings["MaximumRetryAttempts"] == 0
    longest = settings["MaximumEventAgeInSeconds"] + function("resource")["Timeout"]
    assert longest < 120


# what the functions may do

PREFIX = f"{BUCKET}/mono-repo/config"
PIPELINE = "arn:aws:codepipeline:eu-west-1:111122223333:api"
ELSEWHERE = "arn:aws:codepipeline:eu-west-1:444455556666:api"
PROJECT = "arn:aws:codebuild:eu-west-1:111122223333:project/api"
ROLE = "arn:aws:iam::444455556666:role/pointsman-start"
ALLOWED = [
    ("webhook", "lambda:InvokeFunction", "arn:GitHubEventEvalFunction"),
    ("webhook", "s3:PutObject", f"{PREFIX}/changes/2026-01-01/1.json"),
    ("webhook", "secretsmanager:GetSecretValue", "arn:GitHubSecret"),
    ("evaluate", "s3:ListBucket", BUCKET),
    ("evaluate", "s3:GetObject", f"{PREFIX}/rules/github/o/n/a.json"),
    ("evaluate", "s3:GetObject", f"{PREFIX}/app-main-p1-68099E47.json"),
    ("evaluate", "s3:GetObject", f"{PREFIX}/changes/2026-01-01/1.json"),
    ("evaluate", "s3:PutObject", f"{PREFIX}/changes/2026-01-01/1.json"),
    ("evaluate", "s3:GetObject", f"{PREFIX}/ledger/1"),
    ("evaluate", "s3:PutObject", f"{PREFIX}/ledger/1"),
    ("evaluate", "s3:PutObject", f"{PREFIX}/decisions/2026-01-01/1.json"),
    ("evaluate", "codepipeline:StartPipelineExecution", PIPELINE),
    ("evaluate", "codepipeline:StopPipelineExecution", PIPELINE),
    ("evaluate", "s3:PutObject", f"{PREFIX}/runs/codepipeline/1.json"),
    ("evaluate", "s3:PutObject", f"{PREFIX}/pulls/github/o/n/7.json"),
    ("evaluate", "lambda:InvokeFunction", "arn:ReportFunction"),
    ("report", "s3:ListBucket", BUCKET),
    ("report", "s3:GetObject", f"{PREFIX}/decisions/2026-01-01/1.json"),
    ("report", "s3:GetObject", f"{PREFIX}/runs/codepipeline/1.json"),
    ("report", "s3:PutObject", f"{PREFIX}/runs/codebuild/api:1.json"),
    ("report", "s3:GetObject", f"{PREFIX}/statuses/1.json"),
    ("report", "s3:PutObject", f"{PREFIX}/statuses/1.json"),
    ("report", "secretsmanager:GetSecretValue", TOKEN),
    ("report", "codepipeline:ListActionExecutions", PIPELINE),
    ("recover", "s3:ListBucket", BUCKET),
    ("recover", "s3:GetObject", f"{PREFIX}/decisions/2026-01-01/1.json"),
    ("recover", "s3:GetObject", f"{PREFIX}/recover/app-hook.json"),
    ("recover", "s3:PutObject", f"{PREFIX}/recover/app-hook.json"),
    ("recover", "secretsmanager:GetSecretValue", TOKEN),
    ("resource", "s3:ListBucket", BUCKET),
    ("resource", "s3:GetObject", f"{PREFIX}/rules/github/o/n/a.json"),
    ("resource", "s3:PutObject", f"{PREFIX}/rules/github/o/n/a.json"),
    ("resource", "s3:DeleteObject", f"{PREFIX}/rules/github/o/n/a.json"),
    ("resource", "s3:PutObject", f"{PREFIX}/app-feature/x-p1-68099E47.json"),
    ("resource", "s3:DeleteObject", f"{PREFIX}/app-main-p1-68099E47.json"),
]
REFUSED = [
    ("webhook", "s3:ListBucket", BUCKET),
    ("webhook", "s3:GetObject", f"{PREFIX}/changes/2026-01-01/1.json"),
    ("webhook", "s3:PutObject", f"{PREFIX}/rules/github/o/n/a.json"),
    ("webhook", "s3:PutObject", f"{PREFIX}/ledger/1"),
    ("webhook", "codepipeline:StartPipelineExecution", PIPELINE),
    ("webhook", "sts:AssumeRole", ROLE),
    ("webhook", "logs:CreateLogGroup", "arn:WebhookLogs"),
    ("evaluate", "s3:PutObject", f"{PREFIX}/rules/github/o/n/a.json"),
    ("evaluate", "s3:PutObject", f"{PREFIX}/app-main-p1-68099E47.json"),
    ("evaluate", "s3:DeleteObject", f"{PREFIX}/ledger/1"),
    ("evaluate", "s3:GetObject", f"{BUCKET}/elsewhere/a.json"),
    ("evaluate", "secretsmanager:GetSecretValue", "arn:GitHubSecret"),
    ("evaluate", "codepipeline:StartPipelineExecution", ELSEWHERE),
    ("evaluate", "codepipeline:StopPipelineExecution", ELSEWHERE),
    ("evaluate", "codepipeline:DeletePipeline", PIPELINE),
    ("evaluate", "codebuild:StartBuild", PROJECT),
    ("evaluate", "codebuild:StopBuild", PROJECT),
    ("evaluate", "sts:AssumeRole", ROLE),
    ("evaluate", "s3:PutObject", f"{PREFIX}/commits/codecommit/team-a/main.json"),
    ("evaluate", "codecommit:GetDifferences", "arn:aws:codecommit:eu-west-1:111122223333:team-a"),
    ("evaluate", "codecommit:GetFolder", "arn:aws:codecommit:eu-west-1:111122223333:team-a"),
    ("evaluate", "s3:PutObject", f"{PREFIX}/statuses/1.json"),
    ("evaluate", "s3:PutObject", f"{PREFIX}/recover/app-hook.json"),
    ("report", "s3:PutObject", f"{PREFIX}/decisions/2026-01-01/1.json"),
    ("report", "s3:PutObject", f"{PREFIX}/rules/github/o/n/a.json"),
    ("report", "s3:PutObject", f"{PREFIX}/ledger/1"),
    ("report", "s3:GetObject", f"{PREFIX}/rules/github/o/n/a.json"),
    ("report", "s3:DeleteObject", f"{PREFIX}/runs/codepipeline/1.json"),
    ("report", "codepipeline:StartPipelineExecution", PIPELINE),
    ("report", "codepipeline:ListActionExecutions", ELSEWHERE),
    ("report", "lambda:InvokeFunction", "arn:GitHubEventEvalFunction"),
    ("report", "secretsmanager:GetSecretValue", "arn:GitHubSecret"),
    ("report", "sts:AssumeRole", ROLE),
    ("recover", "s3:PutObject", f"{PREFIX}/decisions/2026-01-01/1.json"),
    ("recover", "s3:GetObject", f"{PREFIX}/changes/2026-01-01/1.json"),
    ("recover", "s3:GetObject", f"{PREFIX}/rules/github/o/n/a.json"),
    ("recover", "codepipeline:StartPipelineExecution", PIPELINE),
    ("recover", "lambda:InvokeFunction", "arn:GitHubEventEvalFunction"),
    ("recover", "secretsmanager:GetSecretValue", "arn:GitHubSecret"),
    ("recover", "sts:AssumeRole", ROLE),
    ("resource", "s3:PutObject", f"{PREFIX}/runs/codepipeline/1.json"),
    ("resource", "s3:PutObject", f"{PREFIX}/statuses/1.json"),
    ("resource", "s3:PutObject", f"{PREFIX}/pulls/github/o/n/7.json"),
    ("resource", "s3:PutObject", f"{PREFIX}/recover/app-hook.json"),
    ("resource", "secretsmanager:GetSecretValue", TOKEN),
    ("webhook", "secretsmanager:GetSecretValue", TOKEN),
    ("resource", "s3:PutObject", f"{PREFIX}/decisions/2026-01-01/1.json"),
    ("resource", "s3:DeleteObject", f"{PREFIX}/commits/codecommit/team-a/main.json"),
    ("resource", "s3:DeleteObject", f"{PREFIX}/changes/2026-01-01/1.json"),
    ("resource", "s3:PutObject", f"{PREFIX}/ledger/1.json"),
    ("resource", "s3:GetObject", f"{BUCKET}/elsewhere/a.json"),
    ("resource", "s3:DeleteObjectVersion", f"{PREFIX}/rules/github/o/n/a.json"),
    ("resource", "codepipeline:StartPipelineExecution", PIPELINE),
    ("resource", "secretsmanager:GetSecretValue", "arn:GitHubSecret"),
]


@pytest.mark.parametrize(("name", "action", "resource"), ALLOWED)
def test_a_function_may_do_its_work(name, action, resource):
    assert stack(**REPORTING).allows(ROLES[name], action, resource)


@pytest.mark.parametrize(("name", "action", "resource"), REFUSED)
def test_a_function_may_do_no_more(name, action, resource):
    assert not stack(**REPORTING).allows(ROLES[name], action, resource)


def test_evaluate_invokes_report_only_where_it_is():
    made = stack(GitHubTokenSecretArn=TOKEN)
    assert not made.allows("EvaluateRole", "lambda:InvokeFunction", "arn:ReportFunction")


def test_what_may_be_started_and_assumed_is_a_parameter():
    made = stack(
        PipelineArns=f"{ELSEWHERE},{PIPELINE}-*",
        BuildProjectArns=PROJECT,
        AssumableRoleArns=ROLE,
    )
    assert made.allows("EvaluateRole", "codepipeline:StartPipelineExecution", ELSEWHERE)
    assert not made.allows("EvaluateRole", "codepipeline:StartPipelineExecution", PIPELINE)
    assert made.allows("EvaluateRole", "codebuild:StartBuild", PROJECT)
    assert made.allows("EvaluateRole", "codebuild:StopBuild", PROJECT)
    assert made.allows("EvaluateRole", "sts:AssumeRole", ROLE)


REVIEW = "arn:aws:codepipeline:eu-west-1:111122223333:review-api-7"
CONNECTION = "arn:aws:codeconnections:eu-west-1:111122223333:connection/c1"
OF_TARGETS = [
    ("codepipeline:GetPipeline", REVIEW),
    ("codepipeline:ListTagsForResource", REVIEW),
    ("codepipeline:CreatePipeline", REVIEW),
    ("codepipeline:TagResource", REVIEW),
    ("codepipeline:StartPipelineExecution", REVIEW),
    ("codepipeline:ListPipelineExecutions", REVIEW),
    ("codepipeline:DeletePipeline", REVIEW),
    ("codeconnections:PassConnection", CONNECTION),
    ("codestar-connections:PassConnection", CONNECTION),
    ("codepipeline:ListPipelines", "*"),
    ("iam:PassRole", "arn:aws:iam::111122223333:role/review"),
    ("events:PutEvents", "arn:aws:events:eu-west-1:111122223333:event-bus/default"),
    ("eks:DescribeCluster", "arn:aws:eks:eu-west-1:111122223333:cluster/main"),
    (
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ci/url-AbCdEf",
    ),
    (
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:token-AbCdEf",
    ),
    ("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/5678abcd"),
]


@pytest.mark.parametrize(("action", "resource"), OF_TARGETS)
def test_what_a_target_needs_is_allowed_only_where_it_is_enabled(action, resource):
    assert stack(**EVERYTHING).allows("EvaluateRole", action, resource)
    if action != "codepipeline:StartPipelineExecution":
        assert not stack().allows("EvaluateRole", action, resource)


def test_a_token_for_githubs_api_comes_with_its_address():
    assert function("evaluate")["Environment"]["Variables"] == STORAGE | OWN
    for name in FUNCTIONS:
        assert API.items() <= function(name, **EVERYTHING)["Environment"]["Variables"].items()


@pytest.mark.parametrize("secret", [SECRET, "arn:DockerHubToken", "arn:GitHubSecret"])
def test_who_refuses_a_secret_cannot_read_it(secret):
    for parameters in [{}, EVERYTHING]:
        for role in ["EvaluateRole", "MonoRepoResourceS3Role"]:
            made = stack(**parameters)
            assert not made.allows(role, "secretsmanager:GetSecretValue", secret)
    token = EVERYTHING["GitHubTokenSecretArn"]
    assert not stack(**EVERYTHING).allows(
        "MonoRepoResourceS3Role", "secretsmanager:GetSecretValue", token
    )


@pytest.mark.parametrize(
    ("name", "region"), [("evaluate", "*"), ("report", "eu-west-1"), ("recover", "eu-west-1")]
)
def test_a_key_decrypts_secrets_alone(name, region):
    statements = stack(**EVERYTHING).statements(ROLES[name])
    (statement,) = [each for each in statements if "kms:Decrypt" in listed(each["Action"])]
    assert statement["Condition"] == {
        "StringLike": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com*"}
    }
    assert statement["Resource"] == [EVERYTHING["TargetSecretKmsKeyArns"]]


def test_report_assumes_what_evaluate_does():
    assert stack(**EVERYTHING).allows("ReportRole", "sts:AssumeRole", ROLE)


def test_the_repositories_that_deliver_can_be_compared_and_no_others():
    made = stack(CodeCommitRepositoryArn=REPOSITORIES)
    commits = f"{PREFIX}/commits/codecommit/team-a/main.json"
    assert made.allows("EvaluateRole", "s3:PutObject", commits)
    for action in ["codecommit:GetDifferences", "codecommit:GetCommit", "codecommit:GetFolder"]:
        assert made.allows("EvaluateRole", action, REPOSITORIES.replace("*", "a"))
        assert not made.allows("EvaluateRole", action, REPOSITORIES.replace("team-*", "other"))


def test_an_existing_secret_and_its_key_can_be_read_and_the_token():
    made = stack(**EVERYTHING)
    for action, resource in [
        ("secretsmanager:GetSecretValue", SECRET),
        ("kms:Decrypt", KEY),
        ("secretsmanager:GetSecretValue", "arn:DockerHubToken"),
    ]:
        assert made.allows("WebhookRole", action, resource)
    assert "GitHubSecret" not in made.resources


@pytest.mark.parametrize("role", ROLES.values())
def test_only_what_knows_no_resources_is_allowed_on_all(role):
    on_all = {
        action
        for statement in stack(**EVERYTHING).statements(role)
        if statement["Effect"] == "Allow" and "*" in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }
    on_all -= {"codepipeline:ListPipelines"} if role == "EvaluateRole" else set()
    assert {action.split(":")[0] for action in on_all} == {"xray", "ec2"}
    assert not any("*" in action for action in on_all)


def test_every_action_of_a_role_has_its_reason_beside_it():
    _, _, roles = TEXT.partition("\n  # --- What the functions may do")
    lines = roles.partition("\n  # --- ")[0].splitlines()
    action = re.compile(r" +(- |Action: )(?!s3:\*$)[a-z0-9]+:[A-Z*]\w*")
    actions = [n for n, line in enumerate(lines) if action.match(line)]
    assert len(actions) > 45
    bare = [lines[n] for n in actions if "#" not in lines[n] and "#" not in lines[n - 1]]
    assert bare == []


# what is kept


def lifecycle(**parameters):
    rules = stack(**parameters).resources["ConfigStorageBucket"]["Properties"]
    return {rule["Id"]: rule for rule in rules["LifecycleConfiguration"]["Rules"]}


def test_a_start_is_remembered_longer_than_anything_can_repeat_it():
    queue = stack().resources["DeadLetterQueue"]["Properties"]["MessageRetentionPeriod"] // 86400
    redelivery = 3
    least = WRITTEN["Parameters"]["LedgerRetentionDays"]["MinValue"]
    assert least > queue + redelivery
    assert lifecycle()["ledger"]["ExpirationInDays"] > queue + redelivery
    assert lifecycle()["changes"]["ExpirationInDays"] > queue + redelivery


def test_rules_never_expire():
    prefixes = {rule.get("Prefix") for rule in lifecycle().values() if "ExpirationInDays" in rule}
    base = "mono-repo/config"
    assert prefixes == {
        f"{base}/ledger/",
        f"{base}/heads/",
        f"{base}/changes/",
        f"{base}/decisions/",
        f"{base}/runs/",
        f"{base}/statuses/",
    }


@pytest.mark.parametrize("folder", ["runs", "statuses"])
def test_a_run_is_known_for_longer_than_it_can_wait(folder):
    # Minutes that an approval may wait at most: CodePipeline's API reference, ActionDeclaration.
    assert lifecycle()[folder]["ExpirationInDays"] > 86_400 / 60 / 24


@pytest.mark.parametrize(
    ("name", "on_delete", "on_replace"),
    [
        ("ConfigStorageBucket", "RetainExceptOnCreate", "Retain"),
        ("GitHubSecret", "Delete", "Delete"),
        ("DeadLetterQueue", "Delete", "Delete"),
        ("EvaluateLogs", "Delete", "Delete"),
    ],
)
def test_what_becomes_of_it_is_said(name, on_delete, on_replace):
    resource = TEMPLATE["Resources"][name]
    assert resource["DeletionPolicy"] == on_delete
    assert resource["UpdateReplacePolicy"] == on_replace


@pytest.mark.parametrize("name", ["ConfigStorageBucketPolicy", "DeadLetterQueuePolicy"])
def test_nothing_is_kept_that_comes_without_tls(name):
    statement = stack().resources[name]["Properties"]["PolicyDocument"]["Statement"][0]
    assert statement["Effect"] == "Deny" and statement["Principal"] == "*"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


# what tells that something is wrong

ALARMS = {
    *((FUNCTIONS[name], "Errors") for name in FUNCTIONS),
    *((FUNCTIONS[name], "Throttles") for name in FUNCTIONS if name not in OPTIONAL),
    ("GitHubEventEvalFunction", "DestinationDeliveryFailures"),
    ("DeadLetterQueue.QueueName", "ApproximateNumberOfMessagesVisible"),
    *(("HttpApi", name) for name in ("4xx", "5xx", "ApiThrottled")),
    ("GitHubWebhookFunction", "Unauthorized"),
    *(("GitHubEventEvalFunction", name) for name in ("Failed", "InvalidRules", "StartLatency")),
    ("GitHubEventEvalFunction", "ReportFailed"),
    ("RecoverFunction", "GivenUp"),
}
# What the functions write, and where.
WRITTEN_IN = {
    "GitHubWebhookFunction": "Webhook/WebhookFunction",
    "GitHubEventEvalFunction": "Evaluate/EvaluateFunction",
    "ReportFunction": "Report/ReportFunction",
    "RecoverFunction": "Recover/RecoverFunction",
}
METRICS = {
    "GitHubWebhookFunction": {"Accepted", "Unauthorized", "Malformed", "Unavailable"},
    "GitHubEventEvalFunction": {"Started", "Skipped", "Failed", "InvalidRules", "StartLatency"},
}
OF_OPTIONAL = {
    "ReportFunction": {"StatusSet", "StatusRefused", "ResultLatency"},
    "RecoverFunction": {"Missed", "Redelivered", "GivenUp"},
}
# What evaluate counts for report has an alarm, and no place on the dashboard.
ALARM_ALONE = {"GitHubEventEvalFunction": {"ReportFailed"}}


def test_these_alarms_are_there_and_notify_the_topic_that_is_given():
    alarms = stack(**EVERYTHING).of_type("AWS::CloudWatch::Alarm").values()
    seen = {(alarm["Dimensions"][0]["Value"], alarm["MetricName"]) for alarm in alarms}
    assert seen == ALARMS
    assert {tuple(alarm["AlarmActions"]) for alarm in alarms} == {(EVERYTHING["AlarmTopicArn"],)}
    assert not any("AlarmActions" in a for a in stack().of_type("AWS::CloudWatch::Alarm").values())


def test_an_alarm_is_on_a_metric_that_its_function_writes():
    for function, shown in (METRICS | OF_OPTIONAL).items():
        names = shown | ALARM_ALONE.get(function, set())
        written = (ROOT / f"Sources/Core/{WRITTEN_IN[function]}.swift").read_text()
        for name in names:
            assert f'.init("{name}", ' in written
        for alarm in stack(**REPORTING).of_type("AWS::CloudWatch::Alarm").values():
            if alarm["Namespace"] == "Pointsman" and alarm["Dimensions"][0]["Value"] == function:
                assert alarm["MetricName"] in names


@pytest.mark.parametrize(
    ("parameters", "of_optional"),
    [
        ({}, []),
        (REPORTING | {"RecoverHooks": ""}, ["ReportFunction"]),
        (REPORTING | {"ReportStatuses": "disabled"}, ["RecoverFunction"]),
        (REPORTING, ["ReportFunction", "RecoverFunction"]),
    ],
)
def test_the_dashboard_shows_all_that_the_functions_count(parameters, of_optional):
    (dashboard,) = stack(**parameters).of_type("AWS::CloudWatch::Dashboard").values()
    assert dashboard["DashboardName"] == "pointsman-eu-west-1"
    shown = {}
    for widget in json.loads(dashboard["DashboardBody"])["widgets"]:
        before = []
        for metric in widget["properties"]["metrics"]:
            names = [each for each in metric if isinstance(each, str)]
            if names[0] == "...":
                names = before[: len(before) - len(names) + 1] + names[1:]
            before = [before[i] if each == "." else each for i, each in enumerate(names)]
            if before[0] == "Pointsman":
                shown.setdefault(before[3], set()).add(before[1])
    assert shown.pop("HttpApi") == {"ApiThrottled"}
    assert shown == METRICS | {name: OF_OPTIONAL[name] for name in of_optional}
    assert not stack(Dashboard="disabled").of_type("AWS::CloudWatch::Dashboard")


# parameters

PARAMETERS = WRITTEN["Parameters"]


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_is_described_constrained_and_grouped(name):
    declaration = PARAMETERS[name]
    interface = WRITTEN["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [each for group in interface["ParameterGroups"] for each in group["Parameters"]]
    assert declaration["Description"].endswith((".", "most"))
    assert grouped.count(name) == 1
    if "AllowedPattern" in declaration:
        assert declaration["ConstraintDescription"]
    else:
        assert declaration.keys() & {"AllowedValues", "MinValue"}
    if declaration["Type"] == "Number" and "AllowedValues" not in declaration:
        assert declaration["MinValue"] <= declaration["Default"] <= declaration["MaxValue"]


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        ("ConfigStorageS3BucketName", "tools-monorepo-configuration", "Not_A_Bucket"),
        ("ConfigStoragePrefix", "mono-repo/config", "mono-repo/config/"),
        ("ConfigStoragePrefix", "a", "/a"),
        ("ConfigStoragePrefix", "a_b/c.d", "a*"),
        ("AccountName", "tools", ""),
        ("ResourceRoleName", "", "a/b"),
        ("PipelineArns", "arn:aws-us-gov:codepipeline:us-gov-west-1:111122223333:*", "api"),
        ("PipelineArns", "arn:aws-cn:codepipeline:*:*:api-*", "*"),
        ("BuildProjectArns", "arn:aws:codebuild:*:111122223333:project/api-*", "api"),
        ("PullRequestPipelineArns", "arn:aws:codepipeline:eu-west-1:111122223333:r-*", "r-*"),
        (
            "PullRequestPipelineArns",
            "arn:aws:codestar-connections:*:111122223333:connection/*",
            "connection/c1",
        ),
        ("PullRequestPipelineRoleArns", "arn:aws:iam::111122223333:role/review", "review"),
        ("EventBusArns", "arn:aws:events:eu-west-1:111122223333:event-bus/a/b", "default"),
        ("EksClusterArns", "arn:aws:eks:eu-west-1:111122223333:cluster/main", "main"),
        ("TargetSecretArns", "arn:aws:secretsmanager:*:111122223333:secret:ci/*", "ci/*"),
        ("TargetSecretKmsKeyArns", KEY, "alias/targets"),
        ("GitHubTokenSecretArn", SECRET, "token"),
        ("RecoverHooks", HOOKS, "octo-org/hooks/1234"),
        ("RecoverHooks", "orgs/octo-org/hooks/1", "orgs/octo-org/hooks/1,"),
        ("RecoverHooks", "app/hook", "app/hook, app/hook"),
        ("RecoverHooks", "", ","),
        ("GitHubApiUrl", "https://github.example.com/api/v3", "http://api.github.com"),
        ("AssumableRoleArns", "arn:aws:iam::111122223333:role/x/pointsman-*", "*"),
        ("GitHubSecretArn", SECRET, "github"),
        ("GitHubSecretKmsKeyArn", KEY, "alias/github"),
        ("CodeCommitRepositoryArn", REPOSITORIES, "team"),
        ("WebhookReservedConcurrency", "1", "0"),
        ("AlarmTopicArn", "arn:aws-cn:sns:cn-north-1:111122223333:t", "t"),
        ("SubnetIds", "subnet-0a1b", "vpc-0a1b"),
        ("SecurityGroupIds", "sg-0a1b", "default"),
    ],
)
def test_a_parameter_takes_the_one_and_refuses_the_other(name, accepted, refused):
    pattern = PARAMETERS[name]["AllowedPattern"]
    assert re.fullmatch(pattern, accepted)
    assert not re.fullmatch(pattern, refused)
    if "Default" in PARAMETERS[name]:
        assert re.fullmatch(pattern, PARAMETERS[name]["Default"])


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_no_other_partition_is_named(partition):
    made = Stack(TEMPLATE, partition=partition, ConfigStorageS3BucketName="rules")
    arns = re.findall(r"arn:(aws[a-z-]*):", repr(made.resources) + repr(made.outputs))
    assert set(arns) == {partition}


def test_the_template_is_no_larger_than_cloudformation_reads_from_a_bucket():
    """What `aws cloudformation package` makes of it, as JSON (AWS CloudFormation quotas)."""
    assert len(json.dumps(WRITTEN, indent=4).encode()) < 1_000_000

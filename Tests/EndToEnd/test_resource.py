"""The custom resource: what a stack declares becomes a rule, is moved, and is removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

import github
from cloudformation import SIGNATURE, STACK_ID, CloudFormation
from local_aws import Fault
from local_aws.lambda_function import Answer, LambdaFunction
from site_under_test import Site

EARLIER_ID = "GitHubIntegrationMonoRepoS3ConfigResource"
DIGITS = "d27732ea"
CURRENT, EARLIER = "Custom::PipelineTrigger", "Custom::MonoRepoTrigger"

Send = Callable[..., str]


@pytest.fixture
def stack() -> Iterator[CloudFormation]:
    with CloudFormation() as stack:
        yield stack


@pytest.fixture
def resource(site: Site) -> Iterator[LambdaFunction]:
    with LambdaFunction(site.bootstrap, "resource", site.environment) as function:
        yield function
        assert SIGNATURE not in function.log
        assert "/arn%3Aaws/" not in function.log


@pytest.fixture
def send(stack: CloudFormation, resource: LambdaFunction) -> Send:
    """Sends a request; returns the one answer in short."""

    def send(*arguments: Any, **options: Any) -> str:
        before = len(stack.taken)
        answer = resource.invoke(stack.event(*arguments, **options))
        assert not answer.failed, answer
        assert len(stack.taken) == before + 1
        assert answer.json == stack.taken[-1].json
        return stack.taken[-1].line

    return send


def declared(pipeline: str, repository: str = "octo-org/mono-repo") -> dict[str, Any]:
    return {
        "Repository": repository,
        "Paths": ["services/**"],
        "Target": {"CodePipeline": {"Name": pipeline, "SourceAction": "Source"}},
    }


def declared_earlier(pipeline: str, branch: str = "main") -> dict[str, Any]:
    return {
        "GitHubRepo": "mono-repo",
        "GitHubBranch": branch,
        "ChangeMatchExpressions": "services/.*",
        "CodePipelineName": pipeline,
    }


def rule_keys(site: Site) -> list[str]:
    listed = site.s3.list_objects_v2(Bucket=site.name, Prefix=site.prefix)
    folders = tuple(f"{site.prefix}/{name}/" for name in ("ledger", "decisions", "changes"))
    keys = [item["Key"] for item in listed.get("Contents", [])]
    return [key for key in keys if not key.startswith(folders)]


def test_a_declared_rule_starts_its_pipeline_until_it_is_deleted(site, send):
    pipeline = site.pipeline("api")
    key = f"{site.prefix}/rules/github/octo-org/mono-repo/payments-Trigger-{DIGITS}.json"
    assert send("Create", declared(pipeline)) == f"SUCCESS {key}"
    assert site.object(key) == declared(pipeline)
    metadata = site.s3.head_object(Bucket=site.name, Key=key)["Metadata"]
    assert metadata["stack-id"] == STACK_ID
    assert metadata["logical-resource-id"] == "Trigger"

    site.deliver(github.push("services/api/main.go"))
    assert len(site.started(pipeline)) == 1

    moved = declared(pipeline, "Octo-Org/Other")
    other = f"{site.prefix}/rules/github/octo-org/other/payments-Trigger-{DIGITS}.json"
    line = send("Update", moved, old=declared(pipeline), physical_id=key)
    assert line == f"SUCCESS {other}"
    assert rule_keys(site) == sorted([key, other])
    assert send("Delete", declared(pipeline), physical_id=key) == f"SUCCESS {key}"
    assert rule_keys(site) == [other]
    for _ in range(2):
        assert send("Delete", moved, physical_id=other) == f"SUCCESS {other}"
        assert rule_keys(site) == []


def test_so_does_one_of_the_earlier_design(site, send):
    pipeline = site.pipeline("api")
    line = send("Create", declared_earlier(pipeline), resource_type=EARLIER)
    [key] = rule_keys(site)
    assert line == f"SUCCESS {key}"
    assert site.object(key) == declared_earlier(pipeline)

    site.deliver(github.push("services/api/main.go"))
    assert len(site.started(pipeline)) == 1

    moved = declared_earlier(pipeline, "release/1.x")
    options = {"resource_type": EARLIER, "physical_id": key}
    line = send("Update", moved, old=declared_earlier(pipeline), **options)
    [other] = set(rule_keys(site)) - {key}
    assert line == f"SUCCESS {other}"
    send("Delete", declared_earlier(pipeline), **options)
    assert rule_keys(site) == [other]
    send("Delete", moved, resource_type=EARLIER, physical_id=other)
    assert rule_keys(site) == []


def test_what_the_earlier_function_made_keeps_its_id(site, send):
    key = site.put_mono_repo_rule("api", "services/.*")
    moved = declared_earlier("api", "next")
    options = {"resource_type": EARLIER, "physical_id": EARLIER_ID}
    line = send("Update", moved, old=declared_earlier("api"), **options)
    assert line == f"SUCCESS {EARLIER_ID}"
    [other] = rule_keys(site)
    assert other != key
    assert site.object(other) == moved
    assert send("Delete", moved, **options) == f"SUCCESS {EARLIER_ID}"
    assert rule_keys(site) == []


def test_a_rule_that_is_not_valid_is_refused_with_a_reason(site, send):
    properties = declared("api") | {"Branchs": ["main"]}
    line = send("Create", properties)
    status, _, reason = line.partition(": ")
    assert status.startswith("FAILED not-created-")
    assert reason == "Branchs: unknown property, did you mean `Branches`?"
    assert rule_keys(site) == []


def test_another_stack_s_rule_is_refused(site, send):
    properties = declared_earlier("api")
    send("Create", properties, resource_type=EARLIER)
    other = STACK_ID.replace("payments", "orders")
    line = send("Create", properties, resource_type=EARLIER, stack_id=other)
    assert line.endswith(f"belongs to Trigger of the stack {STACK_ID}, and one rule has one owner: "
                         "remove it there first")  # fmt: skip
    identity = line.removeprefix("FAILED ").partition(": ")[0]
    options = {"resource_type": EARLIER, "physical_id": identity, "stack_id": other}
    assert send("Delete", properties, **options) == f"SUCCESS {identity}"
    assert len(rule_keys(site)) == 1


def test_a_bucket_that_is_gone_is_no_reason_not_to_delete(site, send, aws):
    site.s3.delete_bucket(Bucket=site.name)
    with pytest.raises(ClientError):
        site.s3.head_bucket(Bucket=site.name)
    key = f"{site.prefix}/rules/github/octo-org/mono-repo/payments-Trigger-{DIGITS}.json"
    assert send("Delete", declared("api"), physical_id=key) == f"SUCCESS {key}"
    aws.calls.clear()


def test_the_answer_on_the_wire(send, stack):
    send("Create", declared("api"))
    request = stack.taken[0].request
    assert request.method == "PUT"
    assert request.target == f"/arn%3Aaws/a%7Cb?{SIGNATURE}&X-Amz-Expires=7200"
    headers = {name.lower(): value for name, value in request.headers}
    assert headers.pop("host").startswith("127.0.0.1:")
    # No Expect, no Authorization, no other type: the URL is signed for an empty one.
    assert headers == {"content-type": "", "content-length": str(len(request.body))}
    assert len(request.headers) == 3


def test_an_answer_is_sent_again_until_it_is_taken(send, stack):
    stack.statuses = [503, 500, 429]
    assert send("Create", declared("api")).startswith("SUCCESS")
    assert len(stack.taken) == 1


def test_an_answer_that_is_refused_fails_the_invocation(resource, stack):
    stack.statuses = [403]
    answer = resource.invoke(stack.event("Create", declared("api")))
    assert_undelivered(answer, "403")
    assert not stack.taken


def test_a_redirect_is_not_followed(resource, stack):
    stack.statuses = [307]
    assert_undelivered(resource.invoke(stack.event("Create", declared("api"))), "307")


def assert_undelivered(answer: Answer, reason: str) -> None:
    assert answer.failed
    assert answer.error_type == "Function.AnswerUndelivered"
    words = f"the answer to CloudFormation could not be delivered: {reason}"
    assert answer.json["errorMessage"] == words


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.TIMED_OUT, Fault.ERROR_503, Fault.DENIED])
def test_an_s3_that_stays_away_is_answered_in_time(resource, stack, aws, fault):
    aws.faults.plan(1, fault, times=10_000)
    answer = resource.invoke(stack.event("Create", declared("api")), seconds=6)
    assert not answer.failed
    assert stack.taken[0].json["Status"] == "FAILED"
    assert stack.taken[0].json["Reason"].startswith("the rule could not be written: s3:GetObject")


def test_an_event_of_nobody_s_fails_the_invocation(resource):
    answer = resource.invoke({"RequestType": "Create"})
    assert answer.error_type == "Function.MalformedEvent"
    assert answer.json["errorMessage"] == "ResponseURL: expected a string, found nothing"

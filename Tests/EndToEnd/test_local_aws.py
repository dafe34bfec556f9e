"""The gate itself, with boto3 as the client that does everything right."""

from __future__ import annotations

import http.client
import json
import threading
from datetime import UTC, datetime, timedelta
from unittest import mock
from urllib.parse import urlsplit

import botocore.auth
import botocore.exceptions
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_aws import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, Fault, LocalAWS
from local_aws.codepipeline import FailedAction
from local_aws.event_buses import EventBuses
from local_aws.objects import Objects
from local_aws.pipelines import create_pipeline

# No program is tested here.
pytestmark = pytest.mark.release_only("the gate is the same for both builds")
SIGNERS = {"s3": botocore.auth.S3SigV4Auth}


def send(aws: LocalAWS, service, method, target, headers=None, body=b"", *, alter=None, **options):
    """Signs a request with botocore, alters it, sends it, and returns status and body."""
    request = AWSRequest(
        method=method, url=aws.url + target, headers=dict(headers or {}), data=body
    )
    signer = SIGNERS.get(service, botocore.auth.SigV4Auth)
    credentials = Credentials(
        options.get("key", ACCESS_KEY_ID),
        options.get("secret", SECRET_ACCESS_KEY),
        options.get("token"),
    )
    now = datetime.now(UTC).replace(tzinfo=None) + options.get("skew", timedelta())
    with mock.patch("botocore.auth.get_current_datetime", return_value=now):
        signer(credentials, options.get("scope", service), options.get("region", REGION)).add_auth(
            request
        )
    parts = {"headers": dict(request.headers), "body": body, "target": target}
    if alter:
        alter(parts)
    connection = http.client.HTTPConnection(urlsplit(aws.url).netloc)
    connection.request(method, parts["target"], parts["body"], parts["headers"])
    response = connection.getresponse()
    return response.status, response.read().decode()


def start(aws: LocalAWS, body, alter=None, **options):
    """StartPipelineExecution with any body, right or wrong."""
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "CodePipeline_20150709.StartPipelineExecution",
    }
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return send(aws, "codepipeline", "POST", "/", headers, data, alter=alter, **options)


@pytest.fixture
def pipeline(aws: LocalAWS, request) -> str:
    """A pipeline to start."""
    name = f"gate-{abs(hash(request.node.nodeid))}"
    create_pipeline(aws, name)
    return name


@pytest.fixture
def bucket(aws: LocalAWS, request) -> str:
    name = f"gate-{abs(hash(request.node.nodeid))}"
    aws.client("s3").create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    return name


def test_what_boto3_sends_passes(aws, bucket, pipeline):
    s3 = aws.client("s3")
    key = "a b/ü+&=%/~.json"
    s3.put_object(Bucket=bucket, Key=key, Body=b"{}", Metadata={"owner": "x"})
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="a b/ü")
    assert [item["Key"] for item in listed["Contents"]] == [key]
    secret = aws.client("secretsmanager").create_secret(Name=bucket, SecretString="s")
    aws.client("secretsmanager").get_secret_value(SecretId=secret["ARN"])
    aws.functions.register("evaluate")
    arn = f"arn:aws:lambda:{REGION}:123456789012:function:evaluate"
    aws.client("lambda").invoke(FunctionName=arn, InvocationType="Event", Payload=b"{}")
    role = aws.client("sts").assume_role(
        RoleArn="arn:aws:iam::210987654321:role/other", RoleSessionName="test"
    )["Credentials"]
    aws.client(
        "s3",
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    ).list_buckets()
    assert not aws.calls.refused()
    assert aws.functions.payloads["evaluate"] == [b"{}"]


def replace_header(name, value):
    def alter(parts):
        parts["headers"] = {k: v for k, v in parts["headers"].items() if k.lower() != name}
        if value is not None:
            parts["headers"][name] = value

    return alter


def set_part(name, value):
    return lambda parts: parts.update({name: value})


@pytest.mark.parametrize(
    ("what", "options", "expected"),
    [
        ("another secret", {"secret": "wrong"}, "SignatureDoesNotMatch"),
        ("an unknown key", {"key": "AKIAUNKNOWN"}, "UnrecognizedClientException"),
        ("a token that is not the key's", {"token": "t"}, "UnrecognizedClientException"),
        ("signed six minutes ago", {"skew": timedelta(minutes=-6)}, "RequestTimeTooSkewed"),
        ("signed for six minutes hence", {"skew": timedelta(minutes=6)}, "RequestTimeTooSkewed"),
        ("another region", {"region": "us-west-2"}, "InvalidSignatureException"),
        ("another service", {"scope": "codebuild"}, "UnknownOperationException"),
        ("another body", {"alter": set_part("body", b'{"name":"b"}')}, "SignatureDoesNotMatch"),
        ("another target", {"alter": replace_header("x-amz-target", "x.y")}, "DoesNotMatch"),
        ("an unsigned header", {"alter": replace_header("x-amz-more", "1")}, "unsigned"),
        ("no signature", {"alter": replace_header("authorization", None)}, "IncompleteSignature"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_that_is_not_signed_right_is_refused(aws, pipeline, what, options, expected):
    status, body = start(aws, {"name": pipeline}, **options)
    assert status in (400, 403)
    assert expected in body
    assert aws.codepipeline.executions == []


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (set_part("body", b"other"), "XAmzContentSHA256Mismatch"),
        (set_part("target", "/%62ucket/a%20b"), "not encoded as S3 does"),
        (replace_header("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), "Mismatch"),
        (replace_header("x-amz-content-sha256", None), "signed but absent"),
    ],
)
def test_s3_checks_body_and_path(aws, alter, expected):
    status, body = send(aws, "s3", "PUT", "/bucket/a%20b", body=b"one", alter=alter)
    assert status in (400, 403)
    assert expected in body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "Missing required parameter"),
        ({"name": "a b"}, "does not match"),
        ({"name": "n" * 101}, "longer than 100"),
        ({"name": "n", "colour": "red"}, "Unknown parameter"),
        ({"name": 1}, "Invalid type"),
        ({"name": "n", "variables": [{"name": "v", "value": ""}]}, "min length: 1"),
        ({"name": "n", "variables": [{"name": "v", "value": "x" * 1001}]}, "longer than 1000"),
        ({"name": "n", "clientRequestToken": "a_b"}, "does not match"),
        (
            {
                "name": "n",
                "sourceRevisions": [
                    {"actionName": "S", "revisionType": "COMMIT", "revisionValue": "1"}
                ],
            },
            "not one of",
        ),
        (b'{"name":"n","name":"m"}', "occurs twice"),
        (b'{"name":"\xff"}', "not JSON"),
        (b"[]", "is a JSON object"),
    ],
)
def test_a_request_that_does_not_fit_its_model_is_refused(aws, body, expected):
    status, text = start(aws, body)
    assert status == 400
    assert expected in text
    assert expected in aws.calls.refused()[0].error


def test_the_content_type_must_be_the_protocols(aws):
    headers = {
        "Content-Type": "application/json",
        "X-Amz-Target": "CodePipeline_20150709.StartPipelineExecution",
    }
    assert "content type" in send(aws, "codepipeline", "POST", "/", headers, b"{}")[1]


def test_a_put_can_be_conditional(aws, bucket):
    s3 = aws.client("s3")
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    with pytest.raises(botocore.exceptions.ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=etag)
    with pytest.raises(botocore.exceptions.ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"4", IfMatch=etag)
    with pytest.raises(botocore.exceptions.ClientError, match="NoSuchKey"):
        s3.put_object(Bucket=bucket, Key="other", Body=b"4", IfMatch=etag)
    with pytest.raises(botocore.exceptions.ClientError, match="304"):
        now = s3.get_object(Bucket=bucket, Key="k")["ETag"]
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=now)


def test_one_token_is_one_execution(aws, pipeline):
    client = aws.client("codepipeline")
    one = client.start_pipeline_execution(name=pipeline, clientRequestToken="token-1")
    two = client.start_pipeline_execution(name=pipeline, clientRequestToken="token-1")
    other = client.start_pipeline_execution(name=pipeline, clientRequestToken="token-2")
    assert one["pipelineExecutionId"] == two["pipelineExecutionId"]
    assert one["pipelineExecutionId"] != other["pipelineExecutionId"]
    listed = client.list_pipeline_executions(pipelineName=pipeline)
    triggers = [each["trigger"]["triggerType"] for each in listed["pipelineExecutionSummaries"]]
    assert triggers == ["StartPipelineExecution", "StartPipelineExecution", "CreatePipeline"]


def test_variables_and_source_actions_must_exist(aws, pipeline):
    client = aws.client("codepipeline")
    revision = {"revisionType": "COMMIT_ID", "revisionValue": "abc"}
    with pytest.raises(botocore.exceptions.ClientError, match="not declared"):
        client.start_pipeline_execution(name=pipeline, variables=[{"name": "NO", "value": "1"}])
    with pytest.raises(botocore.exceptions.ClientError, match="no such source actions"):
        client.start_pipeline_execution(
            name=pipeline, sourceRevisions=[{"actionName": "Build"} | revision]
        )
    with pytest.raises(client.exceptions.PipelineNotFoundException):
        client.start_pipeline_execution(name="missing")


def test_an_asynchronous_invocation_has_a_limit(aws):
    aws.functions.register("evaluate")
    client = aws.client("lambda")
    invoke = {"FunctionName": "evaluate", "InvocationType": "Event"}
    assert client.invoke(**invoke, Payload=b" " * 1_048_574 + b"{}")["StatusCode"] == 202
    with pytest.raises(client.exceptions.RequestTooLargeException):
        client.invoke(**invoke, Payload=b" " * 1_048_575 + b"{}")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(**invoke | {"FunctionName": "other"}, Payload=b"{}")


@pytest.mark.parametrize(
    ("fault", "error", "done"),
    [
        (Fault.REFUSED, botocore.exceptions.EndpointConnectionError, False),
        (Fault.RESET, botocore.exceptions.ConnectionClosedError, False),
        (Fault.ERROR_500, botocore.exceptions.ClientError, False),
        (Fault.ERROR_503, botocore.exceptions.ClientError, False),
        (Fault.THROTTLED, botocore.exceptions.ClientError, False),
        (Fault.TIMED_OUT, botocore.exceptions.ReadTimeoutError, False),
        (Fault.ANSWER_LOST, botocore.exceptions.ConnectionClosedError, True),
    ],
)
def test_the_call_that_is_to_fail_fails(aws, bucket, fault, error, done):
    # Only what is to fail may run out of time: the others take as long as a busy machine needs.
    s3 = aws.client("s3", config=PATIENT)
    impatient = aws.client("s3", config=PATIENT.merge(botocore.config.Config(read_timeout=0.5)))
    aws.faults.plan(2, fault, only="s3:PutObject")
    s3.put_object(Bucket=bucket, Key="one", Body=b"1")
    with pytest.raises((error, botocore.exceptions.ConnectionClosedError)):
        impatient.put_object(Bucket=bucket, Key="two", Body=b"2")
    if fault is Fault.REFUSED:
        with pytest.raises(botocore.exceptions.EndpointConnectionError):
            impatient.put_object(Bucket=bucket, Key="three", Body=b"3")
        while True:
            try:
                s3.list_buckets()
                break
            except botocore.exceptions.EndpointConnectionError:
                continue
    found = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert ("two" in found) is done


PATIENT = botocore.config.Config(
    retries={"total_max_attempts": 1},
    request_checksum_calculation="when_required",
    s3={"payload_signing_enabled": True, "addressing_style": "path"},
)


@pytest.fixture
def repository(aws: LocalAWS):
    return aws.codecommit.create("repo")


def test_codecommit_tells_in_what_two_commits_differ(aws, repository):
    first = repository.commit({"a": "1", "b": "a text that is moved\n", "c": "1"})
    second = repository.commit({"a": "2", "b": None, "d": "a text that is moved\n"}, first)
    client = aws.client("codecommit")
    pages = client.get_paginator("get_differences").paginate(
        repositoryName="repo",
        beforeCommitSpecifier=first,
        afterCommitSpecifier=second,
        PaginationConfig={"PageSize": 1},
    )
    found = [
        (each.get("beforeBlob", {}).get("path"), each.get("afterBlob", {}).get("path"))
        for page in pages
        for each in page["differences"]
    ]
    assert found == [("a", "a"), ("b", "d")]
    everything = client.get_differences(repositoryName="repo", afterCommitSpecifier=second)
    paths = [each["afterBlob"]["path"] for each in everything["differences"]]
    assert paths == ["a", "c", "d"]
    assert {each["changeType"] for each in everything["differences"]} == {"A"}


def test_codecommit_tells_a_commits_parents(aws, repository):
    root = repository.commit({"a": "1"})
    side = repository.commit({"b": "1"}, root)
    merge = repository.commit({"c": "1"}, side, root)
    client = aws.client("codecommit")
    parents = {
        commit: client.get_commit(repositoryName="repo", commitId=commit)["commit"]["parents"]
        for commit in (root, side, merge)
    }
    assert parents == {root: [], side: [root], merge: [side, root]}


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("get_differences", {"afterCommitSpecifier": "f" * 40}, "CommitDoesNotExistException"),
        ("get_commit", {"commitId": "f" * 40}, "CommitIdDoesNotExistException"),
        (
            "get_differences",
            {"repositoryName": "other", "afterCommitSpecifier": "a"},
            "RepositoryDoesNotExistException",
        ),
    ],
)
def test_codecommit_refuses_what_it_has_not(aws, repository, operation, parameters, code):
    client = aws.client("codecommit")
    with pytest.raises(botocore.exceptions.ClientError) as error:
        getattr(client, operation)(**{"repositoryName": "repo"} | parameters)
    assert error.value.response["Error"]["Code"] == code


def test_a_commit_that_a_forced_push_removed_is_gone(aws, repository):
    root = repository.commit({"a": "1"})
    lost = repository.commit({"a": "2"}, root)
    repository.push(lost)
    repository.push(repository.commit({"a": "3"}, root))
    client = aws.client("codecommit")
    assert client.get_commit(repositoryName="repo", commitId=lost)
    repository.prune()
    with pytest.raises(botocore.exceptions.ClientError, match="CommitIdDoesNotExistException"):
        client.get_commit(repositoryName="repo", commitId=lost)


def test_a_closed_gate_accepts_no_more():
    for _ in range(50):
        with LocalAWS() as aws:
            port = urlsplit(aws.url).port
        assert f"accept {port}" not in [thread.name for thread in threading.enumerate()]


# What happens to runs.


def test_a_run_says_on_the_bus_what_becomes_of_it(aws):
    create_pipeline(aws, "runs")
    aws.state_changes.take()
    identity = aws.client("codepipeline").start_pipeline_execution(name="runs")
    (execution,) = aws.codepipeline.executions
    failed = FailedAction("Build", "Test", "JobFailed", "exit status 2")
    aws.codepipeline.change(execution, "FAILED", failed)
    aws.codepipeline.change(execution, "RESUMED")
    aws.codepipeline.change(execution, "SUCCEEDED")
    events = aws.state_changes.take()
    details = [event["detail"] for event in events]
    assert [(each["state"], each["pipeline-execution-attempt"]) for each in details] == [
        ("STARTED", 1.0),
        ("FAILED", 1.0),
        ("RESUMED", 2.0),
        ("SUCCEEDED", 2.0),
    ]
    assert {each["execution-id"] for each in details} == {identity["pipelineExecutionId"]}
    assert ["execution-trigger" in each for each in details] == [True, False, False, False]
    assert {event["detail-type"] for event in events} == {
        "CodePipeline Pipeline Execution State Change"
    }
    assert events[0]["time"].endswith("Z") and "." not in events[0]["time"]
    assert aws.state_changes.take() == []


def test_an_action_that_failed_is_listed(aws):
    create_pipeline(aws, "fails")
    client = aws.client("codepipeline")
    identity = client.start_pipeline_execution(name="fails")["pipelineExecutionId"]
    failed = FailedAction("Build", "Test", "JobFailed", "exit status 2")
    aws.codepipeline.change(aws.codepipeline.executions[-1], "FAILED", failed)
    listed = client.list_action_executions(
        pipelineName="fails", filter={"pipelineExecutionId": identity}
    )["actionExecutionDetails"]
    assert [(each["stageName"], each["status"]) for each in listed] == [
        ("Build", "Failed"),
        ("Source", "Succeeded"),
    ]
    assert listed[0]["output"]["executionResult"]["errorDetails"]["message"] == "exit status 2"
    found = client.get_pipeline_execution(pipelineName="fails", pipelineExecutionId=identity)
    assert found["pipelineExecution"]["status"] == "Failed"


# What stands in for moto where there is much to do.


def object_answers(s3, bucket: str) -> list[object]:
    """What a client is answered that writes on conditions, reads and lists."""
    answers: list[object] = []

    def call(operation: str, **parameters) -> dict:
        try:
            answer = getattr(s3, operation)(Bucket=bucket, **parameters)
        except botocore.exceptions.ClientError as error:
            answer = {"refused": error.response["Error"]["Code"]}
            answer["status"] = error.response["ResponseMetadata"]["HTTPStatusCode"]
        kept = ("ETag", "Metadata", "ContentType", "IsTruncated", "KeyCount", "refused", "status")
        found = {name: answer[name] for name in kept if name in answer}
        found["keys"] = [(each["Key"], each["ETag"]) for each in answer.get("Contents", [])]
        found["folders"] = [each["Prefix"] for each in answer.get("CommonPrefixes", [])]
        if "Body" in answer:
            found["body"] = answer["Body"].read()
        answers.append(found)
        return answer

    call("get_object", Key="a")
    call("put_object", Key="a", Body=b"1", IfMatch='"none"')
    first = call("put_object", Key="a", Body=b"1", IfNoneMatch="*", Metadata={"owner": "x y"})
    call("put_object", Key="a", Body=b"2", IfNoneMatch="*")
    call("put_object", Key="a", Body=b"2", IfMatch='"none"')
    call("get_object", Key="a")
    call("get_object", Key="a", IfNoneMatch=first["ETag"])
    call("put_object", Key="a", Body=b"2", IfMatch=first["ETag"], ContentType="application/json")
    call("get_object", Key="a", IfNoneMatch=first["ETag"])
    for key in ("b/2", "b/1", "b/c/1", "c&<d", "b", "\N{LATIN SMALL LETTER U WITH DIAERESIS}"):
        call("put_object", Key=key, Body=key.encode())
    call("list_objects_v2")
    call("list_objects_v2", Prefix="b/")
    call("list_objects_v2", Prefix="b/", Delimiter="/")
    call("list_objects_v2", Delimiter="/")
    page = call("list_objects_v2", MaxKeys=2)
    while token := page.get("NextContinuationToken"):
        page = call("list_objects_v2", MaxKeys=2, ContinuationToken=token)
    call("delete_object", Key="b/1")
    call("delete_object", Key="b/1")
    call("list_objects_v2", Prefix="b/")
    return answers


def test_objects_are_answered_for_as_moto_does():
    with LocalAWS() as aws, LocalAWS() as plain:
        objects = Objects()
        objects.create_bucket("objects")
        aws.stand_ins["s3"] = objects.handle
        place = {"LocationConstraint": REGION}
        plain.client("s3").create_bucket(Bucket="objects", CreateBucketConfiguration=place)
        ours, theirs = (object_answers(each.client("s3"), "objects") for each in (aws, plain))
        assert ours == theirs
        with pytest.raises(botocore.exceptions.ClientError, match="NoSuchBucket"):
            aws.client("s3").get_object(Bucket="another", Key="a")


def test_events_are_kept_in_their_order():
    with LocalAWS() as aws:
        buses = EventBuses()
        aws.stand_ins["events"] = buses.handle
        for number in (1, 2):
            entry = {"Source": "s", "DetailType": "d", "Detail": json.dumps({"number": number})}
            answer = aws.client("events").put_events(Entries=[entry | {"EventBusName": "bus"}])
            assert answer["FailedEntryCount"] == 0 and answer["Entries"][0]["EventId"]
        assert [(each.bus, each.detail["number"]) for each in buses.events()] == [
            ("bus", 1), ("bus", 2)
        ]  # fmt: skip

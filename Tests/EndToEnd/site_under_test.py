"""Everything a delivery meets: bucket, secret, pipelines, rules, and the two functions."""

from __future__ import annotations

import functools
import hashlib
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from moto.s3.models import s3_backends

import github
from local_aws import ACCESS_KEY_ID, ACCOUNT, REGION, SECRET_ACCESS_KEY, LocalAWS
from local_aws.codepipeline import Execution
from local_aws.lambda_function import Answer, LambdaFunction
from local_aws.pipelines import create_pipeline, create_project

SECRET = "It's a Secret to Everybody"  # GitHub's own example
REPOSITORY = "octo-org/mono-repo"


@functools.cache
def administration() -> LocalAWS:
    """The way in for those who set things up: what is stored is behind every gate."""
    return LocalAWS(regions={REGION, "us-west-2"})


def keys_of(role: str) -> dict[str, str]:
    """The keys of a role, of whichever account, as boto3 names them."""
    session = administration().client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    return {
        "aws_access_key_id": session["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": session["Credentials"]["SecretAccessKey"],
        "aws_session_token": session["Credentials"]["SessionToken"],
    }


class Site:
    """One installation of the product, apart from every other one on the same moto."""

    def __init__(
        self,
        aws: LocalAWS,
        bootstrap: Path,
        prefix: str = "pointsman",
        name: str | None = None,
    ):
        self.aws = aws
        self.bootstrap = bootstrap
        self.prefix = prefix
        self.last_log = ""
        """What `evaluate` wrote for the last delivery."""
        # Never twelve digits, as an account's number has, which the tests look for.
        self.name = name or f"site-{uuid.uuid4().hex[:11]}"
        self.s3 = administration().client("s3")
        self.s3.create_bucket(
            Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self.secrets = administration().client("secretsmanager")
        self.secret = self.secrets.create_secret(Name=self.name, SecretString=SECRET)["ARN"]
        aws.functions.register(f"{self.name}-evaluate")
        aws.functions.register(f"{self.name}-report")

    # What is set up.

    @property
    def environment(self) -> dict[str, str]:
        return {
            "S3_BUCKET": self.name,
            "S3_PREFIX": self.prefix,
            "EVAL_FUNCTION_ARN": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}-evaluate",
            "GITHUB_SECRET_ARN": self.secret,
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        }

    def pipeline(self, name: str, **options: Any) -> str:
        """Creates a pipeline of type V2 with the source action `Source`; returns its name."""
        name = f"{self.name}-{name}"
        create_pipeline(administration(), name, **options)
        return name

    def project(self, name: str, *, source: str = "GITHUB", role: str | None = None) -> str:
        """Creates a CodeBuild project, in the account of a role; returns its name."""
        name = f"{self.name}-{name}"
        account = role.split(":")[4] if role else ACCOUNT
        create_project(
            administration(),
            name,
            source=source,
            account=account,
            credentials=keys_of(role) if role else None,
        )
        return name

    def put_rule(
        self,
        name: str,
        target: dict[str, Any],
        source: str = "github",
        repository: str = REPOSITORY,
        **properties: Any,
    ) -> str:
        """Puts a rule where it belongs and returns its key."""
        rule = {"Repository": repository, "Target": target} | properties
        key = f"{self.prefix}/rules/{source}/{repository.lower()}/{name}.json"
        self.s3.put_object(Bucket=self.name, Key=key, Body=json.dumps(rule).encode())
        return key

    def put_many_rules(self, number: int, rule: dict[str, Any], first: int = 0) -> None:
        """Puts copies of a rule past the gate, which would take its time."""
        backend = s3_backends[ACCOUNT]["aws"]
        body = json.dumps({"Repository": REPOSITORY} | rule).encode()
        folder = f"{self.prefix}/rules/github/{REPOSITORY}"
        for index in range(first, first + number):
            backend.put_object(self.name, f"{folder}/rule-{index:04}.json", body)

    def put_mono_repo_rule(
        self, pipeline: str, expressions: str, repository: str = "mono-repo", branch: str = "main"
    ) -> str:
        """Puts a rule in the earlier shape, under the key that the earlier function gave it."""
        whole = f"{repository}-{branch}-{pipeline}"
        digest = hashlib.sha1(whole.encode(), usedforsecurity=False).hexdigest().upper()[:8]
        key = f"{self.prefix}/{whole[:52]}-{digest}.json"
        rule = {
            "GitHubRepo": repository,
            "GitHubBranch": branch,
            "ChangeMatchExpressions": expressions,
            "CodePipelineName": pipeline,
        }
        self.s3.put_object(Bucket=self.name, Key=key, Body=json.dumps(rule).encode())
        return key

    # What is done.

    @contextmanager
    def webhook(self, **environment: str) -> Iterator[LambdaFunction]:
        with LambdaFunction(self.bootstrap, "webhook", self.environment | environment) as function:
            yield function

    @contextmanager
    def evaluate(self, **environment: str) -> Iterator[LambdaFunction]:
        with LambdaFunction(self.bootstrap, "evaluate", self.environment | environment) as function:
            yield function

    @contextmanager
    def report(self, **environment: str) -> Iterator[LambdaFunction]:
        with LambdaFunction(self.bootstrap, "report", self.environment | environment) as function:
            yield function

    @contextmanager
    def recover(self, **environment: str) -> Iterator[LambdaFunction]:
        with LambdaFunction(self.bootstrap, "recover", self.environment | environment) as function:
            yield function

    @property
    def report_function(self) -> str:
        """What `evaluate` has as `REPORT_FUNCTION_ARN`."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}-report"

    def to_report(self) -> list[bytes]:
        """The payloads that `report` was invoked with so far, asynchronously."""
        return list(self.aws.functions.payloads[f"{self.name}-report"])

    def handed_over(self) -> list[bytes]:
        """The payloads that `evaluate` was invoked with so far, asynchronously."""
        return list(self.aws.functions.payloads[f"{self.name}-evaluate"])

    def deliver(
        self, payload: dict[str, Any], delivery: str | None = None, event: str = "push"
    ) -> list[Answer]:
        """Sends a signed delivery of any age by the whole way; what `evaluate` answered."""
        payloads = self.send(payload, delivery, event)
        with self.evaluate() as evaluate:
            answers = [evaluate.invoke(payload) for payload in payloads]
        self.last_log = evaluate.log
        return answers

    def send(
        self, payload: dict[str, Any], delivery: str | None = None, event: str = "push"
    ) -> list[bytes]:
        """Sends a signed delivery of any age; what `webhook` hands over for it."""
        body = github.encode(payload)
        fields = github.headers(body, SECRET, event=event, delivery=delivery)
        before = len(self.handed_over())
        with self.webhook(MAX_EVENT_AGE_DAYS="0") as webhook:
            answer = webhook.invoke(github.http_event(body, fields))
        assert answer.json["statusCode"] == 202, answer
        return self.handed_over()[before:]

    # What came of it.

    def started(self, pipeline: str | None = None) -> list[Execution]:
        """The executions of this site's pipelines, or of one of them."""
        return [
            execution
            for execution in self.aws.codepipeline.executions
            if execution.pipeline.startswith(self.name) and pipeline in (None, execution.pipeline)
        ]

    def keys(self, folder: str) -> list[str]:
        """The keys below `{prefix}/{folder}/`."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=f"{self.prefix}/{folder}/"
        )
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def object(self, key: str) -> Any:
        return json.loads(self.s3.get_object(Bucket=self.name, Key=key)["Body"].read())


def start_identity(body: bytes, rule_key: str) -> str:
    """The identity of a start, as the design defines it."""
    return hashlib.sha256(body + b"\n" + rule_key.encode()).hexdigest()

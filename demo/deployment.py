"""The product deployed: two functions from one zip, a REST API, a bucket, a secret, rules."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from ministack import ACCOUNT, REGION, MiniStack

BUCKET, PREFIX = "pointsman-demo", "pointsman"
STAGE = "live"


class Deployment:
    """Creates everything on `aws`; nothing needs deleting, it goes with `aws` itself."""

    def __init__(self, aws: MiniStack, codepipeline_url: str):
        self.aws = aws
        self.codepipeline_url = codepipeline_url
        self.s3 = aws.client("s3")
        self.lambda_ = aws.client("lambda")
        self.logs = aws.client("logs")

    def create_bucket(self) -> None:
        self.s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )

    def create_secret(self, value: str) -> str:
        secrets = self.aws.client("secretsmanager")
        return secrets.create_secret(Name="pointsman-github", SecretString=value)["ARN"]

    def create_role(self, name: str, statements: list[dict[str, Any]]) -> str:
        """A role for a function that may do what `statements` say and nothing else."""
        iam = self.aws.client("iam")
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole"} | {
            "Principal": {"Service": "lambda.amazonaws.com"}
        }
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy([trust]))
        iam.put_role_policy(
            RoleName=name, PolicyName="pointsman", PolicyDocument=policy(statements)
        )
        return role["Role"]["Arn"]

    def create_function(
        self, handler: str, package: Path, role: str, variables: dict[str, str]
    ) -> str:
        return self.lambda_.create_function(
            FunctionName=f"pointsman-{handler}",
            Runtime="provided.al2023",
            Handler=handler,
            Role=role,
            Timeout=60,
            MemorySize=128,
            Code={"ZipFile": package.read_bytes()},
            Environment={
                "Variables": {
                    "S3_BUCKET": BUCKET,
                    "S3_PREFIX": PREFIX,
                    # On AWS the endpoints need not be named.
                    "AWS_ENDPOINT_URL": self.aws.url,
                    "AWS_ENDPOINT_URL_CODEPIPELINE": self.codepipeline_url,
                }
                | variables
            },
        )["FunctionArn"]

    def create_api(self, function_arn: str) -> str:
        """A REST API whose `POST /github` is the function; returns the webhook's URL."""
        gateway = self.aws.client("apigateway")
        api = gateway.create_rest_api(name="pointsman")["id"]
        root = gateway.get_resources(restApiId=api)["items"][0]["id"]
        resource = gateway.create_resource(restApiId=api, parentId=root, pathPart="github")["id"]
        method = {"restApiId": api, "resourceId": resource, "httpMethod": "POST"}
        gateway.put_method(**method, authorizationType="NONE")
        gateway.put_integration(
            **method,
            type="AWS_PROXY",
            integrationHttpMethod="POST",
            uri=f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/"
            f"{function_arn}/invocations",
        )
        self.lambda_.add_permission(
            FunctionName=function_arn,
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/*/POST/github",
        )
        gateway.create_deployment(restApiId=api, stageName=STAGE)
        return f"{self.aws.url}/restapis/{api}/{STAGE}/_user_request_/github"

    def put_rule(self, name: str, rule: dict[str, Any]) -> str:
        key = f"{PREFIX}/rules/github/{rule['Repository'].lower()}/{name}.json"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(rule).encode())
        return key

    # What the functions have done.

    def log_lines(self, handler: str) -> list[str]:
        group = f"/aws/lambda/pointsman-{handler}"
        try:
            streams = self.logs.describe_log_streams(logGroupName=group)["logStreams"]
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        events = [
            event
            for stream in streams
            for event in self.logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]
        return [event["message"] for event in sorted(events, key=lambda each: each["timestamp"])]

    def invocations(self, handler: str) -> int:
        """How many invocations of the function have ended."""
        return sum(line.startswith("END RequestId") for line in self.log_lines(handler))

    def wait_for_invocation(self, handler: str, number: int, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while self.invocations(handler) < number:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no invocation {number} of {handler} within {seconds:.0f} s")
            time.sleep(0.1)

    def decided(self, invocation: int) -> dict[str, Any]:
        """What the given invocation of `evaluate` decided, as it wrote it to its log."""
        self.wait_for_invocation("evaluate", invocation)
        lines = [
            line.partition(" decision=")[2]
            for line in self.log_lines("evaluate")
            if " decision=" in line
        ]
        if len(lines) != invocation:
            raise LookupError(f"{len(lines)} decisions in the log of {invocation} invocations")
        return json.loads(lines[-1])

    def decision_record(self, delivery: str) -> tuple[str, dict[str, Any]]:
        """The key and the content of a delivery's record, whatever day it was received on."""
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{PREFIX}/decisions/")
        keys = [item["Key"] for item in listed.get("Contents", [])]
        key = next(key for key in keys if key.endswith(f"/{delivery}.json"))
        return key, json.loads(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())


def policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})

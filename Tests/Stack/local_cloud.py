"""A local AWS on which stacks are deployed: MiniStack, and for CodePipeline the gate."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import github
from local_aws import LocalAWS
from local_aws.codepipeline import Execution
from ministack_process import REGION, MiniStack, role_session
from warm_cli import WarmCLI

ROOT = Path(__file__).resolve().parents[2]


class LocalCloud:
    """Everything here goes when it is closed; what is stored in the gate goes with the process."""

    def __init__(self, folder: Path, package: Path = ROOT / "dist/pointsman.zip"):
        self.package = package
        self.gate = LocalAWS(regions={REGION})
        self.gate.add_key("test", "test")
        self.ministack = MiniStack(folder, self.gate.url)
        self.cli = WarmCLI(folder / "cli")
        self.ministack.wait_until_ready()

    def close(self) -> None:
        self.cli.close()
        self.ministack.close()
        self.gate.close()

    @functools.cache  # noqa: B019 - lives as long as the process
    def client(self, service: str) -> Any:
        return self.ministack.client(service)

    # Stacks.

    @property
    def environment(self) -> dict[str, str]:
        """What `aws` needs to speak to this AWS, and to no other."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | {
            "PATH": f"{self.cli.bin}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": self.ministack.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def deploy(
        self, *arguments: str, given: str = "", environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs `deploy.sh` with what is given on its standard input."""
        return subprocess.run(
            [str(ROOT / "deploy.sh"), "--zip", str(self.package), *arguments],
            env=self.environment | (environment or {}),
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def admit(self, stack: str) -> None:
        """Makes known to the gate what keys the stack's functions have; on AWS STS does."""
        for function in self.functions(stack).values():
            self.gate.add_key(*role_session(function["FunctionArn"], function["Role"]))

    def functions(self, stack: str) -> dict[str, dict[str, Any]]:
        """The configuration of each of a stack's functions, by its handler."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        names = [
            resource["PhysicalResourceId"]
            for page in pages.paginate(StackName=stack)
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == "AWS::Lambda::Function"
        ]
        client = self.client("lambda")
        found = [client.get_function_configuration(FunctionName=name) for name in names]
        return {each["Handler"]: each for each in found}

    def apply(self, stack: str, template: str, **parameters: str) -> str:
        """Creates or updates a stack as a team does; returns the status it ends in."""
        cloudformation = self.client("cloudformation")
        known = self.status(stack) is not None
        call = cloudformation.update_stack if known else cloudformation.create_stack
        call(
            StackName=stack,
            TemplateBody=template,
            Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
        )
        return self._end(stack)

    def delete(self, stack: str) -> str | None:
        """Deletes a stack; returns `None` when it is gone, else the status it ends in."""
        self.client("cloudformation").delete_stack(StackName=stack)
        return self._end(stack)

    def _end(self, stack: str, seconds: float = 60) -> str | None:
        deadline = time.monotonic() + seconds
        while (status := self.status(stack)) and status.endswith("_IN_PROGRESS"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the stack {stack} is {status} after {seconds:.0f} s")
            time.sleep(0.1)
        return status

    def describe(self, stack: str) -> dict[str, Any] | None:
        cloudformation = self.client("cloudformation")
        try:
            return cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        except cloudformation.exceptions.ClientError:
            return None

    def status(self, stack: str) -> str | None:
        described = self.describe(stack)
        return described and described["StackStatus"]

    def outputs(self, stack: str) -> dict[str, str]:
        outputs = self.describe(stack)["Outputs"]
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def exports(self) -> dict[str, str]:
        exports = self.client("cloudformation").list_exports()["Exports"]
        return {export["Name"]: export["Value"] for export in exports}

    def resource(self, stack: str, logical_id: str) -> str:
        """The physical id of a stack's resource."""
        return self.client("cloudformation").describe_stack_resource(
            StackName=stack, LogicalResourceId=logical_id
        )["StackResourceDetail"]["PhysicalResourceId"]

    def failures(self, stack: str) -> dict[str, str]:
        """The reason of each of a stack's resources that failed."""
        pages = self.client("cloudformation").get_paginator("describe_stack_events")
        return {
            event["LogicalResourceId"]: event["ResourceStatusReason"]
            for page in pages.paginate(StackName=stack)
            for event in page["StackEvents"]
            if event["ResourceStatus"].endswith("_FAILED")
        }

    # Deliveries.

    def webhook_url(self, stack: str, path: str = "github") -> str:
        """Where the stack's webhook is to be reached here."""
        api = self.outputs(stack)["HttpApiId"]
        return f"{self.ministack.url}/_aws/execute-api/{api}/$default/{path}"

    def secret(self, stack: str) -> str:
        arn = self.outputs(stack)["GitHubSecretArn"]
        return self.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]

    def deliver(
        self, url: str, body: bytes, secret: str, delivery: str | None = None, event: str = "push"
    ) -> tuple[int, dict[str, Any]]:
        """Sends an event as GitHub does; returns the status and the answer."""
        headers = github.headers(body, secret, event=event, delivery=delivery)
        request = urllib.request.Request(url, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def push(self, stack: str, payload: dict[str, Any], path: str = "github") -> list[Execution]:
        """Sends a push, signed; returns what it has started once it is decided."""
        before, delivery = len(self.gate.codepipeline.executions), str(uuid.uuid4())
        body = github.encode(payload)
        status, answer = self.deliver(
            self.webhook_url(stack, path), body, self.secret(stack), delivery
        )
        assert status == 202, answer
        self.decision(stack, delivery)
        return self.gate.codepipeline.executions[before:]

    def decision(self, stack: str, delivery: str, attempt: int = 1) -> dict[str, Any]:
        """What an attempt on a delivery has decided, as `evaluate` wrote it to its log."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            decisions = [
                message.partition(" decision=")[2]
                for message in self.log(stack, "evaluate")
                if f" delivery={delivery} " in message
            ]
            if len(decisions) >= attempt:
                return json.loads(decisions[attempt - 1])
            time.sleep(0.05)
        raise TimeoutError(f"no decision in attempt {attempt} on the delivery {delivery}")

    def log(self, stack: str, handler: str) -> list[str]:
        """What a function has logged."""
        logs, group = self.client("logs"), f"/aws/lambda/{stack}/{handler}"
        events = [
            event
            for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]
            for event in logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]
        return [event["message"] for event in sorted(events, key=lambda each: each["timestamp"])]

    def record(self, stack: str, delivery: str) -> tuple[str, dict[str, Any]]:
        """The key and the content of a delivery's decision record."""
        [key] = [key for key in self.keys(stack, "decisions/") if delivery in key]
        return key, json.loads(self.object(stack, key))

    def keys(self, stack: str, folder: str = "") -> list[str]:
        """The keys in the stack's bucket below a folder of its prefix."""
        outputs = self.outputs(stack)
        listed = self.client("s3").list_objects_v2(
            Bucket=outputs["Bucket"], Prefix=f"{outputs['Prefix']}/{folder}"
        )
        return [item["Key"] for item in listed.get("Contents", [])]

    def object(self, stack: str, key: str) -> bytes:
        bucket = self.outputs(stack)["Bucket"]
        return self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()

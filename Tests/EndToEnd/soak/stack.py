"""A stack on the local AWS: bucket, rules, targets, secrets, and the functions of the release."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from certificates import Authority
from cloudformation import CloudFormation
from github_api import GitHubAPI
from local_aws import ACCOUNT, REGION, SECRET_ACCESS_KEY, LocalAWS
from local_aws.event_buses import EventBuses
from local_aws.lambda_function import Answer
from local_aws.objects import Objects
from local_aws.pipelines import create_pipeline, create_project
from site_under_test import administration

from .evidence import Evidence, Mark
from .lambda_service import LambdaService, Pace
from .payloads import SECRETS
from .rules import PREFIX, RULES, TOOL
from .trouble import Invocation, Trouble

BUCKET = "soak"
TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"  # noqa: S105 - GitHub's own example
SANDBOXES = {"webhook": 4, "evaluate": 10, "report": 2, "resource": 1}
DOUBT = "may have"
"""Stands in each sentence about a start whose earlier request may have made it."""


class Stack:
    """Use as a context manager."""

    def __init__(
        self, bootstrap: Path, folder: Path, seed: int, pace: Pace, objects: Objects | None = None
    ) -> None:
        self._cleanup = ExitStack()
        self.evidence = Evidence([])
        self.aws = LocalAWS()
        self.trouble = Trouble(seed, mark_of)
        self.aws.faults = self.trouble
        self.objects, self.buses = objects or Objects(), EventBuses()
        self.aws.stand_ins = {"s3": self.objects.handle, "events": self.buses.handle}
        self.objects.create_bucket(BUCKET)
        authority = Authority(folder, "github")
        self.api = GitHubAPI(TOOL, TOKEN, authority.context())
        self.cloudformation = CloudFormation()
        self.service = LambdaService(self.aws, bootstrap, self.trouble, pace, self._ended)
        self._bundle = str(authority.bundle)
        self._name = f"soak-{uuid.uuid4().hex[:11]}"
        self.environment = self._environment()

    def __enter__(self) -> Stack:
        self._cleanup.enter_context(self.aws)
        self._cleanup.enter_context(self.api)
        self._cleanup.enter_context(self.cloudformation)
        self._cleanup.enter_context(self.service)
        for rule in RULES:
            self.objects.put(BUCKET, rule.key, json.dumps(rule.stored()).encode())
            self._create_target(rule.kind, rule.target)
        for name, number in SANDBOXES.items():
            self.service.add(name, number, self.environment)
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def _create_target(self, kind: str, name: str) -> None:
        there = administration()
        if kind == "CodePipeline":
            pages = there.client("codepipeline").get_paginator("list_pipelines").paginate()
            if name not in [each["name"] for page in pages for each in page["pipelines"]]:
                create_pipeline(there, name)
        if kind == "CodeBuild":
            known = there.client("codebuild").list_projects()["projects"]
            if name not in known:
                create_project(there, name)

    def _secret(self, name: str, value: str) -> str:
        client = administration().client("secretsmanager")
        return client.create_secret(Name=f"{self._name}-{name}", SecretString=value)["ARN"]

    def _environment(self) -> dict[str, str]:
        function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
        return {
            "S3_BUCKET": BUCKET,
            "S3_PREFIX": PREFIX,
            "EVAL_FUNCTION_ARN": f"{function}evaluate",
            "REPORT_FUNCTION_ARN": f"{function}report",
            "GITHUB_SECRET_ARN": self._secret("github", SECRETS["github"]),
            "GITEA_SECRET_ARN": self._secret("gitea", SECRETS["gitea"]),
            "GITLAB_SECRET_ARN": self._secret("gitlab", SECRETS["gitlab"]),
            "DOCKERHUB_TOKEN_ARN": self._secret("dockerhub", SECRETS["dockerhub"]),
            "GITHUB_TOKEN_ARN": self._secret("token", TOKEN),
            "GITHUB_API_URL": self.api.url,
            "AWS_CA_BUNDLE": self._bundle,
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_REGION": REGION,
        }

    def declare(self, number: int) -> None:
        """A team's stack declares a rule about a repository of its own."""
        name = f"team-{number}"
        event = self.cloudformation.event(
            "Create",
            {"Repository": f"octo-org/{name}", "Target": {"CodePipeline": {"Name": name}}},
            stack_id=f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/{uuid.uuid4()}",
        )
        self.evidence.stacks[event["RequestId"]] = []
        self.service.enqueue("resource", json.dumps(event).encode(), about=name)

    def _ended(self, name: str, about: str, answer: Answer | None, run: Invocation) -> None:
        """Takes down what an invocation has said."""
        with self.service.lock:
            self.service.counts[f"{name} invocations"] += 1
            if name == "evaluate" and answer is not None and not answer.failed:
                run.heard = {
                    (rule["rule"], answer.json["change"]["delivery"])
                    for rule in answer.json.get("rules", [])
                    if rule["outcome"] == "started"
                }
                self._hear(answer.json)

    def _hear(self, record: dict[str, Any]) -> None:
        for rule in record.get("rules", []):
            if DOUBT in f"{rule.get('answer', '')} {rule.get('reason', '')}":
                self.evidence.said[record["change"]["delivery"]].add(rule["rule"])

    def records(self) -> Iterator[dict[str, Any]]:
        for key in self.objects.keys(BUCKET, f"{PREFIX}/decisions/"):
            yield json.loads(self.objects.get(BUCKET, key))

    def gather(self) -> None:
        """Takes down what everyone involved says at the end. The functions have ended by then."""
        evidence, of_key = self.evidence, {rule.key: rule for rule in RULES}
        evidence.records.clear()
        for record in self.records():
            evidence.records[record["change"]["delivery"]].append(record)
            self._hear(record)
        ledger, runs = f"{PREFIX}/ledger/", f"{PREFIX}/runs/codepipeline/"
        for key in self.objects.keys(BUCKET, ledger):
            evidence.ledger[key.removeprefix(ledger)] = json.loads(self.objects.get(BUCKET, key))
        for key in self.objects.keys(BUCKET, runs):
            name = key.removeprefix(runs).removesuffix(".json")
            evidence.runs[name] = json.loads(self.objects.get(BUCKET, key))
        for execution in self.aws.codepipeline.executions:
            mark = execution.pipeline, execution.variables.get("COMMIT", "")
            evidence.starts[mark].append(execution.started_at.timestamp())
            evidence.run_of[mark] = execution.execution_id
        for build in self.aws.codebuild.builds:
            mark = build.project, build.environment.get("MARK", "")
            evidence.starts[mark].append(build.started_at)
        for event in self.buses.events():
            rule = of_key[event.detail["rule"]]
            evidence.starts[rule.target, event.detail["after"]].append(event.at)
        for taken in self.cloudformation.taken:
            said = taken.json
            answer = said["Status"], said["PhysicalResourceId"]
            evidence.stacks[said["RequestId"]].append(answer)
        evidence.rule_keys = set(self.objects.keys(BUCKET, f"{PREFIX}/rules/"))
        of_target = {rule.target: rule.key for rule in RULES}
        of_mark = {each.change.mark: each.key for each in evidence.deliveries}
        for (target, mark), run, is_lost in self.trouble.starts:
            if is_lost or (of_target[target], of_mark.get(mark)) not in run.heard:
                evidence.unknown[target, mark] += 1
        for status in self.api.statuses.all():
            evidence.statuses.setdefault(status.sha, {})[status.context] = status.state
        evidence.secrets = [*SECRETS.values(), TOKEN, SECRET_ACCESS_KEY]
        evidence.logs = self.service.logs
        evidence.refused_calls = [f"{call.name}: {call.error}" for call in self.aws.calls.refused()]
        evidence.refused_calls += [f"GitHub's API: {each}" for each in self.api.violations]
        evidence.misdeeds = list(self.service.misdeeds)


def mark_of(operation: str, parameters: dict[str, Any]) -> Mark | None:
    """Which target a call starts, for which mark."""
    if operation == "codepipeline:StartPipelineExecution":
        words = {each["name"]: each["value"] for each in parameters.get("variables", [])}
        return parameters["name"], words.get("COMMIT", "")
    if operation == "codebuild:StartBuild":
        words = {
            each["name"]: each["value"]
            for each in parameters.get("environmentVariablesOverride", [])
        }
        return parameters["projectName"], words.get("MARK", "")
    if operation == "events:PutEvents":
        (entry,) = parameters["Entries"]
        return entry["EventBusName"], json.loads(entry["Detail"])["after"]
    return None

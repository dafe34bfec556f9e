"""Pointsman on a local AWS: two pushes, a forged one, and a redelivery.

Everything shown is checked; the exit status is 0 only if all of it was as it should be.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))

import github  # noqa: E402
from deployment import BUCKET, PREFIX, Deployment  # noqa: E402
from local_aws import LocalAWS  # noqa: E402
from local_aws.pipelines import create_pipeline  # noqa: E402
from ministack import ACCOUNT, REGION, MiniStack, role_session  # noqa: E402
from terminal import (  # noqa: E402
    DIM,
    GREEN,
    RED,
    YELLOW,
    NotAsItShouldBe,
    Steps,
    check,
    fact,
    paint,
    say,
)

SECRET = "It's a Secret to Everybody"
COLOURS = {"started": GREEN, "already-started": YELLOW, "failed": RED, "invalid": RED}


@dataclass
class Event:
    """A push as it is kept in `events/`, and the id under which it is delivered."""

    body: bytes
    delivery: str

    @property
    def payload(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def paths(self) -> list[str]:
        return sorted(
            path
            for commit in self.payload["commits"]
            for kind in ("added", "modified", "removed")
            for path in commit[kind]
        )


class Demo:
    def __init__(self, package: Path | None, folder: Path, cleanup: ExitStack):
        self.steps = Steps()
        self.package = package
        self.folder = folder
        self.cleanup = cleanup
        self.deployment: Deployment | None = None
        self.ministack: MiniStack | None = None
        self.gate: LocalAWS | None = None

    def run(self) -> None:
        api, web = read_event("github-push-services-api"), read_event("github-push-services-web")
        with self.steps.step("Package the release"):
            self.build_package()
        with self.steps.step("Start a local AWS"):
            self.start_aws()
        with self.steps.step("Deploy the functions, the API and the secret"):
            url = self.deploy()
        with self.steps.step("Create two pipelines and a rule for each"):
            self.put_rules(api.payload["repository"]["full_name"])
        with self.steps.step("Push a change to services/api, signed"):
            self.push_starts(url, api, "api")
        with self.steps.step("Push a change to services/web, signed"):
            self.push_starts(url, web, "web")
        with self.steps.step("Push with a forged signature"):
            self.forged_is_refused(url, api)
        with self.steps.step("Redeliver the first push"):
            self.redelivery_starts_nothing(url, api)
        with self.steps.step("What CodePipeline was asked, all in all"):
            self.show_calls()
        say()
        say(f"All as it should be, in {self.steps.elapsed:.0f} s.", GREEN)

    # Setting up.

    def build_package(self) -> None:
        if self.package is None:
            log = self.folder / "package.log"
            with log.open("w") as output:
                status = subprocess.run(
                    ["./package.sh"],
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    check=False,
                ).returncode
            if status:
                raise NotAsItShouldBe(f"package.sh ended with status {status}")
            self.package = ROOT / "dist/pointsman.zip"
        fact("package", f"{self.package.name}, {self.package.stat().st_size:,} bytes")

    def start_aws(self) -> None:
        self.ministack = MiniStack(self.folder)
        self.cleanup.callback(self.ministack.close)
        self.ministack.wait_until_ready()
        self.gate = LocalAWS(regions={REGION})
        self.cleanup.callback(self.gate.close)
        fact("AWS", f"{self.ministack.url}  API Gateway, Lambda, S3, Secrets Manager, IAM")
        fact("", f"{self.gate.url}  CodePipeline, by AWS's own service model")

    def deploy(self) -> str:
        self.deployment = Deployment(self.ministack, self.gate.url)
        self.deployment.create_bucket()
        secret = self.deployment.create_secret(SECRET)
        folder = f"arn:aws:s3:::{BUCKET}/{PREFIX}"
        roles = {
            "evaluate": self.deployment.create_role(
                "pointsman-evaluate",
                [
                    allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"),
                    allow("s3:GetObject", f"{folder}/*"),
                    allow("s3:PutObject", f"{folder}/ledger/*", f"{folder}/decisions/*"),
                    allow("codepipeline:StartPipelineExecution", "*"),
                ],
            ),
            "webhook": self.deployment.create_role(
                "pointsman-webhook",
                [
                    allow("secretsmanager:GetSecretValue", secret),
                    allow("s3:PutObject", f"{folder}/changes/*"),
                    allow(
                        "lambda:InvokeFunction",
                        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pointsman-evaluate",
                    ),
                ],
            ),
        }
        evaluate = self.deployment.create_function("evaluate", self.package, roles["evaluate"], {})
        webhook = self.deployment.create_function(
            "webhook",
            self.package,
            roles["webhook"],
            {"EVAL_FUNCTION_ARN": evaluate, "GITHUB_SECRET_ARN": secret},
        )
        self.gate.add_key(*role_session(evaluate, roles["evaluate"]))
        url = self.deployment.create_api(webhook)
        fact("functions", "pointsman-webhook, pointsman-evaluate (provided.al2023)")
        fact("webhook", f"POST {url}")
        return url

    def put_rules(self, repository: str) -> None:
        for service in ("api", "web"):
            create_pipeline(self.gate, service)
            rule = {
                "Repository": repository,
                "Branches": ["main"],
                "Paths": [f"services/{service}/**"],
                "Target": {
                    "CodePipeline": {
                        "Name": service,
                        "SourceAction": "Source",
                        "Variables": {"ACTOR": "#{actor}"},
                    }
                },
            }
            key = self.deployment.put_rule(service, rule)
            fact(service, f"{rule['Paths'][0]} on main  →  pipeline {service}")
            fact("", f"s3://{BUCKET}/{key}", DIM)

    # What is shown.

    def push_starts(self, url: str, event: Event, pipeline: str) -> None:
        before = len(self.gate.codepipeline.executions)
        fact("push", f"{event.payload['after'][:12]} to {event.payload['ref']}")
        fact("paths", ", ".join(event.paths))
        status, answer = self.post(url, event, SECRET)
        check((status, answer["outcome"]) == (202, "accepted"), "the webhook accepts it: 202")
        outcomes = self.evaluated(event, invocation=before + 1)
        new = self.gate.codepipeline.executions[before:]
        for execution in new:
            fact("execution", f"{execution.pipeline} {execution.execution_id}", GREEN)
            fact("", f"on {execution.revisions}, variables {execution.variables}")
        check(outcomes.get(pipeline) == "started", f"rule {pipeline} started its pipeline")
        others = {name: outcome for name, outcome in outcomes.items() if name != pipeline}
        check(set(others.values()) == {"skipped"}, "the other rule was skipped")
        check([each.pipeline for each in new] == [pipeline], f"exactly pipeline {pipeline} runs")
        check(
            new[0].revisions == {"Source": event.payload["after"]},
            "it runs on exactly the commit that was pushed",
        )

    def forged_is_refused(self, url: str, event: Event) -> None:
        before = self.deployment.invocations("evaluate")
        status, answer = self.post(url, Event(event.body, str(uuid.uuid4())), "not the secret")
        check((status, answer["outcome"]) == (401, "unauthorized"), "the webhook refuses it: 401")
        self.deployment.wait_for_invocation("webhook", 3)
        check(self.deployment.invocations("evaluate") == before, "nothing was evaluated")

    def redelivery_starts_nothing(self, url: str, event: Event) -> None:
        before = len(self.gate.codepipeline.executions)
        status, answer = self.post(url, event, SECRET)
        check((status, answer["outcome"]) == (202, "accepted"), "the webhook accepts it: 202")
        outcomes = self.evaluated(event, invocation=before + 1)
        check(
            outcomes == {"api": "already-started", "web": "skipped"},
            "the decision says: already started",
        )
        check(len(self.gate.codepipeline.executions) == before, "no pipeline was started")
        _, record = self.deployment.decision_record(event.delivery)
        started = [rule_name(rule) for rule in record["rules"] if rule["outcome"] == "started"]
        check(
            (len(record["attempts"]), started) == (2, ["api"]),
            "its record tells of both attempts and of the one start",
        )

    def show_calls(self) -> None:
        for call in self.gate.seen("codepipeline:StartPipelineExecution"):
            fact(call.parameters["name"], f"token {call.parameters['clientRequestToken']}")
        check(not self.gate.calls.refused(), "every call was signed right and fits the model")
        check(
            sorted(each.pipeline for each in self.gate.codepipeline.executions) == ["api", "web"],
            "each pipeline was started once",
        )

    # Doing it.

    def post(self, url: str, event: Event, secret: str) -> tuple[int, dict[str, Any]]:
        headers = github.headers(event.body, secret, delivery=event.delivery)
        request = urllib.request.Request(url, event.body, headers)
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                status, body = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        milliseconds = (time.monotonic() - began) * 1000
        fact("answer", f"{status} {body.decode()}  ({milliseconds:.0f} ms)")
        return status, json.loads(body)

    def evaluated(self, event: Event, invocation: int) -> dict[str, str]:
        """The outcome of each rule in the given invocation of `evaluate`, and all of it shown."""
        rules = self.deployment.decided(invocation)["rules"]
        for rule in rules:
            outcome = paint(f"{rule['outcome']:<15}", COLOURS.get(rule["outcome"], DIM))
            answer = f" ({rule['answer']})" if "answer" in rule else ""
            fact("decision", f"{rule_name(rule)}  {outcome} {rule['reason']}{answer}")
        key, _ = self.deployment.decision_record(event.delivery)
        fact("", f"s3://{BUCKET}/{key}", DIM)
        return {rule_name(rule): rule["outcome"] for rule in rules}

    def show_logs(self) -> None:
        """The logs that may tell why it went wrong."""
        package_log = self.folder / "package.log"
        if self.ministack is None:
            show_tail("package.sh", package_log)
            return
        for handler in ("webhook", "evaluate") if self.deployment else ():
            say(f"--- log of {handler}", DIM)
            try:
                for line in self.deployment.log_lines(handler)[-40:]:
                    say(line.rstrip())
            except Exception as error:  # the log is gone with MiniStack: its own log says more
                say(f"not to be had: {error}")
        show_tail("MiniStack", self.ministack.log)
        for call in self.gate.calls.refused() if self.gate else ():
            say(f"refused by CodePipeline: {call.name}: {call.error}", RED)


def allow(action: str, *resources: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": list(resources)}


def rule_name(rule: dict[str, Any]) -> str:
    return rule["rule"].rsplit("/", 1)[-1].removesuffix(".json")


def read_event(name: str) -> Event:
    request = json.loads((ROOT / f"events/{name}.json").read_text(encoding="utf-8"))
    return Event(request["body"].encode(), str(uuid.uuid4()))


def show_tail(name: str, log: Path) -> None:
    if log.exists():
        say(f"--- log of {name}", DIM)
        say("\n".join(log.read_text(errors="replace").splitlines()[-40:]))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--package", type=Path, help="a zip to deploy instead of packaging")
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="pointsman-demo-") as folder, ExitStack() as cleanup:
        demo = Demo(options.package, Path(folder), cleanup)
        try:
            demo.run()
        except KeyboardInterrupt:
            say("\nInterrupted; everything is cleaned up.", YELLOW)
            return 130
        except Exception as error:
            say()
            say(f"   ✗ {type(error).__name__}: {error}", RED)
            demo.show_logs()
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

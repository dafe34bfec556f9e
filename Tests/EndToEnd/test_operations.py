"""What docs/operate.md and docs/deploy.md tell an operator to do, done on the local cloud."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from moto.s3.models import s3_backends

import github
from local_aws import ACCESS_KEY_ID, ACCOUNT, REGION, SECRET_ACCESS_KEY, Fault
from site_under_test import Site, administration
from soak import payloads, table
from soak.lambda_service import Pace, dead_letter
from soak.soak import Settings, Soak
from soak.stack import Stack

ROOT = Path(__file__).parents[2]
OPERATE = (ROOT / "docs/operate.md").read_text()
LOADED = Settings(400, seed=11, has_faults=False, seconds=120, timeout=5)


def block(title: str) -> str:
    """The first block of commands of a section of the page."""
    section = OPERATE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1]


def follow(commands: str, folder: Path, site: Site) -> str:
    """Runs commands of a page with the AWS CLI; what they print."""
    # Without the option version 1 of the CLI calls AWS's own SQS, by its old name.
    command = folder / "bin/aws"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {ROOT}/.venv/bin/aws "$@" --endpoint-url {site.aws.url}\n')
    command.chmod(0o755)
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env={
            "PATH": f"{command.parent}:{os.environ['PATH']}",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
            "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def moment() -> str:
    """Now; what is written later has another second."""
    time.sleep(1.1)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    time.sleep(1.1)
    return now


def outcomes(answers: list[Any]) -> dict[str, str]:
    (answer,) = answers
    return {Path(each["rule"]).stem: each["outcome"] for each in answer.json["rules"]}


def test_rules_are_restored_from_the_versions_in_the_bucket(site, tmp_path):
    s3_backends[ACCOUNT]["aws"].put_bucket_versioning(site.name, "Enabled")
    targets = {name: {"CodePipeline": {"Name": site.pipeline(name)}} for name in ("api", "web")}
    keys = {name: site.put_rule(name, target) for name, target in targets.items()}
    owned = {"pointsman-owner": "payments"}
    rule = site.s3.get_object(Bucket=site.name, Key=keys["web"])["Body"].read()
    site.s3.put_object(Bucket=site.name, Key=keys["web"], Body=rule, Metadata=owned)
    good = moment()
    # One is spoiled and then another time, one is deleted, one is new.
    site.put_rule("api", targets["api"], Branchs=["main"])
    site.put_rule("api", targets["api"], Branches=["nowhere"])
    site.s3.delete_object(Bucket=site.name, Key=keys["web"])
    site.put_rule("new", targets["web"])
    assert outcomes(site.deliver(github.push("a", after="1" * 40))) == {
        "api": "skipped",
        "new": "started",
    }

    commands = block("Restore rules")
    commands = commands.replace("acme-pointsman", site.name).replace(
        "mono-repo/config", site.prefix
    )
    printed = follow(re.sub(r"moment=\S+", f"moment={good}", commands), tmp_path, site)
    assert keys["api"] in printed and keys["web"] in printed

    assert outcomes(site.deliver(github.push("a", after="2" * 40))) == {
        "api": "started",
        "new": "started",
        "web": "started",
    }
    assert site.s3.get_object(Bucket=site.name, Key=keys["web"])["Metadata"] == owned


def test_a_dead_letter_is_redriven(site, tmp_path):
    pipeline = site.pipeline("api")
    site.put_rule("api", {"CodePipeline": {"Name": pipeline}})
    (payload,) = site.send(github.push("a"))
    name = f"{site.name}-evaluate"
    start = "codepipeline:StartPipelineExecution"
    site.aws.faults.plan(1, Fault.THROTTLED, times=10_000, only=start)
    for _ in range(3):
        with site.evaluate() as evaluate:
            answer = evaluate.invoke(payload, seconds=4)
            assert answer.failed and answer.error_type == "Function.StartsPending", answer
    assert not site.started()
    sqs = administration().client("sqs")
    queue = sqs.create_queue(QueueName=site.name)["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=dead_letter(name, payload, answer))
    url = f"{site.aws.url}/{ACCOUNT}/{site.name}"
    site.aws.stacks["pointsman"] = {"DeadLetterQueueURL": url}

    site.aws.faults.clear()
    before = len(site.handed_over())
    follow(block("Redrive the dead-letter queue"), tmp_path, site)
    (again,) = site.handed_over()[before:]
    assert json.loads(again) == json.loads(payload)
    with site.evaluate() as evaluate:
        assert not evaluate.invoke(again).failed
    assert len(site.started(pipeline)) == 1
    left = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert left["ApproximateNumberOfMessages"] == "0"
    assert left["ApproximateNumberOfMessagesNotVisible"] == "0"


@pytest.mark.release_only("FaultTests.swift fails the calls of the debug build")
def test_the_secret_is_rotated_under_load_and_no_delivery_is_refused(
    bootstrap, tmp_path, monkeypatch
):
    old, new = payloads.SECRETS["github"], "rotated-5a1e0c"
    with Stack(bootstrap, tmp_path, LOADED.seed, Pace.of(LOADED.timeout)) as stack:

        def rotate() -> None:
            administration().client("secretsmanager").put_secret_value(
                SecretId=stack.environment["GITHUB_SECRET_ARN"], SecretString=new
            )
            # docs/deploy.md: two seconds lie between the two steps, whatever is forged meanwhile.
            time.sleep(2)
            monkeypatch.setitem(payloads.SECRETS, "github", new)

        soak = Soak(stack, LOADED)
        soak.moments[LOADED.deliveries // 4] = rotate
        pause(soak)
        result = soak.run()
    assert payloads.SECRETS["github"] == new
    assert result.holds, table.text(result)
    assert set(result.statuses) == {200, 202, 400, 401, 404}, result.statuses
    assert not any(old in log for log in result.evidence.logs)


@pytest.mark.release_only("FaultTests.swift fails the calls of the debug build")
def test_the_stack_is_updated_under_load_and_no_delivery_is_lost(bootstrap, tmp_path):
    newer = tmp_path / "bootstrap"
    shutil.copy(bootstrap, newer)
    with Stack(bootstrap, tmp_path, LOADED.seed, Pace.of(LOADED.timeout)) as stack:
        soak = Soak(stack, LOADED)
        soak.moments[LOADED.deliveries // 3] = lambda: stack.service.update(newer, seconds=1)
        result = soak.run()
    assert result.holds, table.text(result)
    # Some were refused while it was updated, and came again; both versions have worked.
    assert result.statuses[502], result.statuses
    assert min(stack.service.runs[bootstrap], stack.service.runs[newer]) > 50, stack.service.runs


def pause(soak: Soak) -> None:
    """Goes slower, so that the senders are not done before the two seconds are over."""
    for number in range(soak.settings.deliveries):
        soak.moments.setdefault(number, lambda: time.sleep(0.2))

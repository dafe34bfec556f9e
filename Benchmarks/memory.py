"""Peak memory of `webhook` after 1,000 signed pushes of 1 MB."""

import json
import tempfile

import push
import webhook
from fake_aws import FakeAWS
from measure import drive

EVENTS = 1_000


def run(report, bootstrap):
    with tempfile.TemporaryDirectory() as folder, FakeAWS() as aws:
        payloads = []
        for seed in range(8):
            payloads.append(f"{folder}/{seed}")
            with open(payloads[-1], "wb") as file:
                file.write(push.event(1_000_000, seed))
        samples = drive(webhook.peer(bootstrap, aws.url), invocations=EVENTS, payloads=payloads)
    status = json.loads(samples["answer"])["statusCode"]
    if status != 202 or samples["errors"] or len(aws.bodies) != EVENTS:
        raise SystemExit(f"{EVENTS} events, {len(aws.bodies)} handed over, last status {status}")
    report.section("Memory", "Peak of the process (VmHWM) in MB.")
    report.table(
        None,
        ["", "MB"],
        [
            ["`webhook` at its first `/next`", f"{samples['peakAtStart'][0] / 1024:.1f}"],
            [
                f"`webhook` after {EVENTS:,} signed pushes of 1 MB",
                f"{samples['peak'][0] / 1024:.1f}",
            ],
        ],
    )

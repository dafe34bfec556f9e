"""Peak memory of `webhook` after 1,000 signed pushes of 1 MB."""

import json
import tempfile

import push
import webhook
from fake_aws import FakeAWS
from measure import drive

EVENTS = 1_000
GOAL = 8.0


def run(bootstrap):
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
    peak, at_start = samples["peak"][0] / 1024, samples["peakAtStart"][0] / 1024
    verdict = "met" if peak <= GOAL else "MISSED"
    print(f"\npeak memory (VmHWM) after {EVENTS:,} signed pushes of 1 MB")
    print(
        f"  webhook {peak:.1f} MB, {at_start:.1f} MB at the first /next   goal {GOAL:g}: {verdict}"
    )

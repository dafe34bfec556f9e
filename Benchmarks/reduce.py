"""Verify and reduce a 6 MB push: CPU time of `webhook` against Python's json and hmac."""

import hashlib
import hmac
import json
import tempfile
import time

import push
import webhook
from fake_aws import FakeAWS
from measure import Comparison, Peer, drive

SIZE = 5_670_000  # as an event, in which its quotes are escaped, 6 MB
EVENTS = 20


def in_python(event):
    """What `webhook` does to the event, in the fewest lines of Python."""
    envelope = json.loads(event)
    body = envelope["body"].encode()
    expected = "sha256=" + hmac.new(push.SECRET.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, envelope["headers"]["x-hub-signature-256"]):
        raise SystemExit("the signature is wrong")
    payload = json.loads(body)
    paths = set()
    for commit in payload["commits"]:
        for list in ("added", "modified", "removed"):
            paths.update(commit[list])
    change = {
        "identity": hashlib.sha256(body).hexdigest(),
        "repository": payload["repository"]["full_name"],
        "ref": payload["ref"],
        "before": payload["before"],
        "after": payload["after"],
        "actor": payload["sender"]["login"],
        "paths": sorted(paths),
    }
    return json.dumps({"change": change}).encode()


def run(rounds, bootstrap):
    event = push.event(SIZE)
    python = Peer("json + hmac", ["python3"])
    with tempfile.NamedTemporaryFile() as payload, FakeAWS() as aws:
        payload.write(event)
        payload.flush()
        ours = webhook.peer(bootstrap, aws.url)
        comparison = Comparison([python, ours])
        for _ in range(rounds):
            samples = drive(ours, warmup=2, invocations=EVENTS, payloads=[payload.name])
            answer = json.loads(samples["answer"])
            if answer["statusCode"] != 202 or samples["errors"]:
                raise SystemExit(f"webhook answered {answer}")
            comparison.add(ours, [total / EVENTS for total in samples["cpu"]])
            took = []
            for _ in range(3):
                before = time.process_time_ns()
                reduced = in_python(event)
                took.append(time.process_time_ns() - before)
            comparison.add(python, took)
    comparison.table(
        f"CPU time to verify and reduce a push of {len(event) / 1e6:.1f} MB to "
        f"{len(reduced) / 1e3:.0f} KB",
        "ms",
        1e6,
        {ours.name: 0.1},
    )

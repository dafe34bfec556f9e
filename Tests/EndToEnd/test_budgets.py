"""What the worst rule for each budget, and the worst server, cost `evaluate` and other rules."""

from __future__ import annotations

import json
import uuid

import pytest

import github
from certificates import Authority
from local_aws.http_server import HTTPServer, Response

MEMORY = 100.0  # MB, of the 128 that the function has
HONEST = 10


def rule(**properties) -> dict:
    """A rule that starts nothing, as `Site.put_rule` takes it."""
    return {"target": {"CodePipeline": {"Name": "never-started"}}, "WhenPathsUnknown": "skip"} | (
        properties
    )


PATHS = ["a" * 200 + f"{number}b" for number in range(1_000)]
WORST = {
    "globs that match nothing after a long search": [
        rule(Paths=["*" + "a*" * 250 + f"[z]{number}*b"]) for number in range(60)
    ],
    "as many globs as a rule may have": [
        rule(Paths=[f"**/{number}/{rule_number}/*" for number in range(1_000)])
        for rule_number in range(60)
    ],
    "more rules of the largest kind than there is memory for": [
        rule(Paths=[f"**/{number}/{rule_number}/*" for number in range(1_000)])
        for rule_number in range(200)
    ],
    "expressions that compile to much": [
        rule(
            PathExpressions=[
                f"(?:abcdefghij@){{{900 + number % 99}}}x{number}" for number in range(1_000)
            ]
        )
        for _ in range(20)
    ],
    "one expression that compiles to as much as it can": [
        rule(PathExpressions=[f"((?:a{{50}}|b){{50}}){{20}}{number}"]) for number in range(20)
    ],
    "expressions that search for long": [
        rule(PathExpressions=[f"(?:a|aa|a{{1,{number + 2}}})+[z]$"]) for number in range(60)
    ],
    "objects of the largest size": [
        rule(Paths=["x" * 1_000 + f"{number}" for number in range(30)], Actors=[str(rule_number)])
        for rule_number in range(100)
    ],
    "objects that are larger than allowed": [
        rule(Paths=["x" * 70_000 + f"{number}"]) for number in range(100)
    ],
    "more patterns than allowed": [
        rule(Paths=[f"{number}" for number in range(1_001)]) for _ in range(20)
    ],
}


@pytest.mark.parametrize("worst", WORST)
def test_the_worst_rules_cost_the_others_nothing(site, worst):
    pipelines = [site.pipeline(f"honest-{number}") for number in range(HONEST)]
    for number, pipeline in enumerate(pipelines):
        # They come last in the listing.
        site.put_rule(f"z-{number}", {"CodePipeline": {"Name": pipeline}}, Paths=["services/**"])
    for number, bad in enumerate(WORST[worst]):
        site.put_rule(f"a-{number:03}", **bad)
    push = github.push(*PATHS, "services/api/main.go")
    with site.evaluate() as evaluate:
        answer = evaluate.invoke(github.encode(push), 60)
        peak, seconds = evaluate.peak_memory(), evaluate.processor_time()
    print(f"{worst}: {peak:.1f} MB, {seconds:.2f} s of CPU")
    assert not answer.failed, answer
    assert sorted(start.pipeline for start in site.started()) == sorted(pipelines)
    outcomes = {rule["outcome"] for rule in answer.json["rules"]}
    assert outcomes <= {"started", "skipped", "invalid"}
    assert peak < MEMORY


def test_a_server_that_answers_without_end_fills_nothing(site, tmp_path):
    authority = Authority(tmp_path, "authority")
    words = json.dumps({"kind": "Status", "message": "x" * 24_000_000}).encode()

    server = HTTPServer(
        lambda request, connection: Response(403, {"Content-Type": "application/json"}, words),
        tls=authority.context(),
    )
    try:
        url = server.url
        secret = site.secrets.create_secret(
            Name=f"{site.name}-{uuid.uuid4().hex}",
            SecretString=json.dumps({"server": url, "token": "TOKEN"}),
        )["ARN"]
        site.put_rule(
            "hostile",
            {
                "KubernetesDeployment": {
                    "Server": url,
                    "TokenSecretArn": secret,
                    "CABundle": authority.bundle.read_text(),
                    "Namespace": "shop",
                    "Deployment": "web",
                    "Container": "app",
                    "Image": "octo/app:2",
                }
            },
        )
        pipeline = site.pipeline("honest")
        site.put_rule("honest", {"CodePipeline": {"Name": pipeline}})
        with site.evaluate() as evaluate:
            answer = evaluate.invoke(github.encode(github.push("a")), 60)
            peak = evaluate.peak_memory()
    finally:
        server.close()
    assert len(site.started(pipeline)) == 1
    outcomes = {rule["rule"].rsplit("/")[-1]: rule for rule in answer.json["rules"]}
    assert outcomes["hostile.json"]["outcome"] == "failed"
    assert len(outcomes["hostile.json"]["answer"]) <= 1_000
    assert max(len(line) for line in evaluate.log.splitlines()) < 10_000
    assert all(len(json.dumps(site.object(key))) < 10_000 for key in site.keys("ledger"))
    assert peak < MEMORY

"""What the worst rule for each budget, and the worst server, cost `evaluate` and other rules."""

from __future__ import annotations

import json
import time
import uuid
from contextlib import ExitStack
from itertools import islice, product
from string import ascii_letters

import pytest

import github
from certificates import Authority
from clusters import OpenShift
from local_aws.http_server import HTTPServer, Response

BUDGETS = pytest.mark.release_only("the memory and the time of Lambda are what the release has")
MEMORY = 100.0  # MB, of the 256 that the function has
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


@BUDGETS
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


LONG = "#{message}" * 6_000
BUILD = (
    "Target.CodeBuild.Environment: the budget of the source version and environment of a build is "
    "65536 bytes, found 48000041"
)
TEXTS = {
    "a build's environment": (
        {"CodeBuild": {"Project": "ab", "SourceVersion": "#{after}", "Environment": {"M": LONG}}},
        BUILD,
    ),
    "a project's name": ({"CodeBuild": {"Project": LONG}}, f"made of '{LONG[:64]}…'"),
    "an event's detail type": ({"EventBridge": {"DetailType": LONG}}, f"made of '{LONG[:64]}…'"),
    "a pipeline's variable": ({"CodePipeline": {"Variables": {"M": LONG}}}, None),
}


@pytest.mark.parametrize("texts", TEXTS)
def test_what_placeholders_grow_to_costs_the_others_nothing(site, texts):
    target, words = TEXTS[texts]
    honest = site.pipeline("honest")
    site.put_rule("z", {"CodePipeline": {"Name": honest}})
    grown = site.pipeline("grown", variables=[{"name": "M", "defaultValue": "-"}])
    if words is None:
        target = {"CodePipeline": target["CodePipeline"] | {"Name": grown}}
    for number in range(10):
        site.put_rule(f"a-{number}", target)
    push = github.push("a", message="\N{GRINNING FACE}" * 2_000)
    with site.evaluate() as evaluate:
        answer = evaluate.invoke(github.encode(push), 60)
        peak = evaluate.peak_memory()
    print(f"{texts}: {peak:.1f} MB")
    assert not answer.failed, answer
    assert len(site.started(honest)) == 1
    *bad, good = answer.json["rules"]
    assert good["outcome"] == "started"
    if words is None:
        assert {rule["outcome"] for rule in bad} == {"started"}
        assert len(site.started(grown)) == 10
    else:
        assert {(rule["outcome"], rule["clause"]) for rule in bad} == {("failed", "Target")}
        assert all(rule["answer"].endswith(words) for rule in bad)
    assert len(answer.body) < 20_000
    assert peak < MEMORY


def names(count: int) -> list[str]:
    return ["".join(letters) for letters in islice(product(ascii_letters, repeat=4), count)]


MANY = {
    "rules that match and are excluded by a long pattern": (
        4_000,
        {"Paths": ["**"], "ExcludePaths": ["{" + "y" * 960 + "@,**}"]},
    ),
    "rules whose actor is excluded by a long pattern": (
        4_000,
        {"ExcludeActors": ["{" + "y" * 960 + "@,*}"]},
    ),
    "rules with thousands of empty events": (100, {"Events": [""] * 15_000 + ["@"]}),
    "rules with thousands of wrong events": (150, {"Events": [*names(8_000), "@"]}),
    "rules with thousands of targets": (
        100,
        {"Target": {name: "" for name in names(4_000)} | {"@": ""}},
    ),
    "rules with hundreds of unknown properties": (
        400,
        {f"Unknown{number}{'z' * 50}": "@" for number in range(400)},
    ),
}


@BUDGETS
@pytest.mark.parametrize("many", MANY)
def test_many_rules_that_start_nothing_cost_the_others_nothing(site, many):
    count, properties = MANY[many]
    honest = site.pipeline("honest")
    site.put_rule("z", {"CodePipeline": {"Name": honest}})
    for number in range(count):
        rule = json.dumps({"Target": {"CodePipeline": {"Name": "never-started"}}} | properties)
        site.put_many_rules(1, json.loads(rule.replace("@", str(number))), first=number)
    path = "services/" + "\N{LATIN SMALL LETTER E WITH ACUTE}" * 2_000
    with site.evaluate() as evaluate:
        answer = evaluate.invoke(github.encode(github.push(path)), 60)
        peak, seconds = evaluate.peak_memory(), evaluate.processor_time()
    print(f"{count} {many}: {peak:.1f} MB, {seconds:.2f} s of CPU, {len(answer.body)} bytes")
    assert not answer.failed, answer
    assert len(site.started(honest)) == 1
    assert sum(answer.json["counts"].values()) == count + 1
    assert len(answer.body) <= 6_000_000
    (key,) = site.keys("decisions")
    assert site.object(key)["rules"] == answer.json["rules"]
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


@BUDGETS
def test_a_crowd_of_rules_costs_a_larger_one_nothing(site):
    pipeline = site.pipeline("honest")
    site.put_rule(
        "z-honest",
        {"CodePipeline": {"Name": pipeline}},
        Paths=[f"libraries/{number}/**" for number in range(200)] + ["services/api/**"],
    )
    site.put_many_rules(500, rule_of_a_crowd())
    with site.evaluate() as evaluate:
        for branch in ("main", "other"):
            push = github.push("services/api/main.go", ref=f"refs/heads/{branch}")
            answer = evaluate.invoke(github.encode(push), 60)
            assert not answer.failed, answer
            outcomes = [rule["outcome"] for rule in answer.json["rules"]]
            assert outcomes == ["skipped"] * 500 + ["started"]
        peak, seconds = evaluate.peak_memory(), evaluate.processor_time()
    print(f"a crowd, two pushes: {peak:.1f} MB, {seconds:.2f} s of CPU")
    assert len(site.started(pipeline)) == 2
    assert peak < MEMORY


def rule_of_a_crowd() -> dict:
    """One of many that together do not fit in memory: smaller than an honest one."""
    paths = [f"x{number}" for number in range(195)]
    return {"Target": {"CodePipeline": {"Name": "never-started"}}, "Paths": paths}


@BUDGETS
def test_starts_with_large_bodies_are_not_made_all_at_once(site):
    pipeline = site.pipeline("honest")
    site.put_many_rules(700, {"Target": {"EventBridge": {}}})
    site.put_rule("z-honest", {"CodePipeline": {"Name": pipeline}})
    paths = [
        f"services/some/long/folder/name/{number}/file-{number}.txt" for number in range(4_500)
    ]
    with site.evaluate() as evaluate:
        answer = evaluate.invoke(github.encode(github.push(*paths)), 120)
        peak = evaluate.peak_memory()
    print(f"700 events of {len(json.dumps(paths))} bytes: {peak:.1f} MB")
    assert not answer.failed, answer
    assert {rule["outcome"] for rule in answer.json["rules"]} == {"started"}
    assert len(site.started(pipeline)) == 1
    assert peak < MEMORY


@BUDGETS
@pytest.mark.parametrize("kind", ["KubernetesDeployment", "OpenShiftBuild"])
@pytest.mark.parametrize("servers", [1, 40])
def test_servers_that_do_not_answer_hold_up_no_other(site, tmp_path, kind, servers):
    authority = Authority(tmp_path, "authority")
    bundle = authority.bundle.read_text()
    invocation = 12  # seconds

    def hang(request, connection):
        time.sleep(invocation)
        return Response(403, {"Content-Type": "application/json"}, b"{}")

    def secret(value: str) -> str:
        name = f"{site.name}-{uuid.uuid4().hex}"
        return site.secrets.create_secret(Name=name, SecretString=value)["ARN"]

    with ExitStack() as cleanup:
        good = cleanup.enter_context(OpenShift(authority.context()))
        targets = []
        for _ in range(servers):
            server = HTTPServer(hang, tls=authority.context())
            cleanup.callback(server.close)
            if kind == "OpenShiftBuild":
                path = "/apis/build.openshift.io/v1/namespaces/a/buildconfigs/b/webhooks/s/generic"
                targets.append({"UrlSecretArn": secret(server.url + path), "CABundle": bundle})
            else:
                token = secret(json.dumps({"server": server.url, "token": "T"}))
                names = {"Namespace": "a", "Deployment": "b", "Container": "c", "Image": "x/y:1"}
                cluster = {"Server": server.url, "TokenSecretArn": token, "CABundle": bundle}
                targets.append(cluster | names)
        for number in range(40):
            site.put_rule(f"a-{number:02}", {kind: targets[number % servers]})
        honest = {"UrlSecretArn": secret(good.url()), "CABundle": bundle}
        site.put_rule("z-honest", {"OpenShiftBuild": honest})
        with site.evaluate() as evaluate:
            answer = evaluate.invoke(github.encode(github.push("a")), invocation)
            peak = evaluate.peak_memory()
        assert answer.json["errorType"] == "Function.StartsPending"
        (record,) = (site.object(key) for key in site.keys("decisions"))
    print(f"40 rules at {servers} servers that do not answer: {peak:.1f} MB")
    assert len(good.builds) == 1
    assert record["rules"][-1]["outcome"] == "started"
    assert peak < MEMORY

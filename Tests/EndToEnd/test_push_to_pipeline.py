"""The main job: a signed push starts the right pipelines on exactly its commit."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

import github
from local_aws import REGION, Fault, LocalAWS
from site_under_test import Site, keys_of, start_identity


def target(pipeline: str, **members) -> dict:
    return {"CodePipeline": {"Name": pipeline} | members}


def decisions(answer) -> dict[str, dict]:
    """What was decided, by the rule's own name."""
    assert not answer.failed, answer
    return {
        each["rule"].rsplit("/", 1)[-1].removesuffix(".json"): each for each in answer.json["rules"]
    }


def outcomes(answer) -> dict[str, str]:
    return {name: each["outcome"] for name, each in decisions(answer).items()}


@pytest.fixture
def api(site) -> str:
    """The pipeline of the one service that has a rule."""
    pipeline = site.pipeline("api")
    site.put_rule("api", target(pipeline, SourceAction="Source"), Paths=["services/api/**"])
    return pipeline


def test_the_pipelines_of_the_changed_paths_start_on_the_commit(site):
    names = {name: site.pipeline(name) for name in ("api", "web", "all")}
    for name, paths in {"api": ["services/api/**"], "web": ["services/web/**"]}.items():
        site.put_rule(name, target(names[name], SourceAction="Source"), Paths=paths)
    site.put_rule("all", target(names["all"]))
    (answer,) = site.deliver(github.push("services/api/main.go", "docs/a.md"))
    assert outcomes(answer) == {"api": "started", "web": "skipped", "all": "started"}
    (api,) = site.started(names["api"])
    assert api.revisions == {"Source": github.AFTER}
    (everything,) = site.started(names["all"])
    assert everything.revisions == {}
    assert site.started(names["web"]) == []


def test_the_decision_names_clause_path_pattern_and_execution(site, api):
    site.put_rule("web", target(api), Paths=["services/web/**"])
    site.put_rule("release", target(api), Branches=["release/*"])
    (answer,) = site.deliver(github.push("docs/b.md", "services/api/main.go"))
    found = decisions(answer)
    assert found["api"]["clause"] == "Paths"
    assert found["api"]["path"] == "services/api/main.go"
    assert found["api"]["pattern"] == "services/api/**"
    assert site.started(api)[0].execution_id in json.dumps(found["api"])
    assert (found["web"]["outcome"], found["web"]["clause"]) == ("skipped", "Paths")
    assert (found["release"]["outcome"], found["release"]["clause"]) == ("skipped", "Branches")
    assert all(each["reason"] for each in found.values())


def test_the_record_is_kept_returned_and_logged(site, api):
    body = github.encode(github.push("services/api/main.go", "docs/b.md"))
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    (answer,) = site.deliver(json.loads(body), delivery="d-1")
    (key,) = site.keys("decisions")
    assert re.fullmatch(rf"pointsman/decisions/{day}/d-1\.json", key)
    assert site.object(key) == answer.json
    assert json.dumps(answer.json["rules"], separators=(",", ":")) in site.last_log
    change = answer.json["change"]
    assert change["repository"] == "octo-org/mono-repo"
    assert "services/api/main.go" not in json.dumps(change)
    assert change["pathCount"] == 2


def test_the_ledger_key_is_the_identity_of_the_start(site, api):
    payload = github.push("services/api/main.go")
    site.deliver(payload)
    rule = "pointsman/rules/github/octo-org/mono-repo/api.json"
    identity = start_identity(github.encode(payload), rule)
    assert site.keys("ledger") == [f"pointsman/ledger/{identity}"]
    assert site.started(api)[0].execution_id in json.dumps(site.object(site.keys("ledger")[0]))
    (put, *_) = [
        call
        for call in site.aws.seen("s3:PutObject")
        if call.parameters["Key"] == f"pointsman/ledger/{identity}"
    ]
    assert put.parameters["IfNoneMatch"] == "*"


def test_placeholders_become_variables(site):
    pipeline = site.pipeline("api")
    variables = {"COMMIT": "#{after}", "ACTOR": "by #{actor}", "TEXT": "#{tag}"}
    site.put_rule("api", target(pipeline, Variables=variables))
    site.deliver(github.push("a"))
    assert site.started(pipeline)[0].variables == {"COMMIT": github.AFTER, "ACTOR": "by mona"}


def test_a_long_message_is_cut_to_what_a_variable_takes(site):
    pipeline = site.pipeline("api")
    site.put_rule("api", target(pipeline, Variables={"TEXT": "#{message}"}))
    site.deliver(github.push("a", message="ü" * 3000))
    assert site.started(pipeline)[0].variables == {"TEXT": "ü" * 1000}


def test_a_message_of_several_lines_is_one_line_in_a_variable(site):
    # CodePipeline's model allows no line break there.
    pipeline = site.pipeline("api")
    site.put_rule("api", target(pipeline, Variables={"TEXT": "#{message}"}))
    site.deliver(
        github.push("a", message="Fix the greeting\n\n- It was cold.\u2028So\rit was.\r\n")
    )
    text = "Fix the greeting - It was cold. So it was."
    assert site.started(pipeline)[0].variables == {"TEXT": text}


def test_a_redelivery_starts_nothing_and_says_so(site, api):
    payload = github.push("services/api/main.go")
    site.deliver(payload, delivery="d-1")
    for delivery in ("d-1", "d-2"):
        (answer,) = site.deliver(payload, delivery=delivery)
        assert outcomes(answer) == {"api": "already-started"}
    assert len(site.started(api)) == 1
    assert len(site.aws.seen("codepipeline:StartPipelineExecution")) == 1


def test_another_push_of_the_same_commit_is_another_start(site, api):
    site.deliver(github.push("services/api/main.go"))
    site.deliver(github.push("services/api/main.go", ref="refs/heads/other"))
    assert len(site.started(api)) == 2


def test_a_redelivery_starts_what_a_new_rule_asks_for(site, api):
    payload = github.push("services/api/main.go")
    site.deliver(payload)
    later = site.pipeline("later")
    site.put_rule("later", target(later))
    (answer,) = site.deliver(payload)
    assert outcomes(answer) == {"api": "already-started", "later": "started"}
    assert len(site.started()) == 2


@pytest.mark.parametrize(
    ("ref", "properties", "outcome"),
    [
        ("refs/heads/main", {"Branches": ["main"]}, "started"),
        ("refs/heads/release/main", {"Branches": ["main"]}, "skipped"),
        ("refs/heads/release/main", {"Branches": ["release/*"]}, "started"),
        ("refs/heads/main", {"ExcludeBranches": ["ma*"]}, "skipped"),
        ("refs/tags/main", {"Branches": ["main"]}, "skipped"),
        ("refs/tags/v1", {}, "skipped"),
        ("refs/tags/v1", {"Events": ["tag"], "Tags": ["v*"]}, "started"),
        ("refs/tags/x1", {"Events": ["tag"], "Tags": ["v*"]}, "skipped"),
        ("refs/heads/v1", {"Events": ["tag"], "Tags": ["v*"]}, "skipped"),
        ("refs/heads/main", {"Actors": ["mo?a"]}, "started"),
        ("refs/heads/main", {"ExcludeActors": ["mona"]}, "skipped"),
        ("refs/heads/main", {"SkipMessages": ["greeting"]}, "skipped"),
        ("refs/heads/main", {"ExcludePaths": ["docs/**"]}, "skipped"),
        ("refs/heads/main", {"PathExpressions": ["docs/[a-z]+"]}, "started"),
        ("refs/heads/main", {"Repository": "Octo-Org/MONO-repo"}, "started"),
    ],
)
def test_a_rule_decides(site, ref, properties, outcome):
    pipeline = site.pipeline("p")
    site.put_rule("rule", target(pipeline), **properties)
    (answer,) = site.deliver(github.push("docs/a.md", ref=ref))
    assert outcomes(answer) == {"rule": outcome}
    assert len(site.started(pipeline)) == (outcome == "started")


@pytest.mark.parametrize(("unknown", "expected"), [("start", "started"), ("skip", "skipped")])
def test_a_forced_push_is_decided_by_when_paths_unknown(site, unknown, expected):
    pipeline = site.pipeline("p")
    site.put_rule("rule", target(pipeline), Paths=["other/**"], WhenPathsUnknown=unknown)
    (answer,) = site.deliver(github.push("docs/a.md", forced=True))
    assert decisions(answer)["rule"]["outcome"] == expected
    assert decisions(answer)["rule"]["clause"] == "WhenPathsUnknown"


@pytest.mark.parametrize(
    "properties",
    [
        {"Branchs": ["main"]},
        {"Paths": ["[z-a]"]},
        {"PathExpressions": ["("]},
        {"Events": ["pushed"]},
        {"Repository": "octo-org/other"},
        {"Target": {}},
        {"Target": {"CodePipeline": {"Name": "p", "Variables": {"V": "#{unknown}"}}}},
        {"Paths": "not a list"},
    ],
    ids=json.dumps,
)
def test_an_invalid_rule_is_reported_and_disturbs_no_other(site, api, properties):
    rule = {"Repository": "octo-org/mono-repo", "Target": target(api)} | properties
    key = "pointsman/rules/github/octo-org/mono-repo/broken.json"
    site.s3.put_object(Bucket=site.name, Key=key, Body=json.dumps(rule).encode())
    (answer,) = site.deliver(github.push("services/api/main.go"))
    assert outcomes(answer) == {"api": "started", "broken": "invalid"}
    assert len(site.started()) == 1


@pytest.mark.parametrize("text", [b"", b"{", b"null", b"\xff", b"[" * 100_000])
def test_an_object_that_is_no_rule_is_reported(site, api, text):
    key = "pointsman/rules/github/octo-org/mono-repo/broken.json"
    site.s3.put_object(Bucket=site.name, Key=key, Body=text)
    (answer,) = site.deliver(github.push("services/api/main.go"))
    assert outcomes(answer) == {"api": "started", "broken": "invalid"}


def test_rules_of_another_repository_are_not_even_read(site, api):
    site.put_rule("other", target(api), repository="octo-org/mono-repo-2")
    (answer,) = site.deliver(github.push("services/api/main.go"))
    assert outcomes(answer) == {"api": "started"}
    keys = [call.parameters["Key"] for call in site.aws.seen("s3:GetObject")]
    assert not any("mono-repo-2" in key for key in keys)


def test_rules_of_the_earlier_shape_work_unchanged(site):
    api, web, slash = (site.pipeline(name) for name in ("api", "web", "slash"))
    site.put_mono_repo_rule(api, "services/api/.*, lib/")
    site.put_mono_repo_rule(web, "services/web/")
    site.put_mono_repo_rule(slash, "", branch="main/2")
    (answer,) = site.deliver(github.push("lib/x.c"))
    assert len(site.started(api)) == 1
    assert site.started(web) == []
    assert site.started(slash) == []
    assert "started" in outcomes(answer).values()


def test_all_pages_of_the_listing_count(site):
    last = site.pipeline("last")
    site.put_many_rules(1100, {"Target": target(last), "Paths": ["never/**"]})
    site.put_rule("zz-last", target(last), Paths=["services/**"])
    (answer,) = site.deliver(github.push("services/api/main.go"))
    assert len(decisions(answer)) == 1101
    assert len(site.started(last)) == 1
    listings = site.aws.seen("s3:ListObjectsV2")
    assert sum("rules/" in call.parameters["Prefix"] for call in listings) == 2
    gets = [call.parameters["Key"] for call in site.aws.seen("s3:GetObject")]
    assert len({key for key in gets if "/rules/" in key}) == 1101


def test_a_warm_process_reads_only_rules_that_changed(site, api):
    site.put_rule("other", target(api), Paths=["other/**"])
    with site.evaluate() as evaluate:
        evaluate.invoke(github.push("services/api/main.go"))
        site.put_rule("other", target(api), Paths=["docs/**"])
        site.aws.calls.clear()
        answer = evaluate.invoke(github.push("docs/a.md"))
        gets = [call.parameters["Key"] for call in site.aws.seen("s3:GetObject")]
        rules = [key for key in gets if "/rules/" in key]
        assert rules == ["pointsman/rules/github/octo-org/mono-repo/other.json"]
        assert outcomes(answer) == {"api": "skipped", "other": "started"}
        site.s3.delete_object(
            Bucket=site.name, Key="pointsman/rules/github/octo-org/mono-repo/other.json"
        )
        assert outcomes(evaluate.invoke(github.push("docs/b.md"))) == {"api": "skipped"}


def test_evaluate_takes_a_raw_push_as_the_earlier_functions_did(site, api):
    with site.evaluate() as evaluate:
        answer = evaluate.invoke(github.push("services/api/main.go"))
        assert outcomes(answer) == {"api": "started"}
        again = evaluate.invoke(github.push("services/api/main.go"))
        assert outcomes(again) == {"api": "already-started"}
    assert len(site.started(api)) == 1


def test_a_change_that_went_by_s3_starts_its_pipeline(site, api):
    payload = github.push()
    commit = payload["commits"][0]
    payload["commits"] = [
        commit | {"modified": [f"docs/{'x' * 220}/{number}" for number in range(first, last)]}
        for first, last in ((0, 2500), (2500, 5000))
    ] + [commit | {"modified": ["services/api/main.go"]}]
    (answer,) = site.deliver(payload)
    assert site.keys("changes")
    assert outcomes(answer) == {"api": "started"}


def test_a_role_of_another_account_is_assumed_once(site):
    role = "arn:aws:iam::210987654321:role/deployer"
    pipeline = site.pipeline("there", credentials=keys_of(role))
    for name in ("one", "two"):
        site.put_rule(name, target(pipeline, RoleArn=role))
    (answer,) = site.deliver(github.push("a"))
    assert outcomes(answer) == {"one": "started", "two": "started"}
    assert {each.caller.account for each in site.started(pipeline)} == {"210987654321"}
    assert len(site.aws.seen("sts:AssumeRole")) == 1


def test_a_pipeline_of_another_region_is_started_there(bootstrap):
    with LocalAWS(regions={REGION, "us-west-2"}) as aws:
        site = Site(aws, bootstrap)
        pipeline = site.pipeline("there", region="us-west-2")
        site.put_rule("rule", target(pipeline, Region="us-west-2"))
        site.deliver(github.push("a"))
        assert [each.caller.region for each in site.started(pipeline)] == ["us-west-2"]
        assert not aws.calls.refused()


def test_what_is_refused_is_failed_and_not_tried_again_until_a_redelivery(site, api):
    site.put_rule("missing", target(f"{site.name}-missing"))
    payload = github.push("services/api/main.go")
    (answer,) = site.deliver(payload)
    assert outcomes(answer) == {"api": "started", "missing": "failed"}
    assert "PipelineNotFoundException" in json.dumps(decisions(answer)["missing"])
    assert len(site.aws.seen("codepipeline:StartPipelineExecution")) == 2
    site.pipeline("missing")
    (answer,) = site.deliver(payload)
    assert outcomes(answer) == {"api": "already-started", "missing": "started"}


@pytest.mark.parametrize("call", ["s3:PutObject", "codepipeline:StartPipelineExecution"])
def test_a_conflict_is_tried_again(site, api, call):
    site.aws.faults.plan(1, Fault.CONFLICT, times=2, only=call)
    (answer,) = site.deliver(github.push("services/api/main.go"))
    assert outcomes(answer) == {"api": "started"}
    assert len(site.started(api)) == 1


def test_a_role_that_may_not_be_assumed_fails_its_rule_alone(site, api):
    site.put_rule("role", target(api, RoleArn="arn:aws:iam::210987654321:role/none"))
    site.aws.faults.plan(1, Fault.DENIED, only="sts:AssumeRole")
    (answer,) = site.deliver(github.push("services/api/main.go"))
    assert outcomes(answer) == {"api": "started", "role": "failed"}
    assert "AccessDenied" in decisions(answer)["role"]["answer"]


def test_duplicates_at_the_same_time_start_once(site, api):
    event = github.push("services/api/main.go")
    with site.evaluate() as one, site.evaluate() as two, ThreadPoolExecutor(2) as pool:
        site.aws.latency = 0.05
        list(pool.map(lambda function: function.invoke(event, seconds=15), (one, two)))
    assert len(site.started(api)) == 1


@pytest.mark.parametrize("done", [False, True], ids=["before the start", "after the start"])
def test_a_run_that_died_is_taken_over_after_its_lease(site, api, done):
    # Lambda's retry has the payload of the run that died, and with it the time of receipt.
    (event,) = site.send(github.push("services/api/main.go"))
    fault = Fault.ANSWER_LOST if done else Fault.TIMED_OUT
    site.aws.faults.plan(1, fault, times=99, only="codepipeline:StartPipelineExecution")
    dead = site.evaluate()
    with ThreadPoolExecutor(1) as pool, dead as function:
        pool.submit(lambda: function.invoke(event, seconds=8))
        site.aws.wait_for_call("codepipeline:StartPipelineExecution")
        function.kill()
    site.aws.faults.clear()
    with site.evaluate() as retry:
        early = retry.invoke(event, seconds=6)
        assert early.failed, "a retry inside the lease must not claim success"
        assert len(site.started(api)) == done
        time.sleep(8)  # the lease ends with the deadline of the run that died
        assert outcomes(retry.invoke(event)) == {"api": "started"}
    assert len(site.started(api)) == 1

"""CodeCommit as a source: from its events to pipelines that start on the right commit."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

import codecommit
from certificates import Authority
from clusters import Cluster, KubernetesServer, OpenShift
from local_aws import Fault, LocalAWS
from site_under_test import Site

REPOSITORY = "my-repo"
MAIN = "refs/heads/main"


class Repo:
    """A repository, its rules and what becomes of pushes to it."""

    def __init__(self, site: Site):
        self.site = site
        self.git = site.aws.codecommit.create(REPOSITORY)
        self.pipelines = {name: site.pipeline(name) for name in ("api", "web")}
        for name, pipeline in self.pipelines.items():
            self.rule(name, pipeline, Paths=[f"{name}/**"])
        self.root = self.git.commit({"api/a": "1", "web/a": "1", "README": "1"})
        self.git.push(self.root)

    def rule(self, name: str, pipeline: str, **properties) -> str:
        target = {"CodePipeline": {"Name": pipeline, "SourceAction": "Source"}}
        return self.site.put_rule(
            name, target, "codecommit", REPOSITORY, Source="codecommit", **properties
        )

    def hand_over(self, event: dict) -> list[bytes]:
        before = len(self.site.handed_over())
        with self.site.webhook() as webhook:
            answer = webhook.invoke(event)
        assert not answer.failed, answer
        return self.site.handed_over()[before:]

    def deliver(self, event: dict) -> list[dict]:
        payloads = self.hand_over(event)
        with self.site.evaluate() as evaluate:
            answers = [evaluate.invoke(payload) for payload in payloads]
        assert not any(answer.failed for answer in answers), answers
        return [answer.json for answer in answers]

    def push(self, commit: str, second: int) -> dict:
        (record,) = self.deliver(codecommit.trigger(REPOSITORY, (MAIN, commit), second=second))
        return record

    def started(self) -> list[tuple[str, str]]:
        names = {pipeline: name for name, pipeline in self.pipelines.items()}
        return [(names[each.pipeline], each.revision) for each in self.site.started()]

    def remembered(self, ref: str = MAIN) -> list[tuple[str, bool]]:
        stored = self.site.object(f"pointsman/commits/codecommit/{REPOSITORY}/{ref}.json")
        return [(each["commit"], each["done"]) for each in stored["commits"]]


@pytest.fixture
def repo(site) -> Repo:
    return Repo(site)


def outcomes(record: dict) -> dict[str, str]:
    return {
        each["rule"].rsplit("/", 1)[-1].removesuffix(".json"): each["outcome"]
        for each in record["rules"]
    }


def test_a_trigger_starts_what_the_push_has_changed_since_the_last(repo):
    repo.push(repo.root, 1)
    assert sorted(repo.started()) == [("api", repo.root), ("web", repo.root)]
    first = repo.git.commit({"api/a": "2"}, repo.root)
    second = repo.git.commit({"docs/a": "1"}, first)
    repo.git.push(second)
    record = repo.push(second, 2)
    assert outcomes(record) == {"api": "started", "web": "skipped"}
    assert record["change"]["pathCount"] == 2
    assert record["change"]["comparedWith"] == f"{repo.root}, the last commit evaluated"
    assert repo.started()[2:] == [("api", second)]
    assert repo.remembered() == [(repo.root, True), (second, True)]


def test_a_renamed_file_has_both_paths_and_all_pages_are_read(repo):
    repo.site.aws.codecommit.page_size = 2
    repo.push(repo.root, 1)
    many = {f"docs/{number}": f"{number}" for number in range(7)}
    moved = repo.git.commit(many | {"api/a": None, "lib/a": "1"}, repo.root)
    repo.git.push(moved)
    repo.site.aws.calls.clear()
    record = repo.push(moved, 2)
    assert outcomes(record)["api"] == "started"
    assert record["change"]["pathCount"] == 9
    tokens = [
        call.parameters.get("NextToken") for call in repo.site.aws.seen("codecommit:GetDifferences")
    ]
    assert tokens == [None, "from-2", "from-4", "from-6"]


@pytest.fixture
def ending(request, repo, tmp_path):
    """A rule beside the others that every push ends in that way, and starts nothing."""
    authority = Authority(tmp_path, "authority")
    bundle = authority.bundle.read_text()

    def secret(name: str, text: str) -> str:
        name = f"{repo.site.name}-{name}"
        return repo.site.secrets.create_secret(Name=name, SecretString=text)["ARN"]

    with ExitStack() as servers:
        if request.param == "skipped":
            # Its BuildConfig builds another branch.
            openshift = servers.enter_context(OpenShift(authority.context(), ref="release"))
            url = secret("hook", openshift.url())
            target = {"OpenShiftBuild": {"UrlSecretArn": url, "CABundle": bundle}}
        elif request.param == "unchanged":
            server = KubernetesServer(authority.context(), lambda token: token == "t")
            server = servers.enter_context(server)
            cluster = servers.enter_context(Cluster(server.url, "t", authority.bundle, "shop"))
            cluster.deploy(app="octo/app:1")
            deployment = {
                "Server": server.url,
                "TokenSecretArn": secret("token", cluster.secret("t")),
                "CABundle": bundle,
                "Namespace": "shop",
                "Deployment": "web",
                "Container": "app",
                "Image": "octo/app:1",
            }
            target = {"KubernetesDeployment": deployment}
        else:
            target = {"CodePipeline": {"Name": f"{repo.site.name}-gone"}}
        source = {"source": "codecommit", "repository": REPOSITORY, "Source": "codecommit"}
        repo.site.put_rule("ending", target, **source)
        yield request.param


@pytest.mark.parametrize("ending", ["skipped", "unchanged", "failed"], indirect=True)
def test_a_push_that_starts_nothing_is_the_last_commit_all_the_same(repo, ending):
    repo.push(repo.root, 1)
    docs = repo.git.commit({"docs/a": "1"}, repo.root)
    repo.git.push(docs)
    record = repo.push(docs, 2)
    assert outcomes(record) == {"api": "skipped", "ending": ending, "web": "skipped"}
    assert repo.remembered() == [(repo.root, True), (docs, True)]
    api = repo.git.commit({"api/a": "2"}, docs)
    repo.git.push(api)
    record = repo.push(api, 3)
    assert record["change"]["comparedWith"] == f"{docs}, the last commit evaluated"
    assert record["change"]["pathCount"] == 1
    assert outcomes(record)["api"] == "started"


def test_several_references_are_several_changes(repo):
    api = repo.git.commit({"api/a": "2"}, repo.root)
    web = repo.git.commit({"web/a": "2"}, repo.root)
    repo.rule("tags", repo.pipelines["api"], Events=["tag"], Tags=["v*"])
    repo.git.push(api)
    repo.git.push(web, "refs/heads/release/1.x")
    event = codecommit.trigger(
        REPOSITORY,
        (MAIN, api),
        ("refs/heads/release/1.x", web),
        ("refs/tags/v1", web),
        customData='{"Records": "]"}',
    )
    records = repo.deliver(event)
    assert sorted(repo.started()) == sorted([("api", api), ("web", web), ("api", web)])
    assert len({record["change"]["delivery"] for record in records}) == 3
    assert len(repo.site.keys("decisions")) == 3
    assert repo.remembered("refs/heads/release/1.x") == [(web, True)]


def test_eventbridge_tells_the_commit_before(repo):
    api = repo.git.commit({"api/a": "2"}, repo.root)
    repo.git.push(api)
    (record,) = repo.deliver(
        codecommit.state_change(
            REPOSITORY,
            "Repository",
            event="referenceUpdated",
            referenceFullName=MAIN,
            commitId=api,
            oldCommitId=repo.root,
        )
    )
    assert outcomes(record) == {"api": "started", "web": "skipped"}
    assert repo.started() == [("api", api)]
    assert repo.site.aws.seen("codecommit:GetCommit") == []


def test_a_pull_request_is_compared_with_its_base(repo):
    web = repo.git.commit({"web/a": "2"}, repo.root)
    repo.git.push(web, "refs/heads/topic")
    repo.rule("web", repo.pipelines["web"], Events=["pull_request"], Paths=["web/**"])
    (record,) = repo.deliver(
        codecommit.state_change(
            REPOSITORY,
            "Pull Request",
            event="pullRequestCreated",
            pullRequestId="7",
            sourceReference="refs/heads/topic",
            destinationReference=MAIN,
            sourceCommit=web,
            destinationCommit=repo.root,
        )
    )
    assert outcomes(record) == {"api": "skipped", "web": "started"}
    assert repo.started() == [("web", web)]


def test_a_base_that_a_forced_push_removed_leaves_the_paths_unknown(repo):
    repo.rule("web", repo.pipelines["web"], Paths=["web/**"], WhenPathsUnknown="skip")
    lost = repo.git.commit({"docs/a": "1"}, repo.root)
    repo.git.push(lost)
    repo.push(lost, 1)
    forced = repo.git.commit({"docs/b": "1"}, repo.root)
    repo.git.push(forced)
    repo.git.prune()
    record = repo.push(forced, 2)
    assert "CommitDoesNotExistException" in record["change"]["pathsIncomplete"]
    assert outcomes(record) == {"api": "started", "web": "skipped"}
    assert {each["clause"] for each in record["rules"]} == {"WhenPathsUnknown"}
    # From here on there is a base again.
    after = repo.git.commit({"docs/c": "1"}, forced)
    repo.git.push(after)
    assert outcomes(repo.push(after, 3)) == {"api": "skipped", "web": "skipped"}


@pytest.mark.parametrize("is_empty", [False, True])
def test_the_test_of_a_trigger_is_a_self_check_and_starts_nothing(repo, is_empty):
    repo.rule("all", repo.pipelines["api"])
    repo.rule("bad", repo.pipelines["api"], Path=["x"])
    commit = "0" * 40 if is_empty else repo.root
    event = codecommit.trigger(REPOSITORY, (MAIN, commit), name="TriggerEventTest")
    (check,) = repo.deliver(event)
    prospects = {each["rule"].rsplit("/", 1)[-1]: each["prospect"] for each in check["rules"]}
    assert prospects == {
        "all.json": "starts",
        "api.json": "depends-on-paths",
        "bad.json": "invalid",
        "web.json": "depends-on-paths",
    }
    assert check["findings"][0] == "of 4 rules 1 cannot be used"
    assert ("no commit yet" in json.dumps(check["findings"])) == is_empty
    (key,) = repo.site.keys("decisions")
    assert repo.site.object(key) == check
    assert repo.started() == []
    assert repo.site.keys("ledger") == repo.site.keys("commits") == []


def test_two_runs_at_once_lose_nothing(repo):
    repo.push(repo.root, 1)
    older = repo.git.commit({"api/a": "2"}, repo.root)
    newer = repo.git.commit({"api/a": "1", "web/a": "2"}, older)
    last = repo.git.commit({"docs/a": "1"}, newer)
    repo.git.push(last)
    payloads = [
        payload
        for second, commit in ((2, older), (3, newer))
        for payload in repo.hand_over(codecommit.trigger(REPOSITORY, (MAIN, commit), second=second))
    ]
    with (
        repo.site.evaluate() as one,
        repo.site.evaluate() as two,
        ThreadPoolExecutor(2) as pool,
    ):
        for future in [pool.submit(one.invoke, payloads[0]), pool.submit(two.invoke, payloads[1])]:
            assert not future.result().failed, future.result()
    assert [commit for commit, _ in repo.remembered()] == [repo.root, older, newer]
    repo.push(last, 4)
    started = repo.started()
    # If the newer push is done first, the older one is held back: it has what that has.
    assert ("api", older) in started or ("api", newer) in started
    assert ("web", newer) in started
    # What the newer push takes back of the older is built, by itself or by the next.
    assert ("api", newer) in started or ("api", last) in started
    assert len(started) == len(set(started))


# Seconds that an invocation has which is to fail; the lease of its claims ends with it.
GIVEN = 6
FAULTS = [Fault.RESET, Fault.ERROR_500, Fault.THROTTLED, Fault.ANSWER_LOST]


def fail(bootstrap, number: int, fault: Fault, times: int) -> int:
    """Fails calls of `evaluate`, then invokes it until it succeeds; how many calls there were."""
    with LocalAWS() as aws:
        repo = Repo(Site(aws, bootstrap))
        repo.push(repo.root, 1)
        commit = repo.git.commit({"api/a": "2"}, repo.root)
        repo.git.push(commit)
        (payload,) = repo.hand_over(codecommit.trigger(REPOSITORY, (MAIN, commit), second=2))
        aws.calls.clear()
        aws.faults.plan(number, fault, times=times)
        with repo.site.evaluate() as evaluate:
            for attempt in range(3):
                began = time.monotonic()
                answer = evaluate.invoke(payload, seconds=60 if times == 1 else GIVEN)
                aws.faults.clear()
                if not answer.failed:
                    break
                # The first retry comes at once: it may find the lease of the run that failed.
                if attempt == 1:
                    time.sleep(max(0, began + GIVEN + 0.1 - time.monotonic()))
                assert repo.remembered()[-1] != (commit, True) or fault is Fault.ANSWER_LOST
        assert not answer.failed, answer
        assert repo.started()[2:] == [("api", commit)]
        assert repo.remembered() == [(repo.root, True), (commit, True)]
        assert outcomes(answer.json)["api"] in ("started", "already-started")
        assert answer.json["change"]["pathCount"] == 1
        assert not aws.calls.refused(), aws.calls.refused()
        return len(aws.seen())


@pytest.mark.release_only("CodeCommitPathsTests.swift fails the same calls of the debug build")
@pytest.mark.parametrize("times", [1, 10_000])
@pytest.mark.parametrize("fault", FAULTS)
def test_whichever_call_fails_nothing_is_lost_and_nothing_is_done_twice(bootstrap, fault, times):
    calls = fail(bootstrap, 10_000, fault, 1)
    with ThreadPoolExecutor(6) as pool:
        cases = {
            number: pool.submit(fail, bootstrap, number, fault, times)
            for number in range(1, calls + 1)
        }
    failures = [f"call {n} of {calls}: {e}" for n, case in cases.items() if (e := case.exception())]
    assert not failures, "\n".join(failures)


TAG = "refs/tags/v1.0"


def tag_events(commit: str) -> list[dict]:
    """What the trigger and EventBridge tell of a tag."""
    detail = {"event": "referenceCreated", "referenceType": "tag", "referenceFullName": TAG}
    return [
        codecommit.trigger(REPOSITORY, (TAG, commit)),
        codecommit.state_change(REPOSITORY, "Repository", commitId=commit, **detail),
    ]


@pytest.mark.parametrize("way", [0, 1])
def test_an_annotated_tag_starts_on_its_commit(repo, way):
    repo.rule("api", repo.pipelines["api"], Events=["tag"])
    tag_object = repo.git.tag("v1.0", repo.root)
    assert tag_object != repo.root
    (record,) = repo.deliver(tag_events(tag_object)[way])
    assert repo.started() == [("api", repo.root)]
    assert record["change"]["after"] == repo.root
    assert record["change"]["tagObject"] == tag_object
    (answer,) = repo.deliver(tag_events(repo.root)[way])
    assert "tagObject" not in answer["change"]
    assert len(repo.site.aws.seen("codecommit:GetFolder")) == 1


def test_a_tag_of_a_tree_starts_nothing_and_says_so(repo):
    repo.rule("api", repo.pipelines["api"], Events=["tag"])
    tree = repo.git.tree(repo.root)
    repo.git.push(tree, TAG)
    (record,) = repo.deliver(tag_events(tree)[0])
    rules = {each["rule"].rsplit("/")[-1]: each for each in record["rules"]}
    assert rules["api.json"]["outcome"] == "skipped"
    assert rules["api.json"]["reason"] == (
        f"the tag points to something that is not a commit ({tree}): nothing can run on it"
    )
    assert repo.started() == []

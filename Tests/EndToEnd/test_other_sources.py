"""Gitea, Forgejo, GitLab and ECR as sources: what each sends, by the whole way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

import github
from certificates import Authority
from gitea_api import GiteaAPI
from gitlab_api import GitLabAPI, MergeRequest
from provider_api import Fault
from site_under_test import SECRET, Site

EVENTS = Path(__file__).parents[2] / "events"
TOKEN = "a-token-of-the-api-4af1"  # noqa: S105 - made up
SIGNING = "whsec_" + base64.b64encode(SECRET.encode()).decode()
ROOT, BEFORE, AFTER, FORCED = "0" * 39 + "1", "a" * 40, "b" * 40, "c" * 40

UPDATED_WITH_LABELS = "gitlab-merge-request-updated-with-labels"
FIRST_OF_ITS_HEAD = {
    "gitea-pull-request-end-of-draft-in-brackets",
    "gitlab-merge-request-end-of-draft",
}
PROVIDERS = {
    "gitea": {"repository": "acme/monorepo", "kinds": ["push", "tag", "pull_request"]},
    "gitlab": {"repository": "acme/platform/storefront", "kinds": ["push", "tag", "pull_request"]},
    "ecr": {"repository": "api", "kinds": ["image"]},
}


def test_every_event_of_each_source_starts_what_it_should(site: Site):
    """A rule for each source that wants all of its events, and every file of `events/`."""
    pipelines = {}
    for source, provider in PROVIDERS.items():
        pipelines[source] = site.pipeline(source, variables=[{"name": "REF"}])
        site.put_rule(
            "all",
            {"CodePipeline": {"Name": pipelines[source], "SourceAction": "Source"}},
            source,
            provider["repository"],
            Source=source,
            Events=provider["kinds"],
            Order="every",
            Forks="allow",
        )
    came = {}
    bodies = set()
    with (
        site.webhook(GITEA_SECRET=SECRET, GITLAB_SECRET=SECRET, MAX_EVENT_AGE_DAYS="0") as webhook,
        site.evaluate() as evaluate,
    ):
        for file in sorted(EVENTS.glob("*.json")):
            source = file.stem.split("-")[0].replace("forgejo", "gitea")
            if source not in PROVIDERS:
                continue
            event = json.loads(file.read_text())
            before = len(site.started(pipelines[source])), len(site.handed_over())
            if source == "ecr":
                answer = webhook.invoke(json.dumps(event).encode())
                status = 202 if answer.json["outcome"] == "accepted" else 200
            else:
                # Signatures have a time: the other tests sign anew.
                headers = event["headers"]
                if "webhook-signature" in headers:
                    continue
                request = github.http_event(event["body"].encode(), headers, event["path"])
                status = webhook.invoke(request).json["statusCode"]
            for payload in site.handed_over()[before[1] :]:
                answer = evaluate.invoke(payload)
                assert not answer.failed, (file.name, answer)
            # Forgejo's push is Gitea's, with other headers: it starts nothing again.
            is_known = event.get("body") in bodies
            if status == 202:
                bodies.add(event.get("body", file.name))
            came[file.stem] = status, is_known, len(site.started(pipelines[source])) - before[0]
    ends = ("closed", "merged", "base-changed")
    for name, (status, is_known, starts) in came.items():
        if "end-of-draft" in name or "label" in name and name != UPDATED_WITH_LABELS:
            # They start a head once, and labels only what has Labels.
            assert starts == (1 if name in FIRST_OF_ITS_HEAD else 0), name
            continue
        # A pull request that ends, or has another base, starts no pipeline that is not its own.
        is_nothing = is_known or name.endswith(ends) or name == "ecr-push-nested-repository"
        assert starts == (1 if status == 202 and not is_nothing else 0), name

    def answered(status: int) -> list[str]:
        return sorted(name for name, (answer, *_) in came.items() if answer == status)

    assert answered(401) == ["gitea-push-forged", "gitea-push-without-secret", "gitlab-push-forged"]
    assert answered(400) == ["gitea-push-to-github"]
    assert sum(starts for *_, starts in came.values()) >= 25


# What the APIs are asked.


class Provider:
    """A site with rules about one provider's changes, and its API. Use as a context manager."""

    def __init__(self, site: Site, folder: Path, source: str):
        self.site, self.source = site, source
        authority = Authority(folder, "provider")
        self.name = "octo-org/mono-repo" if source == "gitea" else "octo-org/team/mono-repo"
        kind = GiteaAPI if source == "gitea" else GitLabAPI
        self.api: Any = kind(self.name, TOKEN, authority.context())
        self.api.set(ROOT, None, {"README.md": "1", "services/api/a": "1", "services/web/a": "1"})
        self.api.set(BEFORE, ROOT, {"services/web/a": "2"})
        self.api.set(AFTER, BEFORE, {"docs/a": "1"})
        # A forced push takes away what BEFORE has done.
        self.api.set(FORCED, ROOT, {"docs/b": "1"})
        upper = source.upper()
        token = site.secrets.create_secret(Name=f"{site.name}-token", SecretString=f"{TOKEN}\n")
        self.environment = {
            f"{upper}_TOKEN_ARN": token["ARN"],
            f"{upper}_API_URL": self.api.url,
            "AWS_CA_BUNDLE": str(authority.bundle),
            "REPORT_FUNCTION_ARN": site.report_function,
        }
        self.secret = {f"{upper}_SECRET": SECRET if source == "gitea" else SIGNING}
        self.pipelines = {}
        for service, unknown in {"api": "start", "web": "skip"}.items():
            self.pipelines[service] = site.pipeline(service)
            site.put_rule(
                service,
                {"CodePipeline": {"Name": self.pipelines[service]}},
                source,
                self.name,
                Source=source,
                Events=["push", "pull_request"],
                Paths=[f"services/{service}/**"],
                WhenPathsUnknown=unknown,
                Status=f"ci/{service}",
            )

    def __enter__(self) -> Provider:
        self.api.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.api.__exit__(*error)

    def request(self, payload: dict, event: str) -> dict:
        """What API Gateway passes on of a delivery that is signed now."""
        body = json.dumps(payload).encode()
        delivery = str(uuid.uuid4())
        headers = {"Content-Type": "application/json"}
        if self.source == "gitea":
            code = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            headers |= {
                "X-Gitea-Event": event,
                "X-Gitea-Delivery": delivery,
                "X-Gitea-Signature": code,
            }
        else:
            moment = str(int(time.time()))
            signed = f"{delivery}.{moment}.".encode() + body
            code = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
            headers |= {
                "X-Gitlab-Event": event,
                "webhook-id": delivery,
                "webhook-timestamp": moment,
                "webhook-signature": f"v1,{base64.b64encode(code).decode()}",
            }
        return github.http_event(body, headers, f"/{self.source}")

    def push(self, before: str, after: str, *paths: str) -> dict:
        """A push of one commit, which lists these paths."""
        commit = {"id": after, "message": "Mend", "added": [], "removed": []}
        commit |= {"modified": list(paths)}
        payload = {"ref": "refs/heads/main", "before": before, "after": after, "commits": [commit]}
        if self.source == "gitea":
            repository = {"id": 7, "full_name": self.name}
            payload |= {"total_commits": 1, "head_commit": commit, "repository": repository}
            payload |= {"sender": {"login": "mona"}}
            return self.request(payload, "push")
        project = {"id": 15, "path_with_namespace": self.name}
        payload |= {"object_kind": "push", "total_commits_count": 1, "checkout_sha": after}
        payload |= {"project": project, "user_username": "mona"}
        return self.request(payload, "Push Hook")

    def pull_request(self, base: str, head: str) -> dict:
        if self.source == "gitea":
            self.api.pull_requests[7] = (base, head)
            repository = {"id": 7, "full_name": self.name}
            sides = {
                name: {"ref": name, "sha": sha, "repo": repository}
                for name, sha in {"base": base, "head": head}.items()
            }
            return self.request(
                {
                    "action": "opened",
                    "number": 7,
                    "pull_request": {"title": "Mend", "draft": False} | sides,
                    "repository": repository,
                    "sender": {"login": "mona"},
                },
                "pull_request",
            )
        self.api.merge_requests[7] = MergeRequest(base, head)
        return self.request(
            {
                "object_kind": "merge_request",
                "user": {"username": "mona"},
                "project": {"id": 15, "path_with_namespace": self.name},
                "object_attributes": {
                    "iid": 7, "action": "open", "source_branch": "head", "target_branch": "base",
                    "source_project_id": 15, "target_project_id": 15,
                    "last_commit": {"id": head},
                },
            },
            "Merge Request Hook",
        )  # fmt: skip

    def decide(self, request: dict) -> tuple[dict[str, str], dict]:
        """What became of the two rules, and the record; then `report` is told of it."""
        with self.site.webhook(**self.secret) as webhook:
            before = len(self.site.handed_over())
            answer = webhook.invoke(request)
            assert answer.json["statusCode"] == 202, answer
            (payload,) = self.site.handed_over()[before:]
        with self.site.evaluate(**self.environment) as evaluate:
            answer = evaluate.invoke(payload, seconds=60)
            assert not answer.failed, answer
            assert TOKEN not in evaluate.log and TOKEN not in json.dumps(answer.json)
        outcomes = {
            rule["rule"].rsplit("/", 1)[-1].removesuffix(".json"): rule["outcome"]
            for rule in answer.json["rules"]
        }
        return outcomes, answer.json["change"]

    def report(self, events: list[Any] | None = None) -> None:
        with self.site.report(**self.environment) as report:
            for event in events if events is not None else self.site.to_report():
                answer = report.invoke(event)
                assert not answer.failed, answer
            assert TOKEN not in report.log


@pytest.fixture(params=["gitea", "gitlab"])
def provider(request, site: Site, tmp_path: Path):
    with Provider(site, tmp_path, request.param) as provider:
        yield provider
        assert provider.api.violations == []


NONE = {"api": "skipped", "web": "skipped"}
ONLY_WEB = {"api": "skipped", "web": "started"}
UNKNOWN = {"api": "started", "web": "skipped"}


def test_what_a_forced_push_took_away_counts(provider):
    """Its event has one commit, lists it, and does not say that it was forced."""
    outcomes, change = provider.decide(provider.push(BEFORE, FORCED, "docs/b"))
    assert outcomes == ONLY_WEB
    assert "pathsIncomplete" not in change


def test_a_push_that_was_not_forced_starts_nothing_else(provider):
    assert provider.decide(provider.push(BEFORE, AFTER, "docs/a"))[0] == NONE


def test_nobody_is_asked_where_every_rule_starts(provider):
    request = provider.push(BEFORE, AFTER, "services/api/x", "services/web/x")
    assert provider.decide(request)[0] == {"api": "started", "web": "started"}
    assert provider.api.requests == []


def test_a_pull_requests_files_are_asked_for(provider):
    outcomes, change = provider.decide(provider.pull_request(ROOT, BEFORE))
    assert outcomes == ONLY_WEB
    assert "pathsIncomplete" not in change


@pytest.mark.parametrize("fault", [
    Fault.RESET, Fault.ERROR_500, Fault.ERROR_503, Fault.NOT_JSON, Fault.UNAUTHORIZED,
    Fault.FORBIDDEN, Fault.NOT_FOUND, Fault.USED_UP_FOR_LONG,
])  # fmt: skip
def test_an_api_that_fails_leaves_the_paths_unknown_and_fails_nothing(provider, fault):
    provider.api.faults.plan(1, fault, times=1_000)
    outcomes, change = provider.decide(provider.pull_request(ROOT, BEFORE))
    assert outcomes == UNKNOWN
    title = "Gitea" if provider.source == "gitea" else "GitLab"
    assert f", and {title} could not be asked for them: " in change["pathsIncomplete"]


def states(provider, sha: str) -> dict[str, str]:
    return {name: status.state for name, status in provider.api.statuses.of(sha).items()}


def test_a_status_says_what_became_of_a_pull_request(provider):
    """One rule is started and succeeds, the other is skipped by its paths."""
    assert provider.decide(provider.pull_request(ROOT, BEFORE))[0] == ONLY_WEB
    provider.report()
    assert states(provider, BEFORE) == {"ci/api": "success", "ci/web": "pending"}
    site = provider.site
    (execution,) = site.started(provider.pipelines["web"])
    site.aws.state_changes.take()
    site.aws.codepipeline.change(execution, "SUCCEEDED")
    provider.report(site.aws.state_changes.take() * 2)
    assert states(provider, BEFORE) == {"ci/api": "success", "ci/web": "success"}


def test_a_status_says_that_a_run_has_failed(provider):
    provider.decide(provider.push(ROOT, BEFORE, "services/web/a"))
    provider.report()
    site = provider.site
    (execution,) = site.started(provider.pipelines["web"])
    site.aws.state_changes.take()
    site.aws.codepipeline.change(execution, "FAILED")
    provider.report(site.aws.state_changes.take())
    failed = "failure" if provider.source == "gitea" else "failed"
    assert states(provider, BEFORE)["ci/web"] == failed

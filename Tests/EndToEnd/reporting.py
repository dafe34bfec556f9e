"""A site whose statuses are reported: all functions that a pull request meets, and GitHub's API."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import github
from certificates import Authority
from github_api import App, GitHubAPI
from local_aws.lambda_function import Answer
from site_under_test import REPOSITORY, SECRET, Site

TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"  # noqa: S105 - GitHub's own example
ROOT = "0" * 39 + "1"


class Reporting:
    """Use as a context manager. The functions stay warm."""

    def __init__(self, site: Site, folder: Path, app: bool = False):
        self.site = site
        self._cleanup = ExitStack()
        authority = Authority(folder, "github")
        self.api = self._cleanup.enter_context(GitHubAPI(REPOSITORY, TOKEN, authority.context()))
        self.app: App | None = None
        secret = f"{TOKEN}\n"
        if app:
            self.app = self.api.add_app(
                12345,
                statuses="write",
                contents="read",
                pull_requests="read",
                repository_hooks="write",
            )
            self.app.install("octo-org", "mono-repo")
            secret = self.app.secret()
        self.secret = site.secrets.create_secret(Name=f"{site.name}-github", SecretString=secret)
        self.environment = {
            "GITHUB_TOKEN_ARN": self.secret["ARN"],
            "GITHUB_API_URL": self.api.url,
            "AWS_CA_BUNDLE": str(authority.bundle),
        }
        self.webhook = self._cleanup.enter_context(site.webhook(MAX_EVENT_AGE_DAYS="0"))
        self.evaluate = self._cleanup.enter_context(
            site.evaluate(**self.environment, REPORT_FUNCTION_ARN=site.report_function)
        )
        self.report = self._cleanup.enter_context(site.report(**self.environment))
        self._reported = 0

    def __enter__(self) -> Reporting:
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def commit(self, sha: str, parent: str | None, *paths: str) -> str:
        """Makes a commit known that changes these paths."""
        self.api.set(sha, parent, {path: f"{sha[:7]} {path}" for path in paths})
        return sha

    def pull_request(self, number: int, base: str, head: str) -> None:
        """Makes a pull request's files known, or its new head."""
        self.api.pull_requests[number] = (base, head)

    def decide(
        self, payload: dict[str, Any], delivery: str | None = None, event: str = "pull_request"
    ) -> dict[str, Any]:
        """Delivers an event; what `evaluate` decided, before anything is reported."""
        body = github.encode(payload)
        fields = github.headers(body, SECRET, event=event, delivery=delivery)
        before = len(self.site.handed_over())
        answer = self.webhook.invoke(github.http_event(body, fields))
        assert answer.json["statusCode"] == 202, answer
        (handed_over,) = self.site.handed_over()[before:]
        answer = self.evaluate.invoke(handed_over)
        assert not answer.failed, answer
        return answer.json

    def asked(self) -> list[dict[str, Any]]:
        """What `evaluate` has invoked `report` with since this was asked last."""
        payloads = self.site.to_report()[self._reported :]
        self._reported += len(payloads)
        return [json.loads(payload) for payload in payloads]

    def tell(self, event: Any, seconds: float = 60) -> Answer:
        """Invokes `report` with what `evaluate` or EventBridge gives it."""
        return self.report.invoke(event, seconds)

    def tell_all(self, events: list[Any] | None = None) -> list[Answer]:
        """The same with all of `events`, or of what `evaluate` asks for and what has happened."""
        if events is None:
            events = self.asked() + self.site.aws.state_changes.take()
        answers = [self.tell(event) for event in events]
        assert not any(answer.failed for answer in answers), answers
        return answers

    def states(self, sha: str) -> dict[str, str]:
        """The state of each context of a commit, as its page shows them."""
        return {name: status.state for name, status in self.api.statuses.of(sha).items()}

    def descriptions(self, sha: str) -> dict[str, str]:
        return {
            name: status.description or "" for name, status in self.api.statuses.of(sha).items()
        }

"""Gitea's endpoints, and who may ask them."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import provider_api
from local_aws.http_server import Request, Response
from provider_api import Fault, ProviderAPI, Violation, answer, body_of, not_json, query_of

from . import access, statuses
from .access import Access, Token
from .answers import NOT_FOUND, Refused, internal, not_found, refusal_of
from .repository import MOST_ITEMS, Repository

OWNER, NAME = r"(?P<owner>[\w.-]+)", r"(?P<name>[\w.-]+)"
OF_REPOSITORY = rf"repos/{OWNER}/{NAME}"
COMMIT = r"[0-9a-f]{40}|[0-9a-f]{64}"


@dataclass(frozen=True)
class Endpoint(provider_api.Endpoint):
    """One operation of the API, by its name in Gitea's description of it."""

    level: str = access.READ
    """The scope of a token, and its user's access, that it takes."""


ENDPOINTS = [
    Endpoint(
        "repoCompareDiff",
        "GET",
        rf"{OF_REPOSITORY}/compare/(?P<range>[^/]+)",
        frozenset({"verification", "files"}),
    ),
    Endpoint("repoGetPullRequest", "GET", rf"{OF_REPOSITORY}/pulls/(?P<number>\d+)"),
    Endpoint(
        "repoGetPullRequestFiles",
        "GET",
        rf"{OF_REPOSITORY}/pulls/(?P<number>\d+)/files",
        frozenset({"skip-to", "whitespace", "page", "limit"}),
    ),
    Endpoint(
        "repoCreateStatus",
        "POST",
        rf"{OF_REPOSITORY}/statuses/(?P<sha>[^/]+)",
        body=frozenset({"state", "target_url", "description", "context"}),
        level=access.WRITE,
    ),
]
FAILURES = {
    Fault.ERROR_500: (500, ""),
    Fault.ERROR_502: (502, "Bad Gateway"),
    Fault.ERROR_503: (503, "Service Unavailable"),
    Fault.UNAUTHORIZED: (401, "invalid username, password or token"),
    Fault.FORBIDDEN: (403, "user should have a permission to write to a repo"),
    Fault.NOT_FOUND: (404, NOT_FOUND),
}


class GiteaAPI(ProviderAPI[Endpoint]):
    """The API of Gitea, or of Forgejo, below `/api/v1`."""

    endpoints = ENDPOINTS

    def __init__(
        self,
        repository: str,
        token: str,
        tls: ssl.SSLContext | None,
        root: str = "/api/v1",
        now: Callable[[], datetime] | None = None,
        is_forgejo: bool = False,
    ):
        self.is_forgejo = is_forgejo
        self.knows_old_names = True
        """A pull request's files have `previous_filename`, since Gitea 1.22.3.

        Before that Gitea looked for another word than the one that it had written:
        https://github.com/go-gitea/gitea/pull/32017
        """
        self.most_items = MOST_ITEMS
        """What an administrator has set `MAX_RESPONSE_ITEMS` to."""
        self.repositories = {repository.lower(): Repository(repository)}
        self.main = self.repositories[repository.lower()]
        self.access = Access(token)
        self.statuses = statuses.Statuses()
        super().__init__(tls, root, now)

    # What is set up.

    @property
    def pull_requests(self) -> dict[int, tuple[str, str]]:
        return self.main.pull_requests

    def set(self, sha: str, parent: str | None, changes: dict[str, str | None]) -> None:
        """Adds a commit to the first repository."""
        self.main.set(sha, parent, changes)

    def add_repository(self, name: str) -> Repository:
        return self.repositories.setdefault(name.lower(), Repository(name))

    # The way of a request.

    def token_of(self, request: Request) -> str:
        # https://docs.gitea.com/development/api-usage: `Authorization: token …` and `Bearer …`;
        # a token in the query ends up in logs.
        if re.search(r"(^|&)(access_)?token=", request.query):
            raise Violation("a token does not belong into an address")
        if "json" not in (request.header("Accept") or "application/json"):
            raise Violation(f"Accept is {request.header('Accept')}")
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        if scheme not in ("token", "Bearer") or not token or token != token.strip():
            raise Violation("Authorization is no token")
        return token

    def violated(self, message: str) -> Response:
        return refusal_of(400, message)

    def failed(self, fault: Fault) -> Response:
        if fault in FAILURES:
            return refusal_of(*FAILURES[fault])
        if fault is Fault.NOT_JSON:
            return not_json()
        # Gitea has no limits of its own; what stands before it may have.
        if fault in (Fault.TOO_MANY, Fault.USED_UP_FOR_LONG):
            seconds = "1" if fault is Fault.TOO_MANY else "900"
            return Response(
                429, {"Retry-After": seconds, "Content-Type": "text/plain"}, b"Slow down"
            )
        raise ValueError(f"{fault} is GitHub's")

    def perform(
        self, endpoint: Endpoint, request: Request, found: dict[str, str], token: str
    ) -> Response:
        query, body = query_of(endpoint, request), body_of(endpoint, request)
        caller = self.access.token(token)
        caller.require_scope(endpoint.level)
        repository = self._repository(f"{found['owner']}/{found['name']}", caller, endpoint.level)
        match endpoint.name:
            case "repoCompareDiff":
                return self._comparison(repository, found["range"], query)
            case "repoGetPullRequest":
                return repository.pull_request(int(found["number"]), self.url)
            case "repoGetPullRequestFiles":
                return repository.files_of_pull_request(
                    int(found["number"]),
                    query,
                    self.most_items,
                    self.knows_old_names,
                    self.url,
                )
        return self._create_status(repository, found["sha"], body)

    def _repository(self, name: str, caller: Token, level: str) -> Repository:
        repository = self.repositories.get(name.lower())
        if repository is None:
            raise not_found()
        caller.require_access(name, level)
        if level == access.WRITE and repository.archived:
            # `mustNotBeArchived`, routers/api/v1/api.go.
            raise Refused(423, f"{repository.name} is archived")
        return repository

    def _comparison(self, repository: Repository, between: str, query: dict[str, str]) -> Response:
        base, dots, head = between.partition("...")
        if not dots or not all(re.fullmatch(COMMIT, each) for each in (base, head)):
            # Gitea takes names of branches and tags too, which may have moved meanwhile.
            raise Violation("a comparison is of two whole commit ids")
        if query.get("files", "true") != "true":
            raise Violation("without files a comparison says nothing of paths")
        verifies = query.get("verification", "true") == "true"
        return repository.comparison(base, head, self.is_forgejo, verifies, self.url)

    def _create_status(self, repository: Repository, sha: str, body: dict[str, Any]) -> Response:
        if not re.fullmatch(COMMIT, sha):
            raise Violation("a status is of a whole commit id")
        if sha not in repository.commits:
            # `NewCommitStatus`, routers/api/v1/repo/status.go: the commit's absence is an error of
            # Gitea's own; Forgejo says that it is not there.
            raise not_found() if self.is_forgejo else internal()
        status = self.statuses.create(repository.name, sha, body, self.now())
        return answer(statuses.described(status, self.url), status=201)

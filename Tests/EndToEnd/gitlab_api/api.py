"""GitLab's endpoints, and who may ask them."""

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

from . import statuses
from .access import Access, Token
from .answers import Refused, not_found, refusal_of
from .limits import Limits, too_many
from .project import LARGEST_PAGE, MOST_FILES, MergeRequest, Project

PROJECT = r"projects/(?P<project>[^/]+)"
"""A number, or the path with each slash as `%2F`: https://docs.gitlab.com/api/rest/#namespaced-paths"""
NUMBER = r"(?P<number>\d+)"
COMMIT = r"[0-9a-f]{40}|[0-9a-f]{64}"


@dataclass(frozen=True)
class Endpoint(provider_api.Endpoint):
    """One operation of the API."""

    scope: str = "read_api"
    role: str = "reporter"


ENDPOINTS = [
    Endpoint(
        "compare",
        "GET",
        rf"{PROJECT}/repository/compare",
        frozenset({"from", "to", "straight", "from_project_id", "unidiff"}),
    ),
    Endpoint("merge request", "GET", rf"{PROJECT}/merge_requests/{NUMBER}"),
    Endpoint(
        "merge request diffs",
        "GET",
        rf"{PROJECT}/merge_requests/{NUMBER}/diffs",
        frozenset({"page", "per_page", "unidiff"}),
    ),
    Endpoint(
        "set status",
        "POST",
        rf"{PROJECT}/statuses/(?P<sha>[^/]+)",
        body=frozenset({"state", "ref", "name", "context", "target_url", "description"}),
        scope="api",
        role="developer",
    ),
]
FAILURES = {
    Fault.ERROR_500: (500, "500 Internal Server Error"),
    Fault.ERROR_502: (502, "502 Bad Gateway"),
    Fault.ERROR_503: (503, "503 Service Unavailable"),
    Fault.UNAUTHORIZED: (401, "401 Unauthorized"),
    Fault.FORBIDDEN: (403, "403 Forbidden"),
    Fault.NOT_FOUND: (404, "404 Project Not Found"),
}


class GitLabAPI(ProviderAPI[Endpoint]):
    """GitLab's API, below `/api/v4`."""

    endpoints = ENDPOINTS

    def __init__(
        self,
        project: str,
        token: str,
        tls: ssl.SSLContext | None,
        root: str = "/api/v4",
        now: Callable[[], datetime] | None = None,
    ):
        self.most_files = MOST_FILES
        """What an administrator has set *Maximum diff files* to."""
        self.largest_page = LARGEST_PAGE
        """Of a merge request's diffs: 30 is that of a GitLab before 18."""
        self.counts = True
        """Lists say how many pages there are."""
        self.projects: dict[str, Project] = {}
        self.main = self.add_project(project)
        self.access = Access(token)
        self.statuses = statuses.Statuses()
        self.limits = Limits()
        super().__init__(tls, root, now)

    # What is set up.

    @property
    def merge_requests(self) -> dict[int, MergeRequest]:
        return self.main.merge_requests

    def set(self, sha: str, parent: str | None, changes: dict[str, str | None]) -> None:
        """Adds a commit to the first project."""
        self.main.set(sha, parent, changes)

    def add_project(self, path: str) -> Project:
        number = 15 + len(self.projects)
        return self.projects.setdefault(path.lower(), Project(path, number))

    # The way of a request.

    def token_of(self, request: Request) -> str:
        # https://docs.gitlab.com/api/rest/authentication/
        if re.search(r"(^|&)(private_token|access_token|job_token)=", request.query):
            raise Violation("a token does not belong into an address")
        private, bearer = request.header("PRIVATE-TOKEN"), request.header("Authorization")
        if (private is None) == (bearer is None):
            raise Violation("one header has the token")
        scheme, _, token = ("Bearer", "", private) if private else bearer.partition(" ")
        if scheme != "Bearer" or not token or token != token.strip():
            raise Violation("Authorization is not a Bearer token")
        return token

    def violated(self, message: str) -> Response:
        return refusal_of(400, message)

    def failed(self, fault: Fault) -> Response:
        if fault in FAILURES:
            return refusal_of(*FAILURES[fault])
        if fault is Fault.NOT_JSON:
            return not_json()
        if fault in (Fault.TOO_MANY, Fault.USED_UP_FOR_LONG):
            return too_many(1 if fault is Fault.TOO_MANY else 900)
        raise ValueError(f"{fault} is GitHub's")

    def perform(
        self, endpoint: Endpoint, request: Request, found: dict[str, str], token: str
    ) -> Response:
        query, body = query_of(endpoint, request), body_of(endpoint, request)
        caller = self.access.token(token)
        self.limits.admit(caller.user)
        caller.require_scope(endpoint.scope)
        project = self._project(found["project"])
        caller.require_role(project.path, endpoint.role)
        match endpoint.name:
            case "compare":
                return self._comparison(project, query)
            case "merge request":
                return project.described_merge_request(int(found["number"]), self.most_files)
            case "merge request diffs":
                return project.page_of_diffs(
                    int(found["number"]),
                    query,
                    self.most_files,
                    self.largest_page,
                    self.counts,
                    self.url,
                )
        return self._set_status(project, found["sha"], body, caller)

    def _project(self, name: str) -> Project:
        for path, project in self.projects.items():
            if name.lower() == path or name == str(project.number):
                return project
        raise not_found("Project")

    def _comparison(self, project: Project, query: dict[str, str]) -> Response:
        base, head = query.get("from", ""), query.get("to", "")
        if not all(re.fullmatch(COMMIT, each) for each in (base, head)):
            # GitLab takes names of branches and tags too, which may have moved meanwhile.
            raise Violation("a comparison is of two whole commit ids")
        if query.get("straight") != "true":
            raise Violation("from the merge base on, what a forced push took away is not seen")
        return project.comparison(base, head, self.most_files)

    def _set_status(
        self, project: Project, sha: str, body: dict[str, Any], caller: Token
    ) -> Response:
        if not re.fullmatch(COMMIT, sha):
            raise Violation("a status is of a whole commit id")
        wanted = statuses.read(project.path, sha, body, self.now(), caller.user)
        if sha not in project.commits:
            raise not_found("Commit")
        if wanted.ref in project.protected:
            # "Developers cannot set the status of a protected branch": `update_pipeline`.
            caller.require_role(project.path, "maintainer")
        if (sha, wanted.name) in project.jobs:
            raise Refused(400, {"name": ["has already been taken"]})
        return answer(statuses.described(self.statuses.create(wanted)), status=201)

"""GitHub's endpoints, and who may ask them."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import provider_api
from local_aws.http_server import Request, Response
from provider_api import Fault, ProviderAPI, Violation, answer, body_of, query_of

from . import access, statuses
from .access import Access, App, Caller
from .answers import DOCUMENTATION, Refused, refusal_of
from .deliveries import Hook, Receiver
from .faults import fault_response
from .limits import Limits
from .repository import Repository

VERSIONS = {"2022-11-28", "2026-03-10"}
"""https://docs.github.com/en/rest/about-the-rest-api/api-versions"""
OWNER, NAME, SHA = r"(?P<owner>[\w.-]+)", r"(?P<name>[\w.-]+)", r"(?P<sha>[^/]+)"
OF_REPOSITORY = rf"repos/{OWNER}/{NAME}"
DELIVERIES = r"(?P<hook>%s)/deliveries"
ATTEMPTS = DELIVERIES + r"/(?P<delivery>\d+)/attempts"
HOOK_OF = {
    "repos": rf"{OF_REPOSITORY}/hooks/\d+",
    "orgs": r"orgs/(?P<org>[\w.-]+)/hooks/\d+",
    "apps": r"app/hook",
}


@dataclass(frozen=True)
class Endpoint(provider_api.Endpoint):
    """One operation of the API, by its name in GitHub's description of it."""

    permission: tuple[str, str] | None = None
    """What a token must be allowed; none where a JSON Web Token has to be sent instead.

    https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
    """
    creates_content: bool = False


ENDPOINTS = [
    Endpoint(
        "pulls/list-files",
        "GET",
        rf"{OF_REPOSITORY}/pulls/(?P<number>\d+)/files",
        frozenset({"per_page", "page"}),
        permission=("pull_requests", "read"),
    ),
    Endpoint(
        "pulls/get",
        "GET",
        rf"{OF_REPOSITORY}/pulls/(?P<number>\d+)",
        permission=("pull_requests", "read"),
    ),
    Endpoint(
        "repos/get-collaborator-permission-level",
        "GET",
        rf"{OF_REPOSITORY}/collaborators/(?P<login>[^/]+)/permission",
        permission=("metadata", "read"),
    ),
    Endpoint(
        "repos/compare-commits",
        "GET",
        rf"{OF_REPOSITORY}/compare/(?P<range>[^/]+)",
        frozenset({"per_page", "page"}),
        permission=("contents", "read"),
    ),
    Endpoint(
        "repos/create-commit-status",
        "POST",
        rf"{OF_REPOSITORY}/statuses/{SHA}",
        permission=("statuses", "write"),
        body=frozenset({"state", "target_url", "description", "context"}),
        creates_content=True,
    ),
    Endpoint("apps/get-repo-installation", "GET", rf"{OF_REPOSITORY}/installation"),
    Endpoint("apps/get-org-installation", "GET", r"orgs/(?P<org>[\w.-]+)/installation"),
    Endpoint(
        "apps/create-installation-access-token",
        "POST",
        r"app/installations/(?P<installation>\d+)/access_tokens",
        body=frozenset({"repositories", "repository_ids", "permissions"}),
    ),
    *(
        Endpoint(
            f"{whose}/list-webhook-deliveries",
            "GET",
            DELIVERIES % path,
            frozenset({"per_page", "cursor", "status"}),
            permission=permission and (permission, "read"),
        )
        for whose, path, permission in (
            ("repos", HOOK_OF["repos"], "repository_hooks"),
            ("orgs", HOOK_OF["orgs"], "organization_hooks"),
            ("apps", HOOK_OF["apps"], None),
        )
    ),
    *(
        Endpoint(
            f"{whose}/redeliver-webhook-delivery",
            "POST",
            ATTEMPTS % path,
            permission=permission and (permission, "write"),
            creates_content=True,
        )
        for whose, path, permission in (
            ("repos", HOOK_OF["repos"], "repository_hooks"),
            ("orgs", HOOK_OF["orgs"], "organization_hooks"),
            ("apps", HOOK_OF["apps"], None),
        )
    ),
]


class GitHubAPI(ProviderAPI[Endpoint]):
    """GitHub's API; `root` is `/api/v3` of an Enterprise Server."""

    endpoints = ENDPOINTS

    def __init__(
        self,
        repository: str,
        token: str,
        tls: ssl.SSLContext | None,
        root: str = "",
        now: Callable[[], datetime] | None = None,
    ):
        self.repositories = {repository.lower(): Repository(repository)}
        self.main = self.repositories[repository.lower()]
        self.access = Access(token, lambda: self.now())
        self.statuses = statuses.Statuses()
        self.hooks: dict[str, Hook] = {}
        self.limits = Limits()
        super().__init__(tls, root, now)

    # What is set up.

    @property
    def commits(self) -> dict[str, tuple[str | None, dict[str, str]]]:
        return self.main.commits

    @property
    def pull_requests(self) -> dict[int, tuple[str, str]]:
        return self.main.pull_requests

    def set(self, sha: str, parent: str | None, changes: dict[str, str | None]) -> None:
        """Adds a commit to the first repository."""
        self.main.set(sha, parent, changes)

    def add_repository(self, name: str) -> Repository:
        return self.repositories.setdefault(name.lower(), Repository(name))

    def add_app(self, app_id: int = 12345, **permissions: str) -> App:
        """An app with permissions such as `statuses="write"`, installed nowhere yet."""
        return self.access.add_app(app_id, permissions)

    def add_hook(self, path: str, secret: str, receiver: Receiver) -> Hook:
        """A webhook such as `repos/octo-org/mono-repo/hooks/7`, and what takes its deliveries."""
        self.hooks[path] = Hook(path, secret, receiver, lambda: self.now())
        return self.hooks[path]

    # The way of a request.

    def token_of(self, request: Request) -> str:
        # "All API requests must include a valid User-Agent header":
        # https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api
        if not request.header("User-Agent"):
            raise Violation("Request forbidden by administrative rules: no User-Agent")
        if request.header("X-GitHub-Api-Version") not in VERSIONS:
            raise Violation("X-GitHub-Api-Version is absent or not supported")
        # "Setting to application/vnd.github+json is recommended."
        if request.header("Accept") != "application/vnd.github+json":
            raise Violation(f"Accept is {request.header('Accept')}")
        # "In most cases, you can use Authorization: Bearer or Authorization: token. However, if
        # you are passing a JSON web token (JWT), you must use Authorization: Bearer."
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        if scheme != "Bearer" or not token or token != token.strip():
            raise Violation("Authorization is not a Bearer token")
        return token

    def violated(self, message: str) -> Response:
        return refusal_of(400, message)

    def failed(self, fault: Fault) -> Response:
        return fault_response(fault)

    def perform(
        self, endpoint: Endpoint, request: Request, found: dict[str, str], token: str
    ) -> Response:
        query, body = query_of(endpoint, request), body_of(endpoint, request)
        caller = self.access.caller(token)
        headers = self.limits.admit(caller.name, endpoint.creates_content)
        if endpoint.permission is None and caller.kind != "app":
            raise Refused(401, access.UNREADABLE)
        if endpoint.permission is not None and caller.kind == "app":
            # "If a REST API endpoint requires a JWT, the documentation for that endpoint will
            # indicate that"; the others take none.
            raise Refused(401, "Requires authentication")
        if caller.kind != "app" and "name" in found:
            self._repository(found, caller)
        if endpoint.permission:
            caller.require(*endpoint.permission, DOCUMENTATION)
        response = self._perform(endpoint, found, query, body, caller)
        response.headers = headers | response.headers
        return response

    def _repository(self, found: dict[str, str], caller: Caller) -> Repository:
        name = f"{found['owner']}/{found['name']}"
        repository = self.repositories.get(name.lower())
        if repository is None or not caller.reaches(name):
            # What a token does not reach is not there:
            # https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#404-not-found-for-an-existing-resource
            raise Refused(404, "Not Found")
        return repository

    def _perform(
        self,
        endpoint: Endpoint,
        found: dict[str, str],
        query: dict[str, str],
        body: dict[str, Any],
        caller: Caller,
    ) -> Response:
        match endpoint.name:
            case "pulls/list-files":
                repository = self._repository(found, caller)
                return repository.files_of_pull_request(int(found["number"]), query, self.url)
            case "pulls/get":
                repository = self._repository(found, caller)
                return repository.pull_request(int(found["number"]), self.url)
            case "repos/get-collaborator-permission-level":
                return self._repository(found, caller).permission(found["login"])
            case "repos/compare-commits":
                base, _, head = found["range"].partition("...")
                return self._repository(found, caller).comparison(base, head, query, self.url)
            case "repos/create-commit-status":
                return self._create_status(self._repository(found, caller), found, body, caller)
            case "apps/get-repo-installation":
                installation = self.access.installation_of(caller, found["owner"], found["name"])
                return answer(access.described(installation, self.url))
            case "apps/get-org-installation":
                installation = self.access.installation_of(caller, found["org"], None)
                return answer(access.described(installation, self.url))
            case "apps/create-installation-access-token":
                number = int(found["installation"])
                created = self.access.create_token(caller, number, body, self.repositories)
                return answer(created, status=201)
        hook = self.hooks.get(found["hook"])
        if hook is None:
            raise Refused(404, "Not Found")
        if endpoint.method == "GET":
            page, headers = hook.page(query, self.url)
            return answer([each.described() for each in page], headers)
        hook.redeliver(int(found["delivery"]))
        return answer({}, status=202)

    def _create_status(
        self, repository: Repository, found: dict[str, str], body: dict[str, Any], caller: Caller
    ) -> Response:
        sha = found["sha"]
        if sha not in repository.commits:
            # Not in the documentation, and seen by many.
            raise Refused(422, f"No commit found for SHA: {sha}", statuses.PAGE)
        status = self.statuses.create(repository.name, sha, body, self.now(), caller.name)
        return answer(statuses.described(status, self.url), status=201)

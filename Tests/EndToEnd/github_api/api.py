"""The server: which endpoint a request is for, who may ask it, and what goes wrong on the way."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from local_aws.faults import Faults
from local_aws.http_server import Connection, HTTPServer, Request, Response

from . import access, statuses
from .access import Access, App, Caller
from .answers import DOCUMENTATION, Refused, Violation, answer, refusal_of
from .deliveries import Hook, Receiver
from .faults import Fault, fault_response
from .limits import Limits
from .repository import Repository

HOLDING = 60.0
"""Seconds for which a request that is to time out is held."""
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
class Endpoint:
    """One operation of the API, by its name in GitHub's description of it."""

    name: str
    method: str
    path: str
    permission: tuple[str, str] | None = None
    """What a token must be allowed; none where a JSON Web Token has to be sent instead.

    https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
    """
    query: frozenset[str] = frozenset()
    body: frozenset[str] = frozenset()
    creates_content: bool = False


ENDPOINTS = [
    Endpoint(
        "pulls/list-files",
        "GET",
        rf"{OF_REPOSITORY}/pulls/(?P<number>\d+)/files",
        ("pull_requests", "read"),
        frozenset({"per_page", "page"}),
    ),
    Endpoint(
        "repos/compare-commits",
        "GET",
        rf"{OF_REPOSITORY}/compare/(?P<range>[^/]+)",
        ("contents", "read"),
        frozenset({"per_page", "page"}),
    ),
    Endpoint(
        "repos/create-commit-status",
        "POST",
        rf"{OF_REPOSITORY}/statuses/{SHA}",
        ("statuses", "write"),
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
            permission and (permission, "read"),
            frozenset({"per_page", "cursor", "status"}),
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
            permission and (permission, "write"),
            creates_content=True,
        )
        for whose, path, permission in (
            ("repos", HOOK_OF["repos"], "repository_hooks"),
            ("orgs", HOOK_OF["orgs"], "organization_hooks"),
            ("apps", HOOK_OF["apps"], None),
        )
    ),
]


class GitHubAPI:
    """GitHub's API on a port of the loopback interface; use as a context manager."""

    def __init__(
        self,
        repository: str,
        token: str,
        tls: ssl.SSLContext | None,
        root: str = "",
        now: Callable[[], datetime] | None = None,
    ):
        self.now = now or (lambda: datetime.now(UTC))
        self.root = root
        """The path that the API lies below: `/api/v3` of an Enterprise Server."""
        self.repositories = {repository.lower(): Repository(repository)}
        self.main = self.repositories[repository.lower()]
        self.access = Access(token, lambda: self.now())
        self.statuses = statuses.Statuses()
        self.hooks: dict[str, Hook] = {}
        self.limits = Limits()
        self.faults = Faults()
        """What becomes of requests, by their endpoint's name: see `Fault`."""
        self.requests: list[Request] = []
        self.seen: list[str] = []
        """The endpoint of each request that had one."""
        self.violations: list[str] = []
        """What no client should have sent."""
        self.refusals: list[Response | None] = []
        """What the next requests are answered instead; `None` resets the connection."""
        self._closing = threading.Event()
        self._server = HTTPServer(self._answer, tls=tls)

    def __enter__(self) -> GitHubAPI:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.close()

    @property
    def url(self) -> str:
        return self._server.url + self.root

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

    @property
    def targets(self) -> list[str]:
        return [request.target for request in self.requests]

    # The way of a request.

    def _answer(self, request: Request, connection: Connection) -> Response | None:
        self.requests.append(request)
        if self.refusals:
            refusal = self.refusals.pop(0)
            if refusal is None:
                connection.reset()
            return refusal
        try:
            token = self._check_form(request)
            endpoint, found = self._endpoint(request)
            self.seen.append(endpoint.name)
            fault = self.faults.next(endpoint)
            if fault in (Fault.RESET, Fault.TIMED_OUT):
                self._closing.wait(HOLDING if fault is Fault.TIMED_OUT else 0)
                connection.reset()
                return None
            if fault and fault is not Fault.ANSWER_LOST:
                return fault_response(fault)
            response = self._admitted(endpoint, request, found, token)
        except Refused as refused:
            return refused.response
        except Violation as violation:
            self.violations.append(f"{request.method} {request.target}: {violation}")
            return refusal_of(400, str(violation))
        if fault:
            connection.reset()
            return None
        return response

    def _check_form(self, request: Request) -> str:
        """Holds what each request has; the token that it comes with."""
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

    def _endpoint(self, request: Request) -> tuple[Endpoint, dict[str, str]]:
        path = request.path.removeprefix(self.root + "/")
        if not request.path.startswith(self.root + "/"):
            raise Violation(f"the API lies below {self.root}")
        fitting = [each for each in ENDPOINTS if re.fullmatch(each.path, path)]
        if not fitting:
            raise Violation("no endpoint that is known here")
        endpoint = next((each for each in fitting if each.method == request.method), None)
        if endpoint is None:
            raise Violation(f"the method is {fitting[0].method}")
        match = re.fullmatch(endpoint.path, path)
        assert match
        return endpoint, {name: unquote(value) for name, value in match.groupdict().items()}

    def _admitted(
        self, endpoint: Endpoint, request: Request, found: dict[str, str], token: str
    ) -> Response:
        query, body = _query(endpoint, request), _body(endpoint, request)
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


def _query(endpoint: Endpoint, request: Request) -> dict[str, str]:
    pairs = parse_qsl(request.query, keep_blank_values=True)
    query = dict(pairs)
    if len(query) != len(pairs) or set(query) - endpoint.query:
        raise Violation(f"{endpoint.name} has no such query: {request.query}")
    return query


def _body(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    if not endpoint.body:
        if request.body:
            raise Violation(f"{endpoint.name} has no body")
        return {}
    if not request.body:
        return {}
    if (request.header("Content-Type") or "").partition(";")[0] != "application/json":
        raise Violation(f"Content-Type is {request.header('Content-Type')}")
    try:
        body = json.loads(request.body)
    except ValueError:
        # https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#problems-parsing-json
        raise Violation("Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise Violation("Body should be a JSON object")
    if unknown := set(body) - endpoint.body:
        raise Violation(f"{endpoint.name} has no members {sorted(unknown)}")
    return body

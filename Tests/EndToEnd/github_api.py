"""GitHub's REST API, as far as lists of changed files go, over TLS.

Kept are the documented semantics: who may ask, pages with their `Link` header, 3000 files
of a pull request, 300 of a comparison on its first page alone, renames, three-dot
comparisons, rate limits. What is answered is held against the properties that GitHub's
OpenAPI description requires (github/rest-api-description, `diff-entry` and
`commit-comparison`).
"""

from __future__ import annotations

import json
import re
import ssl
from typing import Any
from urllib.parse import parse_qs, unquote

from local_aws.http_server import Connection, HTTPServer, Request, Response

PAGE, LARGEST_PAGE = 30, 100
MOST_OF_PULL_REQUEST, MOST_OF_COMPARISON = 3000, 300
FILE = {
    "sha": str, "filename": str, "status": str, "additions": int, "deletions": int,
    "changes": int, "blob_url": str, "raw_url": str, "contents_url": str,
}  # fmt: skip
STATUSES = {"added", "removed", "modified", "renamed", "copied", "changed", "unchanged"}
COMPARISON = {
    "url": str, "html_url": str, "permalink_url": str, "diff_url": str, "patch_url": str,
    "base_commit": dict, "merge_base_commit": dict, "status": str, "ahead_by": int,
    "behind_by": int, "total_commits": int, "commits": list,
}  # fmt: skip

Tree = dict[str, str]


class GitHubAPI:
    """One repository; use as a context manager."""

    def __init__(self, repository: str, token: str, tls: ssl.SSLContext, root: str = ""):
        self.repository = repository
        self.token = token
        self.root = root
        """The path that the API lies below: `/api/v3` of an Enterprise Server."""
        self.commits: dict[str, tuple[str | None, Tree]] = {}
        """Each commit's parent, and the contents of its files."""
        self.pull_requests: dict[int, tuple[str, str]] = {}
        """Base and head commit of each."""
        self.requests: list[Request] = []
        self.refusals: list[Response | None] = []
        """What the next requests are answered instead; `None` resets the connection."""
        self._server = HTTPServer(self._answer, tls=tls)

    def __enter__(self) -> GitHubAPI:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        return self._server.url + self.root

    def set(self, sha: str, parent: str | None, changes: dict[str, str | None]) -> None:
        """Adds a commit that sets files, or removes those that become `None`."""
        tree = dict(self.commits[parent][1]) if parent else {}
        for path, content in changes.items():
            if content is None:
                del tree[path]
            else:
                tree[path] = content
        self.commits[sha] = (parent, tree)

    @property
    def targets(self) -> list[str]:
        return [request.target for request in self.requests]

    def _answer(self, request: Request, connection: Connection) -> Response | None:
        self.requests.append(request)
        if self.refusals:
            refusal = self.refusals.pop(0)
            if refusal is None:
                connection.reset()
            return refusal
        if not request.header("User-Agent"):
            return refusal_of(403, "Request forbidden by administrative rules.")
        if request.header("Authorization") != f"Bearer {self.token}":
            return refusal_of(401, "Bad credentials")
        if request.header("X-GitHub-Api-Version") != "2022-11-28":
            return refusal_of(400, "the version is not supported")
        assert request.header("Accept") == "application/vnd.github+json"
        query = {name: values[-1] for name, values in parse_qs(request.query).items()}
        prefix = f"{self.root}/repos/{self.repository}"
        if match := re.fullmatch(rf"{prefix}/pulls/(\d+)/files", request.path):
            return self._files_of_pull_request(int(match[1]), query)
        if match := re.fullmatch(rf"{prefix}/compare/([^/]+)", request.path):
            base, _, head = unquote(match[1]).partition("...")
            return self._comparison(base, head, query)
        return refusal_of(404, "Not Found")

    def _files_of_pull_request(self, number: int, query: dict[str, str]) -> Response:
        if number not in self.pull_requests:
            return refusal_of(404, "Not Found")
        files = self._files(*self.pull_requests[number])[:MOST_OF_PULL_REQUEST]
        size = min(int(query.get("per_page", PAGE)), LARGEST_PAGE)
        page, last = int(query.get("page", 1)), max(1, -(-len(files) // size))
        links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        if page == last:
            del links["next"], links["last"]
        if page == 1:
            del links["prev"], links["first"]
        path = f"{self.url}/repositories/1296269/pulls/{number}/files"
        header = ", ".join(
            f'<{path}?per_page={size}&page={to}>; rel="{name}"' for name, to in links.items()
        )
        return answer(files[(page - 1) * size : page * size], {"Link": header} if header else {})

    def _comparison(self, base: str, head: str, query: dict[str, str]) -> Response:
        if base not in self.commits or head not in self.commits:
            return refusal_of(404, "Not Found")
        merge_base = self._merge_base(base, head)
        if merge_base is None:
            return refusal_of(404, f"No common ancestor between {base} and {head}.")
        ahead, behind = self._distance(head, merge_base), self._distance(base, merge_base)
        states = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
        url = f"{self.url}/repos/{self.repository}/compare/{base}...{head}"
        comparison = {
            "url": url,
            "html_url": url,
            "permalink_url": url,
            "diff_url": f"{url}.diff",
            "patch_url": f"{url}.patch",
            "base_commit": {"sha": base},
            "merge_base_commit": {"sha": merge_base},
            "status": states.get((ahead > 0, behind > 0), "identical"),
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            "commits": [{"sha": head}][: int(query.get("per_page", 250))],
        }
        check(comparison, COMPARISON)
        if int(query.get("page", 1)) == 1:
            comparison["files"] = self._files(base, head)[:MOST_OF_COMPARISON]
        return answer(comparison)

    def _history(self, sha: str) -> list[str]:
        history = []
        at: str | None = sha
        while at:
            history.append(at)
            at = self.commits[at][0]
        return history

    def _merge_base(self, base: str, head: str) -> str | None:
        known = set(self._history(base))
        return next((sha for sha in self._history(head) if sha in known), None)

    def _distance(self, sha: str, ancestor: str) -> int:
        return self._history(sha).index(ancestor)

    def _files(self, base: str, head: str) -> list[dict[str, Any]]:
        """What has changed from the merge base to the head, by name, renames found."""
        merge_base = self._merge_base(base, head)
        before = self.commits[merge_base][1] if merge_base else {}
        after = self.commits[head][1]
        gone = {path for path in before if path not in after}
        files = []
        for path, content in after.items():
            if path in before:
                if before[path] != content:
                    files.append(self._file(path, "modified"))
            elif origin := next((old for old in sorted(gone) if before[old] == content), None):
                gone.remove(origin)
                files.append(self._file(path, "renamed") | {"previous_filename": origin})
            else:
                files.append(self._file(path, "added"))
        files += [self._file(path, "removed") for path in gone]
        return sorted(files, key=lambda file: file["filename"])

    def _file(self, path: str, status: str) -> dict[str, Any]:
        file = {
            "sha": "bbcd538c8e72b8c175046e27cc8f907076331401",
            "filename": path,
            "status": status,
            "additions": 1,
            "deletions": 0,
            "changes": 1,
            "blob_url": f"https://github.com/{self.repository}/blob/6dcb09b/{path}",
            "raw_url": f"https://github.com/{self.repository}/raw/6dcb09b/{path}",
            "contents_url": f"{self.url}/repos/{self.repository}/contents/{path}?ref=6dcb09b",
            "patch": '@@ -132,7 +132,7 @@ module "Test" \\ "filename": "no/such/file"',
        }
        check(file, FILE)
        assert status in STATUSES
        return file


def check(value: dict[str, Any], schema: dict[str, type]) -> None:
    """Holds what is answered against what GitHub says that it answers."""
    for name, kind in schema.items():
        assert isinstance(value[name], kind), (name, value)


def answer(value: Any, headers: dict[str, str] | None = None, status: int = 200) -> Response:
    limits = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4999"}
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Response(status, kind | limits | (headers or {}), json.dumps(value).encode())


def refusal_of(status: int, message: str, **headers: str) -> Response:
    body = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(body, fields, status)

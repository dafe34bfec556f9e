"""A repository's commits, and which files a pull request or a comparison is about.

Kept are the documented semantics: pages with their `Link` header, 3000 files of a pull request,
300 of a comparison on its first page alone, renames, three-dot comparisons.
https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
https://docs.github.com/en/rest/commits/commits#compare-two-commits
"""

from __future__ import annotations

from typing import Any

from local_aws.http_server import Response
from provider_api import History, answer, check

from .answers import DOCUMENTATION, USER, Refused

FILES_PAGE = f"{DOCUMENTATION}/pulls/pulls#list-pull-requests-files"
PULL_PAGE = f"{DOCUMENTATION}/pulls/pulls#get-a-pull-request"
PERMISSION_PAGE = (
    f"{DOCUMENTATION}/collaborators/collaborators#get-repository-permissions-for-a-user"
)
BASE_ROLES = {
    "admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read",
    "none": "none",
}  # fmt: skip
"""The maintain role is mapped to write, the triage role to read."""
COMPARE_PAGE = f"{DOCUMENTATION}/commits/commits#compare-two-commits"
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


class Repository(History):
    """A repository by its full name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.pull_requests: dict[int, tuple[str, str]] = {}
        """Base and head commit of each."""
        self.forks: dict[int, str | None] = {}
        """The repository that a head lies in, of those where it is another or gone."""
        self.closed: set[int] = set()
        self.roles: dict[str, str] = {}
        """What each user may do, by login in lower case."""

    def files_of_pull_request(self, number: int, query: dict[str, str], url: str) -> Response:
        if number not in self.pull_requests:
            raise Refused(404, "Not Found", FILES_PAGE)
        files = self._files(*self.pull_requests[number], url)[:MOST_OF_PULL_REQUEST]
        size = min(int(query.get("per_page", PAGE)), LARGEST_PAGE)
        page, last = int(query.get("page", 1)), max(1, -(-len(files) // size))
        links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        if page == last:
            del links["next"], links["last"]
        if page == 1:
            del links["prev"], links["first"]
        path = f"{url}/repositories/1296269/pulls/{number}/files"
        header = ", ".join(
            f'<{path}?per_page={size}&page={to}>; rel="{name}"' for name, to in links.items()
        )
        return answer(files[(page - 1) * size : page * size], {"Link": header} if header else {})

    def pull_request(self, number: int, url: str) -> Response:
        if number not in self.pull_requests:
            raise Refused(404, "Not Found", PULL_PAGE)
        base, head = self.pull_requests[number]
        lies_in = self.forks.get(number, self.name)
        return answer(
            {
                "url": f"{url}/repos/{self.name}/pulls/{number}",
                "number": number,
                "state": "closed" if number in self.closed else "open",
                "locked": False,
                "draft": False,
                "merged": False,
                "title": "Change the greeting",
                "user": USER,
                "labels": [],
                "head": {
                    "ref": "changes",
                    "sha": head,
                    "repo": {"full_name": lies_in} if lies_in else None,
                },
                "base": {"ref": "main", "sha": base, "repo": {"full_name": self.name}},
            }
        )

    def permission(self, login: str) -> Response:
        """The base role and the role itself; of a user who is unknown, 404."""
        role = self.roles.get(login.lower())
        if role is None:
            raise Refused(404, f"{login} is not a user", PERMISSION_PAGE)
        # A role of the organization's own is given as what it is based on, `write` here.
        base = BASE_ROLES.get(role, "write")
        return answer({"permission": base, "role_name": role, "user": USER | {"login": login}})

    def comparison(self, base: str, head: str, query: dict[str, str], url: str) -> Response:
        if base not in self.commits or head not in self.commits:
            raise Refused(404, "Not Found", COMPARE_PAGE)
        merge_base = self.merge_base(base, head)
        if merge_base is None:
            raise Refused(404, f"No common ancestor between {base} and {head}.", COMPARE_PAGE)
        ahead, behind = self.distance(head, merge_base), self.distance(base, merge_base)
        states = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
        own = f"{url}/repos/{self.name}/compare/{base}...{head}"
        comparison = {
            "url": own,
            "html_url": own,
            "permalink_url": own,
            "diff_url": f"{own}.diff",
            "patch_url": f"{own}.patch",
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
            comparison["files"] = self._files(base, head, url)[:MOST_OF_COMPARISON]
        return answer(comparison)

    def _files(self, base: str, head: str, url: str) -> list[dict[str, Any]]:
        """What has changed from the merge base to the head, by name, renames found."""
        files = []
        for change in self.changes(self.merge_base(base, head), head):
            file = self._file(change.path, change.status, url)
            files.append(file | ({"previous_filename": change.previous} if change.previous else {}))
        return files

    def _file(self, path: str, status: str, url: str) -> dict[str, Any]:
        file = {
            "sha": "bbcd538c8e72b8c175046e27cc8f907076331401",
            "filename": path,
            "status": status,
            "additions": 1,
            "deletions": 0,
            "changes": 1,
            "blob_url": f"https://github.com/{self.name}/blob/6dcb09b/{path}",
            "raw_url": f"https://github.com/{self.name}/raw/6dcb09b/{path}",
            "contents_url": f"{url}/repos/{self.name}/contents/{path}?ref=6dcb09b",
            "patch": '@@ -132,7 +132,7 @@ module "Test" \\ "filename": "no/such/file"',
        }
        check(file, FILE)
        assert status in STATUSES
        return file

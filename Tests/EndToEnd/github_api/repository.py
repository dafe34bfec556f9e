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

from .answers import DOCUMENTATION, Refused

FILES_PAGE = f"{DOCUMENTATION}/pulls/pulls#list-pull-requests-files"
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

"""A repository's commits, and which files a pull request or a comparison is about.

Kept are the documented semantics: pages with their `Link` header, 3000 files of a pull request,
300 of a comparison on its first page alone, renames, three-dot comparisons.
https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
https://docs.github.com/en/rest/commits/commits#compare-two-commits
"""

from __future__ import annotations

from typing import Any

from local_aws.http_server import Response

from .answers import DOCUMENTATION, Refused, answer, check

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

Tree = dict[str, str]


class Repository:
    """A repository by its full name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.commits: dict[str, tuple[str | None, Tree]] = {}
        """Each commit's parent, and the contents of its files."""
        self.pull_requests: dict[int, tuple[str, str]] = {}
        """Base and head commit of each."""

    def set(self, sha: str, parent: str | None, changes: dict[str, str | None]) -> None:
        """Adds a commit that sets files, or removes those that become `None`."""
        tree = dict(self.commits[parent][1]) if parent else {}
        for path, content in changes.items():
            if content is None:
                del tree[path]
            else:
                tree[path] = content
        self.commits[sha] = (parent, tree)

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
        merge_base = self._merge_base(base, head)
        if merge_base is None:
            raise Refused(404, f"No common ancestor between {base} and {head}.", COMPARE_PAGE)
        ahead, behind = self._distance(head, merge_base), self._distance(base, merge_base)
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

    def _files(self, base: str, head: str, url: str) -> list[dict[str, Any]]:
        """What has changed from the merge base to the head, by name, renames found."""
        merge_base = self._merge_base(base, head)
        before = self.commits[merge_base][1] if merge_base else {}
        after = self.commits[head][1]
        gone = {path for path in before if path not in after}
        files = []
        for path, content in after.items():
            if path in before:
                if before[path] != content:
                    files.append(self._file(path, "modified", url))
            elif origin := next((old for old in sorted(gone) if before[old] == content), None):
                gone.remove(origin)
                renamed = self._file(path, "renamed", url)
                files.append(renamed | {"previous_filename": origin})
            else:
                files.append(self._file(path, "added", url))
        files += [self._file(path, "removed", url) for path in gone]
        return sorted(files, key=lambda file: file["filename"])

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

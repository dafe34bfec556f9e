"""A project's commits, and in what two of them, or a merge request, differ.

https://docs.gitlab.com/api/repositories/#compare-branches-tags-or-commits
https://docs.gitlab.com/api/merge_requests/#list-merge-request-diffs
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local_aws.http_server import Response
from provider_api import FileChange, History, answer, check

from .answers import Refused, not_found

PER_PAGE, LARGEST_PAGE = 20, 100
"""https://docs.gitlab.com/api/rest/#offset-based-pagination"""
MOST_FILES = 1000
"""https://docs.gitlab.com/administration/diff_limits/"""
DIFF = {
    "diff": str, "collapsed": bool, "too_large": bool, "new_path": str, "old_path": str,
    "a_mode": str, "b_mode": str, "new_file": bool, "renamed_file": bool, "deleted_file": bool,
    "generated_file": bool,
}  # fmt: skip
COMPARISON = {
    "commits": list, "diffs": list, "compare_timeout": bool, "compare_same_ref": bool,
    "web_url": str,
}  # fmt: skip


@dataclass
class MergeRequest:
    """A merge request of the project that it is to be merged into."""

    base: str
    """The commit that the target branch is at."""
    head: str
    is_prepared: bool = True
    """Its differences have been found. That takes some seconds after it was opened or pushed to
    (https://gitlab.com/gitlab-org/gitlab/-/issues/386562)."""


class Project(History):
    """A project by its path and its number."""

    def __init__(self, path: str, number: int) -> None:
        super().__init__()
        self.path = path
        self.number = number
        self.merge_requests: dict[int, MergeRequest] = {}
        self.protected: set[str] = set()
        """Branches and tags that maintainers alone may have a pipeline of."""
        self.jobs: set[tuple[str, str]] = set()
        """Commit and name of GitLab's own CI jobs."""

    def comparison(self, base: str, head: str, most: int) -> Response:
        """The difference of two commits' trees, as far as the limits on diffs go.

        `compare_timeout` says that a limit was exceeded, not that anything took long
        (lib/api/entities/compare.rb).
        """
        if base not in self.commits or head not in self.commits:
            # CompareService, app/services/compare_service.rb.
            raise not_found("Ref")
        diffs = [_diff(change) for change in self.changes(base, head)]
        merge_base = self.merge_base(base, head)
        distance = self.distance(head, merge_base) if merge_base else len(self.line(head))
        commits = [_commit(sha) for sha in reversed(self.line(head)[:distance])]
        value = {
            "commit": commits[-1] if commits else None,
            "commits": commits,
            "diffs": diffs[:most],
            "compare_timeout": len(diffs) > most,
            "compare_same_ref": base == head,
            "web_url": f"https://gitlab.example.com/{self.path}/-/compare/{base}..{head}",
        }
        check(value, COMPARISON)
        return answer(value)

    def merge_request(self, number: int) -> MergeRequest:
        if number not in self.merge_requests:
            raise not_found()
        return self.merge_requests[number]

    def described_merge_request(self, number: int, most: int) -> Response:
        """https://docs.gitlab.com/api/merge_requests/#retrieve-a-merge-request"""
        request = self.merge_request(number)
        count = len(self._differences(request))
        refs = {
            "base_sha": self.merge_base(request.base, request.head),
            "head_sha": request.head,
            "start_sha": request.base,
        }
        value = {
            "id": 2300 + number,
            "iid": number,
            "project_id": self.number,
            "title": "Keep the basket",
            "state": "opened",
            "draft": False,
            "source_branch": "feature/basket",
            "target_branch": "main",
            "sha": request.head,
            "merge_commit_sha": None,
            # Empty at first, then text, with a plus over the limit:
            # https://docs.gitlab.com/api/merge_requests/#empty-api-fields-for-new-merge-requests
            "changes_count": None,
            "diff_refs": None,
            "web_url": f"https://gitlab.example.com/{self.path}/-/merge_requests/{number}",
        }
        if request.is_prepared:
            value["changes_count"] = f"{most}+" if count > most else str(count)
            value["diff_refs"] = refs
        return answer(value)

    def page_of_diffs(
        self,
        number: int,
        query: dict[str, str],
        most: int,
        largest_page: int,
        counts: bool,
        url: str,
    ) -> Response:
        """A page of a merge request's differences.

        https://docs.gitlab.com/api/rest/#pagination-response-headers
        """
        request = self.merge_request(number)
        wanted = int(query.get("per_page", PER_PAGE))
        if wanted > largest_page:
            if largest_page < LARGEST_PAGE:
                # Until GitLab 18 a page of more than 30 was an error of GitLab's own:
                # https://gitlab.com/gitlab-org/gitlab/-/issues/427168
                raise Refused(500, "500 Internal Server Error")
            wanted = largest_page
        diffs = self._differences(request)[:most] if request.is_prepared else []
        page, pages = int(query.get("page", 1)), max(-(-len(diffs) // wanted), 1)
        after = page + 1 if page < pages else None
        headers = {
            "X-Page": str(page),
            "X-Per-Page": str(wanted),
            "X-Next-Page": str(after or ""),
            "X-Prev-Page": str(page - 1 if page > 1 else ""),
        }
        if counts:
            # "For performance reasons … x-total, x-total-pages" may be missing.
            headers |= {"X-Total": str(len(diffs)), "X-Total-Pages": str(pages)}
        path = f"{url}/projects/{self.number}/merge_requests/{number}/diffs"
        links = [("prev", page - 1 if page > 1 else None), ("next", after), ("first", 1)]
        headers["Link"] = ", ".join(
            f'<{path}?id={self.number}&page={to}&per_page={wanted}>; rel="{rel}"'
            for rel, to in links
            if to
        )
        return answer(diffs[(page - 1) * wanted : page * wanted], headers)

    def _differences(self, request: MergeRequest) -> list[dict[str, Any]]:
        changes = self.changes(self.merge_base(request.base, request.head), request.head)
        return [_diff(change) for change in changes]


def _commit(sha: str) -> dict[str, Any]:
    return {
        "id": sha,
        "short_id": sha[:8],
        "title": f"Commit {sha[:7]}",
        "message": f"Commit {sha[:7]}\n",
        "created_at": "2026-11-20T16:20:31.000+01:00",
        "author_name": "Mona Lisa",
    }


def _diff(change: FileChange) -> dict[str, Any]:
    """`old_path` is always there, and another path for a renamed file alone."""
    value = {
        "diff": '@@ -1 +1 @@\n-a\n+b \\ "new_path": "no/such/file"\n',
        "collapsed": False,
        "too_large": False,
        "new_path": change.path,
        "old_path": change.previous or change.path,
        "a_mode": "0" if change.status == "added" else "100644",
        "b_mode": "0" if change.status == "removed" else "100644",
        "new_file": change.status == "added",
        "renamed_file": change.status == "renamed",
        "deleted_file": change.status == "removed",
        "generated_file": False,
    }
    check(value, DIFF)
    return value

"""A repository's commits, and which files a pull request or a comparison is about."""

from __future__ import annotations

from typing import Any

from local_aws.http_server import Response
from provider_api import FileChange, History, answer, check

from .answers import not_found

MOST_ITEMS, ITEMS = 50, 30
"""`MAX_RESPONSE_ITEMS` and `DEFAULT_PAGING_NUM` of `[api]` (modules/setting/api.go)."""
COMMIT = {
    "url": str, "sha": str, "created": str, "html_url": str, "commit": dict, "parents": list,
    "stats": dict,
}  # fmt: skip
FILE = {
    "filename": str, "status": str, "additions": int, "deletions": int, "changes": int,
    "html_url": str, "contents_url": str, "raw_url": str,
}  # fmt: skip
STATUSES = {"added": "added", "removed": "deleted", "modified": "changed", "renamed": "renamed"}
"""Of a pull request's files, in Gitea's words (`ToChangedFile`, services/convert/convert.go)."""


class Repository(History):
    """A repository by its full name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.archived = False
        self.pull_requests: dict[int, tuple[str, str]] = {}
        """Base and head commit of each."""

    def comparison(
        self, base: str, head: str, is_forgejo: bool, verifies: bool, url: str
    ) -> Response:
        """The commits that the head has and the merge base has not, each with its files.

        All of them: no pages, no limit (`CompareDiff`, routers/api/v1/repo/compare.go). Where there
        is no merge base, there are no commits (`GetCompareInfo`, services/git/compare.go).
        """
        if base not in self.commits or head not in self.commits:
            # No reference of that name can be guessed (`parseCompareInfo`).
            raise not_found()
        merge_base = self.merge_base(base, head)
        between = self.line(head)[: self.distance(head, merge_base)] if merge_base else []
        commits = [self._commit(sha, verifies, url) for sha in between]
        value: dict[str, Any] = {"total_commits": len(commits), "commits": commits}
        if is_forgejo:
            # The files of all commits one after the other, doubles included.
            value["files"] = [file for each in commits for file in each["files"]]
        return answer(value)

    def _commit(self, sha: str, verifies: bool, url: str) -> dict[str, Any]:
        """A commit as `ToCommit` of services/convert/git_commit.go makes it.

        Its files are found without renames: the old name is `removed`
        (`GetCommitFileStatus`, modules/gitrepo/commit_file.go).
        """
        parent = self.commits[sha][0]
        person = {
            "name": "Mona Lisa",
            "email": "mona@example.com",
            "date": "2026-11-20T15:20:31Z",
        }
        where = f"{url}/repos/{self.name}/git/commits/{sha}"
        value = {
            "url": where,
            "sha": sha,
            "created": "2026-11-20T16:20:31+01:00",
            "html_url": f"https://git.example.com/{self.name}/commit/{sha}",
            "commit": {
                "url": where,
                "author": person,
                "committer": person,
                "message": f"Commit {sha[:7]}\n",
                "tree": {"url": where, "sha": sha, "created": "2026-11-20T16:20:31+01:00"},
                "verification": {"verified": False} if verifies else None,
            },
            "author": None,
            "committer": None,
            "parents": [{"url": where, "sha": parent, "created": "0001-01-01T00:00:00Z"}]
            if parent
            else [],
            "files": [
                {"filename": change.path, "status": change.status}
                for change in self.changes(parent, sha, finds_renames=False)
            ],
            "stats": {"total": 3, "additions": 2, "deletions": 1},
        }
        check(value, COMMIT)
        return value

    def pull_request(self, number: int, url: str) -> Response:
        """A pull request as it is now, as far as it is read (`ToAPIPullRequest`,
        services/convert/pull.go)."""
        if number not in self.pull_requests:
            raise not_found()
        base, head = self.pull_requests[number]
        where = {"repo_id": 1, "repo": {"id": 1, "full_name": self.name}}
        return answer(
            {
                "id": 70 + number,
                "url": f"{url}/repos/{self.name}/pulls/{number}",
                "number": number,
                "state": "open",
                "draft": False,
                "merged": False,
                "title": "Change the greeting",
                "labels": [],
                "head": {"label": "changes", "ref": "changes", "sha": head} | where,
                "base": {"label": "main", "ref": "main", "sha": base} | where,
                "merge_base": self.merge_base(base, head),
            }
        )

    def files_of_pull_request(
        self,
        number: int,
        query: dict[str, str],
        most: int,
        knows_old_names: bool,
        url: str,
    ) -> Response:
        """A page of what has changed from the merge base to the head
        (`GetPullRequestFiles`, routers/api/v1/repo/pull.go)."""
        if number not in self.pull_requests:
            raise not_found()
        base, head = self.pull_requests[number]
        changes = self.changes(self.merge_base(base, head), head)
        files = [_file(self.name, head, change, knows_old_names) for change in changes]
        # `ToCorrectPageSize`: services/convert/utils.go.
        size = int(query.get("limit", 0))
        size = min(size, most) if size > 0 else min(ITEMS, most)
        page = max(int(query.get("page", 1)), 1)
        pages = -(-len(files) // size)
        headers = {
            "X-Total-Count": str(len(files)),
            "X-Page": str(page),
            "X-PerPage": str(size),
            "X-PageCount": str(pages),
            "X-HasMore": "true" if page < pages else "false",
        }
        if link := _link(f"{url}/repos/{self.name}/pulls/{number}/files", query, page, pages):
            headers["Link"] = link
        return answer(files[(page - 1) * size : page * size], headers)


def _link(path: str, query: dict[str, str], page: int, pages: int) -> str:
    """`genAPILinks`, services/context/api.go; other than GitHub's, without a space at the comma."""
    others = {name: value for name, value in query.items() if name != "page"}
    ahead = [("next", page + 1), ("last", pages)] if page < pages else []
    behind = [("first", 1), ("prev", page - 1)] if page > 1 else []
    return ",".join(
        f"<{path}?{'&'.join(f'{name}={value}' for name, value in (others | {'page': to}).items())}>"
        f'; rel="{rel}"'
        for rel, to in ahead + behind
    )


def _file(name: str, commit: str, change: FileChange, knows_old_names: bool) -> dict[str, Any]:
    site = f"https://git.example.com/{name}"
    value = {
        "filename": change.path,
        "status": STATUSES[change.status],
        "additions": 2,
        "deletions": 1,
        "changes": 3,
        "html_url": f"{site}/src/commit/{commit}/{change.path}",
        "contents_url": f"{site}/contents/{change.path}?ref={commit}",
        "raw_url": f"{site}/raw/commit/{commit}/{change.path}",
    }
    check(value, FILE)
    if change.previous and knows_old_names:
        value["previous_filename"] = change.previous
    return value

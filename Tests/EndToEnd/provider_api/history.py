"""A repository's commits, and in what two of them differ."""

from __future__ import annotations

from dataclasses import dataclass

Tree = dict[str, str]
"""The contents of files, by path."""


@dataclass(frozen=True)
class FileChange:
    """What has become of one file."""

    path: str
    status: str
    """`added`, `modified`, `removed` or `renamed`."""
    previous: str | None = None
    """The name that a renamed file had."""


class History:
    """Commits of one repository, each with one parent or none."""

    def __init__(self) -> None:
        self.commits: dict[str, tuple[str | None, Tree]] = {}
        """Each commit's parent, and the contents of its files."""

    def set(self, sha: str, parent: str | None, changes: dict[str, str | None]) -> None:
        """Adds a commit that sets files, or removes those that become `None`."""
        tree = dict(self.commits[parent][1]) if parent else {}
        for path, content in changes.items():
            if content is None:
                del tree[path]
            else:
                tree[path] = content
        self.commits[sha] = (parent, tree)

    def line(self, sha: str) -> list[str]:
        """A commit and all that it comes from, the newest first."""
        line = []
        at: str | None = sha
        while at:
            line.append(at)
            at = self.commits[at][0]
        return line

    def merge_base(self, base: str, head: str) -> str | None:
        known = set(self.line(base))
        return next((sha for sha in self.line(head) if sha in known), None)

    def distance(self, sha: str, ancestor: str) -> int:
        return self.line(sha).index(ancestor)

    def changes(
        self, before: str | None, after: str, finds_renames: bool = True
    ) -> list[FileChange]:
        """The difference of two commits' files, by name; none is a commit without files."""
        old = self.commits[before][1] if before else {}
        new = self.commits[after][1]
        gone = {path for path in old if path not in new}
        changes = []
        for path, content in new.items():
            if path in old:
                if old[path] != content:
                    changes.append(FileChange(path, "modified"))
                continue
            origins = sorted(gone) if finds_renames else []
            origin = next((each for each in origins if old[each] == content), None)
            if origin is None:
                changes.append(FileChange(path, "added"))
            else:
                gone.remove(origin)
                changes.append(FileChange(path, "renamed", origin))
        changes += [FileChange(path, "removed") for path in gone]
        return sorted(changes, key=lambda change: change.path)

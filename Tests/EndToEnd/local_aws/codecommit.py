"""CodeCommit's repositories, as bare Git repositories on disk.

moto has neither commits nor differences. Here git itself says what two commits differ in,
and a commit that a forced push removed is gone once git has pruned it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .errors import Refused

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
# No page size is documented; that of the console's pages is 100.
PAGE_SIZE = 100


class Repository:
    """One repository; commits are made without a work tree."""

    def __init__(self, name: str):
        self.name = name
        self._folder = tempfile.TemporaryDirectory(prefix="codecommit-")
        self.path = Path(self._folder.name)
        self._git("init", "--quiet", "--bare")

    def commit(
        self, changes: dict[str, str | None], *parents: str, message: str = "a change"
    ) -> str:
        """A commit with the first parent's files but for `changes`; `None` removes one."""
        index = {"GIT_INDEX_FILE": str(self.path / "index")}
        self._git("read-tree", *(parents[:1] or ["--empty"]), **index)
        entries = ""
        for path, content in changes.items():
            # The mode 0 takes a path away.
            mode, blob = "0", "0" * 40
            if content is not None:
                mode, blob = "100644", self._git("hash-object", "-w", "--stdin", input=content)
            entries += f"{mode} {blob}\t{path}\0"
        self._git("update-index", "-z", "--index-info", input=entries, **index)
        tree = self._git("write-tree", **index)
        options = [option for parent in parents for option in ("-p", parent)]
        return self._git("commit-tree", tree, *options, "-m", message)

    def push(self, commit: str, ref: str = "refs/heads/main") -> None:
        """Moves a ref, by force where need be."""
        self._git("update-ref", ref, commit)

    def tag(self, name: str, target: str) -> str:
        """An annotated tag of a commit, or of anything else; the id of the tag object."""
        self._git("tag", "--force", "--annotate", "--message", f"Release {name}", name, target)
        return self._git("rev-parse", f"refs/tags/{name}")

    def tree(self, commit: str) -> str:
        """The id of a commit's tree."""
        return self._git("rev-parse", f"{commit}^{{tree}}")

    def prune(self) -> None:
        """Drops what no ref reaches any more, as CodeCommit does at a time of its own."""
        self._git("gc", "--quiet", "--prune=now")

    def get_commit(self, commit: str) -> dict[str, Any]:
        # The id of a tag object is no commit's, though git would follow it.
        if self._run("cat-file", "-t", commit).stdout.strip() != "commit":
            raise Refused("CommitIdDoesNotExistException", f"Commit {commit} does not exist")
        tree, parents, message = self._git(
            "show", "--no-patch", "--format=%T%n%P%n%B", commit
        ).split("\n", 2)
        return {
            "commitId": commit,
            "treeId": tree,
            "parents": parents.split(),
            "message": message,
            "author": {"name": "Mary", "email": "mary@example.com", "date": "1780000000 +0000"},
            "committer": {"name": "Mary", "email": "mary@example.com", "date": "1780000000 +0000"},
            "additionalData": "",
        }

    def root(self, specifier: str) -> dict[str, Any]:
        """The root folder of the commit that a ref leads to, by way of a tag object or not."""
        self.require(specifier, "CommitDoesNotExistException")
        commit = self._git("rev-parse", f"{specifier}^{{commit}}")
        entries = [line.split() for line in self._git("ls-tree", commit).splitlines()]
        return {
            "commitId": commit,
            "treeId": self.tree(commit),
            "folderPath": "",
            "subFolders": [
                {"treeId": blob, "absolutePath": path, "relativePath": path}
                for _, kind, blob, path in entries
                if kind == "tree"
            ],
            "files": [
                {"blobId": blob, "absolutePath": path, "relativePath": path, "fileMode": "NORMAL"}
                for _, kind, blob, path in entries
                if kind == "blob"
            ],
            "symbolicLinks": [],
            "subModules": [],
        }

    def differences(self, before: str | None, after: str) -> list[dict[str, Any]]:
        for commit in filter(None, (before, after)):
            self.require(commit, "CommitDoesNotExistException")
        text = self._git("diff-tree", "-r", "-z", "-M", "--raw", before or EMPTY_TREE, after)
        fields = iter(text.split("\0"))
        found = []
        for head in fields:
            if not head:
                break
            old_mode, new_mode, old, new, kind = head.removeprefix(":").split(" ")
            path = next(fields)
            new_path = next(fields) if kind[0] in "RC" else path
            difference: dict[str, Any] = {"changeType": kind[0] if kind[0] in "AD" else "M"}
            if kind[0] != "A":
                difference["beforeBlob"] = {"blobId": old, "path": path, "mode": old_mode}
            if kind[0] != "D":
                difference["afterBlob"] = {"blobId": new, "path": new_path, "mode": new_mode}
            found.append(difference)
        return found

    def require(self, commit: str, code: str) -> None:
        asked = self._run("cat-file", "-e", f"{commit}^{{commit}}")
        if asked.returncode != 0:
            raise Refused(code, f"Commit {commit} does not exist")

    def _git(self, *arguments: str, input: str | None = None, **environment: str) -> str:
        result = self._run(*arguments, input=input, **environment)
        assert result.returncode == 0, (arguments, result.stderr)
        return result.stdout.removesuffix("\n")

    def _run(
        self, *arguments: str, input: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        person = {"NAME": "Mary", "EMAIL": "mary@example.com", "DATE": "1780000000 +0000"}
        people = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in person.items()
        }
        return subprocess.run(
            ["git", f"--git-dir={self.path}", "-c", "core.quotePath=false", *arguments],
            input=input,
            capture_output=True,
            text=True,
            env=os.environ | {"GIT_CONFIG_NOSYSTEM": "1"} | people | environment,
            check=False,
        )


class CodeCommit:
    """The operations on repositories that have been made known."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.page_size = PAGE_SIZE

    def create(self, name: str) -> Repository:
        repository = self.repositories[name] = Repository(name)
        return repository

    def handle(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
        """The answer, or `None` where the operation is moto's."""
        if operation not in ("GetCommit", "GetDifferences", "GetFolder"):
            return None
        name = parameters["repositoryName"]
        if name not in self.repositories:
            raise Refused("RepositoryDoesNotExistException", f"{name} does not exist")
        repository = self.repositories[name]
        if operation == "GetCommit":
            return {"commit": repository.get_commit(parameters["commitId"])}
        if operation == "GetFolder":
            assert parameters["folderPath"] == "", "only the root is known here"
            return repository.root(parameters["commitSpecifier"])
        return self._differences(repository, parameters)

    def _differences(self, repository: Repository, parameters: dict[str, Any]) -> dict[str, Any]:
        found = repository.differences(
            parameters.get("beforeCommitSpecifier"), parameters["afterCommitSpecifier"]
        )
        size = parameters.get("MaxResults", self.page_size)
        if size < 1:
            raise Refused("InvalidMaxResultsException", "MaxResults is at least 1")
        token = parameters.get("NextToken", "from-0")
        start = token.removeprefix("from-")
        if token == start or not start.isdigit() or int(start) > len(found):
            raise Refused("InvalidContinuationTokenException", f"no such token: {token}")
        end = int(start) + size
        answer: dict[str, Any] = {"differences": found[int(start) : end]}
        if end < len(found):
            answer["NextToken"] = f"from-{end}"
        return answer

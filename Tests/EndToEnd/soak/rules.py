"""The rules of a soak, and what each change must come to by them.

A rule is described by plain words: names, beginnings, endings. From these its JSON is made, with
globs, and here it is decided what it starts, by comparing texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PREFIX = "soak"


@dataclass(frozen=True)
class Change:
    """What has happened in a repository."""

    source: str
    repository: str
    kind: str
    """`push`, `tag`, `pull_request` or `image`."""
    mark: str
    """The commit, of an image its tag: no other change has it."""
    branch: str = ""
    tag: str = ""
    paths: tuple[str, ...] = ()
    moment: int = 0
    """When it happened, in seconds since the epoch; 0 where the event does not tell."""
    number: int = 0
    """The pull request."""


@dataclass(frozen=True)
class Rule:
    """A rule and the answer to what it starts."""

    name: str
    source: str
    repository: str
    events: tuple[str, ...]
    kind: str
    """The target: `CodePipeline`, `CodeBuild` or `EventBridge`."""
    branches: tuple[str, ...] = ()
    branch_folders: tuple[str, ...] = ()
    tag_beginnings: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    excluded_endings: tuple[str, ...] = ()
    newest: bool = False
    status: str = ""
    is_broken: bool = False

    @property
    def key(self) -> str:
        return f"{PREFIX}/rules/{self.source}/{self.repository}/{self.name}.json"

    @property
    def target(self) -> str:
        """The pipeline, the build project or the bus: no other rule has it."""
        return f"soak-{self.source}-{self.name}"

    def clause(self, change: Change) -> str | None:
        """The clause that skips a change; none if it is to be started."""
        if change.kind not in self.events:
            return "Events"
        if change.branch and (self.branches or self.branch_folders):
            in_folder = any(
                change.branch.startswith(f"{folder}/") and change.branch.count("/") == 1
                for folder in self.branch_folders
            )
            if change.branch not in self.branches and not in_folder:
                return "Branches"
        if change.kind in ("tag", "image") and self.tag_beginnings:
            if not change.tag.startswith(self.tag_beginnings):
                return "Tags"
            return None
        if change.kind == "push" and (self.folders or self.excluded_endings):
            folders = tuple(f"{folder}/" for folder in self.folders) or ("",)
            counts = [path for path in change.paths if path.startswith(folders)]
            if not counts:
                return "Paths"
            if all(path.endswith(self.excluded_endings or ("\n",)) for path in counts):
                return "ExcludePaths"
        return None

    def stored(self) -> dict[str, Any]:
        """The rule as it lies in the bucket."""
        word = "#{tag}" if "image" in self.events else "#{after}"
        target: dict[str, Any] = {
            "CodePipeline": {"Name": self.target, "Variables": {"COMMIT": word}},
            "CodeBuild": {"Project": self.target, "Environment": {"MARK": word}},
            "EventBridge": {"EventBus": self.target},
        }[self.kind]
        rule: dict[str, Any] = {
            "Source": self.source,
            "Repository": self.repository,
            "Events": list(self.events),
            "Order": "newest" if self.newest else "every",
            "Target": {self.kind: target},
        }
        if self.branches or self.branch_folders:
            rule["Branches"] = [*self.branches, *(f"{each}/*" for each in self.branch_folders)]
        if self.tag_beginnings:
            rule["Tags"] = [f"{each}*" for each in self.tag_beginnings]
        if self.folders:
            rule["Paths"] = [f"{each}/**" for each in self.folders]
        if self.excluded_endings:
            rule["ExcludePaths"] = [f"**{each}" for each in self.excluded_endings]
        if self.status:
            rule["Status"] = self.status
        if self.is_broken:
            rule["Branchs"] = ["main"]
        return rule


MONO, TOOL, SITE = "octo-org/mono-repo", "octo-org/tool", "acme/site"
STORE, IMAGE, LEDGER, WORKER = "acme/platform/store", "acme/web", "ledger", "team/worker"
PUSH, TAG, PULL, ANY_IMAGE = ("push",), ("tag",), ("pull_request",), ("image",)

RULES = [
    Rule(
        "api", "github", MONO, PUSH, "CodePipeline", branches=("main",), folders=("services/api",)
    ),
    Rule(
        "web", "github", MONO, PUSH, "CodeBuild",
        branches=("main",), branch_folders=("release",),
        folders=("services/web", "lib"), excluded_endings=(".md",),
    ),
    Rule("announce", "github", MONO, PUSH, "EventBridge", branches=("main",)),
    Rule("release", "github", MONO, TAG, "CodePipeline", tag_beginnings=("v",)),
    Rule("checks", "github", MONO, PULL, "CodeBuild", branches=("main",)),
    Rule(
        "database", "github", MONO, PUSH, "CodePipeline",
        branches=("main",), folders=("services/db",), newest=True,
    ),
    Rule("misspelt", "github", MONO, PUSH, "CodePipeline", is_broken=True),
    Rule("tool", "github", TOOL, PUSH, "CodePipeline", status="ci/tool"),
    Rule("site", "gitea", SITE, PUSH, "CodePipeline", branches=("main",), folders=("pages",)),
    Rule("edition", "gitea", SITE, TAG, "CodeBuild", tag_beginnings=("e",)),
    Rule("preview", "gitea", SITE, PULL, "EventBridge"),
    Rule("store", "gitlab", STORE, PUSH, "CodeBuild", branches=("main",), folders=("shop", "cart")),
    Rule("sale", "gitlab", STORE, TAG, "CodePipeline", tag_beginnings=("v", "w")),
    Rule("review", "gitlab", STORE, PULL, "CodePipeline", branches=("main",)),
    Rule("deploy", "dockerhub", IMAGE, ANY_IMAGE, "CodePipeline", tag_beginnings=("1.",)),
    Rule("book", "codecommit", LEDGER, PUSH, "CodePipeline", branches=("main",)),
    Rule("close", "codecommit", LEDGER, PUSH, "EventBridge", branch_folders=("month",)),
    Rule("work", "ecr", WORKER, ANY_IMAGE, "CodeBuild", tag_beginnings=("1.", "2.")),
]  # fmt: skip


def concerned(change: Change) -> list[Rule]:
    """The rules that are looked at for a change."""
    return [
        rule
        for rule in RULES
        if (rule.source, rule.repository) == (change.source, change.repository)
    ]


def started(change: Change) -> list[Rule]:
    """The rules that a change must start; those about the newest may be held back."""
    return [
        rule for rule in concerned(change) if not rule.is_broken and rule.clause(change) is None
    ]

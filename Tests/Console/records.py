"""Folders laid out as a bucket: what the console is shown."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Iterator
from pathlib import Path

PREFIX = "mono-repo/config"
MONOREPO = "octo-org/monorepo"

FOLDERS = {
    "services/api": [
        "main.go",
        "handler.go",
        "routes/users.go",
        "routes/orders.go",
        "db/schema.sql",
    ],
    "services/web": ["index.ts", "app/cart.ts", "app/search.ts", "style.css", "app/help.ts"],
    "services/billing": ["invoice.py", "tax.py", "jobs/nightly.py"],
    "lib/shared": ["log.go", "errors.go", "retry.go"],
    "infra": ["network.yaml", "cluster.yaml", "roles/build.yaml"],
    "docs": ["index.md", "guide/start.md", "guide/deploy.md", "adr/0001.md"],
    "tools": ["lint.sh", "release.sh"],
}
RULES = {
    "api": ["services/api/**", "lib/shared/**"],
    "web": ["services/web/**"],
    "billing": ["services/billing/**", "lib/shared/**"],
    "infra": ["infra/**"],
}
ACTORS = ["octocat", "hubot", "monalisa", "renovate[bot]"]


class Records:
    """A folder to which records and rules are written."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._folders: set[Path] = set()
        for name, paths in RULES.items():
            self.rule(name, paths)

    def rule(self, name: str, paths: list[str], repository: str = MONOREPO) -> None:
        self._write(
            f"rules/github/{repository}/{name}.json",
            {
                "Repository": repository,
                "Branches": ["main", "release/*"],
                "Paths": paths,
                "Target": {"CodePipeline": {"Name": name, "Region": "eu-west-1"}},
            },
        )

    def push(
        self,
        delivery: str,
        at: datetime.datetime,
        outcomes: dict[str, tuple[str, str]],
        *,
        branch: str = "main",
        repository: str = MONOREPO,
        actor: str = "octocat",
        paths: int = 1,
        status: bool = False,
    ) -> None:
        """Writes the record of a push: by rule the outcome and the path that decided."""
        rules = [
            self.outcome(name, outcome, path, delivery, repository, status)
            for name, (outcome, path) in outcomes.items()
        ]
        time = stamp(at)
        self.record(
            delivery,
            at,
            {
                "change": {
                    "source": "github",
                    "repository": repository,
                    "kind": "push",
                    "branch": branch,
                    "before": "a" * 40,
                    "after": f"{abs(hash_of(delivery)):040x}"[:40],
                    "actor": actor,
                    "pathCount": paths,
                    "receivedAt": time,
                    "delivery": delivery,
                    "body": "bb" * 32,
                },
                "changeKey": f"{PREFIX}/changes/{time[:10]}/{delivery}.json",
                "counts": {
                    name: count
                    for name in (
                        "started",
                        "already-started",
                        "unchanged",
                        "skipped",
                        "failed",
                        "invalid",
                    )
                    if (count := sum(rule["outcome"] == name for rule in rules))
                },
                "rules": rules,
                "attempts": [
                    {
                        "at": time,
                        "requestId": "r",
                        "started": sum(rule["outcome"] == "started" for rule in rules),
                        "failed": sum(rule["outcome"] == "failed" for rule in rules),
                    }
                ],
            },
        )

    def outcome(
        self, name: str, outcome: str, path: str, delivery: str, repository: str, status: bool
    ) -> dict:
        rule: dict[str, object] = {
            "rule": f"{PREFIX}/rules/github/{repository}/{name}.json",
            "outcome": outcome,
            "clause": "Paths",
            "path": path,
        }
        if outcome == "skipped":
            rule |= {"reason": f"none of the changed paths matches, such as '{path}'"}
            return rule
        pattern = next((one for one in RULES.get(name, ["**"]) if path.startswith(one[:-2])), "**")
        rule |= {"pattern": pattern, "reason": f"'{path}' matches '{pattern}'"}
        if outcome == "failed":
            rule |= {
                "clause": "target",
                "answer": "PipelineNotFoundException: Account '111122223333' does not have a "
                f"pipeline named '{name}'",
            }
        else:
            execution = f"{abs(hash_of(delivery + name)):032x}"
            rule |= {"answer": execution}
            if status:
                rule |= {"status": f"ci/{name}", "run": f"codepipeline/{execution}"}
                self._write(
                    f"runs/codepipeline/{execution}.json",
                    {
                        "source": "github",
                        "repository": repository,
                        "sha": "c" * 40,
                        "context": f"ci/{name}",
                        "target": {"kind": "CodePipeline", "name": name, "region": "eu-west-1"},
                        "id": execution,
                        "startedAt": "2026-03-14T09:00:01.000Z",
                        "state": "SUCCEEDED",
                        "stateTime": "2026-03-14T09:08:31.000Z",
                        "attempt": 1,
                    },
                )
        return rule

    def record(self, name: str, at: datetime.datetime, record: dict | str) -> None:
        self._write(f"decisions/{stamp(at)[:10]}/{name}.json", record)

    def _write(self, name: str, content: dict | str) -> None:
        file = self.folder / name
        if file.parent not in self._folders:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(file.parent)
        text = content if isinstance(content, str) else json.dumps(content)
        part = file.with_suffix(".part")
        part.write_text(text)
        part.rename(file)


def hash_of(text: str) -> int:
    """The same in every run, as Python's own is not."""
    return random.Random(text).getrandbits(120)


def stamp(at: datetime.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def pushes(records: Records, count: int, latest: datetime.datetime, minutes: float) -> None:
    """Pushes to the monorepo, so many minutes apart, the same ones in every run."""
    for number, (delivery, branch, actor, path) in enumerate(drawn(count)):
        at = latest - datetime.timedelta(minutes=minutes * number)
        outcomes = {}
        for name, patterns in RULES.items():
            is_met = any(path.startswith(pattern[:-2]) for pattern in patterns)
            outcomes[name] = ("started" if is_met else "skipped", path)
        if number % 23 == 7:
            for name, (outcome, _) in outcomes.items():
                if outcome == "started":
                    outcomes[name] = ("failed", path)
        records.push(
            delivery,
            at,
            outcomes,
            branch=branch,
            actor=actor,
            paths=1 + number % 4,
            status=number < 3,
        )


def drawn(count: int) -> Iterator[tuple[str, str, str, str]]:
    draw = random.Random(7)
    for _ in range(count):
        delivery = "-".join(
            f"{draw.getrandbits(bits):0{bits // 4}x}" for bits in (32, 16, 16, 16, 48)
        )
        place = draw.choices(list(FOLDERS), weights=[6, 5, 3, 2, 2, 4, 1])[0]
        branch = draw.choices(["main", "release/4.2", "fix/cart"], weights=[8, 2, 1])[0]
        yield delivery, branch, draw.choice(ACTORS), f"{place}/{draw.choice(FOLDERS[place])}"

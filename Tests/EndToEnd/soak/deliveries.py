"""The deliveries of a soak, made from a seed."""

from __future__ import annotations

import hashlib
import json
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from . import payloads
from .rules import IMAGE, LEDGER, MONO, SITE, STORE, TOOL, WORKER, Change, Rule, started

DIRECT = ("codecommit", "ecr")
"""Sources whose events AWS delivers: there is no request and no signature."""
FOLDERS = ["services/api", "services/web", "services/db", "lib", "docs", "pages", "shop", "cart"]
KINDS = {
    "push": 44, "tag": 6, "pull request": 8, "image": 8, "status": 2, "large": 1, "forged": 11,
    "malformed": 4, "ignored": 3, "elsewhere": 2, "duplicate": 6, "redelivered": 5,
}  # fmt: skip
"""Of a hundred deliveries, about so many are of each kind."""


@dataclass
class Delivery:
    """One event, which may be sent several times."""

    key: str
    """The delivery's id, which its record has."""
    kind: str
    change: Change
    body: bytes
    status: int
    """What it must be answered."""
    secret: str | None = None
    """The one it is signed with, if not the right one."""
    event: str | None = None
    path: str | None = None
    rules: list[Rule] = field(default_factory=list)
    """Those that it must start."""

    @property
    def is_direct(self) -> bool:
        return self.change.source in DIRECT

    @property
    def is_recorded(self) -> bool:
        return self.status == 202

    def request(self) -> dict[str, Any]:
        """What `webhook` is invoked with, signed now."""
        if self.is_direct:
            return json.loads(self.body)
        made = payloads.request(self.change, self.body, self.key, self.secret, self.event)
        if self.path:
            made["rawPath"] = self.path
            made["requestContext"]["http"]["path"] = self.path
        return made

    def identity(self, rule: Rule) -> str:
        """The identity of a start, as docs/architecture.md defines it."""
        source, stand_in = self.change.source, self.body
        if source == "codecommit":
            event = payloads.event_id(self.body)
            stand_in = f"{event}\nrefs/heads/{self.change.branch}".encode()
        elif source == "ecr":
            stand_in = f"{self.key}\n{self.change.repository}:{self.change.tag}".encode()
        elif source == "gitlab":
            stand_in = self.body + b"\n" + self.key.encode()
        return hashlib.sha256(stand_in + b"\n" + rule.key.encode()).hexdigest()


@dataclass(frozen=True)
class Sending:
    """A delivery that is sent: for the first time, as a duplicate or redelivered."""

    delivery: Delivery
    kind: str
    number: int


class Plan:
    """All that is sent, in its order."""

    def __init__(self, number: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._began = int(time.time()) - 2 * 86_400
        self.deliveries: list[Delivery] = []
        self.sendings: list[Sending] = []
        names = list(KINDS)
        kinds = self._random.choices(names, [KINDS[name] for name in names], k=number)
        for index, kind in enumerate(kinds):
            earlier = [each for each in self.deliveries[-120:] if each.is_recorded]
            if kind == "duplicate" and earlier:
                delivery = earlier[-1]
            elif kind == "redelivered" and earlier:
                delivery = self._random.choice(earlier)
            else:
                if kind in ("duplicate", "redelivered"):
                    kind = "push"
                delivery = self._new(kind, index)
                self.deliveries.append(delivery)
            self.sendings.append(Sending(delivery, kind, index))

    def _id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _new(self, kind: str, index: int) -> Delivery:
        change = self._change(kind, index)
        body = payloads.body_of(change, is_large=kind == "large")
        delivery = Delivery(self._id(), kind, change, body, 202)
        if change.source in DIRECT:
            delivery.key = payloads.event_id(body)
        if change.source == "codecommit":
            ref = f"refs/heads/{change.branch}"
            delivery.key += f"-{hashlib.sha256(ref.encode()).hexdigest()[:16]}"
        if change.source == "dockerhub":
            delivery.key = hashlib.sha256(body).hexdigest()
        if kind == "forged":
            delivery.status, delivery.secret = 401, f"guessed-{index}"
            if change.source == "gitlab":
                delivery.secret = "whsec_Z3Vlc3NlZA=="
        elif kind == "malformed":
            delivery.status = 400
            delivery.body = self._random.choice(
                [b"", b"not JSON", b"[]", b"{}", body[: len(body) // 2], b'{"ref":7}']
            )
        elif kind == "ignored":
            delivery.status, delivery.event = 200, "workflow_run"
        elif kind == "elsewhere":
            delivery.status, delivery.path = 404, self._random.choice(["/", "/gogs", "/githubs"])
        else:
            delivery.rules = started(change)
        return delivery

    def _change(self, kind: str, index: int) -> Change:
        choose, mark = self._random.choice, f"{self._random.getrandbits(160):040x}"
        common = {"mark": mark, "moment": self._began + index}
        if kind == "status":
            return Change("github", TOOL, "push", branch="main", **common)
        if kind == "large":
            paths = ("services/api/main.go",)
            return Change("github", MONO, "push", branch="main", paths=paths, **common)
        if kind in ("malformed", "ignored", "elsewhere"):
            return Change("github", MONO, "push", branch="main", paths=("lib/a",), **common)
        if kind == "image" or kind == "forged" and self._random.random() < 0.2:
            is_hub = kind == "forged" or self._random.random() < 0.6
            tag = f"{choose('123')}.{index}"
            source, repository = ("dockerhub", IMAGE) if is_hub else ("ecr", WORKER)
            return Change(source, repository, "image", tag=tag, mark=tag, moment=common["moment"])
        paths = tuple(
            f"{folder}/{choose(['main.go', 'README.md', 'a/b.txt'])}"
            for folder in self._random.sample(FOLDERS, choose([1, 1, 2, 3]))
        )
        places = {"github": (MONO, 6), "gitea": (SITE, 2), "gitlab": (STORE, 2)}
        if kind == "push":
            places["codecommit"] = (LEDGER, 1)
        weights = [weight for _, weight in places.values()]
        (source,) = self._random.choices(list(places), weights)
        repository = places[source][0]
        if kind == "tag":
            tag = f"{choose('vvwe')}{index}"
            return Change(source, repository, "tag", tag=tag, **common)
        if kind == "pull request":
            branch = "main" if source == "github" else choose(["main", "main", "next"])
            return Change(
                source, repository, "pull_request", branch=branch, number=1 + index, **common
            )
        branch = choose(["main", "main", "main", "release/7", "topic/a/b", f"month/{index % 12}"])
        return Change(source, repository, "push", branch=branch, paths=paths, **common)

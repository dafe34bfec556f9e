"""One soak: everything is sent, the operator does what the documents say, and all is compared."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue

from .comparison import compare
from .deliveries import Delivery, Plan, Sending
from .evidence import Evidence
from .lambda_service import Pace
from .rules import RULES
from .stack import Stack
from .trouble import Outage

OUTCOMES = {"accepted": 202, "ignored": 200}
STACK_EVERY = 50
"""With so many deliveries one team updates its stack."""
MOST_SENT = 60
"""A sender gives up after so many answers of 5xx, a minute or more."""


@dataclass(frozen=True)
class Settings:
    """What is soaked, and for how long at most."""

    deliveries: int
    seed: int = 1
    senders: int = 32
    seconds: float = 900
    timeout: float = 15
    """The functions' timeout: Lambda's is 60 seconds, and retries go as much faster."""
    outage: float = 10
    """Seconds for which the bucket, and later the secret store, answers 503; 0 for never."""
    has_faults: bool = True
    progress: Callable[[str], None] = lambda line: None
    """Told every ten seconds how far it has come."""


@dataclass
class Result:
    """What a soak has come to."""

    settings: Settings
    evidence: Evidence
    broken: dict[str, list[str]]
    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    seconds: float = 0

    @property
    def holds(self) -> bool:
        return not any(self.broken.values())


class Soak:
    def __init__(self, stack: Stack, settings: Settings) -> None:
        self.stack, self.settings = stack, settings
        self.plan = Plan(settings.deliveries, settings.seed)
        self.statuses: Counter[int] = Counter()
        self.counts: Counter[str] = Counter()
        self._began = time.monotonic()
        self._until = self._began + settings.seconds
        self.moments: dict[int, Callable[[], None]] = self._outages()
        """What happens when so many deliveries have been sent."""
        self._told = self._began
        self._lock = threading.Lock()
        self._to_send: Queue[Sending] = Queue()
        stack.evidence.deliveries = self.plan.deliveries
        stack.service.heard = self._hear_direct

    def run(self) -> Result:
        evidence, service = self.stack.evidence, self.stack.service
        for delivery in self.plan.deliveries:
            if any(rule.status for rule in delivery.rules):
                self.stack.api.set(delivery.change.mark, None, {})
        self.stack.trouble.is_on = self.settings.has_faults
        self._send_all()
        self._tell("all sent")
        service.wait(self._until)
        self._operate()
        # Of a run whose dead letter is redriven later than it ends nobody would know.
        self._tell("the runs end")
        self.stack.trouble.is_on = self.settings.has_faults
        self._end_runs()
        service.wait(self._until)
        self._operate()
        evidence.dead_letters = service.dead_letters()
        if time.monotonic() > self._until:
            evidence.open_work.append(f"not done after {self.settings.seconds:.0f} seconds")
        seconds = time.monotonic() - self._began
        service.__exit__()
        self.stack.gather()
        return Result(
            self.settings,
            evidence,
            compare(evidence),
            Counter(each.kind for each in self.plan.sendings),
            self.statuses,
            self.stack.trouble.counts,
            service.counts + self.counts,
            len(self.stack.aws.seen()),
            seconds,
        )

    def _tell(self, words: str) -> None:
        self._told = time.monotonic()
        seconds = self._told - self._began
        open_work = self.stack.service.open_work
        self.settings.progress(f"{seconds:4.0f} s: {words}, {open_work} invocations to come")

    # What the senders do.

    def _send_all(self) -> None:
        for sending in self.plan.sendings:
            self._to_send.put(sending)
        senders = [
            threading.Thread(target=self._sender, daemon=True) for _ in range(self.settings.senders)
        ]
        for sender in senders:
            sender.start()
        while (left := self._to_send.qsize()) and time.monotonic() < self._until:
            time.sleep(0.1)
            if time.monotonic() > self._told + 10:
                self._tell(f"{self.settings.deliveries - left} sent")
        for sender in senders:
            sender.join(max(self._until - time.monotonic(), 0) + 30)
        if unsent := self._to_send.qsize():
            self.stack.evidence.open_work.append(f"{unsent} deliveries were not sent in time")

    def _sender(self) -> None:
        while time.monotonic() < self._until:
            try:
                sending = self._to_send.get_nowait()
            except Empty:
                return
            if sending.number % STACK_EVERY == 0:
                self.stack.declare(sending.number)
            if happens := self.moments.get(sending.number):
                happens()
            self.send(sending.delivery, f"{sending.delivery.key}/{sending.number}")

    def _outages(self) -> dict[int, Callable[[], None]]:
        """The bucket is away after a third of the deliveries, the secret store after two."""
        if not self.settings.has_faults or not self.settings.outage:
            return {}
        share = self.settings.deliveries // 3
        return {share: lambda: self._begin("s3"), 2 * share: lambda: self._begin("secretsmanager")}

    def _begin(self, service: str) -> None:
        outage = Outage(service, time.monotonic(), self.settings.outage)
        self.stack.trouble.outages.append(outage)

    def send(self, delivery: Delivery, about: str) -> None:
        """Sends a delivery, again while it is answered 5xx, as `recover` or a person does."""
        if delivery.is_direct:
            payload = json.dumps(delivery.request()).encode()
            self.stack.service.enqueue("webhook", payload, about=about)
            return
        for attempt in range(1, MOST_SENT + 1):
            payload = json.dumps(delivery.request()).encode()
            answer = self.stack.service.invoke("webhook", payload, about, attempt)
            # What API Gateway answers for a function that fails.
            status = 502 if answer is None or answer.failed else answer.json["statusCode"]
            self._count(delivery, status)
            if status < 500 or time.monotonic() > self._until:
                return
            time.sleep(min(0.2 * attempt, 1.5))

    def _count(self, delivery: Delivery, status: int) -> None:
        with self._lock:
            self.statuses[status] += 1
            self.stack.evidence.responses[delivery.key].append(status)

    def _hear_direct(self, about: str, outcome: str) -> None:
        """An event of AWS has no response: what `webhook` returned stands in for it."""
        with self._lock:
            status = OUTCOMES.get(outcome, 500)
            self.statuses[status] += 1
            self.stack.evidence.responses[about.split("/")[0]].append(status)

    # What happens after that.

    def _end_runs(self) -> None:
        """Ends each run of a rule with a status; its events come late, twice and in any order."""
        aws, chance = self.stack.aws, random.Random(self.settings.seed)
        ours = {rule.target for rule in RULES if rule.status}
        for execution in aws.codepipeline.executions:
            if execution.pipeline in ours and execution.state == "STARTED":
                digest = hashlib.sha256(execution.variables["COMMIT"].encode()).digest()
                state = "FAILED" if digest[0] < 64 else "SUCCEEDED"
                self.stack.evidence.ends[execution.execution_id] = state
                aws.codepipeline.change(execution, state)
        events = aws.state_changes.take()
        mine = [each for each in events if each["detail"].get("pipeline") in ours]
        others = [each for each in events if each["detail"].get("pipeline") not in ours]
        told = mine + chance.sample(mine, len(mine) // 3) + others[: len(mine) // 4]
        chance.shuffle(told)
        for number, event in enumerate(told):
            payload = json.dumps(event).encode()
            self.stack.service.enqueue("report", payload, about=f"event {number}")

    def _operate(self) -> None:
        """Redrives dead letters and redelivers what failed, as docs/operate.md tells."""
        self._tell("the operator redrives")
        self.stack.trouble.is_on = False
        service = self.stack.service
        for _ in range(5):
            while redriven := service.redrive():
                self.counts["dead letters redriven"] += redriven
                service.wait(self._until)
            failed = self._failed()
            if not failed or time.monotonic() > self._until:
                return
            for delivery in failed:
                self.counts["failed starts redelivered"] += 1
                self.send(delivery, f"{delivery.key}/by hand")
            service.wait(self._until)

    def _failed(self) -> list[Delivery]:
        """The deliveries whose record says that a start failed."""
        keys = {
            record["change"]["delivery"]
            for record in self.stack.records()
            if any(rule["outcome"] == "failed" for rule in record["rules"])
        }
        return [each for each in self.plan.deliveries if each.key in keys]


def soak(bootstrap: Path, folder: Path, settings: Settings) -> Result:
    """Runs a soak of a bootstrap; `folder` takes what it needs on disk."""
    with Stack(bootstrap, folder, settings.seed, Pace.of(settings.timeout)) as stack:
        return Soak(stack, settings).run()

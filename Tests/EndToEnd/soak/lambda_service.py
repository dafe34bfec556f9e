"""Lambda: sandboxes of the release, retries, duplicates, and the queue of dead letters."""

from __future__ import annotations

import heapq
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any

from local_aws import ACCOUNT, REGION, SECRET_ACCESS_KEY, LocalAWS
from local_aws.lambda_function import Answer, LambdaFunction
from site_under_test import administration

from .trouble import Invocation, Trouble

ATTEMPTS = 3
TWICE = 0.01
"""Of what is handed over so much is run twice without an error."""
RECYCLED = 150
"""A sandbox takes so many invocations, then another one is started, cold."""


@dataclass(frozen=True)
class Pace:
    """How fast time goes: Lambda's are 60 seconds, and 60 and 120."""

    timeout: float
    retries: tuple[float, float]

    @classmethod
    def of(cls, timeout: float) -> Pace:
        return cls(timeout, (timeout, 2 * timeout))


@dataclass
class Sandbox:
    function: LambdaFunction
    key: str
    version: Path
    """The program that it runs."""
    uses: int = 0


class Function:
    """One function and its sandboxes."""

    def __init__(
        self, service: LambdaService, name: str, number: int, environment: dict[str, str]
    ) -> None:
        self.name = name
        self._service = service
        self._environment = environment
        self._free: Queue[Sandbox] = Queue()
        for _ in range(number):
            self._free.put(self._sandbox())

    def _sandbox(self) -> Sandbox:
        key = f"ASIA{uuid.uuid4().hex[:16].upper()}"
        self._service.aws.add_key(key, SECRET_ACCESS_KEY)
        keys = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY}
        with self._service.lock:
            self._service.processes += 1
        bootstrap = self._service.bootstrap
        function = LambdaFunction(bootstrap, self.name, self._environment | keys)
        return Sandbox(function, key, bootstrap)

    def run(self, payload: bytes, about: str, attempt: int) -> tuple[Answer | None, Invocation]:
        """Runs it in a free sandbox, waiting for one; no answer if the process was lost."""
        sandbox = self._free.get()
        if sandbox.version != self._service.bootstrap:
            self._end(sandbox)
            sandbox = self._sandbox()
        with self._service.lock:
            self._service.runs[sandbox.version] += 1
        invocation = Invocation(self.name, about, attempt, sandbox.function.kill)
        try:
            self._service.trouble.begin(sandbox.key, invocation)
            answer = sandbox.function.run(payload, self._service.pace.timeout)
        except AssertionError as error:
            self._service.misdeeds.append(f"{about}: {error}")
            answer = None
        sandbox.uses += 1
        if answer is None or sandbox.uses >= RECYCLED or not sandbox.function.is_running:
            self._end(sandbox)
            sandbox = self._sandbox()
        self._free.put(sandbox)
        return answer, invocation

    def _end(self, sandbox: Sandbox) -> None:
        sandbox.function.close()
        self._service.logs.append(sandbox.function.log)

    def close(self) -> None:
        while not self._free.empty():
            self._end(self._free.get())


class LambdaService:
    """The functions of one stack. Use as a context manager."""

    def __init__(
        self,
        aws: LocalAWS,
        bootstrap: Path,
        trouble: Trouble,
        pace: Pace,
        ended: Callable[[str, str, Answer | None, Invocation], None],
    ) -> None:
        self.aws, self.bootstrap, self.trouble, self.pace = aws, bootstrap, trouble, pace
        self.lock = threading.Lock()
        self.functions: dict[str, Function] = {}
        self.logs: list[str] = []
        self.misdeeds: list[str] = []
        """What no function may do: answer twice, or nothing that it was asked."""
        self.counts: Counter[str] = Counter()
        self.processes = 0
        self.runs: Counter[Path] = Counter()
        """How many invocations each version of the program has run."""
        self._open_again = 0.0
        self.heard: Callable[[str, str], None] = lambda about, outcome: None
        """Told of what `webhook` has made of an event that AWS delivers."""
        self._ended = ended
        self._changed = threading.Condition()
        self._due: dict[str, list[tuple[float, int, bytes, str, int]]] = {}
        self._number = 0
        self._open = 0
        self._is_closed = False
        self._threads: list[threading.Thread] = []
        # By a gate of its own: what goes wrong at the other one is not to lose a dead letter.
        self._sqs = administration().client("sqs")
        name = f"soak-{uuid.uuid4().hex[:8]}"
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]

    def __enter__(self) -> LambdaService:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(self.pace.timeout + 5)
        for function in self.functions.values():
            function.close()

    def add(self, name: str, number: int, environment: dict[str, str]) -> None:
        """Makes a function known, with so many sandboxes, each of which takes queued events."""
        self._due[name] = []
        self.functions[name] = Function(self, name, number, environment)
        self.aws.functions.register(name, lambda payload: self._receive(name, payload))
        for _ in range(number):
            thread = threading.Thread(target=self._work, args=(name,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def invoke(self, name: str, payload: bytes, about: str, attempt: int) -> Answer | None:
        """Invokes a function and waits for it."""
        if time.monotonic() < self._open_again:
            return None
        answer, invocation = self.functions[name].run(payload, about, attempt)
        self._ended(name, about, answer, invocation)
        return answer

    def update(self, bootstrap: Path, seconds: float) -> None:
        """Gives the functions another program, while nothing runs for some seconds.

        What runs goes on to its end. Requests are refused meanwhile, events wait.
        """
        self._open_again = time.monotonic() + seconds
        self.bootstrap = bootstrap

    def enqueue(
        self, name: str, payload: bytes, attempt: int = 1, after: float = 0, about: str = ""
    ) -> None:
        """Invokes a function asynchronously."""
        with self._changed:
            self._number += 1
            self._open += 1
            entry = time.monotonic() + after, self._number, payload, about, attempt
            heapq.heappush(self._due[name], entry)
            self._changed.notify_all()

    def _receive(self, name: str, payload: bytes) -> None:
        """Takes what a function has invoked; Lambda now and then runs it twice."""
        self.enqueue(name, payload)
        chance = random.Random(f"{self.trouble.seed}/twice/{described(payload)}")
        if self.trouble.is_on and chance.random() < TWICE:
            self.trouble.count("invoked twice")
            self.enqueue(name, payload)

    def wait(self, until: float) -> bool:
        """Whether all that was invoked has come to its end by then."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._open, until - time.monotonic())

    @property
    def open_work(self) -> int:
        """How many invocations have not come to their end."""
        with self._changed:
            return self._open

    def _take(self, name: str) -> tuple[bytes, str, int] | None:
        with self._changed:
            while not self._is_closed:
                due, now = self._due[name], time.monotonic()
                at = max(due[0][0], self._open_again) if due else now + 1
                if at <= now:
                    return heapq.heappop(due)[2:]
                self._changed.wait(at - now)
        return None

    def _work(self, name: str) -> None:
        while entry := self._take(name):
            payload, about, attempt = entry
            about = about or described(payload)
            answer = self.invoke(name, payload, about, attempt)
            if answer is None or answer.failed:
                self._fail(name, payload, about, attempt, answer)
            elif name == "webhook":
                self.heard(about, answer.json.get("outcome", ""))
            with self._changed:
                self._open -= 1
                self._changed.notify_all()

    def _fail(
        self, name: str, payload: bytes, about: str, attempt: int, answer: Answer | None
    ) -> None:
        if attempt < ATTEMPTS:
            with self.lock:
                self.counts["retries"] += 1
            self.enqueue(name, payload, attempt + 1, self.pace.retries[attempt - 1], about)
            return
        with self.lock:
            self.counts["dead letters"] += 1
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=dead_letter(name, payload, answer))

    def redrive(self) -> int:
        """Gives each dead letter to its function again, as docs/operate.md says; how many."""
        number = 0
        while messages := self._sqs.receive_message(
            QueueUrl=self._queue, VisibilityTimeout=300
        ).get("Messages"):
            for message in messages:
                failed = json.loads(message["Body"])
                name = failed["requestContext"]["functionArn"].split(":")[6]
                payload = json.dumps(failed["requestPayload"]).encode()
                self.enqueue(name, payload)
                self._sqs.delete_message(
                    QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"]
                )
                number += 1
        return number

    def dead_letters(self) -> int:
        found = self._sqs.get_queue_attributes(
            QueueUrl=self._queue, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(found["Attributes"]["ApproximateNumberOfMessages"])


def dead_letter(name: str, payload: bytes, answer: Answer | None) -> str:
    """What Lambda sends to a failure destination.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    return json.dumps(
        {
            "version": "1.0",
            "timestamp": "2026-11-20T15:20:43.000Z",
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": ATTEMPTS,
            },
            "requestPayload": json.loads(payload),
            "responseContext": {
                "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"
            },
            "responsePayload": answer.json if answer else {"errorMessage": "the process ended"},
        }
    )  # fmt: skip


def described(payload: bytes) -> str:
    """What an event is about, the same for each attempt: a delivery's id where there is one."""
    event: Any = json.loads(payload)
    if "change" in event:
        return event["change"]["delivery"]
    if "report" in event:
        return event["report"]["record"]
    return event.get("key") or event.get("id") or "?"

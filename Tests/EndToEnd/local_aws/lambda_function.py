"""A Lambda function: one `bootstrap` process under a Runtime API of our own.

One process, one Runtime API on its own port. Every answer the process posts is kept, so
that a test can say: exactly one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from .http_server import Connection, HTTPServer, Request, Response

ANSWER = re.compile(r"/2018-06-01/runtime/invocation/([^/]+)/(response|error)")
ERROR_TYPE = re.compile(r"(Runtime|Function)\.[A-Z][a-zA-Z]+")


@dataclass
class Answer:
    """What the process posted for an invocation."""

    request_id: str
    kind: str
    """`response` or `error`."""
    body: bytes
    error_type: str | None
    at: float
    """When it was posted, in seconds since the epoch."""

    @property
    def failed(self) -> bool:
        return self.kind == "error"

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class LambdaFunction:
    """Use as a context manager; the process ends with it."""

    def __init__(self, bootstrap: Path, handler: str, environment: dict[str, str]):
        self.answers: list[Answer] = []
        self.init_error: Answer | None = None
        self.strays: list[str] = []
        """Requests that the Runtime API does not know."""
        self._events: Queue[tuple[str, bytes, float]] = Queue()
        self._deadlines: dict[str, float] = {}
        self._polls = 0
        self._asking = False
        self._changed = threading.Condition()
        self._closed = False
        self._server = HTTPServer(self._answer)
        self._output = os.memfd_create("log")
        self._process = subprocess.Popen(
            [str(bootstrap)],
            env={
                "AWS_LAMBDA_RUNTIME_API": self._server.address,
                "AWS_LAMBDA_FUNCTION_NAME": handler,
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
                "AWS_LAMBDA_LOG_FORMAT": "JSON",
                "_HANDLER": handler,
            }
            | environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> LambdaFunction:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._closed = True
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._server.close()

    def kill(self) -> None:
        """Ends the process as a crash would: without a word."""
        self._process.kill()
        self._process.wait()

    @property
    def log(self) -> str:
        """All that the process has written: of a file, not a pipe, so never late."""
        size = os.fstat(self._output).st_size
        return os.pread(self._output, size, 0).decode("utf-8", "replace")

    def peak_memory(self) -> float:
        """The most memory that the process has held so far, in MB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def processor_time(self) -> float:
        """Seconds of CPU that the process has taken so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wait_for_exit(self, seconds: float = 10) -> int:
        """The exit status of a process that is expected to end on its own."""
        return self._process.wait(seconds)

    def invoke(self, event: Any, seconds: float = 30) -> Answer:
        """Hands over an event and returns the one answer to it.

        `seconds` is the time that the function is told it has, from when it takes the
        event. The answer is only believed when the process has come back for the next
        event: it might have answered twice.
        """
        request_id, ready = self._hand_over(event, seconds, patience=10)
        answers = [answer for answer in self.answers if answer.request_id == request_id]
        assert ready, f"no answer within {seconds} s and no exit:\n{self.log}"
        assert self._process.poll() is None, f"the process ended:\n{self.log}"
        assert len(answers) == 1, f"{len(answers)} answers to one event: {answers}\n{self.log}"
        assert not self.strays, self.strays
        answer = answers[0]
        late = answer.at - self._deadlines[request_id]
        assert late < 0, f"answered {late:.3f} s too late\n{self.log}"
        if answer.failed:
            assert ERROR_TYPE.fullmatch(answer.error_type or ""), answer
            assert set(answer.json) >= {"errorMessage", "errorType"}, answer
        return answer

    def run(self, event: Any, seconds: float) -> Answer | None:
        """Hands over an event as Lambda does: none if the process ends or does not answer in time.

        A process that does not answer in time is killed.
        """
        request_id, ready = self._hand_over(event, seconds, patience=0)
        if not ready:
            self.kill()
        answers = [answer for answer in self.answers if answer.request_id == request_id]
        assert len(answers) <= 1, f"{len(answers)} answers to one event: {answers}"
        assert not self.strays, self.strays
        is_late = answers and answers[0].at > self._deadlines[request_id]
        return None if is_late or not answers else answers[0]

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def _hand_over(self, event: Any, seconds: float, patience: float) -> tuple[str, bool]:
        """The id of the invocation, and whether the process came back or ended in that time."""
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        request_id = str(uuid.uuid4())
        with self._changed:
            # One that has not asked for its first event yet asks twice until it is ready again.
            expected = self._polls + (1 if self._asking else 2)
        self._events.put((request_id, payload, seconds))
        return request_id, self._wait_for_polls(expected, seconds + patience)

    def _wait_for_polls(self, number: int, seconds: float) -> bool:
        """Whether it has asked for that many events, or ended, within `seconds`."""
        end = time.monotonic() + seconds
        with self._changed:
            while self._polls < number and self._process.poll() is None:
                if time.monotonic() > end:
                    return False
                self._changed.wait(0.1)
        return True

    def _answer(self, request: Request, connection: Connection) -> Response | None:
        if request.method == "GET" and request.target.endswith("/invocation/next"):
            return self._next()
        if request.method == "POST" and request.target == "/2018-06-01/runtime/init/error":
            self.init_error = self._posted("", "init", request)
            return Response(202, {"Content-Type": "application/json"}, b'{"status":"OK"}')
        if request.method == "POST" and (match := ANSWER.fullmatch(request.target)):
            self.answers.append(self._posted(match[1], match[2], request))
            return Response(202, {"Content-Type": "application/json"}, b'{"status":"OK"}')
        self.strays.append(f"{request.method} {request.target}")
        return Response(404)

    def _next(self) -> Response | None:
        with self._changed:
            self._polls += 1
            self._asking = True
            self._changed.notify_all()
        while not self._closed:
            try:
                request_id, payload, seconds = self._events.get(timeout=0.2)
            except Empty:
                continue
            self._asking = False
            self._deadlines[request_id] = time.time() + seconds
            return Response(
                200,
                {
                    "Content-Type": "application/json",
                    "Lambda-Runtime-Aws-Request-Id": request_id,
                    "Lambda-Runtime-Deadline-Ms": str(int(self._deadlines[request_id] * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:"
                    "123456789012:function:pointsman",
                    "Lambda-Runtime-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
                },
                payload,
            )
        return None

    def _posted(self, request_id: str, kind: str, request: Request) -> Answer:
        error_type = request.header("Lambda-Runtime-Function-Error-Type")
        return Answer(request_id, kind, request.body, error_type, time.time())

"""Sandboxes of `evaluate` that answer synchronous invocations, as many at once as there are."""

from __future__ import annotations

from contextlib import ExitStack
from queue import Empty, Queue

from local_aws.functions import Returned
from local_aws.lambda_function import LambdaFunction
from site_under_test import Site


class Sandboxes:
    """Use as a context manager; what comes when all are busy is refused, as Lambda does."""

    def __init__(self, site: Site, number: int = 1):
        self._site = site
        self._number = number
        self._free: Queue[LambdaFunction] = Queue()
        self._exits = ExitStack()

    def __enter__(self) -> Sandboxes:
        for _ in range(self._number):
            self._free.put(self._exits.enter_context(self._site.evaluate()))
        self._site.aws.functions.register(f"{self._site.name}-evaluate", answerer=self.run)
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def run(self, payload: bytes, seconds: float = 60) -> Returned | None:
        """Evaluates in a free sandbox; none where there is none."""
        try:
            sandbox = self._free.get_nowait()
        except Empty:
            return None
        try:
            answer = sandbox.invoke(payload, seconds)
        finally:
            self._free.put(sandbox)
        return Returned(answer.body, answer.failed)

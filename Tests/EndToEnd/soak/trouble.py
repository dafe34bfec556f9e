"""What goes wrong between the functions and AWS, drawn for each invocation from the seed.

An invocation is named by what it is about and by its attempt, so one seed always gives it the same
trouble, whatever else happens at the same moment.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local_aws import Fault
from local_aws.calls import Call
from local_aws.faults import Faults

SHARE = 0.20
"""Of the invocations so many meet trouble."""
CURSED = 0.004
"""Of what is handed over so much is killed in all three attempts, and becomes a dead letter."""
WEIGHTS: dict[str, int] = {
    Fault.RESET: 18, Fault.ERROR_500: 18, Fault.ERROR_503: 12, Fault.THROTTLED: 14,
    Fault.ANSWER_LOST: 20, Fault.CONFLICT: 6, "slow": 10, "killed before": 6, "killed after": 6,
    Fault.TIMED_OUT: 1, Fault.REFUSED: 1,
}  # fmt: skip
CALLS = 12
"""The trouble begins with one of the first so many calls."""
KILLS = ("killed before", "killed after")


MarkOf = Callable[[str, dict[str, Any]], tuple[str, str] | None]
"""Of an operation and its parameters: which target it starts, for which mark."""


@dataclass
class Invocation:
    """One run of a function, as far as trouble is concerned."""

    function: str
    about: str
    attempt: int
    kill: Callable[[], None] = lambda: None
    calls: int = 0
    what: str | None = None
    first: int = 0
    times: int = 0
    heard: set[tuple[str, str]] = field(default_factory=set)
    """Rules and deliveries: what it says it has started, once it has ended."""

    def draw(self, seed: int) -> None:
        cursed = random.Random(f"{seed}/{self.about}")
        if cursed.random() < CURSED and self.function != "webhook" and self.attempt <= 3:
            self.what, self.first, self.times = "killed before", cursed.randint(1, 8), 1
            return
        chance = random.Random(f"{seed}/{self.function}/{self.about}/{self.attempt}")
        if chance.random() >= SHARE:
            return
        (self.what,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        self.first = chance.randint(1, 2 if self.function == "webhook" else CALLS)
        (self.times,) = chance.choices([1, chance.randint(2, 4), 10_000], [80, 17, 3])


@dataclass(frozen=True)
class Outage:
    """A service that answers 503 for a while."""

    service: str
    begins: float
    seconds: float


class Trouble(Faults):
    """The faults of a soak. Nothing happens unless it is switched on."""

    def __init__(self, seed: int, mark_of: MarkOf) -> None:
        super().__init__()
        self.seed = seed
        self.is_on = False
        self.counts: Counter[str] = Counter()
        self.outages: list[Outage] = []
        self._mark_of = mark_of
        self._count_lock = threading.Lock()
        self._invocations: dict[str, Invocation] = {}
        self._callers: dict[int, Invocation] = {}
        self.starts: list[tuple[tuple[str, str], Invocation, bool]] = []
        """What was started: target and mark, by whom, and whether the response was lost."""

    def begin(self, key: str, invocation: Invocation) -> None:
        """An invocation begins in the sandbox that has this access key."""
        if self.is_on:
            invocation.draw(self.seed)
        self._invocations[key] = invocation

    def count(self, what: str) -> None:
        with self._count_lock:
            self.counts[what] += 1

    def next(self, call: Call) -> Fault | None:
        invocation = self._invocations.get(call.access_key_id)
        if invocation is None:
            return None
        # Where a connection ends early, the work may be done once its invocation is over, even
        # in the time of the sandbox's next one, which does not hear of it either.
        self._callers[call.number] = invocation
        if not self.is_on:
            return None
        invocation.calls += 1
        now = time.monotonic()
        for outage in self.outages:
            if call.service == outage.service and 0 <= now - outage.begins < outage.seconds:
                self.count(f"{outage.service} away")
                return Fault.ERROR_503
        hit = invocation.first <= invocation.calls < invocation.first + invocation.times
        if not hit or invocation.what is None or invocation.what == "killed after":
            return None
        self.count(invocation.what)
        if invocation.what == "killed before":
            invocation.kill()
            return Fault.RESET
        if invocation.what == "slow":
            time.sleep(0.5)
            return None
        fault = Fault(invocation.what)
        if fault is Fault.CONFLICT and call.name != "s3:PutObject":
            return Fault.THROTTLED
        return fault

    def done(self, call: Call) -> None:
        invocation = self._callers.pop(call.number, None)
        if invocation is None:
            return
        parameters, call.parameters = call.parameters, {}
        is_killed = False
        if invocation.what == "killed after" and self.is_on:
            is_killed = invocation.first == invocation.calls
        if mark := self._mark_of(call.name, parameters):
            self.starts.append((mark, invocation, is_killed or call.fault is not None))
        if is_killed:
            self.count("killed after")
            invocation.kill()

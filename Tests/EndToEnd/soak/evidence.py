"""What is known after a soak: what was sent, and what everyone involved says of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from .deliveries import Delivery

Mark = tuple[str, str]
"""A target and the mark of a change."""


@dataclass
class Evidence:
    """Plain values, so that a test can doctor them."""

    deliveries: list[Delivery]
    responses: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The statuses that a delivery was answered with, by its key, in their order."""
    records: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """The decision records, by the delivery's key."""
    ledger: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The entries, by identity."""
    starts: dict[Mark, list[float]] = field(default_factory=lambda: defaultdict(list))
    """When each service really started what, by its own list."""
    run_of: dict[Mark, str] = field(default_factory=dict)
    """The execution that was started, of pipelines."""
    unknown: Counter[Mark] = field(default_factory=Counter)
    """Starts that were made, and whose invocation did not hear of it or failed."""
    said: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Rules of which an attempt said that they may have been started before, or twice."""
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The objects below `runs/codepipeline/`, by the execution's id."""
    ends: dict[str, str] = field(default_factory=dict)
    """How each execution of a rule with a status ended."""
    statuses: dict[str, dict[str, str]] = field(default_factory=dict)
    """What the provider shows of each commit: the state of each context."""
    stacks: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """What CloudFormation was answered, by the request's id: the status, and the rule's key."""
    rule_keys: set[str] = field(default_factory=set)
    """The rules that lie in the bucket."""
    secrets: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    refused_calls: list[str] = field(default_factory=list)
    """What the gate of the local AWS found wrong with a call."""
    misdeeds: list[str] = field(default_factory=list)
    dead_letters: int = 0
    open_work: list[str] = field(default_factory=list)
    """What was not done when the time was up."""

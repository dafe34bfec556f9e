"""What the demo writes: steps with the time they took, facts, and checks."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

COLOURED = sys.stdout.isatty() and "NO_COLOR" not in os.environ
BOLD, DIM, RED, GREEN, YELLOW = "1", "2", "31", "32", "33"


class NotAsItShouldBe(Exception):
    """Something that the demo shows is not what it says."""


def paint(text: str, colour: str) -> str:
    return f"\033[{colour}m{text}\033[0m" if COLOURED else text


def say(text: str = "", colour: str | None = None) -> None:
    print(paint(text, colour) if colour else text, flush=True)


class Steps:
    """Numbers the steps and measures each."""

    def __init__(self) -> None:
        self._number = 0
        self._began = time.monotonic()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._number += 1
        say()
        say(f"{self._number}. {title}", BOLD)
        began = time.monotonic()
        yield
        say(f"   {time.monotonic() - began:.1f} s", DIM)


def fact(name: str, value: object, colour: str | None = None) -> None:
    """One line of what can be seen."""
    text = str(value)
    say(f"   {name:<11} {paint(text, colour) if colour else text}")


def check(holds: bool, statement: str) -> None:
    """Says that a statement holds, or ends the demo."""
    if not holds:
        raise NotAsItShouldBe(f"not so: {statement}")
    say(f"   {paint('✓', GREEN)} {statement}")

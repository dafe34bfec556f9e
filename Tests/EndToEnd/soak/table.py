"""What a soak came to, as tables that a person reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .rules import RULES
from .soak import Result
from .trouble import KILLS

MOST_NAMED = 20


def text(result: Result) -> str:
    """All tables, and at the end whether each property holds."""
    settings, evidence = result.settings, result.evidence
    kinds = [(kind, str(number)) for kind, number in sorted(result.sent.items())]
    kinds.append(("all", str(sum(result.sent.values()))))
    statuses = [(str(status), str(number)) for status, number in sorted(result.statuses.items())]
    kills = sum(result.troubles[kind] for kind in KILLS)
    troubles = [
        (str(kind), str(number))
        for kind, number in sorted(result.troubles.items(), key=lambda pair: str(pair[0]))
        if kind not in KILLS
    ]
    troubles.append(("processes killed (SIGKILL)", str(kills)))
    counts = [
        *((name, str(number)) for name, number in sorted(result.counts.items())),
        ("calls of AWS", str(result.calls)),
        ("seconds", f"{result.seconds:.0f}"),
    ]
    named = f"{settings.deliveries} deliveries, {settings.senders} senders, seed {settings.seed}"
    parts = [
        named,
        grid(["delivery", "sent"], kinds),
        grid(["response", "times"], statuses),
        grid(["target", "expected", "started", "held back", "twice", "allowed"], starts(result)),
        grid(["trouble", "times"], troubles),
        grid(["what else", ""], counts),
        grid(
            ["property", "holds"],
            [
                (name, "yes" if not broken else f"NO: {len(broken)}")
                for name, broken in result.broken.items()
            ],
        ),
    ]
    for name, broken in result.broken.items():
        if broken:
            lines = [f"{name}: broken {len(broken)} times", *broken[:MOST_NAMED]]
            parts.append("\n    ".join(lines))
    if evidence.open_work:
        parts.append("; ".join(evidence.open_work))
    return "\n\n".join(parts)


def starts(result: Result) -> list[tuple[str, ...]]:
    """For each kind of target: what was expected, and what the service really started.

    A rule that starts the newest alone holds back what is older; that counts as done.
    """
    evidence = result.evidence
    totals: dict[str, list[int]] = {}
    for delivery in evidence.deliveries:
        for rule in delivery.rules:
            mark = rule.target, delivery.change.mark
            number = len(evidence.starts.get(mark, []))
            row = totals.setdefault(rule.kind, [0, 0, 0, 0, 0])
            row[0] += 1
            row[1] += number > 0
            row[2] += number == 0 and rule.newest
            row[3] += number > 1
            row[4] += number > 1 and number <= 1 + evidence.unknown.get(mark, 0)
    found = [(kind, *map(str, totals[kind])) for kind in sorted(totals)]
    sums = [sum(row[column] for row in totals.values()) for column in range(5)]
    return [*found, ("all", *map(str, sums))]


def grid(head: list[str], rows: Iterable[tuple[str, ...]]) -> str:
    """A table whose first column is to the left, the others to the right."""
    lines = [tuple(head), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]

    def line(cells: tuple[str, ...]) -> str:
        first, *rest = cells
        columns = [first.ljust(widths[0])]
        columns += [cell.rjust(width) for cell, width in zip(rest, widths[1:])]
        return "  ".join(columns).rstrip()

    ruled = "  ".join("-" * width for width in widths)
    return "\n".join([line(lines[0]), ruled, *(line(each) for each in lines[1:])])


def kept(result: Result) -> dict[str, Any]:
    """What is needed to look into a soak that failed."""
    evidence = result.evidence
    return {
        "broken": result.broken,
        "rules": [rule.stored() for rule in RULES],
        "responses": evidence.responses,
        "records": evidence.records,
        "ledger": evidence.ledger,
        "starts": {" ".join(mark): times for mark, times in evidence.starts.items()},
        "unknown": {" ".join(mark): number for mark, number in evidence.unknown.items()},
        "statuses": evidence.statuses,
    }

"""How long one invocation takes in the loop, with an echo handler."""

import tempfile

from measure import Comparison, awslambdaric, drive, floor
from start import COLUMNS

PARTS = {
    "invoke": "`/next` answered → response",
    "turnaround": "response taken → next `/next`",
    "cycle": "both",
    "cpu": "CPU time of both",
}


def run(report, rounds, echo, others):
    peers = [floor(), echo, *others, awslambdaric()]
    report.section("The loop", "Each peer gives every event back. Microseconds.")
    for size, count in ((1_024, 3_000), (102_400, 1_500)):
        with tempfile.NamedTemporaryFile() as payload:
            # A JSON string, so that awslambdaric can parse it.
            payload.write(b'"' + b"x" * (size - 2) + b'"')
            payload.flush()
            parts = {name: Comparison(peer.name for peer in peers) for name in PARTS}
            for _ in range(rounds):
                for peer in peers:
                    samples = drive(
                        peer,
                        warmup=100,
                        invocations=count,
                        payloads=[payload.name],
                        echo=True,
                    )
                    invocations = len(samples["invoke"])
                    samples["cpu"] = [total / invocations for total in samples["cpu"]]
                    for name, comparison in parts.items():
                        comparison.add(peer.name, samples[name])
        for name, comparison in parts.items():
            report.table(
                f"{size // 1_024} KB event: {PARTS[name]}",
                COLUMNS,
                [[peer.name, *comparison.cells(peer.name, 1e3)] for peer in peers],
            )

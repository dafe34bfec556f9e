"""How long one invocation takes in the loop, with an echo handler."""

import tempfile

from measure import Comparison, awslambdaric, drive, floor


def run(rounds, echo):
    peers = [floor(), echo, awslambdaric()]
    for size, count in ((1_024, 3_000), (102_400, 1_500)):
        with tempfile.NamedTemporaryFile() as payload:
            # A JSON string, so that awslambdaric can parse it.
            payload.write(b'"' + b"x" * (size - 2) + b'"')
            payload.flush()
            parts = {name: Comparison(peers) for name in ("invoke", "turnaround", "cycle", "cpu")}
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
                        comparison.add(peer, samples[name])
        label = f"{size // 1_024} KB event"
        parts["invoke"].table(f"{label}: /next answered → response", "µs", 1e3, {echo.name: 2})
        parts["turnaround"].table(f"{label}: response taken → next /next", "µs", 1e3)
        parts["cycle"].table(f"{label}: both", "µs", 1e3, {echo.name: 2})
        parts["cpu"].table(f"{label}: CPU time of the peer", "µs", 1e3)

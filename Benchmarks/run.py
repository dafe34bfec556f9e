"""Measures the release beside a minimal C loop and AWS's Python runtime, in one run.

    make bench
    python3 Benchmarks/run.py --bootstrap dist/bootstrap --echo dist/echo [part]...

Peers take turns, round by round, so that what disturbs the machine disturbs all of them. A
ratio is the median over the rounds of (median of the peer / median of the first peer), and
beside it stand the lowest and the highest round: compare runs by ratios, not by times.
"""

import argparse
import pathlib

import invoke
import latency
import memory
import reduce
import start
import webhook
from measure import Peer

PARTS = ("start", "invoke", "memory", "reduce", "latency")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", type=pathlib.Path, required=True)
    parser.add_argument("--echo", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "part", nargs="*", choices=[*PARTS, []], help="all of them if none is named"
    )
    arguments = parser.parse_args()
    bootstrap, echo = arguments.bootstrap.resolve(), arguments.echo.resolve()
    for part in arguments.part or PARTS:
        if part == "start":
            start.run(arguments.rounds, webhook.peer(bootstrap, "http://127.0.0.1:1"))
        elif part == "invoke":
            invoke.run(arguments.rounds, Peer("echo", [echo]))
        elif part == "memory":
            memory.run(bootstrap)
        elif part == "reduce":
            reduce.run(arguments.rounds, bootstrap)
        elif part == "latency":
            latency.run(bootstrap)


if __name__ == "__main__":
    main()

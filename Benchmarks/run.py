"""Measures the release beside its peers in one run, and writes REPORT.md with its plots.

    make bench                                  all of it
    make bench PEER="mine=/path/to/bootstrap"   with an executable that speaks the Runtime API
    make bench PART=start                       one part, printed and not written

The report describes the machine, and gives ratios with their spread over the rounds.
"""

import argparse
import pathlib
import shlex

import curve
import deliveries
import invoke
import memory
import start
import webhook
from measure import Peer
from report import HERE, Report

PARTS = ("start", "invoke", "delivery", "memory", "rules", "size")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", type=pathlib.Path, required=True)
    parser.add_argument("--echo", type=pathlib.Path, required=True)
    parser.add_argument("--rules-curve", type=pathlib.Path, required=True)
    parser.add_argument("--zip", type=pathlib.Path, required=True)
    parser.add_argument("--libraries", default="-lssl -lcrypto", help="what OpenSSL is linked by")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []])
    arguments = parser.parse_args()
    bootstrap, echo = arguments.bootstrap.resolve(), arguments.echo.resolve()
    others = []
    for peer in arguments.peer:
        name, _, command = peer.partition("=")
        others.append(Peer(name, shlex.split(command)))
    report = Report(HERE / "plots", "make bench")
    for part in arguments.part or PARTS:
        if part == "start":
            ours = webhook.peer(bootstrap, "http://127.0.0.1:1")
            start.run(report, arguments.rounds, ours, others)
        elif part == "invoke":
            invoke.run(report, arguments.rounds, Peer("echo", [echo]), others)
        elif part == "delivery":
            deliveries.run(report, arguments.rounds, bootstrap, shlex.split(arguments.libraries))
        elif part == "memory":
            memory.run(report, bootstrap)
        elif part == "rules":
            curve.run(report, arguments.rules_curve.resolve())
        elif part == "size":
            size(report, arguments.zip, bootstrap)
    if not arguments.part:
        report.write(HERE / "REPORT.md")


def size(report, archive, bootstrap):
    report.section("Size", "Bytes.")
    rows = [[f"`{path.name}`", f"{path.stat().st_size:,}"] for path in (archive, bootstrap)]
    report.table(None, ["", "bytes"], rows)


if __name__ == "__main__":
    main()

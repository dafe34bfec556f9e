"""Builds the C programs, runs peers under the driver and compares what they took."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "bench"


def compiled(source, *flags, libraries=()):
    """The program of one C file, compiled unless it is newer than its source."""
    CACHE.mkdir(parents=True, exist_ok=True)
    program = CACHE / pathlib.Path(source).stem
    path = HERE / source
    if not program.exists() or program.stat().st_mtime < path.stat().st_mtime:
        command = ["gcc", "-O2", "-Wall", "-Wextra", *flags, "-o", program, path, *libraries]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL if libraries else None)
    return program


class Peer:
    """A program that speaks the Runtime API."""

    def __init__(self, name, command, environment=None, share=1.0):
        self.name = name
        self.command = [str(word) for word in command]
        self.environment = environment or {}
        # Slow peers get that share of the repetitions.
        self.share = share

    @property
    def binary(self):
        return self.command[0]


def floor():
    return Peer("floor (C)", [compiled("floor.c", "-static")])


def awslambdaric():
    """AWS's Python runtime with an echo handler, run by the Python that runs this."""
    return Peer(
        "awslambdaric",
        [sys.executable, "-m", "awslambdaric", "echo_handler.handler"],
        {"PYTHONPATH": str(HERE), "LAMBDA_TASK_ROOT": str(HERE)},
        share=0.1,
    )


def drive(peer, *, starts=1, warmup=0, invocations=0, payloads=(), evict=False, echo=False):
    """Runs a peer under the driver once; the samples, and its last answer."""
    if peer.share < 1:
        starts = max(1, round(starts * peer.share))
        invocations = max(min(invocations, 50), round(invocations * peer.share))
    with tempfile.NamedTemporaryFile() as answer:
        command = [compiled("driver.c"), "--starts", starts, "--warmup", warmup]
        command += ["--invocations", invocations, "--answer", answer.name]
        for payload in payloads:
            command += ["--payload", payload]
        if evict:
            command += ["--evict", peer.binary]
        if echo:
            command += ["--echo"]
        command += ["--", *peer.command]
        run = subprocess.run(
            [str(word) for word in command],
            env={"PATH": os.environ["PATH"], **peer.environment},
            stdout=subprocess.PIPE,
            check=True,
        )
        samples = json.loads(run.stdout)
        samples["answer"] = pathlib.Path(answer.name).read_bytes()
    samples["cycle"] = [a + b for a, b in zip(samples["invoke"], samples["turnaround"])]
    return samples


class Comparison:
    """Samples of several peers, taken in turns; the first peer is what the others are held to."""

    def __init__(self, names):
        self.names = list(names)
        self.rounds = {name: [] for name in self.names}
        self.least = dict.fromkeys(self.names, float("inf"))

    def add(self, name, samples):
        """Adds a round of a peer."""
        self.rounds[name].append(statistics.median(samples))
        self.least[name] = min(self.least[name], *samples)

    def median(self, name):
        return statistics.median(self.rounds[name])

    def ratios(self, name):
        """One ratio a round: what disturbs the machine disturbs both sides of it."""
        return [one / base for one, base in zip(self.rounds[name], self.rounds[self.names[0]])]

    def ratio(self, name):
        return statistics.median(self.ratios(name))

    def cells(self, name, scale=1.0):
        """Median, least, ratio and its spread over the rounds, as a table shows them."""
        ratios = self.ratios(name)
        return [
            figure(self.median(name) / scale),
            figure(self.least[name] / scale),
            f"{self.ratio(name):.2f}",
            f"{min(ratios):.2f}–{max(ratios):.2f}",
        ]


def figure(value):
    """A number in three significant digits or so."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:,.1f}"

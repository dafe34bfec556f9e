"""Builds the C programs, runs peers under the driver and compares what they took."""

import json
import os
import pathlib
import statistics
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "bench"


def compiled(source, *flags):
    """The program of one C file, compiled unless it is newer than its source."""
    CACHE.mkdir(parents=True, exist_ok=True)
    program = CACHE / pathlib.Path(source).stem
    path = HERE / source
    if not program.exists() or program.stat().st_mtime < path.stat().st_mtime:
        subprocess.run(["gcc", "-O2", *flags, "-o", program, path], check=True)
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
    """AWS's Python runtime in an environment of its own, with an echo handler."""
    home = CACHE / "awslambdaric"
    python = home / "bin" / "python3"
    if not python.exists():
        subprocess.run(["python3", "-m", "venv", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "awslambdaric"], check=True)
    return Peer(
        "awslambdaric",
        [python, "-m", "awslambdaric", "echo_handler.handler"],
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
    if evict and max(samples["resident"]):
        raise SystemExit(f"{peer.name}: {max(samples['resident'])} pages were not evicted")
    return samples


class Comparison:
    """Samples of several peers, taken in turns; the first peer is what the others are held to."""

    def __init__(self, peers):
        self.peers = peers
        self.rounds = {peer.name: [] for peer in peers}
        self.least = {peer.name: float("inf") for peer in peers}

    def add(self, peer, samples):
        self.rounds[peer.name].append(statistics.median(samples))
        self.least[peer.name] = min(self.least[peer.name], *samples)

    def median(self, peer):
        return statistics.median(self.rounds[peer.name])

    def ratios(self, peer):
        """One ratio a round: what disturbs the machine disturbs both sides of it."""
        return [
            one / base for one, base in zip(self.rounds[peer.name], self.rounds[self.peers[0].name])
        ]

    def table(self, title, unit, scale, goals=None):
        """Prints one line a peer: median, minimum, ratio with its spread, and the goal."""
        print(f"\n{title}, {unit}")
        print(f"  {'':<16}{'median':>10}{'min':>10}{'ratio':>9}   spread of the rounds")
        for peer in self.peers:
            ratios = self.ratios(peer)
            ratio = statistics.median(ratios)
            goal = (goals or {}).get(peer.name)
            verdict = ""
            if goal is not None:
                verdict = f"   goal {goal:g}: {'met' if ratio <= goal else 'MISSED'}"
            print(
                f"  {peer.name:<16}{self.median(peer) / scale:>10.3f}"
                f"{self.least[peer.name] / scale:>10.3f}{ratio:>9.2f}"
                f"   {min(ratios):.2f}–{max(ratios):.2f}{verdict}"
            )

"""CPU time of a cold delivery: what one fresh process takes for one event, without and with TLS.

A signed push to `webhook`, which reads the secret and hands over; then its evaluation by
`evaluate`, which starts one pipeline. Over TLS, the authority of the services' certificates is the
only one that is trusted, or the last of those of the system's bundle, as it is on Lambda. Each
service has an endpoint of its own, as in AWS; they are those of latency.py, without their delay.

    python3 Benchmarks/delivery.py [--rounds N] dist/bootstrap [another/bootstrap]...
"""

import argparse
import asyncio
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import latency
import push
import webhook
from measure import HERE

sys.path.insert(0, str(HERE.parent / "Tests" / "EndToEnd"))

SYSTEM = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
TRUSTS = ("plain HTTP", "one root", "system's bundle")
SERVICES = ("S3", "SECRETS_MANAGER", "LAMBDA", "CODEPIPELINE")
GOALS = {"webhook": 8, "evaluate": 10}  # ms of CPU with the system's bundle
OVER_ONE_ROOT = 1.1  # times the figure with one root


async def cpu(command, name, environment, events):
    """The CPU time in ms that one process takes for one event, and its answer."""
    api = latency.RuntimeAPI()
    api.events.put_nowait(events)
    port = await latency.serve(api.answer)
    process = subprocess.Popen(
        [*command],
        env={**environment, "_HANDLER": name, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}"},
    )
    try:
        kind, answer = await asyncio.wait_for(api.answers.get(), 60)
        if kind != "response":
            raise SystemExit(f"{name} answered {answer.decode()}")
    finally:
        process.kill()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return (usage.ru_utime + usage.ru_stime) * 1000


class Delivery:
    """One delivery's two processes, with one kind of trust."""

    def __init__(self, trust, authority, folder):
        self.trust, self.handed_over = trust, []
        self.tls = None if trust == "plain HTTP" else authority.context()
        self.environment = {}
        if trust == "one root":
            self.environment = {"AWS_CA_BUNDLE": str(authority.bundle)}
        elif self.tls:
            bundle = folder / "bundle.crt"
            bundle.write_bytes(SYSTEM.read_bytes() + authority.bundle.read_bytes())
            self.environment = {"AWS_CA_BUNDLE": str(bundle)}

    async def open(self):
        services = latency.Services(self.handed_over.append)
        self.services = services
        scheme = "https" if self.tls else "http"
        urls = {}
        for service in SERVICES:
            port = await latency.serve(services.answer, self.tls)
            urls[f"AWS_ENDPOINT_URL_{service}"] = f"{scheme}://127.0.0.1:{port}"
        self.environment = {
            **webhook.environment("http://127.0.0.1:1"),
            "GITHUB_SECRET": "",
            "GITHUB_SECRET_ARN": "github",
            **urls,
            **self.environment,
        }

    async def measure(self, command, number):
        """The CPU times in ms of `webhook` and `evaluate` for one delivery."""
        self.services.forget()
        self.services.objects = dict(list(latency.rules().items())[:1])
        self.handed_over.clear()
        event = push.event(10_000, seed=number)
        taken = {"webhook": await cpu(command, "webhook", self.environment, event)}
        [change] = self.handed_over
        taken["evaluate"] = await cpu(command, "evaluate", self.environment, change)
        if self.services.starts != 1:
            raise SystemExit(f"{self.services.starts} starts instead of 1")
        return taken


async def rounds(bootstraps, count):
    """Samples by bootstrap, function and trust; all take turns."""
    from certificates import Authority

    latency.DELAY = 0
    samples = {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        authority = Authority(folder, "authority")
        deliveries = [Delivery(trust, authority, folder) for trust in TRUSTS]
        for delivery in deliveries:
            await delivery.open()
        for number in range(1 + count):
            for bootstrap in bootstraps:
                for delivery in deliveries:
                    taken = await delivery.measure([bootstrap], 1 + number)
                    for function, cpu_time in taken.items():
                        # The first round fills the caches of the machine.
                        if number:
                            key = (bootstrap, function, delivery.trust)
                            samples.setdefault(key, []).append(cpu_time)
    return samples


def run(count, bootstraps):
    samples = asyncio.run(rounds(bootstraps, count))
    for bootstrap in bootstraps:
        print(f"\nCPU time of a cold delivery, ms, {count} rounds: {bootstrap}")
        print(f"  {'':<26}{'median':>10}{'min':>10}{'of plain':>10}{'of one root':>13}")
        for function, goal in GOALS.items():
            median = {
                trust: statistics.median(samples[bootstrap, function, trust]) for trust in TRUSTS
            }
            for trust in TRUSTS:
                ours = samples[bootstrap, function, trust]
                print(
                    f"  {function:<9}{trust:<17}{median[trust]:>10.2f}{min(ours):>10.2f}"
                    f"{median[trust] / median['plain HTTP']:>10.2f}"
                    f"{median[trust] / median['one root']:>13.2f}",
                    end="",
                )
                if trust == TRUSTS[-1]:
                    met = median[trust] <= goal
                    met = met and median[trust] <= OVER_ONE_ROOT * median["one root"]
                    print(
                        f"   goal {goal} ms, {OVER_ONE_ROOT:g}: {'met' if met else 'MISSED'}",
                        end="",
                    )
                print()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("bootstrap", nargs="+")
    arguments = parser.parse_args()
    run(arguments.rounds, arguments.bootstrap)

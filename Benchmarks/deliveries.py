"""The report's part about deliveries: ours, the calls alone in C, and the job with boto3."""

import asyncio
import pathlib
import statistics
import sys
import tempfile

import push
from certificates import Chain
from delivery import Bench, Recording, calls_alone, pointsman, with_boto3
from measure import Comparison, figure

SIZES = {"1 KB": 1_000, "100 KB": 100_000, "1 MB": 1_000_000, "6 MB": 5_670_000}
DELAYS = (0.0, 0.020)
COLD, WARM = 3, 5
RULES = (1, 5, 10, 20, 100)
# Lambda gives a function of 1,769 MB one core, and of any other size that share of one
# (AWS Lambda Developer Guide, "Configure Lambda function memory").
WHOLE_CORE = 1_769
MEMORY = (128, 256, 512)
FIGURES = {
    "response": "event → response of `webhook`, wall-clock",
    "start": "event → last start, wall-clock",
    "webhook CPU": "CPU time of `webhook`",
    "evaluate CPU": "CPU time of `evaluate`",
}

SETTING = """\
A signed push comes to `webhook`, which reads the secret and invokes `evaluate`, which reads the
rules, claims each start and starts a pipeline. The services are stand-ins on loopback, over TLS by
an RSA chain of three; a bundle of the system's roots and theirs is trusted. *The calls in C* sends
the same requests over as many connections with OpenSSL, and trusts one root: what a delivery costs
at the least. *boto3* is the same job as a Python user would write it, on AWS's runtime for Python.
Ten rules, of which one starts. Milliseconds."""


class Variant:
    """An implementation, and how it is connected."""

    def __init__(self, name, implementation, scheme, bundle):
        self.name, self.implementation = name, implementation
        self.scheme, self.bundle = scheme, bundle


def run(report, rounds, bootstrap, libraries):
    asyncio.run(measure(report, rounds, bootstrap, libraries))


async def measure(report, rounds, bootstrap, libraries):
    report.section("A delivery", SETTING)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        chain = Chain(folder)
        bench = Bench(1, 9, chain)
        await bench.open()
        ours = pointsman(bootstrap)
        # What the program in C sends: recorded with a delay, by which round trips are told apart.
        recording = Recording(folder)
        trips = {}

        def note(services):
            kind = "warm" if trips else "cold"
            recording.write(services, kind)
            trips[kind] = {name: services.kinds(name) for name in services.rounds}

        event = push.event(SIZES["1 KB"])
        await bench.deliver(
            ours, event, scheme="https", bundle=chain.root, delay=0.05, warm=1, noting=note
        )
        calls = calls_alone(folder, libraries)
        variants = [
            Variant("the calls in C", calls, "https", chain.root),
            Variant("Pointsman", ours, "https", chain.system),
            Variant("Pointsman, one root", ours, "https", chain.root),
            Variant("Pointsman, plain HTTP", ours, "http", None),
            Variant("boto3", with_boto3(sys.executable), "https", chain.system),
        ]
        for delay in DELAYS:
            await compare(report, bench, variants, rounds, delay)
        await compare_sizes(report, bench, variants, rounds)
        for kind, functions in trips.items():
            report.note(f"The round trips of a {kind} delivery, one after the other:")
            for name, kinds in functions.items():
                report.note(f"- `{name}`, {len(kinds)}: {' → '.join(kinds)}")
        await by_rules(report, rounds, bootstrap, chain)
        await many(report, bootstrap, chain)


async def compare(report, bench, variants, rounds, delay):
    event = push.event(SIZES["1 KB"])
    names = [variant.name for variant in variants]
    comparisons = {(kind, key): Comparison(names) for kind in ("cold", "warm") for key in FIGURES}
    for _ in range(rounds):
        for variant in variants:
            samples = {"cold": [], "warm": []}
            for _ in range(COLD):
                cold, *warm = await bench.deliver(
                    variant.implementation,
                    event,
                    scheme=variant.scheme,
                    bundle=variant.bundle,
                    delay=delay,
                    warm=WARM,
                )
                samples["cold"].append(cold)
                samples["warm"] += warm
            for (kind, key), comparison in comparisons.items():
                comparison.add(variant.name, [sample[key] for sample in samples[kind]])
    label = f"{delay * 1000:g} ms on every call"
    for (kind, key), comparison in comparisons.items():
        # The delay changes no CPU time.
        if delay and key.endswith("CPU"):
            continue
        report.table(
            f"{kind.capitalize()}, {FIGURES[key]}" + ("" if key.endswith("CPU") else f", {label}"),
            ["", "median", "least", "times the calls in C", "over the rounds"],
            [[name, *comparison.cells(name)] for name in names],
        )
    if not delay:
        shares(report, names, comparisons)
        report.bars(
            "cold",
            "CPU time of a cold delivery over TLS, ms",
            {
                f"`{function}`": {
                    name: comparisons["cold", f"{function} CPU"].median(name) for name in names
                }
                for function in ("webhook", "evaluate")
            },
        )


def shares(report, names, comparisons):
    rows = []
    for name in names:
        for function in ("webhook", "evaluate"):
            used = comparisons["cold", f"{function} CPU"].median(name)
            rows.append(
                [f"{name}: `{function}`", figure(used)]
                + [figure(used * WHOLE_CORE / size) for size in MEMORY]
            )
    report.table(
        f"How long that CPU time takes by memory size (a whole core at {WHOLE_CORE:,} MB)",
        ["cold", "ms", *(f"{size} MB" for size in MEMORY)],
        rows,
    )


async def compare_sizes(report, bench, variants, rounds):
    variants = [variant for variant in variants if variant.name in ("Pointsman", "boto3")]
    rows = []
    for label, size in SIZES.items():
        event = push.event(size)
        used = Comparison([variant.name for variant in variants])
        took = Comparison([variant.name for variant in variants])
        for _ in range(min(rounds, 3)):
            for variant in variants:
                _, *warm = await bench.deliver(
                    variant.implementation,
                    event,
                    scheme=variant.scheme,
                    bundle=variant.bundle,
                    delay=0.0,
                    warm=WARM,
                )
                used.add(variant.name, [sample["webhook CPU"] for sample in warm])
                took.add(variant.name, [sample["response"] for sample in warm])
        rows.append(
            [label]
            + [figure(took.median(variant.name)) for variant in variants]
            + [figure(used.median(variant.name)) for variant in variants]
            + [f"{used.ratio('boto3'):.1f}"]
        )
    report.table(
        "Pushes by size, warm: response, and CPU time of `webhook`",
        ["", "Pointsman", "boto3", "Pointsman, CPU", "boto3, CPU", "ratio of CPU"],
        rows,
    )


async def by_rules(report, rounds, bootstrap, chain):
    """Rules of which one starts, all read by a cold `evaluate`, with 20 ms on every call."""
    event = push.event(SIZES["1 KB"])
    rows = []
    for count in RULES:
        bench = Bench(1, count - 1, chain)
        await bench.open()
        connections, used, took = [], [], []
        for _ in range(rounds):
            (cold,) = await bench.deliver(
                pointsman(bootstrap),
                event,
                scheme="https",
                bundle=chain.system,
                delay=0.020,
                warm=0,
            )
            connections.append(bench.services.connections("evaluate"))
            used.append(cold["evaluate CPU"])
            took.append(cold["start"])
        rows.append(
            [
                f"{count}",
                f"{statistics.median(connections):g}",
                figure(statistics.median(used)),
                figure(statistics.median(took)),
            ]
        )
    report.table(
        "A cold delivery by the number of rules, 20 ms on every call",
        ["rules", "connections of `evaluate`", "CPU time of `evaluate`", "event → start"],
        rows,
    )


async def many(report, bootstrap, chain):
    """100 rules that all start, with 20 ms on every call."""
    bench = Bench(100, 0, chain)
    await bench.open()
    event = push.event(10_000)
    rows = []
    for implementation in (pointsman(bootstrap), with_boto3(sys.executable)):
        cold, *warm = await bench.deliver(
            implementation, event, scheme="https", bundle=chain.system, delay=0.020, warm=WARM
        )
        warm = sorted(sample["start"] for sample in warm)[len(warm) // 2]
        rows.append([implementation.name, figure(cold["start"]), figure(warm)])
    report.table(
        "Event → the last of 100 starts, 20 ms on every call, wall-clock",
        ["", "cold", "warm"],
        rows,
    )

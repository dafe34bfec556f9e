"""Peak memory of `webhook` after 1,000 signed pushes of 1 MB."""

import asyncio
import json
import tempfile

import push
import webhook
from measure import drive
from services import serve

EVENTS = 1_000


async def deliver(bootstrap, payloads):
    """The driver's samples, and how often a change was handed over."""
    handed_over = 0

    async def answer(request):
        nonlocal handed_over
        is_invoke = request.target.endswith("/invocations")
        handed_over += is_invoke
        return 202 if is_invoke else 200, b"", ""

    url = f"http://127.0.0.1:{await serve(answer)}"
    peer = webhook.peer(bootstrap, url)
    samples = await asyncio.to_thread(drive, peer, invocations=EVENTS, payloads=payloads)
    return samples, handed_over


def run(report, bootstrap):
    with tempfile.TemporaryDirectory() as folder:
        payloads = []
        for seed in range(8):
            payloads.append(f"{folder}/{seed}")
            with open(payloads[-1], "wb") as file:
                file.write(push.event(1_000_000, seed))
        samples, handed_over = asyncio.run(deliver(bootstrap, payloads))
    status = json.loads(samples["answer"])["statusCode"]
    if status != 202 or samples["errors"] or handed_over != EVENTS:
        raise SystemExit(f"{EVENTS} events, {handed_over} handed over, last status {status}")
    report.section("Memory", "Peak of the process (VmHWM) in MB.")
    report.table(
        None,
        ["", "MB"],
        [
            ["`webhook` at its first `/next`", f"{samples['peakAtStart'][0] / 1024:.1f}"],
            [
                f"`webhook` after {EVENTS:,} signed pushes of 1 MB",
                f"{samples['peak'][0] / 1024:.1f}",
            ],
        ],
    )

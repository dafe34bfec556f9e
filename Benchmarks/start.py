"""How long from exec to the first GET /next: pages cached, and the binary evicted."""

from measure import Comparison, awslambdaric, drive, floor

COLUMNS = ["", "median", "least", "times the floor", "over the rounds"]


def run(report, rounds, bootstrap, others):
    cached = [floor(), bootstrap, *others, awslambdaric()]
    warm, warm_cpu = (Comparison(peer.name for peer in cached) for _ in range(2))
    for _ in range(rounds):
        for peer in cached:
            samples = drive(peer, starts=40)
            warm.add(peer.name, samples["start"])
            warm_cpu.add(peer.name, samples["startCPU"])
    evicted = [floor(), bootstrap, *others]
    cold = Comparison(peer.name for peer in evicted)
    left = 0
    for _ in range(rounds):
        for peer in evicted:
            samples = drive(peer, starts=15, evict=True)
            left = max(left, *samples["resident"])
            cold.add(peer.name, samples["start"])

    report.section(
        "Start: exec → first `/next`",
        "The floor is the loop in C, static, with no library but libc. Milliseconds.",
    )
    for title, comparison in (
        ("Pages cached", warm),
        ("CPU time of that", warm_cpu),
        ("The program evicted from the page cache", cold),
    ):
        report.table(
            title, COLUMNS, [[name, *comparison.cells(name, 1e6)] for name in comparison.names]
        )
    if left:
        report.note(f"Up to {left} pages (4 KB) of a program could not be evicted before a start.")
    report.bars(
        "start",
        "exec → first /next, ms",
        {
            "pages cached": {name: warm.median(name) / 1e6 for name in warm.names},
            "program evicted": {name: cold.median(name) / 1e6 for name in cold.names},
        },
    )

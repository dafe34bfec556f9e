"""How long from exec to the first GET /next: pages cached, and the binary evicted."""

from measure import Comparison, awslambdaric, drive, floor


def run(rounds, bootstrap):
    cached = [floor(), bootstrap, awslambdaric()]
    warm, warm_cpu = Comparison(cached), Comparison(cached)
    for _ in range(rounds):
        for peer in cached:
            samples = drive(peer, starts=40)
            warm.add(peer, samples["start"])
            warm_cpu.add(peer, samples["startCPU"])
    evicted = cached[:2]
    cold = Comparison(evicted)
    for _ in range(rounds):
        for peer in evicted:
            cold.add(peer, drive(peer, starts=15, evict=True)["start"])
    warm.table("exec → first /next, pages cached", "ms", 1e6, {bootstrap.name: 1.8})
    warm_cpu.table("  of which CPU time", "ms", 1e6)
    cold.table("exec → first /next, binary evicted", "ms", 1e6, {bootstrap.name: 3})

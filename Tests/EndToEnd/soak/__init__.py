"""Thousands of deliveries through a stack whose calls fail, and the proof of what came of them.

`python -m soak` from `Tests/EndToEnd`, or `make soak`. Nothing here is read from the product: what
is expected is written down in `rules.py` from `docs/rules.md`, and identities in `deliveries.py`
from `docs/architecture.md`.
"""

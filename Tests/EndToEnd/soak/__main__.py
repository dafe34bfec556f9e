"""`python -m soak --bootstrap PROGRAM`: runs a soak, prints its tables; status 1 if it fails."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from . import table
from .soak import Settings, soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--bootstrap", type=Path, required=True, help="the program to test")
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--senders", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1, help="decides what is sent and what fails")
    parser.add_argument("--seconds", type=float, default=900, help="fail if it takes longer")
    parser.add_argument("--timeout", type=float, default=15, help="the functions', in seconds")
    parser.add_argument("--calm", action="store_true", help="without faults")
    parser.add_argument(
        "--keep", type=Path, default=Path("soak-failed"), help="the folder for a soak that fails"
    )
    options = parser.parse_args()
    settings = Settings(
        options.deliveries,
        options.seed,
        options.senders,
        options.seconds,
        options.timeout,
        has_faults=not options.calm,
        progress=lambda line: print(line, file=sys.stderr, flush=True),
    )
    with tempfile.TemporaryDirectory() as folder:
        result = soak(options.bootstrap.resolve(), Path(folder), settings)
    print(table.text(result))
    if result.holds:
        return 0
    options.keep.mkdir(parents=True, exist_ok=True)
    (options.keep / "evidence.json").write_text(json.dumps(table.kept(result), indent=1))
    (options.keep / "functions.log").write_text("\n".join(result.evidence.logs))
    print(f"\nfailed; evidence.json and functions.log are in {options.keep.resolve()}")
    return 1


if __name__ == "__main__":
    sys.exit(main())

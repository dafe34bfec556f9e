"""Shows one line of the product on a local AWS: a source or a target, end to end.

Everything shown is checked; the exit status is 0 only if all of it was as it should be.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
sys.path.append(str(ROOT / "Tests/EndToEnd"))

from line import Line  # noqa: E402
from prepare import RELEASE, prepare  # noqa: E402
from terminal import BOLD, DIM, GREEN, RED, check, say  # noqa: E402

NAMES = sorted(path.stem for path in FOLDER.glob("lines/*.py"))


def main(words: list[str] | None = None) -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("name", help=f"one of {', '.join(NAMES)}")
    arguments.add_argument("--bootstrap", type=Path, help="a binary to show instead of the release")
    options = arguments.parse_args(words)
    if options.name not in NAMES:
        say(f"There is no demo {options.name!r}. There are: {', '.join(NAMES)}.", RED)
        return 2
    demo = importlib.import_module(f"lines.{options.name}")
    with tempfile.TemporaryDirectory(prefix="pointsman-demo-") as folder, ExitStack() as cleanup:
        line = None
        try:
            bootstrap = options.bootstrap or RELEASE
            if bootstrap == RELEASE:
                prepare()
            line = Line(options.name, bootstrap.resolve(), Path(folder), cleanup)
            say(demo.__doc__.strip(), BOLD)
            say(f"{bootstrap}, {line.aws.url}", DIM)
            demo.show(line)
            say()
            check(not line.aws.calls.refused(), "every call was signed right and fits AWS's models")
        except KeyboardInterrupt:
            return 130
        except Exception as error:
            say()
            say(f"   ✗ {type(error).__name__}: {error}", RED)
            if line:
                line.show_logs()
            return 1
        say()
        say(f"All as it should be, in {line.steps.elapsed:.1f} s.", GREEN)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What `make demo` shows is as it says, on the package that is released."""

from __future__ import annotations

import subprocess
import sys

from local_cloud import ROOT


def test_the_demo_is_as_it_says():
    command = [sys.executable, "demo/demo.py", "--package", "dist/pointsman.zip"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.splitlines()[-1].startswith("All as it should be")

"""Makes what the demo runs on, where it is not there: the release, and the Python packages.

It stands on Python's own library alone, and tells all the time what is being waited for.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from terminal import DIM, RED, NotAsItShouldBe, say

ROOT = Path(__file__).resolve().parent.parent
RELEASE = ROOT / "dist/bootstrap"
# What the scripts and SwiftPM say of what they begin; the rest is for the log.
BEGUN = re.compile(
    r"(downloading|unpacking|building|installing) .*|\[(\d+)/(\d+)\] (Compiling|Linking) (\w+)"
)
# Seconds after which a line is written again where it cannot be written over.
SILENCE = 20


class Job:
    """A command at work, and what it was last heard of."""

    def __init__(self, *command: str):
        self.name = " ".join(command)
        self.doing = "beginning"
        self._log = os.memfd_create("log")
        # A session of its own, so that it can be ended with all that it has started.
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def listen(self) -> bool:
        """Takes in what it has said; returns whether it is still at work."""
        running = self.process.poll() is None
        for line in self.said[::-1]:
            if begun := BEGUN.match(line):
                if begun[1]:
                    self.doing = begun[0]
                else:
                    verb = begun[4].lower()
                    self.doing = f"{verb} {begun[5]}, {begun[2]} of {begun[3]}"
                break
        return running

    @property
    def said(self) -> list[str]:
        size = os.fstat(self._log).st_size
        return os.pread(self._log, size, 0).decode(errors="replace").splitlines()

    def end(self) -> None:
        """Ends it, if it has not ended, and waits until it has put its things away."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait()


def is_current() -> bool:
    """Whether the release is there and not older than what it is made of."""
    inputs = [ROOT / "Package.swift", *ROOT.glob("Sources/**/*"), *ROOT.glob("scripts/*")]
    newest = max(each.stat().st_mtime for each in inputs if each.is_file())
    return os.access(RELEASE, os.X_OK) and RELEASE.stat().st_mtime >= newest


def prepare(*, packages: bool = False) -> None:
    """Makes the release where it is not current; at the same time .venv, if that is asked for."""
    jobs = [Job("scripts/setup.sh", "demo")] if packages else []
    try:
        if not is_current():
            say("The release is built first: about four minutes on two cores, once.", DIM)
            jobs.append(Job("scripts/release.sh", "bootstrap"))
        wait(jobs)
    finally:
        for job in jobs:
            job.end()
    for job in jobs:
        if job.process.returncode:
            say("\n".join(job.said[-40:]))
            raise NotAsItShouldBe(f"{job.name} ended with status {job.process.returncode}")


def wait(jobs: list[Job]) -> None:
    """Waits until all have ended or one has failed, and shows what each is at."""
    began = time.monotonic()
    shown, shown_at = "", began
    while running := [job for job in jobs if job.listen()]:
        if any(job.process.poll() for job in jobs):
            break
        passed = time.monotonic() - began
        clock = f"   {passed // 60:.0f}:{passed % 60:02.0f}  "
        text = "; ".join(job.doing for job in running)
        if sys.stdout.isatty():
            width = os.get_terminal_size().columns - 1
            print(f"\r\033[K{(clock + text)[:width]}", end="", flush=True)
        elif passed > 1 and (text != shown or time.monotonic() - shown_at > SILENCE):
            shown, shown_at = text, time.monotonic()
            say(clock + text)
        time.sleep(0.2)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        prepare(packages=True)
    except KeyboardInterrupt:
        return 130
    except NotAsItShouldBe as error:
        say(f"   ✗ {error}", RED)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

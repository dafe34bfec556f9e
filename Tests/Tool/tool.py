"""The command-line tool as a user runs it: as a program, in a shell or on a terminal."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from pathlib import Path

PATIENCE = 60
"""Seconds that anything may take before a test fails: a loaded machine is no defect."""

EVENTS = Path(__file__).resolve().parents[2] / "events"


class Tool:
    """The tool and its environment; nothing of the caller's own is passed on."""

    def __init__(self, program: Path, bootstrap: Path):
        self.program = program
        self.bootstrap = bootstrap
        self.environment = {"PATH": os.environ["PATH"]}

    def run(self, *arguments: object, text: str = "", **environment: str) -> Ended:
        """Runs a command to its end."""
        process = subprocess.run(
            [self.program, *map(str, arguments)],
            env=self.environment | environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return Ended(process.returncode, process.stdout, process.stderr)

    def local(self, rules: Path, *arguments: object, **environment: str) -> Running:
        """Starts `local`, on a terminal of 100 columns or on none."""
        command = ["local", "--rules", rules, "--port", 0, "--bootstrap", self.bootstrap]
        return Running(
            [str(self.program), *map(str, [*command, *arguments])], self.environment | environment
        )


class Ended:
    """What came of a command."""

    def __init__(self, status: int, output: str, errors: str):
        self.status = status
        self.output = output
        self.errors = errors

    def __repr__(self) -> str:
        return f"status {self.status}\n{self.output}{self.errors}"


class Running:
    """A command under way on a terminal of its own; use as a context manager."""

    def __init__(self, command: list[str], environment: dict[str, str], columns: int = 100):
        self._read = b""
        self._changed = threading.Condition()
        size = struct.pack("HHHH", 40, columns, 0, 0)
        self.process_id, self._terminal = pty.fork()
        if self.process_id == 0:
            with contextlib.suppress(OSError):
                fcntl.ioctl(0, termios.TIOCSWINSZ, size)
                os.execve(command[0], command, {"TERM": "xterm-256color"} | environment)
            os._exit(127)
        self._status: int | None = None
        self._follower = threading.Thread(target=self._follow, daemon=True)
        self._follower.start()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is None:
            os.kill(self.process_id, signal.SIGKILL)
            self.status()
        # Closed under its reader, the number would be the next terminal's, and be read from there.
        self.wait_for_end()
        os.close(self._terminal)

    @property
    def screen(self) -> str:
        """All that was written so far, escape sequences left out."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.raw)

    @property
    def raw(self) -> str:
        """All that was written so far."""
        with self._changed:
            return self._read.decode().replace("\r\n", "\n")

    def wait_for(self, pattern: str, times: int = 1) -> re.Match[str]:
        """Waits until the screen has it, so many times; the last match."""
        end = time.monotonic() + PATIENCE
        while True:
            found = list(re.finditer(pattern, self.screen, re.MULTILINE))
            if len(found) >= times:
                return found[times - 1]
            with self._changed:
                assert time.monotonic() < end, f"no {pattern!r} in:\n{self.screen}"
                self._changed.wait(0.2)

    def type(self, text: str) -> None:
        """Types on its keyboard."""
        os.write(self._terminal, text.encode())

    def status(self) -> int:
        """Waits for its end; the exit status, or the signal that ended it as a negative number."""
        end = time.monotonic() + PATIENCE
        while self._status is None:
            assert time.monotonic() < end, f"it does not end:\n{self.screen}"
            process_id, status = os.waitpid(self.process_id, os.WNOHANG)
            if process_id:
                self._status = os.waitstatus_to_exitcode(status)
            else:
                time.sleep(0.02)
        return self._status

    def wait_for_end(self) -> None:
        """Waits until all that it wrote is read."""
        self._follower.join(PATIENCE)
        assert not self._follower.is_alive(), f"the terminal stays open:\n{self.screen}"

    def children(self) -> list[int]:
        """Its processes, the oldest first."""
        tasks = Path(f"/proc/{self.process_id}/task").glob("*/children")
        return sorted(int(child) for task in tasks for child in task.read_text().split())

    def _follow(self) -> None:
        while True:
            try:
                data = os.read(self._terminal, 65_536)
            except OSError:  # the terminal has no writer any more
                return
            if not data:
                return
            with self._changed:
                self._read += data
                self._changed.notify_all()


def is_alive(process_id: int) -> bool:
    """Whether there is such a process, not counting one that nobody has buried."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"

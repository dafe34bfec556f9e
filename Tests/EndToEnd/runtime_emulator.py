"""AWS's own Runtime Interface Emulator, with one function under it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any


def emulator() -> Path:
    """The emulator's program, fetched once into `.cache/`."""
    script = Path(__file__).resolve().parent / "fetch-rie.sh"
    environment = os.environ | {"POINTSMAN_PYTHON": sys.executable}
    run = subprocess.run([script], env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return Path(run.stdout.strip())


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class RuntimeEmulator:
    """Use as a context manager; the emulator and its function end with it."""

    def __init__(self, program: Path, handler: str, environment: dict[str, str], log: Path):
        port, runtime_api = free_ports(2)
        self.url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    emulator(),
                    "--log-level",
                    "warn",
                    "--runtime-interface-emulator-address",
                    f"127.0.0.1:{port}",
                    "--runtime-api-address",
                    f"127.0.0.1:{runtime_api}",
                    program,
                    handler,
                ],
                env={"PATH": os.environ["PATH"], "AWS_LAMBDA_FUNCTION_TIMEOUT": "10"} | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.01)
        self.close()
        raise AssertionError(f"the emulator does not listen:\n{self.log}")

    def __enter__(self) -> RuntimeEmulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def invoke(self, payload: bytes, headers: dict[str, str] | None = None) -> bytes:
        """The answer as the emulator gives it: errors of the function come with status 200."""
        request = urllib.request.Request(self.url, payload, headers or {}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            return error.read()

    def invoke_json(self, event: Any) -> Any:
        return json.loads(self.invoke(json.dumps(event).encode()))

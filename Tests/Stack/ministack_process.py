"""MiniStack as a process: CloudFormation, API Gateway, Lambda, S3, Secrets Manager, IAM, logs.

It checks signatures and enforces the functions' roles, and runs the zip's own
`bootstrap` as a process under its own Runtime API.
"""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import boto3

REGION = "eu-central-1"
ACCOUNT = "123456789012"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class MiniStack:
    """One MiniStack, and the functions it has started, until it is closed."""

    def __init__(self, folder: Path, codepipeline_url: str):
        """Starts it. Its functions find `codepipeline_url`, which is not here, in their
        environment, and everything else here: on AWS no endpoint need be named."""
        self.port = free_port()
        self.log = folder / "ministack.log"
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("AWS_")
        }
        with self.log.open("w") as log:
            # A session of its own: an interrupt of the terminal is ours to pass on.
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).parent / "ministack_server.py")],
                env=environment
                | {
                    "GATEWAY_PORT": str(self.port),
                    "BIND_HOST": "127.0.0.1",
                    "MINISTACK_HOST": "127.0.0.1",
                    "MINISTACK_REGION": REGION,
                    "MINISTACK_ACCOUNT_ID": ACCOUNT,
                    "AUTH": "true",
                    "AWS_ENDPOINT_URL": self.url,
                    "AWS_ENDPOINT_URL_CODEPIPELINE": codepipeline_url,
                    "LAMBDA_EXECUTOR": "local",
                    "IOT_MTLS_ENABLED": "0",
                    "SFTP_ENABLED": "0",
                    "TMPDIR": str(folder),
                    "STATE_DIR": str(folder / "state"),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"MiniStack ended with status {self._process.returncode}")
            try:
                with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"MiniStack was not ready within {seconds:.0f} s")

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def close(self) -> None:
        """Ends it and every function process that it started."""
        for end in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, end)
                self._process.wait(10)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue


def role_session(function_arn: str, role_arn: str) -> tuple[str, str, str]:
    """Access key id, secret and token that a function gets for its role.

    MiniStack derives them from the two names (`execution_credentials` in its
    `core/lambda_runtime.py`, 1.5.33); on AWS they are random and come from STS.
    """

    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    whole = digest(f"{function_arn}:{role_arn}")
    return f"ASIA{whole[:16].upper()}", digest(f"secret:{whole}"), digest(f"token:{whole}")

"""The AWS CLI that is quick to start is to its caller as the CLI is."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from warm_cli import WarmCLI


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[WarmCLI]:
    cli = WarmCLI(tmp_path / "bin")
    yield cli
    cli.close()


def start(cli: WarmCLI, *arguments: str) -> subprocess.Popen[str]:
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    keys |= {"AWS_DEFAULT_REGION": "eu-central-1"}
    return subprocess.Popen(
        [cli.bin / "aws", *arguments],
        env={"PATH": "/usr/bin:/bin"} | keys,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_interrupt_ends_it_without_a_word_and_the_next_is_answered(cli: WarmCLI):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        waiting = start(
            cli, "sts", "get-caller-identity", "--endpoint-url", f"http://127.0.0.1:{port}"
        )
        silent.settimeout(30)
        silent.accept()
        waiting.send_signal(signal.SIGINT)
        assert waiting.communicate(timeout=10) == ("", "")
        assert waiting.returncode == -signal.SIGINT
    listed = start(cli, "configure", "list")
    assert "eu-central-1" in listed.communicate(timeout=10)[0]
    assert listed.returncode == 0

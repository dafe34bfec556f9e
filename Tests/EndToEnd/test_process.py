"""How the process itself behaves: where it looks for the Runtime API, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n"


@contextmanager
def running(program: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [program],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        yield listener


def first_request(listener: socket.socket) -> tuple[socket.socket, bytes]:
    connection, _ = listener.accept()
    connection.settimeout(10)
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(4096)
    return connection, request


def test_sigterm_ends_it_at_once_while_it_waits(echo_program: Path, listener: socket.socket):
    port = listener.getsockname()[1]
    with running(echo_program, AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{port}") as process:
        connection, request = first_request(listener)
        with connection:
            assert request.startswith(NEXT)
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            assert time.monotonic() - started < 5
            assert process.stdout and process.stdout.read() == b""


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1"])
def test_the_runtime_api_is_found_by_name_and_past_any_proxy(
    echo_program: Path, listener: socket.socket, address: str
):
    port = listener.getsockname()[1]
    proxies = {name: "http://127.0.0.1:1" for name in ("http_proxy", "HTTP_PROXY", "all_proxy")}
    with running(echo_program, AWS_LAMBDA_RUNTIME_API=f"{address}:{port}", **proxies):
        connection, request = first_request(listener)
        with connection:
            assert request.startswith(NEXT)


def ipv6_listener() -> socket.socket:
    try:
        return socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 here")


def test_the_runtime_api_is_found_by_an_ipv6_address(echo_program: Path):
    with ipv6_listener() as listener:
        listener.settimeout(10)
        port = listener.getsockname()[1]
        with running(echo_program, AWS_LAMBDA_RUNTIME_API=f"[::1]:{port}"):
            connection, request = first_request(listener)
            with connection:
                assert request.startswith(NEXT)


@pytest.mark.parametrize("address", [None, "", "127.0.0.1", "http://127.0.0.1:1", "a b:1", ":1"])
def test_a_malformed_address_of_the_runtime_api_is_named(echo_program: Path, address: str | None):
    environment = {} if address is None else {"AWS_LAMBDA_RUNTIME_API": address}
    with running(echo_program, **environment) as process:
        output, _ = process.communicate(timeout=10)
        assert process.returncode == 1
        assert f"AWS_LAMBDA_RUNTIME_API: expected host:port, found '{address or ''}'" in (
            output.decode()
        )


def test_a_runtime_api_that_stays_away_ends_it_with_a_message(echo_program: Path):
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    with running(echo_program, AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{port}") as process:
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 1
        assert "connection refused; giving up after 8 attempts" in output.decode()


def test_a_runtime_api_that_comes_late_is_waited_for(echo_program: Path):
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    with running(echo_program, AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{port}"):
        time.sleep(0.5)
        with socket.create_server(("127.0.0.1", port)) as listener:
            listener.settimeout(10)
            connection, request = first_request(listener)
            with connection:
                assert request.startswith(NEXT)


def test_trace_ids_do_not_pile_up_in_memory(echo_program: Path, listener: socket.socket):
    """Each is put into the environment, and setenv never frees a value."""
    port = listener.getsockname()[1]
    with running(echo_program, AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{port}") as process:
        connection, _ = first_request(listener)
        with connection:
            for number in range(2_000):
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: a\r\n"
                    b"Lambda-Runtime-Trace-Id: Root=1-5759e988-%024d;Sampled=0\r\n"
                    b"Content-Length: 2\r\n\r\n{}" % number
                )
                read_until(connection, b"{}")
                if number == 1_000:
                    before = resident(process)
                connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
                read_until(connection, b"\r\n\r\n")
            assert resident(process) - before < 65_536


def read_until(connection: socket.socket, end: bytes) -> None:
    received = b""
    while not received.endswith(end):
        piece = connection.recv(4096)
        assert piece, "the process closed the connection"
        received += piece


def resident(process: subprocess.Popen[bytes]) -> int:
    pages = Path(f"/proc/{process.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGESIZE")

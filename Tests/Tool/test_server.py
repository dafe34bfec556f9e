"""The servers of `console` and `local`: what any program of the machine may send is bounded."""

from __future__ import annotations

import contextlib
import json
import re
import resource
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Rules
from tool import PATIENCE, Tool

HEAD = "GET /console/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"


class Console:
    """`console` over an empty folder, with so many files as it may have open."""

    def __init__(self, tool: Tool, folder: Path, files: int):
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

        (folder / "decisions").mkdir()
        self.errors = (folder / "errors").open("w+")
        self.process = subprocess.Popen(
            [tool.program, "console", "--folder", folder, "--port", "0"],
            env=tool.environment,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            preexec_fn=limit,
        )
        assert self.process.stdout
        for line in self.process.stdout:
            if found := re.match(r"console: http://127\.0\.0\.1:(\d+)/console/#token=(\w+)$", line):
                self.port, self.token = int(found[1]), found[2]
            if line == "Ctrl-C ends it\n":
                break

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def ask(self, request: str) -> str:
        """All that is answered to some bytes, until the server closes."""
        with self.connect() as connection:
            connection.sendall(request.format(port=self.port).encode())
            return answer(connection)

    def wait_for(self, text: str) -> None:
        end = time.monotonic() + PATIENCE
        while text not in self.said:
            assert time.monotonic() < end, self.said
            time.sleep(0.05)

    @property
    def said(self) -> str:
        return Path(self.errors.name).read_text()


def answer(connection: socket.socket) -> str:
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts).decode()


@pytest.fixture
def console(tool: Tool, tmp_path: Path) -> Iterator[Console]:
    console = Console(tool, tmp_path, 1_024)
    yield console
    console.process.kill()
    console.process.wait(PATIENCE)


LAST = HEAD + "Connection: close\r\n\r\n"


def test_a_request_is_answered(console: Console):
    assert console.ask(LAST).startswith("HTTP/1.1 200 \r\n")
    assert "<title>Pointsman console</title>" in console.ask(LAST)
    assert console.ask("HEAD" + LAST[3:]).endswith("Connection: close\r\n\r\n")
    assert console.said == ""


def test_several_requests_of_one_connection_are_answered_in_turn(console: Console):
    both = console.ask(HEAD + "\r\n" + LAST)
    assert both.count("HTTP/1.1 200 ") == 2


def test_a_body_in_chunks_is_read(console: Console):
    rest = "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{{}}\r\n0\r\nTrailer: a\r\n\r\n"
    said = console.ask("POST" + HEAD[3:] + rest + LAST)
    assert said.startswith("HTTP/1.1 405 ") and "HTTP/1.1 200 " in said


def test_two_hosts_are_refused(console: Console):
    said = console.ask(HEAD + "Host: evil.example\r\n\r\n")
    assert said.startswith("HTTP/1.1 400 ")
    assert '"reason":"the request has 2 headers Host"' in said
    console.wait_for(f"127.0.0.1:{console.port}: refused: the request has 2 headers Host\n")


@pytest.mark.parametrize("length", ["Content-Length: 4097", "Transfer-Encoding: chunked"])
def test_a_body_that_is_too_large_is_not_read(console: Console, length: str):
    with console.connect() as connection:
        head = ("POST" + HEAD[3:] + length + "\r\n\r\n").format(port=console.port)
        connection.sendall(head.encode() + b"1001\r\n")
        said = answer(connection)
    assert said.startswith("HTTP/1.1 413 ")
    assert '"reason":"the body has more than 4096 bytes"' in said


def test_headers_that_do_not_end_are_refused(console: Console):
    said = console.ask(HEAD + "A: " + "a" * 70_000)
    assert said.startswith("HTTP/1.1 431 ")
    assert '"reason":"the request\'s headers have more than 65536 bytes"' in said


def test_who_waits_for_a_word_before_the_body_is_given_it(console: Console):
    more = "Expect: 100-continue\r\nContent-Length: 1\r\n\r\na"
    said = console.ask("POST" + HEAD[3:] + more + LAST)
    assert said.startswith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 405 ")


def test_slow_clients_take_only_so_many_places_and_only_for_a_while(console: Console):
    slow = [console.connect() for _ in range(80)]
    for connection in slow:
        connection.sendall(b"GET /")
    start = time.monotonic()
    assert "HTTP/1.1 200 " in console.ask(LAST)
    assert time.monotonic() - start > 5
    console.wait_for(": 64 connections are open, and others wait until one ends\n")
    assert answer(slow[0]).startswith("HTTP/1.1 408 ")
    console.wait_for(": refused: the request has not come within 10 s\n")
    for connection in slow:
        connection.close()


def test_no_more_files_are_no_end(tool: Tool, tmp_path: Path):
    console = Console(tool, tmp_path, 30)
    try:
        held = [console.connect() for _ in range(60)]
        console.wait_for(": no connection can be taken now: too many open files\n")
        for connection in held:
            connection.close()
        assert "HTTP/1.1 200 " in console.ask(LAST)
    finally:
        console.process.kill()
        console.process.wait(PATIENCE)


def test_the_front_door_refuses_what_api_gateway_would(tool: Tool, rules: Rules):
    with tool.local(rules.folder, "--dry-run") as running:
        port = int(running.wait_for(r"^listening: http://127\.0\.0\.1:(\d+)/github$")[1])
        for path, most in ("/github", 10_485_760), ("/console/replay", 4_096):
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
                head = f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\n"
                connection.sendall(f"{head}Content-Length: {most + 1}\r\n\r\n".encode())
                said = answer(connection)
            assert json.loads(said.split("\r\n\r\n")[1]) == {
                "outcome": "rejected",
                "reason": f"the body has more than {most} bytes",
            }
        running.wait_for(r"^POST /github 413 rejected: the body has more than 10485760 bytes$")

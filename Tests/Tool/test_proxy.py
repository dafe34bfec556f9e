"""`HTTPS_PROXY`: what the tool sends to AWS goes through it, unless `NO_PROXY` has the host."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from certificates import Authority
from tool import Tool

EMPTY = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"


class Proxy:
    """A proxy that makes tunnels and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.answer = b"HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(4_096)
            if not piece:
                return
            head += piece
        lines = head.decode().split("\r\n")
        self.asked.append(lines)
        client.sendall(self.answer)
        if not self.answer.startswith(b"HTTP/1.1 200"):
            client.close()
            return
        host, port = lines[0].split()[1].rsplit(":", 1)
        server = socket.create_connection((host, int(port)))
        for one, other in ((client, server), (server, client)):
            threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    @staticmethod
    def _pass_on(one: socket.socket, other: socket.socket) -> None:
        while True:
            try:
                piece = one.recv(65_536)
                if not piece:
                    break
                other.sendall(piece)
            except OSError:
                break
        other.close()


class S3(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(EMPTY)))
        self.end_headers()
        self.wfile.write(EMPTY)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    yield proxy
    proxy.close()


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The user's, with an S3 that speaks TLS."""
    authority = Authority(tmp_path, "authority")
    server = ThreadingHTTPServer(("127.0.0.1", 0), S3)
    server.socket = authority.context().wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIA1",
        "AWS_SECRET_ACCESS_KEY": "a-secret-key",
        "AWS_ENDPOINT_URL": f"https://127.0.0.1:{server.server_port}",
        "AWS_CA_BUNDLE": str(authority.bundle),
    }
    server.shutdown()
    server.server_close()


COMMAND = ["why", "--last", "1", "--bucket", "b"]


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_aws_is_reached_through_the_proxy(
    tool: Tool, proxy: Proxy, environment: dict[str, str], name: str
):
    ended = tool.run(*COMMAND, **environment | {name: f"http://mona:pass@{proxy.address}"})
    assert ended.status == 1, ended
    assert ended.errors.startswith("pointsman: no decision record in mono-repo/config/decisions/,")
    server = environment["AWS_ENDPOINT_URL"].removeprefix("https://")
    assert {lines[0] for lines in proxy.asked} == {f"CONNECT {server} HTTP/1.1"}
    # The proxy is told no more than that, and who asks.
    names = {line.split(":")[0].lower() for lines in proxy.asked for line in lines[1:] if line}
    assert names <= {"host", "user-agent", "proxy-connection", "proxy-authorization"}
    assert "Proxy-Authorization: Basic bW9uYTpwYXNz" in proxy.asked[0]


def test_a_host_of_no_proxy_is_reached_without_it(
    tool: Tool, proxy: Proxy, environment: dict[str, str]
):
    proxies = {"HTTPS_PROXY": f"http://{proxy.address}", "NO_PROXY": "localhost,127.0.0.1"}
    assert tool.run(*COMMAND, **environment | proxies).status == 1
    assert not proxy.asked


def test_a_proxy_that_refuses_is_named_and_its_password_is_not(
    tool: Tool, proxy: Proxy, environment: dict[str, str]
):
    proxy.answer = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    ended = tool.run(
        *COMMAND, **environment | {"HTTPS_PROXY": f"http://mona:pass-word@{proxy.address}"}
    )
    assert ended.status == 2, ended
    assert "407" in ended.errors and "pass-word" not in ended.errors, ended


def test_what_is_no_proxy_is_an_error(tool: Tool, environment: dict[str, str]):
    ended = tool.run(*COMMAND, **environment | {"HTTPS_PROXY": "socks5://mona:pass@h:1080"})
    assert (ended.status, ended.errors) == (
        2,
        "pointsman: HTTPS_PROXY is no proxy: expected http://HOST:PORT\n",
    )

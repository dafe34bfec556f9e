"""A small HTTP/1.1 server that hands over requests as they came in.

Frameworks tidy a request up before showing it: they decode the path, merge headers,
fold slashes. A signature covers the bytes as sent, and a fault needs the socket, so
this server keeps both within reach.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

MAXIMUM_HEAD = 64 * 1024
REASONS = {
    200: "OK", 202: "Accepted", 204: "No Content", 304: "Not Modified",
    400: "Bad Request", 403: "Forbidden", 404: "Not Found", 409: "Conflict",
    412: "Precondition Failed", 413: "Content Too Large", 429: "Too Many Requests",
    500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip


class Gone(Exception):
    """The other side closed the connection."""


@dataclass
class Request:
    """A request as its bytes say: the target is neither decoded nor normalised."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        """The first header of that name, in whatever case it was written."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass
class Response:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def encode(self, to_method: str) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.status not in (204, 304) and "content-length" not in map(str.lower, self.headers):
            lines.append(f"Content-Length: {len(self.body)}")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        return head if to_method == "HEAD" or self.status in (204, 304) else head + self.body


class Connection:
    """One accepted connection, read request by request."""

    def __init__(self, sock: socket.socket):
        self.socket = sock
        self._buffer = b""

    def read_request(self) -> Request:
        while b"\r\n\r\n" not in self._buffer:
            if len(self._buffer) > MAXIMUM_HEAD:
                raise Gone("the head of the request is too long")
            self._receive()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, _version = lines[0].split(" ")
        headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers.append((name, value.strip(" \t")))
        request = Request(method, target, headers, b"")
        request.body = self._read_body(request)
        return request

    def _read_body(self, request: Request) -> bytes:
        if (request.header("Transfer-Encoding") or "").lower() == "chunked":
            return self._read_chunks()
        length = int(request.header("Content-Length") or 0)
        return self._take(length)

    def _read_chunks(self) -> bytes:
        body = b""
        while size := int(self._line(), 16):
            body += self._take(size)
            self._take(2)
        self._line()
        return body

    def _line(self) -> str:
        while b"\r\n" not in self._buffer:
            self._receive()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line.decode("latin-1")

    def _take(self, length: int) -> bytes:
        parts = [self._buffer[:length]]
        missing = length - len(parts[0])
        self._buffer = self._buffer[length:]
        while missing:
            part = self.socket.recv(min(missing, 1 << 20))
            if not part:
                raise Gone("closed within a body")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _receive(self) -> None:
        part = self.socket.recv(1 << 16)
        if not part:
            raise Gone("closed")
        self._buffer += part

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reset(self) -> None:
        """Ends the connection with RST instead of FIN."""
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.close()


Application = Callable[[Request, Connection], Response | None]


def _bound(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    return sock


class HTTPServer:
    """Serves an application on a free port of the loopback interface, a thread a connection.

    The application answers `None` where it has dealt with the connection itself.
    """

    def __init__(self, application: Application, tls: ssl.SSLContext | None = None, port: int = 0):
        self._application = application
        self._tls = tls
        self._lock = threading.Lock()
        self._connections: set[Connection] = set()
        self._listener: socket.socket | None = None
        self._accepting: threading.Thread | None = None
        # Bound and never listening: the port stays ours while it is closed.
        self._reserved = _bound(port)
        self.port = self._reserved.getsockname()[1]
        self._closed = False
        self.open()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self.address}"

    def open(self) -> None:
        """Listens, again on the same port where it has listened before."""
        with self._lock:
            if self._closed or self._listener is not None:
                return
            self._listener = listener = _bound(self.port)
            listener.listen(128)
            self._accepting = threading.Thread(
                target=self._accept, args=(listener,), daemon=True, name=f"accept {self.port}"
            )
            self._accepting.start()

    def refuse(self, seconds: float) -> None:
        """Closes the port and every connection; new ones are refused until it opens again."""
        self._shut()
        timer = threading.Timer(seconds, self.open)
        timer.daemon = True
        timer.start()

    def close(self) -> None:
        self._closed = True
        self._shut()
        self._reserved.close()

    def _shut(self) -> None:
        with self._lock:
            listener, self._listener = self._listener, None
            accepting, self._accepting = self._accepting, None
            connections, self._connections = self._connections, set()
        if listener and accepting:
            # shutdown() wakes the thread that is in accept(); close() alone would leave the
            # port listening until the next connection.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            # The next server's listener gets this one's number as soon as it is closed: a thread
            # still on its way into accept() would take that server's connections.
            accepting.join()
            listener.close()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
        except OSError:
            sock.close()
            return
        connection = Connection(sock)
        with self._lock:
            self._connections.add(connection)
        try:
            while True:
                request = connection.read_request()
                response = self._application(request, connection)
                if response is None:
                    return
                connection.send(response.encode(request.method))
                if (request.header("Connection") or "").lower() == "close":
                    return
        except (Gone, OSError, ValueError):
            return
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()

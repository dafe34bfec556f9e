"""An AWS for commands that read a stack: what it is asked is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

EMPTY = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
OUTPUTS = {
    "Bucket": "acme-pointsman",
    "Prefix": "team/config",
    "EvaluateFunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:evaluate",
}


class Cloud:
    """An AWS that keeps who has called it, and answers for an empty bucket and one stack."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer: Callable[[str, str], tuple[int, bytes] | None] = lambda method, path: None
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            def respond(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                cloud.requests.append((self.command, self.path, dict(self.headers), body))
                status, answer = cloud.answer(self.command, self.path) or (200, cloud.usual(body))
                self.send_response(status)
                self.send_header("ETag", '"1"')
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = respond

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def usual(body: bytes) -> bytes:
        if b"Action=DescribeStacks" not in body:
            return EMPTY
        members = "".join(
            f"<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
            for key, value in OUTPUTS.items()
        )
        return (
            "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><Outputs>"
            f"{members}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
        ).encode()

    @property
    def callers(self) -> set[tuple[str, str, str | None]]:
        """Key, region and session token of each call."""
        found = set()
        for _, _, headers, _ in self.requests:
            scope = headers["Authorization"].split("Credential=")[1].split(",")[0].split("/")
            found.add((scope[0], scope[2], headers.get("X-Amz-Security-Token")))
        return found

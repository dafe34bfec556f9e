"""From a delivery to the last start: 100 rules, and 20 ms on every call to AWS.

One asyncio loop is the Runtime API of both functions and every service they call. Calls of one
kind are sent together, so the kinds called are the round trips in a row; over at most 32
connections to a host, 100 calls of one kind take four turns.
"""

import asyncio
import hashlib
import json
import subprocess
import time
import urllib.parse

import push
import webhook

RULES = 100
DELAY = 0.020
WARM = 5
PREFIX = "pointsman"
FOLDER = f"{PREFIX}/rules/github/octo-org/monorepo/"


def rules():
    """Rules that every push starts, as S3 has them: key, then body."""
    return {
        f"{FOLDER}pipeline-{number:03}.json": json.dumps(
            {
                "Repository": "octo-org/monorepo",
                "Target": {"CodePipeline": {"Name": f"pipeline-{number:03}"}},
            }
        ).encode()
        for number in range(RULES)
    }


class RuntimeAPI:
    """Hands events to one process and takes its answers."""

    def __init__(self):
        self.events, self.answers = asyncio.Queue(), asyncio.Queue()
        self.count = 0

    async def answer(self, method, target, headers, body):
        if method == "GET":
            event = await self.events.get()
            self.count += 1
            deadline = int(time.time() * 1000) + 60_000
            return (
                200,
                event,
                f"Lambda-Runtime-Aws-Request-Id: {self.count}\r\n"
                f"Lambda-Runtime-Deadline-Ms: {deadline}\r\n",
            )
        await self.answers.put((target.rsplit("/", 1)[1], body))
        return 202, b"", ""


class Services:
    """S3, Secrets Manager, Lambda and CodePipeline, each as far as the functions need it."""

    def __init__(self, invoke):
        self.objects, self.invoke = rules(), invoke
        self.forget()

    def forget(self):
        self.kinds, self.reads, self.starts, self.last_start = [], 0, 0, 0.0

    async def answer(self, method, target, headers, body):
        url = urllib.parse.urlsplit(target)
        kind = self.kind(method, url, headers)
        if kind not in self.kinds:
            self.kinds.append(kind)
        await asyncio.sleep(DELAY)
        return self.reply(method, url, headers, body)

    def kind(self, method, url, headers):
        if operation := headers.get("x-amz-target"):
            return operation.rsplit(".", 1)[1]
        if url.path.endswith("/invocations"):
            return "Invoke"
        # The record of an earlier attempt is asked for along with the listings.
        if "list-type" in url.query or "/decisions/" in url.path and method == "GET":
            return "ListObjectsV2"
        return f"{method} {url.path.split('/')[3]}"

    def reply(self, method, url, headers, body):
        operation = headers.get("x-amz-target", "")
        if operation.endswith("GetSecretValue"):
            if json.loads(body)["VersionStage"] == "AWSPREVIOUS":
                return 400, b'{"__type":"ResourceNotFoundException"}', ""
            return 200, json.dumps({"SecretString": push.SECRET}).encode(), ""
        if operation.endswith("StartPipelineExecution"):
            self.starts, self.last_start = self.starts + 1, time.perf_counter()
            return 200, b'{"pipelineExecutionId":"1"}', ""
        if url.path.endswith("/invocations"):
            self.invoke(body)
            return 202, b"", ""
        query = urllib.parse.parse_qs(url.query)
        if "list-type" in query:
            return 200, self.listing(query["prefix"][0]), ""
        key = urllib.parse.unquote(url.path).split("/", 2)[2]
        if method == "PUT":
            if headers.get("if-none-match") == "*" and key in self.objects:
                return 412, b"", ""
            self.objects[key] = body
        elif key not in self.objects:
            return 404, b"<Error><Code>NoSuchKey</Code></Error>", ""
        else:
            self.reads += key.startswith(FOLDER)
        return 200, b"" if method == "PUT" else self.objects[key], f"ETag: {self.tag(key)}\r\n"

    def tag(self, key):
        return '"' + hashlib.md5(self.objects[key]).hexdigest() + '"'

    def listing(self, prefix):
        found = "".join(
            f"<Contents><Key>{key}</Key><ETag>{self.tag(key)}</ETag><Size>1</Size></Contents>"
            for key in sorted(self.objects)
            if key.startswith(prefix)
        )
        return f"<ListBucketResult>{found}</ListBucketResult>".encode()


async def serve(answer, tls=None):
    """A keep-alive HTTP/1.1 server, over TLS with that context; its port."""

    async def connection(reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *fields = head.rstrip().split("\r\n")
                method, target, _ = line.split(" ")
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (field.partition(":") for field in fields)
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                status, content, more = await answer(method, target, headers, body)
                writer.write(
                    f"HTTP/1.1 {status} -\r\n{more}Content-Length: {len(content)}\r\n\r\n".encode()
                    + content
                )
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(
        connection, "127.0.0.1", 0, limit=2**20, backlog=512, ssl=tls
    )
    return server.sockets[0].getsockname()[1]


async def measure(bootstrap):
    front, back = RuntimeAPI(), RuntimeAPI()
    services = Services(back.events.put_nowait)
    aws = f"http://127.0.0.1:{await serve(services.answer)}"
    processes = []
    for name, api in (("webhook", front), ("evaluate", back)):
        environment = {
            **webhook.environment(aws),
            "GITHUB_SECRET": "",
            "GITHUB_SECRET_ARN": "github",
            "_HANDLER": name,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{await serve(api.answer)}",
        }
        processes.append(lambda e=environment: subprocess.Popen([bootstrap], env=e))
    results = []
    running = []
    try:
        for number in range(1 + WARM):
            services.forget()
            began = time.perf_counter()
            if not running:
                running = [start() for start in processes]
            front.events.put_nowait(push.event(10_000, seed=number))
            assert (await front.answers.get())[0] == "response"
            kind, record = await back.answers.get()
            assert kind == "response" and services.starts == RULES, record[:500]
            results.append(
                (
                    (services.last_start - began) * 1000,
                    services.kinds[: services.kinds.index("StartPipelineExecution") + 1],
                    services.reads,
                )
            )
    finally:
        for process in running:
            process.kill()
            process.wait()
    return results


def run(bootstrap):
    cold, *warm = asyncio.run(asyncio.wait_for(measure(bootstrap), 120))
    print(
        f"\nfrom delivery to the last of {RULES} starts, {DELAY * 1000:g} ms on every call to AWS"
    )
    for name, (took, kinds, reads) in (("cold", cold), ("warm", sorted(warm)[len(warm) // 2])):
        print(f"  {name} {took:5.0f} ms, {reads} rules read, {len(kinds)} round trips in a row:")
        print(f"       {' → '.join(kinds)}")
    if any(reads for _, _, reads in warm):
        raise SystemExit("an unchanged rule was read again")

"""The Runtime API and the AWS services of a delivery, on loopback, in one asyncio loop.

Each call to a service waits for a delay that is set, so that round trips show in the time that a
delivery takes. The services keep what was sent: a peer that only makes the same calls again can
be measured beside the one that needs them.
"""

import asyncio
import dataclasses
import hashlib
import json
import time
import urllib.parse

import push

BUCKET = "benchmark"
PREFIX = "pointsman"
FUNCTIONS = ("webhook", "evaluate")
FOLDER = f"{PREFIX}/rules/github/octo-org/monorepo/"


def rule(pipeline, paths):
    """A rule as it lies in S3."""
    return json.dumps(
        {
            "Repository": "octo-org/monorepo",
            "Branches": ["main", "release/*"],
            **({"Paths": paths} if paths else {}),
            "Target": {"CodePipeline": {"Name": pipeline, "SourceAction": "Source"}},
        }
    ).encode()


def rules(started, skipped):
    """Rules of which some are started by every push: key → body."""
    return {
        f"{FOLDER}pipeline-{number:03}.json": rule(
            f"pipeline-{number:03}", None if number < started else ["no/such/folder/**"]
        )
        for number in range(started + skipped)
    }


class RuntimeAPI:
    """Hands events to one process and takes its answers."""

    def __init__(self):
        self.events, self.answers = asyncio.Queue(), asyncio.Queue()
        self.count = 0
        self.idle = asyncio.Event()

    async def answer(self, request):
        if request.method == "GET":
            self.idle.set()
            event = await self.events.get()
            self.idle.clear()
            self.count += 1
            deadline = int(time.time() * 1000) + 60_000
            return (
                200,
                event,
                "Content-Type: application/json\r\n"
                "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;"
                "Parent=9a9197af755a6419;Sampled=0\r\n"
                f"Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-{self.count:012x}\r\n"
                f"Lambda-Runtime-Deadline-Ms: {deadline}\r\n"
                "Lambda-Runtime-Invoked-Function-Arn: "
                "arn:aws:lambda:eu-west-1:123456789012:function:benchmark\r\n",
            )
        await self.answers.put((request.target.rsplit("/", 1)[1], request.body))
        return 202, b"", ""


@dataclasses.dataclass
class Request:
    """A request as it came: its raw bytes, what they say, and the connection that they came on."""

    connection: int
    raw: bytes
    method: str
    target: str
    headers: dict
    body: bytes


class Services:
    """S3, Secrets Manager, Lambda and CodePipeline, each as far as a delivery needs it."""

    def __init__(self, rules):
        self.rules = rules
        self.forget(0, lambda _: None)

    def forget(self, delay, invoke):
        """Back to a bucket that holds the rules and nothing else."""
        self.delay, self.invoke = delay, invoke
        self.objects = dict(self.rules)
        self.reads, self.starts, self.last_start = 0, 0, 0.0
        self.rounds = {name: [] for name in FUNCTIONS}
        self.under_way = dict.fromkeys(FUNCTIONS, 0)

    def endpoint(self, function):
        """Answers the requests of one function, and notes its round trips."""

        async def answer(request):
            url = urllib.parse.urlsplit(request.target)
            # A request that comes while none is under way begins the next round trip.
            if not self.under_way[function]:
                self.rounds[function].append([])
            self.rounds[function][-1].append(request)
            self.under_way[function] += 1
            if self.delay:
                await asyncio.sleep(self.delay)
            self.under_way[function] -= 1
            return self.reply(request, url)

        return answer

    def kinds(self, function):
        """What was called in each round trip of a function."""
        return [
            ", ".join(
                dict.fromkeys(self.kind(r, urllib.parse.urlsplit(r.target)) for r in requests)
            )
            for requests in self.rounds[function]
        ]

    def connections(self, function):
        """On how many connections a function has sent its requests."""
        return len({r.connection for requests in self.rounds[function] for r in requests})

    def kind(self, request, url):
        if operation := request.headers.get("x-amz-target"):
            return operation.rsplit(".", 1)[1]
        if url.path.endswith("/invocations"):
            return "Invoke"
        if "list-type" in url.query:
            return "ListObjectsV2"
        return f"{request.method} {self.key(url).removeprefix(PREFIX + '/').split('/')[0]}"

    def key(self, url):
        return urllib.parse.unquote(url.path).removeprefix(f"/{BUCKET}/")

    def reply(self, request, url):
        operation = request.headers.get("x-amz-target", "")
        if operation.endswith("GetSecretValue"):
            if json.loads(request.body).get("VersionStage") == "AWSPREVIOUS":
                return 400, b'{"__type":"ResourceNotFoundException","message":"none"}', ""
            return 200, json.dumps({"SecretString": push.SECRET}).encode(), ""
        if operation.endswith("StartPipelineExecution"):
            self.starts, self.last_start = self.starts + 1, time.perf_counter()
            return 200, b'{"pipelineExecutionId":"fc26b205-67e7-4d2c-894d-0b19ae39d547"}', ""
        if url.path.endswith("/invocations"):
            self.invoke(request.body)
            return 202, b"", ""
        query = urllib.parse.parse_qs(url.query)
        if "list-type" in query:
            return 200, self.listing(query["prefix"][0]), "Content-Type: application/xml\r\n"
        return self.object(request, self.key(url))

    def object(self, request, key):
        if request.method == "PUT":
            if request.headers.get("if-none-match") == "*" and key in self.objects:
                return 412, b"<Error><Code>PreconditionFailed</Code></Error>", ""
            wanted = request.headers.get("if-match")
            if wanted and (key not in self.objects or wanted != self.tag(key)):
                return 412, b"<Error><Code>PreconditionFailed</Code></Error>", ""
            self.objects[key] = request.body
            return 200, b"", f"ETag: {self.tag(key)}\r\n"
        if key not in self.objects:
            return 404, b"<Error><Code>NoSuchKey</Code></Error>", ""
        self.reads += key.startswith(FOLDER)
        return 200, self.objects[key], f"ETag: {self.tag(key)}\r\n"

    def tag(self, key):
        return '"' + hashlib.md5(self.objects[key]).hexdigest() + '"'

    def listing(self, prefix):
        found = "".join(
            f"<Contents><Key>{key}</Key><ETag>{self.tag(key)}</ETag>"
            f"<Size>{len(self.objects[key])}</Size></Contents>"
            for key in sorted(self.objects)
            if key.startswith(prefix)
        )
        return (
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{BUCKET}</Name><IsTruncated>false</IsTruncated>{found}</ListBucketResult>"
        ).encode()


async def read_body(reader, headers):
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += (await reader.readexactly(size + 2))[:-2]
    while (await reader.readuntil(b"\r\n")) != b"\r\n":
        pass  # a trailer
    return body


async def serve(answer, context=None):
    """A keep-alive HTTP/1.1 server on loopback, over TLS where it is given a context; its port."""
    connections = 0

    async def connection(reader, writer):
        nonlocal connections
        connections += 1
        number = connections
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                line, *fields = head.decode("latin-1").rstrip().split("\r\n")
                method, target, _ = line.split(" ")
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (field.partition(":") for field in fields)
                }
                if headers.get("expect"):
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = await read_body(reader, headers)
                request = Request(number, head + body, method, target, headers, body)
                status, content, more = await answer(request)
                writer.write(
                    f"HTTP/1.1 {status} -\r\n{more}Content-Length: {len(content)}\r\n\r\n".encode()
                    + content
                )
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(
        connection, "127.0.0.1", 0, ssl=context, limit=2**20, backlog=512
    )
    return server.sockets[0].getsockname()[1]

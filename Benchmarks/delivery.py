"""A delivery from the event on /next to the response and to the last start, cold and warm.

Cold is a fresh process for each function; that of `evaluate` is run when it is invoked, as Lambda
does it. CPU time is all that a process has used, from exec to the next /next.
"""

import asyncio
import contextlib
import os
import pathlib
import subprocess
import time

import webhook
from measure import HERE, compiled
from services import BUCKET, FUNCTIONS, PREFIX, RuntimeAPI, Services, rules, serve


class Implementation:
    """A pair of functions that does the job, and how its processes are run."""

    def __init__(self, name, command, environment=None):
        self.name = name
        self.command = command
        self.environment = environment or {}

    def run(self, function, port, api_port, scheme, bundle):
        environment = {
            **webhook.environment(f"{scheme}://127.0.0.1:{port}"),
            "S3_BUCKET": BUCKET,
            "S3_PREFIX": PREFIX,
            "GITHUB_SECRET": "",
            "GITHUB_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hook-AbCdEf",
            "MAX_EVENT_AGE_DAYS": "0",
            "_HANDLER": function,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api_port}",
            "PATH": os.environ["PATH"],
            **({"AWS_CA_BUNDLE": str(bundle)} if bundle else {}),
            **self.environment,
        }
        return subprocess.Popen(
            [str(word) for word in self.command(function, port, bundle)], env=environment
        )


def pointsman(bootstrap, name="Pointsman"):
    return Implementation(name, lambda function, port, bundle: [bootstrap])


def with_boto3(python):
    """The job in Python, on AWS's runtime for it; its bytecode is compiled, as in a layer."""
    return Implementation(
        "boto3",
        lambda function, port, bundle: [
            python,
            "-m",
            "awslambdaric",
            f"boto3_functions.{function}",
        ],
        {"PYTHONPATH": str(HERE), "LAMBDA_TASK_ROOT": str(HERE), "AWS_DEFAULT_REGION": "eu-west-1"},
    )


def calls_alone(folder, libraries):
    """The same calls in C, as they were recorded in that folder."""
    program = compiled("calls.c", "-static", libraries=libraries)
    return Implementation(
        "the calls in C",
        lambda function, port, bundle: [
            program,
            folder / f"{function}-cold",
            folder / f"{function}-warm",
            port,
            bundle or "-",
        ],
    )


class Recording:
    """What each function has called in a delivery: for the program that only makes the calls."""

    def __init__(self, folder):
        self.folder = folder
        self.numbers = {}

    def write(self, services, kind):
        """Writes down the calls of a `cold` delivery, or of a `warm` one that followed it."""
        for function in FUNCTIONS:
            with open(self.folder / f"{function}-{kind}", "wb") as file:
                for requests in services.rounds[function]:
                    file.write(f"round {len(requests)}\n".encode())
                    for request in requests:
                        number = self.numbers.setdefault(request.connection, len(self.numbers))
                        file.write(f"request {number} {len(request.raw)}\n".encode())
                        file.write(request.raw + b"\n")


def cpu(process):
    """Milliseconds that all threads of a process have run."""
    total = 0
    for task in pathlib.Path(f"/proc/{process.pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e6


class Bench:
    """The services of one set of rules, over plain HTTP and over TLS."""

    def __init__(self, started, skipped, chain):
        self.services = Services(rules(started, skipped))
        self.started = started
        self.chain = chain
        self.ports = {}

    async def open(self):
        for function in FUNCTIONS:
            answer = self.services.endpoint(function)
            self.ports["http", function] = await serve(answer)
            self.ports["https", function] = await serve(answer, self.chain.context)

    async def deliver(
        self, implementation, event, *, scheme, bundle, delay, warm, noting=lambda services: None
    ):
        """One cold delivery and some warm ones: a dictionary of figures for each, in ms."""
        apis = {function: RuntimeAPI() for function in FUNCTIONS}
        api_ports = {function: await serve(apis[function].answer) for function in FUNCTIONS}
        running = {}

        def start(function):
            port = self.ports[scheme, function]
            running[function] = implementation.run(
                function, port, api_ports[function], scheme, bundle
            )

        def invoke(body):
            if "evaluate" not in running:
                start("evaluate")
            apis["evaluate"].events.put_nowait(body)

        figures = []
        used = dict.fromkeys(FUNCTIONS, 0.0)
        try:
            for _ in range(1 + warm):
                self.services.forget(delay, invoke)
                began = time.perf_counter()
                if not running:
                    start("webhook")
                apis["webhook"].events.put_nowait(event)
                await self.answer(implementation, apis["webhook"])
                answered = time.perf_counter()
                await self.answer(implementation, apis["evaluate"])
                # The floor replays the calls: it starts what they start.
                if self.services.starts != self.started:
                    raise SystemExit(f"{implementation.name}: {self.services.starts} starts")
                figure = {
                    "response": (answered - began) * 1000,
                    "start": (self.services.last_start - began) * 1000,
                }
                for function in FUNCTIONS:
                    await apis[function].idle.wait()
                    now = cpu(running[function])
                    figure[f"{function} CPU"] = now - used[function]
                    used[function] = now
                figures.append(figure)
                noting(self.services)
        finally:
            for process in running.values():
                process.kill()
                process.wait()
        return figures

    async def answer(self, implementation, api):
        try:
            kind, body = await asyncio.wait_for(api.answers.get(), 60)
        except TimeoutError:
            raise SystemExit(f"{implementation.name}: no answer within a minute") from None
        if kind != "response" or b'"statusCode": 4' in body or b'"statusCode": 5' in body:
            raise SystemExit(f"{implementation.name}: {kind}: {body[:500]}")

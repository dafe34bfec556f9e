"""The gate: what every request passes on its way to moto."""

from __future__ import annotations

import functools
import io
import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.sax.saxutils import escape

import boto3
import botocore.config
from botocore.handlers import add_expect_header
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.models import get_account_id_from
from moto.server import DomainDispatcherApplication, create_backend_app
from moto.sts.models import sts_backends

from .calls import Call, Calls
from .codebuild import CodeBuild
from .codecommit import CodeCommit
from .codepipeline import Caller, CodePipeline
from .errors import Refused, error_response
from .faults import Fault, Faults, fault_response
from .functions import Functions
from .http_server import Connection, HTTPServer, Request, Response
from .service_model import Operation, read_operation
from .signature import Key, claimed_scope, verify
from .state_changes import StateChanges

ACCOUNT = DEFAULT_ACCOUNT_ID
REGION = "eu-central-1"
ACCESS_KEY_ID = "AKIAPOINTSMANTEST000"
SECRET_ACCESS_KEY = "a secret/that+needs=encoding"  # noqa: S105 - a made-up key
# How long the port stays closed when a call is refused: longer than the first back-off.
REFUSING = 0.15
# How long a call that is to time out is held without an answer.
HOLDING = 120.0
# What is stored is stored once in a process, behind however many gates. moto checks a
# condition and then writes, and walks through dictionaries that others may be writing;
# under one lock each call is one step.
MOTO = DomainDispatcherApplication(create_backend_app)
# For every request it lists its own folder to find out whose a host is: a third of its time.
MOTO.get_backend_for_host = functools.cache(MOTO.get_backend_for_host)
MOTO_LOCK = threading.Lock()


class LocalAWS:
    """AWS on a port of the loopback interface."""

    def __init__(
        self,
        *,
        regions: Collection[str] = (REGION,),
        tls: ssl.SSLContext | None = None,
        port: int = 0,
    ):
        self.regions = regions
        self._keys = {ACCESS_KEY_ID: Key(SECRET_ACCESS_KEY)}
        self.calls = Calls()
        self.faults = Faults()
        self.functions = Functions()
        self.state_changes = StateChanges()
        """The events of pipelines and builds, for the test to deliver."""
        self.codebuild = CodeBuild(self.state_changes)
        self.codecommit = CodeCommit()
        self.codepipeline = CodePipeline(self.state_changes)
        self.clusters: dict[str, dict[str, Any]] = {}
        """EKS's clusters as DescribeCluster tells of them, by name."""
        self.stacks: dict[str, dict[str, str]] = {}
        """The outputs of stacks as DescribeStacks tells of them, by the stack's name."""
        self.stand_ins: dict[str, Callable[[Operation, Request], Response]] = {}
        """What answers the calls of a service in place of moto, by the service's name."""
        self.latency = 0.0
        """Seconds that every call takes at least."""
        self._clients: dict[tuple[str, str], Any] = {}
        self._clients_lock = threading.Lock()
        self._closing = threading.Event()
        self._server = HTTPServer(self._answer, tls=tls, port=port)
        logging.getLogger("werkzeug").setLevel(logging.WARNING)

    @property
    def url(self) -> str:
        return self._server.url

    def close(self) -> None:
        self._closing.set()
        self._server.close()

    def __enter__(self) -> LocalAWS:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add_key(self, access_key_id: str, secret: str, token: str | None = None) -> None:
        """Makes a key known that STS here has not given out."""
        self._keys[access_key_id] = Key(secret, token)

    def client(self, service: str, region: str = REGION, **options: Any) -> Any:
        """A boto3 client of this AWS, by the gate like everyone else.

        Making one takes its time: those without `options` are made once.
        """
        if options:
            return self._new_client(service, region, options)
        with self._clients_lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._new_client(service, region, {})
            return self._clients[service, region]

    def _new_client(self, service: str, region: str, options: dict[str, Any]) -> Any:
        configuration = botocore.config.Config(
            retries={"max_attempts": 0},
            max_pool_connections=50,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"payload_signing_enabled": True, "addressing_style": "path"},
        )
        keys = {
            "aws_access_key_id": ACCESS_KEY_ID,
            "aws_secret_access_key": SECRET_ACCESS_KEY,
        }
        options = {"config": configuration, "endpoint_url": self.url} | keys | options
        # The default session is not to be used by several threads.
        client = boto3.session.Session().client(service, region_name=region, **options)
        client.meta.events.unregister("before-call.s3", add_expect_header)
        return client

    def seen(self, name: str | None = None) -> list[Call]:
        """All calls, or those of one operation."""
        return self.calls.of(name) if name else self.calls.all()

    def wait_for_call(self, name: str, seconds: float = 10) -> Call:
        """The first call of an operation, as soon as it has come."""
        deadline = time.monotonic() + seconds
        while not (found := self.seen(name)):
            assert time.monotonic() < deadline, f"no {name} within {seconds} s"
            time.sleep(0.005)
        return found[0]

    # The way of a request.

    def _answer(self, request: Request, connection: Connection) -> Response | None:
        call = self.calls.begin(service=self._service(request))
        time.sleep(self.latency)
        try:
            operation = self._admit(request, call)
        except Refused as refused:
            call.error, call.status = str(refused), refused.status
            return error_response(call.service, refused.status, refused.code, refused.message)
        fault = self.faults.next(call)
        call.fault = fault
        if fault and fault is not Fault.ANSWER_LOST:
            return self._fail(fault, call, connection)
        response = self._perform(operation, request, call)
        call.status = response.status
        self.faults.done(call)
        if fault:
            connection.reset()
            return None
        return response

    def _service(self, request: Request) -> str:
        try:
            return claimed_scope(request).service
        except Refused:
            return "s3"

    def _admit(self, request: Request, call: Call) -> Operation:
        """Takes in a request that is signed as it must be and fits its model."""
        key_id = claimed_scope(request).access_key_id
        scope = verify(request, self._key(key_id), self.regions, datetime.now(UTC))
        call.access_key_id, call.region = scope.access_key_id, scope.region
        operation = read_operation(request, scope.service)
        call.operation, call.parameters = operation.name, operation.parameters
        call.trace_id = request.header("X-Amzn-Trace-Id")
        return operation

    def _key(self, access_key_id: str) -> Key | None:
        """The key of that id: one of our own, or one that STS has given out."""
        if access_key_id in self._keys:
            return self._keys[access_key_id]
        for account in list(sts_backends):
            for backend in list(sts_backends[account].values()):
                role = backend.get_assumed_role_from_access_key(access_key_id)
                if role:
                    return Key(role.secret_access_key, role.session_token)
        return None

    def _fail(self, fault: Fault, call: Call, connection: Connection) -> Response | None:
        if fault is Fault.REFUSED:
            self._server.refuse(REFUSING)
            return None
        if fault is Fault.RESET:
            connection.reset()
            return None
        if fault is Fault.TIMED_OUT:
            self._closing.wait(HOLDING)
            connection.reset()
            return None
        response = fault_response(fault, call.service)
        call.status = response.status
        return response

    def _perform(self, operation: Operation, request: Request, call: Call) -> Response:
        try:
            if operation.service in self.stand_ins:
                return self.stand_ins[operation.service](operation, request)
            if operation.service == "lambda":
                return self.functions.handle(operation.name, operation.parameters)
            if operation.service == "eks":
                return self._cluster(operation)
            if operation.service == "cloudformation":
                return self._stack(operation)
            if operation.service in ("codebuild", "codepipeline"):
                caller = Caller(
                    get_account_id_from(call.access_key_id), call.region, call.access_key_id
                )
                service = getattr(self, operation.service)
                with MOTO_LOCK:
                    answer = service.handle(operation.name, operation.parameters, caller)
                if answer is not None:
                    return _json_response(answer)
            if operation.service == "codecommit":
                answer = self.codecommit.handle(operation.name, operation.parameters)
                if answer is not None:
                    return _json_response(answer)
        except Refused as refused:
            return error_response(operation.service, refused.status, refused.code, refused.message)
        with MOTO_LOCK:
            return self._moto_response(request)

    def _cluster(self, operation: Operation) -> Response:
        if operation.name != "DescribeCluster":
            raise Refused("UnknownOperationException", f"{operation.name} is not had here", 404)
        name = operation.parameters["name"]
        if name not in self.clusters:
            raise Refused("ResourceNotFoundException", f"No cluster found for name: {name}.", 404)
        body = json.dumps({"cluster": {"name": name} | self.clusters[name]}).encode()
        return Response(200, {"Content-Type": "application/json"}, body)

    def _stack(self, operation: Operation) -> Response:
        if operation.name != "DescribeStacks":
            raise Refused("InvalidAction", f"{operation.name} is not had here")
        name = operation.parameters["StackName"]
        if name not in self.stacks:
            raise Refused("ValidationError", f"Stack with id {name} does not exist")
        outputs = "".join(
            f"<member><OutputKey>{key}</OutputKey><OutputValue>{escape(value)}</OutputValue></member>"
            for key, value in self.stacks[name].items()
        )
        text = (
            '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">'
            f"<DescribeStacksResult><Stacks><member><StackName>{name}</StackName>"
            f"<Outputs>{outputs}</Outputs></member></Stacks></DescribeStacksResult>"
            "</DescribeStacksResponse>"
        )
        return Response(200, {"Content-Type": "text/xml"}, text.encode())

    def key(self, access_key_id: str) -> Key | None:
        """The key of that id, for others that check a signature."""
        return self._key(access_key_id)

    def _moto_response(self, request: Request) -> Response:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
            "QUERY_STRING": request.query,
            "RAW_URI": request.target,
            "REQUEST_URI": request.target,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self._server.port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(request.body)),
            "CONTENT_TYPE": request.header("Content-Type") or "",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in request.headers:
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_LENGTH", "CONTENT_TYPE", "TRANSFER_ENCODING"):
                environ[f"HTTP_{key}"] = value
        head: list[Any] = []
        body = b"".join(MOTO(environ, lambda *start: head.extend(start)))
        status, headers = int(head[0].split(" ")[0]), dict(head[1])
        if request.method != "HEAD":
            headers = {k: v for k, v in headers.items() if k.lower() != "content-length"}
        return Response(status, headers, body)


def _json_response(answer: dict[str, Any]) -> Response:
    return Response(
        200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()
    )

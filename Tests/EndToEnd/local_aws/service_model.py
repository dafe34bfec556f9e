"""Requests held against the service models that AWS publishes in botocore.

A mistake that a lenient emulator lets pass (a member that does not exist, a value that
is too long, a wrong content type) is refused here in AWS's own words.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

from .errors import Refused
from .http_server import Request

# What any request may carry, whatever the operation's model says.
COMMON_HEADERS = {
    "accept", "authorization", "connection", "content-length", "content-type", "host",
    "user-agent", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-amz-target",
}  # fmt: skip
# What SDKs send besides; of these the product sends the last alone.
SDK_HEADERS = {
    "accept-encoding", "amz-sdk-invocation-id", "amz-sdk-request", "x-amz-user-agent",
    "x-amzn-query-mode", "x-amzn-trace-id",
}  # fmt: skip


@dataclass
class Operation:
    """A request that fits its model: which operation it is, and its parameters."""

    service: str
    name: str
    parameters: dict[str, Any]


@cache
def service_model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def read_operation(request: Request, service: str) -> Operation:
    """The operation a request asks for, with parameters that its model allows."""
    try:
        model = service_model(service)
    except botocore.exceptions.UnknownServiceError:
        raise Refused("UnknownService", f"no such service: {service}", 404) from None
    protocol = model.metadata["protocol"]
    if protocol == "json":
        operation, parameters = _read_json(request, model)
    elif protocol == "query":
        operation, parameters = _read_query(request, model)
    else:
        operation, parameters = _read_rest(request, model)
    shape = operation.input_shape
    problems = list(_problems(shape, parameters)) if shape else []
    if problems:
        raise Refused("ValidationException", f"{operation.name}: {'; '.join(problems)}")
    return Operation(service, operation.name, parameters)


# JSON: the operation is in X-Amz-Target, the parameters are the body.


def _read_json(request: Request, model: ServiceModel) -> tuple[OperationModel, dict[str, Any]]:
    _expect(request.method == "POST" and request.target == "/", "POST / is the one address")
    _expect_headers(request, set())
    content_type = f"application/x-amz-json-{model.metadata['jsonVersion']}"
    _expect(request.header("Content-Type") == content_type, f"the content type is {content_type}")
    prefix, _, name = (request.header("X-Amz-Target") or "").rpartition(".")
    if prefix != model.metadata["targetPrefix"] or name not in model.operation_names:
        raise Refused(
            "UnknownOperationException", f"X-Amz-Target: {request.header('X-Amz-Target')}"
        )
    return model.operation_model(name), _decode_json(request.body)


def _decode_json(body: bytes) -> dict[str, Any]:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        _expect(len(names) == len(set(names)), f"a member occurs twice: {names}")
        return dict(pairs)

    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=members)
    except ValueError as error:
        raise Refused("SerializationException", f"the body is not JSON: {error}") from None
    _expect(isinstance(value, dict), "the body is a JSON object")
    return value


# Query: the operation and its parameters are a form.


def _read_query(request: Request, model: ServiceModel) -> tuple[OperationModel, dict[str, Any]]:
    _expect(request.method == "POST" and request.target == "/", "POST / is the one address")
    _expect_headers(request, set())
    content_type = (request.header("Content-Type") or "").replace(" ", "").lower()
    _expect(
        content_type
        in ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded;charset=utf-8"),
        "the content type is application/x-www-form-urlencoded",
    )
    pairs = parse_qsl(
        request.body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, errors="strict"
    )
    form = dict(pairs)
    _expect(len(form) == len(pairs), "no parameter occurs twice")
    name = form.pop("Action", "")
    _expect(form.pop("Version", "") == model.api_version, f"Version is {model.api_version}")
    if name not in model.operation_names:
        raise Refused("InvalidAction", f"no such action: {name}")
    operation = model.operation_model(name)
    parameters: dict[str, Any] = {}
    for key, text in form.items():
        member = operation.input_shape.members.get(key.split(".")[0])
        # Lists and structures are flattened into several keys; only their names are checked.
        _expect(member is not None, f"{name} has no parameter {key}")
        if "." not in key:
            parameters[key] = _from_text(member, text)
    return operation, parameters


# REST: the operation is the method and the path, the parameters are everywhere.


def _read_rest(request: Request, model: ServiceModel) -> tuple[OperationModel, dict[str, Any]]:
    pairs = parse_qsl(request.query, keep_blank_values=True)
    query = dict(pairs)
    _expect(len(query) == len(pairs), "no query parameter occurs twice")
    operation, in_path, fixed = _match_rest(request, model, query)
    shape = operation.input_shape
    parameters: dict[str, Any] = {}
    known_headers, known_query = set(), set(fixed)
    payload = shape.serialization.get("payload") if shape else None
    for name, member in shape.members.items() if shape else ():
        location, key = member.serialization.get("location"), member.serialization.get("name", name)
        if location == "uri":
            parameters[name] = in_path[key]
        elif location == "querystring":
            known_query.add(key)
            if key in query:
                parameters[name] = _from_text(member, query[key])
        elif location == "header":
            known_headers.add(key.lower())
            if (text := request.header(key)) is not None:
                parameters[name] = _from_text(member, text)
        elif location == "headers":
            found = {k: v for k, v in request.headers if k.lower().startswith(key.lower())}
            known_headers |= {k.lower() for k in found}
            if found:
                parameters[name] = {k[len(key) :]: v for k, v in found.items()}
        elif name == payload and member.type_name == "blob":
            parameters[name] = request.body
    unknown = set(query) - known_query
    _expect(not unknown, f"{operation.name} has no query parameters {sorted(unknown)}")
    _expect_headers(request, known_headers)
    return operation, parameters


def _match_rest(
    request: Request, model: ServiceModel, query: dict[str, str]
) -> tuple[OperationModel, dict[str, str], set[str]]:
    # S3 takes a bucket's path with and without a slash at its end.
    path = re.sub(r"^(/[^/]+)/$", r"\1", request.path)
    best, most = None, 0
    for operation, pattern, fixed in _routes(model.service_name):
        if operation.http["method"] != request.method:
            continue
        if any(key not in query or (value and query[key] != value) for key, value in fixed.items()):
            continue
        if (match := pattern.fullmatch(path)) is None:
            continue
        # Some operations share method and path: CopyObject is a PutObject with a source.
        needed = set(fixed) | _required_by_name(operation)
        if any(request.header(name) is None and name not in query for name in needed):
            continue
        if best is None or len(needed) > most:
            most = len(needed)
            found = {
                key.replace("_", "-"): unquote(value, errors="strict")
                for key, value in match.groupdict().items()
            }
            best = (operation, found, set(fixed))
    if best is None:
        raise Refused(
            "UnknownOperationException", f"{request.method} {request.path} is no operation", 404
        )
    return best


def _required_by_name(operation: OperationModel) -> set[str]:
    """The header and query names without which it is not this operation."""
    shape = operation.input_shape
    return {
        shape.members[name].serialization["name"]
        for name in (shape.required_members if shape else ())
        if shape.members[name].serialization.get("location") in ("header", "querystring")
    }


@cache
def _routes(service: str) -> list[tuple[OperationModel, re.Pattern[str], dict[str, str]]]:
    model = service_model(service)
    routes = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        path, _, query = operation.http["requestUri"].partition("?")
        pattern = ""
        for part in re.split(r"(\{[^}]+\})", path):
            if part.endswith("+}"):
                pattern += f"(?P<{part[1:-2].replace('-', '_')}>.+)"
            elif part.startswith("{"):
                pattern += f"(?P<{part[1:-1].replace('-', '_')}>[^/]+)"
            else:
                pattern += re.escape(part)
        routes.append((operation, re.compile(pattern), dict(parse_qsl(query, True))))
    return routes


def _from_text(shape: Shape, text: str) -> Any:
    """A parameter from a header, the query or a form, which know only text."""
    if shape.type_name in ("integer", "long"):
        _expect(re.fullmatch(r"-?\d+", text) is not None, f"{shape.name} is a number: {text}")
        return int(text)
    if shape.type_name == "boolean":
        _expect(text in ("true", "false"), f"{shape.name} is true or false: {text}")
        return text == "true"
    if shape.type_name == "list":
        return [item.strip() for item in text.split(",")]
    return text


# botocore's own validator leaves out enumerations, patterns and maximum lengths.


def _problems(shape: Shape, value: Any) -> Iterator[str]:
    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        yield report.generate_report()
    else:
        yield from _finer_problems(shape, value, "")


def _finer_problems(shape: Shape, value: Any, where: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "structure":
        for name, member in shape.members.items():
            if name in value:
                yield from _finer_problems(member, value[name], f"{where}.{name}".lstrip("."))
    elif kind == "list":
        yield from _size_problems(shape, len(value), where)
        for index, item in enumerate(value):
            yield from _finer_problems(shape.member, item, f"{where}[{index}]")
    elif kind == "map":
        for key, item in value.items():
            yield from _finer_problems(shape.key, key, f"{where} key")
            yield from _finer_problems(shape.value, item, f"{where}.{key}")
    elif kind == "string":
        yield from _size_problems(shape, len(value), where)
        if shape.enum and value not in shape.enum:
            yield f"{where} is {value!r}, not one of {shape.enum}"
        pattern = shape.metadata.get("pattern")
        if pattern and not re.fullmatch(_java(pattern), value):
            yield f"{where} is {value!r}, which does not match {pattern}"
    elif kind == "blob" and isinstance(value, str):
        try:
            base64.b64decode(value, validate=True)
        except binascii.Error:
            yield f"{where} is not base64"


def _java(pattern: str) -> str:
    """The pattern as Java reads it: there no line break of Unicode's matches a dot."""
    return re.sub(
        r"\\.|\[(?:\\.|[^\]\\])*\]|\.",
        lambda part: r"[^\n\r\x85\u2028\u2029]" if part[0] == "." else part[0],
        pattern,
    )


def _size_problems(shape: Shape, size: int, where: str) -> Iterator[str]:
    most = shape.metadata.get("max")
    if most is not None and size > most:
        yield f"{where} is longer than {most}"


def _expect_headers(request: Request, known: set[str]) -> None:
    unknown = {name.lower() for name, _ in request.headers} - COMMON_HEADERS - SDK_HEADERS - known
    _expect(not unknown, f"headers that the operation does not have: {sorted(unknown)}")


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Refused("ValidationException", otherwise)

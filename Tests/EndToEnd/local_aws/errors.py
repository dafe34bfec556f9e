"""AWS's error answers, in each protocol's own form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

from .http_server import Response

REQUEST_ID = "7f3c2a10-5e8d-4a53-9c1e-0b6d2f9e4a11"
JSON_SERVICES = {
    "codebuild", "codecommit", "codepipeline", "events", "secretsmanager", "sqs", "ssm",
}  # fmt: skip


@dataclass
class Refused(Exception):
    """A request that is not carried out, with the code and the sentence that say why."""

    code: str
    message: str
    status: int = 400

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def error_response(service: str, status: int, code: str, message: str) -> Response:
    """The answer by which `service` tells of an error."""
    if service in JSON_SERVICES:
        body = json.dumps({"__type": code, "message": message}).encode()
        return Response(
            status,
            {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": REQUEST_ID},
            body,
        )
    if service in ("lambda", "eks"):
        body = json.dumps({"Type": "User", "Message": message}).encode()
        return Response(
            status,
            {
                "Content-Type": "application/json",
                "x-amzn-ErrorType": code,
                "x-amzn-RequestId": REQUEST_ID,
            },
            body,
        )
    detail = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if service == "s3":
        text = f"<Error>{detail}<RequestId>{REQUEST_ID}</RequestId></Error>"
        headers = {"Content-Type": "application/xml", "x-amz-request-id": REQUEST_ID}
    else:
        kind = "Sender" if status < 500 else "Receiver"
        text = (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
            f"<Type>{kind}</Type>{detail}</Error>"
            f"<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
        )
        headers = {"Content-Type": "text/xml", "x-amzn-RequestId": REQUEST_ID}
    return Response(status, headers, b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode())

"""CloudFormation as a custom resource's provider sees it: requests, and a URL for the answer."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from local_aws.http_server import Connection, HTTPServer, Request, Response

STACK_ID = (
    "arn:aws:cloudformation:eu-central-1:123456789012:"
    "stack/payments/5b6f3a40-c70d-11f0-8d3c-0a1b2c3d4e5f"
)
SERVICE_TOKEN = "arn:aws:lambda:eu-central-1:123456789012:function:resource"  # noqa: S105 - an ARN
SIGNATURE = "X-Amz-Signature=5ca1ab1e%2Fb"


@dataclass
class Taken:
    """An answer that CloudFormation took."""

    request: Request

    @property
    def json(self) -> Any:
        return json.loads(self.request.body)

    @property
    def line(self) -> str:
        answer = self.json
        reason = f": {answer['Reason']}" if "Reason" in answer else ""
        return f"{answer['Status']} {answer['PhysicalResourceId']}{reason}"


class CloudFormation:
    """Where answers go, on a port of the loopback interface; use as a context manager."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.statuses: list[int] = []
        """What the next answers are told, before one is taken."""
        self._server = HTTPServer(self._answer)

    def __enter__(self) -> CloudFormation:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def event(
        self,
        request_type: str,
        properties: dict[str, Any],
        *,
        resource_type: str = "Custom::PipelineTrigger",
        old: dict[str, Any] | None = None,
        physical_id: str | None = None,
        stack_id: str = STACK_ID,
    ) -> dict[str, Any]:
        event = {
            "RequestType": request_type,
            "ServiceToken": SERVICE_TOKEN,
            "ResponseURL": f"{self._server.url}/arn%3Aaws/a%7Cb?{SIGNATURE}&X-Amz-Expires=7200",
            "StackId": stack_id,
            "RequestId": str(uuid.uuid4()),
            "LogicalResourceId": "Trigger",
            "ResourceType": resource_type,
            "ResourceProperties": {"ServiceToken": SERVICE_TOKEN} | properties,
        }
        if old is not None:
            event["OldResourceProperties"] = {"ServiceToken": SERVICE_TOKEN} | old
        if physical_id is not None:
            event["PhysicalResourceId"] = physical_id
        return event

    def _answer(self, request: Request, _: Connection) -> Response:
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.taken.append(Taken(request))
        return Response(status)

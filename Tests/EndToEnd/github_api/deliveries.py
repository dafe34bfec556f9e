"""Webhooks and their deliveries.

https://docs.github.com/en/rest/repos/webhooks#list-deliveries-for-a-repository-webhook, and the
same of an organization's hook and of an app's.
"""

from __future__ import annotations

import itertools
import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import github
from provider_api import check

from .answers import DOCUMENTATION, Refused

PAGE = f"{DOCUMENTATION}/repos/webhooks#list-deliveries-for-a-repository-webhook"
RETENTION = timedelta(days=3)
""""You can redeliver webhook deliveries that occurred in the past 3 days"
(https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks)."""
SMALLEST, LARGEST = 30, 100
""""The number of results per page (max 100). Default: 30"."""
FIRST_ID = 2**53 + 1
"""An id has 64 bits: one of these is lost where it becomes a floating-point number."""
NO_ANSWER = "failed to connect to host"
ITEM = {
    "id": int, "guid": str, "delivered_at": str, "redelivery": bool, "duration": float,
    "status": str, "status_code": int, "event": str,
}  # fmt: skip

Receiver = Callable[[str, dict[str, str], bytes], int]
"""Takes a delivery's event, headers and body; the status of the answer, 0 where there is none."""


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver an event."""

    delivery_id: int
    guid: str
    at: datetime
    event: str
    body: bytes
    status_code: int
    redelivery: bool = False

    def described(self) -> dict[str, Any]:
        """As the list shows it: without what was sent."""
        payload = json.loads(self.body)
        is_answered = 200 <= self.status_code < 300
        status = f"Invalid HTTP Response: {self.status_code}" if self.status_code else NO_ANSWER
        value = {
            "id": self.delivery_id,
            "guid": self.guid,
            "delivered_at": self.at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "redelivery": self.redelivery,
            "duration": 0.27,
            "status": "OK" if is_answered else status,
            "status_code": self.status_code,
            "event": self.event,
            "action": payload.get("action"),
            "installation_id": None,
            "repository_id": payload.get("repository", {}).get("id"),
            "throttled_at": None,
        }
        check(value, ITEM)
        return value


class Hook:
    """A webhook, and what it has delivered."""

    _ids = itertools.count(FIRST_ID)

    def __init__(self, path: str, secret: str, receiver: Receiver, now: Callable[[], datetime]):
        self.path = path
        """Such as `repos/octo-org/mono-repo/hooks/7`, `orgs/octo-org/hooks/7` or `app/hook`."""
        self.secret = secret
        self.receiver = receiver
        self._now = now
        self._lock = threading.Lock()
        self._deliveries: list[Delivery] = []
        self.redelivered: list[Delivery] = []
        """The attempts that were asked for by the API, in their order."""

    def deliver(
        self, event: str, payload: dict[str, Any] | bytes, guid: str | None = None
    ) -> Delivery:
        """Makes a delivery now."""
        body = payload if isinstance(payload, bytes) else github.encode(payload)
        return self._attempt(event, body, guid or str(uuid.uuid4()), redelivery=False)

    def has_delivered(
        self,
        event: str,
        payload: dict[str, Any] | bytes,
        status_code: int,
        at: datetime,
        guid: str | None = None,
        redelivery: bool = False,
    ) -> Delivery:
        """Adds a delivery of the past, to which somebody gave that answer. They come in order."""
        body = payload if isinstance(payload, bytes) else github.encode(payload)
        guid = guid or str(uuid.uuid4())
        return self._add(event, body, guid, status_code, at, redelivery)

    def all(self) -> list[Delivery]:
        """All that are kept, the newest first."""
        oldest = self._now() - RETENTION
        with self._lock:
            return [each for each in reversed(self._deliveries) if each.at > oldest]

    def page(self, query: dict[str, str], url: str) -> tuple[list[Delivery], dict[str, str]]:
        """A page of the list, and its headers.

        https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        size = int(query.get("per_page", SMALLEST))
        if not 1 <= size <= LARGEST:
            size = LARGEST if size > LARGEST else SMALLEST
        found = self.all()
        if "status" in query:
            # "Returns webhook deliveries filtered by delivery outcome classification based on
            # status_code range": a delivery without an answer is in neither.
            low, high = {"success": (200, 399), "failure": (400, 599)}[query["status"]]
            found = [each for each in found if low <= each.status_code <= high]
        if "cursor" in query:
            # "The starting delivery from which the page of deliveries is fetched."
            version, _, text = query["cursor"].partition("_")
            if version != "v1" or not text.isdigit():
                raise Refused(400, "Invalid cursor", PAGE)
            found = [each for each in found if each.delivery_id <= int(text)]
        page, rest = found[:size], found[size:]
        if not rest:
            return page, {}
        kept = {name: value for name, value in query.items() if name != "cursor"}
        kept["cursor"] = f"v1_{rest[0].delivery_id}"
        target = "&".join(f"{name}={value}" for name, value in kept.items())
        return page, {"Link": f'<{url}/{self.path}/deliveries?{target}>; rel="next"'}

    def redeliver(self, number: int) -> None:
        """Makes another attempt at a delivery: the same event, body and guid, another id.

        https://docs.github.com/en/rest/repos/webhooks#redeliver-a-delivery-for-a-repository-webhook
        """
        found = next((each for each in self.all() if each.delivery_id == number), None)
        if found is None:
            raise Refused(404, "Not Found", PAGE)
        delivery = self._attempt(found.event, found.body, found.guid, redelivery=True)
        with self._lock:
            self.redelivered.append(delivery)

    def _attempt(self, event: str, body: bytes, guid: str, redelivery: bool) -> Delivery:
        headers = github.headers(body, self.secret, event=event, delivery=guid)
        status_code = self.receiver(event, headers, body)
        return self._add(event, body, guid, status_code, self._now(), redelivery)

    def _add(
        self, event: str, body: bytes, guid: str, code: int, at: datetime, redelivery: bool
    ) -> Delivery:
        with self._lock:
            delivery = Delivery(next(self._ids), guid, at, event, body, code, redelivery)
            self._deliveries.append(delivery)
            return delivery

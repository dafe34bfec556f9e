"""Deliveries as GitHub makes them, and the envelopes in which they reach the function."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from typing import Any
from urllib.parse import urlencode

ZERO = "0" * 40
BEFORE = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
AFTER = "a10867b14bb761a232cd80139fbd4c0d33264240"


def signature(body: bytes, secret: str) -> str:
    """The value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def push(
    *paths: str,
    repository: str = "octo-org/mono-repo",
    ref: str = "refs/heads/main",
    after: str = AFTER,
    before: str = BEFORE,
    message: str = "Change the greeting",
    **members: Any,
) -> dict[str, Any]:
    """A push of one commit that modified `paths`."""
    owner, name = repository.split("/")
    author = {"name": "Mona", "email": "mona@example.com", "username": "mona"}
    commit = {
        "id": after,
        "tree_id": "f9d2a07e9488b91af2641b26b9407fe22a451433",
        "distinct": True,
        "message": message,
        "timestamp": "2026-11-20T15:20:41Z",
        "url": f"https://github.com/{repository}/commit/{after}",
        "author": author,
        "committer": author,
        "added": [],
        "removed": [],
        "modified": list(paths),
    }
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "base_ref": None,
        "created": before == ZERO,
        "deleted": after == ZERO,
        "forced": False,
        "compare": f"https://github.com/{repository}/compare/{before[:12]}...{after[:12]}",
        "commits": [commit],
        "head_commit": commit,
        "repository": {
            "id": 186853002,
            "name": name,
            "full_name": repository,
            "private": False,
            "owner": {"name": owner, "login": owner},
            "html_url": f"https://github.com/{repository}",
            "clone_url": f"https://github.com/{repository}.git",
            "default_branch": "main",
            "master_branch": "main",
        },
        "pusher": {"name": "mona", "email": "mona@example.com"},
        "sender": {"login": "mona", "id": 21031067, "type": "User"},
    } | members


def pull_request(
    number: int = 7,
    action: str = "opened",
    after: str = AFTER,
    base: str = BEFORE,
    updated_at: str = "2026-11-20T15:20:41Z",
    draft: bool = False,
    labels: tuple[str, ...] = (),
    added: str | None = None,
    **members: Any,
) -> dict[str, Any]:
    """The event of a pull request from a branch of the same repository, as far as it is read."""
    if added is not None:
        members["label"] = {"name": added}
    repository = push()["repository"]
    side = {"sha": after, "ref": "changes", "repo": repository}
    return {
        "action": action,
        "number": number,
        "pull_request": {
            "number": number,
            "title": "Change the greeting",
            "state": "closed" if action == "closed" else "open",
            "draft": draft,
            "labels": [{"name": name, "color": "ededed"} for name in labels],
            "merged": False,
            "updated_at": updated_at,
            "head": side,
            "base": side | {"sha": base, "ref": "main"},
            "changed_files": 1,
        },
        "repository": repository,
        "sender": {"login": "mona"},
    } | members


def merge_group(
    after: str = AFTER, base: str = BEFORE, action: str = "checks_requested", **members: Any
) -> dict[str, Any]:
    """The event of a merge queue that is about to merge into `main`."""
    author = {"name": "Mona", "email": "mona@example.com"}
    return {
        "action": action,
        "merge_group": {
            "head_sha": after,
            "head_ref": f"refs/heads/gh-readonly-queue/main/pr-7-{base}",
            "base_sha": base,
            "base_ref": "refs/heads/main",
            "head_commit": {
                "id": after,
                "tree_id": "f9d2a07e9488b91af2641b26b9407fe22a451433",
                "message": "Merge pull request #7 from octo-org/changes [skip ci]",
                "timestamp": "2026-11-20T15:20:41Z",
                "author": author,
                "committer": author,
            },
        },
        "repository": push()["repository"],
        "sender": {"login": "mona"},
    } | members


def comment(
    text: str,
    number: int = 7,
    login: str = "mona",
    created_at: str = "2026-11-20T15:30:00Z",
    **members: Any,
) -> dict[str, Any]:
    """The event of a comment on a pull request, as far as it is read."""
    return {
        "action": "created",
        "issue": {
            "number": number,
            "state": "open",
            "title": "Change the greeting",
            "pull_request": {
                "url": f"https://api.github.com/repos/octo-org/mono-repo/pulls/{number}",
                "merged_at": None,
            },
        },
        "comment": {
            "id": 492700400,
            "user": {"login": login, "type": "User"},
            "author_association": "OWNER",
            "created_at": created_at,
            "updated_at": created_at,
            "body": text,
        },
        "repository": push()["repository"],
        "sender": {"login": login},
    } | members


def ping(events: list[str] | None = None, content_type: str = "json") -> dict[str, Any]:
    """What GitHub sends when a webhook is made."""
    return {
        "zen": "Design for failure.",
        "hook_id": 109948940,
        "hook": {
            "type": "Repository",
            "id": 109948940,
            "active": True,
            "events": events or ["push"],
            "config": {"content_type": content_type, "insecure_ssl": "0"},
        },
        "repository": push()["repository"],
        "sender": push()["sender"],
    }


def encode(payload: dict[str, Any]) -> bytes:
    """The body, as compact as GitHub's."""
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


def form(payload: dict[str, Any]) -> bytes:
    """The body of a webhook whose content type is `form`."""
    return urlencode({"payload": encode(payload).decode()}).encode()


def headers(
    body: bytes,
    secret: str,
    event: str = "push",
    delivery: str | None = None,
    content_type: str = "application/json",
) -> dict[str, str]:
    """The headers of a delivery."""
    return {
        "Accept": "*/*",
        "Content-Type": content_type,
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": "109948940",
        "X-Hub-Signature-256": signature(body, secret),
    }


def rest_event(body: bytes, fields: dict[str, str], path: str = "/github") -> dict[str, Any]:
    """The event of an API Gateway REST API (payload version 1.0)."""
    return {
        "resource": path,
        "path": path,
        "httpMethod": "POST",
        "headers": fields,
        "multiValueHeaders": {name: [value] for name, value in fields.items()},
        "queryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "stage": "live",
            "httpMethod": "POST",
            "path": f"/live{path}",
            "identity": {"sourceIp": "192.0.2.7"},
        },
        "body": body.decode(),
        "isBase64Encoded": False,
    }


def http_event(body: bytes, fields: dict[str, str], path: str = "/github") -> dict[str, Any]:
    """The event of an HTTP API or a function URL (payload version 2.0)."""
    is_text = fields.get("Content-Type") == "application/json"
    return {
        "version": "2.0",
        "routeKey": f"POST {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {name.lower(): value for name, value in fields.items()},
        "requestContext": {
            "stage": "$default",
            "http": {"method": "POST", "path": path, "sourceIp": "192.0.2.7"},
        },
        "body": body.decode() if is_text else base64.b64encode(body).decode(),
        "isBase64Encoded": not is_text,
    }

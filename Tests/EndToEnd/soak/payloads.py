"""What each provider sends of a change, signed as it does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import codecommit
import github
from local_aws import ACCOUNT, REGION

from .rules import Change

SECRETS = {
    "github": "It's a Secret to Everybody",
    "gitea": "gitea-5c1f0e9a7b",
    "gitlab": "whsec_" + base64.b64encode(b"gitlab signs with these bytes").decode(),
    "dockerhub": "0b6e1c9a5f27d348",
}
BEFORE = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
LARGE = 400
"""Paths of a large push that are told for each of its commits."""


def body_of(change: Change, is_large: bool = False) -> bytes:
    """The body of a delivery, or the event of one that AWS delivers."""
    return github.encode(BUILDERS[change.source](change, is_large))


def moment(change: Change) -> str:
    return datetime.fromtimestamp(change.moment or time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _github(change: Change, is_large: bool) -> dict[str, Any]:
    if change.kind == "pull_request":
        return github.pull_request(
            number=change.number, after=change.mark, updated_at=moment(change)
        )
    ref = f"refs/tags/{change.tag}" if change.tag else f"refs/heads/{change.branch}"
    payload = github.push(
        *change.paths, repository=change.repository, ref=ref, after=change.mark,
        before=github.ZERO if change.tag else BEFORE,
    )  # fmt: skip
    payload["repository"]["pushed_at"] = change.moment
    if is_large:
        # What is large comes first, and starts nothing.
        padding = [dict(payload["head_commit"], id=f"{index:040x}") for index in range(25)]
        for index, commit in enumerate(padding):
            folder = f"archive/{index:02}/" + "years-and-years-of-old-papers/" * 2
            commit["modified"] = [f"{folder}{number:04}.txt" for number in range(LARGE)]
        payload["commits"] = padding + payload["commits"]
    return payload


def _commit(change: Change) -> dict[str, Any]:
    return {
        "id": change.mark, "message": "Mend", "added": [], "removed": [],
        "modified": list(change.paths),
    }  # fmt: skip


def _gitea(change: Change, is_large: bool) -> dict[str, Any]:
    repository = {"id": 7, "full_name": change.repository, "name": "site"}
    if change.kind == "pull_request":
        sides = {
            name: {"ref": ref, "sha": sha, "repo": repository}
            for name, ref, sha in [
                ("base", change.branch, BEFORE), ("head", "topic", change.mark)
            ]
        }  # fmt: skip
        pull = {"title": "Mend", "draft": False, "updated_at": moment(change)} | sides
        return {
            "action": "opened", "number": change.number, "pull_request": pull,
            "repository": repository, "sender": {"login": "mona"},
        }  # fmt: skip
    commit = _commit(change)
    return {
        "ref": f"refs/tags/{change.tag}" if change.tag else f"refs/heads/{change.branch}",
        "before": github.ZERO if change.tag else BEFORE,
        "after": change.mark,
        "commits": [commit],
        "total_commits": 1,
        "head_commit": commit,
        "repository": repository,
        "sender": {"login": "mona"},
    }


def _gitlab(change: Change, is_large: bool) -> dict[str, Any]:
    project = {"id": 15, "path_with_namespace": change.repository}
    if change.kind == "pull_request":
        return {
            "object_kind": "merge_request",
            "user": {"username": "mona"},
            "project": project,
            "object_attributes": {
                "iid": change.number, "action": "open", "source_branch": "topic",
                "target_branch": change.branch, "source_project_id": 15, "target_project_id": 15,
                "updated_at": moment(change), "last_commit": {"id": change.mark},
            },
        }  # fmt: skip
    commit = _commit(change)
    return {
        "object_kind": "tag_push" if change.tag else "push",
        "ref": f"refs/tags/{change.tag}" if change.tag else f"refs/heads/{change.branch}",
        "before": github.ZERO if change.tag else BEFORE,
        "after": change.mark,
        "checkout_sha": change.mark,
        "commits": [commit],
        "total_commits_count": 1,
        "project": project,
        "user_username": "mona",
    }


def _dockerhub(change: Change, is_large: bool) -> dict[str, Any]:
    namespace, name = change.repository.split("/")
    return {
        "push_data": {"pushed_at": change.moment, "pusher": "ines", "tag": change.tag},
        "repository": {"repo_name": change.repository, "namespace": namespace, "name": name},
    }


def _id_of(change: Change) -> str:
    """The id of an event, the same whenever it is made."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{change.source}/{change.mark}"))


def _codecommit(change: Change, is_large: bool) -> dict[str, Any]:
    return codecommit.state_change(
        change.repository, "Repository", event="referenceUpdated", referenceType="branch",
        referenceName=change.branch, referenceFullName=f"refs/heads/{change.branch}",
        commitId=change.mark, oldCommitId=BEFORE, repositoryId="r-1",
    ) | {"time": moment(change), "id": _id_of(change)}  # fmt: skip


def _ecr(change: Change, is_large: bool) -> dict[str, Any]:
    return codecommit.state_change("", "Repository") | {
        "id": _id_of(change),
        "detail-type": "ECR Image Action",
        "source": "aws.ecr",
        "account": ACCOUNT,
        "region": REGION,
        "resources": [],
        "time": moment(change),
        "detail": {
            "result": "SUCCESS",
            "repository-name": change.repository,
            "image-digest": f"sha256:{hashlib.sha256(change.mark.encode()).hexdigest()}",
            "action-type": "PUSH",
            "image-tag": change.tag,
        },
    }


BUILDERS = {
    "github": _github, "gitea": _gitea, "gitlab": _gitlab, "dockerhub": _dockerhub,
    "codecommit": _codecommit, "ecr": _ecr,
}  # fmt: skip
EVENTS = {
    ("gitea", "push"): "push", ("gitea", "tag"): "push", ("gitea", "pull_request"): "pull_request",
    ("gitlab", "push"): "Push Hook", ("gitlab", "tag"): "Tag Push Hook",
    ("gitlab", "pull_request"): "Merge Request Hook",
    ("github", "pull_request"): "pull_request",
}  # fmt: skip


def request(
    change: Change, body: bytes, delivery: str, secret: str | None = None, event: str | None = None
) -> dict[str, Any]:
    """What API Gateway hands over of a delivery that is sent now, signed with a secret."""
    secret = secret or SECRETS[change.source]
    event = event or EVENTS.get((change.source, change.kind), "push")
    fields = {"Content-Type": "application/json"}
    path = f"/{change.source}"
    if change.source == "github":
        fields = github.headers(body, secret, event=event, delivery=delivery)
    elif change.source == "gitea":
        code = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        fields |= {
            "X-Gitea-Event": event, "X-Gitea-Delivery": delivery, "X-Gitea-Signature": code
        }  # fmt: skip
    elif change.source == "gitlab":
        now = str(int(time.time()))
        key = base64.b64decode(secret.removeprefix("whsec_"))
        code = hmac.new(key, f"{delivery}.{now}.".encode() + body, hashlib.sha256).digest()
        fields |= {
            "X-Gitlab-Event": event, "webhook-id": delivery, "webhook-timestamp": now,
            "webhook-signature": f"v1,{base64.b64encode(code).decode()}",
        }  # fmt: skip
    else:
        path = f"/dockerhub/{secret}"
    return github.http_event(body, fields, path)


def event_id(body: bytes) -> str:
    return json.loads(body)["id"]

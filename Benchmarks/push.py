"""Signed GitHub pushes of any size, as API Gateway (HTTP API) hands them to the function."""

import hashlib
import hmac
import json
import random
import uuid

SECRET = "benchmark"
WORDS = (
    "build cache commit deploy docs engine fix gateway handler index loop matcher parser queue "
    "release rule schema server signal store stream table test token trigger value worker"
).split()


def payload(size, seed=1):
    """A push payload of that many bytes, give or take a hundredth, shaped as GitHub sends it."""
    room = size
    for _ in range(3):
        push = shaped(size, room, seed)
        room = room * size // len(encoded(push))
    return shaped(size, room, seed)


def encoded(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def shaped(size, room, seed):
    """A push of one commit for every 3,000 bytes of its size, and paths for that much room.

    At most 2,047 commits, so that the set of paths is complete; paths repeat between commits.
    """
    chance = random.Random(seed)
    count = max(1, min(2_000, size // 3_000))

    def hexadecimal(length):
        return "".join(chance.choice("0123456789abcdef") for _ in range(length))

    names = [
        "/".join([*chance.choices(WORDS, k=4), f"{chance.choice(WORDS)}{number}.swift"])
        for number in range(count * 3)
    ]
    person = {
        "name": "Zoë Müller",
        "email": "zoe@example.com",
        "username": "zoe",
        "date": "2026-01-05T10:11:12+01:00",
    }
    before, after = hexadecimal(40), hexadecimal(40)
    repository = {
        "id": 35129377,
        "node_id": "MDEwOlJlcG9zaXRvcnkzNTEyOTM3Nw==",
        "name": "monorepo",
        "full_name": "octo-org/monorepo",
        "private": True,
        "owner": {"name": "octo-org", "login": "octo-org", "id": 6752317, "type": "Organization"},
        "html_url": "https://github.com/octo-org/monorepo",
        "clone_url": "https://github.com/octo-org/monorepo.git",
        "default_branch": "main",
        "master_branch": "main",
    }
    commits = []
    for number in range(count):
        commit = after if number == count - 1 else hexadecimal(40)
        paths = chance.sample(names, max(1, min(len(names), (room // count - 750) // 50)))
        cuts = sorted(chance.choices(range(len(paths) + 1), k=2))
        commits.append(
            {
                "id": commit,
                "tree_id": hexadecimal(40),
                "distinct": True,
                "message": " ".join(chance.choices(WORDS, k=12)) + '\n\nIt "just" works — twice.',
                "timestamp": "2026-01-05T10:11:12+01:00",
                "url": f"https://github.com/octo-org/monorepo/commit/{commit}",
                "author": person,
                "committer": person,
                "added": paths[: cuts[0]],
                "removed": paths[cuts[0] : cuts[1]],
                "modified": paths[cuts[1] :],
            }
        )
    return {
        "ref": "refs/heads/main",
        "before": before,
        "after": after,
        "repository": repository,
        "pusher": {"name": "zoe", "email": "zoe@example.com"},
        "organization": {"login": "octo-org", "id": 6752317},
        "sender": {"login": "zoe", "id": 21031067, "type": "User"},
        "created": False,
        "deleted": False,
        "forced": False,
        "base_ref": None,
        "compare": f"https://github.com/octo-org/monorepo/compare/{before[:12]}...{after[:12]}",
        "commits": commits,
        "head_commit": commits[-1],
    }


def event(size, seed=1):
    """The Lambda event of a signed push of about that many bytes, as bytes."""
    body = encoded(payload(size, seed))
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    delivery = str(uuid.UUID(int=random.Random(seed).getrandbits(128)))
    return json.dumps(
        {
            "version": "2.0",
            "routeKey": "POST /github",
            "rawPath": "/github",
            "rawQueryString": "",
            "headers": {
                "accept": "*/*",
                "content-length": str(len(body)),
                "content-type": "application/json",
                "host": "abc.execute-api.eu-west-1.amazonaws.com",
                "user-agent": "GitHub-Hookshot/044aadd",
                "x-github-delivery": delivery,
                "x-github-event": "push",
                "x-github-hook-id": "292430182",
                "x-hub-signature-256": "sha256=" + digest,
            },
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "abc",
                "domainName": "abc.execute-api.eu-west-1.amazonaws.com",
                "http": {
                    "method": "POST",
                    "path": "/github",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "140.82.115.1",
                    "userAgent": "GitHub-Hookshot/044aadd",
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "stage": "$default",
                "timeEpoch": 1767607872000,
            },
            "body": body.decode(),
            "isBase64Encoded": False,
        },
        separators=(",", ":"),
    ).encode()

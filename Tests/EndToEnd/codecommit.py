"""CodeCommit's events, as a trigger and as EventBridge give them to the function."""

from __future__ import annotations

import uuid
from typing import Any

from local_aws import ACCOUNT, REGION

MARY = f"arn:aws:iam::{ACCOUNT}:user/Mary"


def arn(repository: str) -> str:
    return f"arn:aws:codecommit:{REGION}:{ACCOUNT}:{repository}"


def trigger(
    repository: str,
    *references: tuple[str, str],
    second: int = 0,
    name: str = "ReferenceChanges",
    **members: Any,
) -> dict[str, Any]:
    """A trigger's event: refs and the commits that a push has moved them to."""
    return {
        "Records": [
            {
                "eventId": str(uuid.uuid4()),
                "eventVersion": "1.0",
                "eventTime": f"2026-11-20T15:20:{second:02}.475+0000",
                "eventTriggerName": "all-branches",
                "eventPartNumber": 1,
                "eventTotalParts": 1,
                "codecommit": {
                    "references": [{"commit": commit, "ref": ref} for ref, commit in references]
                },
                "eventName": name,
                "eventTriggerConfigId": str(uuid.uuid4()),
                "eventSourceARN": arn(repository),
                "userIdentityARN": MARY,
                "eventSource": "aws:codecommit",
                "awsRegion": REGION,
            }
            | members
        ]
    }


def state_change(repository: str, kind: str, second: int = 0, **detail: Any) -> dict[str, Any]:
    """An event of EventBridge; `kind` is `Repository` or `Pull Request`."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": f"CodeCommit {kind} State Change",
        "source": "aws.codecommit",
        "account": ACCOUNT,
        "time": f"2026-11-20T15:20:{second:02}Z",
        "region": REGION,
        "resources": [arn(repository)],
        "detail": {"callerUserArn": MARY, "repositoryName": repository} | detail,
    }

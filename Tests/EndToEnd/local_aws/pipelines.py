"""Pipelines to start."""

from __future__ import annotations

import json
from typing import Any

from .local_aws import REGION, LocalAWS


def create_pipeline(
    aws: LocalAWS,
    name: str,
    *,
    region: str = REGION,
    credentials: dict[str, str] | None = None,
    **members: Any,
) -> None:
    """Creates a pipeline of type V2 with one source action, `Source`, and its role.

    `credentials` are those of another account, as boto3 names them; `members` replace
    members of the declaration.
    """
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "codepipeline.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = aws.client("iam", **credentials or {}).create_role(
        RoleName=f"{name}-role",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    aws.client("codepipeline", region, **credentials or {}).create_pipeline(
        pipeline=_declaration(name, role) | members
    )


def _declaration(name: str, role: str) -> dict[str, Any]:
    return {
        "name": name,
        "roleArn": role,
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "pipelineType": "V2",
        "variables": [{"name": "COMMIT", "defaultValue": "-"}, {"name": "ACTOR"}, {"name": "TEXT"}],
        "stages": [
            {
                "name": "Source",
                "actions": [
                    {
                        "name": "Source",
                        "actionTypeId": {
                            "category": "Source",
                            "owner": "AWS",
                            "provider": "CodeStarSourceConnection",
                            "version": "1",
                        },
                    }
                ],
            },
            {
                "name": "Build",
                "actions": [
                    {
                        "name": "Build",
                        "actionTypeId": {
                            "category": "Build",
                            "owner": "AWS",
                            "provider": "CodeBuild",
                            "version": "1",
                        },
                    }
                ],
            },
        ],
    }

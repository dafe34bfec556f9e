"""Pipelines and CodeBuild projects to start."""

from __future__ import annotations

import json
from typing import Any

from .local_aws import ACCOUNT, REGION, LocalAWS


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


def create_project(
    aws: LocalAWS,
    name: str,
    *,
    source: str = "GITHUB",
    account: str = ACCOUNT,
    credentials: dict[str, str] | None = None,
) -> None:
    """Creates a CodeBuild project; `credentials` are those of another account."""
    aws.client("codebuild", **credentials or {}).create_project(
        name=name,
        # moto wants a location even of a project without a source.
        source={"type": source, "location": "https://github.com/octo-org/mono-repo.git"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        serviceRole=f"arn:aws:iam::{account}:role/build",
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

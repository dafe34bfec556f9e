"""`AWS::CodePipeline::Pipeline` for MiniStack, which has no CodePipeline: made in the gate."""

from __future__ import annotations

import json
import os
from typing import Any

import boto3
from ministack.services.cloudformation.provisioners import _physical_name

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "codepipeline.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def gate(service: str) -> Any:
    return boto3.client(
        service,
        region_name=os.environ["MINISTACK_REGION"],
        endpoint_url=os.environ["AWS_ENDPOINT_URL_CODEPIPELINE"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def as_in_the_api(value: Any) -> Any:
    """A property as CodePipeline's API has it: its names begin with a small letter."""
    if isinstance(value, dict):
        return {
            name[0].lower() + name[1:]: item if name == "Configuration" else as_in_the_api(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [as_in_the_api(item) for item in value]
    return value


def declaration(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    pipeline = as_in_the_api(properties) | {"name": name}
    for stage in pipeline["stages"]:
        for action in stage["actions"]:
            settings = action.get("configuration", {}).items()
            action["configuration"] = {
                key: value if isinstance(value, str) else json.dumps(value)
                for key, value in settings
            }
    return pipeline


def create(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
    name = properties.get("Name") or _physical_name(stack, logical_id, max_len=100)
    # The gate wants to see that CodePipeline may assume the role, which is MiniStack's.
    role = properties["RoleArn"].rsplit("/", 1)[1]
    gate("iam").create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))
    gate("codepipeline").create_pipeline(pipeline=declaration(name, properties))
    return name, {"Version": "1"}


def update(
    name: str, _: dict[str, Any], properties: dict[str, Any], stack: str
) -> tuple[str, dict[str, Any]]:
    gate("codepipeline").update_pipeline(pipeline=declaration(name, properties))
    return name, {"Version": "2"}


def delete(name: str, properties: dict[str, Any]) -> None:
    gate("codepipeline").delete_pipeline(name=name)
    gate("iam").delete_role(RoleName=properties["RoleArn"].rsplit("/", 1)[1])

"""A trigger as a construct. Copy this file; its properties are those of a rule."""

from __future__ import annotations

from typing import Any

from aws_cdk import CustomResource, Duration, Fn
from constructs import Construct


class PipelineTrigger(Construct):
    """`Custom::PipelineTrigger`: made, changed and removed with the stack that it is in."""

    def __init__(
        self, scope: Construct, name: str, *, account_name: str = "tools", **properties: Any
    ):
        """`account_name` is the parameter `AccountName` of Pointsman's stack."""
        super().__init__(scope, name)
        trigger = CustomResource(
            self,
            "Resource",
            resource_type="Custom::PipelineTrigger",
            service_token=Fn.import_value(f"{account_name}-PipelineTrigger"),
            service_timeout=Duration.seconds(120),
            properties=properties,
        )
        self.rule_key = trigger.get_att_string("Key")

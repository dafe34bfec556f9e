"""A stack with a trigger: `cdk deploy --app "python app.py"`, or `python app.py` to look at it."""

from aws_cdk import App, CfnOutput, Stack
from pipeline_trigger import PipelineTrigger

app = App()
stack = Stack(app, "ApiTrigger")

trigger = PipelineTrigger(
    stack,
    "Trigger",
    Repository="octo-org/monorepo",
    Branches=["main"],
    Paths=["services/api/**"],
    Target={"CodePipeline": {"Name": "api", "SourceAction": "Source"}},
)
CfnOutput(stack, "RuleKey", value=trigger.rule_key)

app.synth()

"""What the suite needs to run: the tool, the bootstrap, and an installation in a local AWS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import github
from local_aws import ACCOUNT, REGION, LocalAWS
from local_aws.functions import Returned
from programs import program
from site_under_test import Site


@pytest.fixture(scope="session")
def tool() -> Path:
    """The tool under test: `POINTSMAN_TOOL`, else the debug build."""
    return program("POINTSMAN_TOOL", "pointsman")


@pytest.fixture(scope="session")
def bootstrap() -> Path:
    """The binary under test: `POINTSMAN_BOOTSTRAP`, else the debug build."""
    return program("POINTSMAN_BOOTSTRAP", "bootstrap")


FUNCTION = "pointsman-GitHubEventEvalFunction-0BFEE10014086"
"""The name that CloudFormation gave `evaluate`."""
STACK = "pointsman"
"""The name of its stack."""
DELIVERY = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
"""The delivery that the pages ask about."""


@pytest.fixture(scope="session")
def site(bootstrap: Path) -> Iterator[Site]:
    """The installation that the pages speak of: two rules, and one delivery that started one."""
    with LocalAWS() as aws:
        site = Site(aws, bootstrap, prefix="mono-repo/config", name="acme-pointsman")
        pipeline = site.pipeline("api")
        for name in "api", "web":
            target = {"CodePipeline": {"Name": pipeline, "SourceAction": "Source"}}
            site.put_rule(
                name, target, repository="octo-org/monorepo", Paths=[f"services/{name}/**"]
            )
        aws.stacks[STACK] = {
            "Bucket": site.name,
            "Prefix": site.prefix,
            "EvaluateFunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}",
        }
        push = github.push("services/api/main.go", repository="octo-org/monorepo")
        site.deliver(push, delivery=DELIVERY)
        with site.evaluate() as evaluate:

            def answer(payload: bytes) -> Returned:
                returned = evaluate.invoke(payload)
                return Returned(returned.body, returned.failed)

            aws.functions.register(FUNCTION, answerer=answer)
            yield site

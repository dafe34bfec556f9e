"""`deploy.sh` by somebody who has the example's policies and nothing else."""

from __future__ import annotations

import json
from typing import Any

from local_cloud import ROOT, LocalCloud
from ministack_process import ACCOUNT, REGION

STACK, BUCKET = "by-policy", "rules-by-policy"
NAMES = {
    "REGION": REGION,
    "STACK": STACK,
    "BUCKET": BUCKET,
    "ARTIFACTS": f"pointsman-artifacts-{ACCOUNT}-{REGION}",
    "ACCOUNT": ACCOUNT,
}
GIVEN = ["--parameter", f"ConfigStorageS3BucketName={BUCKET}", "--parameter", "ResourceRoleName="]


def policy(name: str) -> dict[str, Any]:
    text = (ROOT / f"examples/policies/{name}.json").read_text()
    for word, value in NAMES.items():
        text = text.replace(word, value)
    return json.loads(text)


def user(cloud: LocalCloud, name: str, *policies: dict[str, Any]) -> dict[str, str]:
    """Makes a user with some policies; returns what `aws` is that user by."""
    iam = cloud.client("iam")
    iam.create_user(UserName=name)
    for number, document in enumerate(policies):
        iam.put_user_policy(
            UserName=name, PolicyName=f"p{number}", PolicyDocument=json.dumps(document)
        )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }


def test_the_deployers_policy_is_enough_and_none_is_not(cloud: LocalCloud):
    both = user(cloud, "deployer", policy("deployer"), policy("cloudformation"))
    arguments = ["--stack-name", STACK, *GIVEN, "--parameter", "AccountName=by-policy"]
    ended = cloud.deploy(*arguments, "--secret-file", "-", given="a secret", environment=both)
    assert ended.returncode == 0, ended.stderr
    assert cloud.status(STACK) == "CREATE_COMPLETE"
    assert cloud.secret(STACK) == "a secret"
    ended = cloud.deploy("--stack-name", STACK, "--dry-run", environment=both)
    assert ended.stdout.splitlines() == [f"the stack {STACK}: no changes", "nothing was done"]

    nothing = user(cloud, "nobody")
    ended = cloud.deploy("--stack-name", STACK, "--dry-run", environment=nothing)
    assert ended.returncode == 2
    assert f"the stack {STACK} cannot be described: (AccessDenied" in ended.stderr

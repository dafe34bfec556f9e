"""`deploy.sh` on a local AWS: what it makes, what it leaves alone, what it never shows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import github
from local_cloud import LocalCloud

ARTIFACTS = "pointsman-artifacts-123456789012-eu-central-1"
CHANGING = {"execute-change-set", "put-object", "create-bucket", "put-secret-value"}


def buckets(cloud: LocalCloud) -> set[str]:
    return {bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]}


def secret_versions(cloud: LocalCloud, stack: str) -> dict[str, list[str]]:
    secrets = cloud.client("secretsmanager")
    arn = cloud.outputs(stack)["GitHubSecretArn"]
    return secrets.describe_secret(SecretId=arn)["VersionIdsToStages"]


def test_a_dry_run_shows_the_changes_and_makes_none(cloud: LocalCloud):
    before = buckets(cloud)
    ended = cloud.deploy(
        "--dry-run", "--stack-name", "dry", "--parameter", "ConfigStorageS3BucketName=dry"
    )
    assert ended.returncode == 0, ended.stderr
    first, *changes, last = ended.stdout.splitlines()
    assert first == "the stack dry in eu-central-1, account 123456789012:"
    assert [*"Add AWS::S3::Bucket ConfigStorageBucket".split()] in [
        line.split() for line in changes
    ]
    assert last == "nothing was done"
    assert cloud.status("dry") is None
    assert buckets(cloud) == before


def test_the_stack_is_made_and_its_webhook_named(cloud: LocalCloud, pointsman: str):
    assert cloud.status(pointsman) == "CREATE_COMPLETE"
    s3 = cloud.client("s3")
    digest = hashlib.sha256(cloud.package.read_bytes()).hexdigest()
    [sent] = s3.list_objects_v2(Bucket=ARTIFACTS)["Contents"]
    assert sent["Key"].startswith(f"pointsman/{digest}/")
    assert s3.get_object(Bucket=ARTIFACTS, Key=sent["Key"])["ServerSideEncryption"] == "AES256"
    block = s3.get_public_access_block(Bucket=ARTIFACTS)["PublicAccessBlockConfiguration"]
    assert len(block) == 4 and all(block.values())


def test_a_secret_is_set_once_and_shown_nowhere(cloud: LocalCloud, pointsman: str, tmp_path: Path):
    old, new = cloud.secret(pointsman), """a "secret", with $HOME & 'quotes' \\ """
    (tmp_path / "secret").write_text(f"{new}\n")
    calls = len(cloud.cli.calls)
    ended = cloud.deploy("--secret-file", str(tmp_path / "secret"))
    assert ended.returncode == 0, ended.stderr
    assert "the secret is set; the one before it is good until the next is set" in ended.stdout
    assert cloud.secret(pointsman) == new
    command_lines = [" ".join(call) for call in cloud.cli.calls[calls:]]
    assert any("put-secret-value" in line for line in command_lines)
    described = str(cloud.describe(pointsman))
    shown = "\n".join([ended.stdout, ended.stderr, described, *command_lines])
    assert new.strip() not in shown and old not in shown

    url, body = cloud.webhook_url(pointsman), github.encode(github.push("README.md"))
    answers = [cloud.deliver(url, body, secret)[0] for secret in (new, old, "neither")]
    assert answers == [202, 202, 401], "the new one and the one before it are good"


def test_a_second_run_changes_nothing(cloud: LocalCloud, pointsman: str):
    before, calls = secret_versions(cloud, pointsman), len(cloud.cli.calls)
    ended = cloud.deploy("--secret-file", "-", given=f"{cloud.secret(pointsman)}\n")
    assert ended.returncode == 0, ended.stderr
    no_changes, as_given, *_ = ended.stdout.splitlines()
    assert no_changes == "the stack pointsman: no changes"
    assert as_given == "the secret is as given already"
    assert f"The webhook's URL:  {cloud.outputs(pointsman)['WebhookURL']}\n" in ended.stdout
    assert not CHANGING & {word for call in cloud.cli.calls[calls:] for word in call}
    assert secret_versions(cloud, pointsman) == before


def test_report_and_recover_come_and_go(cloud: LocalCloud):
    token = cloud.client("secretsmanager").create_secret(Name="token", SecretString="ghp_0")["ARN"]
    own = {
        "ConfigStorageS3BucketName": "rules-with-reports",
        "ResourceRoleName": "",
        "AccountName": "reports",
        "GitHubTokenSecretArn": token,
    }

    def functions(report: str, hooks: str) -> dict[str, dict[str, str]]:
        given = own | {"ReportStatuses": report, "RecoverHooks": hooks}
        words = [w for each in given.items() for w in ("--parameter", "=".join(each))]
        ended = cloud.deploy("--stack-name", "reports", *words)
        assert ended.returncode == 0, ended.stderr
        return {
            name: function["Environment"]["Variables"]
            for name, function in cloud.functions("reports").items()
        }

    def targets() -> list[str]:
        events = cloud.client("events")
        rules = [
            each["Name"] for each in events.list_rules()["Rules"] if "reports-" in each["Name"]
        ]
        found = [events.list_targets_by_rule(Rule=name)["Targets"][0]["Arn"] for name in rules]
        return sorted(each.partition("reports-")[2].partition("-")[0] for each in found)

    both = functions("enabled", "orgs/octo-org/hooks/1,app/hook")
    assert both.keys() == {"webhook", "evaluate", "resource", "report", "recover"}
    assert both["evaluate"]["REPORT_FUNCTION_ARN"].partition(":function:")[2].startswith("reports-")
    assert both["recover"]["RECOVER_HOOKS"] == "orgs/octo-org/hooks/1,app/hook"
    assert targets() == ["RecoverFunction", "ReportFunction", "ReportFunction"]
    neither = functions("disabled", "")
    assert neither.keys() == {"webhook", "evaluate", "resource"}
    assert "REPORT_FUNCTION_ARN" not in neither["evaluate"]
    assert targets() == []


def test_tags_reach_the_stack_and_stay_there(cloud: LocalCloud, pointsman: str):
    for given in (["--tags", "team=a b"], ["--parameter", "LogLevel=DEBUG"]):
        ended = cloud.deploy(*given)
        assert ended.returncode == 0, ended.stderr
        assert {"Key": "team", "Value": "a b"} in cloud.describe(pointsman)["Tags"]


def test_a_stack_that_fails_says_why(cloud: LocalCloud, pointsman: str):
    taken = cloud.outputs(pointsman)["MonoRepoResourceS3Role"].rsplit("/", 1)[1]
    ended = cloud.deploy(
        *["--stack-name", "second"],
        *["--parameter", "ConfigStorageS3BucketName=second"],
        *["--parameter", f"ResourceRoleName={taken}"],
    )
    assert ended.returncode == 1
    _, _, failure = ended.stderr.partition("what failed, first things first:\n")
    assert failure.splitlines() == [
        f"  MonoRepoResourceS3Role\tCREATE_FAILED\tRole with name {taken} already exists.",
        "a second stack's role needs another name: --parameter ResourceRoleName=",
        "deploy.sh: the stack second is ROLLBACK_COMPLETE",
    ]
    assert "second" not in buckets(cloud), "a bucket of a creation that failed is not retained"

"""Where keys, region and stack come from: real files, programs and services."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud import Cloud
from tool import Running, Tool


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    cloud = Cloud()
    yield cloud
    cloud.server.shutdown()
    cloud.server.server_close()


class Machine:
    """A home, a folder of programs, and the tool."""

    def __init__(self, tool: Tool, cloud: Cloud, folder: Path):
        self.tool = tool
        self.home = folder / "home"
        self.programs = folder / "bin"
        self.home.mkdir()
        self.programs.mkdir()
        self.environment = {
            "HOME": str(self.home),
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "AWS_ENDPOINT_URL": cloud.url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def file(self, name: str, text: str) -> Path:
        path = self.home / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def program(self, name: str, text: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def run(self, *arguments: object, **environment: str):
        return self.tool.run(*arguments, **(self.environment | environment))

    def list(self, *arguments: object, **environment: str):
        return self.run("why", "--last", 1, "--bucket", "b", *arguments, **environment)


@pytest.fixture
def machine(tool: Tool, cloud: Cloud, tmp_path: Path) -> Machine:
    return Machine(tool, cloud, tmp_path)


KEYS = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s1", "AWS_REGION": "eu-west-1"}
EXPORTED = json.dumps(
    {
        "Version": 1,
        "AccessKeyId": "ASIA2",
        "SecretAccessKey": "a-secret",
        "SessionToken": "t2",
        "Expiration": "2099-01-01T00:00:00+00:00",
    }
)
CLI_2 = f"""echo "$AWS_PROFILE $*" >>"$HOME/calls"
[ "$*" = "configure export-credentials --format process$PROFILE" ] || exit 9
echo '{EXPORTED}'"""
CLI_1 = """echo "usage: aws [options] <command> <subcommand>" >&2
echo "aws: error: argument subcommand: Invalid choice, valid choices are:" >&2
echo >&2
echo "list                                     | get" >&2
exit 2"""


def test_a_profile_s_keys_and_region_are_taken(machine: Machine, cloud: Cloud):
    machine.file(".aws/config", "[profile dev]\nregion = eu-north-1\n")
    machine.file(".aws/credentials", "[dev]\naws_access_key_id = A\naws_secret_access_key = B\n")
    machine.program("aws", "exit 1")
    ended = machine.list(AWS_PROFILE="dev")
    assert ended.status == 1, ended
    assert ended.errors.startswith("pointsman: no decision record in mono-repo/config/decisions/,")
    assert machine.list("--profile", "dev", "--region", "us-west-2", **KEYS).status == 1
    assert cloud.callers == {("A", "eu-north-1", None), ("A", "us-west-2", None)}


@pytest.mark.parametrize(
    "profile",
    [
        "sso_session = corp\nsso_account_id = 1\nsso_role_name = r",
        "role_arn = arn:aws:iam::1:role/r\nsource_profile = default",
        "web_identity_token_file = /t\nrole_arn = arn:aws:iam::1:role/r",
        "credential_process = exit 1",
        "login_session = arn:aws:iam::1:user/mona",
    ],
)
def test_what_a_profile_has_by_other_ways_the_aws_cli_is_asked_for(
    machine: Machine, cloud: Cloud, profile: str
):
    machine.file(".aws/config", f"[profile dev]\nregion = eu-west-1\n{profile}\n")
    machine.program("aws", CLI_2)
    assert machine.list(AWS_PROFILE="dev").status == 1
    ended = machine.list("--profile", "dev", PROFILE=" --profile dev")
    assert ended.status == 1, ended
    assert "a-secret" not in ended.output + ended.errors
    assert cloud.callers == {("ASIA2", "eu-west-1", "t2")}
    assert (machine.home / "calls").read_text().splitlines() == [
        "dev configure export-credentials --format process",
        " configure export-credentials --format process --profile dev",
    ]


def test_what_the_aws_cli_says_is_said(machine: Machine, cloud: Cloud):
    machine.file(".aws/config", "[profile dev]\nregion = eu-west-1\nsso_session = corp\n")
    expired = "Error loading SSO Token: Token for corp does not exist"
    machine.program("aws", f"echo >&2; echo '{expired}' >&2; exit 255")
    ended = machine.list("--profile", "dev")
    assert (ended.status, ended.errors) == (
        2,
        "pointsman: finding AWS credentials: profile 'dev' signs in by IAM Identity Center, which "
        f"takes version 2 of the AWS CLI: the AWS CLI: {expired}\n",
    )
    machine.program("aws", CLI_1)
    ended = machine.list("--profile", "dev")
    assert (ended.status, ended.errors) == (
        2,
        "pointsman: finding AWS credentials: profile 'dev' signs in by IAM Identity Center, which "
        "takes version 2 of the AWS CLI: the AWS CLI is version 1, which exports none\n",
    )
    assert not cloud.requests


def test_beside_version_1_of_the_aws_cli_files_programs_and_services_are_asked(
    machine: Machine, cloud: Cloud
):
    machine.program("aws", CLI_1)
    config = machine.file(".aws/config", "[default]\nregion = eu-west-1\n")
    config.write_text(config.read_text() + f"credential_process = echo '{EXPORTED}'\n")
    assert machine.list().status == 1
    assert cloud.callers == {("ASIA2", "eu-west-1", "t2")}
    config.unlink()
    ended = machine.list()
    assert (ended.status, ended.errors) == (
        2,
        "pointsman: finding AWS credentials: AWS_ACCESS_KEY_ID is not set; profile 'default' is "
        f"neither in {config} nor {machine.home}/.aws/credentials; the AWS CLI is version 1, which "
        "exports none; no container's service is named (AWS_CONTAINER_CREDENTIALS_FULL_URI); "
        "AWS_EC2_METADATA_DISABLED is set\n",
    )


def test_a_program_that_writes_much_is_read_to_its_end(machine: Machine, cloud: Cloud):
    much = "head -c 200000 /dev/zero | tr '\\\\0' x >&2"
    machine.file(
        ".aws/config", f"[default]\nregion = r\ncredential_process = {much}; echo '{EXPORTED}'\n"
    )
    assert machine.list().status == 1
    assert cloud.callers == {("ASIA2", "r", "t2")}


def test_a_stack_names_its_bucket_and_its_prefix(machine: Machine, cloud: Cloud):
    ended = machine.run("why", "--last", 1, "--stack", "pointsman", **KEYS)
    assert ended.status == 1, ended
    assert ended.errors.startswith("pointsman: no decision record in team/config/decisions/,")
    described, *listed = cloud.requests
    assert described[3] == b"Action=DescribeStacks&Version=2010-05-15&StackName=pointsman"
    assert all(path.startswith("/acme-pointsman") for _, path, _, _ in listed)


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"POINTSMAN_STACK": "pointsman"}, "team/config/decisions/"),
        ({"POINTSMAN_BUCKET": "b"}, "mono-repo/config/decisions/"),
        ({"POINTSMAN_BUCKET": "b", "POINTSMAN_PREFIX": "p"}, "p/decisions/"),
    ],
)
def test_the_environment_names_the_stack_for_every_command(
    machine: Machine, environment: dict[str, str], place: str
):
    environment = KEYS | environment
    assert machine.run("why", "--last", 1, **environment).errors.startswith(
        f"pointsman: no decision record in {place},"
    )
    ended = machine.run("why", "d", **environment)
    assert ended.status == 1 and f"no decision record of 'd' in {place}" in ended.errors, ended
    rules = machine.file("rules/a.json", '{"Repository": "a/b", "Target": {}}').parent
    # A folder of rules that the command line names is not at odds with it.
    event = Path(__file__).parents[2] / "events/github-push-services-api.json"
    assert machine.run("explain", event, "--rules", rules, **environment).status in (0, 1)


def test_a_prefix_below_which_there_is_no_rule_is_named(machine: Machine):
    event = Path(__file__).parents[2] / "events/github-push-services-api.json"
    ended = machine.run("explain", event, "--bucket", "b", "--prefix", "wrong", **KEYS)
    assert ended.status == 0, ended
    assert ended.errors == "pointsman: there is no rule below wrong/rules/, of any repository\n"


def test_replay_takes_the_function_of_the_stack(machine: Machine, cloud: Cloud):
    change = {"source": "github"}
    record = {"change": {"delivery": "d-1"} | change, "rules": [], "attempts": [], "changeKey": "k"}
    key = "team/config/decisions/2026-03-14/d-1.json"

    def answer(method: str, path: str) -> tuple[int, bytes] | None:
        if "list-type=2" in path and "decisions" in path:
            return 200, (
                f"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>{key}</Key>"
                '<ETag>"1"</ETag><Size>1</Size></Contents></ListBucketResult>'
            ).encode()
        if path.endswith("d-1.json"):
            return 200, json.dumps(record).encode()
        return (404, b"") if method == "GET" else None

    cloud.answer = answer
    ended = machine.run("replay", "d-", "--stack", "pointsman", **KEYS)
    assert ended.status == 2, ended
    assert ended.errors == ("pointsman: the change k is gone: changes are kept for 21 days\n")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("replay d", "name the stack with --stack, or its bucket with --bucket"),
        ("replay d --bucket b", "with --bucket name the --function, or name the --stack"),
        ("replay d --stack s --function f", "either --stack or --function: a stack names its own"),
        ("why d", "there is no file 'd'; for a delivery name the stack with --stack or --bucket"),
        ("why --last 1", "for a list name the stack with --stack or --bucket"),
        ("why --day 2026-02-31 --bucket b", "--day: expected yyyy-mm-dd, found '2026-02-31'"),
        (
            "why d --follow --bucket b",
            "--follow lists what comes: it takes no delivery and no --day",
        ),
    ],
)
def test_what_is_missing_on_the_command_line_is_named(tool: Tool, command: str, reason: str):
    ended = tool.run(*command.split())
    assert ended.status == 64, ended
    assert f"pointsman: {reason}\n" in ended.errors


@pytest.mark.parametrize("command", [["why", "", "--bucket", "b"], ["replay", "", "--stack", "s"]])
def test_an_id_that_is_empty_is_none(tool: Tool, command: list[str]):
    ended = tool.run(*command)
    assert ended.status == 64, ended
    assert "pointsman: the delivery's id is empty\n" in ended.errors


def test_an_attempt_that_failed_is_told_of(machine: Machine, cloud: Cloud):
    cloud.answer = lambda method, path: (503, b"")
    ended = machine.list(**KEYS)
    assert ended.status == 2, ended
    lines = ended.errors.splitlines()
    assert lines[:3] == [
        f"pointsman: GET {cloud.url}: status 503: retrying ({number} of 4)" for number in (2, 3, 4)
    ]
    assert len(lines) == 4 and lines[3].startswith("pointsman: listing rules or decisions: ")


def test_what_comes_is_listed_until_ctrl_c(machine: Machine, cloud: Cloud):
    records: dict[str, dict] = {}

    def answer(method: str, path: str) -> tuple[int, bytes] | None:
        if "list-type=2" in path:
            day = path.split("decisions%2F")[1][:10]
            contents = "".join(
                f"<Contents><Key>p/decisions/{day}/{name}.json</Key><ETag>1</ETag><Size>1</Size>"
                "</Contents>"
                for name, record in records.items()
                if record["change"]["receivedAt"].startswith(day)
            )
            text = (
                f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
            )
            return 200, text.encode()
        return 200, json.dumps(records[path.rsplit("/", 1)[1].removesuffix(".json")]).encode()

    cloud.answer = answer
    command = ["why", "--follow", "--bucket", "b", "--prefix", "p"]
    environment = machine.environment | KEYS
    with Running([str(machine.tool.program), *command], environment) as running:
        while len(cloud.requests) < 2:  # the first look: what is there is not shown
            time.sleep(0.05)
        today = cloud.requests[0][1].split("decisions%2F")[1][:10]
        change = {"source": "github", "repository": "octo-org/monorepo", "kind": "push"}
        records["d-1"] = {
            "change": change | {"delivery": "d-1", "receivedAt": f"{today}T00:00:00.000Z"},
            "rules": [],
            "counts": {"started": 1},
            "attempts": [],
        }
        running.wait_for(r"^20\S+Z  d-1  .*: 1 started$")
        running.type("\x03")
        assert running.status() in (130, -2)


def test_without_a_dry_run_local_finds_keys_as_well(machine: Machine):
    rules = machine.file("rules/a.json", '{"Repository": "a/b", "Target": {}}').parent
    arguments = ["local", "--rules", rules, "--bootstrap", machine.tool.bootstrap, "--port", 0]
    ended = machine.run(*arguments, AWS_PROFILE="dev")
    assert (ended.status, ended.errors) == (
        2,
        "pointsman: finding AWS credentials: profile 'dev' is neither in "
        f"{machine.home}/.aws/config nor {machine.home}/.aws/credentials; "
        "with --dry-run none are needed\n",
    )
    machine.file(".aws/config", "[profile dev]\nregion = eu-west-1\n")
    keys = "aws_access_key_id = A\naws_secret_access_key = B\naws_session_token = C\n"
    machine.file(".aws/credentials", f"[dev]\n{keys}")
    environment = machine.environment | {"AWS_PROFILE": "dev"}
    command = [str(machine.tool.program), *map(str, arguments)]
    with Running(command, environment) as running:
        running.wait_for(r"^Ctrl-C ends it$")
        variables: dict[str, str] = {}
        while len(running.children()) < 2:
            time.sleep(0.05)
        for process in running.children():
            text = Path(f"/proc/{process}/environ").read_bytes().decode()
            variables |= dict(line.split("=", 1) for line in text.split("\0") if "=" in line)
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION")
    assert [variables[name] for name in names] == ["A", "B", "C", "eu-west-1"]

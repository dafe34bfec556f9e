"""What `deploy.sh` says of what it was given, before it does anything.

The AWS CLI here is a script of a few lines: it knows an account, a template and a stack.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AWS = r"""#!/bin/bash
echo "$AWS_REGION $AWS_DEFAULT_REGION ${*//$'\n'/}" >>"$CALLS"
parameter=ConfigStorageS3BucketName
case "$*" in
*get-caller-identity* | *'configure get'*) if [[ -n $REFUSAL ]]; then
    echo "$REFUSAL" >&2; exit 253
    elif [[ $* == *identity* ]]; then
        echo 123456789012
    else
        echo "$PROFILE_REGION"
    fi ;;
*head-bucket\ --bucket\ rules*) [[ -n $TAKEN ]] ||
    { echo 'An error occurred (404) when calling HeadBucket: Not Found' >&2; exit 254; } ;;
*list-stack-resources*) printf '%s\tb\n' $RESOURCES ;;
*get-bucket-policy*) [[ -n $POLICY ]] ||
    { echo 'An error occurred (NoSuchBucketPolicy)' >&2; exit 254; } ;;
*head-bucket*) [[ -z $BUCKET_REGION ]] &&
    { echo 'An error occurred (404) when calling HeadBucket: Not Found' >&2; exit 254; } ||
    echo "$BUCKET_REGION" ;;
*describe-stacks*StackStatus) echo "${THEN:-REVIEW_IN_PROGRESS}" ;;
*describe-stacks*) [[ -n $STATUS ]] &&
    printf '%s\n%s\tb\nArchitecture\tarm64\n' "$STATUS" $parameter ||
    { echo 'An error occurred (ValidationError): Stack does not exist' >&2; exit 254; } ;;
*get-template-summary*) [[ -z $BROKEN ]] &&
    printf 'Architecture\tx86_64\n%s\tNone\n' $parameter ||
    { printf '\nAn error occurred (ValidationError): line 7\n' >&2; exit 254; } ;;
*head-object*) [[ $* =~ pointsman/([0-9a-f]{64})(\.yaml|\.zip) ]]
    digest=${BASH_REMATCH[1]} kind=${BASH_REMATCH[2]}
    if [[ -e $CALLS$kind && -n $SWAPPED ]] || [[ ! -e $CALLS$kind && -n $FOREIGN ]]; then
        echo "$FOREIGN$SWAPPED"
    elif [[ ! -e $CALLS$kind && -n $NEW && $kind == .yaml ]]; then
        echo 'An error occurred (404) when calling HeadObject: Not Found' >&2; exit 254
    else
        printf %b "$(sed 's/../\\x&/g' <<<"$digest")" | base64
    fi ;;
*put-object*) [[ $* =~ --body\ ([^ ]+) ]]; body=${BASH_REMATCH[1]}
    [[ $* =~ pointsman/[0-9a-f]{64}(\.yaml|\.zip) ]]; cp "$body" "$CALLS${BASH_REMATCH[1]}" ;;
*create-bucket*) ;;
*create-change-set*) [[ $* =~ --parameters\ file://([^ ]+) ]]
    cp "${BASH_REMATCH[1]}" "$CALLS.json"; [[ -z $SLOW ]] || sleep 20; echo change-set-id ;;
*execute-change-set* | *put-public-access-block* | *put-bucket-encryption*) ;;
*get-public-access-block* | *get-bucket-encryption*) [[ -z $BARE ]] || exit 254 ;;
*list-change-sets*) echo "$OTHERS" ;;
*describe-change-set*) [[ $MADE != GONE ]] ||
    { echo 'An error occurred (ChangeSetNotFound)' >&2; exit 254; }
    printf '%s\tNo updates are to be performed.\n' "${MADE:-FAILED}" ;;
*delete-*) [[ -z $KEPT ]] || { echo "An error occurred: $KEPT" >&2; exit 254; } ;;
*) echo "An error occurred: not to be called" >&2; exit 254 ;;
esac
"""
FUNCTION = "MonoRepoS3ConfigCloudFormationResourceFunction"
READ = ("get-caller-identity", "configure get", "head-bucket", "describe-stacks", "summary")
READ += ("list-stack-resources", "get-bucket-policy")


class Deploy:
    def __init__(self, folder: Path):
        self.folder = folder
        self.calls = folder / "calls"
        self.calls.touch()
        (folder / "aws").write_text(AWS)
        (folder / "aws").chmod(0o755)
        (folder / "package.zip").touch()
        self.zip = ["--zip", "package.zip"]
        self.clone = folder / "clone"
        self.clone.mkdir()
        for name in ("deploy.sh", "template.yaml"):
            shutil.copy(ROOT / name, self.clone)
        self.script = self.clone / "deploy.sh"
        (folder / "secret").write_text("a secret\n")

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Starts it with what is needed, in a place of its own; `arguments` come later."""
        names = (
            "BROKEN REFUSAL STATUS TAKEN POLICY BUCKET_REGION PROFILE_REGION MADE SLOW NEW OTHERS"
        )
        known = dict.fromkeys([*names.split(), *"BARE KEPT THEN FOREIGN SWAPPED".split()], "") | {
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "CALLS": str(self.calls),
            "AWS_REGION": "eu-central-1",
            "RESOURCES": f"{FUNCTION} ConfigStorageBucketPolicy",
        }
        return subprocess.Popen(
            [str(self.script), *self.zip, *arguments],
            env=known | environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def deleted(self) -> list[str]:
        """What it has asked to delete."""
        return [word for word in self.calls.read_text().split() if word.startswith("delete-")]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **environment)
        output, errors = process.communicate(timeout=30)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def refused(self, *arguments: str, **environment: str) -> list[str]:
        """The reasons why nothing was done; and nothing was."""
        ended = self.run(*arguments, **environment)
        assert (ended.returncode, ended.stdout) == (2, "")
        first, *reasons = ended.stderr.splitlines()
        assert first == "deploy.sh: nothing was done, because"
        for call in self.calls.read_text().splitlines():
            assert any(operation in call for operation in READ), call
        return [reason.removeprefix("- ") for reason in reasons]


@pytest.fixture
def deploy(tmp_path: Path) -> Deploy:
    return Deploy(tmp_path)


BUCKET = "ConfigStorageS3BucketName"
GIVEN = ("--parameter", f"{BUCKET}=rules")
WITH_BUCKET = f"{FUNCTION} ConfigStorageBucket"
NEEDED = f"parameter {BUCKET} is needed: give --parameter {BUCKET}=VALUE"
NO_PROFILE = "The config profile (none) could not be found"


@pytest.mark.parametrize(
    "arguments, environment, reason",
    [
        (["--zip", "none.zip"], {}, "there is no package none.zip: make it with --build, or name"),
        (["--stack-name", "9"], {}, "--stack-name: '9' is not letters, digits and hyphens, a"),
        (["--architecture", "ppc"], {}, "--architecture: 'ppc' is neither x86_64 nor arm64"),
        (["--parameter", "Architecture=x86"], {}, "--architecture: 'x86' is neither x86_64 nor"),
        (["--build"], {}, "--build makes the package that --zip names otherwise"),
        (["--endpoint-url", "here"], {}, "--endpoint-url: 'here' does not begin with http:// or"),
        (["--foo"], {}, "there is no option --foo: see --help"),
        (["--region"], {}, "--region needs a value"),
        (["--secret-file", ""], {}, "--secret-file needs a value"),
        (["--parameters", ""], {}, "--parameters needs a value"),
        (["--stack-name", "", "--region", "eu-west-1"], {}, "--stack-name needs a value"),
        (["--parameter", "x"], {}, "parameter 2 is not of the form NAME=VALUE"),
        (["--parameter", f"{BUCKET}=b"], {}, f"parameter {BUCKET} is given twice"),
        (["--parameter", "A=\n"], {}, "parameter A has a control character in its value"),
        (["--parameter", "A=b"], {}, "template.yaml has no parameter A"),
        (["--parameters", "none"], {}, "--parameters: none cannot be read"),
        (["--secret-file", "none"], {}, "--secret-file: none cannot be read"),
        (["--secret-file", "-"], {}, "--secret-file: the secret is empty"),
        (["--secret-file", "calls"], {}, "--secret-file: the secret is empty"),
        (["--secret-file", "aws"], {}, "--secret-file: the secret is more than one line, or has"),
        ([], {"AWS_REGION": ""}, "there is no region: give --region, or set AWS_REGION"),
        ([], {"REFUSAL": "None!"}, "there are no keys that work: None!"),
        ([], {"AWS_REGION": "", "REFUSAL": NO_PROFILE}, NO_PROFILE),
        ([], {"BROKEN": "1"}, "template.yaml is refused: (ValidationError): line 7"),
        (
            [],
            {"BUCKET_REGION": "us-east-1"},
            "the bucket pointsman-artifacts-123456789012-eu-central-1 is in us-east-1, and the",
        ),
        (["--artifact-bucket", "mine"], {}, "the bucket mine cannot be used: (404) when calling"),
        (
            [],
            {"TAKEN": "1"},
            "the bucket rules exists already: a stack makes its own; name another, or empty and "
            "delete that one",
        ),
        (
            ["--stack-name", "shop"],
            {"STATUS": "CREATE_COMPLETE", "RESOURCES": "Shop ConfigStorageBucketPolicy"},
            f"the stack shop is another's: it has no {FUNCTION}; name yours with --stack-name",
        ),
        (
            [],
            {"STATUS": "CREATE_COMPLETE", "RESOURCES": WITH_BUCKET, "POLICY": "1"},
            "the bucket b has a policy that is not the stack's, which is to set one that demands "
            "TLS: remove it first, aws s3api delete-bucket-policy --region eu-central-1 --bucket b",
        ),
        ([], {"STATUS": "ROLLBACK_COMPLETE"}, "the stack pointsman is ROLLBACK_COMPLETE and can"),
        ([], {"STATUS": "DELETE_FAILED"}, "the stack pointsman is DELETE_FAILED and can only be"),
        ([], {"STATUS": "REVIEW_IN_PROGRESS"}, "the stack pointsman is REVIEW_IN_PROGRESS: a"),
        ([], {"STATUS": "UPDATE_IN_PROGRESS"}, "the stack pointsman is UPDATE_IN_PROGRESS: wait"),
        ([], {"STATUS": "UPDATE_ROLLBACK_FAILED"}, "the stack pointsman is UPDATE_ROLLBACK_FAILED"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_done(
    deploy: Deploy, arguments: list[str], environment: dict[str, str], reason: str
):
    [said] = deploy.refused(*GIVEN, *arguments, **environment)
    assert said.startswith(reason)


@pytest.mark.parametrize(
    "secret, reason",
    [
        (b"se\0cret\n", "has a NUL byte"),
        (b"secr\xe9t\n", "is not UTF-8"),
        (b"\xed\xa0\x80", "is not UTF-8"),
        (b"\xef\xbb\xbfsecret\n", "begins with a byte order mark"),
        ("é".encode() * 32768 + b"e", "is longer than 65,536 bytes"),
        (b"two\nlines\n", "is more than one line, or has a control character"),
        (b"\r\n", "is empty"),
    ],
)
def test_a_secret_that_would_not_arrive_as_it_is_is_refused(
    deploy: Deploy, secret: bytes, reason: str
):
    (deploy.folder / "secret").write_bytes(secret)
    said = deploy.refused(*GIVEN, "--secret-file", "secret")
    assert said == [f"--secret-file: the secret {reason}"]


@pytest.mark.parametrize("secret", ["é" * 32768 + "\r\n", "a\n\n", "€ 𝄞"])
def test_other_secrets_are_not_refused(deploy: Deploy, secret: str):
    (deploy.folder / "secret").write_bytes(secret.encode())
    ended = deploy.run(*GIVEN, "--secret-file", "secret", "--dry-run", LC_ALL="C.UTF-8")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_all_that_is_wrong_is_said_at_once(deploy: Deploy):
    wrong = ["--zip", "no", "--stack-name", "-", "--parameter", "x", "--secret-file", "no"]
    reasons = deploy.refused(*wrong, BROKEN="1", BUCKET_REGION="us-east-1")
    assert len(reasons) == 6


def test_a_parameter_without_a_default_is_needed(deploy: Deploy):
    assert deploy.refused() == [NEEDED]


def test_the_aws_cli_is_needed(deploy: Deploy):
    (deploy.folder / "aws").unlink()
    for tool in ("bash", "dirname", "mktemp", "readlink", "rm"):
        (deploy.folder / tool).symlink_to(f"/usr/bin/{tool}")
    assert deploy.refused(*GIVEN, PATH=str(deploy.folder)) == [
        "the AWS CLI is not installed: https://aws.amazon.com/cli/"
    ]


@pytest.mark.parametrize(
    "arguments, environment, region",
    [
        ([], {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
        ([], {"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ([], {"AWS_REGION": "", "PROFILE_REGION": "eu-west-3"}, "eu-west-3"),
        (["--region", "eu-north-1"], {"AWS_REGION": "eu-west-1"}, "eu-north-1"),
    ],
)
def test_the_region_is_the_nearest_one(
    deploy: Deploy, arguments: list[str], environment: dict[str, str], region: str
):
    deploy.refused(*arguments, **environment)
    calls = [call for call in deploy.calls.read_text().splitlines() if "configure" not in call]
    assert calls and all(call.startswith(f"{region} {region} ") for call in calls)


@pytest.mark.parametrize(
    "arguments, status, architecture",
    [
        ([], "", "x86_64"),
        (["--architecture", "arm64"], "", "arm64"),
        (["--parameter", "Architecture=arm64"], "", "arm64"),
        ([], "UPDATE_COMPLETE", "arm64"),
        (["--architecture", "x86_64"], "UPDATE_COMPLETE", "x86_64"),
    ],
)
def test_the_package_is_that_of_the_architecture(
    deploy: Deploy, arguments: list[str], status: str, architecture: str
):
    deploy.zip = []
    [said] = deploy.refused(*GIVEN, *arguments, STATUS=status)
    assert f"/dist/pointsman-{architecture}.zip: make it with --build" in said


def test_the_endpoint_is_given_to_every_call(deploy: Deploy):
    deploy.refused("--endpoint-url", "http://127.0.0.1:9")
    calls = deploy.calls.read_text().splitlines()
    assert calls and all("--endpoint-url http://127.0.0.1:9 " in call for call in calls)


def test_parameters_are_read_from_a_file(deploy: Deploy):
    (deploy.folder / "parameters").write_text(f"# who\n\n{BUCKET}=rules\nA=1\nB=x,y z")
    assert sorted(deploy.refused("--parameters", "parameters")) == [
        "template.yaml has no parameter A",
        "template.yaml has no parameter B",
    ]


def test_parameters_are_sent_as_they_are_or_keep_their_value(deploy: Deploy):
    ended = deploy.run(
        "--dry-run", "--parameter", "Architecture=x86_64", STATUS="UPDATE_ROLLBACK_COMPLETE"
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    sent = json.loads(Path(f"{deploy.calls}.json").read_text())
    assert sorted(sent, key=str) == [
        {"ParameterKey": "Architecture", "ParameterValue": "x86_64"},
        {"ParameterKey": BUCKET, "UsePreviousValue": True},
    ]
    value = 'a, "b" = \\ c'
    assert deploy.run("--dry-run", "--parameter", f"{BUCKET}={value}").returncode == 0
    sent = json.loads(Path(f"{deploy.calls}.json").read_text())
    assert sent == [{"ParameterKey": BUCKET, "ParameterValue": value}]


BUCKET_THERE = {"BUCKET_REGION": "eu-central-1"}
SLOW = {"SLOW": "1"} | BUCKET_THERE
LOOP = {"MADE": "CREATE_IN_PROGRESS"} | BUCKET_THERE
UPDATE = {"STATUS": "UPDATE_COMPLETE"}
MADE = {"MADE": "CREATE_COMPLETE", "BUCKET_REGION": "eu-central-1"}
BOTH = ["delete-change-set", "delete-stack"]


@pytest.mark.parametrize(
    "environment, call, deleted, left",
    [
        (SLOW, "create-change-set", BOTH, "nothing"),
        (LOOP, "describe-change-set", BOTH, "nothing"),
        (LOOP | {"NEW": "1"}, "describe-change-set", [*BOTH, "delete-object"], "nothing"),
        (
            LOOP | {"BUCKET_REGION": "", "NEW": "1"},
            "describe-change-set",
            [*BOTH, "delete-object", "delete-bucket"],
            "nothing",
        ),
        (LOOP | {"OTHERS": "other"}, "describe-change-set", BOTH[:1], "nothing"),
        (LOOP | {"THEN": "CREATE_IN_PROGRESS"}, "describe-change-set", BOTH[:1], "nothing"),
        (
            MADE | {"THEN": "CREATE_IN_PROGRESS"},
            "Stacks[0].StackStatus",
            [],
            "the stack pointsman, whose change goes on: aws cloudformation describe-stacks "
            "--region eu-central-1 --stack-name pointsman",
        ),
        (SLOW | UPDATE, "create-change-set", BOTH[:1], "nothing"),
        (LOOP | UPDATE, "describe-change-set", BOTH[:1], "nothing"),
        (
            LOOP | UPDATE | {"KEPT": "no"},
            "describe-change-set",
            BOTH[:1],
            "the change set TOKEN of the stack pointsman: An error occurred: no",
        ),
        (
            LOOP | {"KEPT": "no"},
            "describe-change-set",
            BOTH,
            "the empty stack pointsman: An error occurred: no",
        ),
    ],
)
def test_an_interrupt_leaves_no_change_set_and_no_empty_stack(
    deploy: Deploy, environment: dict[str, str], call: str, deleted: list[str], left: str
):
    process = deploy.start(*GIVEN, **environment)
    deadline = time.monotonic() + 20
    while call not in deploy.calls.read_text() or not Path(f"{deploy.calls}.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert deploy.deleted() == deleted
    [token] = set(re.findall("deploy-[0-9]+-[0-9]+", deploy.calls.read_text()))
    assert errors.splitlines()[-1] == f"deploy.sh: what remains: {left.replace('TOKEN', token)}"


def test_the_template_goes_by_the_bucket(deploy: Deploy):
    assert deploy.run("--dry-run", *GIVEN, NEW="1", **BUCKET_THERE).returncode == 0
    calls = deploy.calls.read_text()
    [key] = set(re.findall(r"pointsman/[0-9a-f]{64}\.yaml", calls))
    bucket = "pointsman-artifacts-123456789012-eu-central-1"
    assert f"--template-url https://s3.eu-central-1.amazonaws.com/{bucket}/{key} " in calls
    sent = Path(f"{deploy.calls}.yaml").read_text()
    assert len(re.findall(rf"CodeUri: s3://{bucket}/pointsman/[0-9a-f]{{64}}\.zip\n", sent)) == 3
    assert deploy.deleted()[-1] == "delete-object", "a dry run leaves nothing"


@pytest.mark.parametrize("foreign", ["None", "bm90IHdoYXQgd2FzIHNlbnQ="])
def test_what_lies_in_the_bucket_under_a_name_of_ours_is_not_taken_for_ours(
    deploy: Deploy, foreign: str
):
    ended = deploy.run(*GIVEN, **MADE, THEN="CREATE_COMPLETE", FOREIGN=foreign)
    calls = deploy.calls.read_text()
    for kind in ("yaml", "zip"):
        [put] = re.findall(rf"put-object .*\.{kind} .*", calls)
        assert "--checksum-algorithm SHA256" in put
        assert "--expected-bucket-owner 123456789012" in put
    assert "execute-change-set" in calls, ended


def test_what_is_ours_is_not_sent_again(deploy: Deploy):
    deploy.run(*GIVEN, **MADE, THEN="CREATE_COMPLETE")
    calls = deploy.calls.read_text()
    assert "put-object" not in calls and "execute-change-set" in calls
    heads = [call for call in calls.splitlines() if "head-object" in call]
    assert len(heads) == 2
    for head in heads:
        assert "--expected-bucket-owner 123456789012 --checksum-mode ENABLED" in head


def test_what_does_not_arrive_as_it_was_sent_is_not_deployed(deploy: Deploy):
    ended = deploy.run(*GIVEN, **MADE, NEW="1", SWAPPED="b3RoZXI=")
    assert ended.returncode == 1
    assert re.match(
        r"deploy\.sh: s3://\S+/pointsman/[0-9a-f]{64}\.yaml is not what was sent there, "
        r"so it is not deployed: its SHA-256 is another one\n",
        ended.stderr,
    )
    assert "create-change-set" not in deploy.calls.read_text()


def test_the_template_goes_by_a_bucket_elsewhere(deploy: Deploy):
    elsewhere = ["--endpoint-url", "http://aws.test:4566/"]
    assert deploy.run("--dry-run", *GIVEN, *elsewhere, **BUCKET_THERE).returncode == 0
    assert "--template-url http://aws.test:4566/pointsman-artifacts-" in deploy.calls.read_text()


@pytest.mark.parametrize("bare", ["", "1"])
def test_the_bucket_gets_what_it_lacks(deploy: Deploy, bare: str):
    deploy.run(*GIVEN, **MADE, THEN="CREATE_COMPLETE", BARE=bare)
    put = [word for word in deploy.calls.read_text().split() if word.startswith("put-")]
    assert put == (["put-public-access-block", "put-bucket-encryption"] if bare else [])


def test_a_stack_that_another_deployment_makes_is_left_alone(deploy: Deploy):
    ended = deploy.run(*GIVEN, MADE="GONE", THEN="CREATE_COMPLETE", **BUCKET_THERE)
    assert ended.returncode == 1
    assert ended.stderr == "deploy.sh: (ChangeSetNotFound)\n"
    assert deploy.deleted() == ["delete-change-set"]


def test_a_bash_that_is_too_old_is_named(deploy: Deploy):
    script = deploy.script
    older = script.read_text().replace("BASH_VERSINFO", "OLDER").replace("BASH_VERSION", "OLD")
    script.write_text(f"OLDER=(4 3) OLD=4.3.48\n{older}")
    ended = subprocess.run(["bash", str(script)], capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr == "deploy.sh: needs Bash 4.4 or later, this is 4.3.48\n"


def test_a_link_to_the_script_finds_what_is_beside_the_script(deploy: Deploy):
    link = deploy.folder / "deploy"
    link.symlink_to("clone/deploy.sh")
    deploy.script = link
    assert deploy.refused() == [NEEDED]


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_option(deploy: Deploy, option: str):
    ended = deploy.run(option)
    assert ended.returncode == 0
    text = (ROOT / "deploy.sh").read_text()
    options = {word for word in text.split() if word.startswith("--") and word.endswith(")")}
    assert options and all(f" {option[:-1]} " in ended.stdout for option in options)

"""What `deploy.sh` says of what it was given, before it does anything.

The AWS CLI here is a script of a few lines: it knows an account, a template and a stack.
"""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AWS = r"""#!/bin/bash
echo "$AWS_REGION $AWS_DEFAULT_REGION $AWS_ENDPOINT_URL ${*//$'\n'/}" >>"$CALLS"
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
*describe-stacks*REVIEW_IN_PROGRESS*) [[ -n $THEN ]] || echo pointsman ;;
*describe-stacks*Outputs*) ;;
*describe-stacks*) [[ -n $STATUS ]] &&
    printf '%s\nparameter\t%s\tb\nparameter\tArchitecture\tarm64\n%b' \
        "$STATUS" $parameter "$TAGGED" ||
    { echo 'An error occurred (ValidationError): Stack does not exist' >&2; exit 254; } ;;
*'cloudformation package'*)
    [[ -z $OLD ]] || { echo "'list' object has no attribute 'get'" >&2; exit 255; }
    [[ $* =~ --s3-bucket\ ([^ ]+)\ --s3-prefix\ ([^ ]+) ]]
    bucket=${BASH_REMATCH[1]} key=${BASH_REMATCH[2]}/0123456789abcdef0123456789abcdef
    [[ -z $NEW && $* != *--force-upload* ]] ||
        { echo >>"$CALLS.sent"; echo "Uploading to $key" >&2; }
    [[ $* =~ --output-template-file\ ([^ ]+) ]]
    printf '    "CodeUri": "s3://%s/%s"\n' "$bucket" "$key" >"${BASH_REMATCH[1]}" ;;
*get-object*) if [[ -n $SWAPPED || -n $FOREIGN && ! -e $CALLS.sent ]]; then
        echo other >"${*: -1}"
    else
        cp package.zip "${*: -1}"
    fi ;;
*'cloudformation deploy'*) printf '%s\n' "$@" >"$CALLS.deploy"; [[ -z $SLOW ]] || sleep 2
    echo "Uploading to the template's key" >&2
    [[ -z $BROKEN ]] ||
        { echo "Failed to create the changeset: Status: FAILED. Reason: $BROKEN" >&2; exit 255; }
    [[ -n $MADE ]] &&
        echo "aws cloudformation describe-change-set --change-set-name change-set-id" ||
    echo 'No changes to deploy. Stack pointsman is up to date' ;;
*create-bucket* | *execute-change-set* | *put-public-access-block*) ;;
*list-change-sets*FAILED*) [[ -n $MADE ]] || echo failed-id ;;
*list-change-sets*) echo "$OTHERS" ;;
*describe-change-set*) printf 'Modify\tAWS::Lambda::Function\tF\tFalse\n'
    printf 'Modify\tA\tB\tTrue\nModify\tC\tD\tConditional\n' ;;
*delete-object*.template) ;;
*delete-*) [[ -z $KEPT ]] || { echo "An error occurred: $KEPT" >&2; exit 254; } ;;
*) echo "An error occurred: not to be called" >&2; exit 254 ;;
esac
"""
FUNCTION = "MonoRepoS3ConfigCloudFormationResourceFunction"
READ = ("get-caller-identity", "configure get", "head-bucket", "describe-stacks")
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
        (self.clone / "scripts").mkdir()
        for name in ("deploy.sh", "scripts/deploy-checks.sh", "template.yaml"):
            shutil.copy(ROOT / name, self.clone / name)
        self.script = self.clone / "deploy.sh"
        (folder / "secret").write_text("a secret\n")

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Starts it with what is needed, in a place of its own; `arguments` come later."""
        names = (
            "BROKEN REFUSAL STATUS TAKEN POLICY BUCKET_REGION PROFILE_REGION MADE SLOW NEW OTHERS "
            "KEPT THEN FOREIGN SWAPPED TAGGED OLD"
        )
        known = dict.fromkeys(names.split(), "") | {
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

    @property
    def given(self) -> list[str]:
        """What `aws cloudformation deploy` was given."""
        return Path(f"{self.calls}.deploy").read_text().splitlines()

    def deleted(self) -> list[str]:
        """What it has asked to delete, but for the template, which is always deleted."""
        calls = self.calls.read_text().splitlines()
        words = [word for call in calls if not call.endswith(".template") for word in call.split()]
        return [word for word in words if word.startswith("delete-")]

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
        (
            ["--parameter", f"{BUCKET[:-1]}=b"],
            {},
            f"template.yaml has no parameter {BUCKET[:-1]}, did you mean {BUCKET}?",
        ),
        (
            ["--parameter", "loglevel=DEBUG"],
            {},
            "template.yaml has no parameter loglevel, did you mean LogLevel?",
        ),
        (["--parameters", "none"], {}, "--parameters: none cannot be read"),
        (["--secret-file", "none"], {}, "--secret-file: none cannot be read"),
        (["--secret-file", "-"], {}, "--secret-file: the secret is empty"),
        (["--secret-file", "calls"], {}, "--secret-file: the secret is empty"),
        (["--secret-file", "aws"], {}, "--secret-file: the secret is more than one line, or has"),
        ([], {"AWS_REGION": ""}, "there is no region: give --region, or set AWS_REGION"),
        ([], {"REFUSAL": "None!"}, "there are no keys that work: None!"),
        ([], {"AWS_REGION": "", "REFUSAL": NO_PROFILE}, NO_PROFILE),
        (["--role-arn", "r"], {}, "--role-arn: 'r' is not a role's ARN"),
        (["--tags", "team"], {}, "tag 1 is not of the form NAME=VALUE"),
        (["--tags", "a=b\t"], {}, "tag a has a control character in its value"),
        (["--tags", "a=b", "--tags", "a=c"], {}, "tag a is given twice"),
        (
            ["--zip", "http://127.0.0.1:1/p.zip"],
            {},
            "the package http://127.0.0.1:1/p.zip cannot be",
        ),
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
    reasons = deploy.refused(*wrong, "--role-arn", "-", BUCKET_REGION="us-east-1")
    assert len(reasons) == 7


def test_a_parameter_without_a_default_is_needed(deploy: Deploy):
    assert deploy.refused() == [NEEDED]


def test_the_aws_cli_is_needed(deploy: Deploy):
    (deploy.folder / "aws").unlink()
    for tool in ("bash", "dirname", "grep", "mktemp", "readlink", "rm", "sed"):
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
    assert calls and all(call.split()[2] == "http://127.0.0.1:9" for call in calls)


def test_parameters_are_read_from_a_file(deploy: Deploy):
    (deploy.folder / "parameters").write_text(f"# who\n\n{BUCKET}=rules\nA=1\nB=x,y z")
    assert sorted(deploy.refused("--parameters", "parameters")) == [
        "template.yaml has no parameter A",
        "template.yaml has no parameter B",
    ]


def test_parameters_are_sent_as_they_are_or_keep_their_value(deploy: Deploy):
    value = 'a, "b" = \\ c'
    ended = deploy.run("--dry-run", "--parameter", f"{BUCKET}={value}", STATUS="UPDATE_COMPLETE")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert deploy.given[-2:] == ["--parameter-overrides", f"{BUCKET}={value}"]


def test_tags_are_added_to_those_that_the_stack_has(deploy: Deploy):
    deploy.run(
        *["--dry-run", "--tags", "team=a b", "--tags", "cost=1=2"],
        STATUS="UPDATE_COMPLETE",
        TAGGED="tag\\tteam\\told\\ntag\\towner\\tus\\ntag\\taws:x\\ty\\n",
    )
    assert deploy.given[-4:] == ["--tags", "team=a b", "cost=1=2", "owner=us"]


def test_the_role_is_handed_to_cloudformation(deploy: Deploy):
    role = "arn:aws-cn:iam::111122223333:role/ci/deploy"
    deploy.run("--dry-run", *GIVEN, "--role-arn", role)
    assert deploy.given[-2:] == ["--role-arn", role]


@pytest.fixture
def served(deploy: Deploy) -> Iterator[str]:
    """The URL of the package's folder."""
    handler = functools.partial(QuietHandler, directory=deploy.folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_the_package_of_a_url_is_compared_and_deployed(deploy: Deploy, served: str):
    (deploy.folder / "package.zip").write_bytes(b"a package")
    digest = hashlib.sha256(b"a package").hexdigest()
    for named in (f"{served}/package.zip", f"{served}/package.zip#sha256={digest}"):
        ended = deploy.run(*GIVEN, "--zip", named, **MADE, THEN="CREATE_COMPLETE")
        assert "execute-change-set" in deploy.calls.read_text(), ended.stderr
        assert f"--s3-prefix pointsman/{digest} " in deploy.calls.read_text()


def test_the_package_of_a_url_that_is_another_one_is_not_deployed(deploy: Deploy, served: str):
    other, empty = "0" * 64, hashlib.sha256(b"").hexdigest()
    url = f"{served}/package.zip"
    assert deploy.refused(*GIVEN, "--zip", f"{url}#sha256={other}") == [
        f"the package {url} is another one: its SHA-256 is {empty}"
    ]
    [said] = deploy.refused(*GIVEN, "--zip", f"{served}/none.zip")
    assert said.startswith(f"the package {served}/none.zip cannot be read: curl: (22) ")


BUCKET_THERE = {"BUCKET_REGION": "eu-central-1"}
UPDATE = {"STATUS": "UPDATE_COMPLETE"}
MADE = {"MADE": "1"} | BUCKET_THERE
SLOW = {"SLOW": "1"} | MADE
BOTH = ["delete-change-set", "delete-stack"]


@pytest.mark.parametrize(
    "environment, deleted, left",
    [
        (SLOW, BOTH, "nothing"),
        (SLOW | {"NEW": "1"}, [*BOTH, "delete-object"], "nothing"),
        (
            SLOW | {"BUCKET_REGION": "", "NEW": "1"},
            [*BOTH, "delete-object", "delete-bucket"],
            "nothing",
        ),
        (SLOW | {"OTHERS": "other"}, BOTH[:1], "nothing"),
        (SLOW | {"THEN": "CREATE_IN_PROGRESS"}, BOTH[:1], "nothing"),
        (SLOW | UPDATE, BOTH[:1], "nothing"),
        (
            SLOW | UPDATE | {"KEPT": "no"},
            BOTH[:1],
            "the change set change-set-id of the stack pointsman: An error occurred: no",
        ),
    ],
)
def test_an_interrupt_leaves_no_change_set_and_no_empty_stack(
    deploy: Deploy, environment: dict[str, str], deleted: list[str], left: str
):
    process = deploy.start(*GIVEN, **environment)
    errors = interrupt(deploy, process, "cloudformation deploy")
    assert deploy.deleted() == deleted
    assert errors.splitlines()[-1] == f"deploy.sh: what remains: {left}"
    assert "execute-change-set" not in deploy.calls.read_text()


def test_an_interrupt_of_a_change_says_that_it_goes_on(deploy: Deploy):
    process = deploy.start(*GIVEN, **MADE, THEN="CREATE_IN_PROGRESS")
    errors = interrupt(deploy, process, "Stacks[0].StackStatus")
    assert deploy.deleted() == []
    assert errors.splitlines()[-1] == (
        "deploy.sh: what remains: the stack pointsman, whose change goes on: aws cloudformation "
        "describe-stacks --region eu-central-1 --stack-name pointsman"
    )


def interrupt(deploy: Deploy, process: subprocess.Popen[str], call: str) -> str:
    """Ends it, and all that it has started, once it has made a call; returns what it says."""
    deadline = time.monotonic() + 20
    while call not in deploy.calls.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    return errors


def test_a_dry_run_shows_what_is_replaced_and_leaves_nothing(deploy: Deploy):
    ended = deploy.run("--dry-run", *GIVEN, NEW="1", MADE="1")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        "the stack pointsman in eu-central-1, account 123456789012:",
        f"  Modify  {'AWS::Lambda::Function':34} F",
        f"  Modify  {'A':34} {'B':46} is replaced",
        f"  Modify  {'C':34} {'D':46} may be replaced",
        "nothing was done",
    ]
    assert deploy.deleted() == [*BOTH, "delete-object", "delete-bucket"]


def test_a_change_set_that_cannot_be_made_says_why(deploy: Deploy):
    ended = deploy.run(*GIVEN, BROKEN="no such parameter", **BUCKET_THERE)
    assert ended.returncode == 1
    assert ended.stderr == "deploy.sh: the change set could not be made: no such parameter\n"
    assert deploy.deleted() == BOTH


def test_a_cli_that_does_not_know_loops_is_named(deploy: Deploy):
    ended = deploy.run(*GIVEN, OLD="1", **BUCKET_THERE)
    assert ended.returncode == 1
    assert ended.stderr == (
        "deploy.sh: this AWS CLI does not know Fn::ForEach, update it: "
        "'list' object has no attribute 'get'\n"
    )


@pytest.mark.parametrize("arguments", [["--dry-run"], []])
def test_the_template_goes_by_way_of_the_bucket_and_does_not_stay_there(deploy: Deploy, arguments):
    deploy.run(*arguments, *GIVEN, NEW="1", **BUCKET_THERE)
    bucket, prefix = (
        deploy.given[deploy.given.index(name) + 1] for name in ("--s3-bucket", "--s3-prefix")
    )
    assert re.fullmatch("pointsman/[0-9a-f]{64}", prefix)
    deleted = [
        call for call in deploy.calls.read_text().splitlines() if "s3api delete-object" in call
    ]
    templates = [call for call in deleted if call.endswith(".template")]
    assert len(templates) == 1
    assert f"--bucket {bucket} --key {prefix}/" in templates[0]


def test_what_lies_in_the_bucket_under_a_name_of_ours_is_not_taken_for_ours(deploy: Deploy):
    ended = deploy.run(*GIVEN, **MADE, THEN="CREATE_COMPLETE", FOREIGN="1")
    calls = deploy.calls.read_text().splitlines()
    first, second = [call for call in calls if "cloudformation package" in call]
    assert "--force-upload" not in first and "--force-upload" in second
    for call in calls:
        assert "get-object" not in call or "--expected-bucket-owner 123456789012 " in call
    assert any("execute-change-set" in call for call in calls), ended


def test_what_is_ours_is_not_sent_again(deploy: Deploy):
    deploy.run(*GIVEN, **MADE, THEN="CREATE_COMPLETE")
    calls = deploy.calls.read_text()
    assert "--force-upload" not in calls and "execute-change-set" in calls
    assert calls.count("cloudformation package") == calls.count("get-object") == 1


def test_what_does_not_arrive_as_it_was_sent_is_not_deployed(deploy: Deploy):
    ended = deploy.run(*GIVEN, **MADE, NEW="1", SWAPPED="1")
    assert ended.returncode == 1
    assert re.fullmatch(
        r"deploy\.sh: s3://pointsman-artifacts-123456789012-eu-central-1/pointsman/"
        r"[0-9a-f]{64}/[0-9a-f]{32} is not what was sent there, so it is not deployed: "
        r"its SHA-256 is another one\n",
        ended.stderr,
    ), ended.stderr
    assert "cloudformation deploy" not in deploy.calls.read_text()


def test_the_bucket_that_is_made_is_private(deploy: Deploy):
    deploy.run(*GIVEN, MADE="1", THEN="CREATE_COMPLETE")
    [block] = [call for call in deploy.calls.read_text().splitlines() if "put-public" in call]
    assert block.count("=true") == 4


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
    [known] = re.findall(r"\n    (--stack-name \|.*?)\) ;;", deploy.script.read_text(), re.S)
    options = {*re.findall(r"--[a-z-]+", known), "--build", "--dry-run", "--help"}
    assert len(options) == 14 and all(f" {option} " in ended.stdout for option in options)
    assert ended.stdout.startswith("Usage: ./deploy.sh [OPTION]...\n") and "#!" not in ended.stdout

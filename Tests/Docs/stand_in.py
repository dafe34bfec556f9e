"""Stands for a command that needs more than a test has: `aws`, `gh`, `./deploy.sh`, …

It does nothing and refuses whatever the real one would not understand: the AWS CLI itself parses
`aws`, up to where a request would be sent, and the scripts' own `--help` has their options.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = Path(os.environ.get("STAND_IN_STATE", "."))
TEMPLATE = (ROOT / "template.yaml").read_text()


def refuse(why: str) -> None:
    sys.exit(f"{' '.join(sys.argv)}: {why}")


def names(part: str) -> list[str]:
    """The names below a part of the template."""
    body = re.search(rf"(?ms)^{part}:\n(.*?)(?=^\w|\Z)", TEMPLATE)
    return re.findall(r"(?m)^  (\w+):$", body[1]) if body else []


# The AWS CLI.

VERSION = {"Key": "a", "VersionId": "1", "ETag": "b", "IsLatest": False}
VERSIONS = [VERSION | {"LastModified": "2026-11-20T14:20:43+00:00"}]
FAILED = {"requestPayload": {"change": {}}, "requestContext": {"functionArn": "arn:evaluate"}}
RULE = {"rule": "a", "outcome": "skipped", "clause": "Events", "reason": "b"}
CHANGE = {"source": "github", "repository": "octo-org/monorepo", "kind": "push", "delivery": "1"}
CHANGE |= {"receivedAt": "2026-11-20T15:20:43.000Z", "body": "2", "pathCount": 0}
RECORD = {"change": CHANGE, "counts": {"skipped": 1}, "rules": [RULE], "attempts": []}
ANSWERS = {
    "GetTemplateSummary": {"Parameters": []},
    "CreateChangeSet": {"Id": "arn:change-set", "StackId": "arn:stack"},
    "DescribeChangeSet": {"Status": "CREATE_COMPLETE"},
    "CreateSecret": {"ARN": "arn:secret"},
    "GetSecretValue": {"SecretString": "a-made-up-secret"},
    "ListSecretVersionIds": {
        "Versions": [{"VersionId": "2" * 32, "VersionStages": ["AWSPREVIOUS"]}]
    },
    "ReceiveMessage": {"Messages": [{"Body": json.dumps(FAILED), "ReceiptHandle": "handle"}]},
    "FilterLogEvents": {"events": [{"message": json.dumps({"decision": RECORD})}]},
}


def canned(operation: str, arguments: list[str]) -> dict:
    if operation == "DescribeStacks":
        outputs = [
            {"OutputKey": name, "OutputValue": f"{'https' if 'URL' in name else 'arn'}:{name}"}
            for name in names("Outputs")
        ]
        status = "DELETE_COMPLETE" if "wait" in arguments else "UPDATE_COMPLETE"
        stack = {"StackName": "pointsman", "StackStatus": status, "Outputs": outputs}
        return {"Stacks": [stack | {"Parameters": []}]}
    if operation == "Invoke":
        return {"StatusCode": 200, "Payload": io.BytesIO(b"{}")}
    if operation == "ListObjectVersions":
        seen = STATE / "versions-listed"
        answer = {} if seen.exists() else {"Versions": VERSIONS, "DeleteMarkers": []}
        seen.touch()
        return answer
    return ANSWERS.get(operation, {})


def aws(arguments: list[str]) -> int:
    from awscli.clidriver import create_clidriver

    class Sent:
        status_code = 200

    def answer(model, **_):
        return Sent(), canned(model.name, arguments) | {"ResponseMetadata": {}}

    os.environ.update(
        AWS_ACCESS_KEY_ID="AKIAMADEUP", AWS_SECRET_ACCESS_KEY="made-up", AWS_REGION="eu-west-1"
    )
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
    if arguments == "configure export-credentials --profile dev --format env".split():
        # Version 2 alone has it; the page says so.
        print("export AWS_ACCESS_KEY_ID=AKIAMADEUP")
        return 0
    driver = create_clidriver()
    driver.session.register("before-call", answer)
    return driver.main(arguments)


# The project's own scripts.


def script(name: str, arguments: list[str]) -> int:
    """Looks at the options that the script's own help does not name."""
    text = subprocess.run([ROOT / name, "--help"], capture_output=True, text=True).stdout
    options = dict(re.findall(r"(?m)^ +(--[a-z-]+)(?: ([A-Z=]+))?", text))
    words = iter(arguments)
    for word in words:
        if word not in options:
            refuse(f"there is no option {word}")
        value = next(words, None) if options[word] else ""
        if value is None:
            refuse(f"{word} needs a value")
        if word == "--parameter" and value.split("=")[0] not in names("Parameters"):
            refuse(f"template.yaml has no parameter {value}")
        if word in ("--parameters", "--secret-file") and not Path(value).exists():
            refuse(f"there is no file {value}")
    return 0


def package(arguments: list[str]) -> int:
    if arguments not in ([], ["--architecture", "arm64"], ["--architecture", "x86_64"]):
        refuse("package.sh takes --architecture alone")
    return 0


def make(arguments: list[str]) -> int:
    goals = re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text())
    variables = re.findall(r"\$\((?:if \$\()?([A-Z]+)\)", (ROOT / "Makefile").read_text())
    lines = [path.stem for path in (ROOT / "demo/lines").glob("*.py")]
    for word in arguments:
        name, equals, value = word.partition("=")
        if name not in (variables if equals else goals):
            refuse(f"the Makefile does not know {word}")
        if name == "DEMO" and value not in lines:
            refuse(f"there is no demo {value}")
    return 0


def gh(arguments: list[str]) -> int:
    if arguments[:1] != ["api"]:
        refuse("only `gh api` is had here")
    print("{}")
    return 0


def git(arguments: list[str]) -> int:
    if arguments[:1] != ["clone"]:
        refuse("only `git clone` is had here")
    Path(arguments[-1].rsplit("/", 1)[-1].removesuffix(".git")).mkdir(exist_ok=True)
    return 0


def pointsman(arguments: list[str]) -> int:
    """The tool itself, but for what would ask GitHub: of that the arguments are looked at."""
    # A page may put a folder before that of the stand-ins.
    own = str(Path(sys.argv[0]).parent)
    folders = [each for each in os.environ["PATH"].split(":") if each != own]
    tool = shutil.which("pointsman", path=":".join(folders))
    assert tool
    if arguments[:1] != ["recover"]:
        os.execv(tool, [tool, *arguments])
    text = subprocess.run([tool, "recover", "--help"], capture_output=True, text=True).stdout
    options = dict(re.findall(r"(?m)^ +(--[a-z-]+)(?: (<[a-z-]+>))?", text))
    words = iter(arguments[1:])
    for word in words:
        if not word.startswith("--"):
            if not re.fullmatch(r"(orgs/[\w.-]+|repos/[\w.-]+/[\w.-]+)/hooks/\d+|app/hook", word):
                refuse(f"{word} is no webhook")
        elif word not in options:
            refuse(f"there is no option {word}")
        elif options[word] and next(words, None) is None:
            refuse(f"{word} needs a value")
    if not os.environ.get("GITHUB_TOKEN"):
        refuse("GITHUB_TOKEN is not set")
    return 0


COMMANDS = {
    "aws": aws,
    "pointsman": pointsman,
    "deploy.sh": lambda arguments: script("deploy.sh", arguments),
    "package.sh": package,
    "make": make,
    "gh": gh,
    "git": git,
}

if __name__ == "__main__":
    sys.exit(COMMANDS[Path(sys.argv[0]).name](sys.argv[1:]))

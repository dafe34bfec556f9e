"""Pull requests: each has a pipeline of its own, from its opening to its closing."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from line import Line, read_body
from site_under_test import administration
from terminal import check, fact


def show(line: Line) -> None:
    payload = read_body("github-pull-request-opened")
    repository, number = payload["repository"]["full_name"], payload["number"]
    head = payload["pull_request"]["head"]
    template = line.site.pipeline("api", stages=stages(repository))
    name = f"{template}@{repository.replace('/', '@')}@{number}"
    codepipeline = administration().client("codepipeline")

    def pipeline() -> dict[str, Any] | None:
        try:
            return codepipeline.get_pipeline(name=name)
        except ClientError:
            return None

    with line.step("A pipeline that is a template, and the rule that names it"):
        target = {"Template": template, "SourceAction": "Source"}
        rule = {"Repository": repository, "Events": ["pull_request"], "Branches": ["master"]}
        # The saved events' times are not in the order in which they are sent here.
        line.rule("pr", {"PullRequestPipeline": target}, Order="every", **rule)

    with line.step(f"{repository}#{number} is opened, from the branch {head['ref']}"):
        outcomes = line.accepted("github-pull-request-opened")
        made = pipeline()
        check(outcomes["pr"][0] == "started" and made is not None, "its pipeline was made")
        source = made["pipeline"]["stages"][0]["actions"][0]["configuration"]
        fact("source", source)
        check(source["BranchName"] == head["ref"], "its source action is on the head's branch")
        arn = made["metadata"]["pipelineArn"]
        tags = codepipeline.list_tags_for_resource(resourceArn=arn)["tags"]
        for tag in tags:
            fact("tag", f"{tag['key']} = {tag['value']}")
        claim = {"key": "pointsman:pull-request", "value": f"{repository}#{number}"}
        check(claim in tags, "its tag says whose it is")
        check(len(line.aws.codepipeline.first_runs) == 1, "its creation is its first run")

    with line.step("A commit is pushed to it"):
        outcomes = line.accepted("github-pull-request-synchronize")
        (execution,) = line.site.started(name)
        check(outcomes["pr"][0] == "started", "its pipeline was started")
        check(execution.revision == head["sha"], f"on exactly that commit: {head['sha'][:12]}")

    with line.step("It is closed"):
        outcomes = line.accepted("github-pull-request-closed")
        check(outcomes["pr"][0] == "started" and pipeline() is None, "its pipeline is gone")

    with line.step("Somebody else has a pipeline of that name, and it is reopened"):
        line.site.pipeline(name.removeprefix(f"{line.site.name}-"))
        theirs = pipeline()
        outcomes = line.accepted("github-pull-request-reopened")
        check(outcomes["pr"][0] == "failed", "a pipeline without the tag is not touched")
        check(pipeline()["pipeline"] == theirs["pipeline"], "it is as it was")


def stages(repository: str) -> list[dict[str, Any]]:
    configuration = {
        "ConnectionArn": "arn:aws:codeconnections:eu-central-1:123456789012:connection/demo",
        "FullRepositoryId": repository,
        "BranchName": "master",
    }
    source = {"category": "Source", "owner": "AWS", "provider": "CodeStarSourceConnection"}
    build = {"category": "Build", "owner": "AWS", "provider": "CodeBuild"}
    return [
        {
            "name": name,
            "actions": [
                {"name": name, "actionTypeId": kind | {"version": "1"}, "configuration": settings}
            ],
        }
        for name, kind, settings in (
            ("Source", source, configuration),
            ("Build", build, {"ProjectName": "build"}),
        )
    ]

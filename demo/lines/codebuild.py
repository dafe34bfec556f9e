"""CodeBuild: builds in another account, of the pushed commit, by one session of its role."""

from __future__ import annotations

from line import Line, read_body
from local_aws import Fault
from terminal import check, fact

ROLE = "arn:aws:iam::210987654321:role/deployer"
EVENT = "github-push-services-api"


def show(line: Line) -> None:
    payload = read_body(EVENT)
    builds = line.aws.codebuild.builds
    repository = payload["repository"]["full_name"]

    with line.step("Three rules: two build in another account"):
        for name in ("test", "image", "docs"):
            target = {
                "Project": line.site.project(name, role=ROLE),
                "SourceVersion": "#{after}",
                "Environment": {"BRANCH": "#{branch}", "BY": "#{actor}"},
                "RoleArn": ROLE,
            }
            paths = ["docs/**"] if name == "docs" else ["services/api/**"]
            line.rule(name, {"CodeBuild": target}, Repository=repository, Paths=paths)

    with line.step("GitHub posts a push, signed; the first answer of CodeBuild is lost"):
        line.aws.faults.plan(1, Fault.ANSWER_LOST, only="codebuild:StartBuild")
        outcomes = line.accepted(EVENT)
        for build in builds:
            fact("build", f"{build.build_id}  {build.source_version}  {build.environment}")
        check(outcomes["docs"][0] == "skipped", "the rule of docs was skipped")
        check(
            {outcomes[name] for name in ("test", "image")}
            == {("started", build.build_id) for build in builds},
            "the other two have started one build each",
        )
        starts = len(line.aws.seen("codebuild:StartBuild"))
        check((starts, len(builds)) == (3, 2), "three calls made two builds: they carry a token")
        check(
            {build.source_version for build in builds} == {payload["after"]},
            "both build exactly the commit that was pushed",
        )
        check(len(line.aws.seen("sts:AssumeRole")) == 1, "the role was assumed once")
        accounts = {build.caller.account for build in builds}
        check(accounts == {"210987654321"}, "both run in the other account")

    with line.step("GitHub redelivers it"):
        outcomes = line.accepted(EVENT)
        check(outcomes["test"][0] == outcomes["image"][0] == "already-started", "already started")
        check(len(builds) == 2, "nothing was built")

"""Statuses: what a pull request's commit shows of each rule, of those that were skipped too."""

from __future__ import annotations

import github
from line import Line
from local_aws.codepipeline import FailedAction
from reporting import ROOT, Reporting
from terminal import DIM, GREEN, RED, YELLOW, check, fact, paint

COLOURS = {"pending": YELLOW, "success": GREEN, "failure": RED, "error": RED}
RULES = {"api": "services/api/**", "web": "services/*/*.go", "docs": "docs/**"}
HEAD = github.AFTER


def show(line: Line) -> None:
    reporting = line.cleanup.enter_context(Reporting(line.site, line.folder))
    reporting.commit(ROOT, None, "README.md")
    reporting.commit(github.BEFORE, ROOT, "lib/a.go")
    reporting.commit(HEAD, github.BEFORE, "services/api/main.go")
    reporting.pull_request(7, github.BEFORE, HEAD)
    pipelines = {name: line.site.pipeline(name) for name in RULES}

    def page() -> dict[str, str]:
        """Shows the commit's page in GitHub; the state of each context."""
        for name, status in sorted(reporting.api.statuses.of(HEAD).items()):
            state = paint(f"{status.state:<8}", COLOURS[status.state])
            fact("status", f"{name:<8}  {state}  {status.description}")
            if status.target_url:
                fact("", status.target_url, DIM)
        return reporting.states(HEAD)

    with line.step("Three rules with a status, and a token for GitHub"):
        fact("GitHub", reporting.api.url)
        for name, path in RULES.items():
            line.rule(
                name,
                {"CodePipeline": {"Name": pipelines[name], "SourceAction": "Source"}},
                Events=["pull_request"],
                Paths=[path],
                Status=f"ci/{name}",
            )

    with line.step("A pull request is opened: two rules start, one is skipped"):
        outcomes = line.show(reporting.decide(github.pull_request()))
        started = {name for name, (outcome, _) in outcomes.items() if outcome == "started"}
        check(started == {"api", "web"}, "two pipelines are started, one is skipped")
        reporting.tell_all()
        states = page()
        check(states["ci/api"] == states["ci/web"] == "pending", "what runs is pending")
        check(states["ci/docs"] == "success", "what was skipped does not hold the pull request up")

    with line.step(
        "One pipeline succeeds, the other fails; AWS tells of it twice, last things first"
    ):
        runs = {run.pipeline: run for run in line.site.started()}
        failed = FailedAction("Build", "Test", "JobFailed", "exit status 2")
        line.aws.codepipeline.change(runs[pipelines["api"]], "SUCCEEDED")
        line.aws.codepipeline.change(runs[pipelines["web"]], "FAILED", failed)
        events = line.aws.state_changes.take()[::-1]
        reporting.tell_all(events * 2)
        states = page()
        check(states["ci/api"] == "success", "the one has passed")
        check(states["ci/web"] == "failure", "the other has not, and says which action")
        check(len(reporting.api.statuses.all()) == 5, "no status was set twice")

    with line.step("A pipeline runs that Pointsman has not started"):
        line.aws.client("codepipeline").start_pipeline_execution(name=pipelines["docs"])
        reporting.tell_all()
        check(reporting.states(HEAD) == states, "it changes nothing")
        check(not reporting.api.violations, "GitHub was asked for nothing that it does not know")

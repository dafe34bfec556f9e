"""CodeCommit: what a push has changed is found by comparison, and starts its pipeline."""

from __future__ import annotations

import codecommit
from line import Line
from terminal import check, fact

REPOSITORY = "shop"
MAIN = "refs/heads/main"


def show(line: Line) -> None:
    pipelines = {name: line.site.pipeline(name) for name in ("api", "web")}
    git = line.aws.codecommit.create(REPOSITORY)
    root = git.commit({"api/main.go": "1", "web/index.html": "1"})
    git.push(root)

    def commit(parent: str, *paths: str) -> str:
        made = git.commit({path: parent for path in paths}, parent)
        git.push(made)
        fact("commit", f"{made[:12]} on {MAIN}: {', '.join(paths)}")
        return made

    def started() -> list[tuple[str, str | None]]:
        return [(each.pipeline, each.revision) for each in line.site.started()]

    with line.step("Two rules, and the button “Test trigger”"):
        for name, pipeline in pipelines.items():
            target = {"CodePipeline": {"Name": pipeline, "SourceAction": "Source"}}
            line.rule(
                name, target, Source="codecommit", Repository=REPOSITORY, Paths=[f"{name}/**"]
            )
        test = codecommit.trigger(REPOSITORY, (MAIN, root), name="TriggerEventTest")
        (outcomes,) = line.invoke(test)
        check({what for what, _ in outcomes.values()} == {"depends-on-paths"}, "both rules work")
        check(started() == [], "the test starts nothing")

    with line.step("A trigger tells of a first push: compared with the commit's parent"):
        first = commit(root, "api/main.go")
        event = codecommit.trigger(REPOSITORY, (MAIN, first), second=1)
        (outcomes,) = line.invoke(event)
        fact("compared", line.records[-1]["change"]["comparedWith"])
        check(outcomes["api"][0] == "started", "the rule of api started its pipeline")
        check(outcomes["web"][0] == "skipped", "that of web was skipped")
        check(started() == [(pipelines["api"], first)], "on exactly the commit that was pushed")

    with line.step("Two commits in one push: compared with the last commit evaluated"):
        second = commit(commit(first, "web/index.html"), "docs/a.md")
        (outcomes,) = line.invoke(codecommit.trigger(REPOSITORY, (MAIN, second), second=2))
        fact("compared", line.records[-1]["change"]["comparedWith"])
        check(outcomes["web"][0] == "started", "the rule of web started: both commits count")
        check(started()[1:] == [(pipelines["web"], second)], "on the commit that was pushed last")

    with line.step("EventBridge tells of the next, with the commit before it"):
        third = commit(second, "api/main.go", "web/index.html")
        change = {"event": "referenceUpdated", "referenceFullName": MAIN, "commitId": third}
        state = codecommit.state_change(REPOSITORY, "Repository", 3, **change, oldCommitId=second)
        (outcomes,) = line.invoke(state)
        fact("compared", line.records[-1]["change"]["comparedWith"])
        check({what for what, _ in outcomes.values()} == {"started"}, "both have started")

    with line.step("AWS delivers the first event a second time"):
        (outcomes,) = line.invoke(event)
        check(outcomes["api"][0] == "already-started", "it was started already")
        check(len(started()) == 4, "no pipeline was started twice")

"""Docker Hub: an image whose tag a rule names starts a pipeline; the route is a secret."""

from __future__ import annotations

from line import Line
from terminal import check, fact

IMAGE = "acme/web"


def show(line: Line) -> None:
    pipeline = line.site.pipeline("deploy", variables=[{"name": "Image"}])
    target = {"CodePipeline": {"Name": pipeline, "Variables": {"Image": "#{image}"}}}
    image = {"Source": "dockerhub", "Repository": IMAGE}

    with line.step("Two rules about the tags of an image"):
        line.rule("releases", target, **image, Tags=["[0-9]*.[0-9]*.[0-9]*"])
        line.rule("nightly", target, **image, Tags=["nightly*"])

    with line.step("Docker Hub posts that a tag was pushed"):
        outcomes = line.accepted("dockerhub-push")
        check(outcomes["releases"][0] == "started", "the rule of releases started its pipeline")
        check(outcomes["nightly"][0] == "skipped", "that of nightly was skipped")
        (execution,) = line.site.started()
        fact("execution", f"{execution.pipeline} {execution.execution_id}")
        check(execution.variables == {"Image": f"{IMAGE}:0.1.7"}, "the pipeline knows the image")

    with line.step("The same once more"):
        outcomes = line.accepted("dockerhub-push")
        check(outcomes["releases"][0] == "already-started", "it was started already")
        check(len(line.site.started()) == 1, "no pipeline was started")

    with line.step("Somebody guesses the route"):
        status, answer = line.post("dockerhub-push", path="/dockerhub/guessed")
        check((status, answer["outcome"]) == (401, "unauthorized"), "the webhook refuses it: 401")
        check(len(line.site.handed_over()) == 2, "nothing was decided")

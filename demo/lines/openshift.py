"""OpenShift: a BuildConfig's webhook builds the pushed commit, and says when it does not."""

from __future__ import annotations

from certificates import Authority
from clusters import OpenShift
from line import Line, read_body
from terminal import check, fact

EVENT = "github-push-services-api"


def show(line: Line) -> None:
    payload = read_body(EVENT)
    authority = Authority(line.folder, "authority")
    server = line.cleanup.enter_context(OpenShift(authority.context()))
    repository = payload["repository"]["full_name"]

    def rule(name: str, url: str) -> None:
        secret = line.site.secrets.create_secret(Name=f"{line.site.name}-{name}", SecretString=url)
        target = {"UrlSecretArn": secret["ARN"], "CABundle": authority.bundle.read_text()}
        line.rule(name, {"OpenShiftBuild": target}, Repository=repository)

    with line.step("A rule whose secret is a webhook's whole URL, and one with a wrong one"):
        fact("server", f"{server.origin}  the BuildConfig web builds {server.ref}")
        rule("web", server.url())
        rule("wrong", server.url(secret="guessed"))

    with line.step("GitHub posts a push, signed"):
        outcomes = line.accepted(EVENT)
        (build,) = server.builds
        fact("build", f"web-1  {build['ref']}  {build['commit']}")
        check(outcomes["web"] == ("started", "web-1"), "the server has made a build")
        check(build["commit"] == payload["after"], "of exactly the commit that was pushed")
        check(outcomes["wrong"][0] == "failed", "the wrong URL was refused")
        check(server.url() not in line.evaluate.log, "no log has the URL")

    with line.step("GitHub redelivers it"):
        outcomes = line.accepted(EVENT)
        check(outcomes["web"] == ("already-started", "web-1"), "it was started already")
        check(len(server.builds) == 1, "nothing was built")

    with line.step("The BuildConfig builds another branch: the server says 200, and skips"):
        server.ref = "release"
        outcomes = line.accepted("github-push-services-web")
        check(outcomes["web"][0] == "skipped", "the record says skipped, and why")
        check(len(server.builds) == 1, "nothing was built")

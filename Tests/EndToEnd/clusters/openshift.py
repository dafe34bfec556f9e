"""A BuildConfig's generic webhook.

What is answered when follows openshift/openshift-apiserver, pkg/build/apiserver: `webhook.go` of
registry/buildconfig, and generic.go and webhook.go of webhook.
"""

from __future__ import annotations

import json
import ssl
from typing import Any

from local_aws.http_server import Connection, HTTPServer, Request, Response

WEBHOOKS = "/apis/build.openshift.io/v1/namespaces/shop/buildconfigs"


class OpenShift:
    """One BuildConfig, `web`, of a git source."""

    def __init__(self, tls: ssl.SSLContext, ref: str = "main", secret: str = "hook/secret"):
        self.ref = ref
        self.secret = secret
        self.builds: list[dict[str, Any]] = []
        """The revision of each build that was started; empty where it was not told."""
        self.requests: list[Request] = []
        self.lose_answers = 0
        """How many answers are yet to be lost after the build was started."""
        self._server = HTTPServer(self._answer, tls=tls)

    def __enter__(self) -> OpenShift:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    @property
    def origin(self) -> str:
        return self._server.url

    def url(self, name: str = "web", secret: str | None = None) -> str:
        secret = (secret or self.secret).replace("/", "%2F")
        return f"{self.origin}{WEBHOOKS}/{name}/webhooks/{secret}/generic"

    def _answer(self, request: Request, connection: Connection) -> Response | None:
        self.requests.append(request)
        body = self._perform(request)
        if self.lose_answers and self.builds:
            self.lose_answers -= 1
            connection.reset()
            return None
        status = next((each["code"] for each in body if each["kind"] == "Status"), 200)
        text = "".join(json.dumps(each) + "\n" for each in body)
        return Response(status, {"Content-Type": "application/json"}, text.encode())

    def _perform(self, request: Request) -> list[dict[str, Any]]:
        if request.method != "POST":
            return [status(405, "MethodNotAllowed", "only POST is supported")]
        if request.target != self.url().removeprefix(self.origin):
            message = 'the webhook "generic" for "web" did not accept your secret'
            return [status(401, "Unauthorized", message)]
        if request.header("Content-Type") not in ("application/json", "application/yaml"):
            return self._build(
                {}, "invalid Content-Type on payload, ignoring payload and continuing with build"
            )
        git = json.loads(request.body).get("git")
        if git is None:
            return self._build(
                {}, "no git information found in payload, ignoring and continuing with build"
            )
        unknown = set(git) - {"uri", "ref", "commit", "author", "committer", "message", "refs"}
        assert not unknown, unknown
        if git.get("ref", "").removeprefix("refs/heads/") != self.ref:
            message = (
                f'skipping build. Branch reference from "{git.get("ref", "")}" does not match '
                "configuration"
            )
            return [status(200, None, message)]
        return self._build(git)

    def _build(self, git: dict[str, Any], warning: str | None = None) -> list[dict[str, Any]]:
        self.builds.append(git)
        build = {
            "kind": "Build",
            "apiVersion": "build.openshift.io/v1",
            "metadata": {"name": f"web-{len(self.builds)}", "namespace": "shop"},
            "spec": {"revision": {"type": "Git", "git": {"commit": git.get("commit")}}},
        }
        return [build] + ([status(200, None, warning)] if warning else [])


def status(code: int, reason: str | None, message: str) -> dict[str, Any]:
    """A `Status`, as Kubernetes' API answers it."""
    found = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success" if code < 300 else "Failure",
        "message": message,
        "code": code,
    }
    return found | ({"reason": reason} if reason else {})

"""A Kubernetes API server as far as Deployments go, and the way in for the tests themselves.

Objects are held against Kubernetes' published schema; answers and their words are those of
k8s.io/apiserver. A real server can take its place: `real_cluster`.
"""

from __future__ import annotations

import copy
import json
import os
import re
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import kubernetes_validate

from local_aws.http_server import Connection, HTTPServer, Request, Response

from .openshift import status

VERSION = "1.34"
DEPLOYMENT = re.compile(r"/apis/apps/v1/namespaces/([^/]+)/deployments/([^/]+)")
DEPLOYMENTS = re.compile(r"/apis/apps/v1/namespaces/([^/]+)/deployments")


class Failure(Exception):
    """An answer that is a `Status`."""

    def __init__(self, code: int, reason: str, message: str):
        super().__init__(message)
        self.response = Response(
            code,
            {"Content-Type": "application/json"},
            json.dumps(status(code, reason, message)).encode(),
        )


class KubernetesServer:
    """Use as a context manager; tokens are checked by `accepts`."""

    def __init__(self, tls: ssl.SSLContext, accepts: Callable[[str], bool]):
        self.accepts = accepts
        self.lose_answer_of: str | None = None
        """The method of a request whose answer is to be lost, once."""
        self.requests: list[Request] = []
        self._lock = threading.Lock()
        self._deployments: dict[tuple[str, str], dict[str, Any]] = {}
        self._version = 100
        self._server = HTTPServer(self._answer, tls=tls)

    def __enter__(self) -> KubernetesServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        return self._server.url

    def _answer(self, request: Request, connection: Connection) -> Response | None:
        with self._lock:
            self.requests.append(request)
            try:
                code, body = self._perform(request)
                response = Response(
                    code, {"Content-Type": "application/json"}, json.dumps(body).encode()
                )
            except Failure as failure:
                response = failure.response
            if self.lose_answer_of == request.method:
                self.lose_answer_of = None
                connection.reset()
                return None
            return response

    def _perform(self, request: Request) -> tuple[int, dict[str, Any]]:
        token = (request.header("Authorization") or "").removeprefix("Bearer ")
        if not self.accepts(token):
            raise Failure(401, "Unauthorized", "Unauthorized")
        if request.method == "POST" and request.path == "/api/v1/namespaces":
            return 201, json.loads(request.body)
        if request.method == "DELETE" and request.path.startswith("/api/v1/namespaces/"):
            return 200, {}
        if request.method == "POST" and (match := DEPLOYMENTS.fullmatch(request.path)):
            made = json.loads(request.body)
            made["metadata"]["namespace"] = match[1]
            return 201, self._store(match[1], made, generation=1, manager="test")
        if not (match := DEPLOYMENT.fullmatch(request.path)):
            raise Failure(404, "NotFound", "the server could not find the requested resource")
        namespace, name = match.groups()
        found = self._deployments.get((namespace, name))
        if found is None:
            raise Failure(404, "NotFound", f'deployments.apps "{name}" not found')
        if request.method == "GET":
            return 200, found
        if request.method != "PATCH":
            raise Failure(405, "MethodNotAllowed", "the server does not allow this method")
        return 200, self._patch(request, namespace, found)

    def _patch(self, request: Request, namespace: str, found: dict[str, Any]) -> dict[str, Any]:
        kind, patch = request.header("Content-Type"), json.loads(request.body)
        if kind not in ("application/strategic-merge-patch+json", "application/merge-patch+json"):
            raise Failure(
                415,
                "UnsupportedMediaType",
                f"the body of the request was in an unknown format - {kind}",
            )
        wanted = patch.get("metadata", {}).get("resourceVersion")
        if wanted not in (None, found["metadata"]["resourceVersion"]):
            raise Failure(
                409,
                "Conflict",
                f'Operation cannot be fulfilled on deployments.apps "{found["metadata"]["name"]}": '
                "the object has been modified; please apply your changes to the latest version and "
                "try again",
            )
        merged = merge(found, patch, strategic=kind.startswith("application/strategic"))
        if merged == found:
            return found
        manager = parse_qs(request.query).get("fieldManager", ["unknown"])[0]
        generation = found["metadata"]["generation"] + (merged["spec"] != found["spec"])
        return self._store(namespace, merged, generation, manager)

    def _store(
        self, namespace: str, made: dict[str, Any], generation: int, manager: str
    ) -> dict[str, Any]:
        name = made["metadata"]["name"]
        for index, each in enumerate(made["spec"]["template"]["spec"]["containers"]):
            if not each.get("image"):
                place = f"spec.template.spec.containers[{index}].image"
                raise Failure(
                    422,
                    "Invalid",
                    f'Deployment.apps "{name}" is invalid: {place}: Required value',
                )
        try:
            kubernetes_validate.validate(made, VERSION, strict=True)
        except kubernetes_validate.ValidationError as error:
            raise Failure(400, "BadRequest", f"strict decoding error: {error.message}") from None
        self._version += 1
        made["metadata"] |= {"resourceVersion": str(self._version), "generation": generation}
        managers = made["metadata"].setdefault("managedFields", [])
        if all(each["manager"] != manager for each in managers):
            managers.append(
                {
                    "manager": manager,
                    "operation": "Update",
                    "apiVersion": "apps/v1",
                    "fieldsType": "FieldsV1",
                    "fieldsV1": {},
                }
            )
        self._deployments[namespace, name] = made
        return made


def merge(into: dict[str, Any], patch: dict[str, Any], strategic: bool) -> dict[str, Any]:
    """Merges as RFC 7396 has it, but for containers, which a strategic merge tells by name."""
    merged = copy.deepcopy(into)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = merge(merged.get(key) or {}, value, strategic)
        elif strategic and key == "containers":
            for each in value:
                known = next((c for c in merged[key] if c["name"] == each["name"]), None)
                if known is None:
                    merged[key].append(each)
                else:
                    known.update(each)
        else:
            merged[key] = value
    return merged


class Cluster:
    """What the tests themselves do at an API server: a namespace with a Deployment, `web`."""

    def __init__(self, url: str, token: str, authority: Path, namespace: str):
        self.url, self.token, self.authority, self.namespace = url, token, authority, namespace
        body = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": namespace},
        }
        self.request("POST", "/api/v1/namespaces", body)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.request("DELETE", f"/api/v1/namespaces/{self.namespace}")

    def deploy(self, **images: str) -> None:
        """Makes the Deployment, with a container for each image."""
        containers = [{"name": name, "image": image} for name, image in images.items()]
        labels = {"app": "web"}
        body = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
            },
        }
        self.request("POST", f"/apis/apps/v1/namespaces/{self.namespace}/deployments", body)

    def secret(self, token: str | None = None, server: str | None = None, **members: Any) -> str:
        """The value of a secret that may go to this API server."""
        value = {"server": server or self.url, "token": token or self.token}
        return json.dumps(value | members)

    def token_for(self, *verbs: str) -> str:
        """A token that may do just that to the Deployments of the namespace."""
        account, group = "deployer", "rbac.authorization.k8s.io"
        core = f"/api/v1/namespaces/{self.namespace}/serviceaccounts"
        roles = f"/apis/{group}/v1/namespaces/{self.namespace}"
        metadata = {"metadata": {"name": account}}
        rule = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": list(verbs)}
        subject = {"kind": "ServiceAccount", "name": account, "namespace": self.namespace}
        role = {"apiGroup": group, "kind": "Role", "name": account}
        self.request("POST", core, metadata)
        self.request("POST", f"{roles}/roles", metadata | {"rules": [rule]})
        binding = metadata | {"subjects": [subject], "roleRef": role}
        self.request("POST", f"{roles}/rolebindings", binding)
        answer = self.request("POST", f"{core}/{account}/token", {"spec": {}})
        return answer["status"]["token"]

    def deployment(self) -> dict[str, Any]:
        return self.request("GET", f"/apis/apps/v1/namespaces/{self.namespace}/deployments/web")

    def images(self) -> dict[str, str]:
        containers = self.deployment()["spec"]["template"]["spec"]["containers"]
        return {each["name"]: each["image"] for each in containers}

    def request(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "Connection": "close",
            },
        )
        context = ssl.create_default_context(cafile=self.authority)
        with urllib.request.urlopen(request, context=context) as answer:
            return json.load(answer)


def real_cluster() -> tuple[str, str, Path] | None:
    """URL, token and CA of the API server that the environment names."""
    names = ("SERVER", "TOKEN", "CA")
    found = [os.environ.get(f"POINTSMAN_KUBERNETES_{name}") for name in names]
    return (found[0], found[1], Path(found[2])) if all(found) else None

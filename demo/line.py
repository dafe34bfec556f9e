"""One line of the product on a local AWS: all that an event meets, and what is seen of it."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from local_aws import LocalAWS
from local_aws.lambda_function import Answer
from site_under_test import Site
from terminal import DIM, GREEN, RED, Steps, check, fact, paint, say

EVENTS = Path(__file__).resolve().parent.parent / "events"
DOCKERHUB_TOKEN = "0b6e1c9a5f27d348"  # noqa: S105 - that of the files in events/
COLOURS = {"started": GREEN, "already-started": GREEN, "failed": RED, "invalid": RED}
# Longer texts are cut where a rule is shown: certificates, ARNs.
LONGEST = 48

Outcomes = dict[str, tuple[str, str]]
"""Outcome and answer (or reason) by the rule's name."""


class Line:
    """An installation: its bucket with rules, and both functions as processes of their own."""

    def __init__(self, name: str, bootstrap: Path, folder: Path, cleanup: ExitStack):
        self.steps = Steps()
        self.step = self.steps.step
        self.folder = folder
        self.cleanup = cleanup
        self.aws = cleanup.enter_context(LocalAWS())
        self.site = Site(self.aws, bootstrap, name=f"demo-{name}")
        # The events are as old as their files.
        self.webhook = cleanup.enter_context(
            self.site.webhook(DOCKERHUB_TOKEN=DOCKERHUB_TOKEN, MAX_EVENT_AGE_DAYS="0")
        )
        self.evaluate = cleanup.enter_context(self.site.evaluate())
        self.records: list[dict[str, Any]] = []
        """What `evaluate` returned for each change so far."""

    # What is set up.

    def rule(self, name: str, target: dict[str, Any], **properties: Any) -> str:
        """Puts a rule where it belongs, shows it, and returns its key."""
        place = {"source": properties.get("Source", "github")}
        if "Repository" in properties:
            place["repository"] = properties["Repository"]
        key = self.site.put_rule(name, target, **place, **properties)
        (kind, details), *_ = target.items()
        fact("rule", f"{name}  {shown(properties)}")
        fact("", f"→ {kind} {shown(details)}")
        fact("", f"s3://{self.site.name}/{key}", DIM)
        return key

    # What is done.

    def post(self, name: str, **changed: str) -> tuple[int, dict[str, Any]]:
        """Posts an event of `events/` as its provider does, with other members than its own
        where `changed` has them; what it is answered.
        """
        request = read_request(name) | changed
        event = {
            "version": "2.0",
            "rawPath": request["path"],
            "headers": {name.lower(): value for name, value in request["headers"].items()},
            "requestContext": {"http": {"method": "POST", "path": request["path"]}},
            "body": request["body"],
            "isBase64Encoded": False,
        }
        fact("sent", f"POST {request['path']}, {len(request['body'].encode()):,} bytes")
        answer = self.webhook.invoke(event)
        status, body = answer.json["statusCode"], json.loads(answer.json["body"])
        fact("answer", f"{status} {json.dumps(body)}")
        return status, body

    def accepted(self, name: str, **changed: str) -> Outcomes:
        """Posts an event that is to be accepted, and has its one change evaluated."""
        before = len(self.site.handed_over())
        status, _ = self.post(name, **changed)
        check(status == 202, "the webhook accepts it: 202")
        (outcomes,) = self.evaluated(before)
        return outcomes

    def invoke(self, event: dict[str, Any]) -> list[Outcomes]:
        """Invokes the webhook as AWS does with an event of its own; the changes' outcomes."""
        before = len(self.site.handed_over())
        succeeded(self.webhook.invoke(event))
        return self.evaluated(before)

    def evaluated(self, before: int) -> list[Outcomes]:
        """Hands over what the webhook has since then, and shows what was decided."""
        found = []
        for payload in self.site.handed_over()[before:]:
            record = succeeded(self.evaluate.invoke(payload)).json
            self.records.append(record)
            found.append(self.show(record))
            delivery = (record.get("change") or record["test"])["delivery"]
            kept = [key for key in self.site.keys("decisions") if f"/{delivery}." in key]
            check(len(kept) == 1, f"its record is kept: s3://{self.site.name}/{kept[0]}")
        return found

    def show(self, record: dict[str, Any]) -> Outcomes:
        """Shows what was decided about one change."""
        outcomes = {}
        for rule in record["rules"]:
            name = rule["rule"].rsplit("/", 1)[-1].removesuffix(".json")
            what = rule.get("outcome") or rule["prospect"]
            fact("decision", f"{name}  {paint(what, COLOURS.get(what, DIM))}  {rule['reason']}")
            if "answer" in rule:
                fact("", rule["answer"], COLOURS.get(what, DIM))
            outcomes[name] = (what, rule.get("answer", rule["reason"]))
        return outcomes

    def show_logs(self) -> None:
        """What may tell why it went wrong."""
        for name, function in (("webhook", self.webhook), ("evaluate", self.evaluate)):
            say(f"--- log of {name}", DIM)
            say("\n".join(function.log.splitlines()[-20:]))
        for call in self.aws.calls.refused():
            say(f"refused by the local AWS: {call.name}: {call.error}", RED)


def succeeded(answer: Answer) -> Answer:
    if answer.failed:
        raise RuntimeError(answer.body.decode())
    return answer


def shown(value: Any) -> str:
    """JSON in one line, long texts cut."""

    def cut(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: cut(each) for name, each in value.items()}
        if isinstance(value, str) and len(value) > LONGEST:
            return value.split("\n")[0][: LONGEST - 1] + "…"
        return value

    return json.dumps(cut(value), ensure_ascii=False)


def read_request(name: str) -> dict[str, Any]:
    """An event of `events/`: method, path, headers and body."""
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def read_body(name: str) -> dict[str, Any]:
    """The payload of an event of `events/`."""
    return json.loads(read_request(name)["body"])

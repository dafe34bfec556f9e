"""What template.yaml has, with each Fn::ForEach over a list of words written out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from page import ROOT


class _Loader(yaml.SafeLoader):
    """Takes CloudFormation's short forms as what stands behind them."""


def _plain(loader: _Loader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _plain)


def _written_out(part: dict[str, Any]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name, value in part.items():
        if not name.startswith("Fn::ForEach::"):
            written[name] = value
            continue
        variable, words, body = value
        for word in words:
            written |= _written_out(json.loads(json.dumps(body).replace(f"${{{variable}}}", word)))
    return written


TEMPLATE = {
    name: _written_out(part) if isinstance(part, dict) else part
    for name, part in yaml.load((ROOT / "template.yaml").read_text(), _Loader).items()
}
PARAMETERS: dict[str, dict[str, Any]] = TEMPLATE["Parameters"]
ALARMS = [
    name
    for name, resource in TEMPLATE["Resources"].items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
]
ALWAYS = [name for name in ALARMS if "Condition" not in TEMPLATE["Resources"][name]]
"""The alarms of a stack in which nothing is enabled."""
EXPORTS = [
    output["Export"]["Name"] for output in TEMPLATE["Outputs"].values() if "Export" in output
]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from _objects(member)
    elif isinstance(value, list):
        for member in value:
            yield from _objects(member)


def own_metrics() -> set[str]:
    """The metrics of Pointsman's own that alarms and the dashboard show."""
    names: set[str] = set()
    for value in _objects(TEMPLATE):
        if value.get("Namespace") == "Pointsman":
            names |= {value[key] for key in ("MetricName", "Metric") if key in value}
    body = json.dumps(TEMPLATE["Resources"]["Observation"])
    return names | set(re.findall(r'\[\\"Pointsman\\",\\"(\w+)\\"', body))

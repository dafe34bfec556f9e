"""`check --format sarif`: what it prints is SARIF 2.1.0.

`sarif-report.schema.json` is written from the specification and closed over what is printed. Where
`POINTSMAN_SARIF_SCHEMA` names the file of the schema that OASIS publishes, that is asked too.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for

from tool import Tool

INPUT = Path(__file__).resolve().parents[1] / "PointsmanTests/Golden/check/input"
INVALID = '{"Repository": "acme/app", "Target": {}}'
VALID = '{"Repository": "acme/app", "Target": {"CodePipeline": {"Name": "p"}}}'


def validator(file: Path) -> Validator:
    schema = json.loads(file.read_text())
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


@pytest.fixture(scope="session")
def own() -> Validator:
    return validator(Path(__file__).with_name("sarif-report.schema.json"))


@pytest.fixture(scope="session")
def published() -> Validator:
    """The schema of OASIS, which is not ours to ship."""
    if not (file := os.environ.get("POINTSMAN_SARIF_SCHEMA")):
        pytest.skip("POINTSMAN_SARIF_SCHEMA names no file with the published schema")
    return validator(Path(file))


def report(tool: Tool, *files: object, text: str = "") -> dict[str, Any]:
    ended = tool.run("check", "--format", "sarif", *files, text=text)
    assert ended.status in (0, 1), ended
    return json.loads(ended.output)


def reports(tool: Tool, folder: Path) -> Iterator[dict[str, Any]]:
    """Every kind of place that a finding can be in, and none at all."""
    yield report(tool, INPUT)
    yield report(tool, os.path.relpath(INPUT))
    yield report(tool, "-", text=INVALID)
    yield report(tool, "-", text=VALID)
    yield report(tool, "-", text="{")
    for name in "a:b.json", "a b#c?d%20.json", "ä/サ.json", '[a]{b}^|`"\\.json':
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(INVALID)
    yield report(tool, folder)
    yield report(tool, os.path.relpath(folder))


@pytest.fixture
def golden(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(INPUT)
    return report(tool, ".")


def test_every_report_is_as_the_specification_has_it(
    tool: Tool, own: Validator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules").mkdir()
    for found in reports(tool, tmp_path / "rules"):
        own.validate(found)
        [run] = found["runs"]
        ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert len(set(ids)) == len(ids)
        for result in run["results"]:
            # What no schema can say: sections 3.27.6, 3.30.7 and 3.30.8.
            assert ids[result["ruleIndex"]] == result["ruleId"]
            region = result["locations"][0]["physicalLocation"]["region"]
            start = region["startLine"], region["startColumn"]
            assert start <= (region["endLine"], region["endColumn"])


def test_the_published_schema_says_so_too(
    tool: Tool, published: Validator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules").mkdir()
    for found in reports(tool, tmp_path / "rules"):
        published.validate(found)


def test_the_files_are_named_relative_to_where_it_was_run(golden: dict[str, Any]):
    locations = [result["locations"][0] for result in golden["runs"][0]["results"]]
    uris = {location["physicalLocation"]["artifactLocation"]["uri"] for location in locations}
    assert {"template.yaml", "rules/github/acme/app/odd.json"} <= uris


RESULT = ("runs", 0, "results", 0)
PLACE = (*RESULT, "locations", 0, "physicalLocation")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("version",), "2.0.0"),
        (("$schema",), "sarif"),
        (("runs",), []),
        (("runs", 0, "columnKind"), "bytes"),
        (("runs", 0, "tool", "driver", "version"), "1.0"),
        (("runs", 0, "tool", "driver", "semanticVersion"), "1.0.0+main"),
        (("runs", 0, "tool", "driver", "rules", 0, "id"), "Not a rule"),
        (("runs", 0, "tool", "driver", "rules", 0, "defaultConfiguration", "level"), "fatal"),
        ((*RESULT, "level"), "info"),
        ((*RESULT, "ruleIndex"), -1),
        ((*RESULT, "ruleIndex"), "3"),
        ((*RESULT, "locations"), []),
        ((*RESULT, "message", "text"), ""),
        ((*PLACE, "region", "startLine"), 0),
        ((*PLACE, "region", "endColumn"), 1.5),
        ((*PLACE, "artifactLocation", "uri"), "a b.json"),
        ((*PLACE, "artifactLocation", "uri"), "a:b.json"),
        ((*PLACE, "artifactLocation", "uri"), "100%.json"),
        ((*PLACE, "artifactLocation", "uri"), "サ.json"),
    ],
)
def test_a_value_that_is_wrong_is_noticed(
    golden: dict[str, Any], own: Validator, place: tuple[str | int, ...], value: object
):
    holder: Any = golden
    for step in place[:-1]:
        holder = holder[step]
    assert holder[place[-1]] != value
    holder[place[-1]] = value
    with pytest.raises(ValidationError):
        own.validate(golden)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in it, itself included."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from objects(member)


def test_a_property_too_many_or_too_few_is_noticed_in_every_object(
    golden: dict[str, Any], own: Validator
):
    run = golden["runs"][0]
    driver = run["tool"]["driver"]
    driver["rules"], run["results"] = driver["rules"][:1], run["results"][:1]
    own.validate(golden)
    for index, found in enumerate(objects(golden)):
        for name in [*found, "unheardOf"]:
            broken = copy.deepcopy(golden)
            members = list(objects(broken))[index]
            if name in members:
                del members[name]
            else:
                members[name] = {}
            assert not own.is_valid(broken), f"{name} of {found}"

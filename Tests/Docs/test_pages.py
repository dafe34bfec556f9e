"""What has to be on the pages, held against the sources, the template and the tool."""

from __future__ import annotations

import json
import math
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from page import COMMANDS, PAGES, README, ROOT, Page, page
from stack import ALARMS, ALWAYS, EXPORTS, PARAMETERS, own_metrics

MORE_PAGES = [
    Page(ROOT / name) for name in ("SECURITY.md", "examples/README.md", "events/README.md")
]
"""Pages that others link to, and that link to others."""


@cache
def findings(tool: Path, rule: str) -> list[dict]:
    """What `check` says of a rule."""
    ended = subprocess.run(
        [tool, "check", "-", "--json"], input=rule, capture_output=True, text=True, timeout=60
    )
    assert ended.stdout, ended
    return json.loads(ended.stdout)["findings"]


def expected_names(tool: Path, rule: dict, property: str) -> list[str]:
    """The names that would be known in the place of one that is not."""
    said = [
        finding["message"]
        for finding in findings(tool, json.dumps(rule))
        if finding["property"] == property
    ]
    (message,) = said
    found = re.search(r"expected (?:one of )?(.*)", message)
    assert found
    return re.split(r", | or ", found[1])


# Every page.


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_begins_with_what_it_is_for(page: Page):
    first = "Pointsman starts " if page == README else "This page is "
    assert re.match(rf"# [^\n]+\n\n{first}", page.text)


@pytest.mark.parametrize("page", PAGES + MORE_PAGES, ids=str)
def test_a_link_leads_somewhere(page: Page):
    for link in page.links:
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = Page((page.path.parent / path).resolve()) if path else page
        assert target.path.exists(), link
        if anchor:
            assert anchor in [heading.anchor for heading in target.headings], link


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_is_found_from_another(page: Page):
    links = {
        (other.path.parent / link.partition("#")[0]).resolve()
        for other in PAGES
        if other != page
        for link in other.links
    }
    assert page.path in links or page == README


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_headings_of_a_page_have_anchors_of_their_own(page: Page):
    anchors = [heading.anchor for heading in page.headings]
    assert len(anchors) == len(set(anchors))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_command_stands_in_a_block_that_is_run(page: Page):
    """No command hides in an indented block or in one of another language."""
    command = re.compile(
        r"^ *(\$ )?(pointsman [a-z]+ |aws [a-z0-9]+ [a-z]|\./deploy\.sh|make [a-z])"
    )
    for number, line in enumerate(page.prose.split("\n"), 1):
        if line.startswith("    "):
            assert not command.match(line), f"{page}:{number}"
    for block in page.blocks:
        assert block.language, f"{block}: a block says its language"
        if block.language not in COMMANDS:
            assert not any(command.match(line) for line in block.text.split("\n")), block


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_an_option_of_the_tool_that_a_page_names_is_there(page: Page, tool: Path):
    for found in re.finditer(r"`pointsman ([a-z]+)((?: [^`]*)?)`", page.prose):
        known = options(tool, found[1])
        for option in re.findall(r"--[a-z-]+", found[2]):
            assert option in known, found[0]


@cache
def options(tool: Path, command: str) -> set[str]:
    ended = subprocess.run([tool, command, "--help"], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, f"{command} is no command"
    return set(re.findall(r"--[a-z-]+", ended.stdout))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_file_that_a_page_shows_is_named(page: Page):
    """What stands behind a block's language is nowhere to be seen."""
    for block in page.blocks:
        assert not block.file or f"`{block.file}`" in page.prose, block


# One page each.


def test_the_readme_is_short():
    assert len(README.text.splitlines()) <= 130


def test_the_readme_shows_why_something_did_not_start():
    (session,) = (block for block in README.blocks if block.language == "console")
    assert any("skipped" in shown for _, shown in session.steps)


def test_each_alarm_has_a_section_and_each_section_an_alarm():
    section = page("operate").section("Alarms")
    assert len(ALARMS) > 10
    assert sorted(re.findall(r"(?m)^### (.+)$", section)) == sorted(ALARMS)


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_s_section_says_what_to_do(alarm: str):
    assert len(page("operate").section(alarm).split()) > 25


def test_each_type_of_error_is_described():
    sources = "".join(path.read_text() for path in (ROOT / "Sources").rglob("*.swift"))
    types = set(re.findall(r'"((?:Function|Runtime)\.[A-Z]\w+)"', sources)) - {"Function.Unknown"}
    assert len(types) > 8
    for name in types:
        assert f"`{name}`" in page("operate").section("Alarms"), name


def test_each_outcome_is_described():
    source = (ROOT / "Sources/Core/Records/DecisionRecord.swift").read_text()
    (cases,) = re.findall(r"enum Outcome: String, Equatable.*?\{\n(.*?)\n    \}", source, re.DOTALL)
    words = [
        written or re.sub(r"[A-Z]", lambda found: "-" + found[0].lower(), name)
        for name, written in re.findall(r'(?m)^ +case (\w+)(?: = "([a-z-]+)")?', cases)
    ]
    section = page("rules").section("Outcomes")
    assert re.findall(r"(?m)^\| `([a-z-]+)` \|", section) == words
    # That a pipeline was deleted has no word of its own.
    assert "| `started` | the target was started; for `PullRequestPipeline` also: " in section


def test_a_log_group_that_is_named_is_one_of_the_template(tool: Path):
    """A name that is not there is an error of AWS's to whoever types the command."""
    texts = [shown.text for shown in PAGES]
    texts.append(subprocess.run([tool, "why", "--help"], capture_output=True, text=True).stdout)
    template = (ROOT / "template.yaml").read_text()
    assert "- /aws/lambda/${AWS::StackName}/${Handler}\n" in template
    groups = set(re.findall(r"\bHandler: ([a-z]+)\b", template))
    assert len(groups) > 2
    for text in texts:
        for name in re.findall(r"logs (?:tail|filter-log-events)[^\n]* /aws/lambda/(\S+)", text):
            assert name.removeprefix("pointsman/") in groups, name


def test_each_metric_is_described():
    names = own_metrics()
    for function in "Evaluate", "Webhook", "Report", "Recover":
        source = (ROOT / f"Sources/Core/{function}/{function}Function.swift").read_text()
        names |= set(re.findall(r'\.init\("([A-Z][A-Za-z]+)"', source))
    assert len(names) == 17
    for name in names:
        assert f"`{name}`" in page("operate").section("Metrics"), name


def test_the_costs_add_up():
    for table in re.findall(r"(?ms)^\| (?:each month|for each).*?\n\n", page("operate").text):
        rows = [re.split(r" *\| *", row.strip("| ")) for row in table.strip().split("\n")[2:]]
        *parts, (_, _, total) = rows
        assert round(sum(float(amount) for _, _, amount in parts), 2) == float(total.strip("*"))
        for _, arithmetic, amount in parts:
            assert round(value(arithmetic), 2) == float(amount), arithmetic


def value(arithmetic: str) -> float:
    """What `100,000 × 0.6 s × 0.5 + 2 × 3` comes to, whatever the units."""
    total = 0.0
    for summand in arithmetic.replace(",", "").split("+"):
        total += math.prod(float(re.sub(r"[^\d.]", "", factor)) for factor in summand.split("×"))
    return total


def test_the_costs_count_what_the_template_has():
    cost = page("operate").section("Cost")
    assert f"| {len(ALWAYS)} × 0.10 |" in cost
    assert f"| {len(ALARMS) - len(ALWAYS)} × 0.10 |" in cost
    rows = re.findall(r"(?m)^\| `(\w+)` \| `(?:webhook|evaluate)` ", page("operate").text)
    assert f"| {len(rows) + 1} × 0.30 |" in cost  # and ApiThrottled
    optional = r"(?m)^\| `\w+` \| `(?:report` |recover` |evaluate`, with )"
    assert f"| {len(re.findall(optional, page('operate').text))} × 0.30 |" in cost


def test_each_export_is_described():
    text = page("deploy").section("Parameters")
    assert len(EXPORTS) > 6
    for name in EXPORTS:
        suffix = name.removeprefix("${AccountName}")
        assert f"{suffix}`" in text or suffix.removeprefix("-PipelineTrigger") + "`" in text, name


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_parameter_is_described_with_its_default(name: str):
    rows = page("deploy").section("Parameters").split("\n")
    (row,) = [row for row in rows if row.startswith("|") and f"`{name}`" in row.split("|")[1]]
    cell = row.rstrip("| ").rsplit("|", 1)[1].strip()
    default = PARAMETERS[name].get("Default")
    if default is None:
        assert cell == "required"
    elif default == "":
        assert cell in ("none", "all here")
    else:
        assert f"`{default}`" in cell


def test_each_option_of_deploy_is_described():
    script = subprocess.run([ROOT / "deploy.sh", "--help"], capture_output=True, text=True)
    options = re.findall(r"(?m)^  (?:-h, )?(--[a-z-]+)", script.stdout)
    assert len(options) > 8
    table = page("deploy").section("Before you start")
    for option in options:
        assert option == "--help" or f"`{option}" in table, option


NO_VARIABLES = {"COMMIT_ID", "IMAGE_DIGEST", "CODEBUILD_", "SECRETS_MANAGER"}
NO_VARIABLES |= {"IN_PROGRESS", "TIMED_OUT"}
"""Revisions' types, CodeBuild's own prefix, an SDK's id of a service, the states of builds."""


def variables() -> list[tuple[str, str]]:
    """What the sources name in the way of environment variables, and the page for each."""
    pages: dict[str, str] = {}
    for path in (ROOT / "Sources").rglob("*.swift"):
        is_tool = path.is_relative_to(ROOT / "Sources/pointsman")
        for name in re.findall(r'"(_?[A-Z][A-Z0-9]*_[A-Z0-9_]*)"', path.read_text()):
            if not is_tool or name not in pages:
                pages[name] = "command-line" if is_tool else "architecture"
    names = sorted(item for item in pages.items() if item[0] not in NO_VARIABLES)
    assert len(names) > 20
    return names


@pytest.mark.parametrize(("name", "where"), variables())
def test_each_environment_variable_is_described(name: str, where: str):
    rows = page("architecture").section("Environment variables")
    text = rows if where == "architecture" else page("command-line").text
    if name.startswith("AWS_ENDPOINT_URL_"):
        name = "AWS_ENDPOINT_URL_"
    assert f"`{name}" in text


def test_each_kind_of_finding_is_described():
    """`ReportTests.swift` knows all of them; here it is that none stands there in vain."""
    table = page("command-line").section("Findings")
    sources = "".join(path.read_text() for path in (ROOT / "Sources").rglob("*.swift"))
    for name in re.findall(r"(?m)^\| `([a-z-]+)` \|", table):
        assert f'"{name}"' in sources, name


# Rules and targets, by what the tool itself says is known.


TARGET = {"CodePipeline": {"Name": "api", "SourceAction": "Source"}}
BASE = {"Repository": "octo-org/monorepo", "Target": TARGET}


def test_each_property_of_a_rule_has_an_example(tool: Path):
    rules = page("rules")
    known = expected_names(tool, BASE | {"Unknown": 1}, "Unknown")
    assert len(known) > 15
    headings = re.findall(r"(?m)^### (.+)$", rules.section("Properties"))
    assert headings == known
    for name in known:
        (example,) = re.findall(r"(?s)```json\n(.*?)```", rules.section(name))
        rule = json.loads(example)
        assert name in rule
        assert findings(tool, json.dumps(BASE | rule)) == [], name
        assert f"(#{name.lower()})" in rules.section("Properties") or name.startswith("Exclude")


def test_clauses_stand_in_the_order_in_which_they_are_looked_at(tool: Path, tmp_path: Path):
    table = re.findall(r"(?m)^\| (`[^|]*) \|", page("rules").section("How a change is matched"))
    documented = re.findall(r"`(\w+)`", " ".join(table))
    globs = "Branches", "Tags", "Labels", "Actors", "Paths"
    rule = {name: ["*"] for name in globs} | {f"Exclude{name}": ["x"] for name in globs}
    rule |= {"PathExpressions": ["a"], "SkipMessages": ["x"], "WhenPathsUnknown": "skip"}
    rule |= {"Forks": "skip", "Drafts": "skip"}
    seen = set()
    for event in "push-services-api", "push-tag", "pull-request-opened":
        recorded = ROOT / f"events/github-{event}.json"
        payload = json.loads(json.loads(recorded.read_text())["body"])
        about = {"Repository": payload["repository"]["full_name"]}
        events = {"Events": ["push", "tag", "pull_request"]}
        (tmp_path / "all.json").write_text(json.dumps(BASE | rule | about | events))
        command = [tool, "explain", recorded, "--rules", tmp_path, "--rule", "all", "--json"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
        (change,) = json.loads(ended.stdout)["changes"]
        clauses = [clause["clause"] for clause in change["clauses"]]
        assert clauses == [name for name in documented if name in clauses]
        seen |= set(clauses)
    # Of a closed pull request, of a comment, a rule of the mono-repo trigger, one that is no good.
    others = {"Target", "Comment", "GitHubBranch", "ChangeMatchExpressions", "Rule"}
    assert set(documented) - seen == others


def test_each_target_has_a_section_with_all_its_properties(tool: Path):
    targets = page("targets")
    kinds = expected_names(tool, BASE | {"Target": {"Unknown": {}}}, "Target")
    # The name of the one that is not known comes first in that message.
    assert len(kinds) == 6
    for kind in kinds:
        section = targets.section(kind)
        known = expected_names(
            tool, BASE | {"Target": {kind: {"Unknown": 1}}}, f"Target.{kind}.Unknown"
        )
        table = " ".join(re.findall(r"(?m)^\| (`[^|]*) \|", section))
        for name in known:
            assert f"`{name}`" in table, f"{kind}.{name}"
        examples = [json.loads(text) for text in re.findall(r"(?s)```json\n(.*?)```", section)]
        assert examples, kind
        shown: set[str] = set()
        for example in examples:
            assert findings(tool, json.dumps(BASE | example)) == [], kind
            shown |= example["Target"][kind].keys()
        # Certificates are long.
        assert set(known) - shown <= {"CABundle"}, kind


def test_each_placeholder_is_described(tool: Path):
    unknown = {"Target": {"CodePipeline": {"Name": "a", "Variables": {"A": "#{unknown}"}}}}
    (finding,) = [
        finding
        for finding in findings(tool, json.dumps(BASE | unknown))
        if finding["id"] == "unknown-placeholder"
    ]
    names = re.findall(
        r"#\{(\w+)\}|\b(after|before|ref|branch|tag|actor|image)\b", finding["message"]
    )
    known = {one or other for one, other in names} - {"unknown"}
    assert len(known) > 6, finding
    for name in known:
        assert f"`#{{{name}}}`" in page("targets").section("Placeholders")


def test_examples_of_json_are_json():
    for shown in PAGES:
        for block in shown.blocks:
            if block.language == "json":
                json.loads(block.text)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_templates_are_what_check_takes(page: Page, tool: Path, tmp_path: Path):
    for block in page.blocks:
        if block.language == "yaml" and "Custom::" in block.text and block.file != "broken.yaml":
            file = tmp_path / "template.yaml"
            file.write_text(block.text)
            ended = subprocess.run(
                [tool, "check", "--strict", file], capture_output=True, text=True
            )
            assert ended.returncode == 0, f"{block}: {ended.stdout}"

#!/usr/bin/env python3
"""Writes the tool's man page from what the tool itself says of its commands.

pointsman --experimental-dump-help | scripts/man-page.py >pointsman.1
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any


def escaped(text: str) -> str:
    """Text as roff shows it: neither escapes nor requests, and hyphens as they are typed."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return re.sub(r"(?m)^\.", "\\&.", text)


def bold(text: str) -> str:
    return f"\\fB{escaped(text)}\\fR"


def spelling(name: dict[str, str]) -> str:
    return ("-" if name["kind"] == "short" else "--") + name["name"]


def label(argument: dict[str, Any]) -> str:
    """An argument as it is typed: `--since <time>`."""
    value = f"\\fI{escaped(argument['valueName'])}\\fR"
    if argument["kind"] == "positional":
        return value
    names = ", ".join(bold(spelling(name)) for name in argument["names"])
    return names if argument["kind"] == "flag" else f"{names} {value}"


def shown(command: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in command.get("arguments", []) if each["shouldDisplay"]]


def synopsis(command: dict[str, Any], name: str) -> str:
    parts = [bold(name)]
    for argument in shown(command):
        if argument["valueName"] in ("help", "version"):
            continue
        text = label(argument | {"names": argument.get("names", [])[-1:]})
        dots = " ..." if argument["isRepeating"] else ""
        parts.append(f"[{text}]{dots}" if argument["isOptional"] else text + dots)
    return " ".join(parts)


def discussion(text: str) -> Iterator[str]:
    """Paragraphs, and commands as they are typed: those are indented."""
    for paragraph in text.split("\n\n"):
        yield ".PP"
        is_command = False
        for line in paragraph.split("\n"):
            if line.startswith(" ") != is_command:
                is_command = not is_command
                yield ".RS 4\n.nf" if is_command else ".fi\n.RE"
            yield escaped(line.removeprefix("  "))
        if is_command:
            yield ".fi\n.RE"


def options(command: dict[str, Any]) -> Iterator[str]:
    for argument in shown(command):
        yield f".TP\n{label(argument)}"
        text = argument.get("abstract", "")
        if "defaultValue" in argument and argument["kind"] != "flag":
            text = f"{text} (default: {argument['defaultValue']})"
        yield escaped(text or argument["valueName"])


def page(command: dict[str, Any], version: str) -> Iterator[str]:
    name = command["commandName"]
    commands = [
        each
        for each in command["subcommands"]
        if each["shouldDisplay"] and each["commandName"] != "help"
    ]
    yield f'.TH {name.upper()} 1 "" "{escaped(version)}"'
    yield f".SH NAME\n{escaped(name)} \\- {escaped(command['abstract'].rstrip('.'))}"
    yield ".SH SYNOPSIS"
    for each in commands:
        yield synopsis(each, f"{name} {each['commandName']}")
        yield ".br"
    yield ".SH DESCRIPTION"
    yield from discussion(command.get("discussion", ""))
    for each in commands:
        yield f".SH {escaped(each['commandName'].upper())}\n{escaped(each['abstract'])}"
        yield from discussion(each.get("discussion", ""))
        yield from options(each)


def main() -> None:
    command = json.load(sys.stdin)["command"]
    version = sys.argv[1] if len(sys.argv) > 1 else ""
    print("\n".join(page(command, version)))


if __name__ == "__main__":
    main()

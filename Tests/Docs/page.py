"""A page of the documentation: its blocks, headings and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {"sh", "console"}
"""The languages of blocks that a reader types."""
NEEDS = re.compile(r"# Needs (an AWS account|GitHub|the sources and Swift)\.\n")
"""The first line of a block that no test can run as it stands."""
OWN_TERMINAL = "# In a terminal of its own:\n"
"""The first line of a block that goes on running."""


@dataclass(frozen=True)
class Block:
    """A fenced block: ```LANGUAGE FILE."""

    page: Page
    line: int
    language: str
    file: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def needs(self) -> str | None:
        """What it needs that no test has; none for one that is run as it stands."""
        found = NEEDS.match(self.text)
        return found[1] if found else None

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Of a session: each command and what is shown below it."""
        parts = re.split(r"(?m)^\$ ", self.text)
        assert parts[0] == "" and len(parts) > 1, f"{self}: no session begins with '$ '"
        steps = []
        for part in parts[1:]:
            command, _, shown = part.partition("\n")
            steps.append((command, shown.strip("\n")))
        return steps


@dataclass(frozen=True)
class Heading:
    level: int
    title: str
    anchor: str
    text: str
    """What stands below it, its own smaller headings included."""


@dataclass(frozen=True)
class Page:
    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def blocks(self) -> list[Block]:
        blocks = []
        for found in re.finditer(r"(?ms)^```(\w*)(?: (\S+))?\n(.*?)^```$", self.text):
            line = self.text.count("\n", 0, found.start()) + 1
            blocks.append(Block(self, line, found[1], found[2] or "", found[3]))
        assert len(blocks) * 2 == len(re.findall(r"(?m)^\s*```", self.text)), f"{self}: a fence"
        return blocks

    @cached_property
    def prose(self) -> str:
        """The text without its blocks, which keep their lines."""
        return re.sub(r"(?ms)^```.*?^```$", lambda found: "\n" * found[0].count("\n"), self.text)

    @cached_property
    def headings(self) -> list[Heading]:
        found = list(re.finditer(r"(?m)^(#+) (.+)$", self.prose))
        lines = self.text.split("\n")
        headings: list[Heading] = []
        taken: dict[str, int] = {}
        for index, heading in enumerate(found):
            start = self.prose.count("\n", 0, heading.start())
            end = len(lines)
            for later in found[index + 1 :]:
                if len(later[1]) <= len(heading[1]):
                    end = self.prose.count("\n", 0, later.start())
                    break
            anchor = anchor_of(heading[2])
            number = taken.get(anchor, 0)
            taken[anchor] = number + 1
            headings.append(
                Heading(
                    len(heading[1]),
                    heading[2],
                    f"{anchor}-{number}" if number else anchor,
                    "\n".join(lines[start + 1 : end]),
                )
            )
        return headings

    def section(self, title: str) -> str:
        """What stands below a heading."""
        texts = [heading.text for heading in self.headings if heading.title == title]
        assert texts, f"{self} has no heading {title!r}"
        return texts[0]

    @property
    def links(self) -> list[str]:
        return re.findall(r"!?\[[^]]*\]\(([^)\s]+)\)", self.prose)


def anchor_of(title: str) -> str:
    """The anchor that GitHub gives a heading."""
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title).lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


README = Page(ROOT / "README.md")
PAGES = [README, *(Page(path) for path in sorted((ROOT / "docs").glob("*.md")))]
"""What is written for readers."""


def page(name: str) -> Page:
    return Page(ROOT / "docs" / f"{name}.md")

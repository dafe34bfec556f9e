"""The report: sections of tables and plots, written as Markdown and SVG."""

import datetime
import pathlib
import platform
import subprocess

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

# Of the same figures the same bytes.
plt.rcParams["svg.hashsalt"] = "pointsman"
plt.rcParams["font.size"] = 9

HERE = pathlib.Path(__file__).resolve().parent

PREFACE = """\
Made by `make bench`, which runs all peers in one run on one machine, in turns, round by round. A
ratio is the median over the rounds of the peer's median to the first peer's; beside it stand the
lowest and the highest round. Compare machines by ratios, not by times."""


class Report:
    """What was measured so far; it is printed as it comes, and written at the end."""

    def __init__(self, folder, command):
        self.folder = folder
        self.lines = [
            "# Pointsman measured",
            "",
            PREFACE,
            "",
            f"    {command}",
            "",
            *machine(),
        ]

    def add(self, *lines):
        self.lines += lines
        print("\n".join(lines), flush=True)

    def section(self, title, text):
        self.add("", f"## {title}", "", text)

    def note(self, text):
        self.add("", text)

    def table(self, title, columns, rows):
        if title:
            self.add("", f"**{title}**")
        self.add("", "| " + " | ".join(columns) + " |")
        self.add("|---|" + "---:|" * (len(columns) - 1))
        for row in rows:
            self.add("| " + " | ".join(row) + " |")

    def bars(self, name, title, groups, logarithmic=True):
        """Horizontal bars, a panel for each group: label → value."""
        figure, panels = plt.subplots(
            1, len(groups), figsize=(4.2 * len(groups), 0.9 + 0.3 * max(map(len, groups.values())))
        )
        for panel, (group, values) in zip(
            panels if len(groups) > 1 else [panels], groups.items(), strict=True
        ):
            labels = list(values)
            bars = panel.barh(
                labels,
                [values[label] for label in labels],
                color=["#2f6fde" if label in OURS else "#b8bec9" for label in labels],
            )
            panel.bar_label(bars, fmt="%.3g", padding=3)
            panel.invert_yaxis()
            panel.set_title(group, fontsize=9)
            panel.margins(x=0.2)
            if logarithmic:
                panel.set_xscale("log")
                panel.set_xlim(right=max(values.values()) * 4)
            panel.spines[["top", "right"]].set_visible(False)
        figure.suptitle(title, fontsize=10)
        self.save(figure, name, title)

    def curves(self, name, title, x_label, y_label, series):
        """Lines over a logarithmic x: label → [(x, y)]."""
        figure, panel = plt.subplots(figsize=(7, 3.4))
        for label, points in series.items():
            panel.plot(*zip(*points, strict=True), marker="o", markersize=3, label=label)
        panel.set_xscale("log")
        panel.set_yscale("log")
        panel.set_xlabel(x_label)
        panel.set_ylabel(y_label)
        panel.legend(fontsize=7, frameon=False)
        panel.spines[["top", "right"]].set_visible(False)
        figure.suptitle(title, fontsize=10)
        self.save(figure, name, title)

    def save(self, figure, name, title):
        self.folder.mkdir(parents=True, exist_ok=True)
        figure.tight_layout()
        path = self.folder / f"{name}.svg"
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
        self.add("", f"![{title}]({path.relative_to(HERE)})")

    def write(self, path):
        path.write_text("\n".join(self.lines) + "\n")
        print(f"\nwritten: {path}")


# What is Pointsman's own stands out in a plot.
OURS = {"webhook", "echo", "Pointsman", "Pointsman, one root", "Pointsman, plain HTTP"}


def machine():
    """What the figures were measured on."""

    def said(*command):
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    fields = dict(
        line.split(":", 1)
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        if ":" in line
    )
    model = next((v.strip() for k, v in fields.items() if k.strip() == "model name"), "unknown")
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) // 2**20
    swift = next((s for s in said("swift", "--version").splitlines() if "Swift version" in s), "")
    commit = said("git", "-C", HERE, "rev-parse", "--short", "HEAD")
    return [
        f"- {datetime.date.today()}, commit {commit}",
        f"- {model}, {said('nproc')} cores, {memory} GB",
        f"- Linux {platform.release()}, {platform.machine()}; Python {platform.python_version()}",
        f"- {swift[swift.find('Swift version') :].strip()}",
    ]

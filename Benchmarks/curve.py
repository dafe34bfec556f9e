"""The report's part about rules: what reading, preparing and deciding them costs."""

import re
import subprocess


def run(report, program):
    printed = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    report.section(
        "Rules × paths",
        "Deciding rules of one repository about a push of 3,000 changed paths.\n"
        "Milliseconds of CPU time, the best of 3.",
    )
    rows, series, shape = [], {}, None
    for line in printed.splitlines()[1:]:
        cells = line.split()
        if line and not line.startswith(" "):
            shape = line
            series[shape] = []
        elif shape and cells and re.fullmatch(r"\d+", cells[0]):
            series[shape].append((int(cells[0]), float(cells[3])))
            if cells[0] == "10000":
                rows.append([shape, *cells[1:5]])
    report.table(
        "10,000 rules", ["rules about", "read", "prepare", "decide", "of which start"], rows
    )
    report.curves("rules", "Deciding rules about 3,000 paths", "rules", "ms of CPU time", series)

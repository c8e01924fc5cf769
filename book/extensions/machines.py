"""The table of the page on many machines, from what scripts/record_machine_times.py recorded."""

import csv
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

TIMES = "../../notebooks/data/machine_times.csv"  # seen from the staged sources


class MachineTimes(SphinxDirective):
    """Place the table: ```{machine-times}```."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / TIMES
        self.env.note_dependency(TIMES)
        table = nodes.container(classes=["machine-times"])
        self.state.nested_parse(StringList(lines(path), "machines"), self.content_offset, table)
        return [table]


def lines(path: Path) -> list[str]:
    """Return the table in Markdown; what is faster than nnlib alone has a ratio above 1."""
    with path.open(newline="") as file:
        alone, threads, *rows = csv.DictReader(file)
    header = ["Workers", "Blocks", "Seconds", "Times as fast", "MB out and back"]
    cells = []
    for row in [alone, threads, *rows]:
        ratio = float(alone["seconds"]) / float(row["seconds"])
        megabytes = int(row["bytes"]) / 1e6
        times = [f"{float(row['seconds']):.2f}", f"{ratio:.2f}", f"{megabytes:.1f}"]
        cells.append([row["workers"], row["blocks"], *times])
    cells[0][:2] = ["none, one thread", "–"]
    cells[1][:2] = ["none, two threads", "–"]
    rule = ["---", *["---:"] * 4]
    return [f"| {' | '.join(row)} |" for row in [header, rule, *cells]]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("machine-times", MachineTimes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

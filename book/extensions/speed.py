"""How fast it is: tables, figures' texts and sentences made from the recorded measurements.

They are made by benchmarks/summary.py whenever the book is built.
"""

import importlib.util
from pathlib import Path
from types import ModuleType

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Measured(SphinxDirective):
    """A directive that writes Markdown from what the module benchmarks/summary.py says."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        folder = Path(self.env.srcdir) / "benchmarks"
        for path in [folder / "summary.py", *(folder / "results").iterdir()]:
            self.env.note_dependency(str(path))
        lines = self.lines(load_summary(folder / "summary.py"), self.arguments[0])
        parent = nodes.container()
        self.state.nested_parse(StringList(lines, self.name), self.content_offset, parent)
        return parent.children

    def lines(self, summary: ModuleType, name: str) -> list[str]:
        """Return Markdown, line by line."""
        raise NotImplementedError


class MeasuredTable(Measured):
    """A table."""

    def lines(self, summary: ModuleType, name: str) -> list[str]:
        return summary.table(name)


class MeasuredFigure(Measured):
    """A figure with an alternative text that tells its numbers; the content is its caption."""

    def lines(self, summary: ModuleType, name: str) -> list[str]:
        options = [f":name: fig-{name}", f":alt: {summary.DESCRIPTIONS[name]()}"]
        return [f":::{{figure}} images/{name}.svg", *options, "", *self.content, ":::"]


class MeasuredOn(Measured):
    """A sentence: on which machine, with which versions, and how far the rounds differ."""

    def lines(self, summary: ModuleType, name: str) -> list[str]:
        return [summary.SENTENCES[name]()]


def load_summary(path: Path) -> ModuleType:
    """Return the module anew, for the file may have changed."""
    spec = importlib.util.spec_from_file_location("summary", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("measured-table", MeasuredTable)
    app.add_directive("measured-figure", MeasuredFigure)
    app.add_directive("measured-on", MeasuredOn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The reference pages: tables made from the notebooks, and links between chapters and library.

What the tables say is read from the notebooks and from book/equations.yml whenever the book is
built. tests/book/test_reference.py holds book/equations.yml against nnlib and the tests.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.addnodes import pending_xref, start_of_file
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.nodes import make_refnode

API = "book/api"
ROOT = "../.."  # the repository, seen from the staged sources
APPENDICES = {"book/assumed": "A"}
NATURES = {
    "definition": "a definition",
    "step": "a step of a derivation",
    "proof": "proved in the text",
    "theorem": "a theorem, cited",
}


# What the notebooks hold


class Cell(NamedTuple):
    """A code cell and the place a link to it leads to: a heading's text or an exercise's label."""

    code: str
    place: str


class Exercise(NamedTuple):
    """An exercise and its stars, one to three."""

    label: str
    title: str
    stars: str


class Figure(NamedTuple):
    """A figure and the first sentence of its caption."""

    name: str
    says: str


class Chapter(NamedTuple):
    """What the reference pages say of one chapter."""

    number: int
    page: str
    title: str
    equations: list[str]
    cells: list[Cell]
    exercises: list[Exercise]
    figures: list[Figure]


@cache
def read_chapters(root: Path) -> list[Chapter]:
    """Return the chapters that are notebooks, in order."""
    return [read_chapter(path) for path in sorted((root / "notebooks").glob("*.ipynb"))]


def read_chapter(path: Path) -> Chapter:
    """Return what the reference pages need of a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return Chapter(
        number=int(path.stem[:2]),
        page=f"notebooks/{path.stem}",
        title=re.search(r"(?m)^# (.*)$", text)[1],
        equations=sorted(re.findall(r"(?m)^\\tag\{([\d.]+)\}$", text), key=in_numbers),
        cells=list(code_cells(cells)),
        exercises=find_exercises(text),
        figures=[
            Figure(cell.metadata.mystnb.figure.name, first_sentence(cell.metadata.mystnb))
            for cell in cells
            if "figure" in cell.metadata.get("mystnb", {})
        ],
    )


def code_cells(cells: list) -> Any:
    """Yield code cells, each with the last heading or exercise before it."""
    place = ""
    for cell in cells:
        if cell.cell_type == "code":
            yield Cell(cell.source, place)
        else:
            for heading in re.findall(r"(?m)^##+ (.*)$", cell.source):
                exercise = re.match(r"(?:Exercise|Solution) (\d+)\.(\d+)", heading)
                plain = re.sub("[`$]", "", heading)  # as the table of contents has it
                place = f"ex-{exercise[1]}-{exercise[2]}" if exercise else plain


def find_exercises(text: str) -> list[Exercise]:
    """Return the exercises of a text."""
    found = re.findall(r"(?m)^### Exercise (\d+)\.(\d+): (.*) (★+)$", text)
    return [Exercise(f"ex-{chapter}-{k}", title, stars) for chapter, k, title, stars in found]


def in_numbers(label: str) -> list[int]:
    """Return what sorts (2.10) behind (2.9)."""
    return [int(number) for number in label.split(".")]


def first_sentence(shown: Any) -> str:
    """Return the first sentence of a caption; a period within a formula ends none."""
    caption = " ".join(shown.figure.caption.split())
    return re.match(r"(?:\$[^$]*\$|[^$])+?[.?!](?= [A-Z$]|$)", caption)[0]


# Tables


class FromNotebooks(SphinxDirective):
    """A directive that writes a section for each chapter, from the notebooks."""

    def run(self) -> list[nodes.Node]:
        source = Path(self.env.srcdir)
        notebooks = (source / ROOT).glob("notebooks/*.ipynb")
        for path in [*notebooks, source / "book" / "equations.yml"]:
            self.env.note_dependency(str(path))
        read_chapters.cache_clear()
        return [self.section(chapter) for chapter in read_chapters(source / ROOT)]

    def section(self, chapter: Chapter) -> nodes.section:
        """Return the section of a chapter, with a title that leads to it."""
        section = nodes.section(ids=[f"{self.name}-{chapter.number}"])
        title = nodes.title()
        section += title
        inline, _ = self.state.inline_text(f"[{chapter.title}](/{chapter.page}.ipynb)", self.lineno)
        title += inline
        lines = self.lines(chapter)
        self.state.nested_parse(StringList(lines, self.name), self.content_offset, section)
        for table in section.findall(nodes.table):
            table["classes"].append(self.name)
        return section

    def lines(self, chapter: Chapter) -> list[str]:
        """Return the section's text in Markdown."""
        raise NotImplementedError


class EquationMap(FromNotebooks):
    """What every numbered equation says, what computes it and what checks it."""

    def lines(self, chapter: Chapter) -> list[str]:
        path = Path(self.env.srcdir) / "book" / "equations.yml"
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        lines = ["| Equation | What it says | In code | Checked by |", "|---|---|---|---|"]
        for label in chapter.equations:
            entry = entries[label]
            cells = [f"{{eq}}`{label}`", entry["says"], in_code(entry), self.checks(chapter, entry)]
            lines.append(f"| {' | '.join(cells)} |")
        return lines

    def checks(self, chapter: Chapter, entry: dict) -> str:
        """Return links and names of what checks an equation, or why nothing does."""
        checks = [test_in_words(test) for test in entry.get("tests", [])]
        for place in entry.get("cells", []):
            number, code = place if isinstance(place, list) else (chapter.number, place)
            home = self.chapter(number)
            prefix = "chapter" if home is chapter else f"chapter {number}"
            checks.append(f"{prefix}: {link_to(home, find_cell(home, code))}")
        return "; ".join(dict.fromkeys(checks)) or NATURES[entry["nature"]]

    def chapter(self, number: int) -> Chapter:
        """Return a chapter by its number."""
        chapters = read_chapters(Path(self.env.srcdir) / ROOT)
        return next(chapter for chapter in chapters if chapter.number == number)


def link_to(chapter: Chapter, cell: Cell) -> str:
    """Return a link to the exercise or section that a cell belongs to."""
    if cell.place.startswith("ex-"):
        return f"{{ref}}`{cell.place}`"
    return f"{{heading}}`{chapter.page}#{cell.place}`"


def in_code(entry: dict) -> str:
    """Return the library's functions for an equation, then the chapter's own."""
    names = [f"`nnlib.{name}`" for name in entry.get("nnlib", [])]
    if "chapter" in entry:
        names.append(f"`{entry['chapter']}` (chapter)")
    return ", ".join(names) or "–"


def test_in_words(test: str) -> str:
    """Return a test's name as the sentence it is, with its file."""
    file, name = test.split("::")
    return f"{name.removeprefix('test_').replace('_', ' ')} (`{file}`)"


def find_cell(chapter: Chapter, code: str) -> Cell:
    """Return the one cell of a chapter that contains the code."""
    (cell,) = (cell for cell in chapter.cells if code in cell.code)
    return cell


class ExerciseIndex(FromNotebooks):
    """All exercises, by chapter."""

    def lines(self, chapter: Chapter) -> list[str]:
        rows = [f"| {{ref}}`{e.label}` | {e.title} | {e.stars} |" for e in chapter.exercises]
        return ["| Number | Exercise | Stars |", "|---|---|---|", *rows]


class FigureIndex(FromNotebooks):
    """All figures of the notebooks, by chapter."""

    def lines(self, chapter: Chapter) -> list[str]:
        return [f"- {{numref}}`{figure.name}`: {figure.says}" for figure in chapter.figures]


# Links


class Heading(SphinxRole):
    """A link to a heading of a page: {heading}`notebooks/02-the-model#Pitfalls`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        page, _, text = self.text.partition("#")
        node = pending_xref("", refdomain=None, reftype="heading", reftarget=page, heading=text)
        inline, messages = self.inliner.parse(text, self.lineno, self.inliner, self.inliner)
        node += inline
        return [node], messages


class HeadingLinks(SphinxPostTransform):
    """Resolve what the role makes, by the table of contents of the page that it names."""

    default_priority = 8  # before MyST's own, which has 9

    def run(self, **kwargs: object) -> None:
        for node in list(self.document.findall(pending_xref)):
            if node["reftype"] == "heading":
                page, child = node["reftarget"], node.children[0]
                anchor = find_anchor(self.env, page, child.astext())
                builder, here = self.app.builder, self.env.docname
                node.replace_self(make_refnode(builder, here, page, anchor, node.children))


def find_anchor(env: BuildEnvironment, page: str, heading: str) -> str:
    """Return the id of the section of a page that has the heading."""
    for reference in env.tocs[page].findall(nodes.reference):
        if reference.astext() == heading:
            return reference["anchorname"].removeprefix("#")
    raise LookupError(f"{page} has no heading {heading!r}")


class ApiTableTargets(SphinxTransform):
    """Make names that the library's page describes in tables targets, like its other entries."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        if self.env.docname == API:
            for row in self.document.findall(nodes.row):
                literal = next(iter(row.children[0].findall(nodes.literal)), None)
                if literal is not None:
                    name = f"nnlib.{literal.astext()}"
                    target = nodes.target("", "", ids=[name])
                    literal.parent.insert(literal.parent.index(literal), target)
                    self.document.note_explicit_target(target)
                    domain = self.env.get_domain("py")
                    domain.note_object(name, "data", name, location=literal)


class ApiLinks(SphinxPostTransform):
    """Link names of the library to their entries.

    In the notebooks, where other functions share some of the short names, that is `nnlib.forward`
    everywhere and `forward` in the box at a chapter's head; on the other pages it is both.
    """

    default_priority = 20

    def run(self, **kwargs: object) -> None:
        objects = self.env.get_domain("py").objects
        for literal in list(self.document.findall(nodes.literal)):
            name, page = literal.astext(), self.page_of(literal)
            if takes_short_names(literal, page) and not name.startswith("nnlib."):
                name = f"nnlib.{name}"
            if name in objects and name.startswith("nnlib.") and not is_linked(literal):
                entry = objects[name]
                builder, here = self.app.builder, self.env.docname
                copy = literal.deepcopy()
                link = make_refnode(builder, here, entry.docname, entry.node_id, copy)
                literal.replace_self(link)

    def page_of(self, node: nodes.Node) -> str:
        """Return the page that a node was written on; a PDF has all pages in one document."""
        pages = (parent["docname"] for parent in above(node) if isinstance(parent, start_of_file))
        return next(pages, self.env.docname)


def takes_short_names(literal: nodes.literal, page: str) -> bool:
    """Is the name on a page that is no notebook, or in the box at a chapter's head?"""
    boxed = any("chapter-box" in node.get("classes", []) for node in above(literal))
    return boxed or (page.startswith("book/") and page != API)


def is_linked(node: nodes.Node) -> bool:
    """Is the node within a link or a heading?"""
    return any(isinstance(parent, nodes.reference | nodes.title) for parent in above(node))


def above(node: nodes.Node) -> Any:
    """Yield the elements that a node is in, from the innermost out."""
    while (node := node.parent) is not None:
        if isinstance(node, nodes.Element):
            yield node


def link_sources(
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Make what a docstring's notes cite links, and its indices formulas, before numpydoc."""
    if not name.startswith("nnlib"):
        return
    pages = {chapter.number: chapter.page for chapter in read_chapters(Path(app.srcdir) / ROOT)}
    end = lines.index("Examples") if "Examples" in lines else len(lines)
    lines[:end] = map(with_formulas, lines[:end])
    start = lines.index("Notes") + 2 if "Notes" in lines else end
    for k in range(start, end):
        line = re.sub(r"\((\d+\.\d+)\)", r":eq:`\1`", lines[k])
        lines[k] = re.sub(
            r"\bchapter (\d+)", lambda m: f":doc:`{m[0]} </{pages[int(m[1])]}>`", line
        )


def with_formulas(line: str) -> str:
    """Make the symbols with an upper index in a line of a docstring, such as n^{l-1}, formulas."""
    return re.sub(
        r"(?<![\w`])((?:dE/)?d?[A-Za-z1])\^(?:\{([^}]+)\}|(\w+))(?=[\s.,:;)]|$)",
        lambda m: f":math:`{m[1]}^{{{in_latex(m[2] or m[3])}}}`",
        line,
    )


def in_latex(index: str) -> str:
    """Return the text of an index in LaTeX, with its own indices in braces: Z_ic, max K."""
    return re.sub(r"_(\w+)", r"_{\1}", index).replace("max", r"\max")


def number_appendices(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Number the exercises of an appendix A.1, A.2, ..."""
    for page, letter in APPENDICES.items():
        for ids in env.toc_fignumbers.get(page, {}).values():
            for k, id_ in enumerate(ids, start=1):
                ids[id_] = (letter, k)
    return []


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("equation-map", EquationMap)
    app.add_directive("exercise-index", ExerciseIndex)
    app.add_directive("figure-index", FigureIndex)
    app.add_role("heading", Heading())
    app.add_transform(ApiTableTargets)
    app.add_post_transform(HeadingLinks)
    app.add_post_transform(ApiLinks)
    app.connect("autodoc-process-docstring", link_sources, priority=400)
    app.connect("env-get-updated", number_appendices, priority=901)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

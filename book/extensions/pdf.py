"""The book on paper: what LaTeX has to be told beyond what Sphinx tells it by itself.

Chapters, equations and figures carry the numbers that they have on the pages, solutions stand at
the end of their chapter, and the code that the pages hide behind a click is left out.
"""

import re
import subprocess
from pathlib import Path

import matplotlib
from docutils import nodes
from docutils.nodes import Element
from pages import commit
from sphinx.addnodes import start_of_file, tabular_col_spec
from sphinx.application import Sphinx
from sphinx.builders.latex.nodes import thebibliography
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.math import wrap_displaymath
from sphinx.writers.latex import LaTeXTranslator
from sphinx_exercise.nodes import is_exercise_node, is_solution_node

import nnlib

CODE_WIDTH = 80  # characters of code that fit on a line
CODE_TOGETHER = 9  # lines of code that are not torn apart
CODE_SMALLEST = 0.8  # of its usual size; what is too wide even so, is broken
TABLE_WIDTH = 80  # characters of text, about, that fit on a line
WIDE_LETTERS = "MWmw"  # twice as wide as the others, about
CODE_BREAKS = r"(?<=[_./:])(?=\w)"  # where a long name of a table or a text may be broken
OPERATORS = r"\\(arg|cos|exp|gelu|ln|log|max|min|relu|sin|tanh)\b"  # printed as they are named
BOXES = {
    "chapter-box": "chapterbox",
    "predict": "bookexercise",
    "your-turn": "bookexercise",
    "by-the-way": "chapterbox",
    "note": "chapterbox",
    "exercise": "bookexercise",
    "solution": "booksolution",
}
SECTION_A_CHAPTER = ("book/equations", "book/exercises", "book/figures")
DEPTH = r"\addtocontents{toc}{\protect\setcounter{tocdepth}{%d}}"


class BookOnPaper(SphinxPostTransform):
    """Give the pages, joined to one document, the order and the form of a printed book."""

    formats = ("latex",)
    default_priority = 800  # when references, exercises and the bibliography are resolved

    def run(self, **kwargs: object) -> None:
        pages = {page["docname"]: page for page in self.document.findall(start_of_file)}
        for page in pages.values():
            number_chapter(page)
            hide_code(page)
            box_exercises(page)
            collect_solutions(page)
            flatten_cards(page)
        for table in list(self.document.findall(nodes.table)):
            fit_columns(table)
        self.begin_parts(pages)
        self.shorten_contents(pages)
        self.place_bibliography(pages)

    def begin_parts(self, pages: dict[str, Element]) -> None:
        """Name the parts in the table of contents; they have no page of their own."""
        for part in self.env.external_site_map.root.subtrees:
            first = pages.get(str(part.items[0]))
            if first is not None and part.caption:
                first.insert(0, latex(rf"\bookpart{{{part.caption}}}"))

    def shorten_contents(self, pages: dict[str, Element]) -> None:
        """Leave the sections of pages that have one for each chapter out of the contents."""
        for section in (section_of(pages[name]) for name in SECTION_A_CHAPTER):
            section.insert(1, latex(DEPTH % 0))
            section.append(latex(DEPTH % 1))

    def place_bibliography(self, pages: dict[str, Element]) -> None:
        """Put the bibliography on its page; Sphinx puts it at the end of the book."""
        places = [key.docname for key in self.env.get_domain("cite").bibliographies]
        for bibliography in list(self.document.findall(thebibliography)):
            bibliography.parent.remove(bibliography)
            section_of(pages[places[0]]).append(bibliography)


def latex(text: str) -> nodes.raw:
    return nodes.raw("", text, format="latex")


def section_of(page: Element) -> Element:
    return next(page.findall(nodes.section))


def number_chapter(page: Element) -> None:
    """Take the number out of a title such as "2. The model", for LaTeX to set it."""
    section = section_of(page)
    number = re.match(r"(\d+)\. ", section[0].astext())
    section["chapter"] = int(number[1]) if number else None
    if number:
        text = next(section[0].findall(nodes.Text))
        text.parent.replace(text, nodes.Text(text.removeprefix(number[0])))


def hide_code(page: Element) -> None:
    """Leave out the code that the pages hide; what it prints and draws stays, but not of checks."""
    for cell in list(page.findall(nodes.container)):
        if "tag_hide-input" in cell["classes"]:
            cell.children = [p for p in cell if "cell_input" not in p.get("classes", ())]
        elif "tag_checked" in cell["classes"]:
            cell.replace_self(nodes.paragraph("", "", nodes.emphasis("", cell["prompt_show"])))


def box_exercises(page: Element) -> None:
    """Turn exercises and solutions into admonitions, each with a link to the other in its title."""
    solutions = list(page.findall(is_solution_node))
    solved = {node["target_label"] for node in solutions}
    for node in list(page.findall(is_exercise_node)):
        label = node["label"]
        link = rf"\booksee{{Solution}}{{solution:{label}}}" if label in solved else ""
        node.replace_self(boxed("exercise", f"exercise:{label}", node, link))
    for node in solutions:
        label = node["target_label"]
        link = rf"\booksee{{Exercise}}{{exercise:{label}}}"
        node.replace_self(boxed("solution", f"solution:{label}", node, link))


def boxed(kind: str, label: str, node: Element, link: str) -> nodes.admonition:
    title, *content = node.children
    title.append(latex(link))
    here = latex(rf"\phantomsection\label{{{label}}}")
    return nodes.admonition("", title, here, *content, classes=[kind], ids=node["ids"])


def collect_solutions(page: Element) -> None:
    """Move the solutions to a section of their own at the end of the chapter."""
    boxes = page.findall(nodes.admonition)
    solutions = [node for node in boxes if "solution" in node["classes"]]
    for node in solutions:
        node.parent.remove(node)
    if solutions:
        title = nodes.title("", "Solutions")
        section_of(page).append(nodes.section("", title, *solutions, ids=["solutions"]))


def flatten_cards(page: Element) -> None:
    """Make a card a paragraph with its title in bold, without the link that covers it on a page."""
    for link in list(page.findall(nodes.reference)):
        if "sd-stretched-link" in link["classes"]:
            link.parent.remove(link)
    for title in list(page.findall(nodes.container)):
        if "sd-card-title" in title["classes"]:
            title.replace_self(nodes.paragraph("", "", nodes.strong("", "", *title.children)))


def fit_columns(table: Element) -> None:
    """Let a table break across pages, and give each column the width that its texts ask for."""
    for paragraph in [p for p in table.findall(nodes.paragraph) if not p.children]:
        paragraph.parent.remove(paragraph)
    table["classes"].append("longtable")
    rows = [[printed_words(entry) for entry in row] for row in table.findall(nodes.row)]
    if len(set(map(len, rows))) == 1:  # no cell spans others
        widths = column_widths(list(zip(*rows, strict=True)), TABLE_WIDTH)
        columns = [rf">{{\bookragged}}\Y{{{width / TABLE_WIDTH:.3f}}}" for width in widths]
        spec = tabular_col_spec(spec="".join(columns))
        table.parent.insert(table.parent.index(table), spec)


def printed_words(entry: Element) -> list[float]:
    """Return about how many characters wide each word of a cell is; a formula is one word."""
    words = []
    for text in entry.findall(nodes.Text):
        match text.parent:
            case nodes.math():
                signs = re.sub(OPERATORS, r"\1", text.astext())
                words.append(0.9 * len(re.findall(r"\\[a-zA-Z]+|[^\s{}^_&]", signs)))
            case nodes.literal():
                words += [1.2 * len(part) for part in re.split(CODE_BREAKS, text.astext())]
            case _:
                words += map(text_width, text.split())
    return words


def text_width(word: str) -> int:
    """Return about how many usual characters a word is wide."""
    return len(word) + sum(map(word.count, WIDE_LETTERS))


def column_widths(columns: list[tuple[list[float], ...]], room: float) -> list[float]:
    """Return widths that keep the cells low: what they want if there is room, or the best shares.

    Wide cells get more, but less than in proportion; no column is narrower than its longest word
    (within reason), and none is wider than it wants.
    """
    lengths = [[sum(cell) + len(cell) for cell in column] for column in columns]
    wanted = [max(column) + 3 for column in lengths]
    least = [
        min(max(map(max, filter(None, column)), default=0), room / 4) + 3 for column in columns
    ]
    weights = [sum(length**2 for length in column) ** (1 / 3) for column in lengths]
    low, high = 0.0, room
    for _ in range(40):
        middle = (low + high) / 2
        widths = [
            min(max(middle * weight, less), most)
            for weight, less, most in zip(weights, least, wanted, strict=True)
        ]
        low, high = (middle, high) if sum(widths) <= room else (low, middle)
    return [width * min(1, room / sum(widths)) for width in widths]


# What the next Sphinx may break (this was written for 7.4). BookTranslator relies on
# - the names of the nodes and of the visitors that it overrides;
# - `in_title`, `in_term`, `no_latex_floats`, `curfilestack` and `elements["figure_align"]`, which
#   are not documented;
# - `env.toc_fignumbers`, in which Sphinx keeps the numbers of figures, tables and equations, and
#   firstprinciples.py those of exercises;
# - the labels that Sphinx gives equations, "PAGE:equation-NUMBER", and the environments
#   `sphinxclass...` that it makes of the classes of a container.
# BookOnPaper relies on `start_of_file` around each page and on the tree of sphinx-external-toc.
# Most of what breaks ends `make pdf` with an undefined reference or command. The rest, such as a
# missing number or a solution in the wrong place, tests/book/test_pdf.py looks for in the PDF.


class BookTranslator(LaTeXTranslator):
    """Sphinx's LaTeX, with the numbers of the pages and the boxes of the book."""

    in_desc_content = 0

    def number(self, kind: str, node: Element) -> str | None:
        """Return the number that a figure, a table or an equation has on its page."""
        numbers = self.builder.env.toc_fignumbers.get(self.curfilestack[-1], {}).get(kind, {})
        found = [numbers[id_] for id_ in node["ids"] if id_ in numbers]
        return ".".join(map(str, found[0])) if found else None

    def visit_title(self, node: Element) -> None:
        if "chapter" in node.parent:
            chapter = node.parent["chapter"]
            numbered = rf"\booknumbered{{{chapter}}}" if chapter else r"\bookunnumbered"
            self.body.append(numbered + "\n")
        super().visit_title(node)

    def visit_citation(self, node: Element) -> None:
        super().visit_citation(node)
        label = f"{node['docname']}:{node['ids'][0]}"  # where links to a work on its page lead
        self.body.append(rf"\phantomsection\label{{\detokenize{{{label}}}}}")

    def number_caption(self, kind: str, node: Element) -> str | None:
        """Tell LaTeX the number that the next caption has, or that it has none."""
        number = self.number(kind, node)
        self.body.append(f"\n\\bookcaption{{{kind}}}{{{number or ''}}}%")
        return number

    def visit_figure(self, node: Element) -> None:
        number = self.number_caption("figure", node)
        # Without a number no text can point to it, so it stays where it is.
        self.elements["figure_align"] = "htbp" if number else "H"
        super().visit_figure(node)

    def visit_table(self, node: Element) -> None:
        self.number_caption("table", node)
        super().visit_table(node)

    def visit_math(self, node: Element) -> None:
        if not self.in_title:
            super().visit_math(node)
        plain = re.sub(r"[\\{}]", "", node.astext())  # for the bookmarks
        self.body.append(rf"\texorpdfstring{{\({node.astext()}\)}}{{{self.escape(plain)}}}")
        raise nodes.SkipNode

    def visit_math_block(self, node: Element) -> None:
        number = self.number("displaymath", node)
        if number is None:
            super().visit_math_block(node)
        label = f"{node['docname']}:{node['ids'][0]}"
        display = wrap_displaymath(node.astext(), label, numbering=True)
        self.body.append(f"\\def\\theequation{{{number}}}%\n{display}")
        raise nodes.SkipNode

    def visit_math_reference(self, node: Element) -> None:
        label = nodes.make_id(f"equation-{node['target']}")
        self.body.append(rf"\eqref{{{node['docname']}:{label}}}")

    def visit_number_reference(self, node: Element) -> None:
        """Link to an exercise, whose number LaTeX does not count; the rest is Sphinx's."""
        page, _, label = node.get("refuri", "").removeprefix("%").partition("#")
        numbers = self.builder.env.toc_fignumbers.get(page, {}).get("exercise", {})
        if label not in numbers:
            super().visit_number_reference(node)
        number = ".".join(map(str, numbers[label]))
        title = self.escape(node["title"]).replace(r"\%s", "%s") % number
        self.body.append(rf"\hyperref[exercise:{label}]{{{title}}}")
        raise nodes.SkipNode

    def visit_admonition(self, node: Element) -> None:
        box = next((BOXES[kind] for kind in node["classes"] if kind in BOXES), None)
        if box is None:
            super().visit_admonition(node)
            return
        self.body.append(f"\n\\begin{{{box}}}")
        self.no_latex_floats += box != "booksolution"

    def depart_admonition(self, node: Element) -> None:
        box = next((BOXES[kind] for kind in node["classes"] if kind in BOXES), None)
        if box is None:
            super().depart_admonition(node)
            return
        self.body.append(f"\\end{{{box}}}\n")
        self.no_latex_floats -= box != "booksolution"

    def visit_container(self, node: Element) -> None:
        node["classes"] = [kind for kind in node["classes"] if kind == "cell_output"]
        super().visit_container(node)

    def visit_Text(self, node: nodes.Text) -> None:
        if isinstance(node.parent, nodes.literal) and not self.in_title:
            parts = map(self.encode, re.split(CODE_BREAKS, node.astext()))
            self.body.append(r"\bookbreak{}".join(parts))
        else:
            super().visit_Text(node)

    def visit_literal_block(self, node: Element) -> None:
        if node.rawsource != node.astext():  # not code, but text with markup
            super().visit_literal_block(node)
            return
        lines = node.astext().splitlines()
        size = max(CODE_SMALLEST, CODE_WIDTH / max(CODE_WIDTH, *map(len, lines)))
        together = min(len(lines), CODE_TOGETHER)
        self.body.append(f"\n\\begin{{bookcode}}{{{size:.3f}}}{{{together}}}%")
        try:
            super().visit_literal_block(node)
        finally:
            self.body.append("\\end{bookcode}\n")

    def visit_rubric(self, node: Element) -> None:
        self.body.append("\n\\bookrubric{")
        self.context.append("}\n")

    def depart_rubric(self, node: Element) -> None:
        self.body.append(self.context.pop())

    def visit_term(self, node: Element) -> None:
        """Set names of parameters in line with what is said of them, which saves many pages."""
        if not self.in_desc_content:
            super().visit_term(node)
            return
        self.in_term += 1
        self.body.append(r"\item[{")
        self.context.append("}] ")

    def visit_classifier(self, node: Element) -> None:
        self.body.append(r"\emph{")

    def depart_classifier(self, node: Element) -> None:
        self.body.append("}. ")

    def visit_desc_content(self, node: Element) -> None:
        super().visit_desc_content(node)
        self.in_desc_content += 1

    def depart_desc_content(self, node: Element) -> None:
        super().depart_desc_content(node)
        self.in_desc_content -= 1


def name_edition(app: Sphinx, config: Config) -> None:
    """Tell the title page what the book was built from, and LaTeX where to find DejaVu."""
    edition = {
        "booktitle": config.html_title,
        "bookauthor": config.author,
        "bookyear": config.copyright,
        "bookversion": nnlib.__version__,
        "bookcommit": commit(Path(app.srcdir)) or "unknown",
        "bookdate": commit_day(app.srcdir),
    }
    lines = [rf"\newcommand{{\{name}}}{{{text}}}" for name, text in edition.items()]
    preamble = "\n".join([*lines, r"\usepackage{firstprinciples}"])
    config.latex_elements = config.latex_elements | {"preamble": preamble}
    fonts = (Path(matplotlib.get_data_path()) / "fonts" / "ttf").glob("DejaVuSansMono*.ttf")
    config.latex_additional_files = [*config.latex_additional_files, *map(str, sorted(fonts))]


def commit_day(folder: str) -> str:
    """Return the day of the commit, or nothing where there is no repository."""
    show = ["git", "-C", folder, "show", "--no-patch", "--format=%cd", "--date=format:%-d %B %Y"]
    try:
        return subprocess.run(show, capture_output=True, check=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def set_translator(app: Sphinx) -> None:
    """Translate for LaTeX: the theme leaves pages as they are where any translator is set."""
    if app.builder.name == "latex":
        app.set_translator("latex", BookTranslator)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(BookOnPaper)
    app.connect("builder-inited", set_translator)
    app.connect("config-inited", name_edition)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

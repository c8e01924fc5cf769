"""What the built pages have that the theme alone does not give them.

Each page says from which version and commit it was built, and where to report an error if a
repository is configured. What the theme, docutils and sphinx-exercise get wrong is put right: here,
in book/templates, and in the script book/style/book.js. What is left out is in weight.py.
"""

import os
import re
import shutil
import subprocess
from html import escape, unescape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxTranslator
from sphinx_exercise.nodes import is_extension_node, is_solution_node, solution_node

import nnlib

# Seen from the staged sources: the notebooks, executed and in their plain form, and the books.
NOTEBOOKS = "../notebooks"
BOOKS = {
    "PDF": Path("../pdf/neural-networks-from-first-principles.pdf"),
    "EPUB": Path("../epub/neural-networks-from-first-principles.epub"),
}


def repository_url() -> str:
    """Return the address of the repository, where one is configured, and else nothing."""
    return os.environ.get("BOOK_REPOSITORY_URL", "").rstrip("/")


def commit(folder: Path) -> str:
    """Return the short name of the commit that the folder is at, marked if files have changed."""
    if name := os.environ.get("BOOK_COMMIT"):
        return name
    git = ["git", "-C", str(folder), "describe", "--always", "--exclude=*", "--dirty=+"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def books(app: Sphinx) -> dict[str, Path]:
    """Return where the PDF and the EPUB are, those that `make pdf` and `make epub` have made."""
    found = {kind: Path(app.srcdir) / path for kind, path in BOOKS.items()}
    return {kind: path for kind, path in found.items() if path.exists()}


def offer_books(app: Sphinx, exception: Exception | None) -> None:
    """Put the PDF and the EPUB into the site, if there are any."""
    if app.builder.name == "html" and not exception:
        for path in BOOKS.values():
            (Path(app.outdir) / path.name).unlink(missing_ok=True)
        for path in books(app).values():
            shutil.copyfile(path, Path(app.outdir) / path.name)


def edition(app: Sphinx, config: Config) -> None:
    """Tell the templates the version, the commit and the repository."""
    config.html_context = {
        **config.html_context,
        "book_version": nnlib.__version__,
        "book_commit": commit(Path(app.srcdir)),
        "book_repository": repository_url(),
        "book_files": {kind: path.name for kind, path in books(app).items()},
    }


def page_context(
    app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None
) -> None:
    """Give a page's template the address where its errors are reported, and one viewport."""
    viewport = r'<meta[^>]*name="viewport"[^>]*>'  # the layout has one, and docutils adds another
    context["metatags"] = re.sub(viewport, "", context.get("metatags", ""))
    title = re.sub(r"<[^>]*>", "", context.get("title", page))
    context["with_submit"] = with_submit
    context.setdefault("pagetitle", {"genindex": "Index", "search": "Search"}.get(page, title))
    if app.builder.name != "html":
        return
    context["metatags"] += cards(context, title, description(doctree) if doctree else "")
    built = f"Page: {page}, version {context['book_version']} ({context['book_commit']})"
    context["book_report"] = (
        f"{context['book_repository']}/issues/new?title={quote(f'Error in: {title}')}"
        f"&body={quote(built)}"
        if context["book_repository"]
        else ""
    )


def with_submit(form: str) -> str:
    """Give the theme's search form a button that sends it."""
    button = '<button type="submit" class="visually-hidden">Search</button>'
    return form.replace("</form>", f"{button}</form>")


def description(doctree: nodes.document) -> str:
    """Return what a page is about: the question of a chapter, or else its first paragraph."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = "".join(map(plain, paragraph.findall(is_text_or_formula)))
        text = " ".join(text.removeprefix("Question.").split())
        if len(text) > 40:
            return text if len(text) < 200 else f"{text[:200].rpartition(' ')[0]} …"
    return ""


def is_text_or_formula(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Text | nodes.math)


def plain(node: nodes.Node) -> str:
    """Return a piece of text, or of a formula its letters."""
    if isinstance(node, nodes.Text):
        return str(node)
    return re.sub(r"\\\w+|[{}$\\]", "", node.get("tex") or node.astext())


def cards(context: dict, title: str, says: str) -> str:
    """Return what a page says of itself to search engines, and to those whom its link is sent.

    They want the whole address of a picture, which is known where BOOK_SITE_URL is set.
    """
    site = os.environ.get("BOOK_SITE_URL", "").rstrip("/")
    said = {"og:title": unescape(title), "og:type": "article", "og:description": says}
    said["og:image"] = f"{site}/_static/preview.png" if site else ""
    tags = [("name", "description", says), *(("property", *pair) for pair in said.items())]
    return "".join(
        f'<meta {kind}="{name}" content="{escape(value)}">\n' for kind, name, value in tags if value
    )


class Solutions(SphinxPostTransform):
    """Close solutions, in the page itself and not by a script, and let no id occur twice.

    sphinx-exercise gives the text of each exercise and of each solution the same id, and a title
    that links to the exercise, which stands right above.
    """

    formats = ("html",)
    default_priority = 22  # after sphinx-exercise has made the titles, which has 21

    def run(self, **kwargs: object) -> None:
        for box in self.document.findall(is_extension_node):
            for section in box.findall(nodes.section):
                section["ids"] = []
        for solution in self.document.findall(is_solution_node):
            title = escape(" ".join(solution[0].astext().split()), quote=False)
            summary = f'<summary><span class="admonition-title">{title}</span></summary>\n'
            solution[0].replace_self(html(summary))


class Folds(SphinxPostTransform):
    """Fold the sections that begin with "Deeper:", whose heading then opens and closes them."""

    formats = ("html",)
    default_priority = 900

    def run(self, **kwargs: object) -> None:
        for section in self.document.findall(nodes.section):
            title = section[0]
            if title.astext().startswith("Deeper: "):
                section.insert(0, html('<details class="fold"><summary>'))
                section.insert(2, html("</summary>"))
                section.append(html("</details>"))


class Checks(SphinxPostTransform):
    """Fold the cells that check what one section says to one line; forms.py puts them together."""

    formats = ("html",)
    default_priority = 900

    def run(self, **kwargs: object) -> None:
        cells = self.document.findall(nodes.container)
        checks = [cell for cell in cells if "tag_checked" in cell.get("classes", ())]
        for section, group in groupby(checks, lambda cell: cell.parent):
            checks_of_section = list(group)
            if len(checks_of_section) > 1:
                says = f"Checked: {len(checks_of_section)} statements of this section"
                summary = f"<summary>{says}</summary>"
                start = section.index(checks_of_section[0])
                section.insert(start, html(f'<details class="checks">{summary}'))
                section.insert(start + 1 + len(checks_of_section), html("</details>"))


def html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def visit_solution(self: SphinxTranslator, node: solution_node) -> None:
    self.body.append(self.starttag(node, "details", CLASS="admonition"))


def depart_solution(self: SphinxTranslator, node: solution_node) -> None:
    self.body.append("</details>\n")


def visit_hidden(self: SphinxTranslator, node: HideCodeCellNode) -> None:
    """Open what the page hides; its name is what it shows, and not the same for all of them."""
    classes = " ".join(["admonition", "hide", *node["classes"]])
    self.body.append(f'<details class="{classes}">\n<summary>\n')
    show, hide = (self.encode(node[prompt]) for prompt in ("prompt_show", "prompt_hide"))
    names = {show: ""} if show == hide else {show: "collapsed ", hide: "expanded "}
    for text, state in names.items():
        self.body.append(f'<span class="{state}admonition-title">{text}</span>\n')
    self.body.append("</summary>\n")


def depart_hidden(self: SphinxTranslator, node: HideCodeCellNode) -> None:
    self.body.append("</details>\n")


def visit_citation(self: SphinxTranslator, node: nodes.citation) -> None:
    """Open an entry of the bibliography; docutils gives it a role that ARIA has given up."""
    if not isinstance(node.previous_sibling(), nodes.citation):
        self.body.append('<div role="list" class="citation-list">\n')
    self.body.append(self.starttag(node, "div", classes=["citation"], role="listitem"))


def depart_citation(self: SphinxTranslator, node: nodes.citation) -> None:
    self.body.append("</div>\n")
    if not isinstance(node.next_node(descend=False, siblings=True), nodes.citation):
        self.body.append("</div>\n")


def offer_notebooks(app: Sphinx, exception: Exception | None) -> None:
    """Let readers download the notebooks in the form that Jupyter shows without an extension."""
    if app.builder.name != "html" or exception:
        return
    for page in app.env.found_docs:
        if page.startswith("notebooks/"):
            source = (Path(app.srcdir) / NOTEBOOKS / Path(page).name).with_suffix(".ipynb")
            shutil.copyfile(source, Path(app.outdir) / "_sources" / f"{page}.ipynb")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(Solutions)
    app.add_post_transform(Folds)
    app.add_post_transform(Checks)
    app.connect("config-inited", edition)
    app.connect("html-page-context", page_context)
    app.connect("build-finished", offer_notebooks, priority=900)
    app.connect("build-finished", offer_books)
    app.add_node(HideCodeCellNode, override=True, html=(visit_hidden, depart_hidden))
    app.add_node(solution_node, override=True, html=(visit_solution, depart_solution))
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

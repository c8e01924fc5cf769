"""What the built pages have that the theme alone does not give them.

Each page says from which version and commit it was built, and where to report an error if a
repository is configured. What the theme, docutils and sphinx-exercise get wrong is put right: here,
in book/templates, and in the script book/style/book.js. What is left out is in weight.py.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxTranslator
from sphinx_exercise.nodes import is_solution_node

import nnlib

NOTEBOOKS = "../notebooks"  # executed and in their plain form, seen from the staged sources

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


def edition(app: Sphinx, config: Config) -> None:
    """Tell the templates the version, the commit and the repository."""
    config.html_context = {
        **config.html_context,
        "book_version": nnlib.__version__,
        "book_commit": commit(Path(app.srcdir)),
        "book_repository": repository_url(),
    }


def page_context(
    app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None
) -> None:
    """Give a page's template the address where its errors are reported, and one viewport."""
    viewport = r'<meta[^>]*name="viewport"[^>]*>'  # the layout has one, and docutils adds another
    context["metatags"] = re.sub(viewport, "", context.get("metatags", ""))
    title = re.sub(r"<[^>]*>", "", context.get("title", page))
    built = f"Page: {page}, version {context['book_version']} ({context['book_commit']})"
    context["book_report"] = (
        f"{context['book_repository']}/issues/new?title={quote(f'Error in: {title}')}"
        f"&body={quote(built)}"
        if context["book_repository"]
        else ""
    )


class SolutionTitles(SphinxPostTransform):
    """Take the space out of the link in "Solution to Exercise 2.1", which would be underlined."""

    formats = ("html",)
    default_priority = 22  # after sphinx-exercise has made the link, which has 21

    def run(self, **kwargs: object) -> None:
        for solution in self.document.findall(is_solution_node):
            title = solution[0]
            said, link = title.children
            title.replace(said, nodes.Text(f"{said} "))
            link.replace(link[0], nodes.Text(link[0].lstrip()))


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


def html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def visit_hidden(self: SphinxTranslator, node: HideCodeCellNode) -> None:
    """Open what the page hides; its name is what it shows, and not the same for all of them."""
    classes = " ".join(["admonition", "hide", *node["classes"]])
    self.body.append(f'<details class="{classes}">\n<summary>\n')
    for state, prompt in (("collapsed", "prompt_show"), ("expanded", "prompt_hide")):
        self.body.append(f'<p class="{state} admonition-title">{self.encode(node[prompt])}</p>\n')
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
    if app.builder.format != "html" or exception:
        return
    for page in app.env.found_docs:
        if page.startswith("notebooks/"):
            source = (Path(app.srcdir) / NOTEBOOKS / Path(page).name).with_suffix(".ipynb")
            shutil.copyfile(source, Path(app.outdir) / "_sources" / f"{page}.ipynb")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(SolutionTitles)
    app.add_post_transform(Folds)
    app.connect("config-inited", edition)
    app.connect("html-page-context", page_context)
    app.connect("build-finished", offer_notebooks, priority=900)
    app.add_node(HideCodeCellNode, override=True, html=(visit_hidden, depart_hidden))
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

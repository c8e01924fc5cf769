"""The button "Run this chapter": in the page with JupyterLite, on Binder, in Colab.

`make lite` sets BOOK_LITE, builds the pages with the button, and then JupyterLite beside them; a
site without one has no trace of the other. BOOK_PYODIDE_URL names another place for Pyodide than
its CDN. BOOK_REPOSITORY_URL, the address of a repository on GitHub, adds Binder and Colab.
"""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import quote, urlsplit

import jinja2
from docutils import nodes
from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.writers.html5 import HTML5Translator

CHAPTER = re.compile(r"notebooks/(\d\d-[\w-]+)")
GITHUB = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")
BRANCH = "main"
TEMPLATES = Path(__file__).parents[1] / "templates"


class RunChapter(nodes.General, nodes.Element):
    """The button and what it opens, as HTML."""


def ways(config: Config, page: str) -> dict[str, str]:
    """Return what the template needs to offer the ways in which a page can be run."""
    found: dict[str, str] = {}
    if config.book_lite:
        chapter = CHAPTER.fullmatch(page)[1]
        root = "../" * page.count("/")
        found["lite"] = f"{root}lite/notebooks/index.html?path={chapter}.ipynb"
        found["host"] = pyodide_host(config.book_pyodide_url)
    repository = GITHUB.fullmatch(config.book_run_repository)
    if repository:
        name = f"{repository[1]}/{repository[2]}"
        path = quote(f"lab/tree/{page}.ipynb", safe="")
        found["binder"] = f"https://mybinder.org/v2/gh/{name}/{BRANCH}?urlpath={path}"
        colab = "https://colab.research.google.com/github"
        found["colab"] = f"{colab}/{name}/blob/{BRANCH}/{page}.ipynb"
        found["cell"] = colab_cell(name)
    return found


def pyodide_host(place: str) -> str:
    """Return the host that readers load Pyodide from, or nothing if it is this site."""
    return urlsplit(place).hostname or ""


def colab_cell(name: str) -> str:
    """Return a first cell for Colab, which opens a notebook without the files beside it."""
    return "\n".join(
        [
            f"!git clone --quiet --depth 1 https://github.com/{name}",
            f"%cd {name.partition('/')[2]}/notebooks",
            "import sys",
            'sys.path[:0] = [".", ".."]',
        ]
    )


def add_button(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the button below the title of a chapter that can be run."""
    if app.builder.name != "html" or not CHAPTER.fullmatch(page):
        return
    found = ways(app.config, page)
    if found:
        title = next(doctree.findall(nodes.title))
        title.parent.insert(title.parent.index(title) + 1, RunChapter(**found))


def visit_button(translator: HTML5Translator, node: RunChapter) -> None:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    template = environment.get_template("run-chapter.html")
    translator.body.append(template.render(node.attributes))
    raise nodes.SkipNode


def remove_lite(app: Sphinx, exception: Exception | None) -> None:
    """Leave no JupyterLite of an earlier build in a site that has no button for it."""
    if app.builder.name == "html" and not app.config.book_lite:
        shutil.rmtree(Path(app.outdir) / "lite", ignore_errors=True)


def setup(app: Sphinx) -> dict[str, bool]:
    environment = os.environ.get
    app.add_config_value("book_lite", bool(environment("BOOK_LITE")), "html")
    place = environment("BOOK_PYODIDE_URL") or PYODIDE_CDN_URL
    app.add_config_value("book_pyodide_url", place, "html")
    app.add_config_value("book_run_repository", environment("BOOK_REPOSITORY_URL", ""), "html")
    app.add_node(RunChapter, html=(visit_button, None))
    app.add_css_file("lite.css")
    app.connect("doctree-resolved", add_button)
    app.connect("build-finished", remove_lite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

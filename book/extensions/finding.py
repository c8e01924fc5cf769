"""What helps readers to find their way: search entries, links to the glossary, previews.

The glossary says for each term what it means, what others call it, and where it is introduced.
From this come entries for the search, which lead to that place under all of its names, and links
from a chapter to the terms that it uses, each where it comes first. A link to an equation or to a
term shows what it leads to (book/style/previews.js), from a file that loads with the first of them.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

GLOSSARY = "book/glossary"
ENTRY = re.compile(r"(?m)^(\S.*)\n  (\S.*)$")
PLACE = re.compile(r"\{eq\}`([\d.]+)`|\]\(\.\./(notebooks/[\w-]+)\.ipynb")
OTHERS = re.compile(r"Others: ([^.]*)\.")
# What readers may call what the glossary has under another name.
ALSO = {
    "back-propagation": ["backprop", "reverse-mode differentiation", "automatic differentiation"],
    "mini-batch": ["SGD", "stochastic gradient descent"],
    "learning rate": ["step size"],
    "error": ["loss function", "cost function"],
    "dead unit": ["dying ReLU"],
    "saturated": ["saturation"],
    "gradient descent": ["optimizer", "training"],
}


class Term(NamedTuple):
    """A term of the glossary: its names, and the page and the id where it is introduced."""

    names: list[str]
    page: str
    place: str


def terms(env: BuildEnvironment) -> Iterator[Term]:
    """Yield the terms of the glossary that are introduced in a chapter."""
    source = Path(env.doc2path(GLOSSARY)).read_text(encoding="utf-8")
    equations = env.get_domain("math").equations
    for name, meaning in ENTRY.findall(source.partition(":sorted:")[2]):
        found = PLACE.search(meaning)
        others = OTHERS.search(meaning)
        names = [name, *ALSO.get(name, [])]
        names += re.sub(r"\([^)]*\)", "", others[1]).split(",") if others else []
        names = [variant for each in names for variant in variants(each.strip())]
        if found and found[1] in equations:
            place = nodes.make_id(f"equation-{found[1]}")
            yield Term(names, equations[found[1]][0], place)
        elif found and found[2]:
            yield Term(names, found[2], "")


def variants(name: str) -> list[str]:
    """Return a name and, if it has a hyphen, the ways in which it is written without."""
    return list(dict.fromkeys([name, name.replace("-", ""), name.replace("-", " ")]))


class SearchEntries(SphinxPostTransform):
    """Let the search find the place where a term is introduced, by all of its names."""

    formats = ("html",)
    default_priority = 900

    def run(self, **kwargs: object) -> None:
        page = self.env.docname
        entries = [(name, t.place) for t in terms(self.env) if t.page == page for name in t.names]
        title = self.env.titles[page].astext()
        entries += [(word.replace("-", ""), "") for word in re.findall(r"\w+-\w+", title)]
        index = addnodes.index(
            entries=[("single", name, id_, "main", None) for name, id_ in entries]
        )
        self.document.insert(0, index)


class GlossaryLinks(SphinxPostTransform):
    """Link each term of the glossary where a chapter uses it first."""

    formats = ("html",)
    default_priority = 890

    def run(self, **kwargs: object) -> None:
        if not self.env.docname.startswith("notebooks/"):
            return
        objects = self.env.get_domain("std").objects
        ids = {
            name.lower(): id_ for (kind, name), (_, id_, *_) in objects.items() if kind == "term"
        }
        for text in list(self.document.findall(nodes.Text)):
            if ids and isinstance(text.parent, nodes.paragraph) and is_running_text(text):
                self.link(text, ids)

    def link(self, text: nodes.Text, ids: dict[str, str]) -> None:
        """Link the terms in a piece of text, and take them off the list."""
        pieces, rest = [], str(text)
        names = "|".join(map(re.escape, sorted(ids, key=len, reverse=True)))
        while found := re.search(rf"(?i)(?<![\w-])({names})(?![\w-])", rest):
            term = found[1].lower()
            inside = nodes.inline("", found[1], classes=["term"])
            builder, here = self.app.builder, self.env.docname
            link = make_refnode(builder, here, GLOSSARY, ids.pop(term), [inside])
            pieces += [nodes.Text(rest[: found.start()]), link]
            rest = rest[found.end() :]
            names = "|".join(map(re.escape, sorted(ids, key=len, reverse=True))) or "$^"
        if pieces:
            text.parent.replace(text, [*pieces, nodes.Text(rest)])


def is_running_text(node: nodes.Node) -> bool:
    """Is the text of a section, and not that of a box, a caption, a table or an exercise?"""
    while (node := node.parent) is not None:
        if isinstance(node, nodes.Admonition | nodes.table | nodes.caption):
            return False
    return True


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Read the chapters again when the glossary has changed."""
    chapters = [page for page in env.found_docs if page.startswith("notebooks/")]
    return chapters if GLOSSARY in added | changed else []


# Previews


def write_previews(app: Sphinx, exception: Exception | None) -> None:
    """Write what links to equations and terms show into a script, which loads from a folder too."""
    if app.builder.name != "html" or exception:
        return
    shown: dict[str, str] = {}
    for path in sorted(Path(app.outdir).glob("notebooks/*.html")):
        page = path.read_text(encoding="utf-8")
        shown |= re.findall(r'(?s)<div class="math [^>]*id="(equation-[\d-]+)">(.*?)</div>\n', page)
    glossary = Path(app.outdir) / f"{GLOSSARY}.html"
    if glossary.exists():
        entry = r'(?s)<dt id="(term-[^"]*)">.*?</dt><dd>(.*?)</dd>'
        shown |= re.findall(entry, glossary.read_text(encoding="utf-8"))
    shown = {id_: bare(html) for id_, html in shown.items()}
    script = f"showPreviews({json.dumps(shown, indent=0, ensure_ascii=False)});\n"
    target = Path(app.outdir) / "_static" / "previews_data.js"
    target.write_text(script, encoding="utf-8", newline="\n")


def bare(html: str) -> str:
    """Return a piece of a page without links and the number of an equation."""
    html = re.sub(r'(?s)<span class="eqno">.*?</span>', "", html)
    return re.sub(r"</?a\b[^>]*>", "", html).strip()


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(SearchEntries)
    app.add_post_transform(GlossaryLinks)
    app.connect("env-get-outdated", outdated)
    app.connect("build-finished", write_previews)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

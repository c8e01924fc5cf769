"""What the book asks of Sphinx beyond its configuration: numbers by chapter, links into pages."""

import re

from docutils import nodes
from pybtex.plugin import find_plugin
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode
from sphinxcontrib.bibtex.domain import Citation

PLAIN_TEXT = find_plugin("pybtex.backends", "plaintext")


class LinksIntoPages(SphinxPostTransform):
    """Resolve links that JupyterLab and GitHub can follow to a file: to an equation, to a citation.

    MyST looks for headings where a link names a file. It finds equations by their label alone, as
    in [(2.1)](02-the-model.ipynb#2.1), and does not know the works that the bibliography lists, as
    in [Cybenko, 1989](../book/bibliography.md#cybenko1989).
    """

    default_priority = 8  # before MyST's own, which has 9

    def run(self, **kwargs: object) -> None:
        equations = self.env.get_domain("math").equations
        works = {work.key: work for work in self.env.get_domain("cite").citations}
        for node in list(self.document.findall(pending_xref)):
            page, target = node["reftarget"], node.get("reftargetid")
            if target in equations and equations[target][0] == page:
                node["refdomain"], node["reftarget"] = None, target
            elif target in works and works[target].bibliography_key.docname == page:
                node.replace_self(self.citation(works[target], node))

    def citation(self, work: Citation, node: pending_xref) -> nodes.reference:
        """Return a link to a work, which a tooltip names."""
        here = node.get("refdoc", self.env.docname)
        page, id_ = work.bibliography_key.docname, work.citation_id
        says = work.tooltip_entry.text.render(PLAIN_TEXT()) if work.tooltip_entry else None
        return make_refnode(self.app.builder, here, page, id_, node.children, says)


class FormulasWithPunctuation(SphinxPostTransform):
    """Keep a formula and the punctuation beside it on one line.

    To a browser a formula is a box, before and after which a line may end.
    """

    formats = ("html",)
    default_priority = 900

    def run(self, **kwargs: object) -> None:
        for formula in list(self.document.findall(nodes.math)):
            parent, k = formula.parent, formula.parent.index(formula)
            before, after = [parent[i] if 0 <= i < len(parent) else None for i in (k - 1, k + 1)]
            opening = re.search(r"\($", before) if isinstance(before, nodes.Text) else None
            closing = re.match(r"[,.;:!?)]+", after) if isinstance(after, nodes.Text) else None
            if opening:
                parent[k - 1] = nodes.Text(before[:-1])
            if closing:
                parent[k + 1] = nodes.Text(after[closing.end() :])
            if opening or closing:
                kept = nodes.inline(classes=["unbroken"])
                formula.replace_self(kept)
                kept += [nodes.Text("(")] if opening else []
                kept += [formula, nodes.Text(closing[0] if closing else "")]


def number_by_chapter(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Number equations, figures, tables and exercises by chapter: (2.1), (2.2), ...

    Sphinx numbers by the position of a page in the table of contents; the chapters of this book
    carry the numbers of the series, which are those of their file names. Equations and exercises
    have the number of their label, so that it stays theirs when others move. Figures and tables
    on pages that belong to no chapter have none.
    """
    for page, kinds in env.toc_fignumbers.items():
        chapter = re.match(r"(?:book|notebooks)/(\d\d)-", page)
        if chapter:
            for ids in kinds.values():
                for k, id_ in enumerate(ids, start=1):
                    labeled = re.fullmatch(r"(?:equation|ex)-(\d+)-(\d+)", id_)
                    number = labeled.groups() if labeled else (chapter[1], k)
                    ids[id_] = tuple(map(int, number))
        else:
            for kind in ("figure", "table"):
                kinds.pop(kind, None)
    return []


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(LinksIntoPages)
    app.add_post_transform(FormulasWithPunctuation)
    app.connect("env-get-updated", number_by_chapter, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The book for e-readers: what its EPUB has that the pages have not, and the other way round.

E-readers run no scripts, so what one works with is left out, and so is code that only draws a
figure. Formulas are MathML (formulas.py). scripts/pack_epub.py makes the file that readers get.
"""

import html
import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from docutils import nodes
from matplotlib import font_manager
from pages import is_text_or_formula, plain
from pdf import hide_code
from sphinx.application import Sphinx
from sphinx.builders.epub3 import Epub3Builder
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform

import nnlib

FONT = "../../notebooks/data/fonts/source-sans-3.ttf"  # seen from the staged sources
COVER = "_static/cover.png"
STYLES = ("pygments.css", "epub.css", "ereader.css")  # those of the pages are for browsers
WORKED_WITH = ("cover-buttons", "chapter-cards", "sd-container-fluid")
BLUE, ORANGE, PALE, GRAY = "#0072B2", "#D55E00", "#c9d2da", "#5a5a5a"


class BookBuilder(Epub3Builder):
    """Sphinx's EPUB, with the sections of each chapter in the contents.

    Sphinx does not know the chapters again where its first page is in a folder, as ours is.
    """

    def get_toc(self) -> None:
        super().get_toc()
        pages = [node | {"refuri": posixpath.normpath(node["refuri"])} for node in self.refnodes]
        self.refnodes = [node for page in pages for node in (page, *self.sections(page["refuri"]))]

    def sections(self, address: str) -> Iterator[dict[str, Any]]:
        contents = self.env.tocs[address.removesuffix(self.out_suffix)]
        for item in contents[0].findall(nodes.list_item):
            link = next(item.findall(nodes.reference))
            if item.parent.parent is contents[0]:
                text = html.escape("".join(map(plain, link.findall(is_text_or_formula))))
                yield {"level": 2, "refuri": address + link["anchorname"], "text": text}

    def build_content(self) -> None:
        (Path(self.outdir) / self.coverpage_name).unlink(missing_ok=True)  # or it is listed twice
        super().build_content()

    def toc_metadata(self, level: int, navpoints: list[Any]) -> dict[str, Any]:
        """Identify the contents for older readers as the book is."""
        return super().toc_metadata(level, navpoints) | {"uid": self.config.epub_identifier}

    def build_epub(self) -> None:
        """Leave it to scripts/pack_epub.py."""


class BookForEreaders(SphinxPostTransform):
    """Leave out of a page what only browsers show."""

    builders = ("epub",)
    default_priority = 100  # before myst_nb folds code, which has 199

    def run(self, **kwargs: object) -> None:
        hide_code(self.document)
        for raw in list(self.document.findall(nodes.raw)):
            if raw.astext().startswith('<div class="live"'):
                raw.parent.remove(raw)
        for box in list(self.document.findall(nodes.container)):
            if box.get("design_component") in ("tab-set", "tab-item"):
                del box["design_component"]  # one after another, with what they show as titles
            if set(box["classes"]) & set(WORKED_WITH) and box.parent is not None:
                box.parent.remove(box)


def page_context(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if app.builder.name == "epub":
        styles = context["css_files"]
        context["css_files"] = [s for s in styles if Path(str(s.filename)).name in STYLES]


def draw_cover(app: Sphinx) -> None:
    """Draw the picture by which e-readers show the book, in the looks of the PDF's title page."""
    if app.builder.name != "epub":
        return
    figure = plt.figure(figsize=(6, 9), facecolor="white")
    axes = figure.add_axes((0.12, 0.12, 0.76, 0.36))
    axes.axis("off")
    n = (3, 5, 4, 2)
    place = [[(l, (n_l + 1) / 2 - i) for i in range(1, n_l + 1)] for l, n_l in enumerate(n)]
    for l in range(1, len(n)):
        for i, (x, y) in enumerate(place[l]):
            strong = (l, i) == (2, 1)
            for start in place[l - 1]:
                look = {"color": ORANGE, "lw": 2} if strong else {"color": PALE, "lw": 1}
                axes.plot(*zip(start, (x, y), strict=True), zorder=1 + strong, **look)
    for l, nodes_l in enumerate(place):
        for i, (x, y) in enumerate(nodes_l):
            edge = ORANGE if (l, i) == (2, 1) else BLUE
            axes.plot(x, y, "o", ms=22, mfc="white", mec=edge, mew=2, zorder=3, clip_on=False)
    font = {"fontproperties": font_manager.FontProperties(fname=Path(app.srcdir) / FONT)}
    figure.text(0.12, 0.87, "Neural\nNetworks", size=56, va="top", linespacing=0.85, **font)
    figure.text(0.12, 0.64, "from First Principles", size=27, va="top", color=BLUE, **font)
    figure.text(0.12, 0.06, f"Version {nnlib.__version__}", size=13, color=GRAY, **font)
    target = Path(app.outdir) / COVER
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=200, metadata={"Software": None})
    plt.close(figure)


def describe(app: Sphinx, config: Config) -> None:
    """Say what _config.yml cannot: the version, which is that of nnlib, and the cover, a tuple."""
    config.version = nnlib.__version__
    config.epub_cover = (COVER, "epub-cover.html")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_builder(BookBuilder, override=True)
    app.add_post_transform(BookForEreaders)
    app.connect("config-inited", describe)
    app.connect("builder-inited", draw_cover)
    app.connect("html-page-context", page_context, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

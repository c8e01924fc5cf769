"""The chapters on the cover, as cards: a picture, the question, the time that it takes.

The questions are those of the preface's table; the picture is the first figure of the chapter.
Beside the cover's other buttons is one for the PDF and one for the EPUB, if they have been made.
"""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

ROW = re.compile(r"(?m)^\| \[([^\]]*)\]\(\.\./(notebooks/[\w-]+)\.ipynb\) \| ([^|]*) \|")
PREFACE = "book/01-preface"


class ChapterCards(nodes.General, nodes.Element):
    """Where the cards go."""


class PlaceCards(SphinxDirective):
    """Place the cards of the chapters: ```{chapter-cards}```."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(self.env.doc2path(PREFACE))
        return [ChapterCards()]


class BookButtons(nodes.General, nodes.Element):
    """Where the buttons for the PDF and the EPUB go."""


class PlaceBookButtons(SphinxDirective):
    """Place buttons that lead to the PDF and to the EPUB: ```{book-buttons}```."""

    def run(self) -> list[nodes.Node]:
        return [BookButtons()]


class MakeBookButtons(SphinxPostTransform):
    """Make the buttons when the page is written, for what the site has."""

    default_priority = 800

    def run(self, **kwargs: object) -> None:
        files = self.config.html_context.get("book_files", {})
        shown = files if self.app.builder.name == "html" else {}
        up = "../" * self.env.docname.count("/")
        look = "sd-btn sd-text-wrap sd-btn-outline-primary"
        buttons = [
            html(f'<p><a class="{look}" href="{up}{name}">{kind}</a></p>')
            for kind, name in shown.items()
        ]
        for node in list(self.document.findall(BookButtons)):
            node.replace_self(buttons)


class MakeCards(SphinxPostTransform):
    """Make the cards once all chapters are read."""

    default_priority = 800

    def run(self, **kwargs: object) -> None:
        for node in list(self.document.findall(ChapterCards)):
            node.replace_self(self.cards() if self.app.builder.name == "html" else [])

    def cards(self) -> list[nodes.Node]:
        preface = Path(self.env.doc2path(PREFACE)).read_text(encoding="utf-8")
        cards = [card for row in ROW.findall(preface) for card in self.card(*row)]
        return [html('<div class="chapter-cards">'), *cards, html("</div>")]

    def card(self, title: str, page: str, question: str) -> list[nodes.Node]:
        """Return the card of a chapter, all of it a link."""
        chapter = self.env.get_doctree(page)
        address = self.app.builder.get_relative_uri(self.env.docname, page)
        minutes = re.search(r"[Tt]ime\.\s+(?:About )?(\d+) minutes", chapter.astext())
        time = f" <small>{minutes[1]} minutes</small>" if minutes else ""
        text = f"<span><strong>{escape(title)}</strong> {escape(question.strip())}{time}</span></a>"
        pictures = [image for image in chapter.findall(nodes.image) if image.get("alt")]
        return [html(f'<a href="{address}">'), *map(copy, pictures[:1]), html(text)]


def copy(image: nodes.image) -> nodes.inline:
    """Return an image without a place or a name of its own."""
    kept = {key: image[key] for key in ("uri", "candidates", "alt") if key in image}
    return nodes.inline("", "", nodes.image("", **kept), classes=["picture"])


def html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("chapter-cards", PlaceCards)
    app.add_directive("book-buttons", PlaceBookButtons)
    app.add_node(ChapterCards)
    app.add_node(BookButtons)
    app.add_post_transform(MakeCards)
    app.add_post_transform(MakeBookButtons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

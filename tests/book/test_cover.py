"""The cover's buttons for the PDF and the EPUB: there where the site has them."""

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils


@pytest.mark.parametrize("kinds", [["PDF", "EPUB"], ["PDF"], []])
def test_cover_offers_the_files_that_there_are(root, tmp_path, monkeypatch, kinds):
    monkeypatch.syspath_prepend(root / "book" / "extensions")
    source = tmp_path / "source"
    (source / "book").mkdir(parents=True)
    (source / "index.md").write_text("# Start\n", encoding="utf-8")
    cover = "# Cover\n\n```{book-buttons}\n```\n"
    (source / "book" / "index.md").write_text(cover, encoding="utf-8")
    files = {kind: f"book.{kind.lower()}" for kind in kinds}
    settings = {
        "extensions": ["myst_parser", "cover"],
        "html_theme": "basic",
        "html_context": {"book_files": files},
    }
    site, doctrees = tmp_path / "site", tmp_path / "doctrees"
    with patch_docutils(), docutils_namespace():
        Sphinx(source, None, site, doctrees, "html", settings, status=None, warning=None).build()
    cover = (site / "book" / "index.html").read_text(encoding="utf-8")
    for kind, name in (("PDF", "book.pdf"), ("EPUB", "book.epub")):
        assert (f'href="../{name}">{kind}</a>' in cover) == (kind in kinds)
        assert (f">{kind}</a>" in cover) == (kind in kinds)

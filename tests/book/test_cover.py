"""The cover's button for the PDF: there where the site has the PDF."""

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils


@pytest.mark.parametrize("pdf", ["book.pdf", ""])
def test_cover_offers_the_pdf_if_there_is_one(root, tmp_path, monkeypatch, pdf):
    monkeypatch.syspath_prepend(root / "book" / "extensions")
    source = tmp_path / "source"
    (source / "book").mkdir(parents=True)
    (source / "index.md").write_text("# Start\n", encoding="utf-8")
    (source / "book" / "index.md").write_text("# Cover\n\n```{pdf-button}\n```\n", encoding="utf-8")
    settings = {
        "extensions": ["myst_parser", "cover"],
        "html_theme": "basic",
        "html_context": {"book_pdf": pdf},
    }
    site, doctrees = tmp_path / "site", tmp_path / "doctrees"
    with patch_docutils(), docutils_namespace():
        Sphinx(source, None, site, doctrees, "html", settings, status=None, warning=None).build()
    cover = (site / "book" / "index.html").read_text(encoding="utf-8")
    assert ('href="../book.pdf">PDF</a>' in cover) == bool(pdf)
    assert (">PDF</a>" in cover) == bool(pdf)

"""The directive that places live figures, in a tiny book."""

import io

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils


@pytest.fixture
def build(root, tmp_path, monkeypatch):
    """Read a page, and return the figures noted for it and the warnings."""
    monkeypatch.syspath_prepend(root / "book" / "extensions")
    (tmp_path / "book" / "live").mkdir(parents=True)
    for name in ("one", "two"):
        (tmp_path / "book" / "live" / f"{name}.html").write_text("<p></p>", encoding="utf-8")

    def read(page: str) -> tuple[list[str], str]:
        (tmp_path / "index.rst").write_text(f"Title\n=====\n\n{page}\n", encoding="utf-8")
        warnings = io.StringIO()
        places = (tmp_path, None, tmp_path / "out", tmp_path / "doctrees", "dummy")
        with patch_docutils(), docutils_namespace():
            settings = {"extensions": ["live"]}
            app = Sphinx(*places, settings, status=None, warning=warnings, freshenv=True)
            app.build()
        return app.env.metadata["index"].get("live", []), warnings.getvalue()

    return read


def test_a_page_may_have_several_live_figures(build):
    figures, warnings = build(".. live:: two\n\n.. live:: one")
    assert figures == ["two", "one"]
    assert warnings == ""


def test_an_unknown_figure_and_one_that_is_there_already_are_errors(build):
    figures, warnings = build(".. live:: one\n\n.. live:: three\n\n.. live:: one")
    assert figures == ["one"]
    assert "expected a live figure, one of one, two, got three" in warnings
    assert "expected the live figure one once on a page, got it twice" in warnings

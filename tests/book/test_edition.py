"""What the footer of a page says of the commit it was built from, and where errors are reported."""

import subprocess
from types import SimpleNamespace

import pytest


@pytest.fixture
def pages(root, load_module):
    return load_module(root / "book" / "extensions" / "pages.py")


@pytest.fixture
def clone(tmp_path):
    """Return a repository with one commit of one file, and its name."""
    (tmp_path / "file").write_text("one")
    name = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "file"], [*name, "commit", "-qm", "One"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    shown = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=tmp_path, capture_output=True, text=True
    )
    return tmp_path, shown.stdout.strip()


def test_commit_is_named_and_marked_when_files_have_changed(pages, clone, monkeypatch):
    monkeypatch.delenv("BOOK_COMMIT", raising=False)
    folder, name = clone
    assert pages.commit(folder) == name
    (folder / "file").write_text("two")
    assert pages.commit(folder) == f"{name}+"


def test_commit_can_be_given_where_there_is_no_repository(pages, tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_COMMIT", "abc1234")
    assert pages.commit(tmp_path) == "abc1234"
    monkeypatch.delenv("BOOK_COMMIT")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert pages.commit(tmp_path) == ""


def report(pages, repository: str) -> str:
    context = {
        "title": "5. <em>Gradient</em> descent",
        "book_version": "1.0",
        "book_commit": "abc1234",
        "book_repository": repository,
    }
    app = SimpleNamespace(builder=SimpleNamespace(name="html"))
    pages.page_context(app, "notebooks/05", "page.html", context, None)
    return context["book_report"]


def test_errors_are_reported_only_where_a_repository_is_configured(pages):
    assert report(pages, "") == ""
    address = report(pages, "https://github.com/somebody/book")
    assert address.startswith("https://github.com/somebody/book/issues/new?title=Error%20in")
    assert "5.%20Gradient%20descent" in address
    assert "abc1234" in address


def test_repository_comes_from_one_setting(pages, monkeypatch):
    monkeypatch.delenv("BOOK_REPOSITORY_URL", raising=False)
    assert pages.repository_url() == ""
    monkeypatch.setenv("BOOK_REPOSITORY_URL", "https://github.com/somebody/book/")
    assert pages.repository_url() == "https://github.com/somebody/book"

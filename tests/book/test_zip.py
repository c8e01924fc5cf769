"""The zip of the pages: one folder, the same bytes for the same pages, and no JupyterLite."""

import os
import zipfile

import pytest

from scripts import commit, zip_site


@pytest.fixture
def site(tmp_path):
    for name in ("index.html", "notebooks/b.html", "notebooks/a.html", "lite/index.html"):
        file = tmp_path / "html" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return tmp_path / "html"


def test_zip_has_one_folder_and_no_jupyterlite(site, tmp_path):
    zip_site.write(site, tmp_path / "zip" / "book.zip", 1_700_000_000)
    with zipfile.ZipFile(tmp_path / "zip" / "book.zip") as file:
        names = [f"{zip_site.NAME}/{page}" for page in ("index.html", "notebooks/a.html")]
        assert file.namelist() == [*names, f"{zip_site.NAME}/notebooks/b.html"]
        assert file.read(names[1]) == b"notebooks/a.html"
        assert {info.date_time for info in file.infolist()} == {(2023, 11, 14, 22, 13, 20)}


def test_same_pages_give_the_same_bytes(site, tmp_path):
    zip_site.write(site, tmp_path / "one.zip", 1_700_000_000)
    os.utime(site / "index.html", (0, 0))
    (site / "index.html").chmod(0o600)
    zip_site.write(site, tmp_path / "two.zip", 1_700_000_000)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_times_before_the_first_that_a_zip_knows(site, tmp_path):
    zip_site.write(site, tmp_path / "book.zip", 0)
    assert zipfile.ZipFile(tmp_path / "book.zip").infolist()[0].date_time[0] == 1980


def test_without_pages_there_is_no_zip(tmp_path, monkeypatch):
    monkeypatch.setattr(zip_site, "SITE", tmp_path)
    with pytest.raises(SystemExit, match="run make book first"):
        zip_site.main()


def test_time_is_that_of_the_commit(root, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    if (root / ".git").exists():
        assert commit.commit_time() > 1_600_000_000
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "17")
    assert commit.commit_time() == 17

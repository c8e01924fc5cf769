"""The book for e-readers, where `make epub` has made it: all chapters, in order, and valid."""

import re
import zipfile
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scripts import pack_epub

ROOT = Path(__file__).parents[2]
EPUB = ROOT / "_build" / "epub" / "neural-networks-from-first-principles.epub"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
XHTML = "{http://www.w3.org/1999/xhtml}"

made = pytest.mark.skipif(not EPUB.exists(), reason="needs the EPUB: make epub")


@cache
def files() -> dict[str, bytes]:
    with zipfile.ZipFile(EPUB) as file:
        return {name: file.read(name) for name in file.namelist()}


@cache
def pages() -> dict[str, ElementTree.Element]:
    """Return the pages by name, in the order in which they are read."""
    package = ElementTree.fromstring(files()["content.opf"])
    items = {item.get("id"): item.get("href") for item in package.iter(f"{pack_epub.OPF}item")}
    order = [items[place.get("idref")] for place in package.iter(f"{pack_epub.OPF}itemref")]
    return {name: ElementTree.fromstring(files()[name]) for name in order}


@made
def test_epubcheck_finds_nothing():
    found = pack_epub.complaints(EPUB)
    if found is None:
        pytest.skip("needs epubcheck: apt-get install epubcheck")
    assert found == ""


@made
def test_chapters_are_in_their_order():
    chapters = [name for name in pages() if name.startswith("notebooks/")]
    there = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert chapters == [f"notebooks/{path.stem}.xhtml" for path in there]
    assert list(pages())[:3] == ["epub-cover.xhtml", "book/index.xhtml", "book/01-preface.xhtml"]


@made
def test_formulas_are_mathml_with_their_tex():
    formulas = [formula for page in pages().values() for formula in page.iter(f"{MATHML}math")]
    assert len(formulas) > 3000
    assert [formula for formula in formulas if not formula.get("alttext")] == []
    names = [name for name in files() if b"mjx-" in files()[name]]
    assert names == []


@made
def test_equations_carry_their_numbers():
    page = files()["notebooks/02-the-model.xhtml"].decode()
    assert '<span class="eqno">(2.1)' in page
    assert 'href="#equation-2-1"' in page


@made
def test_nothing_needs_a_script_or_a_network():
    for name, page in pages().items():
        tags = {element.tag.removeprefix(XHTML) for element in page.iter()}
        assert not tags & {"script", "canvas", "button", "input", "form", "iframe"}, name
        for image in page.iter(f"{XHTML}img"):
            assert "://" not in image.get("src")
            assert image.get("alt"), (name, image.get("src"))
    assert [name for name in files() if name.endswith((".js", ".woff2", ".html"))] == []


@made
def test_code_that_draws_a_figure_is_left_out_and_the_figure_is_not():
    page = files()["notebooks/05-gradient-descent.xhtml"].decode()
    assert "plt.show()" not in page
    assert len(re.findall("<figure", page)) > 5


@made
def test_what_the_book_is():
    package = ElementTree.fromstring(files()["content.opf"])
    said = {element.tag.rpartition("}")[2]: element.text for element in package.iter()}
    assert said["title"] == "Neural Networks from First Principles"
    assert said["language"] == "en"
    assert "Rasmussen" in said["contributor"]
    assert files()["_static/cover.png"].startswith(b"\x89PNG")


@made
def test_first_file_says_what_it_is():
    with zipfile.ZipFile(EPUB) as file:
        first = file.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert file.read(first) == b"application/epub+zip"


# How it is packed

OPF = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:date>today</dc:date>
  <meta property="dcterms:modified">today</meta></metadata>
  <manifest>
    <item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
    <item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
    <item id="a" href="book/a%20b.xhtml" media-type="application/xhtml+xml"/>
    <item id="c" href="_static/a.css" media-type="text/css"/>
    <item id="d" href="_static/b.css" media-type="text/css"/>
    <item id="e" href="_static/cover.png" media-type="image/png"/>
    <item id="f" href="_images/f.png" media-type="image/png"/>
  </manifest>
  <spine toc="ncx"><itemref idref="a"/></spine>
</package>
"""


@pytest.fixture
def built(tmp_path):
    page = '<link href="../_static/a.css"/><img src="https://example.org/f.png"/><math/>'
    texts = {"mimetype": "application/epub+zip", "META-INF/container.xml": "", "content.opf": OPF}
    texts |= {"nav.xhtml": "", "toc.ncx": "", "book/a b.xhtml": page}
    texts |= dict.fromkeys(("_static/a.css", "_static/b.css", "_static/cover.png"), "")
    for name, text in (texts | {"_images/f.png": ""}).items():
        (tmp_path / "built" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "built" / name).write_text(text)
    return tmp_path / "built"


def test_packed_are_the_pages_and_what_they_refer_to(built, tmp_path):
    pack_epub.write(built, tmp_path / "book.epub", 1_700_000_000)
    with zipfile.ZipFile(tmp_path / "book.epub") as file:
        names, listed = file.namelist(), file.read("content.opf").decode()
    assert names[0] == "mimetype"
    kept = ["_static/a.css", "_static/cover.png", "book/a b.xhtml", "nav.xhtml", "toc.ncx"]
    assert names[3:] == kept
    assert re.findall(r'href="([^"]*)"[^>]*properties="([^"]*)"', listed) == [
        ("nav.xhtml", "nav"),
        ("book/a%20b.xhtml", "mathml"),
        ("_static/cover.png", "cover-image"),
    ]
    assert listed.count("2023-11-14T22:13:20Z") == 2


def test_same_pages_give_the_same_bytes(built, tmp_path):
    for name in ("one", "two"):
        pack_epub.write(built, tmp_path / name, 1_700_000_000)
        (built / "content.opf").write_text(OPF.replace('"a"', '"epub-17"'))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()

"""Make the EPUB of what Sphinx wrote to _build/ebook: python -m scripts.pack_epub

Sphinx lists all files that it finds, and does not say which have formulas, as the standard asks. So
the list is made again, of what pages refer to. The file depends on the pages alone: its times are
those of the commit. Where epubcheck is installed, what it has to say is an error.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from scripts.commit import commit_time

ROOT = Path(__file__).parent.parent
BUILT = ROOT / "_build" / "ebook" / "_build" / "epub"
NAME = "neural-networks-from-first-principles"
EPUB = ROOT / "_build" / "epub" / f"{NAME}.epub"
LIST = "content.opf"
OPF = "{http://www.idpf.org/2007/opf}"
COVER = "_static/cover.png"


def used(folder: Path, pages: list[str]) -> set[str]:
    """Return the pages, and what they and the style sheets refer to."""
    found: set[str] = set()
    waiting = [*pages, COVER]
    while waiting:
        name = waiting.pop()
        if name in found or not (folder / name).is_file():
            continue
        found.add(name)
        if name.endswith((".xhtml", ".css")):
            text = (folder / name).read_text(encoding="utf-8")
            links = re.findall(
                r'(?:src|href)="([^"]+)"|url\(["\']?([^"\')]+)|@import "([^"]+)"', text
            )
            paths = [urlsplit("".join(link)) for link in links]
            near = [unquote(path.path) for path in paths if not path.scheme and path.path]
            here = (Path(name).parent / path for path in near)
            waiting += [os.path.normpath(path).replace(os.sep, "/") for path in here]
    return found


def listing(folder: Path, seconds: int) -> tuple[bytes, list[str]]:
    """Return the list of the files, each with what it has, and their names."""
    for prefix, uri in (("", OPF[1:-1]), ("dc", "http://purl.org/dc/elements/1.1/")):
        ElementTree.register_namespace(prefix, uri)
    package = ElementTree.parse(folder / LIST).getroot()
    manifest, spine = package.find(f"{OPF}manifest"), package.find(f"{OPF}spine")
    items = {item.get("id"): item for item in manifest}
    pages = [items[place.get("idref")].get("href") for place in spine]
    kept = used(folder, [*map(unquote, pages), "nav.xhtml", "toc.ncx"])
    for item in list(manifest):
        name = unquote(item.get("href"))
        if name not in kept:
            manifest.remove(item)
        elif name == COVER:
            item.set("properties", "cover-image")
        elif name.endswith(".xhtml") and "<math" in (folder / name).read_text(encoding="utf-8"):
            item.set("properties", "mathml")
    # Sphinx goes on counting where its last build has ended.
    ids = {item.get("id"): f"file-{k}" for k, item in enumerate(manifest)}
    for element in package.iter():
        for name in {"id", "idref", "toc", "content"} & set(element.keys()):
            element.set(name, ids.get(element.get(name), element.get(name)))
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    for element in package.iter():
        if element.tag.endswith("}date") or element.get("property") == "dcterms:modified":
            element.text = stamp
    text = ElementTree.tostring(package, encoding="utf-8", xml_declaration=True)
    return text, [unquote(item.get("href")) for item in manifest]


def write(folder: Path, target: Path, seconds: int) -> None:
    """Write the EPUB: a zip whose first file, not compressed, says what it is."""
    contents, names = listing(folder, seconds)
    moment = time.gmtime(max(seconds, 315532800))[:6]  # a zip knows no time before 1980
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as file:
        for name in ["mimetype", "META-INF/container.xml", LIST, *sorted(names)]:
            info = zipfile.ZipInfo(name, moment)
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            file.writestr(info, contents if name == LIST else content(folder / name))


def content(file: Path) -> bytes:
    """Return what a file holds, in a drawing with the d that each path has to have."""
    found = file.read_bytes()
    if file.suffix == ".svg":
        found = re.sub(rb'<path (?![^>]*\bd=")', b'<path d="" ', found)
    return found


def complaints(target: Path) -> str | None:
    """Return what epubcheck says, "" if it finds nothing, or None where it is not installed."""
    program = shutil.which("epubcheck")
    if program is None:
        return None
    # Debian's is an archive of Java that runs by itself only with the help of the kernel.
    java = ["java", "-jar"] if Path(program).read_bytes()[:2] == b"PK" else []
    command = [*java, os.path.realpath(program), "--failonwarnings", str(target)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.stdout + run.stderr if run.returncode else ""


def main() -> None:
    write(BUILT, EPUB, commit_time())
    found = complaints(EPUB)
    if found:
        sys.exit(f"epubcheck complains:\n{found}")
    said = "not checked, since epubcheck is not installed" if found is None else "checked"
    print(f"{EPUB.relative_to(ROOT)}: {EPUB.stat().st_size / 1e6:.1f} MB, {said}")


if __name__ == "__main__":
    main()

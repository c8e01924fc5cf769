"""Put the built pages into a zip file: python -m scripts.zip_site

The file has one folder on top. It depends on the pages alone: names are sorted and all times are
those of the commit, so that the same pages give the same bytes.
"""

import sys
import time
import zipfile
from pathlib import Path

from scripts.commit import commit_time

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
NAME = "neural-networks-from-first-principles"
ZIP = ROOT / "_build" / "zip" / f"{NAME}.zip"
LEFT_OUT = {"lite"}  # JupyterLite needs a server, and is larger than all the rest


def pages(site: Path) -> list[Path]:
    """Return the files of the site, in an order that is the same everywhere."""
    files = [file.relative_to(site) for file in site.rglob("*") if file.is_file()]
    return sorted((f for f in files if f.parts[0] not in LEFT_OUT), key=Path.as_posix)


def write(site: Path, target: Path, seconds: int) -> None:
    """Write a zip of the site whose bytes depend on nothing but its files and the time."""
    moment = time.gmtime(max(seconds, 315532800))[:6]  # a zip knows no time before 1980
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for page in pages(site):
            info = zipfile.ZipInfo(f"{NAME}/{page.as_posix()}", moment)
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(info, (site / page).read_bytes(), compresslevel=9)


def main() -> None:
    if not (SITE / "index.html").is_file():
        sys.exit("There are no pages to pack: run make book first")
    write(SITE, ZIP, commit_time())
    print(f"{ZIP.relative_to(ROOT)}: {ZIP.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

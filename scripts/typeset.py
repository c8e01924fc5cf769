"""Typeset the book with LaTeX.

    python -m scripts.typeset packages  list the packages of Debian and Ubuntu that it takes
    python -m scripts.typeset check     say what is missing on this machine, if anything
    python -m scripts.typeset           typeset what Sphinx wrote to _build/paper, into _build/pdf

Checking needs nothing but the standard library, so that it can come before everything else. What
LaTeX has to say about a missing character, a reference to nothing or a line that is too wide is an
error, as warnings are everywhere in the book. The date in the PDF is that of the commit.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.commit import commit_time

ROOT = Path(__file__).parent.parent
LATEX = ROOT / "_build" / "paper" / "_build" / "latex"  # apart from what Sphinx keeps for the pages
NAME = "neural-networks-from-first-principles"
PDF = ROOT / "_build" / "pdf" / f"{NAME}.pdf"

# What is needed, and the package of Debian and Ubuntu that brings it.
PROGRAMS = {
    "xelatex": "texlive-xetex",
    "latexmk": "latexmk",
    "kpsewhich": "texlive-binaries",
    "rsvg-convert": "librsvg2-bin",
}
FILES = {
    "unicode-math.sty": "texlive-latex-recommended",
    "titlesec.sty": "texlive-latex-extra",
    "tikz.sty": "texlive-pictures",
    "pzdr.tfm": "texlive-fonts-recommended",
    "texgyrepagella-regular.otf": "fonts-texgyre",
    "texgyreheros-regular.otf": "fonts-texgyre",
    "texgyrepagella-math.otf": "fonts-texgyre-math",
}
WIDEST = 5.0  # points that a line may stick out: less than two millimeters


def missing() -> dict[str, str]:
    """Return what is not on this machine, and the package of each."""
    programs = {name: PROGRAMS[name] for name in PROGRAMS if shutil.which(name) is None}
    if "kpsewhich" in programs:
        return programs | FILES
    return programs | {name: FILES[name] for name in FILES if not has_file(name)}


def has_file(name: str) -> bool:
    return subprocess.run(["kpsewhich", name], capture_output=True, check=False).returncode == 0


def check() -> None:
    """Stop, and say what to install, if anything is missing."""
    if lacking := missing():
        sys.exit(advice(lacking))


def advice(lacking: dict[str, str]) -> str:
    """Return what to say where something is missing."""
    lines = [f"  {name}, of the package {package}" for name, package in lacking.items()]
    return "\n".join(
        [
            "The PDF is made with LaTeX, and this machine lacks",
            *lines,
            "On Debian or Ubuntu:",
            f"  apt-get install --no-install-recommends {' '.join(sorted(set(lacking.values())))}",
            "Elsewhere: TeX Live with XeTeX and the OpenType fonts TeX Gyre, latexmk, and librsvg.",
        ]
    )


def complaints(log: str) -> list[str]:
    """Return what the log of LaTeX says that must not be."""
    text = re.sub(r"(?<=[^\n]{79})\n", "", log)  # TeX breaks lines after 79 characters
    found = re.findall(r"^Missing character: .*|^LaTeX Warning: .* undefined .*", text, re.M)
    found += re.findall(r"^LaTeX Warning: Label .* multiply defined.*", text, re.M)
    boxes = re.findall(r"^(Overfull \\hbox \(([\d.]+)pt too wide\).*)", text, re.M)
    return found + [line for line, width in boxes if float(width) > WIDEST]


def typeset() -> None:
    """Run LaTeX until all references are right, and put the PDF in its place."""
    for suffix in (
        "aux",
        "out",
        "toc",
        "fdb_latexmk",
    ):  # which a run that was stopped left unfinished
        (LATEX / f"{NAME}.{suffix}").unlink(missing_ok=True)
    command = ["latexmk", "-xelatex", "-interaction=nonstopmode", "-halt-on-error", f"{NAME}.tex"]
    epoch = {"SOURCE_DATE_EPOCH": str(commit_time()), "FORCE_SOURCE_DATE": "1"}
    run = subprocess.run(
        command, cwd=LATEX, env=os.environ | epoch, capture_output=True, check=False
    )
    log = (LATEX / f"{NAME}.log").read_text(encoding="utf-8", errors="replace")
    if run.returncode:
        sys.exit(f"LaTeX failed: see {LATEX.relative_to(ROOT) / NAME}.log\n{log[-3000:]}")
    if errors := complaints(log):
        sys.exit("\n".join(["LaTeX complains:", *errors]))
    PDF.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(LATEX / PDF.name, PDF)
    print(f"The book is ready: open {PDF.relative_to(ROOT)}")


if __name__ == "__main__":
    if sys.argv[1:] == ["packages"]:
        print(*sorted({*PROGRAMS.values(), *FILES.values()}))
    else:
        check()
        if sys.argv[1:] != ["check"]:
            typeset()

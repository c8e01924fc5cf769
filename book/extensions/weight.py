"""What pages weigh: leave out what no reader of this book needs, and let nothing wait for scripts.

The theme brings style rules, icons and scripts for sites of all kinds. Pages keep the rules whose
classes occur somewhere in the site, the icons that are shown, and scripts that run once the text is
there. Figures name their size, so that nothing moves when they come, and so that the letters of all
of them are equally large.
"""

import base64
import logging
import re
import shutil
from pathlib import Path
from typing import Any

import imagesize
from docutils import nodes
from fontTools import subset
from sphinx.application import Sphinx

# Source maps, the theme's translations into languages that the book is not in, a script that draws
# the icons a second time, and fonts with icons that no page shows.
SUPERFLUOUS = (
    "_static/**/*.map",
    "_static/locales",
    "_static/scripts/fontawesome.js",
    "_static/scripts/fontawesome.js.LICENSE.txt",
    "_static/vendor/fontawesome/webfonts/*.ttf",
    "_static/vendor/fontawesome/webfonts/*.woff2",
    "_static/fonts/*.woff2",  # in fonts.css
)
THEME = "_static/styles/pydata-sphinx-theme.css"
ICONS = "_static/vendor/fontawesome/webfonts/fa-solid-900"
ICON = re.compile(r"\.(fa-[\w-]+):before(?=[^{}]*\{content:\"\\([0-9a-f]+)\"\})")
RULE = re.compile(r"([^{}@;]+)\{[^{}]*\}")
# Style sheets of others, beside the theme's, most of whose rules are for what no page has.
OTHERS = ("sphinx-design.min.css", "mystnb.*.css", "styles/sphinx-book-theme.css", "basic.css")
INCH = 102.5  # pixels of a page: figures are drawn 6.4 inches wide, and the text is 656 pixels wide


# The head of a page


def light_styles(html: str) -> str:
    """Leave out what the head need not have.

    That is the script that draws the icons a second time, 1.5 MB; early loading of scripts, which
    takes the line from style sheets and fonts; and the theme's choice of light or dark, which our
    layout makes before anything is painted.
    """
    html = re.sub(r"<script[^>]*fontawesome\.js[^>]*></script>", "", html)
    html = re.sub(r'<link rel="preload" as="script"[^>]*>', "", html)
    return re.sub(r"(?s)<script[^>]*>\s*document\.documentElement\.dataset.*?</script>", "", html)


def later(html: str) -> str:
    """Let scripts wait for the text; those in the page that need others are modules, which wait."""
    html = re.sub(r"<script(?=[^>]*\bsrc=)(?![^>]*\bdefer)", "<script defer", html)
    return html.replace(
        "<script>DOCUMENTATION_OPTIONS", '<script type="module">DOCUMENTATION_OPTIONS'
    )


def page_context(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    context["light_styles"], context["later"] = light_styles, later
    if app.builder.name == "html" and "body" in context:
        sources = {name: Path(app.srcdir) / source for source, name in app.builder.images.items()}
        context["body"] = re.sub(r"<img [^>]*>", lambda m: sized(m[0], sources), context["body"])


def sized(image: str, sources: dict[str, Path]) -> str:
    """Give the tag of an image the size in which it is drawn, and let it load when it is near."""
    found = re.search(r'src="([^"]*)"', image)
    source = sources.get(found[1].rpartition("/")[2]) if found else None
    if source is None or "width=" in image:
        return image
    width, height = imagesize.get(source)
    dots = imagesize.getDPI(source)[0]
    scale = INCH / (dots if dots > 0 else 96)
    size = f'width="{scale * width:.0f}" height="{scale * height:.0f}" ' if width > 0 else ""
    return image.replace("<img ", f'<img {size}loading="lazy" decoding="async" ', 1)


# The files of the site


def slim(app: Sphinx, exception: Exception | None) -> None:
    """Remove what readers do not need from the built site."""
    if app.builder.name != "html" or exception:
        return
    site = Path(app.outdir)
    styles = site / THEME
    if styles.exists() and (site / f"{ICONS}.ttf").exists():
        css, words = styles.read_text(encoding="utf-8"), words_of(site)
        shown = {int(code, 16) for name, code in ICON.findall(css) if name in words}
        css = RULE.sub(lambda rule: rule[0] if is_used(rule[1], words) else "", css)
        shown |= {
            int(code, 16) for code in re.findall(r"\\([ef][0-9a-f]{3})", all_styles(site, css))
        }
        write_part_of_font(site / f"{ICONS}.ttf", site / f"{ICONS}.woff", shown)
        css = re.sub(r"@font-face\{[^}]*fa-(?:regular|brands)[^}]*\}", "", css)
        css = re.sub(
            r"src:url\(([^)]*/fa-solid-900)\.woff2\)[^;}]*", r'src:url(\1.woff) format("woff")', css
        )
        styles.write_text(css, encoding="utf-8", newline="\n")
        for path in [path for name in OTHERS for path in site.glob(f"_static/{name}")]:
            css = re.sub(r"(?s)/\*.*?\*/", "", path.read_text(encoding="utf-8"))
            css = RULE.sub(lambda rule: rule[0] if is_used(rule[1], words) else "", css)
            path.write_text(css, encoding="utf-8", newline="\n")
    fonts = site / "_static" / "fonts.css"
    if fonts.exists():
        css = with_fonts(fonts.read_text(encoding="utf-8"), fonts.parent)
        fonts.write_text(css, encoding="utf-8", newline="\n")
    for pattern in SUPERFLUOUS:
        for path in site.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def words_of(site: Path) -> set[str]:
    """Return all words of pages and scripts, and so all classes that an element can have."""
    words: set[str] = set()
    for pattern in ("*.html", "book/*.html", "notebooks/*.html", "_static/**/*.js"):
        for path in sorted(site.glob(pattern)):
            words.update(re.findall(r"[\w-]+", path.read_text(encoding="utf-8")))
    return words


def is_used(selectors: str, words: set[str]) -> bool:
    """Can one of the selectors fit an element: do all of its classes occur?"""
    bare = re.sub(r":not\([^)]*\)", "", selectors)
    return any(
        all(name in words for name in re.findall(r"\.(-?[A-Za-z_][\w-]*)", selector))
        for selector in bare.split(",")
    )


def all_styles(site: Path, css: str) -> str:
    """Return all style sheets, without the rules that give the icons' classes their characters."""
    others = [path for path in sorted(site.glob("_static/**/*.css")) if path != site / THEME]
    own = re.sub(r"(?:\.fa-[\w-]+:before,?)+\{content:[^}]*\}", "", css)
    return own + "".join(path.read_text(encoding="utf-8") for path in others)


def write_part_of_font(font: Path, target: Path, characters: set[int]) -> None:
    """Write some characters of a font, as WOFF."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options = subset.Options(flavor="woff", layout_features=[], hinting=False, notdef_outline=True)
    face = subset.load_font(str(font), options)
    part = subset.Subsetter(options)
    part.populate(unicodes=characters)
    part.subset(face)
    subset.save_font(face, str(target), options)


def with_fonts(css: str, folder: Path, names: str = ".*") -> str:
    """Put fonts that a style sheet names into it: text is then painted in them at once.

    Loading them early instead does not work where the book is opened from a folder.
    """

    def data(found: re.Match[str]) -> str:
        kind, font = found[1].rpartition(".")[2], (folder / found[1]).read_bytes()
        return f'url("data:font/{kind};base64,{base64.b64encode(font).decode()}")'

    return re.sub(rf'url\("([^"]*[/_](?:{names})\.woff2?)"\)', data, css)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", page_context, priority=900)
    app.connect("build-finished", slim, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

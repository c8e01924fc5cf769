"""Live figures on a page of their own: fragments and scripts of book/live, without Sphinx."""

import json

import pytest

PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}">
<head><meta charset="utf-8"><title>{names}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
html {{ --pst-color-border: #8a8d92; --pst-color-text-muted: #48566b;
  --pst-color-text-base: #14181e;
  --pst-color-background: #ffffff; --pst-color-surface: #f3f4f5; --pst-color-primary: #0a7d91;
  --pst-font-family-heading: sans-serif; }}
html[data-theme="dark"] {{ --pst-color-text-muted: #9ca4af; --pst-color-text-base: #ced6dd;
  --pst-color-background: #14181e; --pst-color-surface: #29313d; --pst-color-primary: #3fb1c5; }}
body {{ max-width: 46rem; margin: 0 auto; padding: 0.5rem; color: var(--pst-color-text-base);
  background: var(--pst-color-background); line-height: 1.6; }}
</style>
<link rel="stylesheet" href="{live}/live.css">
<script defer src="{live}/live.js"></script>
{scripts}
</head>
<body><main><h1>{names}</h1>
{fragments}
<h2 id="a-section">A section</h2></main></body>
</html>
"""


@pytest.fixture
def open_figures(browser, root, tmp_path):
    """Open a page with live figures, and hold it to asking no host and reporting no error."""
    folder = root / "book" / "live"
    contexts, faults = [], []

    def note_request(request):
        if not request.url.startswith("file:"):
            faults.append(request.url)

    def note_message(message):
        if message.type == "error":
            faults.append(message.text)

    def opened(*names: str, address: str = "", theme: str = "light", around="{}", **options):
        fragments = [(folder / f"{name}.html").read_text(encoding="utf-8") for name in names]
        scripts = [f'<script defer src="{folder.as_uri()}/{name}.js"></script>' for name in names]
        text = PAGE.format(
            theme=theme,
            names=", ".join(names),
            live=folder.as_uri(),
            scripts="\n".join(scripts),
            fragments=around.format("\n".join(fragments)),
        )
        path = tmp_path / f"{'-'.join(names)}-{theme}.html"
        path.write_text(text, encoding="utf-8")
        size = {"viewport": {"width": 1000, "height": 900}}
        contexts.append(browser.new_context(**size | options))
        page = contexts[-1].new_page()
        page.on("request", note_request)
        page.on("console", note_message)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(path.as_uri() + address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def go_to():
    """Follow a link to another state of the figures of a page, or to a place in it."""

    def go(page, address: str) -> None:
        page.evaluate(
            """address => new Promise((done) => {
                if (location.hash === address) return done();
                addEventListener("hashchange", () => setTimeout(done), { once: true });
                location.hash = address;
            })""",
            address,
        )

    return go


@pytest.fixture
def set_slider():
    """Move a slider of a page, by its id, as a reader does."""

    def move(page, name: str, value: float) -> None:
        script = f"e => {{ e.value = {json.dumps(value)}; e.dispatchEvent(new Event('input')); }}"
        page.locator(f"#{name}").evaluate(script)

    return move

"""The figure style of the book and the drawings that more than one figure shows."""

import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnlib import Activation

HERE = Path(__file__).parent
STYLE = HERE / "book.mplstyle"
FONTS = HERE / "data" / "fonts"
BLUE, ORANGE, GREEN, GRAY = "#0072B2", "#D55E00", "#009E73", "#8a8a8a"


def use_book_style() -> None:
    """Give every figure of a notebook the style and the letters of the book."""
    fonts = font_manager.fontManager
    fonts.addfont(FONTS / "source-sans-3.ttf")
    fonts.addfont(FONTS / "source-sans-3-semibold.ttf")
    # It names a family of its own, and bold letters are looked for in that of the others.
    bold = replace(fonts.ttflist[-1], name="Source Sans 3", weight=700)
    fonts.ttflist.append(bold)
    plt.style.use(STYLE)


class Diagram:
    """A drawing as SVG, and as PNG for viewers that show no SVG of others."""

    def __init__(self, figure: Figure) -> None:
        text, pixels = io.StringIO(), io.BytesIO()
        figure.savefig(
            text, format="svg", metadata={"Date": None, "Creator": None}
        )
        figure.savefig(pixels, format="png", metadata={"Software": None})
        plt.close(figure)
        self.svg = stable(text.getvalue()[text.getvalue().index("<svg") :])
        self.png = pixels.getvalue()

    def __repr__(self) -> str:
        return "<a diagram>"

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str | bytes]:
        return {
            "image/svg+xml": self.svg,
            "image/png": self.png,
            "text/plain": repr(self),
        }


def stable(svg: str) -> str:
    """Return the same picture without what depends on how a processor rounds.

    That is all but two decimals of a coordinate, the sign of a zero, and names that
    matplotlib makes up from all decimals.
    """
    names = re.findall(r'id="([A-Za-z]+[0-9a-f]{10})"', svg)
    for k, name in enumerate(dict.fromkeys(names), start=1):
        svg = svg.replace(name, f"part{k}")
    svg = re.sub(
        r"(?<!scale\()-?\b\d+\.\d{3,}",
        lambda number: f"{round(float(number[0]), 2) + 0:g}",
        svg,
    )
    return re.sub(r"(?<=[ (\"])-0(?![\d.])", "0", svg)


def draw_network(
    n: Sequence[int],
    weights: Mapping[tuple[int, int, int], str] | None = None,
    unit: tuple[int, int] | None = None,
    values: Mapping[tuple[int, int], str] | None = None,
    at: float | Mapping[int, float] = 0.36,
) -> Figure:
    """Draw a network: nodes by layer from left to right, weights as links.

    Parameters
    ----------
    n : sequence of int
        The numbers of nodes (n^0, ..., n^L).
    weights : mapping, optional
        Labels of links, by (l, i, j) for the link to node i of layer l from node j of
        the layer before.
    unit : (l, i), optional
        A node that is drawn in color, with the links that come into it.
    values : mapping, optional
        What stands in the nodes, by (l, i), instead of their symbols.
    at : float or mapping, optional
        Where the labels stand, as a share of the way along a link; a mapping has it by layer l.
    """
    figure, axes = plt.subplots(figsize=(6.4, 0.8 * max(n) + 0.8))
    axes.set(
        xlim=(-0.35, len(n) - 0.65),
        ylim=(-max(n) / 2 - 0.75, max(n) / 2),
        aspect="auto",
    )
    axes.axis("off")
    place = {
        (l, i): (l, (n[l] + 1) / 2 - i)
        for l in range(len(n))
        for i in range(1, n[l] + 1)
    }
    for l in range(1, len(n)):
        for i in range(1, n[l] + 1):
            for j in range(1, n[l - 1] + 1):
                _draw_link(axes, place[l - 1, j], place[l, i], (l, i) == unit)
    for (l, i, j), text in (weights or {}).items():
        _label_link(
            axes,
            place[l - 1, j],
            place[l, i],
            text,
            (l, i) == unit,
            at[l] if isinstance(at, Mapping) else at,
        )
    for (l, i), (x, y) in place.items():
        color = ORANGE if (l, i) == unit else BLUE
        axes.plot(
            x,
            y,
            "o",
            markersize=34,
            markeredgecolor=color,
            markerfacecolor="white",
            mew=1.6,
        )
        axes.text(
            x,
            y,
            (values or {}).get((l, i), f"$a^{l}_{i}$"),
            ha="center",
            va="center",
            fontsize=13,
            color="black",
        )
    for l, n_l in enumerate(n):
        kind = "input" if l == 0 else "output" if l == len(n) - 1 else "hidden"
        text = f"layer {l}, {kind}\n$n^{l} = {n_l}$"
        axes.text(l, -max(n) / 2 - 0.5, text, ha="center", va="center")
    return figure


def _draw_link(axes, start, end, strong):
    color, width = (ORANGE, 1.8) if strong else ("#b5b5b5", 0.9)
    axes.plot(
        *zip(start, end, strict=True),
        "-",
        color=color,
        linewidth=width,
        zorder=0,
    )


def _label_link(axes, start, end, text, strong, at):
    (x0, y0), (x1, y1) = start, end
    x, y = x0 + at * (x1 - x0), y0 + at * (y1 - y0)
    box = {
        "boxstyle": "round,pad=0.12",
        "facecolor": "white",
        "edgecolor": "none",
    }
    color = ORANGE if strong else "#333333"
    axes.text(
        x, y, text, ha="center", va="center", fontsize=12, color=color, bbox=box
    )


def draw_series_network() -> Figure:
    """Draw the example n = (3, 5, 4, 2) with the symbols of one weighted sum, z^2_2."""
    labels = {(2, 2, j): f"$W^2_{{2{j}}}$" for j in range(1, 6)}
    labels |= {
        (1, 1, 1): "$W^1_{11}$",
        (1, 5, 3): "$W^1_{53}$",
        (3, 2, 4): "$W^3_{24}$",
    }
    return draw_network((3, 5, 4, 2), labels, unit=(2, 2))


def draw_graph(
    place: Mapping[str, tuple[float, float]],
    links: Sequence[tuple[str, str]],
    paths: Sequence[Sequence[str]] = (),
    size: tuple[float, float] = (6.4, 4.4),
    box: tuple[float, float] = (38, 32),
) -> Figure:
    """Draw quantities as boxes and what they depend on as arrows.

    Parameters
    ----------
    place : mapping
        Where each quantity is, by its name in LaTeX.
    links : sequence of (from, to)
        The arrows that are on none of the paths.
    paths : sequence of sequences of str, optional
        Quantities whose boxes, and the arrows from each to the next, are drawn in color.
    size : (width, height), optional
        The size of the figure in inches.
    box : (width, height), optional
        What the arrows leave free around a name, in points.
    """
    figure, axes = plt.subplots(figsize=size)
    axes.axis("off")
    xs, ys = zip(*place.values(), strict=True)
    span = max(xs) - min(xs) + 0.8, max(ys) - min(ys) + 1
    axes.set(
        xlim=(min(xs) - 0.4, max(xs) + 0.4), ylim=(min(ys) - 0.5, max(ys) + 0.5)
    )
    strong = [link for path in paths for link in pairwise(path)]
    for start, end in [*links, *strong]:
        steps = [
            72 * size[k] * (place[end][k] - place[start][k]) / span[k]
            for k in (0, 1)
        ]
        shares = [box[k] / 2 / abs(steps[k]) for k in (0, 1) if steps[k]]
        shrink = min(shares) * math.hypot(*steps)
        style = {"arrowstyle": "-|>", "shrinkA": shrink, "shrinkB": shrink}
        style["color"] = ORANGE if (start, end) in strong else "#b5b5b5"
        style["linewidth"] = 1.8 if (start, end) in strong else 0.9
        axes.annotate("", place[end], place[start], arrowprops=style, zorder=0)
    ends = {name for path in paths for name in path}
    for name, (x, y) in place.items():
        edge = ORANGE if name in ends else BLUE
        frame = {
            "boxstyle": "round,pad=0.3",
            "facecolor": "white",
            "edgecolor": edge,
        }
        text = f"${name}$"
        axes.text(x, y, text, ha="center", va="center", fontsize=13, bbox=frame)
    return figure


def draw_seven_panels(
    activations: Iterable[Activation],
    plot: Callable[[Axes, Activation], None],
    xlabel: str,
    ylim: tuple[float, float],
) -> Figure:
    """Draw a panel for each of seven activation functions, and a legend for all.

    Parameters
    ----------
    activations : iterable of Activation
        The functions, whose names are the titles of the panels.
    plot : callable
        Draws a function's lines, as ``plot(axes, activation)``.
    xlabel : str
        The name of the horizontal axis, below the last panel of each column.
    ylim : tuple of float
        The limits of the vertical axis, which all panels share.
    """
    titles = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "gelu": "GELU"}
    figure, panels = plt.subplots(
        4, 2, sharex=True, sharey=True, figsize=(6.4, 8.4)
    )
    *axes, last = panels.flat
    for panel, g in zip(axes, activations, strict=True):
        plot(panel, g)
        panel.set(title=titles.get(g.name, g.name), ylim=ylim)
    for panel in axes[-2:]:
        panel.tick_params(labelbottom=True)
        panel.set_xlabel(xlabel)
    last.axis("off")
    last.legend(*axes[0].get_legend_handles_labels(), loc="center")
    return figure


def draw_groups(axes: Axes, groups: Mapping[object, Sequence[float]]) -> None:
    """Draw each group of numbers as dots in rising order, within a gray band with its name."""
    for place, values in enumerate(groups.values()):
        axes.axvspan(place - 0.4, place + 0.4, color="#f0f0f0")
        step = 0.6 / (len(values) - 1)
        beside = [place - 0.3 + step * k for k in range(len(values))]
        axes.semilogy(beside, sorted(values), "o", ms=3.5, color=BLUE)
    axes.set_xticks(range(len(groups)), labels=[str(name) for name in groups])
    axes.grid(visible=False, axis="x")


def draw_ratios(axes: Axes, ratios: Sequence[float]) -> None:
    """Draw ratios as dots in rising order, those above 1 and those below told apart."""
    rising = sorted(ratios)
    places = range(1, len(rising) + 1)
    for above, color, mark in ((True, BLUE, "o"), (False, ORANGE, "v")):
        shown = [
            (k, r)
            for k, r in zip(places, rising, strict=True)
            if (r > 1) == above
        ]
        if shown:
            axes.plot(*zip(*shown, strict=True), mark, color=color, ms=4)
    axes.axhline(1, color="black", linewidth=1)
    axes.set(xlabel="draws, in rising order", ylabel="late / stopped")


# A matrix in draw_product: its symbol, (rows, columns), color, and the names of the two sizes.
Box = tuple[str, tuple[int, int], str, tuple[str, str]]


def draw_product(
    axes: Axes,
    y: float,
    result: Box,
    sign: str,
    left: Box,
    right: Box,
    shared: str = "",
) -> None:
    """Draw a product of two matrices as rectangles, `result = left sign right`.

    The size with the name `shared`, over which the product sums, is written in color.
    """
    middle = {"ha": "center", "va": "center"}
    x = _draw_matrix(axes, 0.6, y, *result, "")
    axes.text(x + 0.22, y, "$=$", size=15, **middle)
    x = _draw_matrix(axes, x + 0.98, y, *left, shared)
    axes.text(x + 0.22, y, sign, size=15, **middle)
    _draw_matrix(axes, x + 0.98, y, *right, shared)


def _draw_matrix(axes, x, y, symbol, shape, color, sizes, shared):
    high, wide = 0.28 * shape[0], 0.28 * shape[1]
    corner, middle = (x, y - high / 2), x + wide / 2
    box = plt.Rectangle(
        corner, wide, high, facecolor=color, edgecolor="#555555"
    )
    axes.add_patch(box)
    above = y + high / 2 + 0.18 if wide < 0.5 else y
    axes.text(middle, above, symbol, size=13, ha="center", va="center")
    places = {"right": (x - 0.06, y), "center": (middle, y - high / 2 - 0.2)}
    for size, (ha, place) in zip(sizes, places.items(), strict=True):
        look = {"color": ORANGE, "size": 13} if size == shared else {"size": 11}
        axes.text(*place, size, ha=ha, va="center", **look)
    return x + wide


def draw_bowl(
    axes: Axes,
    f: Callable[[np.ndarray], tuple],
    lowest: np.ndarray,
    path: np.ndarray,
    shown: int = 40,
) -> None:
    """Draw the contours of f(w, b)[0] around its lowest point, and the first steps of a descent."""
    reach = 1.25 * np.linalg.norm(path[0] - lowest)
    s, t = (np.linspace(at - reach, at + reach, 61) for at in lowest)
    heights = np.array([[f(np.array([u, v]))[0] for u in s] for v in t])
    base, levels = f(lowest)[0], np.array([0.03, 0.15, 0.4, 1, 2, 4])
    levels = base + levels * (f(path[0])[0] - base)
    axes.contour(s, t, heights, levels, colors="#aaaaaa", linewidths=1)
    axes.plot(*path[: shown + 1].T, "o-", color=ORANGE, ms=4, linewidth=1.3)
    axes.plot(*lowest, "P", color=BLUE, markersize=9)
    axes.plot(*path[0], "s", color="black", markersize=7)
    axes.set(aspect="equal", xlabel="$w$", ylabel="$b$")
    axes.grid(False)


# What lies up, right and away in the picture of draw_shadow.
_UP = np.array([1, -1, 0]) / np.sqrt(2)
_RIGHT = np.ones(3) / np.sqrt(3)
_AWAY = np.array([1, 1, -2]) / np.sqrt(6)


def on_paper(p: np.ndarray) -> np.ndarray:
    """Return where draw_shadow draws a point of space."""
    u, v, h = p @ _RIGHT, p @ _AWAY, p @ _UP
    return np.array([u + 0.15 * v, 0.42 * v + 0.95 * h])


def draw_shadow(
    axes: Axes,
    x: np.ndarray,
    y: np.ndarray,
    foot: np.ndarray,
    other: np.ndarray,
    labels: Iterable[tuple[np.ndarray, tuple[float, float], str]],
) -> None:
    """Draw targets y above the plane of x and the ones, their shadow, and one other point of it.

    A label is a point, how far its text is moved, and the text.
    """
    edges = ((-0.6, -2), (5, -2), (5, 2), (-0.6, 2))
    floor = [on_paper(u * _RIGHT + v * _AWAY) for u, v in edges]
    axes.fill(*np.array(floor).T, color="#e8eff5", zorder=0)
    origin = np.zeros(3)
    arrows = [(origin, np.ones(3), BLUE, "-", 2), (origin, x, BLUE, "-", 2)]
    arrows += [(y, foot, ORANGE, "-", 2), (y, other, "#777777", "--", 1.2)]
    for start, end, color, style, width in arrows:
        look = {"arrowstyle": "-|>", "color": color, "lw": width, "ls": style}
        look |= {"shrinkA": 0, "shrinkB": 0, "mutation_scale": 14}
        axes.annotate("", on_paper(end), on_paper(start), arrowprops=look)
    axes.plot(*np.array([on_paper(foot), on_paper(other)]).T, "k:", lw=1)
    one, two = 0.3 * _UP, 0.3 * (other - foot) / np.linalg.norm(other - foot)
    corner = [on_paper(foot + side) for side in (one, one + two, two)]
    axes.plot(*np.array(corner).T, "k-", lw=1)
    for p, shift, text in labels:
        axes.plot(*on_paper(p), "o", color="black", markersize=4)
        axes.text(*(on_paper(p) + shift), text)
    sides = [
        (foot, (0.1, 0), "$r$, ", ORANGE),
        (other, (-1.1, 0.1), "", "#555555"),
    ]
    for end, shift, name, color in sides:
        text = f"{name}{np.linalg.norm(y - end):.1f} long"
        axes.text(*(on_paper((y + end) / 2) + shift), text, color=color)
    axes.set(xlim=(-1.2, 5.9), ylim=(-1.1, 2.9), aspect="equal")
    axes.axis("off")

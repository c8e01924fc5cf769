"""Redraw the pictures that pages outside the notebooks show: book/images/*.svg.

python -m scripts.pictures
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.path import Path as Curve

from benchmarks.drawings import draw_cost, draw_epochs
from examples.convolution import READER, patches
from nnlib import (
    Network,
    forward,
    gradient_descent,
    identity,
    load_mnist,
    relu,
    sigmoid,
    softmax,
    softmax_cross_entropy,
    unpack,
)
from notebooks.figures import (
    BLUE,
    GRAY,
    ORANGE,
    Diagram,
    draw_graph,
    draw_series_network,
    use_book_style,
)

ROOT = Path(__file__).parent.parent

LIGHT_BLUE = "#2a8fc7"  # the blue of the figures, light enough for a dark page

CHAPTERS = {
    2: ("the\\ model", (0, 2)),
    3: ("multiple\\ inputs", (1, 2)),
    4: ("optimization", (2, 2)),
    5: ("descent", (2, 1)),
    6: ("derivation", (1, 1)),
    7: ("matrix\\ style", (0, 1)),
    8: ("activations", (0, 0)),
    9: ("implementation", (1, 0)),
    10: ("regression", (2, 0)),
    11: ("digits", (1, -1)),
}
BUILDS_ON = {
    3: [2],
    4: [3],
    5: [4],
    6: [4, 5],
    7: [6],
    8: [7],
    9: [5, 7, 8],
    10: [5, 9],
    11: [9],
}


def draw_chapters() -> Figure:
    """Draw what each chapter builds on."""
    name = {k: rf"\mathrm{{{k}\ \ {title}}}" for k, (title, _) in CHAPTERS.items()}
    place = {name[k]: where for k, (_, where) in CHAPTERS.items()}
    links = [(name[j], name[k]) for k in BUILDS_ON for j in BUILDS_ON[k]]
    return draw_graph(place, links, size=(6.4, 4), box=(124, 32))


def draw_logo(n: tuple[int, ...] = (2, 3, 1), size: int = 64) -> str:
    """Draw a small network, the links into its output in orange, for light and dark pages."""
    place = {
        (l, i): (round(size * (l + 0.5) / len(n)), round(size * (0.5 + (i - (n_l + 1) / 2) / 3.1)))
        for l, n_l in enumerate(n)
        for i in range(1, n_l + 1)
    }
    links = [(j, i) for j in place for i in place if i[0] == j[0] + 1]
    lines = [
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"/>'.format(
            *place[j], *place[i], *((ORANGE, 4) if i[0] == len(n) - 1 else (GRAY, 2.5))
        )
        for j, i in links
    ]
    dots = [
        f'<circle cx="{x}" cy="{y}" r="7.5" fill="{ORANGE if l == len(n) - 1 else LIGHT_BLUE}"/>'
        for (l, _), (x, y) in place.items()
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
    return "\n".join([head, *lines, *dots, "</svg>", ""])


# The static figures: what the live ones show where no script runs.


class Reading(NamedTuple):
    """What chapter 11's network makes of one test image."""

    image: np.ndarray
    S: np.ndarray
    units: np.ndarray
    shares: np.ndarray
    rows: np.ndarray


@cache
def read_first_test_image(count: int = 12) -> Reading:
    """Read the first test image, and find the hidden units that speak most for the answer."""
    network = Network((784, 300, 10), (relu, identity), softmax_cross_entropy)
    data = ROOT / "notebooks" / "data"
    W, b = unpack(network.load(data / "digit_reader.npz").astype(float), network.n)
    image = load_mnist(data / "mnist").X_test[:, :1]
    A = forward(W, b, network.g, image)[1]
    shares = W[2][A[2].argmax()] * A[1][:, 0]
    units = np.argsort(-shares, kind="stable")[:count]
    return Reading(image, softmax(A[2])[:, 0], units, shares[units], W[1][units])


def draw_reading() -> Figure:
    """Draw a test image, the ten outputs, and the strongest hidden units."""
    reading = read_first_test_image()
    figure, axes = plt.subplot_mosaic(
        [["image", "S", *range(6)], ["image", "S", *range(6, 12)]],
        figsize=(6.4, 1.9),
        width_ratios=[2.4, 2.6, *[1] * 6],
    )
    axes["image"].imshow(reading.image.reshape(28, 28), cmap="gray_r", interpolation="none")
    axes["image"].set_title("input")
    digits = np.arange(10)
    colors = [ORANGE if i == reading.S.argmax() else BLUE for i in digits]
    axes["S"].barh(digits, reading.S, color=colors)
    axes["S"].set(title="$S$", xlim=(0, 1), yticks=digits)
    axes["S"].tick_params(labelsize=8)
    axes["S"].invert_yaxis()
    for k, (unit, row) in enumerate(zip(reading.units, reading.rows, strict=True)):
        size = np.abs(row).max()
        axes[k].imshow(
            row.reshape(28, 28), cmap="PuOr", vmin=-size, vmax=size, interpolation="none"
        )
        axes[k].set_title(f"{unit + 1}", fontsize=8, pad=2)
    for name in ("image", *range(12)):
        axes[name].axis("off")
    return figure


def describe_reading() -> str:
    reading = read_first_test_image()
    answer, S = reading.S.argmax(), reading.S
    first, share = reading.units[0] + 1, reading.shares[0]
    return (
        f"Left, a handwritten {answer} of 28 by 28 pixels, dark on white. Middle, ten bars: "
        f"{S[answer]:.2f} for {answer}, at most {np.delete(S, answer).max():.2f} for each other "
        f"digit. Right, the weights of twelve hidden units as small images of purple and orange; "
        f"unit {first}, the first, adds {share:.2f} to the output for {answer}."
    )


def read_kernels() -> tuple[np.ndarray, np.ndarray]:
    """Return the biases and the kernels, one a row, of a network with convolutions."""
    table = np.loadtxt(
        ROOT / "notebooks" / "data" / "where_next_kernels.csv", delimiter=",", skiprows=1
    )
    return table[:, :1], table[:, 1:]


@cache
def look_through_kernels(image: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a test image, the kernels, and the numbers that they find at each place."""
    b, kernels = read_kernels()
    X = load_mnist(ROOT / "notebooks" / "data" / "mnist").X_test[:, image]
    P = patches(X.reshape(1, 28, 28, 1), READER[0])
    found = relu(kernels @ P.reshape(len(P), -1) + b)
    return X, kernels, found.round(3)


def draw_convolution() -> Figure:
    """Draw a test image, sixteen kernels, and below each what it finds in the image."""
    image, kernels, found = look_through_kernels()
    rows = [
        ["image", *(f"{kind} {k}" for k in some)]
        for some in (range(8), range(8, 16))
        for kind in ("kernel", "map")
    ]
    figure, axes = plt.subplot_mosaic(rows, figsize=(6.4, 2.5), width_ratios=[3.4, *[1] * 8])
    looks = {"interpolation": "none"}
    axes["image"].imshow(image.reshape(28, 28), cmap="gray_r", **looks)
    for k, (kernel, map_) in enumerate(zip(kernels, found, strict=True)):
        size = np.abs(kernel).max()
        look = looks | {"cmap": "PuOr", "vmin": -size, "vmax": size}
        axes[f"kernel {k}"].imshow(kernel.reshape(6, 6), **look)
        look = looks | {"cmap": "gray_r", "vmin": 0, "vmax": map_.max()}
        axes[f"map {k}"].imshow(map_.reshape(12, 12), **look)
    for panel in axes.values():
        panel.set(xticks=[], yticks=[])
        panel.spines[:].set_visible(True)
    return figure


def describe_convolution() -> str:
    _, _, found = look_through_kernels()
    peaks = found.max(axis=1)
    return (
        "Left, a handwritten 2 of 28 by 28 pixels. Right, sixteen small images of 6 by 6 weights, "
        "purple and orange, and below each one an image of 12 by 12 numbers, from white for 0 to "
        f"black for the largest, which is between {peaks.min():.1f} and {peaks.max():.1f}. Below "
        "kernel 5 only the level strokes of the 2 are left, below kernel 8 only the slanted one."
    )


def slanted_quadratic(x: np.ndarray) -> tuple[float, np.ndarray]:
    """Return chapter 5's quadratic with eigenvalues 1 and 10, and its gradient."""
    q = np.array([[0.8, -0.6], [0.6, 0.8]])
    H = q @ np.diag([1.0, 10.0]) @ q.T
    return 0.5 * float(x @ H @ x), H @ x


def two_valleys(x: np.ndarray) -> tuple[float, np.ndarray]:
    """Return chapter 5's function with two minima, and its gradient."""
    value = x[0] ** 4 / 4 - x[0] ** 3 / 6 - 3 * x[0] ** 2 / 4 + x[1] ** 2 / 2
    return value, np.array([x[0] * (x[0] + 1) * (x[0] - 1.5), x[1]])


def walk(f, x: tuple[float, float], rate: float, steps: int) -> np.ndarray:
    """Return the points of a walk, one per row."""
    path = []

    def keep(k, x, value, gradient):
        path.append(x)

    gradient_descent(f, np.array(x), rate, steps, callback=keep)
    return np.array(path)


@cache
def walks() -> dict[str, list[np.ndarray]]:
    """Return the walks of the static figure by the function they go down."""
    return {
        "a quadratic": [walk(slanted_quadratic, (1.0, 2.0), 2 / 11, 20)],
        "two valleys": [walk(two_valleys, (right, 1.5), 0.1, 100) for right in (0.3, -0.3)],
    }


def leave_open(contours: list[ContourSet]) -> None:
    """Let lines that end where they start do so, whether or not rounding has them closed."""
    for path in [path for lines in contours for path in lines.get_paths()]:
        path.codes = np.where(path.codes == Curve.CLOSEPOLY, Curve.LINETO, path.codes)


def draw_walks() -> Figure:
    """Draw walks down the two functions of the live figure, over their contours."""
    figure, panels = plt.subplots(1, 2, figsize=(6.4, 3.3))
    s = np.linspace(-2.6, 2.6, 91)
    grid = np.stack(np.meshgrid(s, s))
    heights = np.array([slanted_quadratic(x)[0] for x in grid.reshape(2, -1).T]).reshape(91, 91)
    levels = [0.1, 0.3, 1, 3, 6, 10, 20, 40]
    contours = [panels[0].contour(s, s, heights, levels, colors=GRAY, linewidths=0.8)]
    heights = two_valleys(np.stack([grid[0] + 0.2, grid[1]]))[0]
    # No level is 0, the height of the saddle: whether that line crosses itself is up to rounding.
    levels = [-0.9, -0.7, -0.5, -0.3, -0.15, 0.01, 0.3, 0.7, 1.2, 1.8, 2.5, 3.5]
    style = {"colors": GRAY, "linewidths": 0.8, "linestyles": "-"}
    contours.append(panels[1].contour(s + 0.2, s, heights, levels, **style))
    leave_open(contours)
    for panel, (title, paths) in zip(panels, walks().items(), strict=True):
        for path, mark in zip(paths, "os", strict=False):
            panel.plot(*path.T, mark + "-", color=ORANGE, markersize=3, linewidth=1)
            panel.plot(*path[0], mark, color="black", markersize=6)
        panel.set(title=title, xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
        panel.grid(False)
    return figure


def describe_walks() -> str:
    (zigzag,), (deep, shallow) = walks().values()
    return (
        f"Two panels of contour lines with paths from a black mark. Left, slanted ellipses: the "
        f"path zigzags from (1, 2) toward the center, where after {len(zigzag) - 1} steps G is "
        f"{slanted_quadratic(zigzag[-1])[0]:.4f}. Right, two basins: of two paths that start close "
        f"together, one ends in the deep basin at x_1 = {deep[-1, 0]:.2f}, the other in the "
        f"shallow one at x_1 = {shallow[-1, 0]:.2f}.".replace("-", "−")
    )


SATURATED, TOUCH = 0.01, 1.0


def draw_slopes() -> Figure:
    """Draw the sigmoid with its derivative, a tangent, and where it is saturated."""
    figure, axes = plt.subplots(figsize=(6.4, 3.2))
    z = np.linspace(-6, 6, 1201)
    slopes = sigmoid.dg(z, sigmoid(z))
    flat = slopes < SATURATED
    axes.fill_between(z, -0.1, 1.1, where=flat, color="#dddddd", label=r"$|g'| < 0.01$")
    axes.plot(z, sigmoid(z), label="$g(z)$")
    axes.plot(z, slopes, label="$g'(z)$")
    a, slope = touch()
    near = np.array([TOUCH - 1.5, TOUCH + 1.5])
    axes.plot(near, a + slope * (near - TOUCH), "-", color="black", linewidth=1.2, label="tangent")
    axes.plot([TOUCH, TOUCH], [a, slope], "o", color="black")
    axes.set(xlabel="$z$", xlim=(-6, 6), ylim=(-0.1, 1.1))
    figure.legend(loc="outside upper center", ncols=4)
    return figure


def touch() -> tuple[float, float]:
    """Return value and slope of the sigmoid where the tangent touches it."""
    z = np.array([TOUCH])
    return float(sigmoid(z)[0]), float(sigmoid.dg(z, sigmoid(z))[0])


def describe_slopes() -> str:
    a, slope = touch()
    z = np.linspace(0, 6, 60001)
    edge = z[sigmoid.dg(z, sigmoid(z)) < SATURATED][0]
    return (
        f"The sigmoid rises in an S from 0 to 1 over z from −6 to 6; its derivative, dashed, is a "
        f"low bump of height 0.25 at z = 0. A tangent touches the curve at z = {TOUCH:.0f}, height "
        f"{a:.2f}, with slope {slope:.2f}. Both ends, beyond |z| = {edge:.2f}, are shaded: there "
        f"the derivative is below {SATURATED}."
    )


DRAWINGS = {
    "network.svg": draw_series_network,
    "chapters.svg": draw_chapters,
    "draw-a-digit.svg": draw_reading,
    "where-next.svg": draw_convolution,
    "walk-downhill.svg": draw_walks,
    "activation-slopes.svg": draw_slopes,
    "speed-epochs.svg": draw_epochs,
    "speed-cost.svg": draw_cost,
}
DESCRIPTIONS = {
    "draw-a-digit": describe_reading,
    "walk-downhill": describe_walks,
    "activation-slopes": describe_slopes,
    "where-next": describe_convolution,
}


def pictures() -> dict[Path, str]:
    """Return the text of every picture by its path."""
    use_book_style()
    plt.rcParams["path.simplify"] = False  # which points may be left out is up to rounding
    texts = {name: Diagram(draw()).svg for name, draw in DRAWINGS.items()}
    texts["logo.svg"] = draw_logo()
    return {ROOT / "book" / "images" / name: text for name, text in texts.items()}


if __name__ == "__main__":
    for path, text in pictures().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        print("drew", path.relative_to(ROOT))
    for page, describe in DESCRIPTIONS.items():
        print(f"the alternative text of {page}: {describe()}")

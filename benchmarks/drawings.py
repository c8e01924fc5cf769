"""The figures of the measurements, drawn from what is recorded."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from benchmarks.summary import NAMES, PREDICTED, costs, epochs, fit
from notebooks.figures import GRAY

MARKS = dict(zip(NAMES, ("o-", "s--", "^-.", "v:", "D--", "-"), strict=True))


def draw_epochs() -> Figure:
    """Draw seconds of an epoch against the size of a batch."""
    figure, axes = plt.subplots(figsize=(6.4, 3.8))
    for name, times in epochs().items():
        color = GRAY if name == "products" else None
        axes.plot([*times], [*times.values()], MARKS[name], color=color, label=NAMES[name])
    sizes = [*epochs()["nnlib"]]
    axes.set(xscale="log", yscale="log", xlabel="size of a batch", ylabel="seconds of an epoch")
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    ticks = [0.2, 0.5, 1, 2, 5]
    axes.set_yticks(ticks, [str(tick) for tick in ticks])
    figure.legend(loc="outside upper center", ncols=3)
    return figure


def draw_cost() -> Figure:
    """Draw seconds of a gradient against m, n and L, with a line along the last decade."""
    figure, panels = plt.subplots(1, 3, figsize=(6.4, 2.8), sharey=True)
    for panel, varied in zip(panels, PREDICTED, strict=True):
        values, seconds = costs(varied)
        slope, height = fit(varied)
        panel.plot(values, seconds, "o-", markersize=4)
        panel.plot(values, 10**height * values**slope, "--", label=f"slope {slope:.2f}")
        panel.set(xscale="log", yscale="log", xlabel=f"${varied}$")
        panel.minorticks_off()
        panel.legend()
    panels[0].set_ylabel("seconds")
    panels[0].set_ylim(bottom=min(costs(varied)[1].min() for varied in PREDICTED) / 2)
    return figure

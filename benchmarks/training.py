"""How long it takes until 91.5, 95 and 98 percent of the test images are read right."""

from benchmarks.workers import workers

RUNS = {
    # recipe: its goals, of 10000 test images, and the seeds
    "the series' network": ([9150, 9500], [0]),
    "all six changes": ([9150, 9500, 9800], [0, 1, 2]),
}


def measure(names: list[str]) -> list[tuple]:
    """Return rows of contender, recipe, seed, goal, steps, seconds and right answers."""
    rows = []
    modules = {name: f"benchmarks.contenders.train_with_{name}" for name in names}
    for recipe, (goals, seeds) in RUNS.items():
        with workers(modules, "Training", recipe) as contenders:
            for seed in seeds:
                for name in names:
                    _, reached = contenders[name].call("reach", seed, goals)
                    rows += [(name, recipe, seed, *row) for row in reached]
                    print(f"{name:8s} {recipe}: {reached}", flush=True)
    return rows

"""What the scripts that record data for the notebooks share: the clock and the table."""

import csv
import time
from collections.abc import Callable, Iterable
from pathlib import Path

DATA = Path(__file__).parent.parent / "notebooks" / "data"


def seconds(function: Callable[[], object], runs: int = 1) -> float:
    """Return the time that a call takes, as the mean of so many runs."""
    start = time.perf_counter()
    for _ in range(runs):
        function()
    return (time.perf_counter() - start) / runs


def write(path: Path, header: tuple[str, ...], rows: Iterable[tuple]) -> None:
    """Write the table anew, whole or not at all."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    temporary.replace(path)

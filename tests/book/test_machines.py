"""The page on many machines: what it says of the measured times, and what its Python prints."""

import csv
import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "book" / "machines.md"
TIMES = ROOT / "notebooks" / "data" / "machine_times.csv"


@pytest.fixture
def times() -> dict[tuple[int, int], tuple[float, int]]:
    """Return seconds and bytes by workers and blocks."""
    with TIMES.open(newline="") as file:
        return {
            (int(row["workers"]), int(row["blocks"])): (float(row["seconds"]), int(row["bytes"]))
            for row in csv.DictReader(file)
        }


def test_two_workers_are_faster_than_one_and_than_none(times):
    alone = times[0, 1][0]
    assert times[2, 2][0] < 0.8 * min(alone, times[1, 1][0])


def test_what_two_workers_gain_is_most_of_what_two_threads_gain(times):
    (alone, _), (threads, _), (workers, _) = (times[key] for key in ((0, 1), (0, 2), (2, 2)))
    assert alone / threads > 1.25
    assert alone / workers > 0.8 * alone / threads


def test_what_travels_grows_with_the_blocks_and_costs_time(times):
    for workers in (1, 2):
        rows = sorted((K, *times[w, K]) for w, K in times if w == workers)
        assert rows[0][1] < rows[-1][1]
        p = 238_510
        assert all(8 * p * K < sent < 8.01 * p * K for K, _, sent in rows)


def test_table_has_every_row(load_module, times):
    rows = load_module(ROOT / "book" / "extensions" / "machines.py").lines(TIMES)[4:]
    shown = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert [(int(w), int(K)) for w, K, *_ in shown] == [key for key in times if key[0]]
    assert [float(cells[2]) for cells in shown] == pytest.approx(
        [seconds for key, (seconds, _) in times.items() if key[0]], abs=0.0051
    )


def test_python_of_the_page_prints_what_it_says():
    text = PAGE.read_text(encoding="utf-8")
    sessions = "\n".join(re.findall(r"(?ms)^```python\n(.*?)^```$", text))
    test = doctest.DocTestParser().get_doctest(sessions, {}, PAGE.name, None, 0)
    failed, tried = doctest.DocTestRunner().run(test)
    assert (failed, tried) == (0, 13)
    best = round(float(test.examples[-1].want.strip("[]\n").split(",")[0]))
    assert f"all of MNIST is work for {best} machines" in text


def test_what_the_page_says_of_numbers_is_so():
    from nnlib import count_parameters

    n = tuple(
        map(int, re.search(r"With \$n = \(([\d, ]+)\)", PAGE.read_text("utf-8"))[1].split(","))
    )
    assert f"as many numbers as {round(count_parameters(n) / n[0])} images" in PAGE.read_text(
        "utf-8"
    )

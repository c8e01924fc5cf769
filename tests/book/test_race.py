"""The races of chapter 3: they start only for functions that are right, and time each way."""

import re
import sys
from contextlib import nullcontext

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from nnlib import forward
from race import gain, one_thread, race, race_by_size, report


def sums(W, b, A):
    return W @ A + b


@pytest.mark.parametrize(
    ("my_sums", "my_forward"),
    [
        (lambda W, b, A: None, lambda W, b, g, X: None),
        (lambda W, b, A: None, forward),
        (sums, lambda W, b, g, X: None),
        (lambda W, b, A: W @ A, forward),
    ],
    ids=["neither is written", "one is not written", "the other is not written", "one is wrong"],
)
def test_no_race_starts_before_both_functions_are_right(my_sums, my_forward, capsys):
    race(my_sums, my_forward, m=3)
    assert capsys.readouterr().out.startswith("No race yet")


def test_race_says_how_long_the_images_take_in_each_way_and_the_two_factors(capsys):
    race(sums, forward, m=5)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].strip() for line in lines[:5]] == [
        "by sums",
        "one by one",
        "all at once",
        "From sums to one by one",
        "From one by one to all at once",
    ]
    times = [float(re.search(r": +([\d.]+) seconds for 60000", line)[1]) for line in lines[:3]]
    timed = [int(line.rpartition("extrapolated from ")[2]) for line in lines[:3]]
    assert timed == [1, 5, 5]
    factors = [float(re.search(r": ([\d.]+) times as fast", line)[1]) for line in lines[3:5]]
    assert all(time > 0 for time in times)
    single, calls, together = map(int, re.findall(r"\d+", lines[5]))
    assert 0 < calls < single
    assert together > 0
    np.testing.assert_allclose(factors[1], times[1] / times[2], rtol=0.05, atol=0.06)


def test_report_divides_the_times_and_keeps_quiet_when_all_is_well(capsys):
    report(60e-3, 50e-6, 20e-6, 10e-6)
    assert capsys.readouterr().out.splitlines() == [
        "by sums    :  3600.00 seconds for 60000 images, extrapolated from 1",
        "one by one :     3.00 seconds for 60000 images, extrapolated from 100",
        "all at once:     1.20 seconds for 60000 images, extrapolated from 100",
        "From sums to one by one: 1200 times as fast.",
        "From one by one to all at once: 2.5 times as fast.",
        "An image takes 50 microseconds one by one (10 of them for calls) and 20 all at once.",
    ]


def test_report_puts_each_guess_beside_its_factor(capsys):
    report(60e-3, 50e-6, 20e-6, 10e-6, guesses=(10, 1.5))
    lines = capsys.readouterr().out.splitlines()
    assert lines[3:5] == [
        "From sums to one by one: 1200 times as fast. You guessed 10.",
        "From one by one to all at once: 2.5 times as fast. You guessed 1.5.",
    ]


@pytest.mark.parametrize("guesses", [(..., ...), (10, ...), (10,), ("ten", 3), ..., 10])
def test_no_race_starts_without_two_guesses(guesses, capsys):
    race(sums, forward, m=3, guesses=guesses)
    assert "your guesses, in place of the dots" in capsys.readouterr().out


def test_the_race_starts_with_two_guesses(capsys):
    race(sums, forward, m=3, guesses=(10, 3))
    assert "You guessed 10." in capsys.readouterr().out


@pytest.mark.parametrize("together", [45e-6, 200e-6], ids=["hardly faster", "slower"])
def test_report_says_what_to_do_when_all_at_once_does_not_win(together, capsys):
    report(60e-3, 50e-6, together, 10e-6)
    said = capsys.readouterr().out
    assert "All at once should win clearly." in said
    assert "run the cell again" in said


def test_report_notices_when_my_sums_leaves_the_sums_to_numpy(capsys):
    report(1e-3, 50e-6, 20e-6, 10e-6)
    assert "Does my_sums use" in capsys.readouterr().out


def test_the_race_is_on_one_thread():
    with one_thread():
        pools = threadpool_info()
    assert all(pool["num_threads"] == 1 for pool in pools)


def test_the_race_runs_without_threadpoolctl(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with one_thread() as nothing:
        assert nothing is None
    assert isinstance(one_thread(), nullcontext)


@pytest.mark.parametrize(
    "my_forward",
    [
        lambda W, b, g, X: None,
        lambda W, b, g, X: forward(W, [None, 2 * b[1]], g, X),
        lambda W, b, g, X: forward(W, b, g, X[:, :1]),
    ],
    ids=["not written", "wrong", "wrong for many inputs"],
)
def test_no_race_by_size_starts_before_my_forward_is_right(my_forward, capsys):
    race_by_size(my_forward, m=3)
    assert capsys.readouterr().out.startswith("No race yet")


def test_race_by_size_says_what_all_at_once_gains_for_each_layer(capsys):
    race_by_size(forward, m=50)
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" weights: ")[0] for line in lines] == [
        "  96 input nodes,   40 nodes,  0.03 MB of",
        " 200 input nodes,  100 nodes,  0.16 MB of",
        " 784 input nodes,  300 nodes,  1.88 MB of",
        "2352 input nodes,  900 nodes, 16.93 MB of",
        "4704 input nodes, 1800 nodes, 67.74 MB of",
    ]
    assert all(float(re.search(r": +([\d.]+) times as fast", line)[1]) > 0 for line in lines[1:])
    assert re.search(r": +[\d.]+ times as fast|: too short to time", lines[0])


def test_gain_is_a_quotient_without_the_calls():
    assert gain((1e-3, 1e-5), (7e-3, 3e-3 + 1e-5)) == " 2.0 times as fast"


@pytest.mark.parametrize("both", [(0.9e-3, 1e-3), (1.02e-3, 1e-3), (2e-3, 0.9e-5)])
def test_gain_is_no_number_where_the_calls_take_nearly_all_the_time(both):
    assert gain((1e-3, 1e-5), both) == "too short to time beside the calls"

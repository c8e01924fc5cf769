"""The race of chapter 3: it starts only for functions that are right, and times each way."""

import re

import pytest

from nnlib import forward
from race import race


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


def test_race_says_how_long_an_image_takes_in_each_way(capsys):
    race(sums, forward, m=5)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].strip() for line in lines] == [
        "by sums",
        "one by one",
        "all at once",
    ]
    assert all(int(re.search(r": +(\d+) microseconds", line)[1]) > 0 for line in lines)

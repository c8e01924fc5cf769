"""The benchmarks: every contender does the same work, and what they measure is what they say."""

import numpy as np
import pytest

from benchmarks import cost, epochs, recipes
from benchmarks.workers import workers

N, SIZES = (6, 5, 3), (8, 50)  # 50 columns: the last batch of 8 is smaller
PEERS = ["scikit_learn", "pytorch", "tensorflow", "jax", "products"]


@pytest.fixture
def pairs():
    rng = np.random.default_rng(0)
    return [rng.random((50, k), dtype=np.float32).T for k in (N[0], N[-1])]


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_takes_the_steps_of_nnlib(pairs, peer):
    if peer not in epochs.installed():
        pytest.skip("needs the frameworks: make test-frameworks")
    rows, _ = epochs.measure(["nnlib", peer], *pairs, n=N, sizes=SIZES, rounds=2)
    assert [row[:3] for row in rows] == [
        (name, size, k) for size in SIZES for k in (1, 2) for name in ("nnlib", peer)
    ]
    assert all(float(seconds) >= 0 for _, _, _, seconds, _ in rows)


def test_who_has_done_something_else_is_refused():
    theta = np.zeros(3)
    reached = {"nnlib": np.array([1.0, 2.0, 2.0]), "products": theta}
    assert epochs.compare(theta, reached) == {"nnlib": "0.0e+00", "products": ""}
    with pytest.raises(ValueError, match="jax has not done the same"):
        epochs.compare(theta, reached | {"jax": np.array([1.0, 2.0, 2.01])})


def test_what_fails_in_a_worker_is_raised_here_and_no_worker_is_left(pairs):
    modules = {name: f"benchmarks.contenders.with_{name}" for name in ("nnlib", "products")}
    with workers(modules, "Contender", N, *pairs, 0.01) as started:
        started["nnlib"].call("start", np.zeros(2, np.float32))
        with pytest.raises(ValueError, match=r"theta has shape \(2,\)"):
            started["nnlib"].call("epoch", 8, np.random.RandomState(0))
    assert [worker.process.exitcode for worker in started.values()] == [-9, -9]


def test_the_problems_of_the_cost_vary_one_thing_each():
    problems = list(cost.problems())
    for varied, value, n, m in problems:
        assert value == {"m": m, "n": n[0], "L": len(n) - 1}[varied]
    for name in ("m", "n", "L"):
        values = [value for varied, value, _, _ in problems if varied == name]
        assert values == sorted(set(values))
        assert values[-1] >= 10 * values[0]


def test_the_clock_stands_still_while_images_are_read(monkeypatch):
    now = iter([0.0, 10.0, 15.0, 18.0, 20.0])
    monkeypatch.setattr(recipes.time, "perf_counter", lambda: next(now))
    clock = recipes.Clock([90, 95, 98])
    assert not clock.look(5, lambda: 96)
    assert clock.look(8, lambda: 98)
    assert clock.rows == [(90, 5, "10.00", 96), (95, 5, "10.00", 96), (98, 8, "13.00", 98)]

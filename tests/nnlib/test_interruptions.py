"""What a training leaves when it is interrupted, and a save when it is killed."""

import os
import signal
import time

import numpy as np
import pytest

from nnlib import Network, adam, gradient_descent, identity, tanh

START = np.array([3.0, -2.0])
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and fork as POSIX has them")


def parabola(x):
    """Return x^T x and its gradient."""
    return float(x @ x), 2 * x


def interrupting(function, calls):
    """Return the function, which the user interrupts when it is called again after some calls."""
    count = iter(range(calls))

    def interrupted(*arguments):
        if next(count, None) is None:
            raise KeyboardInterrupt
        return function(*arguments)

    return interrupted


def go_on(k, x, value, gradient):
    """Be a callback that does nothing."""


@pytest.mark.parametrize("k", [0, 1, 7])
@pytest.mark.parametrize("where", ["f", "rate", "callback", "rule", "batches"])
def test_an_interrupted_descent_keeps_the_x_it_reached(where, k):
    rule = adam()
    options = {
        "f": interrupting(parabola, k) if where == "f" else parabola,
        "rate": interrupting(lambda _: 0.1, k) if where == "rate" else 0.1,
        "callback": interrupting(go_on, k) if where == "callback" else go_on,
        "rule": interrupting(rule, k) if where == "rule" else rule,
        "batches": iter(interrupting(tuple, k), None) if where == "batches" else None,
    }
    with pytest.raises(KeyboardInterrupt) as interrupt:
        gradient_descent(x=START, steps=100, **options)
    assert np.array_equal(interrupt.value.x, gradient_descent(parabola, START, 0.1, k, rule=rule))
    assert not np.shares_memory(interrupt.value.x, START)
    (note,) = interrupt.value.__notes__
    assert note == f"interrupted at step {k} of 100; sys.last_value.x is the x reached"


def test_of_nested_descents_the_outer_one_has_the_last_word():
    def f(x):
        gradient_descent(interrupting(parabola, 3), np.ones(5), 0.1, 10)

    with pytest.raises(KeyboardInterrupt) as interrupt:
        gradient_descent(f, START, 0.1, 10)
    assert np.array_equal(interrupt.value.x, START)


SCRIPT = """
import sys, time
import numpy as np
from nnlib import gradient_descent

def f(x):
    if len(reached) == 5:
        print("ready", flush=True)
        {busy}
    return float(x @ x), 2 * x

reached = []
keep = lambda k, x, value, gradient: reached.append(x)
try:
    gradient_descent(f, np.array([3.0, -2.0]), 1e-6, 10**9, callback=keep)
except KeyboardInterrupt as interrupt:
    x, x_next = reached[-1], reached[-1] - 1e-6 * (2 * reached[-1])
    print(np.array_equal(interrupt.x, x) or np.array_equal(interrupt.x, x_next))
    raise
print("the script went on")
"""
BUSY = {
    "in f, asleep": "time.sleep(120)",
    "in f, in NumPy": "M = np.ones((300, 300))\n        while True: M @ M",
    "anywhere": "pass",
}


@pytest.fixture(params=[signal.default_int_handler, signal.SIG_IGN], ids=["heeded", "ignored"])
def ctrl_c_here(request):
    """Heed or ignore Ctrl-C in the tests, which ignore it where a script starts them with &."""
    before = signal.signal(signal.SIGINT, request.param)
    yield
    signal.signal(signal.SIGINT, before)


@POSIX
@pytest.mark.usefixtures("ctrl_c_here")
@pytest.mark.parametrize("busy", BUSY)
def test_ctrl_c_ends_a_script_that_keeps_what_was_reached(start, busy):
    child = start(SCRIPT.format(busy=BUSY[busy]))
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate()
    assert child.returncode == -signal.SIGINT  # not swallowed: whoever started it sees it too
    assert out == "True\n"
    assert "; sys.last_value.x is the x reached" in err


NETWORK = Network((100, 300, 10), (tanh, identity))
FILLS = [np.full(NETWORK.p, fill) for fill in (1.0, 2.0)]
SAVES = """
import os, signal, sys, time
import numpy as np
from nnlib import Network, identity, tanh

network = Network((100, 300, 10), (tanh, identity))
fills = [np.full(network.p, fill) for fill in (1.0, 2.0)]
def saved():
    return os.stat(sys.argv[1]).st_mtime_ns

for k in range(int(sys.argv[2])):
    before, child = saved(), os.fork()
    if child == 0:
        signal.alarm(60)
    while child == 0:
        network.save(sys.argv[1], fills[k % 2])
        network.save(sys.argv[1], fills[(k + 1) % 2])
    while saved() == before:
        time.sleep(0.0005)
    time.sleep(0.0007 * k)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    loaded = network.load(sys.argv[1])
    print(next(i for i in (0, 1) if np.array_equal(loaded, fills[i])))
"""


@POSIX
def test_a_killed_save_leaves_the_old_file_or_the_new_one(start, tmp_path):
    path = tmp_path / "theta.npz"
    NETWORK.save(path, FILLS[0])
    loaded, complaints = start(SAVES, path, 40).communicate()
    assert complaints == ""
    assert set(loaded.split()) == {"0", "1"}
    leftovers = [other.name for other in tmp_path.iterdir() if other != path]
    assert leftovers, "no save was killed before it was done"
    assert all(name.startswith("theta.npz.") and name.endswith(".tmp") for name in leftovers)

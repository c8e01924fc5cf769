"""Networks that travel to other processes, with the activations and errors that users make."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

from nnlib import Activation, ErrorFunction, Network, identity, relu, squared_error


def bend(Z):
    """Return a smooth g."""
    return Z / (1 + np.abs(Z))


def dbend(Z, A):
    """Return its derivative."""
    return 1 / (1 + np.abs(Z)) ** 2


def absolute_error(A, Y):
    """Return the mean of the sums of |A - Y|."""
    return float(np.sum(np.abs(A - Y))) / A.shape[1]


def dabsolute_error(A, Y):
    """Return its derivative."""
    return np.sign(A - Y) / A.shape[1]


@pytest.fixture(params=["bend", "relu"])
def name(request):
    """A name of the user's own, and one that the library uses too."""
    return request.param


@pytest.fixture
def network(name):
    """A network of what a user made."""
    error = ErrorFunction("squared_error", absolute_error, dabsolute_error)
    return Network((2, 3, 1), (Activation(name, bend, dbend), identity), error)


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_what_users_make_of_functions_is_equal_when_it_is_copied_and_pickled(network, again):
    (_, mine, theirs), error = network.g, network.error
    assert again(network) == network
    assert again(mine) == mine != relu
    assert again(error) == error != squared_error
    assert again(theirs) is identity


SCRIPT = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from nnlib import Activation, ErrorFunction, Network, identity, squared_error

def bend(Z):
    return Z / (1 + np.abs(Z))

def dbend(Z, A):
    return 1 / (1 + np.abs(Z)) ** 2

error = squared_error
if "cloudpickle" in sys.argv:
    E, dA = squared_error.E, squared_error.dA
    error = ErrorFunction("mine", lambda A, Y: 3 * E(A, Y), lambda A, Y: 3 * dA(A, Y))
network = Network((2, 3, 1), (Activation("bend", bend, dbend), identity), error)
theta, X, Y = np.linspace(-1, 1, network.p), np.ones((2, 5)), np.zeros((1, 5))

if __name__ == "__main__":
    value, gradient = network.value_and_gradient(theta, X, Y)
    if "cloudpickle" in sys.argv:
        import cloudpickle
        sent = network.objective(X, Y), theta, value, gradient
        sys.stdout.buffer.write(cloudpickle.dumps(sent))
    else:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            again = pool.submit(network.objective(X, Y), theta).result()
        print(again[0] == value and np.array_equal(again[1], gradient))
"""
READ = """
import pickle, sys
import numpy as np
f, theta, E, gradient = pickle.load(sys.stdin.buffer)
print(f(theta)[0] == E and np.array_equal(f(theta)[1], gradient))
"""


def run(*command, **options):
    """Return what a Python process prints."""
    options = {"check": True, "capture_output": True, "timeout": 120, **options}
    return subprocess.run([sys.executable, *command], **options).stdout


def test_a_pool_of_processes_computes_gradients_of_what_a_script_made(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    assert run(script).split() == [b"True"]


def test_cloudpickle_sends_what_another_process_has_never_heard_of(tmp_path):
    pytest.importorskip("cloudpickle", reason="it comes with distributed, an extra")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    assert run("-c", READ, input=run(script, "cloudpickle")).split() == [b"True"]

"""The script that trains on many machines: the same numbers, bit for bit, whoever computes them.

The workers are processes of this machine, on loopback addresses.
"""

import importlib.util
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from threadpoolctl import threadpool_limits

from nnlib import (
    Network,
    adam,
    gradient_descent,
    identity,
    random_normal,
    softmax_cross_entropy,
    tanh,
)

distributed = pytest.importorskip("distributed", reason="distributed is not installed")

ROOT = Path(__file__).parents[2]
NETWORK = Network((30, 200, 4), (tanh, identity), softmax_cross_entropy)
M, STEPS = 2100, 6


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Let BLAS have one thread here, as in the workers: with two it may round otherwise."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def script():
    """Import the script, from a folder where the workers find it too."""
    path = ROOT / "examples" / "many_machines.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(path.parent)
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        module = importlib.util.module_from_spec(spec)
        patch.setitem(sys.modules, path.stem, module)
        spec.loader.exec_module(module)
        yield module


@pytest.fixture(scope="module", params=[1, 2])
def client(request, script):
    """A client of one worker, then of two."""
    with script.connect(None, workers=request.param) as client:
        yield client


@pytest.fixture
def two(script):
    """A client of two workers that a test may kill."""
    with script.connect(None, workers=2) as client:
        yield client


@pytest.fixture(scope="module", params=[np.float64, np.float32])
def load(request):
    """A function that makes columns of a small problem, the same on every machine."""
    dtype = request.param

    def load(c):
        rng = np.random.default_rng(1)
        X = rng.standard_normal((30, 2100)).astype(dtype)
        Y = np.eye(4, dtype=dtype)[rng.integers(4, size=2100)].T
        return X[:, c].copy(order="F"), Y[:, c].copy(order="F")

    return load


@pytest.fixture
def theta(load):
    _, Y = load(slice(0, 1))
    return random_normal(NETWORK.n, np.random.default_rng(2), scale=0.2, dtype=Y.dtype)


def same(one, other):
    """Are two pairs (E, gradient) equal, bit for bit?"""
    (E, gradient), (E_other, gradient_other) = one, other
    same_dtype = gradient.dtype == gradient_other.dtype
    return E_other == E and same_dtype and np.array_equal(gradient, gradient_other)


@pytest.mark.parametrize("K", [1, 2, 3, 7, M])
def test_blocks_cover_all_columns_once_and_differ_by_one_at_most(script, K):
    blocks = script.split(M, K)
    assert [column for c in blocks for column in range(M)[c]] == list(range(M))
    sizes = [c.stop - c.start for c in blocks]
    assert len(sizes) == K
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("K", [1, 2, 3, 7])
def test_sum_over_blocks_is_the_gradient(script, load, theta, K):
    E, gradient = script.here(NETWORK, load, script.split(M, K))(theta)
    E_all, gradient_all = NETWORK.value_and_gradient(theta, *load(slice(0, M)))
    eps = np.finfo(theta.dtype).eps
    assert gradient.dtype == theta.dtype
    assert abs(E - E_all) <= 100 * eps * E_all
    assert np.linalg.norm(gradient - gradient_all) <= 100 * eps * np.linalg.norm(gradient_all)


def test_blocks_are_summed_from_the_first_to_the_last(script):
    parts = [(0.1, np.array([0.1])), (0.2, np.array([0.2])), (0.3, np.array([0.3]))]
    E, gradient = script.in_order(lambda theta: parts, script.split(3, 3))(np.zeros(1))
    assert E == gradient[0] == (1 / 3 * 0.1 + 1 / 3 * 0.2) + 1 / 3 * 0.3
    assert E != 1 / 3 * 0.1 + (1 / 3 * 0.2 + 1 / 3 * 0.3)


@pytest.mark.parametrize("K", [1, 2, 3, 7])
def test_workers_compute_what_one_process_does_bit_for_bit(script, client, load, theta, K):
    blocks = script.split(M, K)
    alone = script.here(NETWORK, load, blocks)(theta)
    assert same(script.on_workers(client, NETWORK, load, blocks)(theta), alone)


def test_order_in_which_blocks_are_summed_shows(script, load, theta):
    blocks = script.split(M, 7)
    one, other = (script.here(NETWORK, load, order)(theta) for order in (blocks, blocks[::-1]))
    assert not same(one, other)
    np.testing.assert_allclose(one[1], other[1], atol=1e-5)


def test_plain_gradient_descent_takes_the_objective(script, client, load, theta):
    blocks = script.split(M, 3)
    walk = {"rate": 0.01, "steps": STEPS, "rule": adam()}
    alone = gradient_descent(script.here(NETWORK, load, blocks), theta, **walk)
    E = script.on_workers(client, NETWORK, load, blocks)
    assert np.array_equal(gradient_descent(E, theta, **walk), alone)


# Workers that die


def one_that_holds_blocks(client):
    """Return the address and the process of a worker that a descent would miss."""
    worker = max(client.has_what().items(), key=lambda item: len(item[1]))[0]
    return worker, client.run(os.getpid)[worker]


def kill_between_steps(client):
    _, pid = one_that_holds_blocks(client)
    os.kill(pid, signal.SIGKILL)


def kill_during_a_step(client):
    """Hold a worker until it has been given a task, and kill it with the task unfinished."""
    worker, pid = one_that_holds_blocks(client)
    os.kill(pid, signal.SIGSTOP)

    def watch():
        end = time.monotonic() + 60
        while not client.processing([worker])[worker] and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


@pytest.mark.parametrize("kill", [kill_between_steps, kill_during_a_step])
def test_descent_survives_a_killed_worker(script, two, load, theta, kill):
    blocks = script.split(M, 4)
    before = set(two.run(os.getpid).values())

    def callback(k, theta, E, gradient):
        if k == 2:
            kill(two)

    alone = gradient_descent(script.here(NETWORK, load, blocks), theta, 0.1, STEPS)
    E = script.on_workers(two, NETWORK, load, blocks)
    theta = gradient_descent(E, theta, 0.1, STEPS, callback=callback)
    assert np.array_equal(theta, alone)
    two.wait_for_workers(2, timeout=20)
    assert len(before & set(two.run(os.getpid).values())) == 1


# What travels


def test_data_stays_where_it_was_loaded(script, client, load, theta, monkeypatch):
    """Out goes theta, back come E_k and the gradient: nothing else, however many steps."""
    K, submit, sizes = 4, client.submit, []

    def submit_and_weigh(*arguments, **options):
        future = submit(*arguments, **options)
        distributed.wait(future)
        sizes.extend(client.run_on_scheduler(sizes_of_tasks, [future.key]))
        return future

    E = script.on_workers(client, NETWORK, load, script.split(M, K))
    E(theta)
    before = sum(client.run(bytes_sent).values())
    monkeypatch.setattr(client, "submit", submit_and_weigh)
    gradient_descent(E, theta, 0.1, STEPS)
    back = sum(client.run(bytes_sent).values()) - before
    assert len(sizes) == K * STEPS
    assert all(theta.nbytes < size < theta.nbytes + 3000 for size in sizes)
    assert K * STEPS * theta.nbytes < back < K * STEPS * (theta.nbytes + 1000)
    assert sum(c.nbytes for c in load(slice(0, M))) > 3 * theta.nbytes


def sizes_of_tasks(keys, dask_scheduler):
    return [len(pickle.dumps(dask_scheduler.tasks[key].run_spec)) for key in keys]


def bytes_sent(dask_worker):
    return dask_worker.transfer_outgoing_bytes_total


def test_blocks_are_shared_out_evenly(script, client, load, theta):
    E = script.on_workers(client, NETWORK, load, script.split(M, 6))
    for _ in range(3):
        E(theta)
    held = [sum(key.startswith("load-") for key in keys) for keys in client.has_what().values()]
    assert len(set(held)) == 1
    assert sum(held) == 6


# Clusters


def test_workers_have_one_thread_each_and_keep_their_memory(client):
    assert set(client.nthreads().values()) == {1}
    for variable, value in (("OPENBLAS_NUM_THREADS", "1"), ("MALLOC_TRIM_THRESHOLD_", None)):
        assert set(client.run(os.environ.get, variable).values()) == {value}


def test_a_scheduler_is_reached_by_its_address(script, client, load, theta):
    blocks = script.split(M, 2)
    with script.connect(client.scheduler.address) as other:
        E = script.on_workers(other, NETWORK, load, blocks)
        assert same(E(theta), script.here(NETWORK, load, blocks)(theta))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "carrier-pigeon://loft"])
def test_an_address_without_a_scheduler_is_named(script, address):
    start = time.monotonic()
    with pytest.raises(ConnectionError, match=f"no scheduler answers at {address}"):
        script.connect(address, seconds=1).__enter__()
    assert time.monotonic() - start < 10


def test_a_scheduler_without_workers_is_named(script):
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as cluster,
        pytest.raises(ConnectionError, match=r"the scheduler at \S+ has no workers"),
        script.connect(cluster.scheduler_address, seconds=1),
    ):
        pass


def test_nothing_is_left_running_or_open_to_others(script):
    before = set(psutil.Process().children(recursive=True))
    with script.connect(None, workers=2):
        started = set(psutil.Process().children(recursive=True)) - before
        listening = [
            connection.laddr.ip
            for process in {psutil.Process(), *started}
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
    assert len(started) >= 2
    assert set(listening) <= {"127.0.0.1", "::1"}
    psutil.wait_procs(started, timeout=10)
    assert not [process for process in started if process.is_running()]


def test_script_descends_on_mnist():
    data = ROOT / "notebooks" / "data" / "mnist"
    command = [sys.executable, "-W", "error", ROOT / "examples" / "many_machines.py", data]
    run = subprocess.run(
        [*command, "--blocks=2", "--steps=1"], capture_output=True, text=True, timeout=120
    )
    # On a busy machine, a worker may take longer to end than its nanny likes.
    said = [line for line in run.stderr.splitlines() if "still alive" not in line]
    assert said == []
    first, after, last = run.stdout.splitlines()
    assert first == "step 0: E = 2.3859"
    assert float(after.removeprefix("step 1: E = ")) < 2.3859
    assert last.endswith(" of the test images are read right")


def test_script_says_in_one_line_that_no_scheduler_answers(script, monkeypatch):
    monkeypatch.setattr(script, "connect", lambda scheduler, workers: script.reach(scheduler, 1))
    monkeypatch.setattr(sys, "argv", ["many_machines.py", "x", "--scheduler=tcp://127.0.0.1:9"])
    with pytest.raises(SystemExit, match=r"^no scheduler answers at tcp://127.0.0.1:9: "):
        script.main()


@pytest.mark.parametrize("argument", ["--workers=0", "--blocks=0", "--blocks=-1"])
def test_no_worker_and_no_block_are_refused(script, monkeypatch, capsys, argument):
    monkeypatch.setattr(sys, "argv", ["many_machines.py", "x", argument])
    with pytest.raises(SystemExit):
        script.main()
    assert "--workers and --blocks are at least 1" in capsys.readouterr().err

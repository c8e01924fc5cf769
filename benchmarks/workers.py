"""Contenders, each in a process of its own that is stopped while the others are at work.

The frameworks bring their own pools of threads, which would disturb each other in one process,
and may wait for work by spinning; a stopped process does not.
"""

import importlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

THREADS = 2


def limit_threads() -> None:
    """Give this process, and all that it starts, two processors and native BLAS kernels."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(THREADS)
    for name in ("OPENBLAS_CORETYPE", "MKL_ENABLE_INSTRUCTIONS", "ONEDNN_MAX_CPU_ISA"):
        os.environ.pop(name, None)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


class Worker:
    """A process that holds an object of a contender's module and calls its methods."""

    def __init__(self, module: str, kind: str, *arguments: Any) -> None:
        context = get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(
            target=serve, args=(other, module, kind, arguments), daemon=True
        )
        self.process.start()
        self.pools = self.answer()
        self.stop()

    def call(self, method: str, *arguments: Any) -> tuple[float, Any]:
        """Return the seconds that a method takes, and what it returns."""
        os.kill(self.process.pid, signal.SIGCONT)
        self.pipe.send((method, arguments))
        answer = self.answer()
        self.stop()
        return answer

    def answer(self) -> Any:
        answer = self.pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stop(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)

    def end(self) -> None:
        self.process.kill()
        self.process.join()


@contextmanager
def workers(modules: dict[str, str], kind: str, *arguments: Any) -> Iterator[dict[str, Worker]]:
    """Start a worker for every module, by a name for each, and end them all."""
    with ExitStack() as stack:
        started = {}
        for name, module in modules.items():
            started[name] = Worker(module, kind, *arguments)
            stack.callback(started[name].end)
        yield started


def serve(pipe: Connection, module: str, kind: str, arguments: tuple[Any, ...]) -> None:
    """Make the object, say which pools of threads it has, and answer calls without end."""
    try:
        # What was sent lies in small pages of memory; a copy, like what load_mnist reads, in large.
        copies = [np.array(x) if isinstance(x, np.ndarray) else x for x in arguments]
        contender = getattr(importlib.import_module(module), kind)(*copies)
        pipe.send(pools())
        while True:
            method, values = pipe.recv()
            start = time.perf_counter()
            result = getattr(contender, method)(*values)
            pipe.send((time.perf_counter() - start, result))
    except Exception as error:
        pipe.send(error)


def pools() -> list[str]:
    """Return what threadpoolctl, which comes with scikit-learn, says of this process."""
    if not find_spec("threadpoolctl"):
        return []
    import threadpoolctl

    return [
        " ".join(str(pool.get(key) or "") for key in ("internal_api", "version", "architecture"))
        + f", {pool['num_threads']} threads"
        for pool in threadpoolctl.threadpool_info()
    ]

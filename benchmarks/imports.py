"""How long Python takes to start, import a library and end."""

import subprocess
import sys
import time

from benchmarks.epochs import installed

STATEMENTS = {
    "": "pass",
    "products": "import numpy",
    "nnlib": "import nnlib",
    "scikit_learn": "import sklearn.neural_network",
    "pytorch": "import torch",
    "tensorflow": "import tensorflow",
    "jax": "import jax",
}


def measure(rounds: int = 7) -> list[tuple]:
    """Return rows of statement, round and seconds; the first round warms the disk."""
    rows = []
    statements = [code for name, code in STATEMENTS.items() if name in ["", *installed()]]
    for k in range(rounds + 1):
        for code in statements:
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL)
            if k:
                rows.append((code, k, f"{time.perf_counter() - start:.4f}"))
        print(f"imports, round {k} of {rounds}", flush=True)
    return rows

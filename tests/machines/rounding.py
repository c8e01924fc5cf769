"""Round as another processor might, to find what depends on it.

Processors differ in the last digits: each sums a product of matrices in an order of its own, and
has its own approximations of exp, log and their like. ``install(seed)`` makes this process another
such processor, one for every seed:

- ``A @ B`` in the notebooks and in the project's modules, `numpy.matmul` and `numpy.dot` add up
  their terms in another order, always the same for one number of terms;
- what exp, log, sin, tanh, powers and others return is off by up to four units in the last place, a
  relative 1e-15 at most, always by the same for the same result;
- the functions of `numpy.linalg` are given matrices that are off by one unit.

All of this a real processor could do. What is exact on all of them stays exact: products of small
integers, sums of one term, exp(0) = 1.
"""

import ast
import math
import sys
from collections.abc import Callable
from functools import cache, wraps
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

import numpy as np

ROOT = Path(__file__).parents[2]
FOLDERS = tuple(str(ROOT / name) for name in ("nnlib", "notebooks", "scripts", "benchmarks"))

APPROXIMATED = "exp expm1 exp2 log log1p log2 log10 sin cos tan sinh cosh tanh arctanh"
APPROXIMATED_BY_NUMPY = [*APPROXIMATED.split(), "logaddexp"]
APPROXIMATED_BY_PYTHON = [
    "exp",
    "expm1",
    "log",
    "log1p",
    "log10",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "erf",
    "pow",
]
FACTORED = ["norm", "solve", "lstsq", "inv", "eigh", "eigvalsh", "svd", "matrix_rank", "pinv"]

seed = 0


def is_float(x: object) -> bool:
    return getattr(x, "dtype", None) in (np.float32, np.float64)


@cache
def order(terms: int, seed: int) -> np.ndarray:
    """Return an order in which to add up that many terms."""
    return np.random.default_rng([seed, terms]).permutation(terms)


def count_terms(B: np.ndarray) -> int:
    """Return how many terms each sum has in a product with B on the right."""
    return B.shape[-min(B.ndim, 2)]


def reordered(product: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Return the product of matrices or vectors with its terms in another order."""

    @wraps(product)
    def in_another_order(A, B, *arguments, **options):
        floats = is_float(A) and is_float(B) and A.ndim and B.ndim
        if floats and A.shape[-1] == count_terms(B) > 1:
            k = order(A.shape[-1], seed)
            A, B = A[..., k], B.take(k, axis=-min(B.ndim, 2))
        return product(A, B, *arguments, **options)

    return in_another_order


def disturbed(x: np.ndarray, most: int) -> np.ndarray:
    """Return x, each number off by up to `most` units in the last place, which its bits decide.

    Numbers that fill half of their digits or less are left, since they tend to be exact, and so are
    those too small to have all their digits.
    """
    x = np.atleast_1d(x)
    short, integer = (np.float32, np.int64) if x.dtype == np.float64 else (np.float16, np.int32)
    size = np.abs(x)
    with np.errstate(all="ignore"):
        inexact = (size >= np.finfo(x.dtype).tiny) & (x.astype(short) != x)
    bits = size.view(integer).astype(np.uint64)
    drawn = (bits + np.uint64(seed)) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(40)  # 24 bits
    units = (drawn * np.uint64(2 * most + 1) >> np.uint64(24)).astype(integer) - most
    return (x.view(integer) + (units * inexact).astype(integer)).view(x.dtype)


def disturbed_number(x: float, most: int) -> float:
    """Return x off as `disturbed` does, which for a single number takes 30 times as long."""
    half, _ = math.frexp(x)
    if not sys.float_info.min <= abs(x) < math.inf or (half * 2**24).is_integer():
        return x
    drawn = (hash(abs(x)) + seed) * 0x9E3779B97F4A7C15 % 2**64 >> 40
    return x + (drawn % (2 * most + 1) - most) * math.ulp(x)


def approximated(function: Callable[..., object], most: int = 4) -> Callable[..., object]:
    """Return the function with results that are off by up to `most` units in the last place."""

    @wraps(function)
    def in_other_digits(*arguments, **options):
        result = function(*arguments, **options)
        if isinstance(result, float) and not isinstance(result, np.floating):
            return disturbed_number(result, most)
        if not is_float(result):
            return result
        other = disturbed(result, most).reshape(np.shape(result))
        if not isinstance(result, np.ndarray):
            return other[()]
        result[...] = other  # in place, since it may be what `out` names
        return result

    return in_other_digits


def factored(function: Callable[..., object]) -> Callable[..., object]:
    """Return the function of numpy.linalg for arrays that are off in the last place."""

    @wraps(function)
    def of_other_digits(*arguments, **options):
        others = [disturbed(a, 1).reshape(a.shape) if is_float(a) else a for a in arguments]
        return function(*others, **options)

    return of_other_digits


def multiply(A, B):
    """Return A @ B, its terms added up in another order."""
    return np.matmul(A, B) if is_float(A) and is_float(B) else A @ B


def raise_to(x, p):
    """Return x**p in other last digits, unless it is a square or a root, which are exact."""
    return x**p if np.ndim(p) == 0 and p in (-1, 0, 0.5, 1, 2) else _power(x, p)


_power = approximated(lambda x, p: x**p)


NAMES = {ast.MatMult: "multiply", ast.Pow: "raise_to"}


class Operators(ast.NodeTransformer):
    """Put calls of `multiply` and `raise_to` in place of the operators @ and **."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if type(node.op) not in NAMES:
            return node
        function = f"__import__({__name__!r}).{NAMES[type(node.op)]}"
        call = ast.Call(ast.parse(function, mode="eval").body, [node.left, node.right], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))


def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
    """Compile a module of the project with other operators, and any other as always."""
    path = loader.get_filename(name)
    if not path.startswith(FOLDERS):
        return _get_code(loader, name)
    tree = Operators().visit(ast.parse(loader.get_data(path), path))
    return compile(tree, path, "exec", dont_inherit=True)


_get_code = SourceFileLoader.get_code


def install(number: int) -> None:
    """Round as the processor of this number does, in this process and from now on."""
    global seed
    seed = number
    assert "nnlib" not in sys.modules, "nnlib has been imported before the noise"
    SourceFileLoader.get_code = get_code
    for name in ("matmul", "dot"):
        setattr(np, name, reordered(getattr(np, name)))
    for module, names in ((np, APPROXIMATED_BY_NUMPY), (math, APPROXIMATED_BY_PYTHON)):
        for name in names:
            setattr(module, name, approximated(getattr(module, name)))
    for name in FACTORED:
        setattr(np.linalg, name, factored(getattr(np.linalg, name)))
    if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()):
        shell.ast_transformers.append(Operators())

"""Gradient descent on any function f(x) -> (value, gradient), and its step rules (chapter 5)."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any, TypeAlias

import numpy as np

from nnlib._checks import (
    Array,
    check_array,
    check_count,
    check_fraction,
    check_functions,
    check_like,
    check_number,
    check_positive,
    require,
    require_argument,
)

Objective: TypeAlias = Callable[..., tuple[float, Array]]
Step: TypeAlias = tuple[Array, Any]
StepRule: TypeAlias = Callable[[Objective, Array, float, Array, float, Any], Step]
Callback: TypeAlias = Callable[[int, Array, float, Array], object]


def constant_step(
    f: Objective, x: Array, value: float, gradient: Array, rate: float, state: Any
) -> Step:
    """Step rule: x - gamma grad f(x), plain gradient descent.

    Every step rule has this signature. It returns the next x, in a new array, and a state of its
    choice, which it is given at the next step (at the first, None). It changes none of the arrays
    it is given, and need not check them: `gradient_descent` has.

    Parameters
    ----------
    f : callable
        ``f(x)`` is (value, gradient), for rules that try several points.
    x : array
        The current point x^k.
    value, gradient : float and array
        f at `x`.
    rate : float
        gamma_k.
    state : object
        What the rule returned with the step before; this rule has none.

    Returns
    -------
    x, state : array and object
        The next point x^{k+1} and the next state.

    Notes
    -----
    Source: equation (5.2), chapter 5.
    """
    return _subtract(x, rate, gradient), None


def _subtract(x: Array, rate: float, v: Array) -> Array:
    """Return x - rate v, with one new array and not two."""
    step = np.multiply(v, rate, out=np.empty_like(x))
    return np.subtract(x, step, out=step)


def momentum(beta: float = 0.9) -> StepRule:
    """Return the step rule v <- beta v + grad f(x), x <- x - gamma v.

    Parameters
    ----------
    beta : float, optional
        The share of the velocity v that a step keeps, from 0 (plain descent) to below 1.

    Returns
    -------
    callable
        A step rule for `gradient_descent`.

    Raises
    ------
    ValueError
        If `beta` is not in [0, 1).

    Notes
    -----
    Source: equation (5.20), chapter 5; B. T. Polyak (1964), "Some methods of speeding up the
    convergence of iteration methods".
    """
    beta = check_fraction("beta", beta)

    def step(f: Any, x: Array, value: float, gradient: Array, rate: float, state: Any) -> Step:
        v = np.zeros_like(x) if state is None else state
        v = beta * v
        v += gradient
        return _subtract(x, rate, v), v

    return step


def adam(beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> StepRule:
    """Return Adam's step rule: means of gradient and squared gradient, element by element.

    Parameters
    ----------
    beta1, beta2 : float, optional
        The shares of the mean gradient, and of the mean squared gradient, that a step keeps; in
        [0, 1).
    epsilon : float, optional
        Added to the denominator.

    Returns
    -------
    callable
        A step rule for `gradient_descent`.

    Raises
    ------
    ValueError
        If `beta1` or `beta2` is not in [0, 1), or `epsilon` is not positive.

    Notes
    -----
    Source: equation (5.23), chapter 5; D. P. Kingma and J. Ba (2015), "Adam: a method for
    stochastic optimization", algorithm 1.
    """
    beta1, beta2 = check_fraction("beta1", beta1), check_fraction("beta2", beta2)
    epsilon = check_positive("epsilon", epsilon)

    def step(f: Any, x: Array, value: float, gradient: Array, rate: float, state: Any) -> Step:
        k, v, s = (0, np.zeros_like(x), np.zeros_like(x)) if state is None else state
        k = k + 1
        # v <- beta1 v + (1 - beta1) gradient, s <- beta2 s + (1 - beta2) gradient^2, and then
        # x - rate v_hat / (sqrt(s_hat) + epsilon), with one array for all that is between.
        part = np.multiply(gradient, 1 - beta1, out=np.empty_like(x))
        v = beta1 * v
        v += part
        np.square(gradient, out=part)
        part *= 1 - beta2
        s = beta2 * s
        s += part
        np.divide(s, 1 - beta2**k, out=part)
        np.sqrt(part, out=part)
        part += epsilon
        np.divide(v, part, out=part)
        part *= rate / (1 - beta1**k)
        return np.subtract(x, part, out=part), (k, v, s)

    return step


def line_search(shrink: float = 0.5, slope: float = 1e-4) -> StepRule:
    """Return the step rule that shrinks gamma until f decreases enough.

    It starts with the rate for gamma and multiplies it by `shrink` until Armijo's condition
    f(x - gamma grad f(x)) <= f(x) - slope gamma ||grad f(x)||^2 holds. If the step becomes too
    small to change x, x stays where it is.

    Parameters
    ----------
    shrink : float, optional
        The factor, between 0 and 1.
    slope : float, optional
        The share of the decrease that the gradient promises which is enough, in [0, 1).

    Returns
    -------
    callable
        A step rule for `gradient_descent`.

    Raises
    ------
    ValueError
        If `shrink` is not in (0, 1) or `slope` not in [0, 1).

    Notes
    -----
    Source: equation (5.19), chapter 5; L. Armijo (1966), "Minimization of functions having
    Lipschitz continuous first partial derivatives".
    """
    shrink = check_positive("shrink", check_fraction("shrink", shrink))
    slope = check_fraction("slope", slope)

    def step(f: Any, x: Array, value: float, gradient: Array, rate: float, state: Any) -> Step:
        gradient = np.copy(gradient)  # f may write its next gradient into the same array
        decrease = slope * float(np.sum(gradient**2))
        x_next = x - rate * gradient
        while np.any(x_next != x) and not f(x_next)[0] <= value - rate * decrease:
            rate *= shrink
            x_next = x - rate * gradient
        return x_next, None

    return step


@dataclass(eq=False)
class Descent:
    """Where a gradient descent is: at x^k, with what its step rule remembers.

    Give it to `gradient_descent` in place of x, and every step moves it along. So it still says
    where the descent is when an exception has ended it, and giving it again goes on from there:
    five steps and then five more are the same as ten.

    Attributes
    ----------
    x : array, float32 or float64
        The point x^k; at first a copy of the array that was given.
    k : int
        The number of steps taken so far.
    state : object
        What the rule returned with the last step; None before the first.

    Raises
    ------
    ValueError
        If `x` is not a float array, or `k` is not an integer of at least 0.

    Notes
    -----
    Source: chapter 5.

    Examples
    --------
    >>> parabola = lambda x: (float(x @ x), 2 * x)
    >>> descent = Descent(np.array([8.0, -4.0]))
    >>> for _ in range(2):
    ...     x = gradient_descent(parabola, descent, rate=0.25, steps=3)
    >>> print(descent.k, x)
    6 [ 0.125  -0.0625]
    """

    x: Array
    k: int = 0
    state: Any = None

    def __post_init__(self) -> None:
        check_array("x", self.x)
        self.x = np.copy(self.x)
        self.k = check_count("k", self.k, least=0)


def gradient_descent(
    f: Objective,
    x: Array | Descent,
    rate: float | Callable[[int], float],
    steps: int,
    *,
    rule: StepRule = constant_step,
    batches: Iterable[tuple[Any, ...]] | None = None,
    callback: Callback | None = None,
) -> Array:
    """Walk downhill: x^{k+1} = x^k - gamma_k grad f(x^k) for k = 0, ..., steps - 1.

    Parameters
    ----------
    f : callable
        ``f(x)`` returns (value, gradient), a number and an array of the shape and dtype of `x`.
        With `batches`, step k calls ``f(x, *batch)`` with the k-th batch.
    x : array, float32 or float64, or Descent
        The start x^0, which is left as it is; or an earlier descent, to go on with.
    rate : float or callable
        gamma, or a function of k that gives gamma_k.
    steps : int
        The number of steps. See `nnlib.count_steps` for that of a number of epochs.
    rule : callable, optional
        The step rule: `constant_step` (the default), `momentum()`, `adam()`, `line_search()`,
        or any function with the signature of `constant_step`.
    batches : iterable of tuples, optional
        What f is given besides x, one tuple for each step; see `nnlib.minibatches`.
    callback : callable, optional
        ``callback(k, x, value, gradient)`` is called with x^k and f at x^k, for k = 0, ..., steps:
        before each step, and once after the last (with `batches`, f is then that of the last
        batch). If it raises StopIteration, the descent ends at x^k; what it returns means nothing.
        Every x is a new array, so it is safe to keep them; whether each gradient is new is up to f.

    Returns
    -------
    array
        x^steps, or the x^k at which the callback stopped the descent; always a new array.

    Raises
    ------
    ValueError
        If an argument is not as described, or what f or the rule returns is not, or if there are
        fewer batches than steps.
    FloatingPointError
        If a value or gradient of f is not finite, or the last x is not; the message names the
        step.

    Notes
    -----
    Source: equation (5.2), chapter 5.

    Nothing is lost when an exception ends the descent, be it one of these, one that f or the
    callback raised, or the KeyboardInterrupt of Ctrl-C. The exception has the attributes ``x``, the
    point reached, and ``descent``, to go on from there with its k and the state of the rule. In a
    notebook or at the prompt, ``sys.last_value`` is the exception: `gradient_descent` can be
    called again with ``sys.last_value.descent`` for `x`. A batch that was taken for a step that
    failed does not come again.

    Examples
    --------
    >>> parabola = lambda x: (float(x @ x), 2 * x)
    >>> x = gradient_descent(parabola, np.array([8.0, -4.0]), rate=0.25, steps=3)
    >>> print(x)
    [ 1.  -0.5]
    """
    steps = check_count("steps", steps, least=0)
    rate = rate if callable(rate) else check_positive("rate", rate)
    check_functions(f=f, rule=rule)
    if callback is not None:
        check_functions(callback=callback)
    if batches is not None:
        require_argument(isinstance(batches, Iterable), "batches", batches, "an iterable of tuples")
    descent = x if isinstance(x, Descent) else Descent(x)
    end = descent.k + steps
    try:
        _descend(f, descent, rate, steps, rule, batches, callback)
    except BaseException as error:
        error.x, error.descent = descent.x, descent  # type: ignore[attr-defined]
        error.add_note(
            f"interrupted at step {descent.k} of {end}; sys.last_value.x is the x reached"
        )
        raise
    return np.copy(descent.x)


def _descend(
    f: Objective,
    descent: Descent,
    rate: float | Callable[[int], float],
    steps: int,
    rule: StepRule,
    batches: Iterable[tuple[Any, ...]] | None,
    callback: Callback | None,
) -> None:
    """Take the steps, each of which moves the descent along once it is complete."""
    stream = repeat(()) if batches is None else iter(batches)
    end = descent.k + steps
    for k in range(descent.k, end):
        f_k = _with_batch(f, stream, k, end)
        value, gradient = _evaluate(f_k, descent.x, k)
        if callback is not None and _stops(callback, k, descent.x, value, gradient):
            return
        gamma = check_positive(f"rate({k})", rate(k)) if callable(rate) else rate
        step = rule(f_k, descent.x, value, gradient, gamma, descent.state)
        x, state = _check_step(step, descent.x, gradient)
        descent.x, descent.k, descent.state = x, k + 1, state
        del gradient, step, x, state  # so that the next ones find their memory free
    if not _is_finite(descent.x):
        raise FloatingPointError(f"x is not finite after {end} steps; a smaller rate?")
    if callback is not None and steps > 0:
        _stops(callback, end, descent.x, *_evaluate(f_k, descent.x, end))


def _with_batch(f: Objective, stream: Iterator[Any], k: int, end: int) -> Objective:
    """Return f with the next batch filled in, a function of x alone."""
    batch: Any = next(stream, None)
    require(batch is not None, "the batches ended after {} of {} steps", k, end)
    require_argument(isinstance(batch, tuple), f"batch {k}", batch, "a tuple")
    return lambda x: f(x, *batch)


def _evaluate(f: Objective, x: Array, k: int) -> tuple[float, Array]:
    """Return value and gradient of f at x^k; raise an error unless both are finite."""
    value, gradient = check_pair(f(x), x)
    hint = "a smaller rate?" if k > 0 else "NaN or infinity in x or the data?"
    if not math.isfinite(value):
        raise FloatingPointError(f"the value is {value} at step {k}; {hint}")
    if not _is_finite(gradient):
        raise FloatingPointError(f"the gradient is not finite at step {k}; {hint}")
    return value, gradient


def _is_finite(x: Array) -> bool:
    # If ||x||^2 is finite, so is every element. That takes one pass over x and no other array.
    return bool(np.isfinite(np.vdot(x, x)) or np.isfinite(x).all())


def _stops(callback: Callback, k: int, x: Array, value: float, gradient: Array) -> bool:
    """Call the callback and return whether it stops the descent."""
    try:
        callback(k, x, value, gradient)
    except StopIteration:
        return True
    return False


def check_pair(pair: tuple[float, Array], x: Array) -> tuple[float, Array]:
    """Return what f returned at x; raise ValueError unless it is a number and an array like x."""
    require_argument(isinstance(pair, tuple) and len(pair) == 2, "f(x)", pair, "(value, gradient)")
    check_number("the value", pair[0])
    check_like("the gradient", pair[1], "x", x)
    return pair


def _check_step(step: Step, x: Array, gradient: Array) -> Step:
    """Return what the rule returned; raise ValueError unless its x is a new array like x."""
    is_pair = isinstance(step, tuple) and len(step) == 2
    require_argument(is_pair, "the result of the rule", step, "(x, state)")
    check_like("the x of the rule", step[0], "x", x)
    old = np.may_share_memory(step[0], x) or np.may_share_memory(step[0], gradient)
    message = "the x of the rule is in the memory of {}; expected a new array"
    require(not old, message, "the x or gradient it was given")
    return step

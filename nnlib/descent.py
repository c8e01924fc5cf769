"""Gradient descent on any function f(x) -> (value, gradient), and its step rules (chapter 5)."""

from collections.abc import Callable, Iterable, Iterator
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


def constant_step(
    f: Objective, x: Array, value: float, gradient: Array, rate: float, state: Any
) -> Step:
    """Step rule: x - gamma grad f(x), plain gradient descent.

    Every step rule has this signature. It returns the next x, in a new array, and the state that
    it wants to be given with the next step (None at the first). It does not check what it is given:
    `gradient_descent` has, and checks what it returns.

    Parameters
    ----------
    f : callable
        ``f(x)`` is (value, gradient), should the rule want to look around.
    x : array
        The current point x^k.
    value, gradient : float and array
        f at `x`.
    rate : float
        gamma_k.
    state : object
        What the rule returned with the step before; this rule needs none.

    Returns
    -------
    x, state : array and object
        The next point x^{k+1} and the next state.

    Notes
    -----
    Source: equation (5.2), chapter 5.
    """
    return x - rate * gradient, None


def momentum(beta: float = 0.9) -> StepRule:
    """Return the step rule v <- beta v + grad f(x), x <- x - gamma v.

    Parameters
    ----------
    beta : float, optional
        What remains of the velocity v in a step, from 0 (plain descent) to below 1.

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
        v = gradient if state is None else beta * state + gradient
        return x - rate * v, v

    return step


def adam(beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> StepRule:
    """Return Adam's step rule: means of gradient and squared gradient, element by element.

    Parameters
    ----------
    beta1, beta2 : float, optional
        What remains of the mean of the gradient, and of its square, in a step; in [0, 1).
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
        k, u, v = state or (0, np.zeros_like(x), np.zeros_like(x))
        k = k + 1
        u = beta1 * u + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        u_hat, v_hat = u / (1 - beta1**k), v / (1 - beta2**k)
        return x - rate * u_hat / (np.sqrt(v_hat) + epsilon), (k, u, v)

    return step


def line_search(shrink: float = 0.5, slope: float = 1e-4) -> StepRule:
    """Return the step rule that shrinks gamma until f decreases enough.

    The first gamma is the rate; it is multiplied by `shrink` until Armijo's condition
    f(x - gamma grad f(x)) <= f(x) - slope gamma ||grad f(x)||^2 holds, or until the step is too
    small to change x, which then stays.

    Parameters
    ----------
    shrink : float, optional
        The factor, between 0 and 1.
    slope : float, optional
        The share of the decrease promised by the gradient that is asked for, in [0, 1).

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
        decrease = slope * float(np.sum(gradient**2))
        while np.any((x_next := x - rate * gradient) != x):
            if f(x_next)[0] <= value - rate * decrease:
                return x_next, None
            rate *= shrink
        return x, None

    return step


def gradient_descent(
    f: Objective,
    x: Array,
    rate: float | Callable[[int], float],
    steps: int,
    *,
    rule: StepRule = constant_step,
    batches: Iterable[tuple[Any, ...]] | None = None,
    callback: Callable[[int, Array, float, Array], object] | None = None,
) -> Array:
    """Walk downhill: x^{k+1} = x^k - gamma_k grad f(x^k) for k = 0, ..., steps - 1.

    Parameters
    ----------
    f : callable
        ``f(x)`` returns (value, gradient), a number and an array of the shape and dtype of `x`.
        With `batches`, step k calls ``f(x, *batch)`` with the k-th batch.
    x : array, float32 or float64
        The start x^0, which is left as it is.
    rate : float or callable
        gamma, or a function of k that gives gamma_k.
    steps : int
        The number of steps.
    rule : callable, optional
        The step rule: `constant_step` (the default), `momentum()`, `adam()`, `line_search()`,
        or any function with the signature of `constant_step`.
    batches : iterable of tuples, optional
        What f is given beside x, one tuple a step; see `nnlib.minibatches`.
    callback : callable, optional
        ``callback(k, x, value, gradient)`` is called before step k, with f at x^k; if it returns
        something true, the descent ends there and x^k is returned. Every x is a new array, so
        keeping them is safe.

    Returns
    -------
    array
        x^steps, or the x^k at which the callback asked to stop; always a new array.

    Raises
    ------
    ValueError
        If an argument is not as described, or what f or the rule returns, or if the batches end
        before the steps.
    FloatingPointError
        If a value or gradient of f is not finite, or the last x is not; the message names the
        step.
    KeyboardInterrupt
        If it is interrupted, by Ctrl-C or by the button that stops a notebook's cell. The point
        reached, x^k or where the rule has just gone from there, is the attribute ``x`` of this
        exception. In a notebook or at the prompt it is ``sys.last_value.x``; a script that is to go
        on has ``except KeyboardInterrupt as interrupt: x = interrupt.x``.

    Notes
    -----
    Source: equation (5.2), chapter 5.

    Examples
    --------
    >>> parabola = lambda x: (float(x @ x), 2 * x)
    >>> x = gradient_descent(parabola, np.array([8.0, -4.0]), rate=0.25, steps=3)
    >>> print(x)
    [ 1.  -0.5]
    """
    steps = check_count("steps", steps, least=0)
    if not callable(rate):
        rate = check_positive("rate", rate)
    callback = callback or (lambda *_: False)
    check_functions(f=f, rule=rule, callback=callback)
    check_array("x", x)
    batches = repeat(()) if batches is None else batches
    require_argument(isinstance(batches, Iterable), "batches", batches, "an iterable of tuples")
    x, state, stream, k = np.array(x), None, iter(batches), 0
    try:
        for k in range(steps):
            f_k = _with_batch(f, stream, k, steps)
            value, gradient = check_pair(f_k(x), x)
            _check_finite(k, value, gradient)
            if callback(k, x, value, gradient):
                return x
            gamma = check_positive(f"rate({k})", rate(k)) if callable(rate) else rate
            x, state = rule(f_k, x, value, gradient, gamma, state)
            check_like("the x of the rule", x, "the gradient", gradient)
    except KeyboardInterrupt as interrupt:
        interrupt.x = x  # type: ignore[attr-defined]
        interrupt.add_note(f"interrupted at step {k} of {steps}; sys.last_value.x is the x reached")
        raise
    if not np.all(np.isfinite(x)):
        raise FloatingPointError(f"x is not finite after {steps} steps; a smaller rate?")
    return x


def check_pair(pair: tuple[float, Array], x: Array) -> tuple[float, Array]:
    """Return what f returned at x, refusing what is not a number and an array like x."""
    require_argument(isinstance(pair, tuple) and len(pair) == 2, "f(x)", pair, "(value, gradient)")
    check_number("the value", pair[0])
    check_like("the gradient", pair[1], "x", x)
    return pair


def _with_batch(f: Objective, stream: Iterator[Any], k: int, steps: int) -> Objective:
    """Return f with the next batch filled in, a function of x alone."""
    batch: Any = next(stream, None)
    require(batch is not None, "the batches ended after {} of {} steps", k, steps)
    require_argument(isinstance(batch, tuple), f"batch {k}", batch, "a tuple")
    return lambda x: f(x, *batch)


def _check_finite(k: int, value: float, gradient: Array) -> None:
    hint = "a smaller rate?" if k > 0 else "NaN or infinity in x or the data?"
    if not np.isfinite(value):
        raise FloatingPointError(f"the value is {value} at step {k}; {hint}")
    if not np.all(np.isfinite(gradient)):
        raise FloatingPointError(f"the gradient is not finite at step {k}; {hint}")

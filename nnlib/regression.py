"""Linear regression in closed form: the simplest network's least error (chapter 10)."""

import numpy as np

from nnlib._checks import Array, check_array, check_finite, check_like, check_same_kind, require


def line_through_origin(x: Array, y: Array) -> float:
    """Return the w that minimizes the sum of (w x_c - y_c)^2.

    Parameters
    ----------
    x, y : arrays of shape (m,)
        The points (x_c, y_c).

    Returns
    -------
    float
        w = s_xy / s_xx.

    Raises
    ------
    ValueError
        If the arrays differ in shape or dtype, a number is not finite, all x_c are zero, or the
        sums of squares are too large or too small for the dtype.

    Notes
    -----
    Source: equation (10.8), chapter 10.

    Examples
    --------
    >>> line_through_origin(np.array([1.0, 2.0]), np.array([3.0, 6.0]))
    3.0
    """
    _check_points(x, y)
    require(x.any(), "all x are zero, so every w fits; expected at least one that is not zero")
    s_xx, s_xy = float(x @ x), float(x @ y)
    in_range = np.finfo(x.dtype).tiny <= s_xx < np.inf and np.isfinite(s_xy)
    message = "the sums of x^2 and x y are {} and {}; expected numbers in the range of {}"
    require(in_range, message, s_xx, s_xy, x.dtype)
    return s_xy / s_xx


def line(x: Array, y: Array) -> tuple[float, float]:
    """Return the w and b that minimize the sum of (w x_c + b - y_c)^2.

    Parameters
    ----------
    x, y : arrays of shape (m,)
        The points (x_c, y_c).

    Returns
    -------
    w, b : float
        w = (m s_xy - s_x s_y) / (m s_xx - s_x^2) and b = (s_y - w s_x) / m. The means are
        subtracted from x and y first, which gives the same line and loses fewer digits.

    Raises
    ------
    ValueError
        If the arrays differ in shape or dtype, a number is not finite, all x_c are equal, or the
        sums of squares are too large or too small for the dtype.

    Notes
    -----
    Source: equations (10.10) and (10.11), chapter 10.

    Examples
    --------
    >>> line(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]))
    (2.0, 1.0)
    """
    _check_points(x, y)
    require(np.any(x != x[0]), "all x are equal, so many lines fit; expected at least two values")
    x_mean, y_mean = float(x.mean()), float(y.mean())
    w = line_through_origin(x - x_mean, y - y_mean)
    return w, y_mean - w * x_mean


def linear_regression(X: Array, Y: Array) -> tuple[Array, Array]:
    """Return the W and b that minimize E = 1/(2m) ||W X + b 1^T - Y||_F^2.

    Parameters
    ----------
    X : array of shape (n^0, m)
        The inputs, one per column.
    Y : array of shape (n^1, m)
        The targets, one per column.

    Returns
    -------
    W, b : arrays of shape (n^1, n^0) and (n^1, 1)
        The solution of the normal equations.

    Raises
    ------
    ValueError
        If the shapes or dtypes do not fit together, a number is not finite, or the solution is
        not unique: up to rounding, some row of X is constant or a linear function of the others.

    Notes
    -----
    Source: equation (10.5), chapter 10, after subtracting means and dividing every row of X by its
    largest number. The normal equations square the condition number, equation (10.19); where that
    costs too many digits, standardize the rows of X and use `numpy.linalg.lstsq` (which takes
    small singular values for zero, so on rows of very different size it can be wrong).

    Examples
    --------
    >>> X = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> W, b = linear_regression(X, np.array([[1.0, 3.0, 4.0]]))
    >>> print(W.round(6), b.round(6))
    [[2. 3.]] [[1.]]
    """
    check_array("X", X, "n^0", "m")
    check_array("Y", Y, "n^1", X.shape[1])
    check_same_kind(X=X, Y=Y)
    check_finite(X=X, Y=Y)
    x_mean, X_centered = _center(X)
    y_mean, Y_centered = _center(Y)
    largest = np.abs(X).max(axis=1, keepdims=True)
    U = X_centered / np.where(largest > 0, largest, 1)
    # Rows are dependent if rounding alone could make them so: U is then as close to a matrix of
    # lower rank as a matrix of X's shape with four epsilons everywhere is to zero.
    rounding = 4 * np.finfo(X.dtype).eps * np.sqrt(X.size)
    independent = np.linalg.matrix_rank(U, tol=rounding) == len(X)
    message = "X, of shape {}, has a row that is constant or a linear function of the others, so "
    require(independent, message + "many W fit; expected independent rows", X.shape)
    W = np.linalg.solve(U @ U.T, U @ Y_centered.T).T / largest.T
    return W, y_mean - W @ x_mean


def _center(X: Array) -> tuple[Array, Array]:
    """Return the means of X's rows, and X with them subtracted: a constant row becomes zeros."""
    first = X[:, :1]
    D = (X - first).copy(order="C")  # NumPy adds up rows that are contiguous with fewer digits lost
    mean = D.mean(axis=1, keepdims=True)
    return first + mean, D - mean


def _check_points(x: Array, y: Array) -> None:
    check_array("x", x, "m")
    check_like("y", y, "x", x)
    check_finite(x=x, y=y)

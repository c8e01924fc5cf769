"""The checks of the reader's own functions: right ones pass, and mistakes are named."""

import dataclasses
import re
from fractions import Fraction
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

import checking
import checks
import example
import nnlib
import tasks_02
import tasks_03
import tasks_04
import tasks_05
import tasks_06
import tasks_07
import tasks_08
import tasks_10
import tasks_11
import tasks_shared

ROOT = Path(__file__).parents[2]

RIGHT = {
    "my_layer": """
def my_layer(W, b, g, a):
    z_all, a_all = [], []
    for i in range(len(W)):
        z = 0
        for j in range(len(a)):
            z += W[i, j] * a[j]
        z += b[i, 0]
        z_all.append(z)
        a_all.append(g(z))
    return z_all, a_all
""",
    "my_evaluate": """
def my_evaluate(W, b, g, x):
    z, a = [None], [x]
    for l in range(1, len(W)):
        came = a[l - 1]
        z_l = []
        for i in range(len(W[l])):
            z_l.append(sum(W[l][i, j] * came[j] for j in range(len(came))) + b[l][i, 0])
        z.append(z_l)
        a.append([g[l](z_i) for z_i in z_l])
    return z, a
""",
    "my_target": """
def my_target():
    W = [None, np.array([[5], [5]]), np.array([[1.5, -1.5]])]
    b = [None, np.array([[5], [-5]]), np.array([[0]])]
    return W, b
""",
    "my_xor": """
def my_xor():
    W = [None, np.array([[1, -1], [-1, 1]]), np.array([[1, 1]])]
    b = [None, np.array([[0], [0]]), np.array([[0]])]
    return W, b
""",
    "my_staircase": """
def my_staircase(h, t, s):
    W1 = [[s] for t_k in t]
    b1 = [[-s * t_k] for t_k in t]
    W2 = [[h[k + 1] - h[k] for k in range(len(t))]]
    b = [None, np.array(b1), np.array([[h[0]]])]
    return [None, np.array(W1), np.array(W2)], b
""",
    "my_tents": """
def my_tents():
    W = [None, np.array([[1], [1]]), np.array([[2, -4], [2, -4]]), np.array([[2, -4]])]
    b = [None, np.array([[0], [-0.5]]), np.array([[0.0], [-0.5]]), np.array([[0]])]
    return W, b
""",
    "my_sums": """
def my_sums(W, b, A):
    Z = np.empty((len(W), A.shape[1]), dtype=A.dtype)
    for i in range(len(W)):
        for c in range(A.shape[1]):
            z = 0
            for j in range(len(A)):
                z += W[i, j] * A[j, c]
            Z[i, c] = z + b[i, 0]
    return Z
""",
    "my_forward": """
def my_forward(W, b, g, X):
    Z, A = [None], [X]
    for l in range(1, len(W)):
        Z.append(W[l] @ A[l - 1] + b[l])
        A.append(g[l](Z[l]))
    return Z, A
""",
    "my_walk": """
def my_walk(E, w, b, h):
    for _ in range(1000):
        places = [(w + h, b), (w - h, b), (w, b + h), (w, b - h)]
        heights = [E(*place) for place in places]
        lowest = heights.index(min(heights))
        if heights[lowest] >= E(w, b):
            break
        w, b = places[lowest]
    return w, b
""",
    "my_squared_error": """
def my_squared_error(A, Y):
    m = A.shape[1]
    D = A - Y
    E = np.sum(D**2) / (2 * m)
    dA = D / m
    return E, dA
""",
    "my_cross_entropy": """
def my_cross_entropy(A, Y):
    m = A.shape[1]
    U = A - A.max(axis=0)
    log_S = U - np.log(np.exp(U).sum(axis=0))
    E = -np.sum(Y * log_S) / m
    dA = (np.exp(log_S) - Y) / m
    return E, dA
""",
    "my_choice": """
def my_choice(fit, E, degrees, train, validation, test):
    best = None
    for k, d in enumerate(degrees):
        theta = fit(train, d)
        E_validation = E(theta, validation)
        if best is None or E_validation < best:
            best, d_best, theta_best = E_validation, d, theta
    E_test = E(theta_best, test)
    return d_best, E_test
""",
    "my_backward": """
def my_backward(W, g, Z, A, dA):
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        dZ = dA * g[l].dg(Z[l], A[l])
        dW[l] = dZ @ A[l - 1].T
        db[l] = dZ.sum(axis=1, keepdims=True)
        dA = W[l].T @ dZ
    return dW, db
""",
    "my_traps": """
def my_traps():
    f, s = nnlib.identity, nnlib.sigmoid
    first = (1, 1, 1, 1), [f, s, s, f]
    second = (1, 2), [f, f]
    third = (1, 1), [f, s]
    return first, second, third
""",
    "my_gradient": """
def my_gradient(theta, n, g, X, Y):
    W, b = nnlib.unpack(theta, n)
    Z, A = nnlib.forward(W, b, g, X)
    m = X.shape[1]
    logits = A[-1] - A[-1].max(axis=0)
    S = np.exp(logits) / np.exp(logits).sum(axis=0)
    E = -np.sum(Y * (logits - np.log(np.exp(logits).sum(axis=0)))) / m
    dZ = (S - Y) / m
    parts = []
    for l in range(len(n) - 1, 0, -1):
        db = dZ.sum(axis=1)
        dW = dZ @ A[l - 1].T
        parts = [dW.ravel(), db] + parts
        dZ = (W[l].T @ dZ) * g[l - 1].dg(Z[l - 1], A[l - 1]) if l > 1 else None
    return E, np.concatenate(parts)
""",
    "my_step": """
def my_step(f, x, rate):
    value, gradient = f(x)
    return x - rate * gradient
""",
    "my_descend": """
def my_descend(f, x, rate, steps):
    path = [x]
    for k in range(steps):
        value, gradient = f(path[k])
        path.append(path[k] - rate * gradient)
    return np.array(path)
""",
    "my_differences": """
def my_differences(G, x, h):
    gradient = np.empty(len(x))
    for i in range(len(x)):
        e = np.zeros(len(x))
        e[i] = h
        gradient[i] = (G(x + e) - G(x - e)) / (2 * h)
    return gradient
""",
    "my_shortcut": """
def my_shortcut(H, x, rate, k):
    lam, Q = np.linalg.eigh(H)
    c = Q.T @ x
    c = (1 - rate * lam) ** k * c
    return Q @ c
""",
    "my_momentum": """
def my_momentum(f, x, rate, beta, steps):
    v = 0
    for _ in range(steps):
        value, gradient = f(x)
        v = beta * v + gradient
        x = x - rate * v
    return x
""",
    "my_line_search": """
def my_line_search(f, x, rate):
    value, gradient = f(x)
    squared = gradient @ gradient
    while f(x - rate * gradient)[0] > value - 1e-4 * rate * squared:
        rate = rate / 2
    return x - rate * gradient
""",
    "my_weight_rule": """
def my_weight_rule(dZ, A_before):
    dW = np.zeros((len(dZ), len(A_before)))
    for i in range(len(dZ)):
        for j in range(len(A_before)):
            for c in range(dZ.shape[1]):
                dW[i, j] += dZ[i, c] * A_before[j, c]
    return dW
""",
    "my_layer_rule": """
def my_layer_rule(W_next, dZ_next):
    dA = np.zeros((W_next.shape[1], dZ_next.shape[1]))
    for j in range(W_next.shape[1]):
        for c in range(dZ_next.shape[1]):
            total = 0
            for i in range(len(W_next)):
                total += W_next[i, j] * dZ_next[i, c]
            dA[j, c] = total
    return dA
""",
    "my_gradient_by_indices": """
def my_gradient_by_indices(W, dg, Z, A, dA):
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        dZ = np.empty(Z[l].shape)
        for i, c in np.ndindex(dZ.shape):
            dZ[i, c] = dA[i, c] * dg[l](Z[l][i, c])
        dW[l] = np.zeros(W[l].shape)
        for i, j in np.ndindex(W[l].shape):
            for c in range(dZ.shape[1]):
                dW[l][i, j] += dZ[i, c] * A[l - 1][j, c]
        db[l] = np.array([[sum(row)] for row in dZ])
        dA = W[l].T @ dZ
    return dW, db
""",
    "my_pass_on_paper": """
def my_pass_on_paper():
    dA2 = dZ2 = [4, -8]
    return dA2, dZ2, [3, 2, -6, -4], [16, -32], [3, -8], [6, -16]
""",
    "my_gradient_check": """
def my_gradient_check(f, x, h):
    gradient, quotients = f(x)[1], np.empty_like(x)
    for i in range(len(x)):
        e = h * (np.arange(len(x)) == i)
        quotients[i] = (f(x + e)[0] - f(x - e)[0]) / (2 * h)
    size = np.linalg.norm(gradient) + np.linalg.norm(quotients)
    return np.linalg.norm(gradient - quotients) / size
""",
    "my_training": """
def my_training(W, b, X, Y, rate, steps):
    W, b, L = list(W), list(b), len(W) - 1
    for k in range(steps):
        A = [X]
        for l in range(1, L + 1):
            Z = W[l] @ A[l - 1] + b[l]
            A.append(1 / (1 + np.exp(-Z)) if l < L else Z)
        dZ = (A[L] - Y) / X.shape[1]
        for l in range(L, 0, -1):
            dW, db = dZ @ A[l - 1].T, dZ.sum(axis=1, keepdims=True)
            if l > 1:
                dZ = (W[l].T @ dZ) * (A[l - 1] * (1 - A[l - 1]))
            W[l] = W[l] - rate * dW
            b[l] = b[l] - rate * db
    return W, b
""",
    "my_epoch": """
def my_epoch(f, theta, X, Y, size, rate, order):
    for k in range(0, X.shape[1], size):
        S = order[k : k + size]
        E, gradient = f(theta, X[:, S], Y[:, S])
        theta = theta - rate * gradient
    return theta
""",
    "my_stop_early": """
def my_stop_early(f, theta, E_val, rate, steps, patience):
    best, k_best, E_best, k = theta, 0, E_val(theta), 0
    while k < steps and k - k_best < patience:
        theta = theta - rate * f(theta)[1]
        k += 1
        E = E_val(theta)
        if E < E_best:
            best, k_best, E_best = theta, k, E
    return best, k
""",
    "my_sizes": """
def my_sizes(W, b, g, X, Y):
    Z, A = nnlib.forward(W, b, g, X)
    L = len(W) - 1
    Z_sizes, dZ_sizes = [None] * (L + 1), [None] * (L + 1)
    dA = nnlib.squared_error.dA(A[L], Y)
    for l in range(L, 0, -1):
        dZ = dA * g[l].dg(Z[l], A[l])
        Z_sizes[l] = np.sqrt(np.mean(Z[l] ** 2))
        dZ_sizes[l] = np.sqrt(np.mean(dZ**2))
        dA = W[l].T @ dZ
    return Z_sizes, dZ_sizes
""",
    "my_network": """
def my_network(X, Y, path):
    network = nnlib.Network((1, 12, 1), (nnlib.relu, nnlib.identity))
    theta = nnlib.random_normal(network.n, np.random.default_rng(1), scale=1.0)
    f = network.objective(X, Y)
    theta = nnlib.gradient_descent(f, theta, 0.05, 400, rule=nnlib.adam())
    network.save(path, theta)
    E = network.E(network.load(path), X, Y)
    return E
""",
    "my_sigmoid": """
def my_sigmoid(Z):
    r = np.exp(-np.abs(Z))
    A = np.where(Z >= 0, 1 / (1 + r), r / (1 + r))
    return A
""",
    "my_activation": """
def my_activation(Z):
    A = Z * nnlib.sigmoid(Z)
    dA = nnlib.sigmoid(Z) + A * (1 - nnlib.sigmoid(Z))
    return A, dA
""",
    "my_share": """
def my_share(g, omega, Z, A):
    squares = 1.0
    for l in range(1, len(Z) - 1):
        slopes = g.dg(Z[l], A[l])
        squares *= omega * np.mean(slopes**2)
    return np.sqrt(squares)
""",
    "my_diagnosis": """
def my_diagnosis():
    import patients
    X, Y = patients.data("F")
    return 5, [c for c in range(100) if abs(Y[0, c]) > 1][0]
""",
    "my_first_weights": """
def my_first_weights(n, rng):
    W, b = [None], [None]
    for l in range(1, len(n)):
        W.append(np.sqrt(2 / n[l - 1]) * rng.normal(size=(n[l], n[l - 1])))
        b.append(np.zeros((n[l], 1)))
    return W, b
""",
    "my_line": """
def my_line(x, y):
    d = x - x.mean()
    w = sum(d * y) / sum(d * d)
    b = y.mean() - w * x.mean()
    return w, b
""",
    "my_normal_equations": """
def my_normal_equations(rows, y):
    M = rows @ rows.T
    theta = np.linalg.solve(M, rows @ y)
    return theta
""",
    "my_steps": """
def my_steps(X):
    m = X.shape[1]
    rows = np.vstack([X, np.ones((1, m))])
    lam = np.linalg.eigvalsh(rows @ rows.T / m)
    kappa = lam[-1] / lam[0]
    rho = (kappa - 1) / (kappa + 1)
    steps = int(np.ceil(np.log(1e-6) / np.log(rho))) if rho > 0 else 1
    return steps
""",
    "my_standardize": """
def my_standardize(X):
    mu = X.mean(axis=1, keepdims=True)
    tau = np.sqrt(((X - mu) ** 2).mean(axis=1, keepdims=True))
    U = (X - mu) / np.where(tau > 0, tau, 1)
    return U, mu, tau
""",
    "my_nearest_mean": """
def my_nearest_mean(X, labels, X_new):
    digits = []
    means = [X[:, labels == d].mean(axis=1) for d in range(10)]
    for x in X_new.T:
        squares = [((x - mean) ** 2).sum() for mean in means]
        digits.append(np.argmin(squares))
    return np.array(digits)
""",
    "my_bound": """
def my_bound(A_1):
    B = np.vstack([A_1, np.ones((1, A_1.shape[1]), A_1.dtype)])
    H = B @ B.T / len(B.T)
    bound = 2 / np.linalg.eigvalsh(H)[-1]
    return bound
""",
    "my_confusion": """
def my_confusion(labels, answers):
    C = np.zeros((10, 10), int)
    for c in range(len(labels)):
        C[labels[c], answers[c]] += 1
    return C
""",
    "my_reader": """
def my_reader(X, labels, X_new):
    network = nnlib.Network(
        (784, 200, 10), (nnlib.relu, nnlib.identity), nnlib.softmax_cross_entropy
    )
    rng = np.random.default_rng(1)
    Y = nnlib.one_hot(labels, dtype=X.dtype)
    theta = nnlib.gradient_descent(
        network.value_and_gradient,
        nnlib.he_normal(network.n, rng, dtype=X.dtype),
        lambda k: 0.004 * (1 - k / 600),
        600,
        rule=nnlib.adam(),
        batches=nnlib.minibatches(X, Y, 50, rng),
    )
    digits = network(theta, X_new).argmax(axis=0)
    return digits
""",
}

SLOPE_BELOW = "g[l - 1].dg(Z[l - 1], A[l - 1])"

# The right function with one piece of code exchanged, and words of the hint that it should get.
WRONG = [
    ("my_walk", "heights.index(min(heights))", "heights.index(max(heights))", "not right yet"),
    ("my_walk", "(w - h, b), ", "", "not right yet"),
    ("my_walk", ", (w, b + h), (w, b - h)]", "]", "Only w is turned"),
    ("my_walk", "[(w + h, b), (w - h, b), ", "[", "Only b is turned"),
    ("my_walk", "break", "return places[lowest]", "one step too far"),
    ("my_walk", "w, b = places[lowest]", "return places[lowest]", "return inside the loop?"),
    ("my_walk", "            break", "            pass", "Do you stop when no step leads down?"),
    ("my_walk", "range(1000)", "range(2)", "After 2 steps it halts, though a step still leads"),
    ("my_walk", "range(1000)", "range(3)", "After 3 steps it halts, though a step still leads"),
    (
        "my_walk",
        "range(1000)",
        "range(18)",
        "After 18 steps it halts, though a step still leads down",
    ),
    (
        "my_walk",
        "range(1000)",
        "range(81)",
        "After 81 steps it halts, though a step still leads down",
    ),
    ("my_layer", "W[i, j]", "W[j, i]", "indices swapped"),
    ("my_layer", "z += b[i, 0]", "pass", "bias is missing"),
    ("my_layer", "a_all.append(g(z))", "a_all.append(z)", "was g forgotten, or z passed on"),
    ("my_layer", "z += b[i, 0]", "z = z + b[i]", "the number is b[i, 0]"),
    ("my_layer", "z_all.append(z)", "z_all.append(g(z))", "z is a itself"),
    ("my_layer", "z_all, a_all\n", "np.array(z_all)[:, None] + b.T, a_all\n", "has shape (3, 3)"),
    ("my_layer", "return z_all, a_all", "return np.array(z_all)", "expected 2 results, z and a"),
    ("my_layer", "return z_all, a_all", "return a_all, z_all", "in the wrong order"),
    ("my_layer", "z = 0", "z = 0.5", "z[0] is"),
    ("my_layer", "return z_all, a_all", "return np.array(z_all, int), a_all", "whole numbers"),
    ("my_layer", "return z_all, a_all", "return z_all[:-1], a_all", "z has shape (2,)"),
    ("my_layer", "range(len(a))", "range(len(W))", "over len(W), the number of rows"),
    ("my_layer", "range(len(W))", "range(len(a))", "expected len(W), the number of rows"),
    ("my_evaluate", "came = a[l - 1]", "came = z[l - 1] if l > 1 else x", "z is passed on"),
    ("my_evaluate", "came = a[l - 1]", "came = x", "Every layer gets the input x"),
    ("my_evaluate", "[g[l](z_i) for z_i in z_l]", "z_l", "was g[l] forgotten"),
    ("my_evaluate", "g[l](", "(g[l] if l < len(W) - 1 else g[0])(", "last layer has an activation"),
    ("my_evaluate", "g[l](", "g[l - 1](", "that of the layer before"),
    ("my_evaluate", "+ b[l][i, 0]", "", "bias is missing from z[l]"),
    ("my_evaluate", "z.append(z_l)", "z.append([g[l](z_i) for z_i in z_l])", "z[l] holds a[l]"),
    ("my_evaluate", "[None], [x]", "[], [x]", "Is z[0] missing?"),
    ("my_evaluate", "return z, a", "return z, [2 * x, *a[1:]]", "a[0]: right up to the factor 2"),
    ("my_evaluate", "range(1, len(W))", "range(1, len(W) - 1)", "Is layer 3 missing?"),
    ("my_evaluate", "return z, a", "return [None, [], *z[1:]], a", "loop start at layer 0?"),
    ("my_evaluate", "return z, a", "return [None, [], *z[2:]], a", "a placeholder?"),
    ("my_evaluate", "return z, a", "return z[1:], a[1:]", "Is z[0] missing?"),
    ("my_evaluate", "return z, a", "return a[-1]", "expected 2 results, z and a"),
    ("my_staircase", "[-s * t_k]", "[s * t_k]", "is the sign of the biases wrong?"),
    ("my_staircase", "[-s * t_k]", "[-t_k]", "expected -s t_k"),
    ("my_staircase", "h[k + 1] - h[k]", "h[k + 1]", "expected changes of height"),
    ("my_staircase", "h[k + 1] - h[k]", "h[k] - h[k + 1]", "changes have the wrong sign"),
    ("my_staircase", "[[h[0]]]", "[[0.0]]", "is the bias of the output missing?"),
    ("my_tents", "[[0.0], [-0.5]]", "[[0.0], [0.0]]", "needs its biases 0 and -1/2"),
    ("my_tents", "[[2, -4], [2, -4]]", "[[2, 2], [-4, -4]]", "Is W[2] transposed?"),
    ("my_tents", "[[1], [1]]", "[[1], [2]]", "expected 0, 1, 0, 1, 0"),
    ("my_tents", "np.array([[2, -4], [2, -4]]), ", "", "Is layer 3 missing?"),
    ("my_target", "[[5], [-5]]", "[[-5], [5]]", "Is the sign of the biases wrong"),
    ("my_target", "[[1.5, -1.5]]", "[[-1.5, 1.5]]", "have the heights changed places?"),
    ("my_target", "[[5], [-5]]", "[[1], [-1]]", "centers -b/w are -1/5 and 1/5"),
    ("my_target", "[[5], [-5]]", "[[0], [0]]", "Both steps have their center at 0"),
    ("my_target", "[[1.5, -1.5]]", "[[1.5, 1.5]]", "so N ends at 3"),
    ("my_target", "[[1.5, -1.5]]", "[[1, -1]]", "The steps are 1 high"),
    ("my_target", "[[1.5, -1.5]]", "[[1.48, -1.48]]", "neither step is finished: make them a"),
    ("my_target", "[[1.5, -1.5]]", "[[1.48, -1.2]]", "expected 0.01, 0.75, 1.48, 0.75, 0.01"),
    (
        "my_target",
        "[[5], [5]]), np.array([[1.5, -1.5]])]\n    b = [None, np.array([[5], [-5]])",
        "[[2], [2]]), np.array([[1.5, -1.5]])]\n    b = [None, np.array([[2], [-2]])",
        "as steep as w = 5 does",
    ),
    ("my_target", "[[1.5, -1.5]]", "[[1.5, -0.5]]", "expected 0.01, 0.75, 1.48, 0.75, 0.01"),
    ("my_xor", "[[1, 1]])", "[[1, 2]])", "N is 0, 1, 2, 0; expected 0, 1, 1, 0"),
    ("my_xor", "[[1, -1], [-1, 1]]", "[[1, 1], [0, 0]]", "does any ReLU cut something off?"),
    ("my_xor", "[[1, 1]])", "[[-1, -1]])", "expected 0, 1, 1, 0"),
    ("my_xor", "[[1, 1]])", "[[0.8, 0.8]])", "right side of 1/2"),
    ("my_xor", "[[1, 1]])", "[1, 1])", "W[2] has shape (2,); expected (1, 2)"),
    ("my_sums", "W[i, j]", "W[j, i]", "indices of W swapped"),
    ("my_sums", "A[j, c]", "A[j, 0]", "does the sum use column c of A?"),
    ("my_sums", "b[i, 0]", "b[:, 0][c % len(b)]", "Z["),
    ("my_sums", "b[i, 0]", "b[c, 0]", "Column c has bias c"),
    ("my_sums", "return Z", "return (Z - b) + b[:, 0]", "b has become a row"),
    ("my_sums", "return Z", "return [[[z] for z in z_c] for z_c in Z]", "Z is a list"),
    ("my_sums", "return Z", "return Z[:, :, None]", "the number is b[i, 0]"),
    ("my_sums", "z + b[i, 0]", "z", "bias is missing"),
    ("my_sums", "range(len(A))", "range(len(A) - 1)", "range(n) ends at n - 1"),
    ("my_sums", "z += W", "z = W", "added up with +=?"),
    ("my_sums", "return Z", "return Z.T", "Z is the transpose"),
    ("my_forward", "+ b[l]", "", "bias is missing"),
    ("my_forward", "+ b[l]", "+ b[l][:, 0]", "has become a row"),
    ("my_forward", "+ b[l]", "+ b[l].T", "has become a row"),
    ("my_forward", "[X]", "[X.T]", "X is transposed"),
    ("my_forward", "g[l](Z[l])", "Z[l]", "was g[l] forgotten"),
    ("my_forward", "A[l - 1]", "(Z[l - 1] if l > 1 else X)", "Z is passed on"),
    ("my_forward", "A[l - 1]", "X", "Every layer is given X"),
    ("my_forward", "g[l](", "g[l - 1](", "layer before"),
    ("my_forward", "g[l](", "(g[l] if l < len(W) - 1 else g[0])(", "last layer has an activation"),
    ("my_forward", "W[l] @", "W[l] *", "matrix product is @"),
    ("my_forward", "[None], [X]", "[X], [X]", "Z[0] holds numbers"),
    ("my_forward", "return Z, A", "return A, Z", "in the wrong order: return Z, A."),
    ("my_forward", "return Z, A", "return A, Z[1:]", "Z[0] holds numbers"),
    ("my_forward", "return Z, A", "return Z[1:], A", "Is Z[0] missing?"),
    ("my_forward", "return Z, A", "return Z, A[1:]", "Is A[0] missing?"),
    ("my_forward", "return Z, A", "return Z[:-1], A[:-1]", "Is layer 2 missing?"),
    (
        "my_forward",
        "return Z, A",
        "return [z if z is None else z.tolist() for z in Z], A",
        "a list",
    ),
    ("my_squared_error", "(2 * m)", "2", "is the 1/m missing?"),
    ("my_squared_error", "(2 * m)", "m", "is the factor 1/2 missing?"),
    ("my_squared_error", "np.sum(D**2) / (2 * m)", "np.mean(D**2)", "number of all elements"),
    ("my_squared_error", "A.shape[1]", "len(A)", "m is the number of columns, A.shape[1]"),
    ("my_squared_error", "np.sum(D**2)", "np.linalg.norm(D, 2) ** 2", "largest singular value"),
    ("my_squared_error", "np.sum(D**2)", "np.linalg.norm(D)", "expected its square"),
    ("my_squared_error", "np.sum(D**2)", "np.sum(D) ** 2", "the sum of their squares"),
    ("my_squared_error", "np.sum(D**2)", "np.sum(D**2, axis=0)", "E has shape (7,); expected ()"),
    ("my_squared_error", "D = A - Y", "D = Y - A", "dA has the wrong sign: expected A - Y"),
    ("my_squared_error", "dA = D / m", "dA = D", "dA is m times too large"),
    ("my_squared_error", "return E, dA", "return dA, E", "in the wrong order"),
    ("my_squared_error", "D = A - Y", "D = A - 2 * Y", "E is"),
    ("my_cross_entropy", "A - A.max(axis=0)", "A", "subtract the largest logit of each column"),
    ("my_cross_entropy", "A.max(axis=0)", "A.max()", "its own largest logit"),
    (
        "my_cross_entropy",
        "U - np.log(np.exp(U).sum(axis=0))",
        "np.log(np.exp(U) / np.exp(U).sum(axis=0))",
        "take the logarithm before you divide",
    ),
    (
        "my_cross_entropy",
        "U = A - A.max(axis=0)\n    log_S = U - np.log(np.exp(U).sum(axis=0))",
        "U = np.exp(A - A.max())\n    log_S = np.log(U / U.sum(axis=0))",
        "the exponentials of other columns underflow",
    ),
    (
        "my_cross_entropy",
        "U = A - A.max(axis=0)\n    log_S = U - np.log(np.exp(U).sum(axis=0))",
        "U = np.exp(A - A.max() / 2)\n    log_S = np.log(U / U.sum(axis=0))",
        "overflow to infinity, or those of a whole column underflow to 0",
    ),
    ("my_cross_entropy", "A.max(axis=0)", "A.mean(axis=0)", "the sum of their exponentials overf"),
    ("my_cross_entropy", "A.max(axis=0)", "A.min(axis=0)", "the sum of their exponentials overf"),
    ("my_choice", "E(theta, validation)", "E(theta, train)", "The training points choose"),
    ("my_choice", "E(theta, validation)", "E(theta, test)", "Then nothing is left"),
    ("my_choice", "fit(train, d)", "fit(validation, d)", "made on the validation points"),
    ("my_choice", "fit(train, d)", "fit(test, d)", "made on the test points"),
    (
        "my_choice",
        "fit(train, d)",
        "fit(tuple(np.hstack(both) for both in zip(train, validation)), d)",
        "The fit has seen the validation points",
    ),
    ("my_choice", "E_validation < best", "E_validation > best", "the largest error is chosen"),
    ("my_choice", "= E_validation, d, theta", "= 0, d, theta", "The first degree is taken"),
    ("my_choice", "= E_validation, d, theta", "= np.inf, d, theta", "The last degree is taken"),
    ("my_choice", "E_validation, d, theta", "E_validation, k, theta", "counted from 0"),
    ("my_choice", "E_validation, d, theta", "E_validation, k + 1, theta", "counted from 1"),
    ("my_choice", "E(theta_best, test)", "E(theta_best, validation)", "it flatters"),
    ("my_choice", "E(theta_best, test)", "best", "Right: d; wrong: E_test. That is the validation"),
    ("my_choice", "E(theta_best, test)", "E(theta_best, train)", "That is the training error"),
    ("my_choice", "E(theta_best, test)", "E(theta, test)", "Right: d; wrong: E_test."),
    (
        "my_choice",
        "E(theta_best, test)",
        "E(fit(tuple(np.hstack(both) for both in zip(train, validation)), d_best), test)",
        "another fit, made again with the validation points",
    ),
    ("my_choice", "d_best, E_test\n", "E_test, d_best\n", "in the wrong order"),
    ("my_cross_entropy", "U - np.log", "U + np.log", "E is"),
    ("my_cross_entropy", "E = -np.sum", "E = np.sum", "E has the wrong sign"),
    ("my_cross_entropy", "log_S) / m", "log_S)", "expected the mean"),
    ("my_cross_entropy", "(np.exp(log_S) - Y)", "(A - Y)", "with S the softmax of A"),
    ("my_cross_entropy", "- Y) / m", "- Y)", "dA is m times too large"),
    ("my_cross_entropy", "log_S = U - np.log(np.exp(U).sum(axis=0))", "log_S = U", "not divided"),
    ("my_backward", "W[l].T @ dZ", "W[l] @ dZ", "transpose missing?"),
    ("my_backward", "W[l].T @ dZ", "W[l].T @ (2 * dZ if l == 2 else dZ)", "wrong: layer 1."),
    ("my_backward", "g[l].dg(Z[l], A[l])", "g[l].dg(A[l], g[l](A[l]))", "slope taken at A[l]?"),
    ("my_backward", "g[l].dg(Z[l], A[l])", "g[l].dg(A[l], A[l])", "slope taken at A[l]?"),
    (
        "my_backward",
        "g[l].dg(Z[l], A[l])",
        "(A[l] >= 0 if g[l].name == 'relu' else g[l].dg(Z[l], A[l]))",
        "ReLU is 1 where a >= 0",
    ),
    (
        "my_backward",
        "g[l].dg(Z[l], A[l])",
        "(Z[l] >= 0 if g[l].name == 'relu' else g[l].dg(Z[l], A[l]))",
        "at exactly z = 0",
    ),
    ("my_backward", "dZ.sum(axis=1, keepdims=True)", "dZ[:, [0]]", "first input only"),
    ("my_backward", "dZ.sum(axis=1, keepdims=True)", "dZ.sum(axis=1)", "keepdims=True"),
    ("my_backward", "dZ.sum(axis=1, keepdims=True)", "dZ.mean(axis=1, keepdims=True)", "the mean"),
    ("my_backward", "dZ @ A[l - 1].T", "A[l - 1] @ dZ.T", "transposed"),
    ("my_backward", "    dW, db", "    dA = dA / dA.shape[1]\n    dW, db", "once too often"),
    ("my_backward", "    dW, db", "    dA = dA * dA.shape[1]\n    dW, db", "m times too large"),
    ("my_backward", "dZ @ A[l - 1].T", "dZ @ A[l].T", "what came into the layer, A[l - 1]"),
    ("my_backward", "g[l].dg", "g[l - 1].dg", "that of the layer before"),
    ("my_backward", "W[l].T @ dZ", "(W[l] - 0.1 * dW[l]).T @ dZ", "a step has already changed"),
    ("my_backward", "len(W) - 1, 0, -1", "len(W) - 1, 1, -1", "dW[1] is None"),
    ("my_backward", "return dW, db", "return dW[1:], db[1:]", "Is dW[0] missing?"),
    (
        "my_backward",
        "return dW, db",
        "return dW[:1] + dW[:0:-1], db[:1] + db[:0:-1]",
        "layer l belongs at index l",
    ),
    ("my_backward", "= dZ @ A", "= 3 * dZ @ A", "right up to the factor 3"),
    ("my_traps", "[f, s, s, f]", "[f, s, s, s]", "catches suspects 1 and 3; expected suspect 1"),
    ("my_traps", "[f, s, s, f]", "[f, s, f, f]", "catches nobody; expected suspect 1 alone. Susp"),
    ("my_traps", "(1, 2)", "(2, 1)", "Suspect 2 goes wrong where a layer has more than one node"),
    ("my_traps", "(1, 1), [f, s]", "(1, 1), [f, f]", "Suspect 3 leaves another dA behind"),
    ("my_traps", "first, second, third", "first, third, second", "Trap 2 catches suspect 3"),
    ("my_traps", "first, second, third", "first, second", "a tuple; expected three pairs n, g"),
    ("my_traps", "[f, s, s, f]", "[s, s, f]", "Trap 1 is no network"),
    ("my_traps", "(1, 1), [f, s]", "[1, 1]", "Trap 3 is no network"),
    ("my_traps", "(1, 2)", "(0, 2)", "Trap 2 is no network"),
    ("my_gradient", "(S - Y) / m", "S - Y", "m times too large"),
    ("my_gradient", "(S - Y) / m", "(A[-1] - Y) / m", "that of the squared error"),
    ("my_gradient", SLOPE_BELOW, "(A[l - 1] * (1 - A[l - 1]))", "that of the sigmoid"),
    ("my_gradient", SLOPE_BELOW, "(1 - Z[l - 1] ** 2)", "is it 1 - Z^2"),
    ("my_gradient", SLOPE_BELOW, "(1 - A[l - 1] ** 2)", "only tanh has that one"),
    ("my_gradient", SLOPE_BELOW, "1", "The slope of g is missing"),
    ("my_gradient", "dZ.sum(axis=1)", "dZ[:, 0]", "first input only"),
    ("my_gradient", "[dW.ravel(), db]", "[db, dW.ravel()]", "expected dW[l] first"),
    ("my_gradient", "[dW.ravel(), db]", "[dW.T.ravel(), db]", "column by column"),
    ("my_gradient", "+ parts", "", "gradient has shape"),
    ("my_gradient", "0)))) / m", "0))))", "E is the sum over the inputs"),
    ("my_gradient", "return E, ", "return np.array([E]), ", "E has shape (1,)"),
    ("my_step", "x - rate", "x + rate", "goes uphill"),
    ("my_step", "rate * gradient", "gradient", "learning rate is missing"),
    ("my_step", "rate * gradient", "rate * value", "made from the value of f"),
    ("my_step", "value, gradient = f(x)", "gradient, value = f(x)", "made from the value of f"),
    ("my_step", "* gradient", "* gradient / np.linalg.norm(gradient)", "divided by its length"),
    ("my_step", "return x - rate", "return rate", "the step alone"),
    ("my_step", "return x - rate * gradient", "return value, gradient", "x is a tuple"),
    ("my_step", "gradient\n", "gradient[0]\n", "x["),
    ("my_shortcut", "    c = Q.T", "    Q = Q.T\n    c = Q.T", "here the rows are taken"),
    ("my_shortcut", " ** k", "", "its factor once"),
    ("my_shortcut", " ** k", " * k", "k multiplies the factor"),
    ("my_shortcut", "(1 - rate * lam) ** k", "(1 - (rate * lam) ** k)", "brackets?"),
    ("my_shortcut", "rate * lam", "rate", "eigenvalues are missing"),
    ("my_shortcut", "1 - rate", "1 + rate", "goes against the slope"),
    ("my_shortcut", "(1 - rate * lam)", "abs(1 - rate * lam)", "have lost their signs"),
    ("my_shortcut", "** k", "** (k + 1)", "one step too many"),
    ("my_shortcut", "c = Q.T @ x", "c = x", "multiply the elements of x"),
    ("my_shortcut", "c = Q.T @ x", "c = Q @ x", "here they are Q @ x"),
    ("my_shortcut", "return Q @ c", "return c", "are the numbers q_i^T x^k"),
    ("my_shortcut", "return Q @ c", "return Q.T @ c", "here it is Q.T @ numbers"),
    ("my_shortcut", "return Q @ c", "return 1.1 * Q @ c", "right up to the factor 1.1"),
    ("my_momentum", "        v = beta * v + gradient\n", "", "x does not move"),
    ("my_momentum", "beta * v + gradient", "gradient", "plain gradient descent"),
    ("my_momentum", "    for", "    rate = rate * 1.1\n    for", "x["),
    ("my_momentum", "+ gradient", "+ (1 - beta) * gradient", "makes v a mean"),
    ("my_momentum", "beta * v +", "v +", "does not fade"),
    ("my_momentum", "beta * v + gradient", "beta * v - gradient", "that goes uphill"),
    ("my_momentum", "= f(x)", "= f(x - rate * beta * v)", "Nesterov"),
    ("my_momentum", "x - rate * v", "x - v", "learning rate is missing"),
    ("my_momentum", "range(steps)", "range(steps - 1)", "One step is missing"),
    ("my_momentum", "range(steps)", "range(steps + 1)", "one step too many"),
    (
        "my_momentum",
        "value, gradient = f(x)\n        v = beta * v + gradient\n        x = x - rate * v\n",
        "x = x - rate * v\n        v = beta * v + f(x)[1]\n",
        "do you step before v is updated",
    ),
    ("my_momentum", "    return x", "        return x", "return inside the loop"),
    ("my_momentum", "v = 0", "v = f(x)[1]", "starts at the first gradient"),
    ("my_descend", "path[k] - rate", "path[k] + rate", "goes uphill"),
    ("my_descend", "rate * gradient", "gradient", "learning rate is missing"),
    ("my_descend", "value, gradient", "gradient, value", "made from the value of f"),
    ("my_descend", "f(path[k])", "f(x)", "gradient is that of the start"),
    ("my_descend", "append(path[k] -", "append(x -", "subtracted from x^0"),
    ("my_descend", "k in range(steps)", "k in [0] * steps", "first one again"),
    ("my_descend", "range(steps)", "range(steps - 1)", "here the last is missing"),
    ("my_descend", "range(steps)", "range(steps + 1)", "one step too many"),
    ("my_descend", "np.array(path)", "np.array(path[1:])", "The start is missing"),
    ("my_descend", "np.array(path)", "path[-1]", "last point alone"),
    ("my_descend", "np.array(path)", "np.array(path).T", "expected rows"),
    ("my_descend", "np.array(path)", "path", "path is a list; expected an array"),
    ("my_descend", "    return", "        return", "return inside the loop"),
    (
        "my_descend",
        "    path = [x]\n    for k in range(steps):\n        value, gradient = f(path[k])\n"
        "        path.append(path[k] - rate * gradient)\n",
        "    x = x.copy()\n    path = [x]\n    for k in range(steps):\n"
        "        x -= rate * f(x)[1]\n        path.append(x)\n",
        "one array many times",
    ),
    ("my_descend", "(path[k] - rate", "(path[k] - 0.9 * rate", "path["),
    ("my_differences", "G(x - e)) / (2 * h)", "G(x)) / h", "to one side only"),
    ("my_differences", "G(x - e)", "G(x)", "and are divided by 2h"),
    ("my_differences", "(2 * h)", "h", "2h apart"),
    ("my_differences", "(2 * h)", "2 * h", "multiplies by h"),
    ("my_differences", " / (2 * h)", "", "not divided by 2h"),
    ("my_differences", "e[i] = h", "e[:] = h", "All elements of x move at once"),
    ("my_differences", "e[i] = h", "e[i] = 1", "is e_i multiplied by h"),
    ("my_differences", "G(x + e) - G(x - e)", "G(x - e) - G(x + e)", "wrong sign"),
    ("my_differences", "return gradient", "return gradient[i]", "gradient has shape ()"),
    (
        "my_differences",
        "e = np.zeros(len(x))\n        e[i] = h",
        "e = h * (x == x[i])",
        "gradient[",
    ),
    ("my_line_search", " - 1e-4 * rate * squared", "", "Any decrease is accepted"),
    ("my_line_search", "1e-4 * rate", "rate", "where is alpha?"),
    ("my_line_search", "1e-4", "2e-4", "More is asked for"),
    ("my_line_search", "1e-4", "0.1", "More is asked for"),
    ("my_line_search", "gradient @ gradient", "np.linalg.norm(gradient)", "not squared"),
    ("my_line_search", "1e-4 * rate", "1e-4", "lacks the learning rate"),
    ("my_line_search", "value - 1e-4", "value + 1e-4", "A rise is accepted"),
    ("my_line_search", "while", "if", "an if where a while belongs"),
    ("my_line_search", "rate / 2", "rate / 10", "divided by 10"),
    ("my_line_search", "return x - rate * gradient", "return rate", "That is the rate"),
    ("my_line_search", "return x - rate", "return x + rate", "goes uphill"),
    ("my_line_search", "return x - rate", "return rate", "the step alone"),
    ("my_line_search", "return x - rate", "return x - rate / 2", "once too often"),
    ("my_line_search", "return x - rate", "return 1.1 * x - rate", "x["),
    (
        "my_weight_rule",
        "+=",
        "=",
        "Only the last input counts: is the sum over the inputs added up",
    ),
    ("my_weight_rule", "range(dZ.shape[1])", "range(1)", "Only the first input counts"),
    ("my_weight_rule", "range(dZ.shape[1])", "range(dZ.shape[1] - 1)", "range(m) ends at m - 1"),
    ("my_weight_rule", "range(dZ.shape[1])", "range(1, dZ.shape[1])", "Python counts from 0"),
    ("my_weight_rule", "return dW", "return dW.T", "dW is transposed"),
    ("my_weight_rule", "return dW", "return dW / dZ.shape[1]", "divided by m once too often"),
    ("my_weight_rule", "A_before[j, c]", "A_before[c, j]", "indices of A_before swapped"),
    ("my_weight_rule", " * A_before[j, c]", "", "The activations are missing"),
    (
        "my_weight_rule",
        "return dW",
        "return np.outer(dZ.sum(axis=1), A_before.sum(axis=1))",
        "The sums over c are taken apart",
    ),
    ("my_weight_rule", "A_before[j, c]", "np.tanh(A_before[j, c])", "dW["),
    ("my_weight_rule", "return dW", "return dW[0]", "dW has shape (3,)"),
    ("my_layer_rule", "W_next[i, j]", "W_next[j, i]", "indices of W_next swapped"),
    ("my_layer_rule", "total +=", "total =", "added up with +=?"),
    ("my_layer_rule", "range(len(W_next))", "range(1)", "Only the first node"),
    ("my_layer_rule", "range(len(W_next))", "range(len(W_next) - 1)", "range(n) ends at n - 1"),
    ("my_layer_rule", "range(len(W_next))", "range(1, len(W_next))", "Python counts from 0"),
    (
        "my_layer_rule",
        "            total = 0",
        "            total = 0.0 if c == 0 else total",
        "dA[",
    ),
    ("my_layer_rule", "dZ_next[i, c]", "dZ_next[i].sum()", "The sum runs over the inputs"),
    ("my_layer_rule", "W_next[i, j] * dZ", "dZ", "The weights are missing"),
    ("my_layer_rule", " * dZ_next[i, c]", "", "The blame is missing"),
    (
        "my_layer_rule",
        "return dA",
        "return np.outer(W_next.sum(axis=0), dZ_next.sum(axis=0))",
        "The sums over i are taken apart",
    ),
    ("my_layer_rule", "return dA", "return dA / dZ_next.shape[1]", "divided by m once too often"),
    ("my_layer_rule", "return dA", "return dA.T", "dA is the transpose"),
    ("my_pass_on_paper", "[6, -16]", "[3, -8]", "dW1 lacks x"),
    (
        "my_pass_on_paper",
        "[3, -8], [6, -16]",
        "[16, -32], [32, -64]",
        "slope of the sigmoid is missing",
    ),
    (
        "my_pass_on_paper",
        "[3, -8], [6, -16]",
        "[4, -6], [8, -12]",
        "In dZ1 the slopes have changed places",
    ),
    (
        "my_pass_on_paper",
        "[4, -8]\n    return dA2, dZ2, [3, 2, -6, -4], [16, -32], [3, -8], [6, -16]",
        "[2, -4]\n    return dA2, dZ2, [1.5, 1, -3, -2], [8, -16], [1.5, -4], [3, -8]",
        "m counts the inputs",
    ),
    ("my_pass_on_paper", "[3, 2, -6, -4]", "[32, -8, -16, -24]", "dW2 is dZ2 times the"),
    ("my_pass_on_paper", "[3, 2, -6, -4]", "[3, -6, 2, -4]", "dW2 goes column by column"),
    ("my_pass_on_paper", "[16, -32]", "[[16], [-32]]", "a column where one axis is enough?"),
    ("my_pass_on_paper", "[16, -32]", "[16, 32]", "wrong: dA1. Layer rule: each hidden node"),
    (
        "my_pass_on_paper",
        "[16, -32], [3, -8], [6, -16]",
        "[32, -8], [6, -2], [12, -4]",
        "what the first output sends back",
    ),
    (
        "my_pass_on_paper",
        "[16, -32], [3, -8], [6, -16]",
        "[-16, -24], [-3, -6], [-6, -12]",
        "what the last output sends back",
    ),
    (
        "my_pass_on_paper",
        "[16, -32], [3, -8], [6, -16]",
        "[48, -16], [9, -4], [18, -8]",
        "They run over the outputs",
    ),
    (
        "my_pass_on_paper",
        "[16, -32], [3, -8], [6, -16]",
        "[16, -16], [3, -4], [6, -8]",
        "Look at the signs in dA1",
    ),
    ("my_pass_on_paper", "[16, -32]", "[16, -33]", "wrong: dA1. Layer rule: each hidden node"),
    ("my_pass_on_paper", "[3, -8]", "[3, -9]", "wrong: dZ1. Node rule: dA1 times the slope"),
    ("my_gradient_by_indices", "len(W) - 1, 0, -1", "1, len(W)", "The order is wrong"),
    ("my_gradient_by_indices", "len(W) - 1, 0, -1", "len(W) - 1, 1, -1", "dW[1] is None"),
    ("my_gradient_by_indices", "        dA = W[l].T @ dZ\n", "", "dA stays that of the last layer"),
    ("my_gradient_by_indices", "W[l].T @ dZ", "dZ", "is the layer rule missing?"),
    ("my_gradient_by_indices", "W[l].T @ dZ", "W[l].T @ dA", "layer rule gets dA; expected dZ"),
    ("my_gradient_by_indices", "W[l].T @ dZ", "W[max(l - 1, 1)].T @ dZ", "gets W[l - 1]"),
    ("my_gradient_by_indices", " * dg[l](Z[l][i, c])", "", "node rule is missing"),
    ("my_gradient_by_indices", "dg[l](Z[l][i, c])", "dg[l](A[l][i, c])", "slope is taken at A[l]"),
    ("my_gradient_by_indices", "+= dZ[i, c]", "= dZ[i, c]", "added up with +=?"),
    (
        "my_gradient_by_indices",
        "[[sum(row)] for row in dZ]",
        "dZ",
        "sum over the inputs is missing",
    ),
    ("my_gradient_by_indices", "return dW, db", "return dW[1:], db[1:]", "Is dW[0] missing?"),
    ("my_gradient_by_indices", "return dW, db", "return db, dW", "wrong order"),
    ("my_gradient_check", "(2 * h)", "h", "2h apart"),
    ("my_gradient_check", "(2 * h)", "2 * h", "write / (2 * h)"),
    ("my_gradient_check", "f(x - e)[0]", "f(x)[0]", "to the right only"),
    ("my_gradient_check", "f(x + e)[0]", "f(x)[0]", "to the left only"),
    (
        "my_gradient_check",
        "(f(x + e)[0] - f(x - e)[0]) / (2 * h)",
        "(f(x + e)[0] - f(x)[0]) / h",
        "These are one-sided differences, x + h and x over h.",
    ),
    (
        "my_gradient_check",
        "(f(x + e)[0] - f(x - e)[0]) / (2 * h)",
        "(f(x)[0] - f(x - e)[0]) / h",
        "These are one-sided differences, x and x - h over h.",
    ),
    ("my_gradient_check", "    e = h * (np.arange(len(x)) == i)", "    e = h", "move at once"),
    (
        "my_gradient_check",
        "    size",
        "    quotients = (f(x + h)[0] - f(x - h)[0]) / (2 * h)\n    size",
        "one number stands for all quotients",
    ),
    (
        "my_gradient_check",
        "e = h * (np.arange(len(x)) == i)",
        "x = x.copy()\n        x[i - 1] -= h if i else 0\n        e = h * (np.arange(len(x)) == i)",
        "expected it back where it was",
    ),
    ("my_gradient_check", "/ size", "", "expected it divided by the sum"),
    ("my_gradient_check", " + np.linalg.norm(quotients)", "", "the gradient only"),
    ("my_gradient_check", "x - e)[0]", "x - e)[0] + h**3", "error is"),
    (
        "my_gradient_check",
        "np.linalg.norm(gradient - quotients)",
        "max(abs(gradient - quotients))",
        "The largest deviation is used",
    ),
    (
        "my_gradient_check",
        "np.linalg.norm(gradient - quotients) / size",
        "max(abs(gradient - quotients))",
        "That is the largest deviation",
    ),
    (
        "my_gradient_check",
        "np.linalg.norm(gradient - quotients) / size",
        "sum(abs(gradient - quotients)) / sum(abs(gradient) + abs(quotients))",
        "the sum of its absolute values",
    ),
    (
        "my_gradient_check",
        "np.linalg.norm(gradient) + np.linalg.norm(quotients)",
        "max(np.linalg.norm(gradient), np.linalg.norm(quotients))",
        "divided by the larger norm",
    ),
    ("my_gradient_check", "/ size", "/ size / np.ones(1)", "error has shape (1,)"),
    ("my_training", "    return W, b", "        return W, b", "is the return inside the loop?"),
    ("my_training", "range(steps)", "range(steps + 1)", "one step too many"),
    ("my_training", " / X.shape[1]", "", "m times too long"),
    ("my_training", "A[L] - Y", "Y - A[L]", "goes uphill"),
    ("my_training", " if l < L else Z", "", "no sigmoid there"),
    ("my_training", " * (A[l - 1] * (1 - A[l - 1]))", "", "slope of the sigmoid is missing"),
    ("my_training", "W[l].T", "(W[l] - rate * dW).T", "before the step replaces W[l]"),
    ("my_training", "            W[l] = W[l] - rate * dW\n", "            pass\n", "W[1]"),
    ("my_training", "            b[l] = b[l] - rate * db\n", "", "biases stay as they were"),
    ("my_training", "W, b, L = list(W), list(b), len", "L = len", "It changes what it was given"),
    ("my_training", "return W, b", "return W[1:], b[1:]", "Is W[0] missing?"),
    ("my_epoch", "Y[:, S]", "Y[:, k : k + size]", "somebody else's y"),
    ("my_epoch", "order[k : k + size]", "np.arange(len(order))[k : k + size]", "as they come"),
    ("my_epoch", "range(0, X.shape[1], size)", "range(0, X.shape[1] - size + 1, size)", "last"),
    ("my_epoch", "    return theta", "        return theta", "Only the first batch"),
    ("my_epoch", "theta - rate", "theta + rate", "uphill"),
    ("my_epoch", "theta = theta - rate * gradient", "theta -= rate * gradient", "It changes what"),
    ("my_network", "0.05, 400", "1e-6, 4", "More steps, more units"),
    ("my_network", "return E", "return -E", "an error is never negative"),
    ("my_network", "return E", "return E / 2", "has another error"),
    ("my_network", "return E", "path.unlink(); return E", "there is no file"),
    ("my_network", "return E", "return np.array([E])", "E has shape (1,)"),
    ("my_sigmoid", "Z >= 0", "Z <= 0", "the sigmoid of -z"),
    ("my_sigmoid", "r / (1 + r))", "1 / (1 + r))", "the value at |z|"),
    ("my_sigmoid", "1 / (1 + r), r", "r / (1 + r), r", "the value at -|z|"),
    ("my_sigmoid", "return A", "return np.exp(Z) / (1 + np.exp(Z))", "infinity / infinity"),
    ("my_sigmoid", "return A", "return A * (1 - A)", "This is the slope"),
    ("my_sigmoid", "return A", "return 2 * A - 1", "A["),
    ("my_sigmoid", "return A", "return 1 / (1 + np.exp(-Z))", "an exponential overflows"),
    (
        "my_sigmoid",
        "1 / (1 + r), r / (1 + r))",
        "1 / (1 + np.exp(-Z)), np.exp(Z) / (1 + np.exp(Z)))",
        "np.where computes both forms",
    ),
    ("my_sigmoid", "r / (1 + r))", "1 - 1 / (1 + r))", "its digits are lost"),
    ("my_sigmoid", "return A", "return A[0]", "A has shape (4,)"),
    ("my_activation", "return A, dA", "return A, -dA", "Right up to the sign"),
    ("my_activation", "return A, dA", "return A, dA / 2", "factor 0.5: is an inner derivative"),
    ("my_activation", "A * (1", "Z * (1", "differences of your g say"),
    ("my_activation", "return A, dA", "return A, np.where(Z > 0, dA, 0.0)", "is at negative z"),
    ("my_activation", "return A, dA", "return A, np.where(Z < 0, dA, 1.0)", "is at positive z"),
    ("my_activation", "return A, dA", "return A", "returns an array; expected 2 results"),
    ("my_activation", "return A, dA", "return A, dA[0]", "slope has shape (28,)"),
    ("my_activation", "return A, dA", "return np.maximum(Z, 0), Z > 0", "as in 1.0 * (Z > 0)"),
    ("my_activation", "return A, dA", "return Z > 0, 0 * Z", "A has dtype bool; expected numbers"),
    ("my_activation", "return A, dA", "return np.round(Z), 0", "slope has shape ()"),
    ("my_activation", "return A, dA", "return np.sinc(Z) * (Z / Z), dA", "slope is"),
    ("my_activation", "return A, dA", "return A, dA * np.nan", "There is NaN or infinity"),
    ("my_activation", "return A, dA", "return A.astype('f'), dA.astype('f')", "dtype float32"),
    (
        "my_activation",
        "return A, dA",
        "return A - A[:, :1].mean(), dA",
        "depends on the others",
    ),
    (
        "my_activation",
        "return A, dA",
        "return np.log(1 + np.exp(Z)), nnlib.sigmoid(Z)",
        "does an exponential overflow?",
    ),
    ("my_share", "len(Z) - 1", "len(Z)", "dZ^L already has them"),
    ("my_share", "1, len(Z) - 1", "2, len(Z)", "layers L - 1 to 1"),
    ("my_share", "range(1,", "range(2,", "slopes of layer 1 are missing"),
    ("my_share", "slopes**2", "slopes", "The slopes are not squared"),
    ("my_share", "np.mean(slopes**2)", "np.mean(slopes) ** 2", "square each slope first"),
    ("my_share", "np.mean(slopes**2)", "np.sum(slopes**2)", "expected their mean"),
    ("my_share", "omega * ", "", "omega is missing"),
    ("my_share", "squares *= omega", "squares *= (omega if l == 1 else 1)", "only once"),
    ("my_share", "omega * ", "omega**2 * ", "omega is squared"),
    ("my_share", "np.sqrt(squares)", "squares", "The root is missing"),
    ("my_share", "g.dg(Z[l], A[l])", "A[l]", "in place of its slope"),
    ("my_share", "g.dg(Z[l], A[l])", "g.dg(A[l], g(A[l]))", "expected at Z"),
    ("my_share", "return np.sqrt(squares)", "return 1 / np.sqrt(squares)", "not right yet"),
    ("my_share", "return np.sqrt(squares)", "return [np.sqrt(squares)]", "share is a list"),
    ("my_stop_early", "f(theta)[1]", "f(best)[1]", "not right yet"),
    ("my_stop_early", "return best", "return theta", "the last theta, not the best"),
    (
        "my_stop_early",
        "theta = theta - rate * f(theta)[1]",
        "theta -= rate * f(theta)[1]",
        "theta.",
    ),
    ("my_stop_early", "k - k_best < patience", "k < patience", "counted from step 0"),
    ("my_stop_early", "k - k_best < patience", "k - k_best <= patience", "a step too late"),
    ("my_stop_early", "k - k_best < patience", "k == k_best", "stops at the first rise"),
    ("my_stop_early", "k - k_best < patience", "True", "never stops"),
    ("my_stop_early", "E < E_best", "E <= E_best", "A tie counts"),
    ("my_stop_early", "E = E_val(theta)", "E = f(theta)[0]", "not right yet"),
    ("my_stop_early", "best, k\n", "best, k_best\n", "number of the best step"),
    ("my_stop_early", "0, E_val(theta), 0", "0, np.inf, 0", "may be the best"),
    ("my_sizes", "np.sqrt(np.mean(dZ**2))", "np.mean(dZ**2)", "dZ_sizes"),
    ("my_sizes", "np.sqrt(np.mean(Z[l] ** 2))", "np.sqrt(np.mean(A[l] ** 2))", "sizes of A"),
    ("my_sizes", "nnlib.squared_error.dA(A[L], Y)", "A[L] - Y", "1/m of dA is missing"),
    ("my_sizes", "W[l].T @ dZ", "W[l] @ dZ", "transpose"),
    ("my_sizes", "W[l].T @ dZ", "W[l].T @ dA", "from dA; expected from dZ"),
    ("my_sizes", "dA * g[l].dg(Z[l], A[l])", "dA", "slope is missing in hidden layers"),
    ("my_sizes", "return Z_sizes, dZ_sizes", "return Z_sizes[1:], dZ_sizes[1:]", "missing?"),
    ("my_diagnosis", "return 5,", "return 3,", "all 61 derivatives are right"),
    ("my_diagnosis", "return 5, [", "return 4, 17 + 0 * [", "by heart"),
    ("my_diagnosis", "> 1", "> 0.9", "Column 0 is as it should be: y is 0.9589"),
    ("my_diagnosis", "[0]\n", "[0] + 1\n", "from 0"),
    ("my_diagnosis", "[c for", "[c + 100 for", "0 to 99"),
    (
        "my_activation",
        "return A, dA",
        "return A, np.where(Z == 0, 99.0, dA)",
        "At z = 0 your slope",
    ),
    (
        "my_activation",
        "return A, dA",
        "return A, np.where(np.abs(Z) > 6, 7.0, dA)",
        "your slope is 7",
    ),
    ("my_first_weights", "2 / n[l - 1]", "2 / n[l]", "(fan-out). That keeps sizes on the way back"),
    ("my_first_weights", "2 / n[l - 1]", "1 / n[l - 1]", "The factor 2 is missing"),
    ("my_first_weights", "2 / n[l - 1]", "1 / n[l]", "and the factor 2 for ReLU is missing"),
    ("my_first_weights", "np.sqrt(2 / n[l - 1])", "2 / n[l - 1]", "is a square root missing?"),
    ("my_first_weights", "np.sqrt(2 / n[l - 1])", "2 / n[l]", "And n^l is the number of rows"),
    ("my_first_weights", "np.sqrt(2 / n[l - 1])", "1 / n[l - 1]", "and the 2 for ReLU?"),
    ("my_first_weights", "2 / n[l - 1]", "4 / (n[l] + n[l - 1])", "the average of the two"),
    ("my_first_weights", "2 / n[l - 1]", "2 / (n[l] + n[l - 1])", "a compromise"),
    ("my_first_weights", "2 / n[l - 1]", "1", "The variance is 1"),
    ("my_first_weights", "rng.normal(", "rng.uniform(-1, 1, ", "the variance a^2 / 3"),
    ("my_first_weights", "rng.normal(", "rng.random(", "The mean of W[1] is not 0"),
    ("my_first_weights", "2 / n[l - 1]", "2 / n[0]", "The variance of W[2] is 0.67 times"),
    ("my_first_weights", "np.zeros(", "rng.normal(size=", "The biases are not 0"),
    ("my_first_weights", "np.zeros(", "np.ones(", "The biases are not 0"),
    ("my_first_weights", "np.zeros((n[l], 1))", "np.zeros(n[l])", "a column"),
    ("my_first_weights", "(n[l], n[l - 1])", "(n[l - 1], n[l])", "the factors in the other order"),
    ("my_first_weights", "[None], [None]", "[], []", "Is W[0] missing?"),
    ("my_first_weights", "rng.normal(", "np.random.normal(", "draw all weights from rng"),
    (
        "my_first_weights",
        "W, b = ",
        "rng = np.random.default_rng(0)\n    W, b = ",
        "different seeds give the same weights",
    ),
    (
        "my_first_weights",
        "rng.normal(size=(n[l], n[l - 1]))",
        "rng.permutation(np.resize([1, -1], n[l - 1])) * np.ones((n[l], 1))",
        "are not independent",
    ),
    ("my_line", "sum(d * y) / sum(d * d)", "sum(x * y) / sum(x * x)", "through the origin"),
    ("my_line", "sum(d * y)", "sum(x * y)", "s_x s_y is missing above"),
    ("my_line", "sum(d * d)", "sum(x * x)", "s_x^2 is missing below"),
    (
        "my_line",
        "sum(d * y) / sum(d * d)",
        "(sum(x * y) - sum(x) * sum(y)) / (len(x) * sum(x * x) - sum(x) ** 2)",
        "The m is missing above",
    ),
    (
        "my_line",
        "sum(d * y) / sum(d * d)",
        "(sum(x * y) - sum(x) * sum(y)) / (sum(x * x) - sum(x) ** 2)",
        "Two things. The m is missing above",
    ),
    ("my_line", "sum(d * d)", "sum((y - y.mean()) ** 2)", "the slope for x as a function of y"),
    ("my_line", "sum(d * y)", "-sum(d * y)", "The slope has the wrong sign"),
    ("my_line", "y.mean() - w", "y.mean() + w", "wrong sign of w s_x"),
    ("my_line", "y.mean() - w * x.mean()", "y.mean()", "the mean of x, too"),
    ("my_line", "y.mean() - w * x.mean()", "sum(y) - w * sum(x)", "b is m times too large"),
    ("my_line", "y.mean() - w * x.mean()", "sum(y) - w * x.mean()", "needs its brackets"),
    ("my_line", "y.mean() - w * x.mean()", "y[0] - w * x[0]", "the first point"),
    ("my_line", "y.mean() - w * x.mean()", "0", "second equation has not been used"),
    ("my_line", "return w, b", "return b, w", "in the wrong order"),
    ("my_line", "return w, b", "return w", "expected 2 results, w and b"),
    ("my_normal_equations", "rows @ rows.T", "rows @ rows.T / len(y)", "Only the left-hand side"),
    ("my_normal_equations", "rows @ y", "rows @ y / len(y)", "Only the right-hand side"),
    ("my_normal_equations", "rows @ y", "-rows @ y", "The sign of y"),
    ("my_normal_equations", "np.linalg.solve(M, rows @ y)", "rows @ y", "That is rows @ y"),
    ("my_normal_equations", "np.linalg.solve(M, ", "(M @ ", "is multiplied by the matrix"),
    ("my_normal_equations", "np.linalg.solve(M, rows @ y)", "rows @ y / np.diag(M)", "by itself"),
    ("my_normal_equations", "return theta", "return rows.T @ theta", "theta has shape (7,)"),
    ("my_normal_equations", "rows @ y)", "rows @ y[:, None])", "a column where one axis is enough"),
    ("my_steps", "np.vstack([X, np.ones((1, m))])", "X", "The row of ones is missing"),
    (
        "my_steps",
        "np.vstack([X, np.ones((1, m))])",
        "np.hstack([X, np.ones((len(X), 1))])",
        "as another pair",
    ),
    ("my_steps", "lam[-1] / lam[0]", "(lam[-1] / lam[0]) ** 0.5", "here its root is used"),
    ("my_steps", "lam[-1] / lam[0]", "np.linalg.cond(rows)", "here its root is used"),
    ("my_steps", "lam[-1] / lam[0]", "lam[-1]", "the largest eigenvalue alone"),
    ("my_steps", "(kappa + 1)", "kappa", "at the rate 1/lambda_max"),
    ("my_steps", "np.log(1e-6) / np.log(rho)", "7 * kappa", "That is the rule of thumb, 7 kappa"),
    ("my_steps", "np.log(1e-6)", "np.log(1e-5)", "A millionth is 10^-6"),
    ("my_steps", "np.log(1e-6)", "np.log10(1e-6)", "Two kinds of logarithms"),
    ("my_steps", "np.ceil", "np.floor", "The last step is missing"),
    ("my_steps", "int(np.ceil(np.log(1e-6) / np.log(rho)))", "np.log(1e-6) / np.log(rho)", "up"),
    ("my_steps", "if rho > 0 else 1", "if rho > 0 else 0", "rho is 0, and one step arrives"),
    ("my_steps", "/ np.log(rho)))", "/ np.log(rho))) + 1", "one step too many"),
    ("my_steps", "rho > 0 else", "kappa > 1.01 else", "steps is 1; expected 3"),
    ("my_steps", "return steps", "return 2 * steps + 1", "steps is 361; expected 180"),
    ("my_standardize", "X.mean(axis=1, keepdims=True)", "X.mean()", "mu has shape ()"),
    ("my_standardize", "return U, mu, tau", "return U, mu[:, 0], tau[:, 0]", "keepdims=True"),
    ("my_standardize", "np.sqrt(((X - mu) ** 2)", "(((X - mu) ** 2)", "tau is the variance"),
    (
        "my_standardize",
        "np.sqrt(((X - mu) ** 2).mean(axis=1, keepdims=True))",
        "X.std(axis=1, keepdims=True, ddof=1)",
        "wrong: X_std and tau. tau divides by m - 1",
    ),
    (
        "my_standardize",
        "np.sqrt(((X - mu) ** 2).mean(axis=1, keepdims=True))",
        "np.full((len(X), 1), X.std())",
        "the deviation of all elements",
    ),
    ("my_standardize", "((X - mu) ** 2)", "(X**2)", "subtract the mean first"),
    ("my_standardize", " / np.where(tau > 0, tau, 1)", "", "nothing is divided by tau"),
    ("my_standardize", "(X - mu) / np", "X / np", "the means are not subtracted"),
    ("my_standardize", "(X - mu) / np.where(tau > 0, tau, 1)", "X / tau - mu", "other units"),
    ("my_standardize", "return U, mu, tau", "return U", "expected 3 results"),
    ("my_nearest_mean", ".mean(axis=1)", ".sum(axis=1)", "The centers are sums"),
    ("my_nearest_mean", ".mean(axis=1)", "[:, 0]", "by a single image"),
    ("my_nearest_mean", "labels == d]", "labels == d][:, 1:]", "another digit than that of the"),
    ("my_nearest_mean", "((x - mean) ** 2).sum()", "abs(x - mean).sum()", "expected their squares"),
    ("my_nearest_mean", "((x - mean) ** 2).sum()", "(x - mean).sum() ** 2", "they cancel"),
    ("my_nearest_mean", "((x - mean) ** 2).sum()", "-x @ mean", "half the square of the mean's"),
    ("my_nearest_mean", "argmin", "argmax", "the farthest means"),
    ("my_nearest_mean", "np.argmin(squares)", "squares", "digits has shape (60, 10)"),
    ("my_bound", "np.vstack([A_1, np.ones((1, A_1.shape[1]), A_1.dtype)])", "A_1", "a row of ones"),
    ("my_bound", " / len(B.T)", "", "is 1/m missing?"),
    ("my_bound", "len(B.T)", "len(A_1)", "not by the number of its rows"),
    ("my_bound", "[-1]", "[0]", "the smallest eigenvalue"),
    ("my_bound", "np.linalg.eigvalsh(H)[-1]", "np.trace(H)", "the sum of the eigenvalues"),
    ("my_bound", "2 / np.linalg.eigvalsh", "np.linalg.eigvalsh", "That is lambda_max itself"),
    ("my_bound", "bound = 2 /", "bound = 1 /", "That is 1 / lambda_max"),
    ("my_bound", "bound = 2 /", "bound = 3 /", "Some bounds are wrong"),
    ("my_confusion", "labels[c], answers[c]", "answers[c], labels[c]", "Rows and columns are"),
    ("my_confusion", "C[labels[c], answers[c]] += 1", "C[labels, answers] = 1", "counted once"),
    ("my_confusion", "return C", "return C - np.diag(np.diag(C))", "belong on the diagonal"),
    ("my_confusion", "return C", "return C / (C.sum(axis=1)[:, None] + 1e-300)", "shares of a row"),
    ("my_confusion", "range(len(labels))", "range(1, len(labels))", "C adds up to 399"),
    ("my_confusion", "np.zeros", "np.ones", "C adds up to 500"),
    ("my_reader", "one_hot(labels", "one_hot(labels[::-1]", "Are the columns of X and the labels"),
    ("my_reader", ".argmax(axis=0)", "", "digits has shape (10, 10000)"),
    ("my_reader", "rng = ", "X, labels = X[:, :400], labels[:400]\n    rng = ", "less than 94.5"),
]


def written(source):
    """Return the function that a reader might have written like this."""
    scope = {"np": np, "nnlib": nnlib}
    exec(compile(source, "reader.py", "exec"), scope)
    return next(f for name, f in scope.items() if name.startswith(("my_", "suspect_")))


def exchanged(name, old, new):
    assert RIGHT[name].count(old) == 1, old
    return written(RIGHT[name].replace(old, new))


@pytest.fixture
def said(capsys):
    """Return a function that checks another, and returns what was printed, on one line."""

    def check(*arguments):
        checks.check(*arguments)
        return " ".join(capsys.readouterr().out.split())

    return check


@pytest.mark.parametrize("name", RIGHT)
def test_right_function_is_told_what_was_checked(said, name):
    function = written(RIGHT[name])
    text = said(function)
    passed = checks.TASKS[name].passed
    if callable(passed):
        passed = passed(function)
    start, _, rest = passed.partition("{}")
    assert text.startswith(f"{name}: right. {start}")
    assert text.endswith(rest)


@pytest.mark.parametrize(("name", "old", "new", "hint"), WRONG)
def test_typical_mistake_gets_its_hint(said, name, old, new, hint):
    text = said(exchanged(name, old, new))
    assert text.startswith(f"{name}: not right yet. ")
    assert hint in text


@pytest.mark.parametrize("name", list(RIGHT))
def test_model_is_right_and_each_of_its_mistakes_is_named(said, name):
    task = checks.TASKS[name]
    passed = said(task.model, name)
    assert "right. " in passed or "these are the book's weights" in passed
    for place, formulas in task.mistakes.items():
        for hint, formula in formulas.items():
            assert hint in said(partial(task.model, **{place: formula}), name)


def test_two_mistakes_at_once_are_both_named(said):
    source = RIGHT["my_backward"].replace("W[l].T @ dZ", "W[l] @ dZ")
    source = source.replace("dZ.sum(axis=1, keepdims=True)", "dZ[:, :1]")
    text = said(written(source))
    assert "transpose missing?" in text
    assert "first input only" in text


def test_missing_ones_are_named_if_rho_of_one_feature_is_0(said):
    source = RIGHT["my_steps"].replace("np.vstack([X, np.ones((1, m))])", "X")
    text = said(written(source.replace(" if rho > 0 else 1", "")))
    assert "The row of ones is missing" in text
    assert "rho is 0, and one step arrives" in text


def test_second_look_at_the_test_points_is_remarked(said):
    remark = "error on the test points more than once"
    assert remark not in said(written(RIGHT["my_choice"]))
    looking = "fit(train, d)\n        E(theta, test)"
    text = said(exchanged("my_choice", "fit(train, d)", looking))
    assert text.startswith("my_choice: right.")
    assert remark in text


def test_each_set_would_choose_another_degree():
    for fit, E, degrees, *sets in tasks_04.choice_cases():
        fits = {d: fit(sets[0], d) for d in degrees}
        chosen = [min(fits, key=lambda d, points=points: E(fits[d], points)) for points in sets]
        assert len(set(chosen)) == 3


@pytest.mark.parametrize("steps", [2, 3, 5, 10, 17, 18, 19, 50, 100, 101, 1001])
def test_walk_that_never_stops_is_asked_whether_it_does(said, steps):
    source = RIGHT["my_walk"].replace("range(1000)", f"range({steps})").replace("break", "pass")
    text = said(written(source))
    assert "Do you stop when no step leads down?" in text
    assert "Both knobs" not in text


def test_hint_says_which_layers_are_right(said):
    text = said(exchanged("my_backward", "W[l].T @ dZ", "W[l] @ dZ"))
    assert "Right: layer 3; wrong: layers 1 and 2." in text


@pytest.mark.parametrize("body", ["...", "pass", '"""Say what."""', '"""Say what."""\n    ...'])
@pytest.mark.parametrize("name", RIGHT)
def test_body_of_dots_is_not_written_yet(said, name, body):
    head = RIGHT[name].strip().splitlines()[0]
    text = said(written(f"{head}\n    {body}"))
    assert text == f"{name}: not written yet. Put your code in place of the dots."


def test_not_implemented_error_is_not_written_yet(said):
    function = exchanged("my_layer", "z_all, a_all = [], []", "raise NotImplementedError")
    assert "not written yet" in said(function)


@pytest.mark.parametrize("name", RIGHT)
def test_function_without_return_is_asked_for_it(said, name):
    source = re.sub("return .*", "pass", RIGHT[name])
    text = said(written(source))
    assert text == f"{name}: not right yet. It returns None: is the return missing?"


@pytest.mark.parametrize("name", RIGHT)
def test_exception_is_shown_without_frames_of_the_book(capsys, name):
    source = re.sub("return .*", "return undefined", RIGHT[name])
    checks.check(written(source))
    shown = capsys.readouterr()
    assert shown.out.startswith(f"{name} raised NameError for ")
    assert shown.err.endswith("NameError: name 'undefined' is not defined\n")
    assert re.findall('File "(.*)", line', shown.err) == ["reader.py"]


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("my_layer", "range(len(a))", "range(1, len(a) + 1)", "does a loop start at 1"),
        ("my_layer", "range(len(W))", "range(1, len(W) + 1)", "does a loop start at 1"),
        ("my_layer", "z_all, a_all\n", "z_all, g(z_all)\n", "g(np.array(z))"),
        ("my_evaluate", "range(1, len(W))", "range(1, len(W) + 1)", "range(1, len(W))"),
        ("my_evaluate", "z.append(z_l)", "z[l] = z_l", "append"),
        ("my_evaluate", "z_l = []", "z_l, a_l = None", "is my_layer written?"),
        ("my_evaluate", "g[l](z_i)", "g[l](z_l)", "A layer takes one entry"),
        ("my_sums", "b[i, 0]", "b[i]", "Is it b[i]?"),
        ("my_weight_rule", "range(len(A_before))", "range(9)", "Both have a column for each input"),
        ("my_layer_rule", "range(len(W_next))", "range(9)", "for each node of the next layer"),
        ("my_gradient_by_indices", "W[l].T", "W[l + 1].T", "there is no W[l + 1]"),
        ("my_sums", "A[j, c]", "A[i + 9, c]", "An index is too large."),
        ("my_forward", "range(1, len(W))", "range(len(W))", "Expected l to start at 1"),
        ("my_forward", "A[l - 1]", "A[l]", "A list is too short."),
        ("my_forward", "W[l] @ A[l - 1]", "W[l][:, 1:] @ A[l - 1]", "The product does not fit."),
        ("my_forward", "b[l])", "b[l][:, [0, 0]])", "Is b[l] still a column"),
        ("my_forward", "+ b[l])", "+ b[l - 1])", "There is no b[0]"),
        ("my_choice", "fit(train, d)", "fit(*train, d)", "A set is one argument: fit(train, d)"),
        ("my_choice", "E(theta, validation)", "E(theta, *validation)", "A set is one argument"),
        ("my_training", ", keepdims=True", "", "Is db[l] a column? Without keepdims=True"),
        ("my_training", "A[l - 1] * (1 - A[l - 1])", "A[l] * (1 - A[l])", "meet the slope at"),
        ("my_training", "A[l - 1].T", "A[l - 1]", "dW is dZ @ A[l - 1].T"),
        ("my_epoch", "X.shape[1], size)", "X.shape[1] + 1, size)", "last batch empty"),
        ("my_share", "g.dg(Z[l], A[l])", "g.dg(Z[l + 3], A[l + 3])", "L is len(Z) - 1"),
        ("my_share", "g.dg(Z[l], A[l])", "g.dg(Z**1, A)", "with an array for each layer"),
        ("my_standardize", "X.mean(axis=1, keepdims=True)", "X.mean(axis=1)", "should be columns"),
        ("my_normal_equations", "rows @ y", "rows.T @ y", "rows multiplies y and r"),
    ],
)
def test_exception_is_explained_without_frames_of_the_library(capsys, name, old, new, words):
    checks.check(exchanged(name, old, new))
    shown = capsys.readouterr()
    assert shown.out.startswith(f"{name} raised ")
    assert words in " ".join(shown.out.split())
    assert set(re.findall('File "(.*)", line', shown.err)) == {"reader.py"}


def test_exception_is_shown_in_a_notebook_and_cells_below_run(root):
    cells = [
        f"import numpy as np\nfrom checks import check\n{RIGHT['my_layer']}\ncheck(my_layer)",
        "def my_layer(W, b, g, a):\n    return helper(a)\n\ndef helper(a):\n    return a[100]\n\n"
        "check(my_layer)",
        "def my_layer(W, b, g, a):\n    ...\n\ncheck(my_layer)",
    ]
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    resources = {"metadata": {"path": str(root / "notebooks")}}
    NotebookClient(notebook, resources=resources).execute()
    right, raised, stub = (cell.outputs for cell in notebook.cells)
    assert right[0].text.startswith("my_layer: right. ")
    assert raised[0].text.startswith("my_layer raised IndexError for ")
    assert raised[1].ename == "IndexError"
    traceback = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(raised[1].traceback))
    assert re.findall(r"^(?:Cell|File).* (?:in )?(\w+)\(", traceback, re.M) == [
        "my_layer",
        "helper",
    ]
    assert "check" not in traceback
    assert stub[0].text.startswith("my_layer: not written yet.")


@pytest.mark.parametrize(
    ("name", "line", "changed"),
    [
        ("my_layer", "W[0, 0] = a[0] = 0", "W and a."),
        ("my_forward", "X *= 2", "X."),
        ("my_forward", "b[1] -= 1", "b[1]."),
        ("my_squared_error", "A -= Y", "A."),
        ("my_cross_entropy", "A -= A.max(axis=0)", "A."),
        ("my_choice", "train[1][:] = 0", "train."),
        ("my_backward", "A[1] *= 1.5", "A[1]."),
        ("my_backward", "Z[1][:] = 0", "Z[1]."),
        ("my_backward", "W[1] = 2 * W[1]", "W[1]."),
        ("my_gradient", "theta += 1", "theta."),
        ("my_step", "x -= 1", "x."),
        ("my_descend", "x -= 1", "x."),
        ("my_differences", "x += h", "x."),
        ("my_shortcut", "x -= 1", "x."),
        ("my_line_search", "x -= 1", "x."),
        ("my_weight_rule", "dZ *= 2", "dZ."),
        ("my_layer_rule", "dZ_next *= 2", "dZ_next."),
        ("my_gradient_by_indices", "A[1] *= 2", "A[1]."),
        ("my_gradient_check", "x += h", "x."),
        ("my_training", "X *= 2", "X."),
        ("my_epoch", "X *= 2", "X."),
        ("my_sizes", "X *= 2", "X."),
        ("my_network", "Y *= 1.5", "Y."),
        ("my_share", "Z[1] *= 2", "Z[1]."),
        ("my_share", "A[1][:] = 0", "A[1]."),
        ("my_line", "x -= 1", "x."),
        ("my_normal_equations", "y -= 1", "y."),
        ("my_steps", "X *= 2", "X."),
        ("my_standardize", "X -= 1", "X."),
        ("my_nearest_mean", "X -= 1", "X."),
        ("my_confusion", "labels[:] = 0", "labels."),
        ("my_reader", "X /= 255", "X."),
    ],
)
def test_changed_argument_is_found(said, name, line, changed):
    head, body = RIGHT[name].strip().split("\n", 1)
    before = written(f"{head}\n    {line}\n{body}")
    assert f"It changes what it was given: {changed}" in said(before)
    after = re.sub("    return (.*)", rf"    result = \1\n    {line}\n    return result", body)
    assert f"It changes what it was given: {changed}" in said(written(f"{head}\n{after}"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("(M, rows @ y)", "(rows.T, y)", "more equations than unknowns"),
        ("rows @ rows.T", "0 * rows @ rows.T", "That matrix has no inverse"),
    ],
)
def test_exception_of_solve_is_explained(said, old, new, words):
    assert words in said(exchanged("my_normal_equations", old, new))


@pytest.mark.parametrize("name", ["my_layer", "my_forward", "my_backward"])
def test_right_answer_in_float32_is_right_with_a_remark(said, name):
    one, two = re.search("return (.*), (.*)", RIGHT[name]).groups()
    single = "[x if x is None else np.asarray(x, np.float32) for x in {}]"
    single = "np.array({}, np.float32)" if name == "my_layer" else single
    results = f"return {single.format(one)}, {single.format(two)}"
    text = said(written(re.sub("return .*", results, RIGHT[name])))
    assert text.startswith(f"{name}: right.")
    assert "has dtype float32" in text


def test_gradient_in_float32_is_right_with_a_remark(said):
    function = exchanged(
        "my_gradient", "np.concatenate(parts)", "np.float32(np.concatenate(parts))"
    )
    text = said(function)
    assert text.startswith("my_gradient: right.")
    assert "has dtype float32" in text


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # of np.matrix
@pytest.mark.parametrize(
    ("results", "text"),
    [
        ("np.array(z_all), np.array(a_all)", "my_layer: right."),
        ("tuple(z_all), tuple(a_all)", "my_layer: right."),
        ("[z_all, a_all]", "my_layer: right."),
        ("np.array(z_all, object), np.array(a_all, np.longdouble)", "my_layer: right."),
        ("np.asmatrix(z_all), a_all", "z is a matrix"),
        ("np.ma.array(z_all), a_all", "z is a MaskedArray"),
        ("np.array(z_all, np.float16), a_all", "float16"),
        ("np.array(z_all) + 0j, a_all", "z has dtype complex128"),
        ("'z', a_all", "expected real numbers"),
        ("[z_all, z_all[:1]], a_all", "z is a list"),
        ("(z for z in z_all), a_all", "z is a generator"),
        ("z_all, a_all, W", "a tuple of 3"),
        ("z_all, np.array(a_all) * np.nan", "a has NaN"),
        ("z_all, -np.array(a_all)", "a: right up to the sign"),
    ],
)
def test_other_kinds_of_results_are_right_or_explained(said, results, text):
    assert text in said(exchanged("my_layer", "z_all, a_all\n", results + "\n"))


def test_book_s_own_weights_are_no_answer(said):
    assert "find others" in said(lambda: (tasks_02.BOOK_W, tasks_02.BOOK_B), "my_xor")
    W = [None, tasks_02.BOOK_W[1], tasks_02.BOOK_W[2][:, ::-1]]
    b = [None, tasks_02.BOOK_B[1][::-1], tasks_02.BOOK_B[2]]
    assert "find others" in said(lambda: (W, b), "my_xor")


@pytest.mark.parametrize("hidden", ["S + 1e-12", "np.maximum(S, 1e-12)", "np.clip(S, 1e-300, 1)"])
def test_logarithm_that_hides_a_zero_is_not_right(said, hidden):
    logarithm = "logits - np.log(np.exp(logits).sum(axis=0))"
    text = said(exchanged("my_gradient", f"({logarithm})", f"np.log({hidden})"))
    assert text.startswith("my_gradient: not right yet.")
    assert "finite but wrong" in text
    assert "logarithm before you divide" in text


def test_spread_that_cancels_far_out_is_right_with_a_remark(said):
    spread = "np.sqrt((X**2).mean(axis=1, keepdims=True) - mu**2)"
    own = "np.sqrt(((X - mu) ** 2).mean(axis=1, keepdims=True))"
    text = said(exchanged("my_standardize", own, spread))
    assert text.startswith("my_standardize: right.")
    assert "tau loses digits" in text
    assert "loses digits" not in said(written(RIGHT["my_standardize"]))


def test_logarithm_of_zero_is_right_with_a_remark(said):
    logarithm = "logits - np.log(np.exp(logits).sum(axis=0))"
    text = said(exchanged("my_gradient", f"({logarithm})", "np.log(S)"))
    assert text.startswith("my_gradient: right.")
    assert "E is not finite" in text


def test_softmax_that_overflows_is_right_with_a_remark(said):
    function = exchanged("my_gradient", "A[-1] - A[-1].max(axis=0)", "A[-1]")
    text = said(function)
    assert text.startswith("my_gradient: right.")
    assert "e^1000 overflows" in text
    assert "overflows" not in said(written(RIGHT["my_gradient"]))


@pytest.mark.parametrize("name", ["my_squared_error", "my_cross_entropy"])
def test_derivative_of_an_error_in_float32_is_right_with_a_remark(said, name):
    text = said(exchanged(name, "return E, dA", "return E, np.float32(dA)"))
    assert text.startswith(f"{name}: right.")
    assert "dA has dtype float32" in text


def test_errors_with_wrong_derivatives_do_not_agree_with_differences():
    squared = exchanged("my_squared_error", "D / m", "2 * D / m")
    entropy = exchanged("my_cross_entropy", "np.exp(log_S) - Y", "np.exp(U) - Y")
    assert not tasks_04.derivative_agrees(squared)
    assert not tasks_04.derivative_agrees(entropy)
    for name in ("my_squared_error", "my_cross_entropy"):
        assert tasks_04.derivative_agrees(written(RIGHT[name]))


def test_expected_errors_are_those_of_the_book():
    *_, (A, Y) = tasks_04.error_cases()
    E, dA = tasks_04.squared_error_by_fractions(A, Y)
    assert E == 27 / 8
    np.testing.assert_array_equal(dA, [[-1, -1, 1 / 2]])
    logits = np.log([[1.0, 1.0], [2.0, 1.0], [5.0, 2.0]])
    E, dA = tasks_04.cross_entropy_by_sums(logits, np.array([[0.0, 1.0], [0, 0], [1, 0]]))
    assert abs(E - np.log(32 / 5) / 2) < 1e-14
    np.testing.assert_allclose(16 * dA, [[1, -6], [2, 2], [-3, 4]], rtol=1e-13)


@pytest.mark.parametrize(
    ("results", "remark"),
    [
        ("3 * Z + 1, 0 * Z + 3", "a straight line"),
        ("nnlib.gelu(Z), nnlib.gelu.dg(Z, A)", "one of the seven"),
        ("np.maximum(Z, 0.2 * Z), np.where(Z > 0, 1, 0.2)", "to a millionth."),
        ("np.sin(Z), np.cos(Z)", "to a millionth."),
        ("np.abs(Z), np.where(Z > 0, 1, -1)", "to a millionth."),
        ("0 * Z + 2, 0 * Z", "a constant, though: nothing gets through"),
        ("np.clip(Z, -1, 1), 1.0 * (np.abs(Z) < 1)", "to a millionth."),
        ("np.sin(100 * Z), 100 * np.cos(100 * Z)", "to a millionth."),
        ("np.tanh(1e3 * Z), 1e3 / np.cosh(np.clip(1e3 * Z, -300, 300)) ** 2", "to a millionth."),
        ("Z**3 + np.abs(Z - 1), 3 * Z**2 + np.sign(Z - 1)", "to a millionth."),
    ],
)
def test_any_activation_of_the_reader_s_own_is_right(said, results, remark):
    text = said(exchanged("my_activation", "return A, dA", f"return {results}"))
    assert text.startswith("my_activation: right.")
    assert remark in text
    assert ("though" in text) == ("a millionth" not in remark)
    assert ("a straight line" in text) == (remark == "a straight line")


@pytest.mark.parametrize(
    ("results", "place", "rest"),
    [
        ("1.0 * (Z > 0), 0 * Z", "0", "neither this layer"),
        ("1.0 * (Z >= 0), 0 * Z", "0", "neither this layer"),
        ("np.where(Z > 0, 1, 0), np.zeros(Z.shape, int)", "0", "neither this layer"),
        ("np.heaviside(Z, 0.5), 0 * Z", "0", "neither this layer"),
        ("np.sign(Z), 0 * Z", "0", "neither this layer"),
        ("np.round(Z), 0 * Z", "-0.5", "neither this layer"),
        ("1.0 * (Z > 2.345), 0 * Z", "2.345", "neither this layer"),
        ("Z - np.floor(Z), 1 + 0 * Z", "0", "does not see it"),
        ("np.sin(Z) + 0.001 * (Z > -3.3), np.cos(Z)", "-3.3", "does not see it"),
        ("np.where(Z > 1, 2 * Z, Z), np.where(Z > 1, 2.0, 1.0)", "1", "does not see it"),
        ("np.tanh(Z) + 1.0 * (Z == 0), 1 - np.tanh(Z)**2", "0", "does not see it"),
    ],
)
def test_jump_of_the_reader_s_activation_is_found(said, results, place, rest):
    text = said(exchanged("my_activation", "return A, dA", f"return {results}"))
    assert f"not right yet. Your g jumps at z = {place}, and a jump has no slope." in text
    assert rest in text
    assert "straight line" not in text
    assert ("Everywhere else your slope is 0" in text) == (rest == "neither this layer")


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ("np.sin(Z) / Z, (Z * np.cos(Z) - np.sin(Z)) / Z**2", "At z = 0 there is NaN"),
        ("Z * np.exp(Z), (1 + Z) * np.exp(Z)", "At z = 1000 or -1000 there is NaN"),
        ("np.cbrt(Z), np.cbrt(Z) ** -2 / 3", "At z = 0 there is NaN"),
        (
            "np.cbrt(Z), np.where(Z == 0, 1, np.cbrt(Z + (Z == 0)) ** -2 / 3)",
            "At z = 0 your slope is neither",
        ),
    ],
)
def test_activation_that_is_not_finite_is_not_right(said, results, words):
    text = said(exchanged("my_activation", "return A, dA", f"return {results}"))
    assert f"my_activation: not right yet. {words}" in text


def test_half_the_variance_in_the_last_layer_is_explained(said):
    text = said(exchanged("my_first_weights", "2 / n[l - 1]", "(2 - (l == len(n) - 1)) / n[l - 1]"))
    assert "0.5 times as large as it should be. Here the last layer" in text
    text = said(exchanged("my_first_weights", "2 / n[l - 1]", "(2 - (l == 1)) / n[l - 1]"))
    assert "0.5 times as large as it should be." in text
    assert "last layer" not in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rng.normal(", "np.sqrt(3) * rng.uniform(-1, 1, "),
        ("rng.normal(size=", "rng.choice([-1.0, 1.0], "),
        ("np.sqrt(2 / n[l - 1]) * rng.normal(", "rng.normal(0, np.sqrt(2 / n[l - 1]), "),
    ],
)
def test_first_weights_of_any_symmetric_distribution_are_right(said, old, new):
    text = said(exchanged("my_first_weights", old, new))
    assert text.startswith("my_first_weights: right. In 2 networks")


def test_first_weights_are_judged_alike_whatever_is_drawn():
    task = checks.TASKS["my_first_weights"]
    for seed in range(30):
        n, rng = (150, 400, 100), np.random.default_rng(seed)
        for right, (place, variance) in [
            (True, ("variance", lambda before, here: 2 / before)),
            *((False, ("variance", wrong)) for wrong in task.mistakes["variance"].values()),
        ]:
            W, b = task.model(n, rng, **{place: variance})
            leaves = {f"W[{l}]": W[l] for l in (1, 2)} | {f"b[{l}]": b[l] for l in (1, 2)}
            view = tasks_08.means_and_variances(leaves, n)
            for l in (1, 2):
                ratio = variance(n[l - 1], n[l]) / (2 / n[l - 1])
                np.testing.assert_allclose(view[f"W[{l}]"], [0, ratio], rtol=1e-12)
            assert (tasks_08.first_weights_explanation(view) == "") == right


@pytest.mark.parametrize(
    ("name", "old", "new", "remark"),
    [
        (
            "my_line",
            "sum(d * y) / sum(d * d)",
            "(len(x) * sum(x * y) - sum(x) * sum(y)) / (len(x) * sum(x * x) - sum(x) ** 2)",
            "nnlib.line subtracts the means first",
        ),
        ("my_standardize", "np.where(tau > 0, tau, 1)", "tau", "dividing by it gives NaN"),
    ],
)
def test_right_answer_that_fails_far_out_gets_a_remark(said, name, old, new, remark):
    text = said(exchanged(name, old, new))
    assert text.startswith(f"{name}: right.")
    assert remark in text
    assert remark not in said(written(RIGHT[name]))


def test_lines_and_standardized_features_are_those_of_numpy():
    for rows, y in tasks_10.normal_cases():
        expected = np.linalg.lstsq(rows.T.astype(float), y.astype(float), rcond=None)[0]
        np.testing.assert_allclose(tasks_10.normal_by_fractions(rows, y), expected, rtol=1e-11)
    for x, y in tasks_10.line_cases():
        expected = np.polyfit(x, y, 1)
        tolerance = 1e-4 if x.dtype == np.float32 else 1e-11
        np.testing.assert_allclose(tasks_10.line_by_fractions(x, y), expected, tolerance)
    for (X,) in tasks_10.features_cases():
        U, mu, tau = tasks_10.standardized_by_sums(X.astype(float))
        np.testing.assert_allclose(U @ np.ones(X.shape[1]), 0, atol=1e-13)
        np.testing.assert_allclose(np.mean(U**2, axis=1), 1, rtol=1e-13)
        np.testing.assert_allclose(U * tau + mu, X, rtol=0, atol=1e-13)


def test_numbers_of_steps_do_not_hang_on_rounding():
    for (X,) in tasks_10.steps_cases():
        rows = np.vstack([X, np.ones(X.shape[1])])
        kappa = np.linalg.cond(rows) ** 2
        steps = np.log(1e-6) / np.log((kappa - 1) / (kappa + 1))
        assert abs(steps - round(steps)) > 1e-3
        assert tasks_10.steps_by_walking(X) == np.ceil(steps)


def test_function_of_another_name_is_checked_under_the_name_it_should_have(said):
    def repaired(W, g, Z, A, dA):
        return nnlib.backward(W, g, Z, A, dA)

    assert said(repaired, "my_backward").startswith("repaired: right.")
    assert said(lambda W, b, g, X: nnlib.forward(W, b, g, X), "my_forward").startswith(
        "my_forward:"
    )


def test_function_with_other_arguments_is_told_what_is_expected(said):
    text = said(written("def my_layer(W, b, a):\n    return a, a"))
    assert "expected the arguments (W, b, g, a); too many positional arguments." in text


def test_wrong_use_of_check_is_explained():
    with pytest.raises(ValueError, match="got a tuple; expected a function"):
        checks.check(([1.0], [1.0]))
    with pytest.raises(ValueError, match='no check for "layer"; expected one of my_layer, my_ev'):
        checks.check(nnlib.forward, "layer")


def test_what_a_function_prints_is_seen_once(said):
    function = exchanged(
        "my_layer", "z_all, a_all = [], []", "print('Hello'); z_all, a_all = [], []"
    )
    assert said(function).count("Hello") == 1


def test_expected_values_are_the_fractions_of_the_example():
    W, b, g, X = example.W, example.b, example.g, example.X
    z, a = tasks_shared.layer_by_fractions(W[1], b[1], g[1], X[:, 1])
    np.testing.assert_allclose(z / np.log(3), [-2, 1], rtol=1e-14)
    np.testing.assert_allclose(a, [1 / 10, 3 / 4], rtol=1e-14)
    A = tasks_shared.forward_by_sums(W, b, g, X)[1]
    np.testing.assert_allclose(A[2], [[1, -2, 5 / 2]], rtol=1e-14)
    *_, last = tasks_07.backward_cases()
    dW, db = tasks_07.BACKWARD.right(*last)
    np.testing.assert_allclose(dW[1], [[-5 / 4, -9 / 8], [1 / 4, 1]], rtol=1e-13)
    np.testing.assert_allclose(dW[2], [[-3 / 20, -3 / 4]], rtol=1e-13)
    np.testing.assert_allclose(db[1][:, 0], [-59 / 40, 1 / 2], rtol=1e-13)


def test_expected_gradient_agrees_with_differences():
    assert tasks_07.gradient_agrees_with_differences(tasks_07.gradient_by_plain_sums)


def test_numbers_on_paper_are_the_library_s():
    W2 = np.array([[8.0, -2.0], [2.0, 3.0]])
    W = [None, np.log(3) * np.array([[0.5], [0.0]]), W2]
    b = [None, np.zeros((2, 1)), np.zeros((2, 1))]
    g = [nnlib.identity, nnlib.sigmoid, nnlib.identity]
    Z, A = nnlib.forward(W, b, g, np.array([[2.0]]))
    np.testing.assert_allclose(A[1][:, 0], [3 / 4, 1 / 2], rtol=1e-14)
    np.testing.assert_allclose(A[2][:, 0], [5, 3], rtol=1e-14)
    dW, db = nnlib.gradient_by_sums(W, g, Z, A, A[2] - [[1], [11]])
    dA2, dZ2, dW2, dA1, dZ1, dW1 = tasks_06.paper_by_nudges()
    np.testing.assert_allclose(dA2, db[2][:, 0], rtol=1e-13)
    np.testing.assert_allclose(dA1, W2.T @ dZ2, rtol=1e-13)
    for ours, theirs in ((dZ2, db[2]), (dW2, dW[2]), (dZ1, db[1]), (dW1, dW[1])):
        np.testing.assert_allclose(ours, theirs.reshape(ours.shape), rtol=1e-13)


def test_blame_of_the_example_is_the_one_of_the_chapter():
    *_, last = tasks_06.layer_rule_cases()
    exact = [[-5, -5, 5 / 2], [2, 2, -1]]
    np.testing.assert_allclose(tasks_06.layer_rule_by_fractions(*last), exact, rtol=1e-13)


def test_no_two_things_are_said_of_one_sided_differences(said):
    source = RIGHT["my_gradient_check"]
    source = source.replace("f(x - e)[0]) / (2 * h)", "f(x)[0]) / h")
    text = said(written(source))
    assert "Two things" not in text
    assert "2h apart" not in text


def test_weight_rule_of_the_example_gives_the_chapter_s_fractions():
    *_, last = tasks_06.weight_cases()
    dW = tasks_06.weights_by_fractions(*last)
    np.testing.assert_allclose(dW, [[-5 / 4, -9 / 8], [1 / 4, 1]], rtol=1e-15)


def test_backward_pass_by_rules_expects_what_the_library_computes():
    functions = {tasks_06.SLOPES[g.name]: g for g in tasks_shared.FUNCTIONS}
    for W, dg, Z, A, dA in tasks_06.loop_cases():
        g = [nnlib.identity, *(functions[slope] for slope in dg[1:])]
        expected = tasks_06.loop_by_paths(W, dg, Z, A, dA)
        by_sums = nnlib.gradient_by_sums(W, g, Z, A, dA)
        for ours, theirs in zip(expected, by_sums, strict=True):
            for l in range(1, len(W)):
                rtol = 1e-4 if dA.dtype == np.float32 else 1e-11
                np.testing.assert_allclose(ours[l], theirs[l], rtol=rtol, atol=rtol * 1e-2)


def rules_of_the_chapter():
    """Return the functions of chapter 6 that its "Your turn" has the reader call in a loop."""
    path = ROOT / "notebooks/06-back-propagation-derivation.ipynb"
    scope = {"np": np, "check": lambda *arguments: None}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and re.search(r"(?m)^def (?!my_)\w+_rule", cell.source):
            exec(cell.source, scope)
    rules = {name: rule for name, rule in scope.items() if name.endswith("_rule")}
    assert list(rules) == ["weight_rule", "layer_rule", "output_rule", "node_rule", "bias_rule"]
    return rules


LOOP = """
def my_gradient_by_indices(W, dg, Z, A, dA):
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        dZ = node_rule(dA, dg[l], Z[l])
        dW[l] = weight_rule(dZ, A[l - 1])
        db[l] = bias_rule(dZ)
        dA = layer_rule(W[l], dZ)
    return dW, db
"""


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("dA = layer", "dA = layer", "right. On"),
        ("len(W) - 1, 0, -1", "1, len(W)", "The order is wrong"),
        ("        dA = layer_rule(W[l], dZ)\n", "", "dA stays that of the last layer"),
        ("layer_rule(W[l], dZ)", "layer_rule(W[l], dA)", "gets dA; expected dZ"),
        ("layer_rule(W[l], dZ)", "layer_rule(W[l - 1 or 1], dZ)", "gets W[l - 1]"),
        ("node_rule(dA, dg[l], Z[l])", "node_rule(dA, dg[l], A[l])", "slope is taken at A[l]"),
        ("node_rule(dA, dg[l], Z[l])", "dA", "node rule is missing"),
        ("dg[l], Z", "dg[l] if l < len(W) - 1 else lambda z: 1.0, Z", "slope of the last layer"),
        ("bias_rule(dZ)", "dZ", "sum over the inputs is missing"),
        ("weight_rule(dZ, A[l - 1])", "weight_rule(dA, A[l - 1])", "dW is made from dA"),
        ("weight_rule(dZ, A[l - 1])", "weight_rule(dZ, A[l])", "what came into the layer"),
    ],
)
def test_loop_of_the_chapter_s_rules_gets_the_right_hint(said, old, new, hint):
    assert LOOP.count(old) == 1
    scope = {"np": np} | rules_of_the_chapter()
    exec(compile(LOOP.replace(old, new), "reader.py", "exec"), scope)
    assert hint in said(scope["my_gradient_by_indices"])


def test_dA_that_is_overwritten_too_early_is_named(said):
    source = LOOP.replace("        dA = layer_rule(W[l], dZ)\n", "")
    source = source.replace("dZ = node", "dA = layer_rule(W[l], dA)\n        dZ = node")
    scope = {"np": np} | rules_of_the_chapter()
    exec(compile(source, "reader.py", "exec"), scope)
    assert "dA is overwritten too early" in said(scope["my_gradient_by_indices"])


def test_gradients_to_be_checked_have_exact_values_and_differences():
    for f, x, h in tasks_06.check_cases():
        value, gradient = f(x)
        k = range(len(x))
        exact = Fraction(x[0]) * Fraction(x[1]) ** 3 + sum(i * Fraction(x[i]) ** 3 for i in k)
        assert exact == Fraction(value)
        assert tasks_06.check_by_fractions(f, x, h) > 1e-8
        wrong = nnlib.check_gradient(f, x, tolerance=2) > 1e-6
        assert wrong == (not np.allclose(gradient, tasks_shared.polynomial(1.0)(x)[1]))


def test_no_wrong_backward_pass_agrees_with_differences():
    wrong = exchanged("my_backward", "g[l].dg(Z[l], A[l])", "g[l].dg(A[l], g[l](A[l]))")
    assert not tasks_07.agrees_with_differences(wrong)
    assert tasks_07.agrees_with_differences(nnlib.backward)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("my_step", "x - rate * gradient", "np.float32(x - rate * gradient)"),
        ("my_descend", "np.array(path)", "np.array(path, np.float32)"),
        ("my_differences", "return gradient", "return np.float32(gradient)"),
        ("my_momentum", "return x", "return np.float32(x)"),
        ("my_line_search", "return x - rate * gradient", "return np.float32(x - rate * gradient)"),
    ],
)
def test_step_in_float32_is_right_with_a_remark(said, name, old, new):
    text = said(exchanged(name, old, new))
    assert text.startswith(f"{name}: right.")
    assert "has dtype float32" in text


def test_step_in_place_changes_the_start(said):
    step = exchanged("my_step", "return x - rate * gradient", "x -= rate * gradient\n    return x")
    assert "It changes what it was given: x. x -= y writes into the array x" in said(step)
    ball = exchanged("my_momentum", "x = x - rate * v", "x -= rate * v")
    assert "It changes what it was given: x. x -= y writes into the array x" in said(ball)


def test_digits_as_floats_and_counts_as_floats_are_right(said):
    for name, old in (("my_nearest_mean", "np.array(digits)"), ("my_confusion", "C\n")):
        function = exchanged(name, f"return {old}", f"return 1.0 * {old}")
        assert said(function).startswith(f"{name}: right.")


def test_reader_of_digits_learns_once_and_never_from_what_it_is_judged_by():
    X, labels = tasks_11.training_images()
    seen = []

    def reader(X_few, labels_few, X_new):
        seen.append(X_few.shape[1])
        assert X_few.shape[1] + X_new.shape[1] <= 15000
        assert np.array_equal(X_few, X[:, : X_few.shape[1]])
        assert np.array_equal(X_new, X[:, 50000 : 50000 + X_new.shape[1]])
        return labels[50000 : 50000 + X_new.shape[1]]

    checks.check(reader, "my_reader")
    assert seen == [5000]


def test_readers_own_number_has_all_digits_and_that_of_another_version_only_whole_percent(said):
    labels = tasks_11.training_images()[1]

    def my_reader(X, few, X_new):
        m = X_new.shape[1]
        digits = labels[50000 : 50000 + m].copy()
        digits[: m // 100] += 1  # a hundred of ten thousand are wrong
        return digits

    text = said(my_reader)
    assert "it reads 99.00 percent of the 10000 validation images." in text
    assert "a little more than 97" in text
    my_reader.__name__ = "another"
    text = said(my_reader, "my_reader")
    assert "it reads more than 99 percent of the 10000" in text


def test_who_waits_for_a_reader_of_digits_is_told_so_first(said, monkeypatch):
    monkeypatch.setattr(checks, "somebody_watches", lambda: True)
    labels = tasks_11.training_images()[1]
    text = said(lambda X, few, X_new: labels[50000:], "my_reader")
    assert text.startswith("Learning from 5000 images, once,")
    assert "right." in text

    def my_reader(X, labels, X_new): ...

    assert said(my_reader).startswith("my_reader: not written yet.")


def test_functions_to_descend_have_the_gradients_that_they_say():
    rng = np.random.default_rng(0)
    for f in (tasks_05.slanted, tasks_05.wavy, tasks_05.bowl):
        x = rng.normal(size=2)
        differences = nnlib.numerical_gradient(lambda x, f=f: f(x)[0], x)
        np.testing.assert_allclose(f(x)[1], differences, atol=1e-8)


def test_expected_walk_with_momentum_is_the_library_s():
    for f, x, rate, beta, steps in tasks_05.momentum_cases():
        walk = nnlib.gradient_descent(f, x, rate, steps, rule=nnlib.momentum(beta))
        expected = tasks_05.momentum_by_points(f, x, rate, beta, steps)
        np.testing.assert_allclose(walk, expected, rtol=1e-4 if x.dtype == "f4" else 1e-10)


def test_expected_walks_and_searches_are_the_library_s():
    def keep(k, x, value, gradient):
        points.append(x)

    for f, x, rate, steps in tasks_05.descend_cases():
        points = []
        nnlib.gradient_descent(f, x, rate, steps, callback=keep)
        expected = tasks_05.descend_by_elements(f, x, rate, steps)
        np.testing.assert_allclose(points, expected, rtol=1e-4 if x.dtype == "f4" else 1e-10)
    for f, x, rate in tasks_05.line_search_cases():
        step = nnlib.gradient_descent(f, x, rate, 1, rule=nnlib.line_search())
        expected = tasks_05.line_search_by_table(f, x, rate)
        np.testing.assert_allclose(step, expected, rtol=1e-4 if x.dtype == "f4" else 1e-10)


def test_expected_differences_are_exact():
    for G, x, h in tasks_05.differences_cases():
        quotients = []
        for i in range(len(x)):
            e = h * (np.arange(len(x)) == i).astype(x.dtype)
            gap = Fraction(G(x + e)) - Fraction(G(x - e))
            quotients.append(float(gap / (2 * Fraction(h))))
        np.testing.assert_array_equal(tasks_05.differences_by_taylor(G, x, h), quotients)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("np.empty(len(x))", "np.empty_like(x)"),
        ("np.zeros(len(x))", "np.zeros_like(x)"),
        (
            "(G(x + e)",
            "e[i] = h\n        if x.dtype == int: raise TypeError\n        gradient[i] = (G(x + e)",
        ),
    ],
)
def test_differences_that_lose_the_fractions_of_integers_get_a_remark(said, old, new):
    text = said(exchanged("my_differences", old, new))
    assert text.startswith("my_differences: right.")
    assert "At a point of integers" in text


def test_walk_in_place_changes_the_start(said):
    walk = written(
        "def my_descend(f, x, rate, steps):\n    path = [x]\n    for _ in range(steps):\n"
        "        x -= rate * f(x)[1]\n        path.append(x)\n    return np.array(path)"
    )
    assert "It changes what it was given: x. x -= y writes into the array x" in said(walk)


@pytest.fixture(scope="module")
def suspects():
    """Return the suspects of chapter 7 by their names."""
    path = ROOT / "notebooks" / "07-back-propagation-matrix-style.ipynb"
    sources = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    sources = [source for source in sources if source.startswith("def suspect_")]
    functions = map(written, sources)
    return {function.__name__: function for function in functions}


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("suspect_1", "Right: layers 2 and 3; wrong: layer 1. dW[1][", "n = (3, 3, 3, 3)."),
        ("suspect_2", "db[1] has shape (1, 1); expected (3, 1).", ""),
        ("suspect_3", "dW and db are right, but afterward dA is not what it was.", ""),
    ],
)
def test_check_of_a_suspect_says_what_is_wrong_but_not_why(said, suspects, name, start, end):
    text = said(suspects[name])
    assert text.startswith(f"{name}: not right yet. {start}")
    assert text.endswith(end or start)
    assert not any(word in text for word in ("dZ", "axis", "keepdims", "x -= y"))


def test_suspect_that_is_repaired_is_right(said):
    assert said(written(RIGHT["my_backward"]), "suspect_3").startswith("my_backward: right. On 19")


def test_network_that_the_chapter_shows_is_no_trap():
    shown = (2, 3, 2), [nnlib.identity, nnlib.sigmoid, nnlib.tanh]
    assert all(tasks_07.is_caught(suspect, *shown) for suspect in tasks_07.SUSPECTS)


def test_first_cases_tell_mistakes_apart():
    W, g, _, A, dA = next(tasks_07.backward_cases())
    active = (A[2] > 0).mean(axis=1)
    assert g[2] is nnlib.relu
    assert all(0 < share < 1 for share in active)
    assert len({w.shape for w in W[1:]}) == 1
    assert dA.shape[1] not in W[1].shape
    corner = tasks_07.at_the_corner_of_relu()
    assert (corner[2][1] == 0).any()
    W, _, _, X = next(tasks_03.forward_cases())
    assert X.shape == W[1].shape == W[2].shape


def test_another_check_takes_a_few_lines(capsys):
    def cases():
        rng = np.random.default_rng(4)
        return [tuple(rng.normal(size=(2, 3, m))) for m in (4, 1, 6)]

    def by_sums(A, Y):
        squares = [(a - y) ** 2 for a, y in zip(A.flat, Y.flat, strict=True)]
        return sum(squares) / (2 * A.shape[1])

    task = checking.Task(
        arguments="A, Y",
        returns="E",
        cases=cases,
        right=by_sums,
        passed="On {} sets of outputs, E agrees with plain sums to ten digits.",
        model=lambda A, Y, m=np.shape, half=2: np.sum((A - Y) ** 2) / (half * m(A)[-1]),
        mistakes={
            "m": {"E is the sum over the inputs; expected the mean.": lambda A: (1,)},
            "half": {"The factor 1/2 is missing.": 1},
        },
    )

    def said(function):
        checking.report(function, "my_error", task)
        return " ".join(capsys.readouterr().out.split())

    right = "my_error: right. On 3 sets of outputs, E agrees with plain sums to ten digits."
    assert said(lambda A, Y: nnlib.squared_error(A, Y)) == right
    assert "the mean" in said(lambda A, Y: np.sum((A - Y) ** 2) / 2)
    assert "The factor 1/2" in said(lambda A, Y: np.sum((A - Y) ** 2) / A.shape[1])
    assert "Two things." in said(lambda A, Y: np.sum((A - Y) ** 2))
    assert "E: right up to the sign." in said(lambda A, Y: -by_sums(A, Y))
    assert "4 times too small, and m is 4" in said(lambda A, Y: by_sums(A, Y) / A.shape[1])
    assert "E has shape (3,); expected ()" in said(lambda A, Y: (A**2).sum(axis=1))
    assert "E is a list; expected a number" in said(lambda A, Y: [1.0])
    assert "E is 0; expected" in said(lambda A, Y: 0.0)


@pytest.mark.parametrize(
    "name",
    [
        "my_layer",
        "my_forward",
        "my_squared_error",
        "my_cross_entropy",
        "my_choice",
        "my_backward",
        "my_gradient",
        "my_step",
        "my_descend",
        "my_differences",
        "my_shortcut",
        "my_momentum",
        "my_line_search",
        "my_weight_rule",
        "my_layer_rule",
        "my_gradient_by_indices",
        "my_pass_on_paper",
        "my_gradient_check",
        "my_training",
        "my_epoch",
        "my_stop_early",
        "my_sizes",
        "my_share",
        "my_line",
        "my_normal_equations",
        "my_standardize",
    ],
)
def test_answer_that_is_off_by_more_than_a_millionth_is_never_right(name):
    task = checks.TASKS[name]
    function = written(RIGHT[name])
    trials = [checking.try_on(function, task, *case) for case in checking.solved(task)]
    trials = [trial for trial in trials if not trial.single]
    assert all(trial.is_right for trial in trials)

    @settings(deadline=None)  # the machine may be busy
    @given(st.data(), st.sampled_from(trials), st.sampled_from([-1, 1]), st.floats(1e-6, 1e6))
    def perturbed_answer_is_wrong(data, trial, sign, off):
        leaf = data.draw(st.sampled_from(sorted(trial.came)))
        x = np.array(trial.came[leaf], float)
        i = data.draw(st.integers(0, x.size - 1))
        x.flat[i] += sign * off * max(1e-3, abs(x).max())
        assert not dataclasses.replace(trial, came=trial.came | {leaf: x}).is_right

    perturbed_answer_is_wrong()

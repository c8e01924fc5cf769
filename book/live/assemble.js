/* Chapter 7: the backward pass, put together from its factors and held against finite differences. */
"use strict";

const assemble = (() => {
  const RATE = 0.1;
  const STEPS = 100;
  const LAYERS = [3, 2, 1];
  const NETWORKS = {
    2332: {
      n: [2, 3, 3, 2],
      W: [
        null,
        [[0.4, 2.3], [1.0, -0.7], [0.5, 1.2]],
        [[-1.1, 1.3, -0.8], [-0.1, 0.9, 0], [-0.3, 1.2, 2.4]],
        [[-2.2, -0.7, 0.6], [-1.7, 0.1, 1.0]],
      ],
      b: [null, [[-0.2], [-0.6], [0]], [[0.1], [-0.4], [-0.4]], [[0.2], [-0.5]]],
      X: [[1.1, -0.7, 1.2, -0.7], [1.1, 0.9, -0.7, -1.1]],
      Y: [[-0.9, -0.6, -0.8, -0.7], [0.7, -0.1, 0, -0.7]],
    },
    3333: {
      n: [3, 3, 3, 3],
      W: [
        null,
        [[0.9, -0.5, -1.3], [0.7, 1.0, 0.5], [-2.6, -1.5, 0.6]],
        [[1.5, -1.5, 1.0], [1.1, 0, -1.3], [-0.6, -0.4, 0.7]],
        [[0.9, -1.0, -0.1], [0, -0.2, 0.9], [-0.3, -0.1, -1.5]],
      ],
      b: [null, [[0.1], [-0.4], [0.8]], [[0.1], [0.1], [0]], [[-0.5], [-0.2], [0]]],
      X: [[0.1, -1.5, 1.0], [-0.3, 0.8, -0.8], [-1.4, -0.4, 0.9]],
      Y: [[0.9, 0.1, 0.6], [0.5, -0.9, -0.5], [-0.8, 0.4, -0.8]],
    },
  };

  // Matrices, as lists of rows

  const shape = (M) => [M.length, M[0].length];
  const by = ([rows, columns]) => `${rows} \u00d7 ${columns}`;
  const same = (U, V) => by(shape(U)) === by(shape(V));
  const map = (f, M, ...others) => M.map((row, i) => row.map((x, j) => f(x, ...others.map((O) => O[i][j]))));
  const transpose = (M) => M[0].map((_, j) => M.map((row) => row[j]));
  const times = (U, V) => U.map((row) => V[0].map((_, c) => row.reduce((s, u, k) => s + u * V[k][c], 0)));
  const largest = (M) => Math.max(...M.flat().map(Math.abs));

  // The network

  const sigmoid = (z) => (z >= 0 ? 1 : Math.exp(z)) / (1 + Math.exp(-Math.abs(z)));
  const g = [null, sigmoid, (z) => Math.max(z, 0), (z) => z];
  const slope = [null, (z) => sigmoid(z) * (1 - sigmoid(z)), (z) => (z > 0 ? 1 : 0), () => 1];

  function forward({ W, b }, X) {
    const Z = [null];
    const A = [X];
    for (let l = 1; l < W.length; l++) {
      Z[l] = times(W[l], A[l - 1]).map((row, i) => row.map((z) => z + b[l][i][0]));
      A[l] = map(g[l], Z[l]);
    }
    return { Z, A };
  }

  function error(parameters, { X, Y }) {
    const A = forward(parameters, X).A.at(-1);
    return map((a, y) => (a - y) ** 2, A, Y).flat().reduce((s, x) => s + x, 0) / (2 * X[0].length);
  }

  /** Return the derivatives of the error by central differences. */
  function differences(parameters, data, h = 1e-5) {
    const quotient = (M) =>
      M.map((row) =>
        row.map((x, j) => {
          row[j] = x + h;
          const above = error(parameters, data);
          row[j] = x - h;
          const below = error(parameters, data);
          row[j] = x;
          return (above - below) / (2 * h);
        }),
      );
    const all = (list) => list.map((M) => M && quotient(M));
    return { dW: all(parameters.W), db: all(parameters.b) };
  }

  // The factors that can be put into the formulas. Each knows its name, and its value in layer l.

  const FACTORS = {
    dZ: { symbol: "dZ", value: (p, l) => p.dZ[l] },
    dZT: { symbol: "dZ", flipped: true, value: (p, l) => p.dZ[l] && transpose(p.dZ[l]) },
    dA: { symbol: "dA", value: (p, l) => p.dA[l] },
    A: { symbol: "A", value: (p, l) => p.A[l] },
    AT: { symbol: "A", flipped: true, value: (p, l) => transpose(p.A[l]) },
    below: { symbol: "A", at: "\u207b\u00b9", value: (p, l) => p.A[l - 1] },
    belowT: { symbol: "A", at: "\u207b\u00b9", flipped: true, value: (p, l) => transpose(p.A[l - 1]) },
    ones: { word: "1 (ones)", value: (p) => p.A[0][0].map(() => [1]) },
    first: { word: "e\u2081 (column 1)", value: (p) => p.A[0][0].map((_, c) => [c ? 0 : 1]) },
    mean: { word: "1/m (each)", value: (p) => p.A[0][0].map((_, c, row) => [1 / row.length]) },
    row: { word: "1\u1d40 (a row)", value: (p) => [p.A[0][0].map(() => 1)] },
    W: { symbol: "W", value: (p, l) => p.W[l] },
    WT: { symbol: "W", flipped: true, value: (p, l) => transpose(p.W[l]) },
    newT: {
      symbol: "W",
      flipped: true,
      word: ", new W",
      value: (p, l) => p.dW[l] && transpose(map((w, d) => w - RATE * d, p.W[l], p.dW[l])),
    },
  };

  const SCALES = { "1/m": (m) => 1 / m, 1: () => 1, "1/2m": (m) => 1 / (2 * m) };
  const SLOPES = {
    z: { word: "g\u2032(Z\u02e1)", value: (p, l) => map(slope[l], p.Z[l]) },
    a: { word: "g\u2032(A\u02e1)", value: (p, l) => map(slope[l], p.A[l]) },
    ge: {
      word: "g\u2032(Z\u02e1), ReLU by \u2265",
      value: (p, l) => (l === 2 ? map((a) => (a >= 0 ? 1 : 0), p.A[l]) : map(slope[l], p.Z[l])),
    },
  };
  // The places where factors go: for each formula, left and right.
  const PLACES = {
    dW: [["dZ", "dZT", "dA", "A", "AT", "below", "belowT"], ["dZ", "dZT", "dA", "A", "AT", "below", "belowT"]],
    db: [["dZ", "dA"], ["ones", "first", "mean", "row"]],
    dA: [["W", "WT", "newT", "dZ", "dZT"], ["dZ", "dZT", "dA", "W", "WT"]],
  };

  const RIGHT = { scale: "1/m", slope: "z", dW: "dZ.belowT", db: "dZ.ones", dA: "WT.dZ" };
  const EMPTY = { scale: "", slope: "", dW: ".", db: ".", dA: "." };
  const PRESETS = {
    empty: { title: "nothing: start again", formulas: EMPTY },
    right: { title: "the right formulas", formulas: RIGHT },
    mean: { title: "mistake: no 1/m", formulas: { ...RIGHT, scale: "1" } },
    transpose: { title: "mistake: no transpose", formulas: { ...RIGHT, dA: "W.dZ" }, n: "3333" },
    slope: { title: "mistake: slope at a", formulas: { ...RIGHT, slope: "a" } },
    bias: { title: "mistake: bias from one input", formulas: { ...RIGHT, db: "dZ.first" } },
    relu: { title: "mistake: ReLU's slope by \u2265", formulas: { ...RIGHT, slope: "ge" } },
    weights: { title: "mistake: the new weights", formulas: { ...RIGHT, dA: "newT.dZ" } },
  };

  const DEFAULTS = { n: "2332", l: 2, ...EMPTY };
  const part = (name) => document.getElementById(`assemble-${name}`);
  const state = structuredClone(DEFAULTS);

  /** Return what two places hold in layer l, of the matrices p; null for what is not there. */
  const hold = (formula, p, l) => formula.split(".").map((code) => FACTORS[code]?.value(p, l) ?? null);

  /** Return the shapes of both factors, and why their product cannot be had, if so. */
  function fit(formula, p, l, like) {
    // Shapes are known before the numbers are: those of dZ are the shapes of Z.
    const [U, V] = hold(formula, { ...p, dZ: p.Z, dA: p.A, dW: p.W }, l);
    const shapes = [U && shape(U), V && shape(V)];
    if (!U || !V) return { shapes };
    const [[rows, inner], [other, columns]] = shapes;
    if (inner !== other) return { shapes, misfit: `${by(shapes[0])} times ${by(shapes[1])} does not fit: ${inner} is not ${other}` };
    if (by([rows, columns]) === by(shape(like))) return { shapes };
    return { shapes, misfit: `the product is ${by([rows, columns])}, and must be ${by(shape(like))}` };
  }

  /** Go backward with the formulas that are put together. Return dA, dZ, dW and db, null where
      something is missing or does not fit, and for each formula and layer how it fits. */
  function backward(formulas, parameters, { X, Y }) {
    const p = { ...parameters, ...forward(parameters, X), dA: [], dZ: [], dW: [], db: [], fits: { dA: [], dW: [], db: [] } };
    const L = LAYERS[0];
    const put = (name, at, l, like) => {
      p.fits[name][at] = fit(formulas[name], p, l, like);
      const [U, V] = p.fits[name][at].misfit ? [] : hold(formulas[name], p, l);
      p[name][at] = U && V ? times(U, V) : null;
    };
    const scale = SCALES[formulas.scale]?.(X[0].length);
    p.dA[L] = scale ? map((a, y) => scale * (a - y), p.A[L], Y) : null;
    for (const l of LAYERS) {
      const slopes = SLOPES[formulas.slope]?.value(p, l);
      p.dZ[l] = p.dA[l] && slopes ? map((d, s) => d * s, p.dA[l], slopes) : null;
      put("dW", l, l, p.W[l]);
      put("db", l, l, p.b[l]);
      if (l > 1) put("dA", l - 1, l, p.A[l - 1]);
    }
    return p;
  }

  const network = () => NETWORKS[state.n];

  /** Return for each dW and db how far it is from finite differences, null if there is none. */
  function compare() {
    const right = differences(structuredClone(network()), network());
    const p = backward(state, network(), network());
    const off = (ours, theirs) => ours && largest(map((x, y) => x - y, ours, theirs)) / largest(theirs);
    return Object.fromEntries(
      ["dW", "db"].map((name) => [name, right[name].map((theirs, l) => (l ? off(p[name][l], theirs) : null))]),
    );
  }

  /** Return E before and after some steps with the formulas, or null if one of them is missing. */
  function train(steps = STEPS) {
    const data = network();
    let parameters = { W: data.W, b: data.b };
    const before = error(parameters, data);
    const step = (M, dM) => M && map((x, d) => x - RATE * d, M, dM);
    for (let k = 0; k < steps; k++) {
      const { dW, db } = backward(state, parameters, data);
      if (LAYERS.some((l) => !dW[l] || !db[l])) return null;
      parameters = { W: parameters.W.map((M, l) => step(M, dW[l])), b: parameters.b.map((M, l) => step(M, db[l])) };
    }
    return { before, after: error(parameters, data) };
  }

  // The formulas on the page. Superscripts l - 1, l and l + 1 are letters.

  const AT = "\u02e1";
  const UP = "\u02e1\u207a\u00b9";

  function title(code, up) {
    const { symbol, at = "", flipped, word = "" } = FACTORS[code];
    if (!symbol) return word;
    const named = `${symbol}${up ? UP : AT + at}`;
    return `${flipped ? `(${named})\u1d40` : named}${word}`;
  }

  function chooser(id, name, options, act) {
    const select = live.html("select", { id: `assemble-${id}`, "aria-label": name });
    select.append(live.html("option", { value: "" }, "?"));
    for (const [value, text] of options) select.append(live.html("option", { value }, text));
    select.addEventListener("change", () => act(select.value));
    return select;
  }

  /** Make a tile: a name or a choice, and below it a rectangle of the matrix's shape. */
  function tile(id, top) {
    const box = live.html("div", { class: "assemble-box", id: `assemble-${id}-box` });
    return live.html("div", { class: "assemble-tile" }, top, box, live.html("div", { class: "assemble-shape", id: `assemble-${id}-shape` }));
  }

  const sign = (text) => live.html("span", { class: "assemble-sign" }, text);
  const named = (id, text) => tile(id, live.html("span", { class: "assemble-name" }, text));

  function line(id, ...parts) {
    const formula = live.html("div", { class: "assemble-formula" }, ...parts);
    part("lines").append(live.html("div", { class: "assemble-line" }, formula, live.html("p", { id: `assemble-${id}-said`, class: "live-hint" })));
  }

  function makeLines() {
    const titles = (list) => Object.entries(list).map(([code, { word }]) => [code, word ?? code]);
    line(
      "scale",
      named("scale-result", "dA\u1d38"),
      sign("="),
      chooser("scale", "Factor of the output's formula", titles(SCALES), (scale) => change({ scale })),
      named("scale-right", "(A\u1d38 \u2212 Y)"),
    );
    line(
      "slope",
      named("slope-result", `dZ${AT}`),
      sign("="),
      named("slope-left", `dA${AT}`),
      sign("\u2299"),
      tile("slope-right", chooser("slope", "Slope in the formula of dZ", titles(SLOPES), (code) => change({ slope: code }))),
    );
    for (const [name, places] of Object.entries(PLACES)) {
      const up = name === "dA";
      const tiles = places.map((codes, k) => {
        const side = ["left", "right"][k];
        const select = chooser(`${name}-${side}-choice`, `${["Left", "Right"][k]} factor of ${name}`, codes.map((code) => [code, title(code, up)]), (code) => {
          const both = state[name].split(".");
          change({ [name]: both.with(k, code).join(".") });
        });
        return tile(`${name}-${side}`, select);
      });
      line(name, named(`${name}-result`, `${name}${AT}`), sign("="), ...tiles);
    }
    part("preset").append(live.html("option", { value: "" }, "choose \u2026"));
    for (const [value, { title: text }] of Object.entries(PRESETS)) {
      part("preset").append(live.html("option", { value }, text));
    }
    part("preset").value = "";
  }

  const UNIT = 0.8; // rem for a row or a column

  /** Draw a rectangle of a shape, dashed while there are no numbers in it. */
  function rectangle(id, shapes, known) {
    const [rows, columns] = shapes ?? [1, 1];
    const box = part(`${id}-box`);
    box.style.height = `${UNIT * rows}rem`;
    box.style.width = `${UNIT * columns}rem`;
    box.classList.toggle("assemble-unknown", !known);
    part(`${id}-shape`).textContent = shapes ? by(shapes) : "?";
  }

  /** Draw the factors of a formula whose result belongs to layer l, and say how they fit. */
  function drawLine(name, p, l) {
    const { shapes, misfit } = p.fits[name][l];
    const values = hold(state[name], p, name === "dA" ? l + 1 : l);
    ["left", "right"].forEach((side, k) => rectangle(`${name}-${side}`, shapes[k], values[k]));
    rectangle(`${name}-result`, shape({ dW: p.W, db: p.b, dA: p.A }[name][l]), p[name][l]);
    const layers = Object.keys(p.fits[name]);
    const wrong = layers.filter((k) => p.fits[name][k].misfit);
    const fitting = layers.filter((k) => !wrong.includes(k));
    const from = misfit ? `${l}` : wrong[0];
    const said = part(`${name}-said`);
    said.classList.toggle("assemble-misfit", wrong.length > 0);
    if (wrong.length) {
      const others = fitting.length ? ` For l = ${fitting.join(", ")} it would fit.` : "";
      said.textContent = `For l = ${from}, ${p.fits[name][from].misfit}.${others}`;
    } else if (shapes.includes(null)) said.textContent = "Choose two factors.";
    else said.textContent = p[name][l] ? "The shapes fit." : "The shapes fit; it waits for other formulas.";
  }

  function drawLines(p) {
    const { l } = state;
    const L = LAYERS[0];
    rectangle("scale-result", shape(p.A[L]), p.dA[L]);
    rectangle("scale-right", shape(p.A[L]), true);
    part("scale-said").textContent = state.scale ? "" : "Choose a factor.";
    rectangle("slope-result", shape(p.Z[l]), p.dZ[l]);
    rectangle("slope-left", shape(p.Z[l]), p.dA[l]);
    rectangle("slope-right", state.slope ? shape(p.Z[l]) : null, state.slope);
    part("slope-said").textContent = state.slope ? "" : "Choose where the slope is taken.";
    drawLine("dW", p, l);
    drawLine("db", p, l);
    drawLine("dA", p, Math.min(l, L - 1));
  }

  // In words

  const announce = live.announcer(part("spoken"));
  const AGREES = 1e-6;

  function describe(p, off) {
    const names = LAYERS.flatMap((l) => ["dW", "db"].map((name) => ({ l, name, off: off[name][l] })));
    const missing = names.filter((one) => one.off === null);
    if (Object.values(p.fits).some((list) => list.some(({ misfit }) => misfit))) return "A product does not fit.";
    if (missing.length) return "Something is still missing.";
    const wrong = names.filter((one) => !(one.off < AGREES));
    if (!wrong.length) return "All six agree with finite differences: this is the backward pass.";
    const list = wrong.map(({ name, l }) => `${name}${"\u00b9\u00b2\u00b3"[l - 1]}`).join(", ");
    return `Every shape fits, and the gradient is wrong: ${list}.`;
  }

  function verdict(off) {
    if (off === null) return "\u2013";
    return off < AGREES ? "\u2713 agrees" : `\u2717 off by ${live.number(off, 3)}`;
  }

  function show() {
    const p = backward(state, network(), network());
    const off = compare();
    drawLines(p);
    part("n").value = state.n;
    for (const radio of document.getElementsByName("assemble-l")) radio.checked = Number(radio.value) === state.l;
    for (const name of ["scale", "slope"]) part(name).value = state[name];
    for (const name of Object.keys(PLACES)) {
      const codes = state[name].split(".");
      ["left", "right"].forEach((side, k) => (part(`${name}-${side}-choice`).value = codes[k]));
    }
    part("rows").replaceChildren(
      ...LAYERS.map((l) => {
        const cells = ["dW", "db"].map((name) => live.html("td", {}, verdict(off[name][l])));
        return live.html("tr", {}, live.html("th", { scope: "row" }, `${l}`), ...cells);
      }),
    );
    const said = describe(p, off);
    part("status").textContent = said;
    const trained = train();
    part("training").textContent = trained
      ? `${STEPS} steps with these formulas, at rate ${RATE}: E goes from ${live.number(trained.before, 3)} to ${live.number(trained.after, 3)}.`
      : "";
    return `${said} ${part("training").textContent}`;
  }

  // Acting

  function change(changes) {
    Object.assign(state, changes);
    announce(show());
    write(state);
  }

  function preset(name) {
    const { formulas, n } = PRESETS[name];
    change({ ...formulas, ...(n ? { n } : {}) });
    part("preset").value = "";
  }

  /** Take a state from the address; what it calls by a name that does not exist stays empty. */
  function take(given) {
    const pair = (name) => {
      const codes = given[name].split(".");
      return PLACES[name].map((allowed, k) => (allowed.includes(codes[k]) ? codes[k] : "")).join(".");
    };
    Object.assign(state, {
      n: given.n in NETWORKS ? given.n : DEFAULTS.n,
      l: LAYERS.includes(given.l) ? given.l : DEFAULTS.l,
      scale: given.scale in SCALES ? given.scale : "",
      slope: given.slope in SLOPES ? given.slope : "",
      dW: pair("dW"),
      db: pair("db"),
      dA: pair("dA"),
    });
    show();
  }

  live.show("assemble");
  makeLines();
  part("n").addEventListener("change", () => change({ n: part("n").value }));
  part("preset").addEventListener("change", () => part("preset").value && preset(part("preset").value));
  for (const radio of document.getElementsByName("assemble-l")) {
    radio.addEventListener("change", () => change({ l: Number(radio.value) }));
  }
  show();
  const write = live.address("assemble", DEFAULTS, take);
  return { state, network, networks: NETWORKS, presets: PRESETS, backward, differences, compare, train };
})();

/* Chapter 6: the example network forward and backward, and what its derivatives predict of a nudge. */
"use strict";

const nudge = (() => {
  const LN3 = Math.log(3);
  const EXAMPLE = {
    W: [null, [[LN3, -LN3], [2 * LN3, LN3]], [[5, -2]]],
    b: [null, [-LN3, -3 * LN3], [-1]],
  };
  const X = [[1, 1, 2], [0, 2, -1]];
  const Y = [4, 1, 1];
  const M = Y.length; // inputs

  // The parameters, in the order of pack: layer, row, and column unless it is a bias.
  const PARAMETERS = [
    ["W111", 1, 0, 0], ["W112", 1, 0, 1], ["W121", 1, 1, 0], ["W122", 1, 1, 1], ["b11", 1, 0], ["b12", 1, 1],
    ["W211", 2, 0, 0], ["W212", 2, 0, 1], ["b21", 2, 0],
  ].map(([name, l, i, j]) => ({ name, l, i, j }));
  const STEPS = 7;
  const UP = "\u2070\u00b9\u00b2";
  const DOWN = "\u2080\u2081\u2082\u2083";

  // The network

  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  const inputs = [0, 1, 2];

  /** Return A of all layers and E, each A with a row for each node and a column for each input. */
  function forward({ W, b }) {
    const sums = (l, A) => W[l].map((row, i) => inputs.map((c) => row.reduce((z, w, j) => z + w * A[j][c], b[l][i])));
    const Z = [null, sums(1, X)];
    const A = [X, Z[1].map((row) => row.map(sigmoid))];
    A[2] = Z[2] = sums(2, A[1]);
    const E = inputs.reduce((s, c) => s + (A[2][0][c] - Y[c]) ** 2, 0) / (2 * M);
    return { Z, A, E };
  }

  /** Return dZ, dW and db by the sums of the chapter. */
  function backward({ W }, { A }) {
    const dZ = [null, null, [inputs.map((c) => (A[2][0][c] - Y[c]) / M)]];
    dZ[1] = A[1].map((row, j) => row.map((a, c) => W[2][0][j] * dZ[2][0][c] * a * (1 - a)));
    const dW = [1, 2].map((l) => dZ[l].map((blame) => A[l - 1].map((row) => row.reduce((s, a, c) => s + blame[c] * a, 0))));
    const db = [1, 2].map((l) => dZ[l].map((blame) => blame.reduce((s, d) => s + d, 0)));
    return { dZ, dW: [null, ...dW], db: [null, ...db] };
  }

  const before = forward(EXAMPLE);
  const derivatives = backward(EXAMPLE, before);
  const of = ({ W, b }, { l, i, j }) => (j === undefined ? b[l][i] : W[l][i][j]);
  const slope = (parameter) => of({ W: derivatives.dW, b: derivatives.db }, parameter);

  /** Return the example with one parameter raised. */
  function nudged({ l, i, j }, by) {
    const network = structuredClone(EXAMPLE);
    if (j === undefined) network.b[l][i] += by;
    else network.W[l][i][j] += by;
    return network;
  }

  // State

  const DEFAULTS = { step: STEPS, c: 1, name: "W121", by: 0.01 };
  const part = (name) => document.getElementById(`nudge-${name}`);
  const state = structuredClone(DEFAULTS);
  const chosen = () => PARAMETERS.find(({ name }) => name === state.name);

  /** Return what the derivative predicts of a nudge, and what happens. */
  function compare(parameter) {
    const truth = forward(nudged(parameter, state.by)).E - before.E;
    return { prediction: slope(parameter) * state.by, truth };
  }

  // What is known after a step: activations of layer l, E, blame of layer l, derivatives of layer l.
  const known = {
    A: (l) => state.step >= l,
    E: () => state.step >= 3,
    dZ: (l) => state.step >= (l === 2 ? 4 : 6),
    dW: (l) => state.step >= (l === 2 ? 5 : 7),
  };

  // The picture

  live.show("nudge");
  const plot = live.plot(part("plot"), { x: [0, 1], y: [0, 1], ratio: (width) => (width < 450 ? 1.05 : 0.8) }, draw);
  const PLACE = [[[0.11, 0.78], [0.11, 0.2]], [[0.47, 0.78], [0.47, 0.2]], [[0.87, 0.6]]];
  const E_AT = [0.87, 0.15];
  const short = (value) => live.fixed(value, 3);
  const symbol = ({ l, i, j }) => `${j === undefined ? "b" : "W"}${UP[l]}${DOWN[i + 1]}${j === undefined ? "" : DOWN[j + 1]}`;

  function text(at, dy, words, style) {
    const place = { x: live.clamp(plot.X(at[0]), 30, plot.width - 30), y: plot.Y(at[1]) + dy, "text-anchor": "middle" };
    return live.svg("text", { ...place, class: `live-label ${style}` }, words);
  }

  function drawLink({ l, i, j, name }) {
    const [[x0, y0], [x1, y1]] = [PLACE[l - 1][j], PLACE[l][i]];
    const d = `M${plot.X(x0)} ${plot.Y(y0)}L${plot.X(x1)} ${plot.Y(y1)}`;
    const target = live.svg("path", { d, class: "nudge-target" });
    target.addEventListener("pointerdown", () => change({ name }));
    const share = l === 2 ? 0.48 : i === j ? 0.52 : 0.3; // where no links cross
    const at = [x0 + share * (x1 - x0), y0 + share * (y1 - y0)];
    const parameter = { l, i, j };
    const words = known.dW(l) ? short(slope(parameter)) : short(of(EXAMPLE, parameter));
    const style = `nudge-link ${name === state.name ? "live-chosen" : ""}`;
    return [
      live.svg("path", { d, class: style }),
      target,
      text(at, 5, words, known.dW(l) ? "nudge-blame nudge-on-link" : "nudge-on-link"),
    ];
  }

  function drawNode(at, name, value, after, blame) {
    const moved = after !== null && short(after) !== short(value);
    const r = 17;
    return [
      live.svg("circle", { cx: plot.X(at[0]), cy: plot.Y(at[1]), r, class: `nudge-node ${moved ? "nudge-moved" : ""}` }),
      live.svg("text", { x: plot.X(at[0]), y: plot.Y(at[1]) + 5, "text-anchor": "middle" }, name),
      value === null ? [] : text(at, -r - 8, short(value), "nudge-value"),
      moved ? text(at, name === "E" ? r + 19 : -r - 27, `\u2192 ${short(after)}`, "nudge-after") : [],
      blame === null ? [] : text(at, r + 19, short(blame), "nudge-blame"),
    ];
  }

  function draw() {
    const c = state.c - 1;
    const after = forward(nudged(chosen(), state.by));
    const nodes = PLACE.flatMap((layer, l) =>
      layer.map((at, i) => {
        const value = known.A(l) ? before.A[l][i][c] : null;
        const blame = l && known.dZ(l) ? derivatives.dZ[l][i][c] : null;
        return drawNode(at, `A${UP[l]}${DOWN[i + 1]}`, value, l && known.A(l) ? after.A[l][i][c] : null, blame);
      }),
    );
    const [from, to] = [PLACE[2][0], E_AT].map(([x, y]) => [plot.X(x), plot.Y(y)]);
    plot.show(
      live.svg("path", { d: `M${from}L${to}`, class: "nudge-link" }),
      PARAMETERS.filter(({ j }) => j !== undefined).map(drawLink),
      nodes,
      drawNode(E_AT, "E", known.E() ? before.E : null, known.E() ? after.E : null, null),
    );
  }

  // In words and numbers

  const announce = live.announcer(part("spoken"));
  const signed = (value) => (value < 0 ? `(${short(value)})` : short(value));

  /** Say what the last step did, with the numbers of the input that is shown. */
  function describe() {
    const c = state.c - 1;
    const { Z, A, E } = before;
    const { dZ, dW } = derivatives;
    const hidden = (f) => [0, 1].map(f).join(", and ");
    const says = [
      () => "Only the inputs are known.",
      () => `Forward through layer 1. ${hidden((i) => `A\u00b9${DOWN[i + 1]} = \u03c3(${short(Z[1][i][c])}) = ${short(A[1][i][c])}`)}.`,
      () => `Forward through layer 2. The output is ${short(A[2][0][c])} and should be ${Y[c]}.`,
      () => `All three outputs together give E = ${short(E)}.`,
      () => `Backward: the output is off by ${short(A[2][0][c] - Y[c])}, and a third of that is its blame, ${short(dZ[2][0][c])}.`,
      () => `Blame times activation, added up over the inputs: dW\u00b2\u2081\u2081 = ${short(dW[2][0][0])}, and dW\u00b2\u2081\u2082 = ${short(dW[2][0][1])}.`,
      () => `Weight times blame times slope: ${hidden((i) => `${signed(EXAMPLE.W[2][0][i])} \u00b7 ${signed(dZ[2][0][c])} \u00b7 ${short(A[1][i][c] * (1 - A[1][i][c]))} = ${short(dZ[1][i][c])}`)}.`,
      () => `Blame times input, added up over the inputs: dW\u00b9\u2082\u2081 = ${inputs.map((k) => `${signed(dZ[1][1][k])} \u00b7 ${X[0][k]}`).join(" + ")} = ${short(dW[1][1][0])}.`,
    ];
    return `Step ${state.step} of ${STEPS}. ${says[state.step]()}`;
  }

  function verdict() {
    const parameter = chosen();
    const { prediction, truth } = compare(parameter);
    const name = symbol(parameter);
    if (!known.dW(parameter.l)) return `The backward pass has not reached ${name} yet.`;
    return `Nudge ${name} by ${live.fixed(state.by)}. Predicted change of E: ${short(slope(parameter))} \u00b7 ${live.fixed(state.by)} = ${live.fixed(prediction, 5)}. True change: ${live.fixed(truth, 5)}.`;
  }

  function listNumbers() {
    const rows = PARAMETERS.map((parameter) => {
      const { prediction, truth } = compare(parameter);
      const reached = known.dW(parameter.l);
      const numbers = [
        short(of(EXAMPLE, parameter)),
        reached ? short(slope(parameter)) : "\u2013",
        reached ? live.fixed(prediction, 5) : "\u2013",
        live.fixed(truth, 5),
      ];
      const cells = numbers.map((number) => live.html("td", {}, number));
      const style = parameter.name === state.name ? "live-chosen" : "";
      return live.html("tr", { class: style }, live.html("th", { scope: "row" }, symbol(parameter)), ...cells);
    });
    part("rows").replaceChildren(...rows);
  }

  function show() {
    draw();
    listNumbers();
    part("status").textContent = describe();
    part("verdict").textContent = verdict();
    part("name").value = state.name;
    part("by").value = state.by;
    part("by-value").textContent = live.fixed(state.by);
    for (const radio of document.getElementsByName("nudge-c")) radio.checked = Number(radio.value) === state.c;
    for (const name of ["start", "back"]) part(name).disabled = state.step === 0;
    for (const name of ["step", "all"]) part(name).disabled = state.step === STEPS;
  }

  // Acting

  function change(changes) {
    Object.assign(state, changes);
    show();
    announce("step" in changes || "c" in changes ? describe() : verdict());
    write(state);
  }

  /** Take a state from the address; what makes no sense there is left at its default. */
  function take(given) {
    const one = (value, list, otherwise) => (list.includes(value) ? value : otherwise);
    Object.assign(state, {
      step: one(given.step, [...Array(STEPS + 1).keys()], DEFAULTS.step),
      c: one(given.c, [1, 2, 3], DEFAULTS.c),
      name: one(given.name, PARAMETERS.map(({ name }) => name), DEFAULTS.name),
      by: +live.clamp(given.by, -1, 1).toFixed(2),
    });
    show();
  }

  for (const parameter of PARAMETERS) {
    part("name").append(live.html("option", { value: parameter.name }, symbol(parameter)));
  }
  part("name").addEventListener("change", () => change({ name: part("name").value }));
  part("by").addEventListener("input", () => change({ by: part("by").valueAsNumber }));
  part("start").addEventListener("click", () => change({ step: 0 }));
  part("back").addEventListener("click", () => change({ step: Math.max(0, state.step - 1) }));
  part("step").addEventListener("click", () => change({ step: Math.min(STEPS, state.step + 1) }));
  part("all").addEventListener("click", () => change({ step: STEPS }));
  for (const radio of document.getElementsByName("nudge-c")) {
    radio.addEventListener("change", () => change({ c: Number(radio.value) }));
  }
  show();
  const write = live.address("nudge", DEFAULTS, take);
  return { state, before, derivatives, compare, parameters: PARAMETERS };
})();

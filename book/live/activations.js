/* The activation functions of chapter 8 with their derivatives, tangents and saturation. */
"use strict";

const activations = (() => {
  const { abs, exp, log1p, max, min, sqrt, tanh, PI } = Math;

  // As in nnlib/activations.py: g(z), and g'(z) given z and a = g(z).

  const sigmoid = (z) => (z >= 0 ? 1 : exp(z)) / (1 + exp(-abs(z)));

  /** Return T = tanh(u(z)), u'(z) and z itself, clipped where T is -1 or 1 to the last digit. */
  function geluParts(z) {
    const c = min(max(z, -10), 10);
    const s = sqrt(2 / PI);
    return [tanh(s * (c + 0.044715 * c ** 3)), s * (1 + 0.134145 * c ** 2), c];
  }

  function dgelu(z) {
    const [T, du, c] = geluParts(z);
    return 0.5 * (1 + T) + 0.5 * c * (1 - T ** 2) * du;
  }

  const functions = {
    identity: { g: (z) => z, dg: () => 1 },
    sigmoid: { g: sigmoid, dg: (z, a) => a * (1 - a) },
    tanh: { g: tanh, dg: (z, a) => 1 - a ** 2 },
    relu: { g: (z) => max(z, 0), dg: (z) => (z > 0 ? 1 : 0) },
    leaky_relu: { g: (z) => max(z, 0.01 * z), dg: (z) => (z > 0 ? 1 : 0.01) },
    softplus: { g: (z) => max(0, z) + log1p(exp(-abs(z))), dg: sigmoid },
    gelu: { g: (z) => z * (0.5 * (1 + geluParts(z)[0])), dg: dgelu },
  };
  const TITLES = { relu: "ReLU", leaky_relu: "leaky ReLU", gelu: "GELU" };
  const SATURATED = 0.01;

  /** Return g(z) and g'(z). */
  function at(name, z) {
    const { g, dg } = functions[name];
    const a = g(z);
    return [a, dg(z, a)];
  }

  // The plot. On a wide page a unit of g is drawn 100 / 52 times as long as one of z.

  const part = (name) => document.getElementById(`activation-${name}`);
  const DEFAULTS = { g: "sigmoid", z: 1 };
  const state = { name: "sigmoid", z: 1 };
  const inside = (value) => abs(value) < 4; // the plot's frame cuts off the rest
  const grid = Array.from({ length: 1001 }, (_, k) => (k - 500) / 100);
  const ratio = (width) => (width < 450 ? 0.85 : (3.5 * 100) / (10.4 * 52));
  live.show("activations");
  const plot = live.plot(part("plot"), { x: [-5.2, 5.2], y: [-1.25, 2.25], ratio }, draw);

  /** Return a curve through values on the grid, lifting the pen where it jumps. */
  function curve(values, style) {
    const jumps = [...values.keys()].filter((k) => k > 0 && abs(values[k] - values[k - 1]) > 0.2);
    const starts = [0, ...jumps, grid.length];
    return starts.slice(1).map((end, i) => {
      const points = grid.slice(starts[i], end).map((z, k) => [z, values[starts[i] + k]]);
      return plot.curve(points, style);
    });
  }

  function saturated(slopes) {
    const flat = grid.filter((_, k) => abs(slopes[k]) < SATURATED);
    const wide = plot.X(0.012) - plot.X(0);
    const d = flat.map((z) => `M${plot.X(z - 0.006).toFixed(2)} 0h${wide}v${plot.height}h${-wide}z`);
    return live.svg("path", { d: d.join(""), class: "activation-flat" });
  }

  /** Return the tangent at z, and the points of both curves there. */
  function here() {
    const { name, z } = state;
    const [a, slope] = at(name, z);
    if (abs(z) > 5 || !inside(a)) return [];
    const end = (dz) => `${plot.X(z + dz)} ${plot.Y(a + slope * dz)}`;
    return [
      live.svg("path", { d: `M${plot.X(z)} 0V${plot.height}`, class: "activation-here" }),
      live.svg("path", { d: `M${end(-1.5)}L${end(1.5)}`, class: "activation-tangent" }),
      plot.dot([z, a], "activation-dot-g"),
      plot.dot([z, slope], "activation-dot-dg"),
    ];
  }

  function draw() {
    const both = grid.map((z) => at(state.name, z));
    const [values, slopes] = [0, 1].map((i) => both.map((pair) => pair[i]));
    plot.show(
      saturated(slopes),
      plot.axes(["z", ""]),
      curve(values, "activation-g"),
      curve(slopes, "activation-dg"),
      here(),
    );
  }

  // In words and numbers

  const announce = live.announcer(part("spoken"));
  const title = (name) => TITLES[name] ?? name;

  function describe() {
    const { name, z } = state;
    const [a, slope] = at(name, z);
    const flat = abs(slope) < SATURATED ? ", saturated" : "";
    const at_z = `at z = ${live.number(z)} is ${live.number(a)}`;
    return `${title(name)} ${at_z}, with slope ${live.number(slope)}${flat}.`;
  }

  function listValues() {
    for (const row of part("values").rows) {
      const [a, slope] = at(row.dataset.name, state.z);
      [a, slope, slope ** 10].forEach((value, k) => {
        row.cells[k + 1].textContent = live.number(value);
      });
      row.className = row.dataset.name === state.name ? "live-chosen" : "";
    }
  }

  function show() {
    draw();
    listValues();
    part("status").textContent = describe();
  }

  // Acting

  function change() {
    show();
    announce(describe());
    write({ g: state.name, z: state.z });
  }

  function choose(name) {
    state.name = name;
    change();
  }

  function setZ(z, source) {
    if (!Number.isFinite(z)) return;
    state.z = z;
    for (const name of ["slider", "number"]) if (name !== source) part(name).value = z;
    change();
  }

  function take({ g, z }) {
    state.name = g in functions ? g : DEFAULTS.g;
    for (const radio of document.getElementsByName("activation")) radio.checked = radio.value === state.name;
    state.z = z;
    for (const name of ["slider", "number"]) part(name).value = z;
    show();
  }

  function addRow(name) {
    const radio = live.html("input", { type: "radio", name: "activation", value: name });
    radio.checked = name === state.name;
    radio.addEventListener("change", () => choose(name));
    const head = live.html("th", { scope: "row" }, live.html("label", {}, radio, ` ${title(name)}`));
    const cells = [1, 2, 3].map(() => live.html("td"));
    part("values").append(live.html("tr", { "data-name": name }, head, ...cells));
  }

  Object.keys(functions).forEach(addRow);
  for (const name of ["slider", "number"]) {
    part(name).addEventListener("input", () => setZ(part(name).valueAsNumber, name));
  }
  live.onDrag(part("plot"), [10.4, 1], (right) => setZ(Math.round(min(max(right - 5.2, -5), 5) * 20) / 20));
  take(DEFAULTS);
  const write = live.address("activations", DEFAULTS, take);
  return { at, names: Object.keys(functions), state };
})();

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

  // The plot: z from -5 to 5, values from -1.2 to 2.2

  const part = (name) => document.getElementById(`activation-${name}`);
  const state = { name: "sigmoid", z: 1 };
  const X = (z) => 270 + 52 * z;
  const Y = (value) => 225 - 100 * value;
  const inside = (value) => abs(value) < 4; // the plot's frame cuts off the rest
  const grid = Array.from({ length: 1001 }, (_, k) => (k - 500) / 100);

  /** Return the path of a curve, lifting the pen where it jumps. */
  function curve(values) {
    const jumps = (k) => k > 0 && abs(values[k] - values[k - 1]) > 0.2;
    const points = values.map((value, k) => {
      return `${k === 0 || jumps(k) ? "M" : "L"}${X(grid[k]).toFixed(1)} ${Y(value).toFixed(2)}`;
    });
    return points.join("");
  }

  function axes() {
    const horizontal = [-1, 0, 1, 2].map((value) => `M10 ${Y(value)}H530`);
    const vertical = [-4, -2, 0, 2, 4].map((z) => `M${X(z)} 5V345`);
    const sign = (value) => `${value}`.replace("-", "\u2212");
    const below = { y: Y(0) + 22, "text-anchor": "middle" };
    const labels = [-4, -2, 2, 4].map((z) => live.svg("text", { x: X(z), ...below }, sign(z)));
    const left = { x: X(0) - 6, "text-anchor": "end" };
    labels.push(...[-1, 1, 2].map((v) => live.svg("text", { y: Y(v) + 5, ...left }, sign(v))));
    return [
      live.svg("path", { d: [...horizontal, ...vertical].join(""), class: "live-grid" }),
      live.svg("path", { d: `M10 ${Y(0)}H530M${X(0)} 5V345`, class: "live-axis" }),
      live.svg("text", { x: 518, y: Y(0) - 8 }, "z"),
      ...labels,
    ];
  }

  function saturated(slopes) {
    const flat = grid.filter((_, k) => abs(slopes[k]) < SATURATED);
    const d = flat.map((z) => `M${X(z - 0.005).toFixed(2)} 5h0.6v340h-0.6z`).join("");
    return live.svg("path", { d, class: "activation-flat" });
  }

  function drawFunction() {
    const both = grid.map((z) => at(state.name, z));
    const [values, slopes] = [0, 1].map((i) => both.map((pair) => pair[i]));
    part("plot").replaceChildren(
      saturated(slopes),
      ...axes(),
      live.svg("path", { d: curve(values), class: "activation-g" }),
      live.svg("path", { d: curve(slopes), class: "activation-dg" }),
      live.svg("g", { id: "activation-point" }),
    );
  }

  function drawPoint() {
    const { name, z } = state;
    const [a, slope] = at(name, z);
    const end = (dz) => `${X(z + dz)} ${Y(a + slope * dz)}`;
    const dot = (value, style) => live.svg("circle", { cx: X(z), cy: Y(value), r: 6, class: style });
    part("point").replaceChildren(
      ...(abs(z) > 5 || !inside(a)
        ? []
        : [
            live.svg("path", { d: `M${X(z)} 5V345`, class: "activation-here" }),
            live.svg("path", { d: `M${end(-1.5)}L${end(1.5)}`, class: "activation-tangent" }),
            dot(a, "activation-dot-g"),
            dot(slope, "activation-dot-dg"),
          ]),
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
    drawPoint();
    listValues();
    part("status").textContent = describe();
    announce(describe());
  }

  // Acting

  function choose(name) {
    state.name = name;
    drawFunction();
    show();
  }

  function setZ(z, source) {
    if (!Number.isFinite(z)) return;
    state.z = z;
    for (const name of ["slider", "number"]) if (name !== source) part(name).value = z;
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

  function setUp() {
    Object.keys(functions).forEach(addRow);
    for (const name of ["slider", "number"]) {
      part(name).addEventListener("input", () => setZ(part(name).valueAsNumber, name));
    }
    live.onDrag(part("plot"), [540, 350], (x) => setZ(Math.round(min(max((x - 270) / 52, -5), 5) * 20) / 20));
    drawFunction();
    setZ(state.z);
    live.show(part("plot").closest(".live"));
  }

  setUp();
  return { at, names: Object.keys(functions), state };
})();

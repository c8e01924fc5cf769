/* The activation functions of chapter 8 with their derivatives, tangents and saturation. */
"use strict";

const activations = (() => {
  const { abs, max, min } = Math;

  const functions = live.activations;
  const SATURATED = 0.01;
  const LAYERS = 10; // whose slopes are multiplied

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

  // Ten slopes multiplied. The first bar is the 1 that comes in.

  const powers = () => {
    const [, slope] = at(state.name, state.z);
    return Array.from({ length: LAYERS + 1 }, (_, k) => slope ** k);
  };
  const bars = live.plot(part("bars"), { x: [-0.7, 10.7], y: [-0.25, 1.25], ratio: (width) => (width < 450 ? 0.42 : 0.3) }, drawBars);

  function drawBars() {
    const all = powers();
    const [most, least] = [max(1, ...all), min(0, ...all)];
    bars.y = [(least < 0 ? 1.15 * least : 0) - 0.3 * most, 1.4 * most]; // room for the numbers
    const wide = 0.6 * (bars.X(1) - bars.X(0));
    bars.show(
      live.svg("path", { d: `M0 ${bars.Y(0)}H${bars.width}`, class: "live-axis" }),
      all.map((value, k) => {
        const [top, bottom] = [min(bars.Y(value), bars.Y(0)), max(bars.Y(value), bars.Y(0))];
        const size = { x: bars.X(k) - wide / 2, y: top, width: wide, height: max(bottom - top, value ? 1 : 0) };
        return live.svg("rect", { ...size, class: k ? "activation-bar" : "activation-bar activation-bar-first" });
      }),
      all.slice(0, 2).map((value, k) => {
        const y = min(bars.Y(value), bars.Y(0)) - 5;
        return live.svg("text", { x: bars.X(k), y, class: "live-tick", "text-anchor": "middle" }, live.number(value, 2));
      }),
      all.map((_, k) => {
        const y = bars.height - 4;
        return live.svg("text", { x: bars.X(k), y, class: "live-tick", "text-anchor": "middle" }, `${k}`);
      }),
      live.svg("text", { x: bars.width - 6, y: min(bars.Y(all[LAYERS]), bars.Y(0)) - 8, class: "live-label", "text-anchor": "end" }, live.number(all[LAYERS], 2)),
    );
  }

  // In words and numbers

  const announce = live.announcer(part("spoken"));
  const title = (name) => functions[name].title;

  function describe() {
    const { name, z } = state;
    const [a, slope] = at(name, z);
    const flat = abs(slope) < SATURATED ? ", saturated" : "";
    const at_z = `at z = ${live.number(z)} is ${live.number(a)}`;
    return `${title(name)} ${at_z}, with slope ${live.number(slope)}${flat}.`;
  }

  const left = () => `Ten such slopes make ${live.number(powers()[LAYERS])} of a 1.`;

  function show() {
    draw();
    drawBars();
    part("status").textContent = describe();
    part("left").textContent = left();
  }

  // Acting

  function change() {
    show();
    announce(`${describe()} ${left()}`);
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

  function addChoice(name) {
    const radio = live.html("input", { type: "radio", name: "activation", value: name });
    radio.checked = name === state.name;
    radio.addEventListener("change", () => choose(name));
    part("choice").append(live.html("label", {}, radio, ` ${title(name)}`));
  }

  Object.keys(functions).forEach(addChoice);
  for (const name of ["slider", "number"]) {
    part(name).addEventListener("input", () => setZ(part(name).valueAsNumber, name));
  }
  live.onDrag(part("plot"), [10.4, 1], (right) => setZ(Math.round(min(max(right - 5.2, -5), 5) * 20) / 20));
  take(DEFAULTS);
  const write = live.address("activations", DEFAULTS, take);
  return { at, powers, names: Object.keys(functions), state };
})();

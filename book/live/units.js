/* Chapter 2: the hidden units of a network n = (1, k, 1), what each adds, and the sum. */
"use strict";

const units = (() => {
  const MOST = 4; // units
  const LIMITS = { w: 8, b: 24, v: 4, c: 3, x: 3 };
  const NAMES = { sigmoid: "\u03c3", relu: "relu", tanh: "tanh" };

  const sigmoid = (z) => (z >= 0 ? 1 : Math.exp(z)) / (1 + Math.exp(-Math.abs(z)));
  const functions = { sigmoid, relu: (z) => Math.max(z, 0), tanh: Math.tanh };
  const targets = {
    plateau: (x) => 1.5 * (sigmoid(5 * (x + 1)) - sigmoid(5 * (x - 1))), // two sigmoids
    tent: (x) => Math.max(0, 1.5 - Math.abs(x)), // three ReLUs
    wave: (x) => Math.sin(2 * x), // nothing exactly
    none: null,
  };

  // State

  const DEFAULTS = { g: "sigmoid", target: "plateau", w: [2, 2], b: [3, -1], v: [1, -0.5], c: 0, x: 0.5 };
  const part = (name) => document.getElementById(`units-${name}`);
  const state = structuredClone(DEFAULTS);
  let chosen = 0;
  const grid = Array.from({ length: 601 }, (_, k) => (k - 300) / 100);

  /** Return z, a and what it adds for each hidden unit at x, and the network's output N(x). */
  function at(x) {
    const { w, b, v, c } = state;
    const z = w.map((w_i, i) => w_i * x + b[i]);
    const a = z.map(functions[state.g]);
    const terms = a.map((a_i, i) => v[i] * a_i);
    return { z, a, terms, N: terms.reduce((s, term) => s + term, c) };
  }

  /** Return the largest distance from the target on the grid from -3 to 3, and where it is. */
  function distance() {
    const target = targets[state.target];
    if (!target) return null;
    const gaps = grid.map((x) => Math.abs(at(x).N - target(x)));
    const largest = Math.max(...gaps);
    return { largest, x: grid[gaps.indexOf(largest)] };
  }

  // The plot

  live.show("units");
  const ratio = (width) => (width < 450 ? 0.9 : 0.66);
  const plot = live.plot(part("plot"), { x: [-3, 3], y: [-2.5, 2.5], ratio }, draw);

  // Of a unit, the disk is where z = 0, and the diamond where z = 1.

  const center = (i) => -state.b[i] / state.w[i];
  const disks = Array.from({ length: MOST }, (_, i) =>
    plot.handle(`Unit ${i + 1}: where z is 0`, `${i + 1}`, [-3, 3], {
      move: (x) => moveUnit(i, x),
      step: (right) => moveUnit(i, center(i) + 0.1 * right),
      choose: () => choose(i),
    }),
  );
  const diamond = plot.handle("Chosen unit: weight and outgoing weight", "", [-LIMITS.w, LIMITS.w], {
    move: (x, y) => {
      const gap = x - center(chosen);
      const w = Math.abs(gap) < 1 / LIMITS.w ? LIMITS.w * Math.sign(state.w[chosen]) : 1 / gap;
      reshape(w, y / functions[state.g](1));
    },
    step: (right, up) => reshape(state.w[chosen] + 0.1 * right, state.v[chosen] + 0.05 * up),
  });

  function draw() {
    const { w, v, x } = state;
    const values = grid.map(at);
    const target = targets[state.target];
    const sum = grid.map((u, k) => [u, values[k].N]);
    const pieces = w.map((_, i) => {
      const line = plot.curve(grid.map((u, k) => [u, values[k].terms[i]]), `units-piece units-${i + 1}`);
      line.classList.toggle("live-chosen", i === chosen);
      return line;
    });
    const name = (text, y, style) => {
      const place = live.clamp(plot.Y(y) - 8, 16, plot.height - 6);
      return live.svg("text", { x: plot.width - 8, y: place, class: style, "text-anchor": "end" }, text);
    };
    plot.show(
      plot.axes(["x", ""]),
      live.svg("path", { d: `M${plot.X(x)} 0V${plot.height}`, class: "units-here" }),
      target ? plot.curve(grid.map((u) => [u, target(u)]), "units-target") : [],
      pieces,
      plot.curve(sum, "units-sum"),
      plot.dot([x, at(x).N], "units-dot"),
      name("sum N", sum.at(-1)[1], "live-label"),
    );
    const g = functions[state.g];
    disks.forEach((put, i) => {
      const element = put(i < w.length && w[i] ? [center(i), v[i] * g(0)] : null, center(i), `x = ${live.fixed(center(i))}`);
      element.classList.toggle("live-chosen", i === chosen);
      element.classList.add(`units-${i + 1}`);
    });
    const said = `w = ${live.fixed(w[chosen])}, v = ${live.fixed(v[chosen])}`;
    const top = [(1 - state.b[chosen]) / w[chosen], v[chosen] * g(1)];
    diamond(w[chosen] ? top : null, w[chosen], said);
  }

  // In words and numbers

  const announce = live.announcer(part("spoken"));

  function describe() {
    const gap = distance();
    if (!gap) return "No target.";
    const where = gap.largest < 0.01 ? "You have hit it." : `It is largest at x = ${live.fixed(gap.x)}.`;
    return `Distance from the target: at most ${live.fixed(gap.largest, 3)}. ${where}`;
  }

  function formula() {
    const signed = (value) => `${value < 0 ? "\u2212" : "+"} ${live.fixed(Math.abs(value))}`;
    const terms = state.w.map(
      (w, i) => `${signed(state.v[i])} ${NAMES[state.g]}(${live.fixed(w)} x ${signed(state.b[i])})`,
    );
    return `N(x) = ${terms.join(" ")} ${signed(state.c)}`.replace("= + ", "= ");
  }

  function listNumbers() {
    const { z, a, terms, N } = at(state.x);
    const row = (name, cells, style = "") => {
      const tds = cells.map((cell) => live.html("td", {}, typeof cell === "number" ? live.fixed(cell, 3) : cell));
      return live.html("tr", { class: style }, live.html("th", { scope: "row" }, name), ...tds);
    };
    part("rows").replaceChildren(
      ...z.map((z_i, i) => {
        const numbers = [z_i, a[i], state.v[i], terms[i]];
        return row(`${i + 1}`, numbers, i === chosen ? "live-chosen" : "");
      }),
      row("c", ["", "", "", state.c]),
      row("N(x)", ["", "", "", N], "live-total"),
    );
  }

  function showControls() {
    const { w, g, target } = state;
    for (const name of ["w", "b", "v"]) {
      part(name).value = state[name][chosen];
      part(`${name}-value`).textContent = live.fixed(state[name][chosen]);
    }
    for (const name of ["c", "x"]) {
      part(name).value = state[name];
      part(`${name}-value`).textContent = live.fixed(state[name]);
    }
    part("target").value = target;
    for (const radio of document.getElementsByName("units-g")) radio.checked = radio.value === g;
    [...part("choice").children].forEach((label, i) => {
      label.hidden = i >= w.length;
      label.firstChild.checked = i === chosen;
    });
    part("add").disabled = w.length === MOST;
    part("remove").disabled = w.length === 1;
  }

  function show() {
    draw();
    showControls();
    listNumbers();
    part("formula").textContent = formula();
    part("status").textContent = describe();
  }

  // Acting

  function change(changes) {
    Object.assign(state, changes);
    show();
    announce(describe());
    write(state);
  }

  function choose(i) {
    chosen = i;
    show();
  }

  function setUnit(i, values) {
    const next = {};
    for (const [name, value] of Object.entries(values)) {
      next[name] = state[name].with(i, limited(name, value));
    }
    change(next);
  }

  const limited = (name, value) => +live.clamp(value, -LIMITS[name], LIMITS[name]).toFixed(2);
  const moveUnit = (i, x) => setUnit(i, { b: -state.w[i] * live.clamp(x, -3, 3) });

  /** Set weight and outgoing weight of the chosen unit, which stays where it is. */
  function reshape(w, v) {
    const steep = limited("w", w);
    if (steep) setUnit(chosen, { w: steep, b: -steep * center(chosen), v });
  }

  function add() {
    const { w, b, v } = state;
    chosen = w.length;
    change({ w: [...w, 2], b: [...b, 0], v: [...v, 1] });
  }

  function remove() {
    const without = (list) => list.toSpliced(gone, 1);
    const gone = chosen;
    chosen = Math.max(0, chosen - 1);
    change({ w: without(state.w), b: without(state.b), v: without(state.v) });
  }

  /** Take a state from the address, with as many units as it has weights w. */
  function take(given) {
    const w = given.w.slice(0, MOST);
    const list = (name) => w.map((_, i) => limited(name, given[name][i] ?? (name === "v" ? 1 : 0)));
    Object.assign(state, {
      g: given.g in functions ? given.g : DEFAULTS.g,
      target: given.target in targets ? given.target : DEFAULTS.target,
      w: w.map((value) => limited("w", value)),
      b: list("b"),
      v: list("v"),
      c: limited("c", given.c),
      x: limited("x", given.x),
    });
    chosen = Math.min(chosen, w.length - 1);
    show();
  }

  for (let i = 0; i < MOST; i++) {
    const radio = live.html("input", { type: "radio", name: "units-chosen", value: i });
    radio.addEventListener("change", () => choose(i));
    part("choice").append(live.html("label", {}, radio, ` ${i + 1}`));
  }
  for (const name of ["w", "b", "v"]) {
    part(name).addEventListener("input", () => setUnit(chosen, { [name]: part(name).valueAsNumber }));
  }
  for (const name of ["c", "x"]) {
    part(name).addEventListener("input", () => change({ [name]: limited(name, part(name).valueAsNumber) }));
  }
  part("target").addEventListener("change", () => change({ target: part("target").value }));
  for (const radio of document.getElementsByName("units-g")) {
    radio.addEventListener("change", () => change({ g: radio.value }));
  }
  part("add").addEventListener("click", add);
  part("remove").addEventListener("click", remove);
  live.onDrag(part("plot"), [1, 1], (right) => change({ x: limited("x", 6 * right - 3) }));
  show();
  const write = live.address("units", DEFAULTS, take);
  return { state, at, distance, targets };
})();

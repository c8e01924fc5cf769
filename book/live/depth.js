/* Chapter 8: what depth and the scale of the first weights do to weighted sums and to the blame. */
"use strict";

const depth = (() => {
  const { abs, log, log10, max, min, sqrt, PI } = Math;
  const [WIDTH, INPUTS, MOST] = [50, 20, 60];
  const [EDGE, ROWS] = [4, 33]; // of the histograms: from -4 to 4, in so many rows
  const FLAT = 0.01;

  const functions = live.activations;

  // Random numbers

  /** Return a generator of numbers from 0 to 1 that is the same in every browser (mulberry32). */
  function uniform(seed) {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** Return an array of standard normal numbers, by the method of Box and Muller. */
  function normal(random, size) {
    const numbers = new Float64Array(size);
    for (let i = 0; i < size; i += 2) {
      const r = sqrt(-2 * log(1 - random()));
      const angle = 2 * PI * random();
      numbers[i] = r * Math.cos(angle);
      if (i + 1 < size) numbers[i + 1] = r * Math.sin(angle);
    }
    return numbers;
  }

  /** Return what a seed draws: inputs, dA of the last layer, and weights of all layers, all of
      them with variance 1. The first layers of a deeper network are those of a shallower one. */
  function drawn(seed) {
    const random = uniform(seed);
    const [X, dA] = [normal(random, WIDTH * INPUTS), normal(random, WIDTH * INPUTS)];
    const weights = Array.from({ length: MOST }, () => normal(random, WIDTH * WIDTH));
    return { seed, X, dA, weights };
  }

  // The network. Matrices are arrays, row by row.

  /** Return scale * W A, or scale * W^T A. */
  function times(W, A, scale, transposed = false) {
    const product = new Float64Array(WIDTH * INPUTS);
    for (let i = 0; i < WIDTH; i++) {
      for (let j = 0; j < WIDTH; j++) {
        const w = scale * (transposed ? W[j * WIDTH + i] : W[i * WIDTH + j]);
        for (let c = 0; c < INPUTS; c++) product[i * INPUTS + c] += w * A[j * INPUTS + c];
      }
    }
    return product;
  }

  const rms = (u) => sqrt(u.reduce((s, x) => s + x * x, 0) / u.length);

  /** Return Z[l] and dZ[l] for the layers l = 1, ..., L. */
  function passes({ X, dA, weights }, name, layers, omega) {
    const { g, dg } = functions[name];
    const scale = sqrt(omega / WIDTH);
    const [Z, A, dZ] = [[], [X], []];
    for (let l = 1; l <= layers; l++) {
      Z[l] = times(weights[l - 1], A[l - 1], scale);
      A[l] = Z[l].map((z) => g(z));
    }
    let before = dA;
    for (let l = layers; l > 0; l--) {
      dZ[l] = before.map((d, k) => d * dg(Z[l][k], A[l][k]));
      before = times(weights[l - 1], dZ[l], scale, true);
    }
    const all = Z.slice(1).flatMap((Z_l, l) => Array.from(Z_l, (z, k) => dg(z, A[l + 1][k])));
    const flat = all.filter((slope) => abs(slope) < FLAT).length / all.length;
    return { Z, dZ, flat, sums: Z.map(rms), blame: dZ.map(rms) };
  }

  /** Return how many weighted sums are in each row of a layer's histogram, from below. */
  function histogram(Z_l) {
    const counts = new Array(ROWS).fill(0);
    for (const z of Z_l) {
      const row = Math.floor(((z + EDGE) / (2 * EDGE)) * ROWS);
      counts[Number.isNaN(row) ? 0 : live.clamp(row, 0, ROWS - 1)] += 1;
    }
    return counts;
  }

  // State. The slider of the scale has four steps for a factor of 2.

  const DEFAULTS = { g: "sigmoid", layers: 20, omega: 1, seed: 1 };
  const state = structuredClone(DEFAULTS);
  const part = (name) => document.getElementById(`depth-${name}`);
  let numbers = drawn(state.seed);
  let now = null; // what passes() returned

  // The two plots

  live.show("depth");
  const sums = live.plot(part("sums"), { x: [0.5, 20.5], y: [-EDGE, EDGE], ratio: () => 0.42 }, draw);
  const blame = live.plot(part("blame"), { x: [0.5, 20.5], y: [-13, 3], ratio: () => 0.5 }, draw);

  function histograms() {
    const height = sums.height / ROWS;
    const width = sums.X(2) - sums.X(1);
    return now.Z.slice(1).flatMap((Z_l, k) => {
      const counts = histogram(Z_l);
      const most = max(...counts);
      return counts.flatMap((count, row) => {
        if (!count) return [];
        const place = { x: sums.X(k + 0.5), y: sums.height - (row + 1) * height, width, height };
        return live.svg("rect", { ...place, class: "depth-cell", "fill-opacity": (0.1 + 0.9 * (count / most)).toFixed(3) });
      });
    });
  }

  function ticks(plot, rows, label) {
    const columns = live.ticks(0, state.layers, plot.width / 70).filter((l) => l >= 1 && Number.isInteger(l) && plot.X(l) < plot.width - 70);
    return [
      live.svg("path", { d: rows.map((v) => `M0 ${plot.Y(v)}H${plot.width}`).join(""), class: "live-grid" }),
      ...rows.map((v) => live.svg("text", { x: 4, y: live.clamp(plot.Y(v) - 4, 12, plot.height - 4), class: "live-tick" }, label(v))),
      ...columns.map((l) => live.svg("text", { x: plot.X(l), y: plot.height - 6, class: "live-tick", "text-anchor": "middle" }, `${l}`)),
      live.svg("text", { x: plot.width - 6, y: plot.height - 6, class: "live-name", "text-anchor": "end" }, "layer l"),
    ];
  }

  const POWERS = [..."\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"];
  const power = (v) => `10${[...`${v}`].map((c) => (c === "-" ? "\u207b" : POWERS[c])).join("")}`;

  function draw() {
    if (!now) return;
    const logs = now.blame.slice(1).map((size) => (size > 0 ? log10(size) : NaN));
    const seen = logs.filter(Number.isFinite);
    sums.x = blame.x = [0.5, state.layers + 0.5];
    blame.y = [min(-3, ...seen.map((v) => Math.floor(v))) - 1.5, max(2, ...seen.map((v) => Math.ceil(v))) + 0.5];
    const points = logs.map((v, k) => [k + 1, v]).filter(([, v]) => Number.isFinite(v));
    sums.show(histograms(), ticks(sums, [-2, 0, 2], (v) => `${v}`.replace("-", "\u2212")));
    blame.show(
      ticks(blame, live.ticks(...blame.y, blame.height / 40).filter(Number.isInteger), power),
      blame.curve(points, "depth-line"),
      points.map((point) => blame.dot(point, "depth-dot", state.layers > 30 ? 2.5 : 4)),
    );
  }

  // In words and numbers

  const announce = live.announcer(part("spoken"));
  const left = () => now.blame[1] / now.blame[state.layers];

  function describe() {
    const ratio = left();
    const verdict =
      !Number.isFinite(ratio) ? "Nothing is left to compare"
      : ratio < 1e-3 ? "The blame vanishes"
      : ratio > 1e3 ? "The blame explodes"
      : "The blame gets through";
    const size = Number.isFinite(ratio) ? `: at layer 1 it has ${live.number(ratio, 2)} times the size that it had at layer ${state.layers}` : "";
    return `${functions[state.g].title}, ${state.layers} layers, \u03c9 = ${live.number(state.omega, 3)}. ${verdict}${size}.`;
  }

  function show() {
    if (numbers.seed !== state.seed) numbers = drawn(state.seed);
    now = passes(numbers, state.g, state.layers, state.omega);
    draw();
    for (const radio of document.getElementsByName("depth-g")) radio.checked = radio.value === state.g;
    part("layers").value = state.layers;
    part("layers-value").textContent = state.layers;
    part("omega").value = Math.round(4 * Math.log2(state.omega));
    part("omega-value").textContent = live.number(state.omega, 3);
    part("omega").setAttribute("aria-valuetext", live.number(state.omega, 3));
    part("first").textContent = live.number(now.sums[1], 3);
    part("last").textContent = live.number(now.sums[state.layers], 3);
    part("flat").textContent = `${Math.round(100 * now.flat)} %`;
    part("left").textContent = live.number(left(), 2);
    part("factor").textContent = `\u00d7 ${live.number(left() ** (1 / (state.layers - 1)), 2)}`;
    part("status").textContent = describe();
  }

  // Acting

  function change(changes) {
    Object.assign(state, changes);
    show();
    announce(describe());
    write(state);
  }

  function take({ g, layers, omega, seed }) {
    Object.assign(state, {
      g: g in functions ? g : DEFAULTS.g,
      layers: live.clamp(Math.round(layers), 2, MOST),
      omega: live.clamp(omega, 0.25, 128),
      seed: live.clamp(Math.round(seed), 1, 2 ** 31 - 1),
    });
    show();
  }

  for (const name of Object.keys(functions)) {
    const radio = live.html("input", { type: "radio", name: "depth-g", value: name });
    radio.addEventListener("change", () => change({ g: name }));
    part("functions").append(live.html("label", {}, radio, ` ${functions[name].title}`));
  }
  part("layers").addEventListener("input", () => change({ layers: part("layers").valueAsNumber }));
  part("omega").addEventListener("input", () => change({ omega: 2 ** (part("omega").valueAsNumber / 4) }));
  part("again").addEventListener("click", () => change({ seed: state.seed + 1 }));
  show();
  const write = live.address("depth", DEFAULTS, take);
  return { state, drawn, passes, histogram, names: Object.keys(functions), WIDTH, INPUTS };
})();

/* Gradient descent of chapter 5, on a quadratic and on a function with two valleys. */
"use strict";

const descent = (() => {
  // The functions. Each returns [G(x), gradient]; `across` is the variable that is shown to the right.

  /** The quadratic of chapter 5 with eigenvalues 1 and kappa. */
  function quadratic(kappa) {
    const [q1, q2] = [[0.8, 0.6], [-0.6, 0.8]];
    const H = [0, 1].map((i) => [0, 1].map((j) => q1[i] * q1[j] + kappa * q2[i] * q2[j]));
    return (x) => {
      const gradient = H.map((row) => row[0] * x[0] + row[1] * x[1]);
      return [0.5 * (x[0] * gradient[0] + x[1] * gradient[1]), gradient];
    };
  }

  function valleys([s, t]) {
    const value = s ** 2 / 2 + t ** 4 / 4 - t ** 3 / 6 - (3 * t ** 2) / 4;
    return [value, [s, t * (t + 1) * (t - 1.5)]];
  }

  const SURFACES = {
    quadratic: {
      make: (kappa) => quadratic(kappa),
      across: 0,
      center: [0, 0],
      start: [1, 2],
      // The bound (5.17) and its like with momentum, for the largest eigenvalue.
      bounds: (kappa, beta) => [
        { rate: 2 / kappa, name: "2/\u03bb", small: "max" },
        ...(beta > 0 ? [{ rate: (2 * (1 + beta)) / kappa, name: "2(1+\u03b2)/\u03bb", small: "max" }] : []),
      ],
      rates: (kappa) => 4 / kappa,
      levels: (kappa) => [0.01, 0.03, 0.1, 0.3, 0.6, 1, 2, 4].map((c) => c * Math.max(kappa, 3)),
    },
    valleys: {
      make: () => valleys,
      across: 1,
      center: [0, 0.2],
      start: [1.5, 0.3],
      // The second derivatives at the two minima are 1 and 15/4, and 1 and 5/2.
      bounds: (_, beta) => [
        { rate: (2 * (1 + beta)) / 3.75, name: "bound, deep valley" },
        { rate: (2 * (1 + beta)) / 2.5, name: "bound, shallow valley" },
      ],
      rates: () => 2,
      levels: () => [-0.9, -0.7, -0.5, -0.3, -0.15, 0, 0.3, 0.7, 1.2, 1.8, 2.5, 3.5],
    },
  };
  const REACH = 2.6; // what is shown to each side of the center
  const SIZE = 440; // of the plot
  const MOST = 1000; // steps

  /** Return the points x^0, ..., x^steps, fewer if one is not finite: (5.2), with momentum (5.20). */
  function walk(f, x, rate, steps, beta = 0, v = [0, 0]) {
    const path = [x];
    for (let k = 0; k < steps && path[k].every(Number.isFinite); k++) {
      const gradient = f(path[k])[1];
      v = v.map((v_i, i) => beta * v_i + gradient[i]);
      path.push(path[k].map((x_i, i) => x_i - rate * v[i]));
    }
    return path;
  }

  // State

  const part = (name) => document.getElementById(`descent-${name}`);
  const state = { surface: "quadratic", kappa: 10, rate: 0.02, beta: 0, start: [1, 2], steps: 0 };
  const surface = () => SURFACES[state.surface];
  const f = (x) => surface().make(state.kappa)(x);
  const path = () => walk(f, state.start, state.rate, state.steps, state.beta);

  // Where a point is in the plot, and back

  function toPlot(x) {
    const { across, center } = surface();
    const place = (i) => ((x[i] - center[i]) / REACH) * (SIZE / 2);
    return [SIZE / 2 + place(across), SIZE / 2 - place(1 - across)];
  }

  function fromPlot(right, down) {
    const { across, center } = surface();
    const x = [0, 0];
    x[across] = center[across] + (right / (SIZE / 2) - 1) * REACH;
    x[1 - across] = center[1 - across] + (1 - down / (SIZE / 2)) * REACH;
    return x;
  }

  /** Return the level lines of a function on the plot as a path, by marching squares: in each cell,
      join the points of its edges where the function, taken as linear there, has the level. */
  function contours(G, levels, cells = 110) {
    const side = SIZE / cells;
    const grid = Array.from({ length: cells + 1 }, (_, r) =>
      Array.from({ length: cells + 1 }, (_, c) => G(fromPlot(c * side, r * side))),
    );
    const lines = [];
    for (let r = 0; r < cells; r++) {
      for (let c = 0; c < cells; c++) {
        const corners = [[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]];
        for (const level of levels) {
          const points = corners.flatMap(([x, y], k) => {
            const [u, w] = corners[(k + 1) % 4];
            const [low, high] = [grid[y][x] - level, grid[w][u] - level];
            if (low < 0 === high < 0) return [];
            const t = low / (low - high);
            return [[x + t * (u - x), y + t * (w - y)].map((s) => (s * side).toFixed(1)).join(" ")];
          });
          for (let k = 0; k + 1 < points.length; k += 2) lines.push(`M${points[k]}L${points[k + 1]}`);
        }
      }
    }
    return lines.join("");
  }

  // Drawing

  function drawSurface() {
    const G = (x) => f(x)[0];
    const d = contours(G, surface().levels(state.kappa));
    const names = surface().across ? ["x\u2082", "x\u2081"] : ["x\u2081", "x\u2082"];
    part("plot").replaceChildren(
      live.svg("path", { d, class: "live-contour" }),
      live.svg("text", { x: SIZE - 26, y: SIZE - 10 }, names[0]),
      live.svg("text", { x: 8, y: 20 }, names[1]),
      live.svg("g", { id: "descent-path" }),
    );
  }

  function drawPath(points) {
    const shown = points.filter((x) => Math.hypot(...x) < 1e4).map(toPlot);
    const [first, ...others] = shown.map(([x, y]) => ({ cx: x.toFixed(2), cy: y.toFixed(2) }));
    const line = shown.map((place) => place.map((s) => s.toFixed(2)).join(",")).join(" ");
    part("path").replaceChildren(
      live.svg("polyline", { points: line, class: "descent-line" }),
      ...others.map((place) => live.svg("circle", { ...place, r: 3.5, class: "descent-point" })),
      live.svg("circle", { ...first, r: 8, class: "descent-start" }),
    );
  }

  function drawBounds() {
    const most = surface().rates(state.kappa);
    const marks = surface().bounds(state.kappa, state.beta).map(({ rate, name, small }, k) => {
      const x = 8 + (284 * rate) / most;
      const text = live.svg("text", { x, y: 26 + 18 * k, "text-anchor": x > 220 ? "end" : "middle" }, name);
      if (small) text.append(live.svg("tspan", { dy: 4, "font-size": 11 }, small));
      return [live.svg("path", { d: `M${x} 0V${10 + 18 * k}`, class: "descent-bound" }), text];
    });
    part("bounds").replaceChildren(...marks.flat());
  }

  // In words

  const announce = live.announcer(part("spoken"));

  function describe(points) {
    const last = points.at(-1);
    const [value, gradient] = f(last);
    const k = points.length - 1;
    if (!Number.isFinite(value)) return `After ${k} steps the numbers overflow: the walk has diverged.`;
    const inside = toPlot(last).every((s) => 0 <= s && s <= SIZE);
    const where = inside ? "" : ", outside the picture";
    const size = Math.hypot(...gradient);
    return `After ${k} steps: G = ${live.number(value)}${where}; the gradient has length ${live.number(size)}.`;
  }

  function listPoints(points) {
    const from = Math.max(0, points.length - 6);
    const rows = points.slice(from).map((x, i) => {
      const [value, gradient] = f(x);
      const cells = [...x, value, Math.hypot(...gradient)].map((s) => live.html("td", {}, live.number(s)));
      return live.html("tr", {}, live.html("th", { scope: "row" }, `${from + i}`), ...cells);
    });
    part("points").replaceChildren(...rows);
  }

  function showControls() {
    const { kappa, rate, beta, start } = state;
    const { across, center, rates } = surface();
    const isQuadratic = state.surface === "quadratic";
    for (const name of ["kappa-control", "best"]) part(name).hidden = !isQuadratic;
    part("rate").max = rates(kappa);
    part("rate").min = part("rate").step = rates(kappa) / 400;
    for (const [name, i] of [["across", across], ["up", 1 - across]]) {
      part(name).min = center[i] - REACH;
      part(name).max = center[i] + REACH;
      part(name).value = start[i];
      part(`${name}-value`).textContent = `x${"\u2081\u2082"[i]} = ${live.number(start[i], 3)}`;
    }
    for (const name of ["kappa", "rate", "beta"]) part(name).value = state[name];
    part("kappa-value").textContent = kappa;
    part("rate-value").textContent = live.number(rate, 3);
    if (isQuadratic) {
      const lambda = live.html("span", {}, "\u03bb", live.html("sub", {}, "max"));
      part("rate-value").append(` = ${live.number(rate * kappa, 3)}/`, lambda);
    }
    part("beta-value").textContent = beta.toFixed(2);
  }

  function show() {
    const points = path();
    showControls();
    drawBounds();
    drawPath(points);
    listPoints(points);
    part("status").textContent = describe(points);
    if (!playing) announce(describe(points));
  }

  // Acting

  let playing = 0;

  function pause() {
    clearInterval(playing);
    playing = 0;
    part("play").textContent = "Play";
  }

  function change(changes) {
    Object.assign(state, { steps: 0, ...changes });
    if (!changes.steps) pause();
    if (changes.kappa || changes.surface) drawSurface();
    show();
  }

  function advance(steps) {
    const finite = path().at(-1).every(Number.isFinite);
    if (finite && state.steps < MOST) change({ steps: state.steps + steps });
    else pause();
  }

  function play() {
    if (playing) return pause();
    playing = setInterval(advance, 150, 1);
    part("play").textContent = "Pause";
    return advance(1);
  }

  /** Take the rate of (5.18), or rate and momentum of (5.22). */
  function best(withMomentum) {
    const { kappa } = state;
    const root = Math.sqrt(kappa);
    if (!withMomentum) return change({ rate: 2 / (1 + kappa), beta: 0 });
    return change({ rate: 4 / (root + 1) ** 2, beta: ((root - 1) / (root + 1)) ** 2 });
  }

  function changeSurface(name) {
    const rate = name === "quadratic" ? 0.2 / state.kappa : 0.1;
    change({ surface: name, start: SURFACES[name].start, rate, beta: 0 });
  }

  function changeStart(i, value) {
    const start = [...state.start];
    start[i] = value;
    change({ start });
  }

  function setUp() {
    const onInput = (name, act) => part(name).addEventListener("input", () => act(Number(part(name).value)));
    const onClick = (name, act) => part(name).addEventListener("click", act);
    onInput("kappa", (kappa) => change({ kappa, rate: (state.rate * state.kappa) / kappa }));
    onInput("rate", (rate) => change({ rate }));
    onInput("beta", (beta) => change({ beta }));
    onInput("across", (value) => changeStart(surface().across, value));
    onInput("up", (value) => changeStart(1 - surface().across, value));
    onClick("best-rate", () => best(false));
    onClick("best-momentum", () => best(true));
    onClick("one", () => advance(1));
    onClick("ten", () => advance(10));
    onClick("play", play);
    onClick("reset", () => change({}));
    for (const radio of document.getElementsByName("descent-surface")) {
      radio.addEventListener("change", () => changeSurface(radio.value));
    }
    live.onDrag(part("plot"), [SIZE, SIZE], (x, y) => change({ start: fromPlot(x, y) }));
    part("play").hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;
    drawSurface();
    show();
    live.show(part("plot").closest(".live"));
  }

  setUp();
  return { walk, quadratic, valleys, state, path };
})();

/* Gradient descent of chapter 5, on a quadratic and on a function with two valleys. */
"use strict";

const descent = (() => {
  // The functions. Each returns [G(x), gradient].

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
    const value = s ** 4 / 4 - s ** 3 / 6 - (3 * s ** 2) / 4 + t ** 2 / 2;
    return [value, [s * (s + 1) * (s - 1.5), t]];
  }

  const SURFACES = {
    quadratic: {
      make: (kappa) => quadratic(kappa),
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
      center: [0.2, 0],
      start: [0.3, 1.5],
      // The second derivatives at the two minima are 1 and 15/4, and 1 and 5/2.
      bounds: (_, beta) => [
        { rate: (2 * (1 + beta)) / 3.75, name: "limit, deep" },
        { rate: (2 * (1 + beta)) / 2.5, name: "limit, shallow" },
      ],
      rates: () => 2,
      levels: () => [-0.9, -0.7, -0.5, -0.3, -0.15, 0, 0.3, 0.7, 1.2, 1.8, 2.5, 3.5],
    },
  };
  const REACH = 2.6; // what is shown to each side of the center
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
  const DEFAULTS = { G: "quadratic", kappa: 10, rate: 0.16, beta: 0, x: [1, 2], steps: 15 };
  const state = { surface: "quadratic", kappa: 10, rate: 0.16, beta: 0, start: [1, 2], steps: 15 };
  const surface = () => SURFACES[state.surface];
  const f = (x) => surface().make(state.kappa)(x);
  const path = () => walk(f, state.start, state.rate, state.steps, state.beta);

  // The plot

  live.show("descent");
  const range = (value) => [value - REACH, value + REACH];
  const plot = live.plot(part("plot"), { x: range(0), y: range(0), ratio: () => 1 }, draw);
  const putStart = plot.handle("Start of the walk", "0", [-REACH, REACH], {
    move: (right, up) => change({ start: onPlot([right, up]) }),
    step: (right, up) => change({ start: onPlot([state.start[0] + 0.1 * right, state.start[1] + 0.1 * up]) }),
  });

  /** Return the point of the plot that is nearest to a point. */
  const onPlot = ([right, up]) => [live.clamp(right, ...plot.x), live.clamp(up, ...plot.y)];

  /** Return the level lines of a function on the plot as a path, by marching squares: in each cell,
      join the points of its edges where the function, taken as linear there, has the level. */
  function contours(G, levels, cells = 110) {
    const place = (k, [from, to]) => from + (k / cells) * (to - from);
    const grid = Array.from({ length: cells + 1 }, (_, r) =>
      Array.from({ length: cells + 1 }, (_, c) => G([place(c, plot.x), place(r, plot.y)])),
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
            const [across, up] = [place(x + t * (u - x), plot.x), place(y + t * (w - y), plot.y)];
            return [`${plot.X(across).toFixed(1)} ${plot.Y(up).toFixed(1)}`];
          });
          for (let k = 0; k + 1 < points.length; k += 2) lines.push(`M${points[k]}L${points[k + 1]}`);
        }
      }
    }
    return lines.join("");
  }

  // Drawing

  let background = []; // the level lines and the axes

  function drawSurface() {
    const { center, levels } = surface();
    [plot.x, plot.y] = center.map(range);
    const d = contours((x) => f(x)[0], levels(state.kappa));
    background = [live.svg("path", { d, class: "live-contour" }), plot.axes(["x\u2081", "x\u2082"])];
  }

  function drawPath(points) {
    const shown = points.filter((x) => Math.hypot(...x) < 1e4);
    plot.show(
      background,
      plot.curve(shown, "descent-line"),
      shown.slice(1).map((point) => plot.dot(point, "descent-point", 3.5)),
    );
    const said = state.start.map((x, i) => `x${"\u2081\u2082"[i]} = ${live.fixed(x)}`);
    putStart(state.start, state.start[0], said.join(", "));
  }

  function draw() {
    drawSurface();
    drawPath(path());
  }

  /** Mark the bounds below the slider: the first with its name to the left if there is another,
      which has its name a line lower, so that no mark crosses a name. */
  function drawBounds() {
    const most = surface().rates(state.kappa);
    const bounds = surface().bounds(state.kappa, state.beta);
    const place = ({ rate }) => 8 + (284 * rate) / most;
    const marks = bounds.map((bound, k) => live.svg("path", { d: `M${place(bound)} 0V${10 + 20 * k}`, class: "descent-bound" }));
    const names = bounds.map((bound, k) => {
      const isLeft = k === 0 && bounds.length > 1;
      const x = place(bound) - (isLeft ? 6 : 0);
      const anchor = isLeft || x > 200 ? "end" : k ? "start" : "middle";
      const text = live.svg("text", { x, y: isLeft ? 13 : 26 + 18 * k, "text-anchor": anchor }, bound.name);
      if (bound.small) text.append(live.svg("tspan", { dy: 4, "font-size": 11 }, bound.small));
      return text;
    });
    part("bounds").replaceChildren(...marks, ...names);
  }

  // In words

  const announce = live.announcer(part("spoken"));

  function describe(points) {
    const last = points.at(-1);
    const [value, gradient] = f(last);
    const k = points.length - 1;
    if (!Number.isFinite(value)) return `After ${k} steps the numbers overflow: the walk has diverged.`;
    const inside = onPlot(last).every((x_i, i) => x_i === last[i]);
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
    const { center, rates } = surface();
    const isQuadratic = state.surface === "quadratic";
    for (const name of ["kappa-control", "best"]) part(name).hidden = !isQuadratic;
    part("rate").max = rates(kappa);
    part("rate").min = part("rate").step = rates(kappa) / 400;
    for (const [i, name] of ["across", "up"].entries()) {
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
  }

  // Acting

  const player = live.player(part("play"), () => advance(1), 150);
  let resumes = false; // whether Play goes on where Pause has stopped it

  function change(changes) {
    Object.assign(state, changes);
    resumes = resumes && Boolean(changes.steps);
    if (!changes.steps) player.pause();
    if (changes.kappa || changes.surface) drawSurface();
    show();
    if (!player.plays()) announce(describe(path()));
    const { surface: G, start: x, ...others } = state;
    write({ G, x, ...others });
  }

  /** Take a state from the address. */
  function take(given) {
    const G = given.G in SURFACES ? given.G : DEFAULTS.G;
    const { center, start, rates } = SURFACES[G];
    const kappa = live.clamp(Math.round(given.kappa), 1, 50);
    player.pause();
    Object.assign(state, {
      surface: G,
      kappa,
      rate: live.clamp(given.rate, 0, rates(kappa)),
      beta: live.clamp(given.beta, 0, 0.95),
      start: start.map((x, i) => live.clamp(given.x[i] ?? x, ...range(center[i]))),
      steps: live.clamp(Math.round(given.steps), 0, MOST),
    });
    for (const radio of document.getElementsByName("descent-surface")) radio.checked = radio.value === G;
    drawSurface();
    show();
  }

  function advance(steps) {
    const finite = path().at(-1).every(Number.isFinite);
    if (finite && state.steps < MOST) change({ steps: state.steps + steps });
    else player.pause();
  }

  /** Walk from the start, or go on after a pause. */
  function play() {
    if (player.plays()) {
      resumes = true;
      return player.pause();
    }
    if (!resumes) change({ steps: 0 });
    player.start();
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
    const rate = name === "quadratic" ? 1.6 / state.kappa : 0.1;
    const steps = name === "quadratic" ? DEFAULTS.steps : 60;
    change({ surface: name, start: SURFACES[name].start, rate, beta: 0, steps });
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
    onInput("across", (value) => changeStart(0, value));
    onInput("up", (value) => changeStart(1, value));
    onClick("best-rate", () => best(false));
    onClick("best-momentum", () => best(true));
    onClick("one", () => advance(1));
    onClick("ten", () => advance(10));
    onClick("play", play);
    onClick("reset", () => change({ steps: 0 }));
    for (const radio of document.getElementsByName("descent-surface")) {
      radio.addEventListener("change", () => changeSurface(radio.value));
    }
    live.onDrag(part("plot"), [1, 1], (right, down) => {
      const [[left], [, top]] = [plot.x, plot.y];
      change({ start: onPlot([left + 2 * REACH * right, top - 2 * REACH * down]) });
    });
    part("play").hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  setUp();
  take(DEFAULTS);
  const write = live.address("descent", DEFAULTS, take);
  return { walk, quadratic, valleys, state, path };
})();

/* Chapter 9: a network n = (1, width, 1) that learns a curve by gradient descent, in the page. */
"use strict";

const sine = (() => {
  const RATES = [0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1, 3];
  const MOST = { width: 60, seed: 9999, k: 20000, y: 2 };
  const SCALE = 0.2; // standard deviation of the first parameters
  const x = Array.from({ length: 100 }, (_, c) => (c - 50) / 10);
  const m = x.length;

  // Curves. One that is drawn is a list of heights at the knots, joined by straight lines.

  const KNOTS = Array.from({ length: 21 }, (_, k) => (k - 10) / 2);
  const curves = {
    sine: Math.sin,
    steps: (u) => (u < -2 ? -1 : u < 2 ? 1 : 0),
    tent: (u) => 1 - Math.abs(u) / 2.5,
    chirp: (u) => Math.sin(0.3 * (u + 5) ** 2 / 2),
  };

  function drawnAt(heights, u) {
    const place = live.clamp((u + 5) * 2, 0, KNOTS.length - 1);
    const k = Math.min(Math.floor(place), KNOTS.length - 2);
    return heights[k] + (place - k) * (heights[k + 1] - heights[k]);
  }

  // Random numbers: NumPy's RandomState, so that seed 0 is the start of the chapter.

  function randomState(seed) {
    const words = new Uint32Array(624);
    words[0] = seed;
    for (let i = 1; i < 624; i++) words[i] = Math.imul(1812433253, words[i - 1] ^ (words[i - 1] >>> 30)) + i;
    let at = 624;
    let kept = null;

    function word() {
      if (at === 624) {
        for (let i = 0; i < 624; i++) {
          const y = (words[i] & 0x80000000) | (words[(i + 1) % 624] & 0x7fffffff);
          words[i] = words[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
        }
        at = 0;
      }
      let y = words[at++];
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      return (y ^ (y >>> 18)) >>> 0;
    }

    const uniform = () => {
      const high = word() >>> 5;
      return (high * 67108864 + (word() >>> 6)) / 9007199254740992;
    };

    /** Return a standard normal number, by Marsaglia's polar method, which makes two at a time. */
    return () => {
      if (kept !== null) {
        const second = kept;
        kept = null;
        return second;
      }
      let u, v, r;
      do {
        u = 2 * uniform() - 1;
        v = 2 * uniform() - 1;
        r = u * u + v * v;
      } while (r >= 1 || r === 0);
      const factor = Math.sqrt((-2 * Math.log(r)) / r);
      kept = factor * u;
      return factor * v;
    };
  }

  // The network, with theta = W^1, b^1, W^2, b^2

  const sigmoid = (z) => (z >= 0 ? 1 : Math.exp(z)) / (1 + Math.exp(-Math.abs(z)));
  const functions = {
    sigmoid: { g: sigmoid, slope: (z, a) => a * (1 - a) },
    tanh: { g: Math.tanh, slope: (z, a) => 1 - a * a },
    relu: { g: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
  };

  function start({ width, seed }) {
    const normal = randomState(seed);
    return Float64Array.from({ length: 3 * width + 1 }, () => SCALE * normal());
  }

  /** Return the network's output at u. */
  function output(theta, { g, width }, u) {
    let N = theta[3 * width];
    for (let i = 0; i < width; i++) N += theta[2 * width + i] * functions[g].g(theta[i] * u + theta[width + i]);
    return N;
  }

  /** Return E, its gradient and the outputs, by one forward and one backward pass for each point. */
  function gradientAt(theta, { g, width }, y) {
    const { g: f, slope } = functions[g];
    const gradient = new Float64Array(theta.length);
    const a = new Float64Array(width);
    const z = new Float64Array(width);
    const outputs = new Float64Array(m);
    let squares = 0;
    for (let c = 0; c < m; c++) {
      let N = theta[3 * width];
      for (let i = 0; i < width; i++) {
        z[i] = theta[i] * x[c] + theta[width + i];
        a[i] = f(z[i]);
        N += theta[2 * width + i] * a[i];
      }
      outputs[c] = N;
      squares += (N - y[c]) ** 2;
      const dZ2 = (N - y[c]) / m;
      gradient[3 * width] += dZ2;
      for (let i = 0; i < width; i++) {
        gradient[2 * width + i] += dZ2 * a[i];
        const dZ1 = theta[2 * width + i] * dZ2 * slope(z[i], a[i]);
        gradient[i] += dZ1 * x[c];
        gradient[width + i] += dZ1;
      }
    }
    return { E: squares / (2 * m), gradient, outputs };
  }

  /** Return the least errors of a constant and of a straight line. */
  function yardsticks(y) {
    const mean = (list) => list.reduce((s, u) => s + u, 0) / m;
    const [mx, my] = [mean(x), mean(y)];
    const sxx = mean(x.map((u) => (u - mx) ** 2));
    const sxy = mean(x.map((u, c) => (u - mx) * (y[c] - my)));
    const constant = mean(y.map((v) => (v - my) ** 2)) / 2;
    return { constant, line: Math.max(0, constant - sxy ** 2 / sxx / 2) };
  }

  // State

  const DEFAULTS = { curve: "sine", g: "sigmoid", width: 20, rate: 0.1, seed: 0, k: 0, y: KNOTS.map(() => 0) };
  const part = (name) => document.getElementById(`sine-${name}`);
  const state = structuredClone(DEFAULTS);
  let run; // theta, k, the last pass, and E along the way
  let training = false;
  let chosen = 10; // knot

  const targets = () => {
    const curve = curves[state.curve] ?? ((u) => drawnAt(state.y, u));
    return x.map(curve);
  };

  function restart() {
    const y = targets();
    const theta = start(state);
    run = { theta, k: 0, y, yardsticks: yardsticks(y), pass: gradientAt(theta, state, y), history: [], failed: false };
    note();
  }

  /** Keep E for the plot, at about a hundred steps for each power of ten. */
  function note() {
    const { k, pass, history } = run;
    const last = history.at(-1)?.[0] ?? -1;
    if (k - last >= Math.max(1, Math.floor(k / 50))) history.push([k, pass.E]);
  }

  function step() {
    const { theta, pass } = run;
    const next = theta.map((t, i) => t - state.rate * pass.gradient[i]);
    const after = gradientAt(next, state, run.y);
    if (!Number.isFinite(after.E)) run.failed = true;
    Object.assign(run, { theta: next, k: run.k + 1, pass: after });
    note();
  }

  function advance(count) {
    for (let i = 0; i < count && !run.failed && run.k < MOST.k; i++) step();
  }

  // The plots

  live.show("sine");
  const LEAST = -5; // powers of ten of E
  const plot = live.plot(part("plot"), { x: [-5.4, 5.4], y: [-2, 2], ratio: (w) => (w < 450 ? 0.8 : 0.6) }, draw);
  const errors = live.plot(part("errors"), { x: [-0.1, 4.4], y: [LEAST, 1.2], ratio: (w) => (w < 450 ? 0.55 : 0.38) }, draw);
  const diamond = plot.handle("Height of the curve, at a place of your choice", "", [-MOST.y, MOST.y], {
    move: (u, v) => bend(KNOTS[chosen], v),
    step: (right, up) => {
      chosen = live.clamp(chosen + right, 0, KNOTS.length - 1);
      if (up) bend(KNOTS[chosen], heights()[chosen] + 0.1 * up);
      else draw();
    },
  });
  const logarithm = (E) => live.clamp(Math.log10(Math.max(E, 1e-300)), LEAST, 1.2);

  function decades(plotted) {
    const { X, Y, width, height } = plotted;
    const raised = (p) => (p < 0 ? String(10 ** p) : live.fixed(10 ** p, 0));
    const down = [-4, -3, -2, -1, 0, 1];
    const across = [0, 1, 2, 3, 4];
    return [
      live.svg("path", { d: [...across.map((p) => `M${X(p)} 0V${height}`), ...down.map((p) => `M0 ${Y(p)}H${width}`)].join(""), class: "live-grid" }),
      ...across.slice(1).map((p) => live.svg("text", { x: X(p), y: height - 5, class: "live-tick", "text-anchor": "middle" }, raised(p))),
      ...down.map((p) => live.svg("text", { x: 46, y: Y(p) + 5, class: "live-tick", "text-anchor": "end" }, raised(p))),
      live.svg("text", { x: width - 8, y: height - 24, class: "live-name", "text-anchor": "end" }, "k"),
      live.svg("text", { x: 54, y: 18, class: "live-name" }, "E"),
    ];
  }

  function drawErrors() {
    const { history, yardsticks: levels } = run;
    const level = (E, name, up) =>
      E < 10 ** LEAST
        ? []
        : [
            live.svg("path", { d: `M0 ${errors.Y(logarithm(E))}H${errors.width}`, class: "sine-level" }),
            live.svg("text", { x: errors.width - 8, y: errors.Y(logarithm(E)) + (up ? -5 : 15), class: "live-tick live-label", "text-anchor": "end" }, name),
          ];
    const points = history.filter(([k, E]) => k > 0 && Number.isFinite(E)).map(([k, E]) => [Math.log10(k), logarithm(E)]);
    errors.show(
      decades(errors),
      level(levels.constant, "best constant", true),
      level(levels.line, "best line", false),
      points.length ? errors.curve(points, "sine-network") : [],
      points.length ? errors.dot(points.at(-1), "sine-dot", 5) : [],
    );
  }

  function draw() {
    if (!run) return;
    const fine = Array.from({ length: 217 }, (_, k) => -5.4 + k / 20);
    const inside = ([u, v]) => [u, live.clamp(v, -9, 9)];
    const network = fine.map((u) => [u, output(run.theta, state, u)]);
    plot.show(
      plot.axes(["x", ""]),
      plot.curve(x.map((u, c) => [u, run.y[c]]), "sine-target"),
      run.failed || !network.every(([, v]) => Number.isFinite(v)) ? [] : plot.curve(network.map(inside), "sine-network"),
    );
    const height = heights()[chosen];
    diamond([KNOTS[chosen], live.clamp(height, -MOST.y, MOST.y)], height, `x = ${live.fixed(KNOTS[chosen], 1)}, y = ${live.fixed(height)}`);
    drawErrors();
  }

  // In words and numbers

  const announce = live.announcer(part("spoken"));

  function describe() {
    const { k, pass, failed, yardsticks: levels } = run;
    if (failed) return `The error is no longer finite at step ${k}. A smaller rate?`;
    if (k === 0) return "Not trained yet. Press Train.";
    const said = `After ${k} ${k === 1 ? "step" : "steps"}, E = ${live.number(pass.E)}.`;
    if (pass.E > levels.constant) return `${said} A constant would do better.`;
    if (pass.E > levels.line) return `${said} It beats every constant, and a straight line would do better.`;
    return `${said} It beats every straight line.`;
  }

  function showNumbers() {
    const { k, pass, failed } = run;
    const number = (value) => (failed ? "not finite" : live.number(value));
    part("k").textContent = k;
    part("E").textContent = number(pass.E);
    part("root").textContent = number(Math.sqrt(2 * pass.E));
    part("gradient").textContent = number(Math.hypot(...pass.gradient));
    part("deviation").textContent = number(Math.max(...run.y.map((v, c) => Math.abs(pass.outputs[c] - v))));
    part("status").textContent = describe();
    part("train").textContent = training ? "Pause" : k ? "Go on" : "Train";
    part("train").disabled = part("one").disabled = failed || k >= MOST.k;
  }

  function showControls() {
    part("curve").value = state.curve;
    for (const radio of document.getElementsByName("sine-g")) radio.checked = radio.value === state.g;
    part("width").value = state.width;
    part("width-value").textContent = state.width;
    const nearest = RATES.reduce((best, rate, i) => (Math.abs(Math.log(rate / state.rate)) < Math.abs(Math.log(RATES[best] / state.rate)) ? i : best), 0);
    part("rate").value = nearest;
    part("rate").setAttribute("aria-valuetext", state.rate);
    part("rate-value").textContent = state.rate;
    if (document.activeElement !== part("seed")) part("seed").value = state.seed;
  }

  function show() {
    draw();
    showControls();
    showNumbers();
  }

  // Acting

  function pause() {
    training = false;
    state.k = run.k;
  }

  function settle() {
    pause();
    show();
    announce(describe());
    write(state);
  }

  function frame() {
    if (!training) return;
    // Few steps at a time at first, when much happens, and more and more later.
    advance(live.clamp(Math.floor(run.k / 40), 1, 60));
    if (run.failed || run.k >= MOST.k) return settle();
    draw();
    showNumbers();
    requestAnimationFrame(frame);
  }

  function train() {
    if (training) return settle();
    training = true;
    showNumbers();
    requestAnimationFrame(frame);
  }

  /** Change what is trained, and begin again from the first parameters. */
  function change(changes) {
    Object.assign(state, changes, { k: 0 });
    restart();
    settle();
  }

  const heights = () => (state.curve === "drawn" ? state.y : KNOTS.map(curves[state.curve]));

  /** Set the curve's height at the knot nearest to u; between knots it is straight. */
  function bend(u, v) {
    const k = live.clamp(Math.round((u + 5) * 2), 0, KNOTS.length - 1);
    const y = heights().map((height) => +live.clamp(height, -MOST.y, MOST.y).toFixed(2));
    y[k] = +live.clamp(v, -MOST.y, MOST.y).toFixed(2);
    chosen = k;
    change({ curve: "drawn", y });
  }

  let last = null;

  /** Draw from the last place of the pointer to this one. */
  function pen(right, down, starts) {
    const [u, v] = [plot.x[0] + right * (plot.x[1] - plot.x[0]), plot.y[1] - down * (plot.y[1] - plot.y[0])];
    const from = starts || !last ? [u, v] : last;
    const near = (s) => live.clamp(Math.round((s + 5) * 2), 0, KNOTS.length - 1);
    const [first, end] = [near(from[0]), near(u)];
    const y = heights().map((height) => +live.clamp(height, -MOST.y, MOST.y).toFixed(2));
    const count = Math.abs(end - first);
    for (let i = 0; i <= count; i++) {
      const share = count ? i / count : 1;
      y[first + Math.sign(end - first) * i] = +live.clamp(from[1] + share * (v - from[1]), -MOST.y, MOST.y).toFixed(2);
    }
    last = [u, v];
    chosen = end;
    change({ curve: "drawn", y });
  }

  const whole = (value, least, most) => (Number.isFinite(value) ? Math.round(live.clamp(value, least, most)) : least);

  /** Take a state from the address, and train for as many steps as it says. */
  function take(given) {
    training = false;
    const y = KNOTS.map((_, k) => +live.clamp(given.y[k] ?? 0, -MOST.y, MOST.y).toFixed(2));
    Object.assign(state, {
      curve: given.curve in curves || given.curve === "drawn" ? given.curve : DEFAULTS.curve,
      g: given.g in functions ? given.g : DEFAULTS.g,
      width: whole(given.width, 1, MOST.width),
      rate: live.clamp(given.rate, 1e-4, 100),
      seed: whole(given.seed, 0, MOST.seed),
      k: whole(given.k, 0, MOST.k),
      y,
    });
    restart();
    advance(state.k);
    show();
  }

  part("train").addEventListener("click", train);
  part("one").addEventListener("click", () => {
    advance(1);
    settle();
  });
  part("again").addEventListener("click", () => change({}));
  part("curve").addEventListener("change", () => {
    const wanted = part("curve").value;
    change(wanted === "drawn" ? { curve: wanted, y: heights().map((v) => +live.clamp(v, -MOST.y, MOST.y).toFixed(2)) } : { curve: wanted });
  });
  for (const radio of document.getElementsByName("sine-g")) {
    radio.addEventListener("change", () => change({ g: radio.value }));
  }
  part("width").addEventListener("input", () => change({ width: part("width").valueAsNumber }));
  part("rate").addEventListener("input", () => change({ rate: RATES[part("rate").valueAsNumber] }));
  part("seed").addEventListener("input", () => change({ seed: whole(part("seed").valueAsNumber, 0, MOST.seed) }));
  live.onDrag(part("plot"), [1, 1], pen);
  restart();
  show();
  const write = live.address("sine", DEFAULTS, take);
  return { state, targets, start, gradientAt, output, yardsticks, advance, settle, run: () => run, x };
})();

/* Chapter 4: one sigmoid unit on five targets, its misses, and its place on the landscape E(w, b). */
"use strict";

const landscape = (() => {
  const INPUTS = [-2, -1, 0, 1, 2];
  const REACH = 6; // of the map, to each side
  const RATE = 4; // the learning rate of the ball
  const MOST = 4000; // steps
  const CELLS = 36; // of the shading, in each direction
  const LEVELS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4];

  const sigmoid = (z) => (z >= 0 ? 1 : Math.exp(z)) / (1 + Math.exp(-Math.abs(z)));

  // State

  const DEFAULTS = { w: 1, b: 1, y: [0.1, 0.3, 0.2, 0.8, 0.9], steps: 0 };
  const part = (name) => document.getElementById(`landscape-${name}`);
  const state = structuredClone(DEFAULTS);

  /** Return the outputs for the five inputs. */
  const outputs = ([w, b]) => INPUTS.map((x) => sigmoid(w * x + b));

  /** Return E, half the mean of the squared misses, (4.2). */
  function error(place) {
    const squares = outputs(place).map((a, c) => (a - state.y[c]) ** 2);
    return squares.reduce((s, t) => s + t, 0) / (2 * INPUTS.length);
  }

  /** Return the derivatives of E with respect to w and b. */
  function slopes(place) {
    const m = INPUTS.length;
    const dz = outputs(place).map((a, c) => ((a - state.y[c]) / m) * a * (1 - a));
    return [dz.reduce((s, d, c) => s + d * INPUTS[c], 0), dz.reduce((s, d) => s + d, 0)];
  }

  /** Return the places of the ball, from where it was dropped. */
  function path() {
    const places = [[state.w, state.b]];
    for (let k = 0; k < state.steps; k++) {
      const slope = slopes(places[k]);
      places.push(places[k].map((value, i) => value - RATE * slope[i]));
    }
    return places;
  }

  // The two pictures

  live.show("landscape");
  const curve = live.plot(part("curve"), { x: [-2.6, 2.6], y: [-0.12, 1.12], ratio: () => 0.95 }, draw);
  const map = live.plot(part("map"), { x: [-REACH, REACH], y: [-REACH, REACH], ratio: () => 0.95 }, () => {
    drawMap();
    draw();
  });
  const targets = INPUTS.map((x, c) =>
    curve.handle(`Target ${c + 1}`, `${c + 1}`, [0, 1], {
      move: (_, y) => setTarget(c, y),
      step: (_, up) => setTarget(c, state.y[c] + 0.05 * up),
    }),
  );
  const diamond = map.handle("The weight w and the bias b", "", [-REACH, REACH], {
    move: (w, b) => setPlace(w, b),
    step: (right, up) => setPlace(state.w + 0.1 * right, state.b + 0.1 * up),
  });

  /** Return the level lines of E as a path, by marching squares: in each cell, join the points of
      its edges where E, taken as linear there, has the level. */
  function contours(cells = 80) {
    const at = (k) => REACH * ((2 * k) / cells - 1);
    const grid = Array.from({ length: cells + 1 }, (_, r) =>
      Array.from({ length: cells + 1 }, (_, c) => error([at(c), at(r)])),
    );
    const lines = [];
    for (let r = 0; r < cells; r++) {
      for (let c = 0; c < cells; c++) {
        const corners = [[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]];
        for (const level of LEVELS) {
          const points = corners.flatMap(([u, v], k) => {
            const [s, t] = corners[(k + 1) % 4];
            const [here, there] = [grid[v][u] - level, grid[t][s] - level];
            if (here < 0 === there < 0) return [];
            const share = here / (here - there);
            return [`${map.X(at(u + share * (s - u))).toFixed(1)} ${map.Y(at(v + share * (t - v))).toFixed(1)}`];
          });
          for (let k = 0; k + 1 < points.length; k += 2) lines.push(`M${points[k]}L${points[k + 1]}`);
        }
      }
    }
    return lines.join("");
  }

  let ground = []; // shades, level lines and axes

  function drawMap() {
    const edge = (k, size) => Math.round((k / CELLS) * size); // whole pixels, so that no seam shows
    const shades = Array.from({ length: CELLS * CELLS }, (_, k) => {
      const [c, r] = [k % CELLS, Math.floor(k / CELLS)];
      const place = [REACH * ((2 * c + 1) / CELLS - 1), REACH * (1 - (2 * r + 1) / CELLS)];
      const depth = 0.55 * (1 - live.clamp(error(place) / 0.3, 0, 1) ** 0.5);
      const [x, y] = [edge(c, map.width), edge(r, map.height)];
      const [width, height] = [edge(c + 1, map.width) - x, edge(r + 1, map.height) - y];
      return live.svg("rect", { x, y, width, height, "fill-opacity": depth.toFixed(3), class: "landscape-shade" });
    });
    ground = [shades, live.svg("path", { d: contours(), class: "live-contour" }), map.axes(["w", "b"])];
  }

  function draw() {
    const places = path();
    const ball = places.at(-1);
    const at = outputs(ball);
    const grid = Array.from({ length: 105 }, (_, k) => (k - 52) / 20);
    const bars = INPUTS.map((x, c) =>
      live.svg("path", { d: `M${curve.X(x)} ${curve.Y(state.y[c])}V${curve.Y(at[c])}`, class: "landscape-miss" }),
    );
    curve.show(
      curve.axes(["x", ""]),
      bars,
      curve.curve(grid.map((x) => [x, sigmoid(ball[0] * x + ball[1])]), "landscape-line"),
      INPUTS.map((x, c) => curve.dot([x, at[c]], "landscape-output", 4)),
    );
    targets.forEach((put, c) => put([INPUTS[c], state.y[c]], state.y[c], `y = ${live.fixed(state.y[c])}`));
    map.show(
      ground,
      state.steps ? map.curve(places, "landscape-path") : [],
      state.steps ? map.dot(ball, "landscape-ball", 8) : [],
    );
    diamond([state.w, state.b], state.w, `w = ${live.fixed(state.w)}, b = ${live.fixed(state.b)}`);
  }

  // In words and numbers

  const announce = live.announcer(part("spoken"));

  function describe() {
    const ball = path().at(-1);
    const where = `w = ${live.fixed(ball[0])}, b = ${live.fixed(ball[1])}`;
    const when = state.steps ? `After ${state.steps} steps the ball is` : "You are";
    return `${when} at ${where}: E = ${live.fixed(error(ball), 4)}.`;
  }

  function listNumbers() {
    const ball = path().at(-1);
    const row = (name, cells, style = "") => {
      const tds = cells.map((cell) => live.html("td", {}, cell));
      return live.html("tr", { class: style }, live.html("th", { scope: "row" }, name), ...tds);
    };
    const rows = outputs(ball).map((a, c) => {
      const miss = a - state.y[c];
      const numbers = [a, miss, miss ** 2].map((value, k) => live.fixed(value, k < 2 ? 3 : 4));
      return row(`${c + 1}`, [live.fixed(INPUTS[c], 0), live.fixed(state.y[c]), ...numbers]);
    });
    const total = 2 * INPUTS.length * error(ball);
    part("rows").replaceChildren(
      ...rows,
      row("sum", ["", "", "", "", live.fixed(total, 4)], "live-total"),
      row("E", ["", "", "", "a tenth:", live.fixed(error(ball), 4)], "live-chosen"),
    );
  }

  function show() {
    draw();
    for (const name of ["w", "b"]) {
      part(name).value = state[name];
      part(`${name}-value`).textContent = live.fixed(state[name]);
    }
    part("back").disabled = !state.steps;
    part("roll").disabled = state.steps >= MOST;
    listNumbers();
    part("status").textContent = describe();
  }

  // Acting

  // It rolls faster as it gets slow.
  const player = live.player(part("drop"), () => roll(2 + Math.floor(state.steps / 15)), 60);

  function change(changes) {
    Object.assign(state, changes);
    if (!changes.steps) player.pause();
    if (changes.y) drawMap();
    show();
    if (!player.plays()) announce(describe());
    write(state);
  }

  const limited = (value) => +live.clamp(value, -REACH, REACH).toFixed(2);
  const share = (value) => +live.clamp(value, 0, 1).toFixed(2);
  const setPlace = (w, b) => change({ w: limited(w), b: limited(b), steps: 0 });
  const setTarget = (c, y) => change({ y: state.y.with(c, share(y)), steps: 0 });

  /** Return whether the ball lies still: the slopes are small, or it has rolled long enough. */
  const rests = () => state.steps >= MOST || Math.hypot(...slopes(path().at(-1))) < 1e-5;

  function roll(steps) {
    change({ steps: Math.min(state.steps + steps, MOST) });
    if (!player.plays() || !rests()) return;
    player.pause();
    announce(describe());
  }

  function drop() {
    if (player.plays()) return player.pause();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      while (!rests()) state.steps += 10;
      return change({ steps: state.steps });
    }
    state.steps = 0;
    player.start();
    return roll(2);
  }

  /** Take a state from the address. */
  function take(given) {
    player.pause();
    Object.assign(state, {
      w: limited(given.w),
      b: limited(given.b),
      y: DEFAULTS.y.map((y, c) => share(given.y[c] ?? y)),
      steps: live.clamp(Math.round(given.steps), 0, MOST),
    });
    drawMap();
    show();
  }

  for (const name of ["w", "b"]) {
    part(name).addEventListener("input", () => setPlace(part("w").valueAsNumber, part("b").valueAsNumber));
  }
  part("drop").addEventListener("click", drop);
  part("roll").addEventListener("click", () => roll(25));
  part("back").addEventListener("click", () => change({ steps: 0 }));
  part("reset").addEventListener("click", () => change(structuredClone(DEFAULTS)));
  live.onDrag(part("map"), [1, 1], (right, down) => setPlace(REACH * (2 * right - 1), REACH * (1 - 2 * down)));
  drawMap();
  show();
  const write = live.address("landscape", DEFAULTS, take);
  return { state, error, slopes, path };
})();

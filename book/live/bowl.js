/* Chapter 10: a line through five points, the bowl E(w, b), and descents on it, raw and standardized. */
"use strict";

const bowl = (() => {
  const MOST = 20000; // steps
  const RIGHT = [-2.5, 6.5]; // what is shown of x
  const UP = [-1, 4.5]; // and of y
  const LEVELS = [0.03, 0.15, 0.4, 1, 2, 4]; // of E above the least, in units of the start's
  const SHOWN = 400; // steps of a path

  // State

  const DEFAULTS = { x: [0.5, 1, 2, 3, 3.5], y: [1.75, 0.75, 2, 3.25, 2.25], w: 0, b: 0, steps: 0 };
  const part = (name) => document.getElementById(`bowl-${name}`);
  const state = structuredClone(DEFAULTS);

  const mean = (values) => values.reduce((s, v) => s + v, 0) / values.length;
  const mu = () => mean(state.x);
  const tau = () => Math.sqrt(mean(state.x.map((x) => (x - mu()) ** 2)));

  /** Return whether there is one best line: the x are not all equal. */
  const isUnique = () => tau() > 0.01;

  /** Return w and b of the best line, (10.11). */
  function best() {
    const [m, height] = [mu(), mean(state.y)];
    const w = mean(state.x.map((x, c) => (x - m) * (state.y[c] - height))) / tau() ** 2;
    return [w, height - w * m];
  }

  /** Return E, half the mean of the squared residuals, (10.2). */
  function error([w, b], x = state.x) {
    return mean(x.map((x_c, c) => (w * x_c + b - state.y[c]) ** 2)) / 2;
  }

  /** Return the features, their mean and deviation, and where a descent on them starts and ends. */
  function problem(isStandardized) {
    const [m, s, [w, b]] = [mu(), tau(), best()];
    if (!isStandardized) return { x: state.x, m, s, start: [state.w, state.b], lowest: [w, b] };
    const change = ([w, b]) => [w * s, b + w * m]; // (10.14)
    return { x: state.x.map((x) => (x - m) / s), m: 0, s: 1, start: change([state.w, state.b]), lowest: change([w, b]) };
  }

  /** Return the eigenvalues of the Hessian, (10.13), its condition number, the best rate, and how many
      steps leave a millionth of the distance, (10.12): with two parameters, exactly so. */
  function speed({ m, s }) {
    const t = s ** 2 + m ** 2 + 1;
    const high = (t + Math.sqrt(Math.max(t ** 2 - 4 * s ** 2, 0))) / 2;
    const low = s ** 2 / high;
    const rho = (high - low) / (high + low);
    const millionth = rho < 1e-9 ? 1 : Math.ceil(Math.log(1e-6) / Math.log(rho));
    return { low, high, kappa: high / low, rate: 2 / (low + high), millionth };
  }

  /** Return the places of a descent at the best rate. */
  function path(isStandardized) {
    const { x, start, ...moments } = problem(isStandardized);
    const { rate } = speed(moments);
    const places = [start];
    for (let k = 0; k < state.steps; k++) {
      const [w, b] = places[k];
      const r = x.map((x_c, c) => w * x_c + b - state.y[c]);
      places.push([w - rate * mean(r.map((r_c, c) => r_c * x[c])), b - rate * mean(r)]);
    }
    return places;
  }

  /** Return w and b for the features as they are, of a place for standardized ones, (10.14). */
  const back = ([w, b]) => [w / tau(), b - (w / tau()) * mu()];

  const distance = ([w, b], [v, a]) => Math.hypot(w - v, b - a);

  // The three pictures

  live.show("bowl");
  const points = live.plot(part("points"), { x: RIGHT, y: UP, ratio: () => 0.62 }, draw);
  const maps = [part("raw"), part("standardized")].map((svg) =>
    live.plot(svg, { x: [-2, 2], y: [-2, 2], ratio: () => 1 }, draw),
  );
  const handles = DEFAULTS.x.map((_, c) =>
    points.handle(`Point ${c + 1}`, `${c + 1}`, UP, {
      move: (x, y) => setPoint(c, x, y),
      step: (right, up) => setPoint(c, state.x[c] + 0.1 * right, state.y[c] + 0.1 * up),
    }),
  );
  const diamond = maps[0].handle("The weight w and the bias b at the start", "", [-100, 100], {
    move: (w, b) => setStart(w, b),
    step: (right, up) => {
      const step = (maps[0].x[1] - maps[0].x[0]) / 40;
      setStart(state.w + step * right, state.b + step * up);
    },
  });

  /** Return a level line of E: an ellipse around the lowest point, (10.6). */
  function ellipse(map, lowest, { low, high }, m, height) {
    const angle = low === high ? 0 : 0.5 * Math.atan2(2 * m, low + high - 2); // of the steep direction
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const [long, short] = [Math.sqrt((2 * height) / low), Math.sqrt((2 * height) / high)];
    const around = Array.from({ length: 241 }, (_, k) => {
      const [u, v] = [short * Math.cos((k * Math.PI) / 120), long * Math.sin((k * Math.PI) / 120)];
      return [lowest[0] + u * c - v * s, lowest[1] + u * s + v * c];
    });
    return map.curve(around, "bowl-level");
  }

  let reach = 2; // of the raw map, to each side; it stays while the start is moved

  function frame() {
    const { start, lowest } = problem(false);
    reach = 1.25 * Math.max(distance(start, lowest), Math.hypot(...lowest), 0.5);
  }

  function drawMap(map, isStandardized) {
    const { x, start, lowest, ...moments } = problem(isStandardized);
    const far = isStandardized ? 1.25 * Math.max(distance(start, lowest), 0.5) : reach;
    [map.x, map.y] = lowest.map((at) => [at - far, at + far]);
    const above = error(start, x) - error(lowest, x) || 1;
    const places = path(isStandardized).slice(0, SHOWN + 1);
    const [across, up] = isStandardized ? ["w\u2032", "b\u2032"] : ["w", "b"];
    map.show(
      map.axes([across, up]),
      LEVELS.map((level) => ellipse(map, lowest, speed(moments), moments.m, level * above)),
      map.curve(places, `bowl-path bowl-by-${isStandardized ? "standardized" : "raw"}`),
      places.slice(1, 61).map((place) => map.dot(place, isStandardized ? "bowl-dot-standardized" : "bowl-dot-raw", 3)),
      map.curve([[lowest[0] - far / 18, lowest[1]], [lowest[0] + far / 18, lowest[1]]], "bowl-best"),
      map.curve([[lowest[0], lowest[1] - far / 18], [lowest[0], lowest[1] + far / 18]], "bowl-best"),
      isStandardized ? map.dot(start, "bowl-start", 5) : [],
    );
  }

  function draw() {
    const line = ([w, b], style) => points.curve(RIGHT.map((x) => [x, w * x + b]), style);
    const bars = ([w, b]) =>
      state.x.map((x, c) => points.curve([[x, state.y[c]], [x, w * x + b]], "bowl-residual"));
    const drawn = isUnique()
      ? [bars(best()), line(best(), "bowl-best"), line(back(path(true).at(-1)), "bowl-by-standardized"), line(path(false).at(-1), "bowl-by-raw")]
      : [];
    points.show(points.axes(["x", "y"]), drawn);
    handles.forEach((put, c) => {
      const said = `x = ${live.fixed(state.x[c])}, y = ${live.fixed(state.y[c])}`;
      put([state.x[c], state.y[c]], state.y[c], said);
    });
    if (isUnique()) maps.forEach((map, k) => drawMap(map, k === 1));
    else maps.forEach((map) => map.show());
    const start = isUnique() ? [state.w, state.b] : null;
    diamond(start, state.w, `w = ${live.fixed(state.w)}, b = ${live.fixed(state.b)}`);
  }

  // In words and numbers

  const announce = live.announcer(part("spoken"));

  /** Return which share of its first distance a descent has left. */
  function left(isStandardized) {
    const { start, lowest } = problem(isStandardized);
    return distance(path(isStandardized).at(-1), lowest) / (distance(start, lowest) || 1);
  }

  function describe() {
    if (!isUnique()) return "All x are equal: many lines are equally good, and there is no best one.";
    const [raw, standardized] = [false, true].map((kind) => speed(problem(kind)).millionth);
    const share = (kind) => {
      const value = left(kind);
      return value > 1e-6 ? `has ${live.number(value, 3)} of its distance left` : "is there";
    };
    const now = state.steps
      ? `After ${state.steps} ${state.steps === 1 ? "step" : "steps"} the raw descent ${share(false)}, and the standardized one ${share(true)}.`
      : "Both descents are at the start.";
    return `${now} To a millionth of the distance, they take ${raw} and ${standardized}.`;
  }

  function listNumbers() {
    const row = (name, cells, style = "") => {
      const tds = cells.map((cell) => live.html("td", {}, cell));
      return live.html("tr", { class: style }, live.html("th", { scope: "row" }, name), ...tds);
    };
    const place = (at) => [...at.map((value) => live.fixed(value, 4)), live.fixed(error(at), 4)];
    const descent = (name, kind) => {
      const { kappa, rate, millionth } = speed(problem(kind));
      const at = path(kind).at(-1);
      return row(name, [live.number(kappa), live.number(rate), `${millionth}`, ...place(kind ? back(at) : at)]);
    };
    const rows = isUnique()
      ? [descent("raw", false), descent("standardized", true), row("best line", ["", "", "", ...place(best())], "live-chosen")]
      : [];
    part("rows").replaceChildren(...rows);
  }

  function show() {
    draw();
    part("mean").value = mu();
    part("spread").value = tau();
    part("mean-value").textContent = live.fixed(mu());
    part("spread-value").textContent = live.fixed(tau());
    part("back").disabled = !state.steps;
    for (const name of ["run", "one", "ten"]) part(name).disabled = !isUnique() || (state.steps >= MOST && !player.plays());
    listNumbers();
    part("status").textContent = describe();
  }

  // Acting

  const player = live.player(part("run"), hurry, 70);

  function change(changes) {
    Object.assign(state, changes);
    if (!changes.steps) player.pause();
    if (changes.x && isUnique()) frame();
    show();
    if (!player.plays()) announce(describe());
    write(state);
  }

  const rounded = (value) => +value.toFixed(4);
  const inside = (value, [least, most]) => rounded(live.clamp(value, least, most));

  function setPoint(c, x, y) {
    change({ x: state.x.with(c, inside(x, RIGHT)), y: state.y.with(c, inside(y, UP)), steps: 0 });
  }

  function setStart(w, b) {
    const within = (value, [least, most]) => inside(value, [least + 0.001, most - 0.001]);
    change({ w: within(w, maps[0].x), b: within(b, maps[0].y), steps: 0 });
  }

  /** Move all points to the side, as far as all stay in the picture. */
  function setMean(value) {
    const away = state.x.map((x) => x - mu());
    const to = live.clamp(value, RIGHT[0] - Math.min(...away), RIGHT[1] - Math.max(...away));
    change({ x: away.map((x) => inside(to + x, RIGHT)), steps: 0 });
  }

  /** Pull the points apart, as far as all stay in the picture. */
  function setSpread(value) {
    if (!isUnique()) return;
    const [m, shape] = [mu(), state.x.map((x) => (x - mu()) / tau())];
    const room = Math.min((RIGHT[0] - m) / Math.min(...shape), (RIGHT[1] - m) / Math.max(...shape));
    change({ x: shape.map((x) => inside(m + Math.min(value, room) * x, RIGHT)), steps: 0 });
  }

  /** Return whether both descents have a millionth of their distances left, or have run for long. */
  const rests = () => state.steps >= MOST || state.steps >= speed(problem(false)).millionth;

  function advance(steps) {
    change({ steps: Math.min(state.steps + steps, MOST) });
  }

  const arrival = () => Math.min(speed(problem(false)).millionth, MOST);

  /** Take steps, more and more at a time, until both rest. */
  function hurry() {
    advance(Math.min(1 + Math.floor(state.steps / 25), arrival() - state.steps));
    if (!rests()) return;
    player.pause();
    show();
    announce(describe());
  }

  function run() {
    if (player.plays()) return player.pause();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return change({ steps: arrival() });
    if (rests()) state.steps = 0;
    player.start();
    return advance(1);
  }

  /** Take a state from the address. */
  function take(given) {
    player.pause();
    Object.assign(state, {
      x: DEFAULTS.x.map((x, c) => inside(given.x[c] ?? x, RIGHT)),
      y: DEFAULTS.y.map((y, c) => inside(given.y[c] ?? y, UP)),
      w: live.clamp(given.w, -100, 100),
      b: live.clamp(given.b, -100, 100),
      steps: live.clamp(Math.round(given.steps), 0, MOST),
    });
    if (isUnique()) frame();
    show();
  }

  part("run").addEventListener("click", run);
  part("one").addEventListener("click", () => advance(1));
  part("ten").addEventListener("click", () => advance(10));
  part("back").addEventListener("click", () => change({ steps: 0 }));
  part("reset").addEventListener("click", () => change(structuredClone(DEFAULTS)));
  part("mean").addEventListener("input", () => setMean(part("mean").valueAsNumber));
  part("spread").addEventListener("input", () => setSpread(part("spread").valueAsNumber));
  frame();
  show();
  const write = live.address("bowl", DEFAULTS, take);
  return { state, best, error, path, speed: (kind) => speed(problem(kind)) };
})();

/* Chapter 3: the product Z = W A + b 1^T of the example n = (2, 2, 1), element by element. */
"use strict";

const product = (() => {
  const LN3 = Math.log(3);
  const DEFAULTS = { layer: 1, element: [1, 1], W: [1, -1, 2, 1], b: [-1, -3], X: [1, 1, 2, 0, 2, -1] };
  const SECOND = { W: [[5, -2]], b: [-1] };
  const SHAPES = { W: 2, b: 1, X: 3 }; // columns of what the address holds row by row

  const part = (name) => document.getElementById(`product-${name}`);
  const state = structuredClone(DEFAULTS);
  let changed = null; // what the last change of a number did: elements [i, c] of Z

  const rows = (list, columns) => list.flatMap((_, k) => (k % columns ? [] : [list.slice(k, k + columns)]));
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));

  /** Return the matrices of a layer: W and b of layer 1 in units of ln 3, and so its Z. */
  function matrices(l = state.layer) {
    const W = l === 1 ? rows(state.W, 2) : SECOND.W;
    const b = l === 1 ? state.b : SECOND.b;
    const A = l === 1 ? rows(state.X, 3) : matrices(1).Z.map((row) => row.map((z) => sigmoid(z * LN3)));
    const Z = W.map((w, i) => A[0].map((_, c) => w.reduce((s, w_j, j) => s + w_j * A[j][c], b[i])));
    return { W, b: b.map((b_i) => [b_i]), A, Z };
  }

  /** Return Z of a layer itself. */
  const Z = (l) => matrices(l).Z.map((row) => row.map((z) => (l === 1 ? z * LN3 : z)));

  // In words

  const announce = live.announcer(part("spoken"));
  const SUBSCRIPTS = "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089";
  const sub = (...indices) => indices.map((i) => SUBSCRIPTS[i]).join("");
  const short = (x) => live.fixed(x, 3).replace(/\.?0+$/, "");
  const factor = (x) => (x < 0 ? `(${short(x)})` : short(x));

  /** Write out the sum for the chosen element. */
  function sum() {
    const { layer } = state;
    const [i, c] = state.element;
    const { W, b, A, Z: scaled } = matrices();
    const letters = W[0].map((_, j) => `W${sub(i, j + 1)} a${sub(j + 1, c)}`);
    const numbers = W[i - 1].map((w, j) => `${factor(w)} \u00b7 ${factor(A[j][c - 1])}`);
    const z = scaled[i - 1][c - 1];
    const written = `z${sub(i, c)} = ${letters.join(" + ")} + b${sub(i)} = `;
    const inNumbers = `${numbers.join(" + ")} + ${factor(b[i - 1][0])} = ${short(z)}`;
    if (layer === 2) return `${written}${inNumbers}`;
    const value = short(z * LN3);
    return `${written}ln 3 \u00b7 (${numbers.join(" + ")} + ${factor(b[i - 1][0])}) = ${short(z)} ln 3 = ${value}`;
  }

  /** Say on what the chosen element depends, or what the last change did. */
  function describe() {
    const [i, c] = state.element;
    const names = state.layer === 1 ? ["Z\u00b9", "W\u00b9", "A\u2070", "b\u00b9"] : ["Z\u00b2", "W\u00b2", "A\u00b9", "b\u00b2"];
    if (!changed) {
      return `Element (${i}, ${c}) of ${names[0]} needs row ${i} of ${names[1]}, column ${c} of ${names[2]} and row ${i} of ${names[3]}.`;
    }
    const columns = [1, 2, 3].filter((k) => changed.some((place) => place[1] === k));
    const others = [1, 2, 3].filter((k) => !columns.includes(k));
    if (!columns.length) return `No element of ${names[0]} changed.`;
    const list = (all) => `${all.length > 1 ? "columns" : "column"} ${all.join(" and ").replace("1 and 2 and", "1, 2 and")}`;
    const rest = others.length ? ` Nothing changed in ${list(others)}.` : "";
    return `Changed in ${names[0]}: elements in ${list(columns)}.${rest}`;
  }

  // The matrices on the page

  function cell(name, value, i, c) {
    const { layer, element } = state;
    const fixed = layer === 2 || name === "Z";
    if (name === "Z") {
      const button = live.html("button", { type: "button" }, short(value));
      button.setAttribute("aria-label", `Z row ${i}, column ${c}: ${short(value)}`);
      button.setAttribute("aria-pressed", `${i === element[0] && c === element[1]}`);
      button.addEventListener("click", () => choose(i, c));
      button.addEventListener("focus", () => choose(i, c));
      button.addEventListener("pointerenter", (event) => {
        if (event.pointerType === "mouse" && event.buttons === 0) choose(i, c);
      });
      return button;
    }
    if (fixed) return live.html("span", {}, short(value));
    const input = live.html("input", { type: "number", step: "1", value });
    input.setAttribute("aria-label", `${name} row ${i}, column ${c}`);
    const key = name === "A" ? "X" : name;
    input.addEventListener("input", () => setNumber(key, (i - 1) * SHAPES[key] + c - 1, input.valueAsNumber));
    return input;
  }

  function matrix(name, values) {
    const body = values.map((row, i) => {
      const cells = row.map((value, c) => live.html("td", {}, cell(name, value, i + 1, c + 1)));
      return live.html("tr", {}, ...cells);
    });
    return live.html("table", { class: "product-matrix", "data-name": name, "aria-label": name }, live.html("tbody", {}, ...body));
  }

  function drawEquation() {
    const { layer } = state;
    const { W, b, A, Z: scaled } = matrices();
    const power = (letter, k) => live.html("span", {}, live.html("var", {}, letter), live.html("sup", {}, `${k}`));
    const named = (letter, k, values) => live.html("div", { class: "product-named" }, power(letter, k), matrix(letter, values));
    const sign = (text) => live.html("span", { class: "product-sign", "aria-hidden": "true" }, text);
    part("equation").replaceChildren(
      live.html("div", {}, named("Z", layer, scaled), sign("=")),
      live.html("div", {}, named("W", layer, W), sign("\u00b7"), named("A", layer - 1, A), sign("+"), named("b", layer, b)),
    );
    part("title").textContent = layer === 1
      ? "The column b is added to every column of W A. Z, W and b are in units of ln 3 = 1.0986. The inputs are the columns of A."
      : "The column b is added to every column of W A. The columns of A are what the sigmoid makes of layer 1's Z; Z is the output.";
  }

  /** Mark the row of W, the column of A and what goes with them. */
  function mark() {
    const [i, c] = state.element;
    const wanted = { W: (r) => r === i, A: (_, k) => k === c, b: (r) => r === i, Z: (r, k) => r === i && k === c };
    for (const table of part("equation").querySelectorAll("table")) {
      const name = table.dataset.name;
      [...table.rows].forEach((row, r) => {
        [...row.cells].forEach((td, k) => {
          td.classList.toggle("product-chosen", wanted[name](r + 1, k + 1));
          td.classList.toggle("product-column", "AZ".includes(name) && k + 1 === c);
          const isChanged = name === "Z" && changed?.some(([u, v]) => u === r + 1 && v === k + 1);
          td.classList.toggle("product-changed", Boolean(isChanged));
          if (name !== "Z") return;
          const value = short(matrices().Z[r][k]);
          const button = td.firstChild;
          button.textContent = value;
          button.setAttribute("aria-label", `Z row ${r + 1}, column ${k + 1}: ${value}`);
          button.setAttribute("aria-pressed", `${wanted.Z(r + 1, k + 1)}`);
        });
      });
    }
  }

  function show() {
    mark();
    for (const radio of document.getElementsByName("product-layer")) radio.checked = Number(radio.value) === state.layer;
    part("sum").textContent = sum();
    part("status").textContent = describe();
  }

  // Acting

  const player = live.player(part("play"), () => step(1), 1200);

  function change(changes, redraw = true) {
    Object.assign(state, changes);
    if (redraw) drawEquation();
    show();
    if (!player.plays()) announce(`${changed ? describe() : sum()}`);
    write(state);
  }

  function choose(i, c) {
    if (state.element[0] === i && state.element[1] === c && !changed) return;
    changed = null;
    change({ element: [i, c] }, false);
  }

  /** Go to the next or previous element, column by column. */
  function step(by) {
    const height = matrices().Z.length;
    const [i, c] = state.element;
    const k = ((c - 1) * height + i - 1 + by + 3 * height) % (3 * height);
    choose((k % height) + 1, Math.floor(k / height) + 1);
  }

  function play() {
    if (player.plays()) return player.pause();
    player.start();
    return step(1);
  }

  function setNumber(key, k, value) {
    if (!Number.isFinite(value)) return;
    player.pause();
    const before = matrices().Z;
    state[key][k] = value;
    const after = matrices().Z;
    changed = after.flatMap((row, r) => row.flatMap((z, c) => (z === before[r][c] ? [] : [[r + 1, c + 1]])));
    change({}, false);
  }

  function sane(given) {
    const layer = given.layer === 2 ? 2 : 1;
    const whole = (x, most) => live.clamp(Math.round(x), 1, most);
    const list = (key) => DEFAULTS[key].map((x, k) => given[key][k] ?? x);
    const element = [whole(given.element[0], layer === 1 ? 2 : 1), whole(given.element[1] ?? 1, 3)];
    return { layer, element, W: list("W"), b: list("b"), X: list("X") };
  }

  function take(given) {
    player.pause();
    changed = null;
    Object.assign(state, sane(given));
    drawEquation();
    show();
  }

  live.show("product");
  for (const radio of document.getElementsByName("product-layer")) {
    radio.addEventListener("change", () => {
      player.pause();
      changed = null;
      change(sane({ ...state, layer: Number(radio.value) }));
    });
  }
  part("back").addEventListener("click", () => (player.pause(), step(-1)));
  part("next").addEventListener("click", () => (player.pause(), step(1)));
  part("play").addEventListener("click", play);
  part("play").hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;
  part("reset").addEventListener("click", () => {
    player.pause();
    changed = null;
    change(structuredClone({ ...DEFAULTS, layer: state.layer }));
  });
  drawEquation();
  show();
  const write = live.address("product", DEFAULTS, take);
  return { state, Z, matrices };
})();

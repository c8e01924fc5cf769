/* Draw a digit: the network of chapter 11 reads it while it is drawn. Its parameters load when the
   figure comes into view or is touched. */
"use strict";

const digits = (() => {
  const SIZE = 280; // of the drawing
  const PEN = 24; // its width, about two pixels and a half of the network's
  const STEP = 10; // of the pen, by keyboard
  const BOX = 20; // what a digit is scaled to
  const FIELD = 28; // what it is placed in
  const MISREAD = 6; // test images
  const blank = new Array(FIELD * FIELD).fill(0);

  // The network

  function bytes(base64) {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }

  const floats = (base64) => base64 && new Float32Array(bytes(base64).buffer);
  /** Return a matrix row by row: whole numbers, in two bytes that come apart, times the row's step. */
  function matrix(given, l) {
    if (!given) return given;
    const [low, high, steps] = [bytes(given.low), bytes(given.high), floats(given.steps)];
    const columns = n[l - 1];
    const number = (k) => ((high[k] << 24) >> 16) | low[k];
    return Float32Array.from(low, (_, k) => number(k) * steps[Math.floor(k / columns)]);
  }

  const n = [FIELD * FIELD, 300, 10];
  let W = null; // each row by row
  let b = null;

  /** Return the weighted sums z = W a + b of layer l. */
  function weightedSums(l, a) {
    const z = Array.from(b[l]);
    const inked = [...a.keys()].filter((j) => a[j] !== 0);
    for (let i = 0; i < n[l]; i++) {
      for (const j of inked) z[i] += W[l][i * n[l - 1] + j] * a[j];
    }
    return z;
  }

  /** Return the softmax of a column, shifted by its largest element so that nothing overflows. */
  function softmax(a) {
    const largest = Math.max(...a);
    const powers = a.map((a_i) => Math.exp(a_i - largest));
    const sum = powers.reduce((s, power) => s + power);
    return powers.map((power) => power / sum);
  }

  /** Return what the network makes of 784 pixels from 0 to 1: a^1, a^2 and S. */
  function read(pixels) {
    const a1 = weightedSums(1, pixels).map((z) => Math.max(0, z));
    const a2 = weightedSums(2, a1);
    return { a1, a2, S: softmax(a2) };
  }

  /** Return the hidden units j with the largest W^2_ij a^1_j, from the largest on. */
  function strongest(i, a1, count) {
    const units = a1.map((a, j) => ({ j, a, share: W[2][i * n[1] + j] * a }));
    return units.sort((u, v) => v.share - u.share).slice(0, count);
  }

  // The input, made as the images of MNIST were

  const transpose = (M) => M[0].map((_, x) => M.map((row) => row[x]));

  /** Resample a row to fewer cells, each the mean of what it covers. */
  function shrinkRow(row, cells) {
    const width = row.length / cells;
    return Array.from({ length: cells }, (_, cell) => {
      const [left, right] = [cell * width, (cell + 1) * width];
      let sum = 0;
      for (let x = Math.floor(left); x < Math.min(right, row.length); x++) {
        sum += row[x] * (Math.min(right, x + 1) - Math.max(left, x));
      }
      return sum / width;
    });
  }

  function shrink(M, rows, columns) {
    const narrow = M.map((row) => shrinkRow(row, columns));
    return transpose(transpose(narrow).map((column) => shrinkRow(column, rows)));
  }

  /** Return the part of M inside the smallest box that has all its ink, or null without ink. */
  function crop(M) {
    const hasInk = (row) => row.some((ink) => ink > 0);
    const inkedRows = M.filter(hasInk).length && [M.findIndex(hasInk), M.findLastIndex(hasInk)];
    if (!inkedRows) return null;
    const columns = transpose(M);
    const [left, right] = [columns.findIndex(hasInk), columns.findLastIndex(hasInk)];
    return M.slice(inkedRows[0], inkedRows[1] + 1).map((row) => row.slice(left, right + 1));
  }

  /** Return by how much to shift rows so that their center of mass comes to the pixel after the
      middle, where it is in every test image of MNIST. */
  function shift(M) {
    const masses = M.map((row) => row.reduce((s, ink) => s + ink, 0));
    const mass = masses.reduce((s, m) => s + m);
    const center = masses.reduce((s, m, y) => s + m * (y + 0.5), 0) / mass;
    return Math.min(Math.max(Math.ceil(FIELD / 2 - center), 0), FIELD - M.length);
  }

  /** Return the 784 pixels for a drawing of ink from 0 to 1, or null if it is empty: its box is
      scaled to 20 x 20, keeping its shape, and centered by mass in 28 x 28. */
  function prepare(drawing) {
    const box = crop(drawing);
    if (!box) return null;
    const scale = BOX / Math.max(box.length, box[0].length);
    const cells = (length) => Math.max(1, Math.round(scale * length));
    const small = shrink(box, cells(box.length), cells(box[0].length));
    const [down, right] = [shift(small), shift(transpose(small))];
    const pixels = new Array(FIELD * FIELD).fill(0);
    small.forEach((row, y) => {
      row.forEach((ink, x) => (pixels[(y + down) * FIELD + x + right] = ink));
    });
    return pixels;
  }

  // The drawing

  const part = (name) => document.getElementById(`digit-${name}`);
  const canvas = part("drawing");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let strokes = []; // each a list of points [x, y]
  let image = -1; // the index of the test image that is shown instead
  let examples = []; // the test images
  let replay = false; // is the drawing the one that the page begins with?
  let pixels = null; // the network's input
  const colors = {};
  const pen = { x: SIZE / 2, y: SIZE / 2, down: false };

  /** Return the drawing as rows of ink from 0 to 1. */
  function ink() {
    const { data } = context.getImageData(0, 0, SIZE, SIZE);
    const row = (y) => Array.from({ length: SIZE }, (_, x) => data[4 * (y * SIZE + x) + 3] / 255);
    return Array.from({ length: SIZE }, (_, y) => row(y));
  }

  function drawStrokes() {
    context.clearRect(0, 0, SIZE, SIZE);
    context.strokeStyle = `rgb(${colors.ink})`;
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of strokes) {
      context.beginPath();
      context.moveTo(...stroke[0]);
      for (const [x, y] of stroke) context.lineTo(x, y + 0.01); // a click is a dot
      context.stroke();
    }
  }

  /** Paint 28 x 28 numbers from -1 to 1: 1 in the first color, -1 in the second, 0 as paper. */
  function paint(target, values, above = colors.ink, below = colors.ink) {
    const image = new ImageData(FIELD, FIELD);
    values.forEach((value, k) => {
      const end = value > 0 ? above : below;
      const color = colors.paper.map((c, i) => c + Math.abs(value) * (end[i] - c));
      image.data.set([...color, 255], 4 * k);
    });
    const small = live.html("canvas", { width: FIELD, height: FIELD });
    small.getContext("2d").putImageData(image, 0, 0);
    const pencil = target.getContext("2d");
    pencil.imageSmoothingEnabled = false;
    pencil.clearRect(0, 0, target.width, target.height);
    pencil.drawImage(small, 0, 0, target.width, target.height);
  }

  // The answer

  const announce = live.announcer(part("spoken"));
  let waiting = false;

  /** Read the drawing anew, at most once a frame. */
  function update() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      redraw();
    });
  }

  function redraw() {
    const example = examples.find(({ index }) => index === image);
    if (example) {
      pixels = example.pixels;
      paint(canvas, pixels);
    } else {
      drawStrokes();
      pixels = prepare(ink());
    }
    const input = part("input");
    paint(input, pixels ?? blank);
    const inked = pixels?.filter((value) => value > 0).length;
    const seen = pixels ? `28 by 28 pixels, ${inked} of them with ink` : "Nothing yet";
    input.setAttribute("aria-label", seen);
    part("shown").textContent = example ? `test image ${example.index}, a ${example.label}` : "";
    showPen();
    showAnswer(pixels && W && read(pixels));
    write({ image, ink: replay ? "" : strokes.map(String).join(";") });
  }

  function showAnswer(result) {
    const answer = result && result.S.indexOf(Math.max(...result.S));
    part("answer").textContent = result ? answer : pixels && !W ? waitingFor : "nothing yet";
    [...part("outputs").rows].forEach((row, i) => {
      const S_i = result ? result.S[i] : 0;
      row.className = i === answer ? "live-chosen" : "";
      row.cells[1].textContent = result ? S_i.toFixed(3) : "";
      row.cells[2].firstChild.style.width = `${100 * S_i}%`;
    });
    showUnits(result, answer);
    if (!result || replay) return announce("");
    const order = [...result.S.keys()].sort((i, j) => result.S[j] - result.S[i]);
    const [first, second] = order.map((i) => `${i} with ${result.S[i].toFixed(2)}`);
    return announce(`The network reads ${first}; next is ${second}.`);
  }

  function showUnits(result, answer) {
    const units = result ? strongest(answer, result.a1, part("units").children.length) : [];
    [...part("units").children].forEach((item, k) => {
      const unit = units[k];
      const row = unit ? W[1].subarray(unit.j * n[0], (unit.j + 1) * n[0]) : new Float32Array(n[0]);
      const size = row.reduce((s, w) => Math.max(s, Math.abs(w)), 1e-9);
      paint(item.firstChild, Array.from(row, (w) => w / size), colors.plus, colors.minus);
      const share = unit ? `+${unit.share.toFixed(2)}` : "";
      item.lastChild.textContent = unit ? `unit ${unit.j + 1}: ${share}` : "\u2013";
    });
    const sum = units.reduce((s, unit) => s + unit.share, 0).toFixed(2);
    const active = result?.a1.filter((a) => a > 0).length;
    const added = result
      ? `${active} of the ${n[1]} units are active; these ${units.length} add ${sum} to the output for
        ${answer}, which is ${result.a2[answer].toFixed(2)} before the softmax.`
      : `When there is something to read, the ${part("units").children.length} units that add most to
        the output for the answer appear here.`;
    part("sum").textContent = `Each picture is a row of the first layer's weights: ink on purple raises
      the unit's weighted sum, ink on orange lowers it. ${added}`;
  }

  // Mouse, finger, keyboard

  function clear() {
    [strokes, image, replay, pen.down] = [[], -1, false, false];
    update();
  }

  // The stroke that the page begins with, so that one sees at once what it does.
  const FIRST = [[72, 74], [140, 70], [206, 72], [186, 118], [160, 168], [142, 212], [134, 244]];

  /** Draw the first stroke in about a second, unless the reader draws or wants no motion. */
  function showFirst() {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const length = 18;
    const at = (t) => {
      const k = Math.min(Math.floor(t), FIRST.length - 2);
      return FIRST[k].map((v, axis) => Math.round(v + (t - k) * (FIRST[k + 1][axis] - v)));
    };
    const stroke = Array.from({ length: length + 1 }, (_, k) => at((k / length) * (FIRST.length - 1)));
    replay = true;
    strokes = [still ? stroke : stroke.slice(0, 1)];
    const add = () => {
      if (!replay || strokes[0].length === stroke.length) return;
      strokes[0].push(stroke[strokes[0].length]);
      update();
      setTimeout(add, 50);
    };
    update();
    if (!still) setTimeout(add, 400);
  }

  function begin(x, y) {
    if (image >= 0 || replay) clear();
    strokes.push([]);
    draw(x, y);
  }

  /** Draw to a point, in whole pixels and not too close to the last, so that the address is short. */
  function draw(x, y) {
    if (!strokes.length) strokes.push([]);
    const point = [Math.round(x), Math.round(y)];
    const last = strokes.at(-1).at(-1);
    if (!last || Math.hypot(point[0] - last[0], point[1] - last[1]) >= 3) strokes.at(-1).push(point);
    move(x, y);
  }

  function move(x, y) {
    [pen.x, pen.y] = [x, y];
    update();
  }

  function showPen() {
    const mark = part("pen");
    mark.style.left = `${(100 * pen.x) / SIZE}%`;
    mark.style.top = `${(100 * pen.y) / SIZE}%`;
    mark.className = pen.down ? "digit-pen-down" : "";
  }

  const MOVES = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
    Home: [-1, -1],
    PageUp: [1, -1],
    End: [-1, 1],
    PageDown: [1, 1],
  };

  function onKey(event) {
    const inside = (v) => Math.min(Math.max(v, 0), SIZE);
    const [right, down] = MOVES[event.key] ?? [0, 0];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (right || down) {
      const place = [inside(pen.x + STEP * right), inside(pen.y + STEP * down)];
      (pen.down ? draw : move)(...place);
    } else if (event.key === "Escape") {
      clear();
    } else if (event.key === " ") {
      if (!pen.down) begin(pen.x, pen.y);
      pen.down = !pen.down;
    } else return;
    event.preventDefault();
  }

  /** Take a drawing from the address: a test image by its index, or strokes, their points one after
      another as x,y,x,y;x,y. */
  function take(given) {
    clear();
    image = W && !isExample(given.image) ? -1 : given.image;
    const points = given.ink.split(";").map((stroke) => stroke.split(",").map(Number));
    const valid = points.filter((numbers) => numbers.length > 1 && numbers.every((v) => 0 <= v && v <= SIZE));
    if (image < 0) strokes = valid.map((numbers) => numbers.flatMap((x, k) => (k % 2 ? [[numbers[k - 1], x]] : [])));
  }

  const isExample = (number) => examples.some(({ index }) => index === number);

  function decode({ index, label, pixels }) {
    return { index, label, pixels: Array.from(bytes(pixels), (value) => value / 255) };
  }

  // The parameters and the test images

  const source = document.currentScript.src.replace("digits.js", "digits_data.js");
  let waitingFor = "loading the network";
  let loaded = null;

  /** Load them, once, by a script, which works in a page from a folder as well. */
  function load() {
    loaded ??= new Promise((done) => {
      const script = live.html("script", { src: source });
      script.addEventListener("load", () => {
        W = digitData.W.map(matrix);
        b = digitData.b.map(floats);
        examples = digitData.examples.map(decode);
        examples.forEach(showExample);
        if (!isExample(image)) image = -1;
        if (!strokes.length && image < 0 && !location.hash.includes("=")) showFirst();
        redraw();
        done();
      });
      script.addEventListener("error", () => {
        waitingFor = "the network did not load";
        redraw();
      });
      document.head.append(script);
    });
    return loaded;
  }

  /** Make the place of a button that shows a test image, for which the page has room from the start. */
  function exampleButton(group, label) {
    const picture = live.html("canvas", { width: FIELD, height: FIELD, "aria-hidden": "true" });
    const button = live.html("button", { type: "button" }, picture, live.html("span", {}, label));
    button.disabled = true;
    part(group).append(button);
  }

  /** Let a button show a test image. */
  function showExample(shown, k) {
    const button = exampleButtons()[k];
    const { S } = read(shown.pixels);
    const answer = S.indexOf(Math.max(...S));
    const label = answer === shown.label ? `${answer}` : `${shown.label}, read as ${answer}`;
    button.lastChild.textContent = label;
    button.setAttribute("aria-label", `${label}: test image ${shown.index}`);
    button.disabled = false;
    button.addEventListener("click", () => {
      clear();
      image = shown.index;
    });
    paint(button.firstChild, shown.pixels);
  }

  const exampleButtons = () => [...document.querySelectorAll(".digit-examples button")];

  function setUp() {
    for (let i = 0; i < n[2]; i++) {
      const bar = live.html("td", {}, live.html("div"));
      const name = live.html("th", { scope: "row" }, `${i}`);
      part("outputs").append(live.html("tr", {}, name, live.html("td"), bar));
    }
    for (let k = 0; k < 12; k++) {
      const picture = live.html("canvas", { width: 56, height: 56, "aria-hidden": "true" });
      part("units").append(live.html("li", {}, picture, live.html("span")));
    }
    for (let i = 0; i < n[2]; i++) exampleButton("right", `${i}`);
    for (let k = 0; k < MISREAD; k++) exampleButton("wrong", "0, read as 0");
    live.show("digits");
    const all = () => {
      for (const name of ["paper", "ink", "plus", "minus"]) colors[name] = live.color(`--live-${name}`);
      exampleButtons().forEach((button, k) => paint(button.firstChild, examples[k]?.pixels ?? blank));
      redraw();
    };
    part("clear").addEventListener("click", clear);
    canvas.addEventListener("keydown", onKey);
    canvas.addEventListener("blur", () => {
      pen.down = false;
      showPen();
    });
    live.onDrag(canvas, [SIZE, SIZE], (x, y, starts) => {
      pen.down = false;
      (starts ? begin : draw)(x, y);
    });
    live.onTheme(all);
    all();
  }

  const write = live.address("digits", { image: -1, ink: "" }, take);
  setUp();
  live.whenNear(document.getElementById("live-digits"), load);
  return { load, read, prepare, ink, strongest, input: () => pixels };
})();

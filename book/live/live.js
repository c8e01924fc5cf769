/* What the live figures share. Each of them is a fragment of HTML with controls, hidden at first,
   and a script that fills it and puts it in the place of the static figure. Here are: showing it, the
   state in the page's address, players, plots with axes, curves and handles, announcements, and the
   activation functions. Classic scripts without modules or requests, so that they run from a folder
   as well as from a server. */
"use strict";

const live = {
  /** Show the live figure NAME in place of its static version: the figure of class live-NAME, or
      what a notebook's cell that is tagged live-NAME shows, of which only the caption stays. */
  show(name) {
    const figure = document.getElementById(`live-${name}`);
    const still = document.querySelector(`figure.live-${name}, .tag_live-${name}`);
    const caption = still?.matches(".cell") ? still.querySelector("figcaption") : null;
    if (caption) {
      const around = [...still.children, ...caption.parentElement.children];
      for (const part of around) part.classList.toggle("live-replaced", !part.contains(caption));
      caption.before(figure);
    } else still?.classList.add("live-replaced");
    figure.hidden = false;
  },

  /** Make an element of SVG. */
  svg(tag, attributes = {}, text = "") {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  },

  /** Make an element of HTML. */
  html(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  },

  /** Write a number with a few significant digits, far from 1 with a power of ten. */
  number(x, digits = 4) {
    if (!Number.isFinite(x)) return "not finite";
    const far = x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e5);
    const text = far ? x.toExponential(digits - 1) : x.toPrecision(digits);
    const raised = (power) => [...power].map((c) => "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"["-0123456789".indexOf(c)]);
    return text
      .replace(/e\+?(.*)/, (_, power) => ` \u00b7 10${raised(power).join("")}`)
      .replace("-", "\u2212");
  },

  /** Write a number with a fixed number of digits after the point. */
  fixed(x, digits = 2) {
    const text = x.toFixed(digits);
    return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
  },

  /** Let a button, which says Pause meanwhile, repeat something. */
  player(button, act, milliseconds) {
    const label = button.textContent;
    let timer = 0;
    return {
      plays: () => timer !== 0,
      start() {
        timer = setInterval(act, milliseconds);
        button.textContent = "Pause";
      },
      pause() {
        clearInterval(timer);
        timer = 0;
        button.textContent = label;
      },
    };
  },

  clamp: (x, least, most) => Math.min(Math.max(x, least), most),

  /** Return a color that live.css defines, as numbers [red, green, blue]. */
  color(name) {
    const style = getComputedStyle(document.querySelector(".live"));
    const pen = document.createElement("canvas").getContext("2d");
    pen.fillStyle = style.getPropertyValue(name).trim();
    return [1, 3, 5].map((k) => parseInt(pen.fillStyle.slice(k, k + 2), 16));
  },

  /** Call a function whenever the reader changes between light and dark. */
  onTheme(redraw) {
    const root = document.documentElement;
    new MutationObserver(redraw).observe(root, { attributeFilter: ["data-theme"] });
  },

  /** Call a function once: when an element comes near the window, or is touched before. */
  whenNear(element, act) {
    const observer = new IntersectionObserver(
      ([{ isIntersecting }]) => {
        if (isIntersecting) start();
      },
      { rootMargin: "100px" },
    );
    const start = () => {
      observer.disconnect();
      for (const event of ["pointerdown", "focusin"]) element.removeEventListener(event, start);
      act();
    };
    observer.observe(element);
    for (const event of ["pointerdown", "focusin"]) element.addEventListener(event, start);
  },

  /** Tell readers who listen, once nothing has changed for a moment. */
  announcer(element, wait = 1000) {
    let timer = 0;
    return (text) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (element.textContent !== text) element.textContent = text;
      }, wait);
    };
  },

  /** Call a function with the place of the pointer, in units of which the element is so wide and
      high, and whether a drag starts: when the pointer is pressed, and while it moves then. */
  onDrag(element, [width, height], act) {
    const place = (event) => {
      const box = element.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * width;
      const y = ((event.clientY - box.top) / box.height) * height;
      act(x, y, event.type === "pointerdown");
    };
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      place(event);
    });
    element.addEventListener("pointermove", (event) => {
      if (element.hasPointerCapture(event.pointerId)) place(event);
    });
  },

  /** Keep the state of the figure NAME, numbers, words and lists of numbers, in the page's address,
      as in #w=2,-1&rate=0.1. What the address holds when the page opens, or when a link changes it,
      is passed to `apply`, with the defaults for what it leaves out. Return the function that writes a
      state there. Other places of the page keep their links: an address without = is one of them.
      Where a page has several figures, the keys are written as NAME.w, and read either way. */
  address(name, defaults, apply) {
    const keys = Object.keys(defaults);
    const hash = () => location.hash.slice(1);
    const entries = () => new URLSearchParams(hash().includes("=") ? hash() : "");
    const text = (value) => [value].flat().map((x) => (typeof x === "number" ? +x.toPrecision(6) : x)).join(",");
    const prefix = document.querySelectorAll(".live").length > 1 ? `${name}.` : "";
    let timer = 0;

    function parse(given, like) {
      if (typeof like === "string") return given;
      const numbers = given.split(",").map((word) => (word.trim() ? Number(word) : NaN));
      if (!numbers.every(Number.isFinite)) return undefined;
      return Array.isArray(like) ? numbers : numbers[0];
    }

    function read() {
      const given = entries();
      const found = keys.map((key) => [key, given.get(`${name}.${key}`) ?? given.get(key)]);
      const valid = found
        .filter(([, value]) => value !== null)
        .map(([key, value]) => [key, parse(value, defaults[key])])
        .filter(([, value]) => value !== undefined);
      if (!valid.length) return;
      clearTimeout(timer);
      apply({ ...structuredClone(defaults), ...Object.fromEntries(valid) });
      const figure = document.getElementById(`live-${name}`);
      const { top } = figure.getBoundingClientRect();
      if (top < 0 || top > innerHeight / 2) figure.scrollIntoView();
    }

    function write(state) {
      const all = entries();
      for (const key of keys) {
        all.delete(key);
        all.delete(`${name}.${key}`);
        if (text(state[key]) !== text(defaults[key])) all.set(prefix + key, text(state[key]));
      }
      const next = [...all].map(([key, value]) => `${key}=${value}`).join("&");
      if (next === hash() || (!next && !hash().includes("="))) return;
      const page = location.href.split("#")[0];
      history.replaceState(history.state, "", next ? `${page}#${next}` : page);
    }

    addEventListener("hashchange", read);
    read();
    return (state) => {
      clearTimeout(timer);
      timer = setTimeout(write, 200, structuredClone(state)); // browsers allow only so many a second
    };
  },

  /** Return round numbers from one number to another, about `count` of them. */
  ticks(from, to, count = 6) {
    const rough = (to - from) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((c) => c * power).find((c) => c >= rough * 0.999);
    const first = Math.ceil(from / step - 1e-9);
    const last = Math.floor(to / step + 1e-9);
    return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
  },

  /** Make a plot of an element of SVG, for x and y between two numbers each. `ratio` is the height
      for a width, and a unit of the drawing is a pixel of the page, so that letters and handles have
      their size on every screen. `draw` is called whenever the width changes. */
  plot(svg, { x, y, ratio = () => 0.65 }, draw) {
    const content = live.svg("g");
    const handles = live.svg("g");
    svg.replaceChildren(content, handles);
    const plot = {
      width: 0,
      height: 0,
      x,
      y,
      X: (value) => ((value - plot.x[0]) / (plot.x[1] - plot.x[0])) * plot.width,
      Y: (value) => ((plot.y[1] - value) / (plot.y[1] - plot.y[0])) * plot.height,

      /** Return the point of the plot that is at a place of the screen. */
      at({ clientX, clientY }) {
        const box = svg.getBoundingClientRect();
        const [right, down] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
        return [plot.x[0] + right * (plot.x[1] - plot.x[0]), plot.y[1] - down * (plot.y[1] - plot.y[0])];
      },

      show: (...elements) => content.replaceChildren(...elements.flat(9)),

      /** Return a grid, the axes through 0 or along the edges, and their numbers and names. */
      axes([across, up]) {
        const { X, Y, width, height } = plot;
        const columns = live.ticks(...plot.x, width / 70);
        const rows = live.ticks(...plot.y, height / 50);
        const base = live.clamp(Y(0), 0, height - 20); // the numbers stand below it
        const side = live.clamp(X(0), 30, width); // and left of it
        const grid = [...columns.map((v) => `M${X(v)} 0V${height}`), ...rows.map((v) => `M0 ${Y(v)}H${width}`)];
        const label = (value) => String(value).replace("-", "\u2212");
        const inside = (place, size, room) => room < place && place < size - room;
        return [
          live.svg("path", { d: grid.join(""), class: "live-grid" }),
          live.svg("path", { d: `M0 ${Y(0)}H${width}M${X(0)} 0V${height}`, class: "live-axis" }),
          ...columns
            .filter((v) => v && inside(X(v), width, 26))
            .map((v) => live.svg("text", { x: X(v), y: base + 16, class: "live-tick", "text-anchor": "middle" }, label(v))),
          ...rows
            .filter((v) => v && inside(Y(v), height, 22))
            .map((v) => live.svg("text", { x: side - 5, y: Y(v) + 5, class: "live-tick", "text-anchor": "end" }, label(v))),
          live.svg("text", { x: width - 8, y: base + 16, class: "live-name", "text-anchor": "end" }, across),
          live.svg("text", { x: side + 8, y: 18, class: "live-name" }, up),
        ];
      },

      /** Return a line through points [x, y]. */
      curve(points, style) {
        const d = points.map(([u, v], k) => `${k ? "L" : "M"}${plot.X(u).toFixed(2)} ${plot.Y(v).toFixed(2)}`);
        return live.svg("path", { d: d.join(""), class: `live-curve ${style}` });
      },

      dot: ([u, v], style, r = 6) => live.svg("circle", { cx: plot.X(u), cy: plot.Y(v), r, class: style }),

      /** Add a handle: `move` gets the point to which it is dragged, `step` the direction of an
          arrow key. The returned function puts it somewhere, or away, and says its value, which is
          between two numbers. */
      handle(name, sign, [least, most], { move, step, choose = () => {} }) {
        const element = live.svg("g", {
          class: "live-handle",
          tabindex: 0,
          role: "slider",
          "aria-label": name,
          "aria-valuemin": least,
          "aria-valuemax": most,
        });
        element.append(
          live.svg("circle", { r: 15, class: "live-target" }),
          sign
            ? live.svg("circle", { r: 10, class: "live-knob" })
            : live.svg("path", { d: "M0-10L10 0L0 10L-10 0Z", class: "live-knob" }),
          live.svg("text", { y: 5, "text-anchor": "middle", "aria-hidden": "true" }, sign),
        );
        let grip = [0, 0]; // where in the handle it is held
        let place = [0, 0];
        element.addEventListener("pointerdown", (event) => {
          if (event.button !== 0) return;
          event.stopPropagation();
          element.setPointerCapture(event.pointerId);
          const point = plot.at(event);
          grip = [place[0] - point[0], place[1] - point[1]];
          choose();
        });
        element.addEventListener("pointermove", (event) => {
          if (!element.hasPointerCapture(event.pointerId)) return;
          const point = plot.at(event);
          move(point[0] + grip[0], point[1] + grip[1]);
        });
        element.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // no scrolling
        element.addEventListener("focus", choose);
        element.addEventListener("keydown", (event) => {
          const direction = live.ARROWS[event.key];
          if (!direction || event.ctrlKey || event.altKey || event.metaKey) return;
          event.preventDefault();
          step(...direction);
        });
        handles.append(element);
        return (point, value, said) => {
          const inside = point?.every((s, i) => {
            const [from, to] = i ? plot.y : plot.x;
            return from <= s && s <= to;
          });
          element.toggleAttribute("hidden", !inside);
          if (!inside) return element;
          place = point;
          element.setAttribute("transform", `translate(${plot.X(point[0])} ${plot.Y(point[1])})`);
          element.setAttribute("aria-valuenow", +value.toFixed(4));
          element.setAttribute("aria-valuetext", said);
          return element;
        };
      },
    };

    function measure() {
      const style = getComputedStyle(svg);
      const border = parseFloat(style.borderLeftWidth) + parseFloat(style.borderRightWidth);
      const width = svg.getBoundingClientRect().width - border;
      if (width <= 0 || Math.abs(width - plot.width) < 0.5) return false;
      [plot.width, plot.height] = [width, width * ratio(width)];
      svg.setAttribute("viewBox", `0 0 ${plot.width} ${plot.height}`);
      return true;
    }

    measure();
    new ResizeObserver(() => {
      if (measure()) draw();
    }).observe(svg);
    return plot;
  },

  ARROWS: { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] },
};

/* The seven activation functions, as in nnlib/activations.py: g(z), and g'(z) given z and a = g(z). */
live.activations = (() => {
  const { abs, exp, log1p, max, min, sqrt, tanh, PI } = Math;
  const sigmoid = (z) => (z >= 0 ? 1 : exp(z)) / (1 + exp(-abs(z)));

  /** Return T = tanh(u(z)), u'(z) and z itself, clipped where T is -1 or 1 to the last digit. */
  function geluParts(z) {
    const c = min(max(z, -10), 10);
    const s = sqrt(2 / PI);
    return [tanh(s * (c + 0.044715 * c ** 3)), s * (1 + 0.134145 * c ** 2), c];
  }

  function dgelu(z) {
    const [T, du, c] = geluParts(z);
    return 0.5 * (1 + T) + 0.5 * c * (1 - T ** 2) * du;
  }

  return {
    identity: { title: "identity", g: (z) => z, dg: () => 1 },
    sigmoid: { title: "sigmoid", g: sigmoid, dg: (z, a) => a * (1 - a) },
    tanh: { title: "tanh", g: tanh, dg: (z, a) => 1 - a ** 2 },
    relu: { title: "ReLU", g: (z) => max(z, 0), dg: (z) => (z > 0 ? 1 : 0) },
    leaky_relu: { title: "leaky ReLU", g: (z) => max(z, 0.01 * z), dg: (z) => (z > 0 ? 1 : 0.01) },
    softplus: { title: "softplus", g: (z) => max(0, z) + log1p(exp(-abs(z))), dg: sigmoid },
    gelu: { title: "GELU", g: (z) => z * (0.5 * (1 + geluParts(z)[0])), dg: dgelu },
  };
})();

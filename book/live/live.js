/* What the live figures share. Each of them is a fragment of HTML with controls, hidden at first,
   and a script that fills it and puts it in the place of the static figure. Classic scripts without
   modules or requests, so that they run from a folder as well as from a server. */
"use strict";

const live = {
  /** Show the live figure in place of the static one. */
  show(figure) {
    document.querySelector("figure.live-static").style.display = "none";
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
};

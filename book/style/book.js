// What a box hides beyond its edge can be scrolled to by keyboard as well: while a box of the text
// scrolls sideways, it has a tab stop, and it fades out at its edge while there is more to come.
"use strict";

const boxes = "table, pre, div.math, mjx-container, .cell_output, .pst-scrollable-table-container";

function markWideFormulas(article) {
  for (const formula of article.querySelectorAll("span.math > mjx-container")) {
    formula.classList.remove("wide");
    const line = formula.closest("p, li, dd, td, th, figcaption");
    const room = line ? line.clientWidth : Infinity;
    formula.classList.toggle("wide", formula.getBoundingClientRect().width > room);
  }
}

function markScrollingBoxes(article) {
  for (const box of article.querySelectorAll(boxes)) {
    const scrolls = /auto|scroll/.test(getComputedStyle(box).overflowX);
    if (scrolls && box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
    } else {
      box.removeAttribute("tabindex");
    }
    fade(box);
  }
}

function fade(box) {
  const rest = box.scrollWidth - box.clientWidth - box.scrollLeft;
  box.classList.toggle("more", box.tabIndex === 0 && rest > 4);
}

addEventListener("load", () => {
  const article = document.querySelector(".bd-article");
  if (article) {
    const mark = () => {
      markWideFormulas(article);
      markScrollingBoxes(article);
    };
    new ResizeObserver(mark).observe(article);
    article.addEventListener("scroll", (event) => fade(event.target), { capture: true });
  }
});

// In what the search quotes, a long formula is an ellipsis.
if (typeof Search === "object") {
  const textOf = Search.htmlToText;
  const formula = /<mjx-math[^]*?<\/mjx-math>|<mjx-assistive-mml[^]*?<\/mjx-assistive-mml>/g;
  const short = (html) => {
    const letters = html.startsWith("<mjx-assistive") ? html.replace(/<[^>]*>/g, "") : "";
    return letters.length < 4 ? letters : "…";
  };
  Search.htmlToText = (html, anchor) => textOf(html.replace(formula, short), anchor);
}

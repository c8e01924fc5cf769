// What a box hides beyond its edge can be scrolled to by keyboard as well: while a box of the text
// scrolls sideways, it has a tab stop.
"use strict";

const boxes = "figure, table, pre, div.math, mjx-container, .cell_output, .pst-scrollable-table-container";

function markScrollingBoxes() {
  for (const box of document.querySelectorAll(`.bd-article :is(${boxes})`)) {
    const scrolls = /auto|scroll/.test(getComputedStyle(box).overflowX);
    if (scrolls && box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
    } else {
      box.removeAttribute("tabindex");
    }
  }
}

addEventListener("load", () => {
  const article = document.querySelector(".bd-article");
  if (article) {
    new ResizeObserver(markScrollingBoxes).observe(article);
  }
});

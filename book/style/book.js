// What a box hides beyond its edge can be scrolled to by keyboard as well: while a box of the text
// scrolls sideways, it has a tab stop, and it fades out at its edge while there is more to come.
"use strict";

const boxes = ".picture-box, table, pre, div.math, mjx-container, .cell_output, .pst-scrollable-table-container";

// A picture scrolls, and fades out, in a box of its own, so that its caption does not.
function boxPictures(article) {
  for (const picture of article.querySelectorAll("figure > :is(img, a)")) {
    const box = document.createElement("div");
    box.className = "picture-box";
    picture.replaceWith(box);
    box.append(picture);
  }
}

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
    boxPictures(article);
    const mark = () => {
      markWideFormulas(article);
      markScrollingBoxes(article);
    };
    new ResizeObserver(mark).observe(article);
    article.addEventListener("scroll", (event) => fade(event.target), { capture: true });
  }
});

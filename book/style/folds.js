// Folds open for whoever is led into them: by a link, by a search, and for the printer.
"use strict";

function openAround(element) {
  for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
  }
}

function openTarget() {
  const target = document.querySelector(".bd-article :target");
  if (target?.closest("details") || target?.matches(":has(> details.fold)")) {
    openAround(target.querySelector(":scope > details.fold") ?? target);
    target.scrollIntoView();
  }
}

function openFound() {
  document.querySelectorAll(".bd-article details .highlighted").forEach(openAround);
}

addEventListener("load", () => {
  openTarget();
  setTimeout(openFound, 20); // Sphinx marks what was searched for 10 ms after the page is parsed
});

addEventListener("hashchange", openTarget);

const printed = ".bd-article :is(.fold, .solution, .checks, .tag_our-version details):not([open])";
let openedForPrint = [];

addEventListener("beforeprint", () => {
  openedForPrint = [...document.querySelectorAll(printed)];
  openedForPrint.forEach((fold) => (fold.open = true));
});

addEventListener("afterprint", () => {
  openedForPrint.forEach((fold) => (fold.open = false));
});

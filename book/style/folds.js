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

addEventListener("load", () => {
  document.querySelectorAll(".bd-article details .highlighted").forEach(openAround);
  openTarget();
});

addEventListener("hashchange", openTarget);

const printed = ".bd-article :is(details.fold, .tag_our-version details):not([open])";
let openedForPrint = [];

addEventListener("beforeprint", () => {
  openedForPrint = [...document.querySelectorAll(printed)];
  openedForPrint.forEach((fold) => (fold.open = true));
});

addEventListener("afterprint", () => {
  openedForPrint.forEach((fold) => (fold.open = false));
});

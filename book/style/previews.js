// A link to an equation or to a term of the glossary shows what it leads to: to the mouse that rests
// on it, to the keyboard that comes to it, and to a finger, whose first tap shows and second follows.
"use strict";

{
  const links = ".bd-article a.reference[href*='#equation-'], .bd-article a.reference[href*='#term-']";
  const script = document.currentScript.src.replace(/previews\.js.*$/, "previews_data.js");
  const box = document.createElement("div");
  box.id = "preview";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  let previews = null;
  let shownFor = null;
  let timer = 0;

  /** Return what all links show, from a script that also loads from a folder. */
  function load() {
    previews ??= new Promise((resolve) => {
      window.showPreviews = resolve;
      document.head.append(Object.assign(document.createElement("script"), { src: script }));
    });
    return previews;
  }

  async function show(link) {
    const html = (await load())[decodeURIComponent(link.hash.slice(1))];
    if (!html || shownFor !== link) return;
    box.innerHTML = `<div class="math-or-term">${html}</div>`;
    box.hidden = false;
    link.setAttribute("aria-describedby", box.id);
    const place = link.getBoundingClientRect();
    const room = document.documentElement.clientWidth - box.offsetWidth - 8;
    const above = place.top - box.offsetHeight - 6;
    const top = above > 60 ? above : place.bottom + 6;
    box.style.left = `${scrollX + Math.max(8, Math.min(place.left, room))}px`;
    box.style.top = `${scrollY + top}px`;
  }

  function hide() {
    clearTimeout(timer);
    shownFor?.removeAttribute("aria-describedby");
    shownFor = null;
    box.hidden = true;
  }

  function ask(link, wait) {
    clearTimeout(timer);
    if (shownFor === link) return;
    hide();
    shownFor = link;
    timer = setTimeout(show, wait, link);
  }

  const linkOf = (event) => event.target.closest?.(links);
  const leave = () => (timer = setTimeout(hide, 250));

  document.body.append(box);
  box.addEventListener("mouseenter", () => clearTimeout(timer));
  box.addEventListener("mouseleave", leave);
  document.addEventListener("mouseover", (event) => linkOf(event) && ask(linkOf(event), 150));
  document.addEventListener("mouseout", (event) => linkOf(event) && (clearTimeout(timer), leave()));
  document.addEventListener("focusin", (event) => (linkOf(event) ? ask(linkOf(event), 0) : hide()));
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());

  let finger = false;
  document.addEventListener("pointerdown", (event) => {
    finger = event.pointerType === "touch";
    if (!linkOf(event) && !box.contains(event.target)) hide();
  });
  document.addEventListener("click", (event) => {
    const link = linkOf(event);
    if (!link || !finger) return;
    if (link.dataset.shown && !box.hidden) return;
    document.querySelectorAll("[data-shown]").forEach((other) => delete other.dataset.shown);
    link.dataset.shown = "yes";
    event.preventDefault();
    shownFor = null;
    ask(link, 0);
  });
}

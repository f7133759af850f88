// Keys and copying. Every key is also a link on the page; without this file everything works.
"use strict";
(() => {
  const stops = [...document.querySelectorAll("section.edit, .entry")];
  const typing = (target) => target.closest("input, select, textarea, [contenteditable]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  function stop(step) {
    if (!stops.length) return;
    const now = stops.findIndex((element) => element.contains(document.activeElement));
    const next = now < 0 ? (step > 0 ? 0 : stops.length - 1) : Math.min(Math.max(now + step, 0), stops.length - 1);
    const target = stops[next];
    const focused = target.querySelector("h2 a") || target;
    focused.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  }

  function unfold() {
    const folds = [...document.querySelectorAll("details.fold")];
    const open = folds.some((fold) => !fold.open);
    folds.forEach((fold) => { fold.open = open; });
  }

  const own = { n: () => stop(1), p: () => stop(-1), j: () => stop(1), k: () => stop(-1), a: unfold };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const linked = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === event.key);
    const action = own[event.key] || (linked && (() => (linked.matches("input") ? linked.focus() : linked.click())));
    if (!action) return;
    event.preventDefault();
    action();
  });

  document.querySelector(".steps [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  window.addEventListener("beforeprint", () => document.querySelectorAll("details.fold").forEach((fold) => { fold.open = true; }));

  for (const button of document.querySelectorAll("button.copy")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = button.dataset.done;
    });
  }
})();

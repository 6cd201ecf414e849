// Boxes that are wider than the page scroll; the keyboard reaches those, and no others.
document.addEventListener("DOMContentLoaded", () => {
  const BOXES = "pre, .cell_output > .output, .pst-scrollable-table-container, div.math > math";
  const scrolls = (box) =>
    box.scrollWidth > box.clientWidth || (box.localName === "pre" && box.scrollHeight > box.clientHeight);
  const sizes = new ResizeObserver((changes) => {
    const boxes = changes.map(({ target }) => [target, scrolls(target)]); // all are read before one is changed
    boxes.forEach(([box, far]) => (far ? box.setAttribute("tabindex", "0") : box.removeAttribute("tabindex")));
  });
  // What changes in a box need not change its size: letters that come late, a fold that opens.
  const observe = (part) =>
    part.querySelectorAll(BOXES).forEach((box) => {
      sizes.unobserve(box);
      sizes.observe(box);
    });
  observe(document);
  document.fonts.ready.then(() => observe(document));
  document.fonts.addEventListener("loadingdone", () => observe(document));
  document.addEventListener("toggle", ({ target }) => observe(target), { capture: true });
});

// The contents of the page mark the section that is being read, and those around it.
document.addEventListener("DOMContentLoaded", () => {
  const links = new Map();
  document.querySelectorAll(".page-toc a[href^='#']").forEach((link) => {
    const section = document.getElementById(decodeURIComponent(link.hash.slice(1)))?.closest("section");
    if (section) links.set(section, link);
  });
  const shown = new Set();
  const watch = new IntersectionObserver(
    (changes) => {
      changes.forEach((it) => shown[it.isIntersecting ? "add" : "delete"](it.target));
      const here = [...links.keys()].filter((section) => shown.has(section)).at(-1);
      links.forEach((link, section) => {
        const active = Boolean(here && section.contains(here));
        link.classList.toggle("active", active);
        link.parentElement.classList.toggle("active", active);
      });
    },
    { rootMargin: "0px 0px -60%" },
  );
  links.forEach((link, section) => watch.observe(section));
});

// A menu opens by its button, and closes by it, with Escape, and when the reader goes on elsewhere.
{
  const show = (button, open) => {
    button.classList.toggle("show", open);
    button.setAttribute("aria-expanded", open);
  };
  const close = (but) =>
    document
      .querySelectorAll("[data-does='menu'][aria-expanded='true']")
      .forEach((button) => button.parentElement.contains(but) || show(button, false));

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-does='menu']");
    close(button);
    if (button) show(button, button.getAttribute("aria-expanded") !== "true");
  });
  document.addEventListener("focusin", (event) => close(event.target));
  document.addEventListener("keydown", (event) => {
    const button = document.querySelector("[data-does='menu'][aria-expanded='true']");
    if (event.key !== "Escape" || !button) return;
    if (button.parentElement.contains(document.activeElement)) button.focus();
    show(button, false);
  });
}

// Printing: as the page stands, or with every fold open for as long as it takes.
function printUnfolded() {
  const folded = [...document.querySelectorAll("article details:not([open])")];
  folded.forEach((it) => (it.open = true));
  addEventListener("afterprint", () => folded.forEach((it) => (it.open = false)), { once: true });
  print();
}

document.addEventListener("click", (event) => {
  const does = event.target.closest("[data-does]")?.dataset.does;
  if (does === "print") print();
  if (does === "print-unfolded") printUnfolded();
});

// What folds and what arrives while a page is loading moves the place that its address names.
let touched = false;
["wheel", "touchstart", "keydown", "mousedown"].forEach((name) =>
  window.addEventListener(name, () => (touched = true), { once: true, passive: true }),
);
window.addEventListener("load", async () => {
  await document.fonts.ready;
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (place && !touched) place.scrollIntoView({ behavior: "instant" });
});

// What is printed cannot wait until the reader comes near it.
window.addEventListener("beforeprint", () => {
  document.querySelectorAll("img[loading]").forEach((image) => (image.loading = "eager"));
});

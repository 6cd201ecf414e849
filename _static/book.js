// Formulas that are wider than the page scroll; the keyboard reaches those, and no others.
function reachWideFormulas() {
  document.querySelectorAll("div.math > math").forEach((formula) => {
    if (formula.scrollWidth > formula.clientWidth) formula.setAttribute("tabindex", "0");
    else formula.removeAttribute("tabindex");
  });
}

window.addEventListener("load", reachWideFormulas);
window.addEventListener("resize", reachWideFormulas);

// The theme makes boxes that scroll reachable by keyboard, and looks for them when the window changes
// its size. Unfolding a cell, a hint or a solution uncovers more of them.
const lookAgain = () => window.dispatchEvent(new Event("resize"));

document.addEventListener("toggle", lookAgain, true); // <details>; the event does not bubble

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

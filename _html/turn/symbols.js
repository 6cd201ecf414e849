// A symbol of an equation, its wire in the figure and its place in the listing light up together, from
// any of the three: under the pointer, or by the keys Tab and the arrows.
const LIT = "data-lit";
const marks = (of, symbol) => [...document.querySelectorAll(`[data-of="${of}"] :is([data-symbol="${symbol}"], [data-symbols~="${symbol}"])`)];

function light(mark) {
  document.querySelectorAll(`[${LIT}]`).forEach((it) => it.removeAttribute(LIT));
  if (mark) marks(mark.closest("[data-of]").dataset.of, mark.dataset.symbol).forEach((it) => it.setAttribute(LIT, ""));
}
const found = (event) => event.target.closest?.("[data-of] [data-symbol]");

document.addEventListener("pointerover", (event) => light(found(event) ?? (document.activeElement?.matches("[data-symbol]") ? document.activeElement : null)));
document.addEventListener("focusin", (event) => light(found(event)));
document.addEventListener("focusout", () => light(null));

// Captured: a figure keeps its keys from the slides.
document.addEventListener("keydown", (event) => {
  const mark = found(event), step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!mark) return;
  if (step) {
    const all = [...mark.closest("[data-of]").querySelectorAll("[data-symbol]")];
    const next = all[all.indexOf(mark) + step];
    if (next) {
      mark.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
    event.preventDefault();
  }
  if (event.key === "Enter") show(mark);
}, true);
document.addEventListener("click", (event) => found(event) && show(found(event)));

// Open the figure of a symbol where it is still a picture, and stay where the reader is.
function show(mark) {
  const { of } = mark.closest("[data-of]").dataset;
  document.querySelector(`.turn[data-cell="${of}"] .turn-open:not([hidden])`)?.click();
}

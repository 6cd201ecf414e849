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
document.addEventListener("click", (event) => {
  if (event.target.closest(".admonition-title")) lookAgain();
});

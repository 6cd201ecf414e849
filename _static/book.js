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

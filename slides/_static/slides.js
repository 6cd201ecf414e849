// Light or dark as in the book, whose choice the browser keeps; the key T changes it.
const wish = () => localStorage.getItem("mode") || "auto";
const dark = matchMedia("(prefers-color-scheme: dark)");

function paint() {
  const theme = wish() === "auto" ? (dark.matches ? "dark" : "light") : wish();
  document.documentElement.dataset.theme = theme;
}

paint();
dark.addEventListener("change", paint);
window.addEventListener("storage", paint);

document.addEventListener("DOMContentLoaded", () => {
  if (!window.Reveal) return;
  Reveal.addKeyBinding({ keyCode: 84, key: "T", description: "Light or dark" }, () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem("mode", next);
    localStorage.setItem("theme", next);
    paint();
  });
});

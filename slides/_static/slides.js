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
  if (new URLSearchParams(location.search).has("nokeys")) Reveal.configure({ keyboard: false });
  // As an application, which Reveal calls it, a deck would hide its text from screen readers.
  const readable = () => {
    document.querySelector(".slides").removeAttribute("role");
    document.querySelector(".reveal").setAttribute("role", "main");
  };
  if (Reveal.isReady()) readable();
  else Reveal.on("ready", readable);
  Reveal.addKeyBinding({ keyCode: 84, key: "T", description: "Light or dark" }, () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem("mode", next);
    localStorage.setItem("theme", next);
    paint();
  });
});

// Parts of an equation are fragments. MathJax writes each equation twice, once for screen readers.
window.MathJax = {
  chtml: { matchFontHeight: false },
  startup: {
    pageReady: async () => {
      await MathJax.startup.defaultPageReady();
      document
        .querySelectorAll("mjx-assistive-mml .fragment")
        .forEach((part) => part.classList.remove("fragment"));
      document.documentElement.dataset.typeset = "";
      if (window.Reveal?.isReady()) Reveal.sync();
    },
  },
};

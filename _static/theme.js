// Light or dark, before anything is painted: the reader's choice, which the browser keeps, or else the
// system's.
{
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  const paint = () => {
    const mode = localStorage.getItem("mode") || "auto";
    root.dataset.mode = mode;
    root.dataset.theme = mode === "auto" ? (system.matches ? "dark" : "light") : mode;
  };

  paint();
  system.addEventListener("change", paint);
  window.addEventListener("storage", paint);
}

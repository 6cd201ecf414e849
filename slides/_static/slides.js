// The key T changes between light and dark, in the book as well.
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
    const root = document.documentElement;
    const next = root.dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem("mode", next);
    localStorage.setItem("theme", next);
    root.dataset.mode = root.dataset.theme = next;
  });
  // The key G turns the figure of a slide, Escape brings its picture back.
  Reveal.addKeyBinding({ keyCode: 71, key: "G", description: "Turn the figure" }, () => {
    const button = Reveal.getCurrentSlide().querySelector(".turn-open:not([hidden])");
    button?.focus();
    button?.click();
  });
  if (document.querySelector(".turn")) {
    document.head.append(Object.assign(document.createElement("script"), { src: "../turn/turn.js" }));
  }
});

// What is printed cannot wait until the reader comes near it.
if (/print-pdf/i.test(location.search)) {
  document.querySelectorAll("img[loading]").forEach((image) => (image.loading = "eager"));
}

// Figures that one can turn: `<rnn-unit class="turn">` after a picture becomes its live form when the
// reader presses its button, and its code is fetched only then. A link #turn-unit?w=2&kick=1.9
// opens it in that state.
(() => {
  const here = document.currentScript.src;
  let styles;
  const styled = () => (styles ??= new Promise((done) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("turn.css", here), onload: done, onerror: done });
    document.head.append(link);
  }));

  async function open(box, state = "") {
    const button = box.querySelector(".turn-open"), said = box.querySelector(".turn-failed");
    said.textContent = "";
    button.setAttribute("aria-busy", "true");
    try {
      await Promise.all([import(new URL(`${box.localName}.js`, here)), styled()]);
      if (state) box.show(state);
      else box.show();
    } catch (error) {
      // A state that the figure does not have says so itself.
      said.textContent = error instanceof RangeError ? error.message : `The figure could not be fetched (${error.message}). Press again once the page can be reached.`;
    }
    button.removeAttribute("aria-busy");
  }

  function follow() {
    const [id, state] = decodeURIComponent(location.hash.slice(1)).split("?");
    const box = state === undefined ? null : document.getElementById(id);
    if (box?.matches(".turn")) open(box, state).then(() => box.scrollIntoView({ block: "center" }));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".turn-open");
    if (button) open(button.closest(".turn"));
  });
  // A second press of the same link changes no address, but the reader may have turned the figure.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("a.turned")?.hash === location.hash) follow();
  });
  if (document.querySelector("[data-of]")) import(new URL("symbols.js", here));
  addEventListener("hashchange", follow);
  follow();
})();

// What was answered and solved stays in this browser, for those who want it; nothing is sent.
(() => {
  const page = location.pathname.replace(/^.*\/([^/]+\/[^/]+)\.html$/, "$1");
  const name = "progress";
  const read = () => { try { return JSON.parse(localStorage.getItem(name)) || {}; } catch { return {}; } };
  const write = (all) => { try { localStorage.setItem(name, JSON.stringify(all)); } catch { /* the page works without */ } };
  const note = (what, value) => {
    const all = read();
    const mine = (all[page] ||= {});
    // What was right at first stays right; a miss stays on the list until it is answered right.
    mine[what] = value;
    write(all);
  };

  const questions = [...document.querySelectorAll("fieldset.question")];
  for (const each of questions) {
    each.addEventListener("change", ({ target }) => note(each.id, target.value));
  }
  addEventListener("solved", ({ detail }) => note(`exercise ${detail + 1}`, "right"));

  const list = document.querySelector("[data-progress]");
  if (!list) return;
  const make = (kind, text, more = {}) => Object.assign(document.createElement(kind), { textContent: text }, more);
  function show() {
    const all = read();
    const pages = Object.keys(all).sort();
    list.replaceChildren();
    if (!pages.length) list.append(make("p", "Nothing is kept yet: answer a question or solve an exercise."));
    for (const each of pages) {
      const told = Object.entries(all[each]);
      const right = told.filter(([, value]) => value === "right").length;
      const missed = told.filter(([, value]) => value !== "right");
      const href = new URL(`../${each}.html`, location).href;
      list.append(make("h3", each.split("/").pop()), make("p", `${right} right of ${told.length} answered.`));
      if (missed.length) {
        const items = make("ul", "");
        missed.forEach(([what]) => {
          const item = make("li", "Again: ");
          item.append(make("a", what.replace("-", " "), { href: `${href}#${what}` }));
          items.append(item);
        });
        list.append(items);
      }
    }
    const clear = make("button", "Forget all of it", { type: "button" });
    clear.addEventListener("click", () => { try { localStorage.clear(); } catch { /* nothing is kept */ } show(); });
    list.append(clear);
  }
  show();
})();

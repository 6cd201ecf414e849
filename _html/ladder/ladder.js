// A ladder under an exercise: put its lines in order, fill its gaps, write it. It needs no server and
// no Python: what the checker says of each wrong piece came with the page.
(() => {
  const memory = `ladder ${document.currentScript.dataset.page} `;
  const STEP = "    ";
  // What was put together so far stays in this browser.
  const read = (key) => { try { return JSON.parse(localStorage.getItem(memory + key)) || {}; } catch { return {}; } };
  const write = (key, value) => { try { localStorage.setItem(memory + key, JSON.stringify(value)); } catch { /* nothing is kept */ } };

  const make = (name, more = {}, ...inner) => {
    const element = Object.assign(document.createElement(name), more);
    element.append(...inner);
    return element;
  };
  const button = (text, label, press) => {
    const made = make("button", { type: "button", textContent: text, onclick: press });
    if (label) made.setAttribute("aria-label", label);
    return made;
  };
  const status = (text) => {
    const made = make("p", { className: "ladder-state", textContent: text });
    made.setAttribute("role", "status");
    return made;
  };
  // Show a sentence; what stands between backquotes in it is code.
  const say = (state, text) =>
    state.replaceChildren(...text.split("`").map((part, n) => (n % 2 ? make("code", { textContent: part }) : part)));

  // What is wrong with an order of lines, in a sentence; "" where nothing is.
  function judge({ lines, wrong }, order) {
    const first = (n) => lines[n][0].split("\n")[0];
    for (const n of order) if (n >= lines.length) return `\`${wrong[n - lines.length][0].split("\n")[0]}\` is wrong. ${wrong[n - lines.length][2]}`;
    const place = (n) => order.indexOf(n);
    for (const n of order) {
      const [, indent, parent, after] = lines[n];
      let above = place(n) - 1;
      while (above >= 0 && lines[order[above]][1] >= indent) above--;
      if ((above < 0 ? -1 : order[above]) !== parent) {
        return parent < 0 ? `\`${first(n)}\` belongs into no other line.` : `\`${first(n)}\` belongs into \`${first(parent)}\`.`;
      }
      for (const [before, why] of Object.entries(after)) {
        if (place(Number(before)) > place(n)) return why;
      }
    }
    const missing = lines.length - order.length;
    return missing ? `So far nothing is wrong; ${missing} ${missing > 1 ? "lines are" : "line is"} missing.` : "";
  }

  function ordering(told, kept, keep) {
    const all = [...told.lines, ...told.wrong];
    let order = (kept.order || []).filter((n) => n < all.length);
    const program = make("ol", { className: "program" });
    const pile = make("ul", { className: "pile" });
    const state = status(kept.ordered ? "Solved before." : "");
    program.setAttribute("aria-label", "Your function");
    pile.setAttribute("aria-label", "Lines to choose from");

    function line(n, indent, ...buttons) {
      const text = all[n][0].replace(/^/gm, STEP.repeat(indent));
      return make("li", {}, make("pre", { textContent: text }), make("span", { className: "moves" }, ...buttons));
    }
    function show(focus) {
      const name = (n) => all[n][0].split("\n")[0];
      program.replaceChildren(...order.map((n, at) => line(n, all[n][1] + 1,
        button("↑", `Move up: ${name(n)}`, () => move(n, at, at - 1, 0)),
        button("↓", `Move down: ${name(n)}`, () => move(n, at, at + 1, 1)),
        button("Take out", `Take out: ${name(n)}`, () => take(n)))));
      pile.replaceChildren(...told.pile.filter((n) => !order.includes(n)).map((n) =>
        line(n, 0, button("Use", `Use: ${name(n)}`, () => use(n)))));
      program.hidden = !order.length;
      focus?.();
    }
    function changed(text, focus) {
      keep({ order });
      say(state, text);
      show(focus);
    }
    const at = (list, n, which) => () => (list.children[n]?.querySelectorAll("button")[which] ?? check).focus();
    function use(n) {
      const place = [...pile.children].findIndex((it) => it.contains(document.activeElement));
      order = [...order, n];
      changed(`This is line ${order.length} now.`, at(pile, Math.min(place, pile.children.length - 2), 0));
    }
    function take(n) {
      order = order.filter((it) => it !== n);
      changed("It is back among the others.", () => check.focus());
    }
    function move(n, from, to, which) {
      if (to < 0 || to >= order.length) return say(state, "It can go no further.");
      order = order.toSpliced(from, 1).toSpliced(to, 0, n);
      changed(`This is line ${to + 1} of ${order.length} now.`, at(program, to, which));
    }
    const check = button("Check the order", "", () => {
      const problem = judge(told, order);
      say(state, problem || "Right. Any order of these lines that works is accepted.");
      if (!problem) keep({ ordered: true });
    });
    const again = button("Start again", "", () => { order = []; changed("All lines are back.", () => check.focus()); });
    show();
    return [
      make("p", { textContent: "Not all of these lines belong into the function. How far a line is indented is given." }),
      make("pre", { className: "head", textContent: told.head }), program,
      make("p", { textContent: "Lines to choose from:" }), pile,
      make("p", { className: "does" }, check, again), state,
    ];
  }

  function filling(told, kept, keep) {
    const parts = told.gaps, chosen = kept.chosen || [];
    const state = status(kept.filled ? "Solved before." : "");
    const gaps = parts.filter((it) => Array.isArray(it)).map((choices, n) => {
      const select = make("select", {}, make("option", { value: "", textContent: "…" }),
        ...choices.map(([text], k) => make("option", { value: k, textContent: text })));
      select.setAttribute("aria-label", `Gap ${n + 1}`);
      select.value = chosen[n] ?? "";
      select.onchange = () => { say(state, ""); keep({ chosen: gaps.map((it) => it.value) }); };
      return select;
    });
    let next = 0;
    const code = make("pre", { className: "gaps" }, ...parts.map((it) => (Array.isArray(it) ? gaps[next++] : it)));
    const answers = parts.filter((it) => Array.isArray(it));
    const check = button("Check the gaps", "", () => {
      const wrong = gaps.findIndex((it, n) => it.value && answers[n][it.value][1]);
      const open = gaps.findIndex((it) => !it.value);
      if (wrong >= 0) say(state, `Gap ${wrong + 1}: ${answers[wrong][gaps[wrong].value][1]}`);
      else if (open >= 0) say(state, `So far nothing is wrong; gap ${open + 1} is empty.`);
      else {
        say(state, "Right.");
        keep({ filled: true });
      }
    });
    return [code, make("p", { className: "does" }, check), state];
  }

  function writing(box) {
    const edit = () => [...box.closest(".exercise").querySelectorAll(".live[data-check] button")].find((it) => it.textContent === "Edit");
    const editor = () => box.closest(".exercise").querySelector(".live-editor");
    if (!edit()) return [make("p", { textContent: "Write it in a notebook: the menu with the rocket opens this chapter as one." })];
    return [make("p", { className: "does" }, button("Write it in the cell above", "", () => { if (!editor()) edit().click(); editor().focus(); }))];
  }

  document.querySelectorAll(".ladder").forEach((box) => {
    const told = JSON.parse(box.dataset.ladder);
    const name = told.head.match(/def (\w+)/)[1];
    const keep = (more) => write(name, { ...read(name), ...more });
    const rung = (title, fill) => {
      const made = make("details", {}, make("summary", { textContent: title }));
      made.addEventListener("toggle", () => { if (made.open && made.children.length === 1) made.append(...fill()); });
      return made;
    };
    box.append(
      make("p", { textContent: "Too steep at once? Here is a ladder. It shows pieces of the solution." }),
      rung("1. Put the lines in order", () => ordering(told, read(name), keep)),
      rung("2. Fill the gaps", () => filling(told, read(name), keep)),
      rung("3. Write it", () => writing(box)),
    );
    box.querySelectorAll("summary").forEach((it) => it.append(make("span", { className: "visually-hidden", textContent: ` of ${name}` })));
    box.hidden = false;
  });
})();

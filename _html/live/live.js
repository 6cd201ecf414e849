// Cells that run where they stand. Nothing is fetched before the reader presses a button.
(() => {
  const script = document.currentScript;
  const base = new URL(".", script.src);
  const { page, from, first, drawing } = script.dataset;
  const memory = `live ${page} `;
  let worker, cells, count = 0, busy = null;
  const ran = new Map(); // key of what ran -> the code it ran with
  const loaded = { python: false, figures: false };

  const make = (name, more = {}, ...inner) => {
    const element = Object.assign(document.createElement(name), more);
    element.append(...inner);
    return element;
  };
  const kept = {
    get: (key) => { try { return localStorage.getItem(memory + key); } catch { return null; } },
    set: (key, value) => {
      try {
        if (value === null) localStorage.removeItem(memory + key);
        else localStorage.setItem(memory + key, value);
      } catch { /* a browser that keeps nothing: the page works without */ }
    },
  };

  async function known() {
    if (!cells) {
      const answer = await fetch(new URL(`${page}.json`, base));
      if (!answer.ok) throw new Error(`the list of cells: ${answer.status}`);
      cells = await answer.json();
    }
    return cells;
  }

  class Cell {
    constructor(bar) {
      this.bar = bar;
      this.number = Number(bar.dataset.cell);
      this.box = bar.closest(".cell");
      this.exercise = bar.closest(".exercise");
      this.input = this.box.querySelector(".cell_input .highlight");
      this.built = this.input.querySelector("pre").textContent.replace(/\n$/, "");
      bar.hidden = false;
      if (bar.dataset.why) {
        bar.append(make("p", { textContent: bar.dataset.why }));
        return;
      }
      this.named = `cell ${this.number + 1}`;
      this.buttons = {};
      for (const [name, text] of [["run", "Run"], ["edit", "Edit"], ["check", "Check"], ["reset", "Reset"], ["stop", "Stop"]]) {
        const button = make("button", { type: "button", textContent: text });
        button.setAttribute("aria-label", `${text} ${this.named}`);
        button.addEventListener("click", () => this[name]());
        this.buttons[name] = button;
        bar.append(button);
      }
      this.state = make("span", { className: "live-state" });
      this.state.setAttribute("role", "status");
      this.output = make("div", { className: "live-output" });
      this.output.setAttribute("aria-live", "polite");
      bar.append(this.state);
      bar.after(this.output);
      this.buttons.check.hidden = !bar.dataset.check;
      this.buttons.stop.hidden = true;
      const text = kept.get(this.number);
      if (text !== null && text !== this.built) this.edit(text, false);
      this.changed();
      if (kept.get(`${this.number} solved`)) this.state.textContent = "Solved.";
    }

    get code() { return this.editor ? this.editor.value : this.built; }

    changed() {
      this.buttons.reset.hidden = this.code === this.built && !this.output.childNodes.length;
      this.buttons.edit.hidden = Boolean(this.editor);
    }

    edit(text = this.built, focus = true) {
      this.editor = make("textarea", { value: text, spellcheck: false, className: "live-editor" });
      this.editor.setAttribute("aria-label", `Code of ${this.named}. Tab indents; Escape, then Tab, leaves.`);
      this.editor.setAttribute("autocapitalize", "off");
      this.input.hidden = true;
      this.input.after(this.editor);
      this.box.querySelectorAll(".cell_input").forEach((it) => { const fold = it.closest("details"); if (fold) fold.open = true; });
      this.grow();
      this.editor.addEventListener("input", () => { this.grow(); kept.set(this.number, this.code); this.changed(); });
      this.editor.addEventListener("keydown", (event) => this.key(event));
      if (focus) this.editor.focus();
      this.changed();
    }

    grow() { this.editor.rows = this.editor.value.split("\n").length + 1; }

    key(event) {
      event.stopPropagation(); // the theme takes keys of the whole page
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey || event.shiftKey)) {
        event.preventDefault();
        return this.run();
      }
      if (event.key === "Tab" && !this.left && !event.shiftKey) {
        event.preventDefault();
        this.type("    ");
      } else if (event.key === "Enter") {
        const line = this.editor.value.slice(0, this.editor.selectionStart).split("\n").pop();
        event.preventDefault();
        this.type(`\n${line.match(/^ */)[0]}${/:\s*$/.test(line) ? "    " : ""}`);
      }
      this.left = event.key === "Escape";
    }

    type(text) {
      this.editor.setRangeText(text, this.editor.selectionStart, this.editor.selectionEnd, "end");
      this.editor.dispatchEvent(new Event("input"));
    }

    reset() {
      this.editor?.remove();
      this.editor = null;
      this.input.hidden = false;
      kept.set(this.number, null);
      kept.set(`${this.number} solved`, null);
      this.output.replaceChildren();
      this.state.textContent = "";
      this.shown(true);
      ran.delete(this.number);
      this.changed();
      this.buttons.edit.focus();
    }

    shown(as_built) { this.box.querySelectorAll(".cell_output").forEach((it) => (it.hidden = !as_built)); }

    stop() { end("Stopped. What ran before is gone; it runs again when a cell needs it."); }

    run() { return this.go([]); }

    check() { return this.go([{ key: `check of ${this.named}`, code: this.bar.dataset.check, shown: true }], true); }

    async go(after, checking = false) {
      if (busy) return void (this.state.textContent = `${busy.named} is running; stop it or wait.`);
      busy = this;
      this.buttons.stop.hidden = false;
      this.state.textContent = "Starting";
      this.output.replaceChildren();
      try {
        const all = await known();
        const parts = [...needed(all, this.number, checking), { key: this.number, code: this.code, shown: true }, ...after];
        const text = parts.map((it) => it.code).join("\n");
        const figures = parts.some((it) => all[it.key]?.figures) || /matplotlib|book\.figures/.test(text);
        const rest = RegExp(`\\b(lib|book)(\\.| import )(${script.dataset.rest})\\b`).test(text);
        this.says(figures);
        await send({ from, parts, figures, rest }, (message) => this.hear(message, checking));
      } catch (error) {
        this.lost(error.message);
      }
      busy = null;
      this.buttons.stop.hidden = true;
      this.changed();
    }

    says(figures) {
      const wanted = (loaded.python ? 0 : Number(first)) + (figures && !loaded.figures ? Number(drawing) : 0);
      this.state.textContent = wanted ? `Fetching Python${figures ? " and Matplotlib" : ""}: ${wanted.toFixed(1)} MB` : "Running";
      this.figures = figures;
    }

    hear({ kind, text, key, well }, checking) {
      if (kind === "begins") {
        loaded.python = true;
        loaded.figures ||= this.figures;
        this.state.textContent = "Running";
        this.shown(false);
      } else if (kind === "text" || kind === "error") {
        const last = this.output.lastElementChild;
        if (last?.className === kind) last.append(text);
        else this.output.append(make("pre", { className: kind, textContent: text, tabIndex: 0 }));
      } else if (kind === "picture") {
        this.output.append(make("img", { src: text, alt: `Figure drawn by ${this.named}` }));
      } else if (kind === "ran") {
        if (well && typeof key === "number") ran.set(key, find(key)?.code ?? cells[key].code);
        else if (well && !ran.has(key)) ran.set(key, key);
        this.well = well;
      } else if (kind === "lost") this.lost(text);
      if (kind === "done" && this.state.textContent === "Running") {
        const solved = checking && this.well;
        this.state.textContent = solved ? "Solved." : this.well ? "Done." : checking ? "Not yet." : "An error ended it.";
        if (solved) {
          kept.set(`${this.number} solved`, "yes");
          dispatchEvent(new CustomEvent("solved", { detail: this.number }));
        }
      }
    }

    lost(text) {
      end("");
      this.state.textContent = `Python could not be fetched (${text}). The page is as it was; press Run to try again.`;
    }
  }

  // What has to run before a cell and has not run yet, or ran with other code.
  function needed(all, number, checking) {
    const found = [], seen = new Set();
    let afresh = false;
    const lines = [...all[number].needs, ...(checking ? all[number].checks ?? [] : []), ...wanted(all, number)];
    lines.sort((a, b) => (typeof a === "string" ? -1 : a) - (typeof b === "string" ? -1 : b));
    for (const need of lines) {
      if (seen.has(need)) continue;
      seen.add(need);
      if (typeof need === "string") {
        if (ran.get(need) !== need) found.push({ key: need, code: need });
      } else {
        const code = find(need)?.code ?? all[need].code;
        afresh ||= ran.get(need) !== code;
        if (afresh) found.push({ key: need, code });
      }
    }
    return found;
  }

  // What the names in a reader's own code come from: the latest cell before that binds each.
  function wanted(all, number) {
    const code = find(number).code;
    if (code === find(number).built) return [];
    return [...new Set(code.match(/[A-Za-z_]\w*/g))].flatMap((name) => {
      for (let n = number - 1; n >= 0; n--) {
        if (Object.hasOwn(all[n].imports, name)) return [all[n].imports[name]];
        if (all[n].binds.includes(name)) return all[n].why ? [] : [...all[n].needs, n];
      }
      return [];
    });
  }

  let listener = null, wake = null;
  function send(message, hear) {
    if (!worker) {
      worker = new Worker(new URL("worker.js", base), { type: "module" });
      worker.onmessage = ({ data }) => {
        listener?.(data);
        if (data.kind === "done") wake?.();
      };
      worker.onerror = (event) => { listener?.({ kind: "lost", text: event.message || "the worker did not start" }); wake?.(); };
    }
    listener = hear;
    worker.postMessage({ id: ++count, ...message });
    return new Promise((resolve) => (wake = resolve));
  }

  function end(text) {
    worker?.terminate();
    worker = null;
    ran.clear();
    loaded.python = loaded.figures = false;
    if (busy) busy.state.textContent = text;
    wake?.();
  }

  // Everything that runs on this page, with the reader's changes, as a notebook.
  async function download() {
    const all = await known();
    const made = (kind, source) => kind === "code"
      ? { cell_type: kind, metadata: {}, source, execution_count: null, outputs: [] }
      : { cell_type: kind, metadata: {}, source };
    const here = location.href.split("#")[0];
    const list = [made("markdown", `From ${here}. It needs the book's library: start Jupyter in a copy of the book, or open the page there.`)];
    let next = 0;
    const upto = (number) => { while (next < number) list.push(made("code", all[next++].code)); };
    for (const it of document.querySelectorAll("article :is(h1, h2, h3), .live[data-cell]")) {
      if (!it.matches(".live")) list.push(made("markdown", `${"#".repeat(it.localName[1])} ${it.firstChild.textContent}`));
      else {
        const number = Number(it.dataset.cell);
        upto(number);
        list.push(made("code", kept.get(number) ?? all[number].code));
        next = number + 1;
      }
    }
    upto(all.length);
    const kernelspec = { name: "python3", display_name: "Python 3", language: "python" };
    const text = JSON.stringify({ nbformat: 4, nbformat_minor: 4, metadata: { kernelspec }, cells: list }, null, 1);
    const href = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
    make("a", { href, download: `${page.split("/").pop()}.ipynb` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
  }

  const bars = [...document.querySelectorAll(".live[data-cell]")];
  const found = bars.map((bar) => new Cell(bar));
  const find = (number) => found.find((it) => it.number === number);
  document.querySelectorAll(".live-count").forEach((it) => {
    const save = make("button", { type: "button", textContent: "Download as a notebook" });
    save.addEventListener("click", () => download().catch((error) => (save.textContent = `Not downloaded: ${error.message}`)));
    const clear = make("button", { type: "button", textContent: "Undo my changes" });
    clear.addEventListener("click", () => {
      found.filter((cell) => cell.editor || cell.output?.childNodes.length).forEach((cell) => cell.reset());
      clear.focus();
    });
    it.append(" ", save, " ", clear);
    it.hidden = false;
  });
})();

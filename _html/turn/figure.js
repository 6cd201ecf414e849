// What all figures have in common: controls, a sentence on the consequence, the numbers as a table.
//
// A figure of its own extends `Figure` and says
//   static controls   {name: range(...) or choice(...) or press(...)}, in the order in which they stand
//   compute(state)    the numbers that follow from the values of the controls
//   draw(values)      layers of an SVG that is `this.width` wide, texts of SVG, what seldom changes
//                     first; sets `this.height`
//   says(values)      what follows, in a sentence
//   table(values)     {head: [...], rows: [[...], ...]}

// A number from `min` to `max`; `words(value, values)` says what it means.
export const range = (label, min, max, step, start, words) => ({ kind: "range", label, min, max, step, start, words });
// One of {value: what the reader sees}.
export const choice = (label, options, start) => ({ kind: "choice", label, options, start });
// A button; `does(state)` returns the values that it sets.
export const press = (label, does) => ({ kind: "press", label, does });

export const round = (value, digits = 2) => {
  const text = Number(value).toFixed(digits).replace("-", "−");
  return /^−0\.?0*$/.test(text) ? text.slice(1) : text;
};
const SHARES = ["nothing", "next to nothing", "a quarter", "half", "three quarters", "nearly all", "all"];
const LIMITS = [0.005, 0.13, 0.38, 0.62, 0.87, 0.995];
// A share from 0 to 1 in words.
export const share = (value) => SHARES[LIMITS.filter((limit) => value >= limit).length];

const make = (name, more = {}, ...inner) => {
  const element = Object.assign(document.createElement(name), more);
  element.append(...inner);
  return element;
};

const SVG = "http://www.w3.org/2000/svg";

// Make an element of SVG like another one, and keep what is alike.
function become(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.children.length !== fresh.children.length) return old.replaceChildren(...fresh.childNodes);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  if (!fresh.children.length && old.textContent !== fresh.textContent) old.textContent = fresh.textContent;
  [...fresh.children].forEach((child, k) => {
    if (child.localName === old.children[k].localName) become(old.children[k], child);
    else old.children[k].replaceWith(child);
  });
}

export class Figure extends HTMLElement {
  static controls = {};

  // The figure takes the place of its picture, in the state that the book gave it or in another:
  // "w=2&kick=1.9".
  show(state = this.dataset.state) {
    if (!this.stage) this.build();
    this.set(Object.fromEntries(new URLSearchParams(state)));
    const pressed = document.activeElement === this.querySelector(".turn-open");
    this.turned(true);
    if (pressed) this.stage.querySelector("input, select").focus({ preventScroll: true });
  }

  turned(on) {
    const picture = this.previousElementSibling;
    if (picture) picture.hidden = on;
    this.classList.toggle("is-turned", on);
    this.querySelector(".turn-open").hidden = on;
    this.stage.hidden = !on;
    this.resize();
  }

  build() {
    this.told = JSON.parse(this.dataset.told || "{}");
    const { controls } = this.constructor;
    this.state = {};
    this.inputs = {};
    this.drawn = [];
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("aria-label", "A drawing that follows the controls below it");
    this.status = make("p", { className: "turn-says", role: "status" });
    this.rows = make("div", { className: "turn-rows", tabIndex: 0, role: "region", ariaLabel: "The numbers of the figure" });
    this.details = make("details", { className: "turn-numbers", ontoggle: () => this.tabulate() },
      make("summary", { textContent: "The numbers as a table" }), this.rows);
    const back = make("button", { type: "button", textContent: "Back to the picture", onclick: () => {
      this.turned(false);
      this.querySelector(".turn-open").focus();
    } });
    const again = make("button", { type: "button", textContent: "Start again", onclick: () => this.show() });
    this.stage = make("div", { className: "turn-stage" }, this.svg,
      make("div", { className: "turn-controls" }, ...Object.entries(controls).map(([name, it]) => this.control(name, it))),
      this.status, make("p", { className: "turn-does" }, again, back), this.details);
    // Keys that move a control move no slide.
    this.stage.addEventListener("keydown", (event) => {
      if (event.key === "Escape") back.click();
      event.stopPropagation();
    });
    this.append(this.stage);
    new ResizeObserver(() => this.resize()).observe(this.stage);
  }

  control(name, it) {
    const id = `${this.id}-${name}`;
    if (it.kind === "press") {
      return make("button", { type: "button", textContent: it.label, onclick: () => this.set(it.does(this.state, this)) });
    }
    const shown = make("output", { id: `${id}-value` });
    shown.setAttribute("for", id);
    shown.setAttribute("aria-hidden", "true"); // the control itself says it
    const input = it.kind === "range"
      ? make("input", { type: "range", id, min: it.min, max: it.max, step: it.step })
      : make("select", { id }, ...Object.entries(it.options).map(([value, text]) => make("option", { value, textContent: text })));
    input.addEventListener("input", () => this.set({ [name]: input.value }));
    this.inputs[name] = { ...it, input, shown };
    return make("div", { className: `turn-control is-${it.kind}` }, make("label", { htmlFor: id, textContent: it.label }), input, shown);
  }

  // Set some of the values, from numbers or texts; values that the figure does not have are refused.
  set(values) {
    for (const [name, it] of Object.entries(this.inputs)) if (!(name in this.state)) this.state[name] = it.start;
    for (const [name, value] of Object.entries(values)) {
      const it = this.inputs[name];
      if (!it) throw new RangeError(`${this.localName}: expected one of ${Object.keys(this.inputs).join(", ")}; got ${name}`);
      const number = Number(value);
      const fits = it.kind === "choice" ? value in it.options : value !== "" && number >= it.min && number <= it.max;
      if (!fits) throw new RangeError(`${this.localName}: ${name} does not take ${value}`);
      this.state[name] = it.kind === "choice" ? value : number;
    }
    this.update();
  }

  update() {
    const values = (this.values = this.compute(this.state));
    for (const [name, it] of Object.entries(this.inputs)) {
      const value = this.state[name];
      if (it.input.value !== String(value)) it.input.value = value;
      if (it.kind !== "range") continue;
      const digits = (String(it.step).split(".")[1] ?? "").length;
      const words = it.words?.(value, values), shown = round(value, digits), said = words ? `${shown}: ${words}` : shown;
      if (it.shown.textContent !== shown) it.shown.textContent = shown;
      if (it.input.getAttribute("aria-valuetext") !== said) it.input.setAttribute("aria-valuetext", said);
    }
    this.paint();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.report(), 600);
  }

  // After the reader has stopped.
  report() {
    const text = this.says(this.values);
    if (this.status.textContent !== text) this.status.textContent = text;
    this.svg.setAttribute("aria-label", text);
    this.tabulate();
  }

  tabulate() {
    if (!this.details.open || !this.values) return;
    const { head, rows } = this.table(this.values);
    const cells = (row, tag) => make("tr", {}, ...row.map((text) => make(tag, { textContent: text })));
    const table = make("table", { className: "results" }, make("thead", {}, cells(head, "th")), make("tbody", {}, ...rows.map((row) => cells(row, "td"))));
    table.querySelectorAll("th").forEach((it) => { it.scope = "col"; });
    this.rows.replaceChildren(table);
  }

  resize() {
    const width = Math.round(this.svg.clientWidth / this.zoom);
    if (!width || width === this.width) return;
    this.width = width;
    if (this.values) this.paint();
  }

  // Whether there is room for two plots side by side.
  get wide() {
    return this.width >= 520;
  }

  // How much larger than on a page the figure is shown: slides set it in their style sheet.
  get zoom() {
    return Number(getComputedStyle(this).getPropertyValue("--turn-zoom")) || 1;
  }

  // Only what differs from the last drawing is written: texts are what takes the browser's time.
  paint() {
    if (!this.width) return;
    this.draw(this.values).forEach((layer, k) => {
      if (this.drawn[k] === layer) return;
      const group = document.createElementNS(SVG, "g");
      group.innerHTML = this.drawn[k] = layer;
      if (this.svg.children[k]) become(this.svg.children[k], group);
      else this.svg.append(group);
    });
    const box = `0 0 ${this.width} ${Math.round(this.height)}`;
    if (this.svg.getAttribute("viewBox") !== box) this.svg.setAttribute("viewBox", box);
  }
}

const fixed = (value) => Math.round(value * 100) / 100;
export const text = (x, y, label, more = "") => `<text x="${fixed(x)}" y="${fixed(y)}" ${more}>${label}</text>`;
export const line = (points, more = "") => `<polyline points="${points.map(([x, y]) => `${fixed(x)},${fixed(y)}`).join(" ")}" ${more}/>`;
export const circle = (x, y, r, more = "") => `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="${r}" ${more}/>`;

// Axes of a plot in a box {left, top, width, height}: `X` and `Y` turn values into places, `frame` is
// what is to be drawn below the curves.
export function axes({ left, top, width, height }, { x, y, xTicks = x, yTicks = y, xLabel = "", yLabel = "", tick = (v) => v }) {
  const X = (v) => left + ((v - x[0]) / (x[1] - x[0])) * width;
  const Y = (v) => top + height - ((v - y[0]) / (y[1] - y[0])) * height;
  const minus = (v) => String(tick(v)).replace("-", "−");
  const frame = [
    ...xTicks.map((v) => line([[X(v), top], [X(v), top + height]], 'class="grid"') + text(X(v), top + height + 16, minus(v), 'text-anchor="middle" class="small"')),
    ...yTicks.map((v) => line([[left, Y(v)], [left + width, Y(v)]], 'class="grid"') + text(left - 6, Y(v) + 4, minus(v), 'text-anchor="end" class="small"')),
    text(left + width / 2, top + height + 34, xLabel, 'text-anchor="middle" class="small"'),
    text(left - 4, top - 8, yLabel, 'class="small"'),
  ].join("");
  const curve = (values, more) => line(values.map(([a, b]) => [X(a), Y(Math.min(Math.max(b, y[0]), y[1]))]), more);
  return { X, Y, frame, curve };
}

// Play the latch: give a trained network of two units values to store and to recall, hold one of its
// gates, and read what it answers. Chapter lstm.
import { dot } from "./lib/layers.js";
import { LSTMCell } from "./lib/lstm.js";
import { trace } from "./lib/unrolling.js";
import { Figure, choice, range, round, text } from "./figure.js";

const SHOWN = ["i", "f", "o", "g", "c"];
const HELD = { none: "none", f1: "forget gate at 1", f0: "forget gate at 0", i1: "input gate at 1", i0: "input gate at 0", o1: "output gate at 1", o0: "output gate at 0" };

customElements.define("rnn-latch", class extends Figure {
  static controls = {
    step: range("step to change", 0, 11, 1, 0),
    value: range("value at this step", -1, 1, 0.01, 0.5),
    command: choice("command at this step", { none: "nothing", store: "store", recall: "recall" }, "store"),
    held: choice("gate that is held", HELD, "none"),
  };

  show(state) {
    this.sequence = null;
    super.show(state);
  }

  build() {
    super.build();
    this.svg.addEventListener("click", (event) => {
      const { x } = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
      const step = Math.floor((x - this.left) / this.pitch);
      if (step >= 0 && step < this.sequence.length) this.set({ step });
    });
  }

  // Another step brings its own value and command along.
  set(values) {
    this.sequence ??= this.told.sequence.map(([value, command]) => ({ value, command }));
    if ("step" in values) values = { ...this.sequence[values.step], ...values };
    super.set(values);
  }

  compute({ step, value, command, held }) {
    this.sequence[step] = { value, command };
    const inputs = this.sequence.map((it) => [it.value, Number(it.command === "store"), Number(it.command === "recall")]);
    const w = { ...this.told.weights };
    // A bias of 1000 opens a gate, whatever comes in.
    if (held !== "none") w[`b_${held[0]}`] = w.b_i.map(() => (held[1] === "1" ? 1000 : -1000));
    const steps = trace(LSTMCell, w, inputs);
    const y = steps.map(({ h }) => dot(this.told.W, h)[0] + this.told.b[0]);
    let stored = 0;
    const target = this.sequence.map((it) => {
      if (it.command === "store") stored = it.value;
      return it.command === "recall" ? stored : 0;
    });
    const rows = Object.fromEntries(SHOWN.map((name) => [name, steps.map((it) => it[name][this.told.unit])]));
    return { step, held, inputs, rows, y, target };
  }

  draw({ step, inputs, rows, y, target }) {
    this.left = 66;
    const pitch = (this.pitch = (this.width - this.left - 4) / inputs.length), high = 24;
    const all = [["value", inputs.map(([v]) => v)], ["command", null], ...SHOWN.map((name) => [`${name}(t)`, rows[name]]), ["answer", y], ["right", target]];
    const top = (n) => 24 + n * (high + 3) + (n > 1 ? 10 : 0) + (n > 6 ? 10 : 0);
    this.height = top(all.length) + 2;
    const names = all.map(([name], n) => text(this.left - 8, top(n) + 17, name, 'text-anchor="end" class="small"')).join("")
      + SHOWN.map((_, n) => `<rect x="${this.left + 1}" y="${top(n + 2)}" width="${this.width - this.left - 6}" height="${high}" fill="none" class="heat"/>`).join("")
      + inputs.map((_, t) => text(this.left + (t + 0.5) * pitch, 14, t, 'text-anchor="middle" class="small quiet"')).join("");
    // A gate is a bar as high as it is open; candidate and cell state are bars up or down from the
    // middle. Other numbers stand in their boxes, or their signs do.
    const place = (t) => `${(this.left + t * pitch + 1).toFixed(1)}`, thick = (pitch - 2).toFixed(1);
    const path = (d, fill) => `<path d="${d}" class="fill-${fill}" fill-opacity="0.8"/>`;
    const bars = (name, n, values) => {
      const gate = "ifo".includes(name[0]), most = gate ? 1 : 2 * Math.max(1, ...values.map(Math.abs));
      const from = gate ? top(n) + high : top(n) + high / 2;
      const some = (sign) => values.map((v, t) => (sign * v > 0 ? `M${place(t)},${from}h${thick}v${((-v / most) * high).toFixed(1)}h-${thick}z` : "")).join("");
      return gate ? path(some(1), "gate") : path(some(1), "y") + path(some(-1), "x");
    };
    const box = (n, value, t) => `<rect x="${place(t)}" y="${top(n)}" width="${thick}" height="${high}" class="heat fill-${value < 0 ? "x" : "y"}" fill-opacity="${(0.6 * Math.min(Math.abs(value), 1)).toFixed(2)}"/>`
      + text(this.left + (t + 0.5) * pitch, top(n) + 17, pitch > 36 ? round(value) : value < -0.15 ? "−" : value > 0.15 ? "+" : "", 'text-anchor="middle" class="small"');
    const command = ({ command: it }, t) => (it === "none" ? "" : text(this.left + (t + 0.5) * pitch, top(1) + 17, it === "store" ? "S" : "R", 'text-anchor="middle" font-weight="bold"'));
    const layers = all.map(([name, values], n) => (!values ? this.sequence.map(command).join("")
      : name.endsWith(")") ? bars(name, n, values) : values.map((value, t) => box(n, value, t)).join("")));
    const looked = `<rect x="${this.left + step * pitch}" y="0" width="${pitch}" height="${this.height}" class="looked"/>`;
    return [looked, names, ...layers];
  }

  says({ y, target, held }) {
    const recalls = this.sequence.flatMap(({ command }, t) => (command === "recall" ? [t] : []));
    const gate = held === "none" ? "" : ` The ${HELD[held].replace(" at", " is held at")}.`;
    if (!recalls.length) return `Nothing is recalled, so the right answer is 0 at every step; the largest answer is ${round(y.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a)))}.${gate}`;
    const said = recalls.slice(0, 3).map((t) => `at step ${t} it answers ${round(y[t])}, and ${round(target[t])} is right`).join("; ");
    const worst = Math.max(...y.map((value, t) => Math.abs(value - target[t])));
    const more = recalls.length > 3 ? "; more recalls follow" : "";
    return `${said[0].toUpperCase()}${said.slice(1)}${more}. Its largest error is ${round(worst)}.${gate}`;
  }

  table({ inputs, rows, y, target }) {
    return {
      head: ["step", "value", "command", ...SHOWN.map((name) => `${name}(t)`), "answer", "right"],
      rows: inputs.map(([value], t) => [t, round(value), { none: "", store: "store", recall: "recall" }[this.sequence[t].command], ...SHOWN.map((name) => round(rows[name][t], 3)), round(y[t], 3), round(target[t], 3)]),
    };
  }
});

// One unit that reads its own output: y(t) = f(w y(t-1) + x(t)), with a pulse at step 0 and a kick
// against it at step 5. Chapter perceptron.
import { activations } from "./lib/layers.js";
import { Figure, axes, choice, circle, range, round, share } from "./figure.js";

const STEPS = 26, KICKED = 5;

// The positive solution of y = tanh(w y), 0 where there is none.
function levelOf(w) {
  let y = w > 1 ? 1 : 0;
  for (let k = 0; k < 2000; k++) y = Math.tanh(w * y);
  return y;
}

customElements.define("rnn-unit", class extends Figure {
  static controls = {
    f: choice("activation", { tanh: "tanh", identity: "none (linear)" }, "tanh"),
    w: range("weight of its own output", -1.5, 2.5, 0.01, 2, (w) => `a step multiplies a small deviation from zero by ${round(w)}`),
    pulse: range("pulse at step 0", -2, 2, 0.05, 1.5),
    kick: range("kick against it at step 5", 0, 4, 0.005, 0, (kick, it) => (kick ? `afterwards the unit is at ${round(it.y[KICKED])}` : "no kick")),
  };

  compute({ f, w, pulse, kick }) {
    const step = (y, x) => activations[f].f([w * y + x])[0];
    const inputs = Array.from({ length: STEPS }, (_, t) => (t === 0 ? pulse : t === KICKED ? -Math.sign(pulse) * kick : 0));
    const y = [];
    inputs.forEach((x, t) => { y[t] = step(t ? y[t - 1] : 0, x); });
    const halfLife = Math.LN2 / -Math.log(Math.abs(w));
    return { f, w, pulse, kick, inputs, y, step, halfLife, level: f === "tanh" ? levelOf(w) : 0 };
  }

  draw({ y, step, inputs, level }) {
    const { wide } = this;
    const side = wide ? (this.width - 90) * 0.42 : this.width - 60;
    const most = Math.min(Math.max(1.1, ...y.map((v) => 1.05 * Math.abs(v))), 6);
    const ticks = most < 2 ? [-1, 0, 1] : [-Math.floor(most), 0, Math.floor(most)];
    const web = axes({ left: 36, top: 22, width: side, height: side },
      { x: [-most, most], y: [-most, most], xTicks: ticks, yTicks: ticks, xLabel: "y(t−1)", yLabel: "y(t) = f(w y(t−1))" });
    const plot = axes(
      wide ? { left: side + 80, top: 22, width: this.width - side - 92, height: side } : { left: 36, top: side + 88, width: side, height: 180 },
      { x: [0, STEPS - 1], y: [-most, most], xTicks: [0, 5, 10, 15, 20, 25], yTicks: ticks, xLabel: "step t", yLabel: "y(t)" });
    this.height = wide ? side + 64 : side + 310;
    const grid = Array.from({ length: 81 }, (_, k) => most * (k / 40 - 1));
    const inside = (v) => Math.min(Math.max(v, -most), most);
    const path = y.flatMap((v, t) => [[inside(t ? y[t - 1] : 0), v], [inside(v), v]]);
    const kicked = inputs[KICKED] ? web.curve([[inside(y[KICKED - 1]), y[KICKED - 1]], [inside(y[KICKED - 1]), y[KICKED]]], 'class="stroke-c" stroke-width="3"') : "";
    const levels = level ? [level, -level].map((v) => plot.curve([[0, v], [STEPS - 1, v]], 'class="stroke-muted" stroke-dasharray="4 4"')).join("") : "";
    const below = web.frame + plot.frame + levels
      + web.curve([[-most, -most], [most, most]], 'class="stroke-muted"')
      + web.curve(grid.map((v) => [v, step(v, 0)]).filter(([, v]) => Math.abs(v) <= most), 'class="stroke-h" stroke-width="2"');
    const dot = (v, t) => circle(plot.X(t), plot.Y(v), t === KICKED && inputs[t] ? 5 : 3, `class="${t === KICKED && inputs[t] ? "fill-c" : "fill-y"}"`);
    const dots = y.map((v, t) => (Math.abs(v) <= most ? dot(v, t) : "")).join("");
    return [below, web.curve(path, 'class="stroke-y"') + kicked + plot.curve(y.map((v, t) => [t, v]), 'class="stroke-y" stroke-width="2"') + dots];
  }

  says({ f, w, y, pulse, kick, halfLife, level }) {
    const size = Math.abs(w), sign = w < 0 ? " while its sign flips at every step" : "";
    if (f === "identity") {
      if (size === 1) return `The echo keeps its size for ever${sign}.`;
      return size < 1 ? (size ? `Half of the echo is left after ${round(halfLife, 1)} steps${sign}.` : "Nothing comes back: the echo ends at once.")
        : `The echo grows by ${round(100 * (size - 1), 0)} percent a step${sign}.`;
    }
    if (!level) return size <= 1 ? `Without a kick the unit forgets: near zero a step keeps ${share(size)} of what is left${sign}.` : "The unit jumps from side to side and keeps no sign.";
    if (!pulse) return "Without a pulse the unit stays at zero.";
    const settled = `The unit settles at ${round(level, 3)} or at minus that.`;
    if (!kick) return `${settled} A small deviation there shrinks to ${round(w * (1 - level ** 2), 2)} of itself at each step.`;
    const flipped = Math.sign(y[STEPS - 1]) !== Math.sign(pulse);
    return `${settled} The kick of ${round(kick, 3)} ${flipped ? "flips it" : "does not flip it: it climbs back"}.`;
  }

  table({ inputs, y }) {
    return { head: ["step", "input", "output"], rows: y.map((v, t) => [t, round(inputs[t], 3), round(v, 4)]) };
  }
});

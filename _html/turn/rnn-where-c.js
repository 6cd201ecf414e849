// Where c(t) comes from: a stack of what each step has stored, as far as the forget gates since then
// have let it through. An LSTM of one unit. Chapter lstm.
import { LSTMCell } from "./lib/lstm.js";
import { trace } from "./lib/unrolling.js";
import { generator } from "./lib/random.js";
import { Figure, axes, range, round, share, text } from "./figure.js";

const STEPS = 16;
// From dark blue by way of grey to yellow, as early steps become late ones.
const RAMP = [[0, 34, 78], [66, 78, 108], [124, 123, 120], [188, 175, 111], [255, 234, 70]];
function colour(k) {
  const place = (k / (STEPS - 1)) * (RAMP.length - 1), low = Math.min(Math.floor(place), RAMP.length - 2);
  return `rgb(${RAMP[low].map((value, n) => Math.round(value + (place - low) * (RAMP[low + 1][n] - value))).join(",")})`;
}

const largestOf = (row) => row.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best));

customElements.define("rnn-where-c", class extends Figure {
  static controls = {
    b_f: range("bias of the forget gate", -3, 5, 0.1, 1, (_, { f }) => `the forget gate keeps ${share(f.reduce((a, b) => a + b) / STEPS)} on average`),
    b_i: range("bias of the input gate", -3, 3, 0.1, 0, (_, { i }) => `the input gate lets in ${share(i.reduce((a, b) => a + b) / STEPS)} on average`),
    step: range("step t to look at", 0, STEPS - 1, 1, 12, (step, { c }) => `c(${step}) is ${round(c[step])}`),
    seed: range("seed of inputs and weights", 1, 9, 1, 1),
  };

  compute({ b_f, b_i, step, seed }) {
    const next = generator(seed), w = {};
    for (const l of "ifog") Object.assign(w, { [`W_x${l}`]: [[next(-2, 2)]], [`W_h${l}`]: [[next(-1, 1)]], [`b_${l}`]: [{ f: b_f, i: b_i }[l] ?? 0] });
    const inputs = Array.from({ length: STEPS }, () => [next(-1.5, 1.5)]);
    const values = trace(LSTMCell, w, inputs), of = (name) => values.map((it) => it[name][0]);
    const [f, i, g, c] = [of("f"), of("i"), of("g"), of("c")];
    // left[t][k]: the product of the forget gates from step k + 1 to t.
    const left = f.map((_, t) => f.map((_, k) => (k > t ? 0 : f.slice(k + 1, t + 1).reduce((a, b) => a * b, 1))));
    const layers = left.map((row) => row.map((share, k) => share * i[k] * g[k]));
    return { step, f, i, c, stored: i.map((it, k) => it * g[k]), left: left[step], layers };
  }

  draw({ step, c, stored, left, layers }) {
    const { wide } = this, high = wide ? 250 : 210;
    const width = wide ? this.width * 0.58 - 40 : this.width - 50;
    const sizes = layers.map((row) => [1, -1].map((sign) => row.reduce((sum, v) => sum + Math.max(sign * v, 0), 0)));
    const most = [0.5, 1, 2, 4, 8, 16].find((limit) => limit >= Math.max(...sizes.flat()));
    const plot = axes({ left: 40, top: 26, width, height: high }, { x: [-0.5, STEPS - 0.5], y: [-most, most], xTicks: [0, 3, 6, 9, 12, 15], yTicks: [-most, 0, most], xLabel: "step t", yLabel: "c(t), layer by layer" });
    const bar = width / STEPS, paths = c.map(() => "");
    let numbers = "";
    // Labels of the bar that is looked at stand where the line is not.
    const clear = (t, y) => {
      const near = [-1, 0, 1].map((d) => plot.Y(0.7 * c[t] + 0.3 * (c[t + d] ?? c[t])));
      return y < Math.min(...near) - 9 || y > Math.max(...near) + 9;
    };
    layers.forEach((row, t) => {
      const ends = [0, 0], [x, wide] = [(plot.X(t) - bar * 0.42).toFixed(1), (bar * 0.84).toFixed(1)];
      row.forEach((value, k) => {
        const side = value < 0 ? 1 : 0, from = plot.Y(ends[side]), to = plot.Y((ends[side] += value)), height = from - to;
        if (Math.abs(height) < 0.7) return;
        paths[k] += `M${x},${Math.round(from)}h${wide}V${Math.round(to)}h-${wide}z`;
        const middle = (from + to) / 2;
        if (Math.abs(height) > 15 && bar > 17 && t === step && clear(t, middle)) {
          numbers += text(plot.X(t), middle + 5, k, `text-anchor="middle" class="small" data-${k < 8 ? "pale" : "dark"}`);
        }
      });
    });
    const stack = paths.map((d, k) => (d ? `<path d="${d}" fill="${colour(k)}" class="stroke-muted" stroke-width="0.5"/>` : "")).join("");
    const looked = `<rect x="${plot.X(step) - bar / 2}" y="20" width="${bar}" height="${high + 12}" class="looked"/>`;
    // With a halo, as numbers have it: early layers are nearly as dark as the line.
    const sum = ["number", "stroke-c"].map((name) => plot.curve(c.map((value, t) => [t, value]), `class="${name}" stroke-width="3"`)).join("");
    // What is in it at the step that is looked at, the largest first: each bar as long as what was
    // stored, filled as far as it is left.
    const start = wide ? width + 70 : 8, room = this.width - start - 4, top = wide ? 40 : high + 92;
    const rows = layers[step].map((value, k) => [Math.abs(value), k]).slice(0, step + 1).sort((a, b) => b[0] - a[0]).slice(0, 4);
    const list = rows.map(([size, k], n) => {
      const y = top + 40 * n + 10, box = (length, more) => `<rect x="${start}" y="${y + 19}" width="${(length * room).toFixed(1)}" height="10" ${more}/>`;
      return text(start, y + 13, `step ${k}: ${round(stored[k])}, ${round(100 * left[k], 0)} % is left`, 'class="small"')
        + box(Math.abs(stored[k]), 'class="bar"') + box(size, `fill="${colour(k)}"`);
    }).join("");
    const title = text(start, top, `c(${step}) = ${round(c[step])}, stored at`, 'class="small"');
    this.height = wide ? high + 72 : top + 212;
    return [plot.frame, looked, stack + sum, numbers, title + list];
  }

  says({ step, c, layers, left, f }) {
    const largest = largestOf(layers[step]);
    return `c(${step}) is ${round(c[step])}; its largest layer, ${round(largest)}, was stored at step ${layers[step].indexOf(largest)}. The forget gate stands between ${round(Math.min(...f))} and ${round(Math.max(...f))}: a tenth or more is left of what was stored from step ${left.findIndex((share) => share >= 0.1)} on.`;
  }

  table({ step, layers, left, stored }) {
    const rows = layers[step].map((value, k) => [k, round(stored[k], 4), round(left[k], 4), round(value, 4)]);
    return { head: ["stored at step", "stored", "share left", `layer of c(${step})`], rows: rows.slice(0, step + 1) };
  }
});

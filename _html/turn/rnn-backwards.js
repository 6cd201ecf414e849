// A gradient travels: how much of the derivative of one loss comes back to each step of an unrolled
// network, by (T1). Chapter training-through-time.
import { bptt } from "./lib/gradients.js";
import { GRUCell } from "./lib/gru.js";
import { logistic } from "./lib/layers.js";
import { LSTMCell } from "./lib/lstm.js";
import { SimpleCell } from "./lib/simple.js";
import { generator } from "./lib/random.js";
import { Figure, choice, line, range, round, share, text } from "./figure.js";

const STEPS = 12, UNITS = 4;
// Orthogonal: it turns the state and keeps its length.
const ORTHOGONAL = [[0.5, 0.5, 0.5, 0.5], [0.5, -0.5, 0.5, -0.5], [0.5, 0.5, -0.5, -0.5], [0.5, -0.5, -0.5, 0.5]];
const LAYERS = { simple: "", LSTM: "ifog", GRU: "zrg" };
const LESS = [[1e-9, "a billionth"], [1e-6, "a millionth"], [1e-3, "a thousandth"], [0.01, "a hundredth"], [0.1, "a tenth"]];

// As many numbers as the LSTM takes, drawn once for each seed: that is slow.
const kept = {};
function drawn(seed) {
  if (!kept[seed]) {
    const next = generator(seed);
    kept[seed] = Array.from({ length: STEPS + 4 * UNITS * (1 + UNITS) }, () => next());
  }
  return kept[seed];
}

// A number that may be very small or large: 0.25, 3·10⁻⁵.
function short(value) {
  if (value === 0) return "0";
  if (value >= 0.01 && value < 9999.5) return round(value, value < 0.1 ? 3 : value < 10 ? 2 : 0);
  const [digit, power] = value.toExponential(0).split("e");
  return `${digit}·10${power.replace("+", "").replace("-", "⁻").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d])}`;
}

function arrow([x1, y1], [x2, y2], hue, thick = 1.5, dash = "") {
  const length = Math.hypot(x2 - x1, y2 - y1), u = (x2 - x1) / length, v = (y2 - y1) / length;
  const x = x2 - 8 * u, y = y2 - 8 * v, half = thick / 2 + 2.5;
  const points = [x2, y2, x - v * half, y + u * half, x + v * half, y - u * half].map((a) => a.toFixed(1)).join(" ");
  return shaft([x1, y1], [x, y], hue, thick, dash) + `<polygon class="fill-${hue}" points="${points}"/>`;
}
const shaft = ([x1, y1], [x2, y2], hue, thick = 1.5, dash = "") =>
  `<line x1="${x1.toFixed(1)}" y1="${y1}" x2="${x2.toFixed(1)}" y2="${y2}" class="stroke-${hue}" stroke-width="${thick.toFixed(1)}" stroke-dasharray="${dash}"/>`;

customElements.define("rnn-backwards", class extends Figure {
  static controls = {
    cell: choice("cell", { simple: "simple", LSTM: "LSTM", GRU: "GRU" }, "simple"),
    loss: range("step of the loss that counts", 0, STEPS - 1, 1, STEPS - 1),
    radius: range("radius of the simple cell's recurrent weights", 0.2, 2, 0.05, 0.9,
      (radius, { cell }) => (cell === "simple" ? "a step back multiplies by that at most" : "not in use")),
    bias: range("bias of the forget or the update gate", -3, 6, 0.1, 1,
      (bias, { cell }) => (cell === "simple" ? "not in use" : `without a signal the gate keeps ${share(logistic(bias))}`)),
    strength: range("strength of the inputs", 0, 3, 0.05, 0.5),
    seed: range("seed of weights and inputs", 1, 9, 1, 3),
  };

  compute({ cell, loss, radius, bias, strength, seed }) {
    const numbers = drawn(seed).values(), next = (low, high) => low + (high - low) * numbers.next().value;
    const inputs = Array.from({ length: STEPS }, () => [strength * next(-1, 1)]);
    const rows = (n, m) => Array.from({ length: n }, () => Array.from({ length: m }, () => next(-0.5, 0.5)));
    const b = (value = 0) => new Array(UNITS).fill(value), kind = { simple: SimpleCell(), LSTM: LSTMCell, GRU: GRUCell }[cell];
    const w = cell === "simple" ? { W_x: rows(UNITS, 1), W_y: ORTHOGONAL.map((row) => row.map((value) => radius * value)), b: b() } : {};
    for (const l of LAYERS[cell]) Object.assign(w, { [`W_x${l}`]: rows(UNITS, 1), [`W_h${l}`]: rows(UNITS, UNITS), [`b_${l}`]: b("fz".includes(l) ? bias : 0) });
    // dL/dy of length 1 where the loss counts: what arrives is then the share that is left.
    const d_outputs = inputs.map((_, t) => b(t === loss ? 0.5 : 0));
    // The arrow from step k to the step before carries dL/ds(k-1).
    const carried = bptt(kind, w, inputs, d_outputs).d_before.slice(1).map((d) => Math.hypot(...d.flat()));
    const rate = loss > 1 ? (carried[0] / carried[loss - 1]) ** (1 / (loss - 1)) : 1;
    return { cell, loss, carried, left: carried[0], rate };
  }

  draw({ loss, carried }) {
    const { width } = this, perRow = [12, 6].find((n) => width >= 50 * n + 40) ?? 4, high = 138;
    const pitch = (width - 40) / perRow, half = Math.min(pitch * 0.21, 15);
    this.height = (STEPS / perRow) * high - 5;
    let still = "", moving = "", numbers = "", counted;
    for (let t = 0; t < STEPS; t++) {
      const place = t % perRow, x = 20 + (place + 0.5) * pitch, y = Math.floor(t / perRow) * high + 66;
      still += `<rect x="${x - half}" y="${y - half}" width="${2 * half}" height="${2 * half}" class="bar"/>`
        + arrow([x, y + 48], [x, y + half], "x") + text(x, y + 62, `x(${t})`, 'text-anchor="middle" class="small"')
        + shaft([x - 4, y - half], [x - 4, y - 44], "muted") + text(x, y - 50, `L(${t})`, 'text-anchor="middle" class="small"');
      if (t === loss) {
        const box = [[x - 21, y - 45], [x + 21, y - 45], [x + 21, y - 65], [x - 21, y - 65], [x - 21, y - 45]];
        counted = line(box, 'class="stroke-y" stroke-width="2"') + arrow([x - 4, y - half], [x - 4, y - 44], "y", 2) + arrow([x + 5, y - 44], [x + 5, y - half], "c", 4, "6 3");
      }
      if (!t) continue;
      // In a new row the arrows come from the end of the row above.
      const to = place ? x - pitch + half : 0, from = x - half, value = carried[t - 1];
      // Two pixels for each power of ten.
      const thick = Math.min(Math.max(6 + 2 * Math.log10(value), 1), 10);
      const back = value ? ["c", thick, "6 3"] : ["muted", 1, "1 4"], head = value ? arrow : shaft;
      still += arrow([to, y - 7], [from, y - 7], "h");
      moving += (place ? head : shaft)([from, y + 7], [to, y + 7], ...back);
      if (!place) {
        const above = y - high, last = width - 20 - pitch / 2 + half;
        still += shaft([last, above - 7], [width, above - 7], "h");
        moving += head([width, above + 7], [last, above + 7], ...back);
      }
      numbers += text(Math.max((to + from) / 2, 19), y + 32, short(value), `text-anchor="middle" class="small${value ? "" : " quiet"}"`);
    }
    return [still, counted, moving, numbers];
  }

  says({ loss, left, rate, carried }) {
    if (!loss) return "L(0) depends on no state before it, so no arrow carries anything back.";
    const of = `of the derivative of L(${loss})`, less = LESS.find(([limit]) => left < limit);
    const reaches = left > 1.005 ? `At step 0 the derivative of L(${loss}) is ${short(left)} times as large.`
      : less ? `Less than ${less[1]} ${of} reaches step 0.` : `A share of ${short(left)} ${of} reaches step 0.`;
    if (loss === 1) return reaches;
    const change = rate < 0.97 ? "it fades" : rate > 1.03 ? "it grows" : "it nearly holds";
    return `${reaches} It leaves step ${loss} as ${short(carried[loss - 1])}, and from there a step multiplies it by ${round(rate)} on average: ${change}.`;
  }

  table({ carried }) {
    return { head: ["from step", "to step", "size of the derivative"], rows: carried.map((value, k) => [k + 1, k, short(value)]).reverse() };
  }
});

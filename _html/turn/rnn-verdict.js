// Which words a verdict hangs on: its gradient with respect to the vector of each, in three small
// trained networks, those of lib/book/experiments/verdict.py. Chapter memory-measured.
import { GRUCell } from "./lib/gru.js";
import { dot, logistic } from "./lib/layers.js";
import { LSTMCell } from "./lib/lstm.js";
import { SimpleCell } from "./lib/simple.js";
import { trace } from "./lib/unrolling.js";
import { Figure, choice, circle, line, range, round, text } from "./figure.js";

const VECTOR = 4, UNITS = 4, ROW = 21, TAIL = 4, TOP = 60, MOST = 20, LONGEST = 6;
const NETWORKS = {
  simple: [SimpleCell(), "W_x W_y b"],
  LSTM: [LSTMCell, "W_xi W_hi b_i W_xf W_hf b_f W_xo W_ho b_o W_xg W_hg b_g"],
  GRU: [GRUCell, "W_xz W_hz b_z W_xr W_hr b_r W_xg W_hg b_g"],
};
const NAMES = Object.keys(NETWORKS);
const same = (words) => Object.fromEntries(words.map((word) => [word, word]));

// Two digits of base 36 are a number in hundredths.
const unpack = (packed) => packed.match(/../g).map((it) => (parseInt(it, 36) - 648) / 100);
const rows = (numbers, size) => Array.from({ length: numbers.length / size }, (_, k) => numbers.slice(k * size, (k + 1) * size));

function network(name, packed) {
  const numbers = unpack(packed), [cell, names] = NETWORKS[name], weights = {};
  const take = (size) => rows(numbers.splice(0, UNITS * size), size);
  for (const it of names.split(" ")) weights[it] = it[0] === "b" ? take(1).flat() : take(it[2] === "x" ? VECTOR : UNITS);
  return { cell, weights, W: take(1).flat(), b: numbers[0] };
}

// y = sigma(W h + b) after the last word, and dy/dx(t) for every word: `bptt`, but the gradient of
// the weights, which takes most of its time, is left out.
function judge({ cell, weights, W, b }, inputs) {
  const steps = trace(cell, weights, inputs), none = W.map(() => 0), d = [];
  const before = (t) => cell.states.map((name) => steps[t - 1]?.[name] ?? none);
  const y = logistic(dot([W], steps.at(-1).h)[0] + b);
  let d_output = W.map((w) => w * y * (1 - y)), d_states = before(0);
  for (let t = steps.length - 1; t >= 0; t--) {
    ({ d_x: d[t], d_states } = cell.back(weights, inputs[t], before(t), d_output, d_states));
    d_output = none;
  }
  return { y, d };
}

// "blame for the LSTM, praise for the simple cell and the GRU" from what is said of each.
const CALLED = ["the simple cell", "the LSTM", "the GRU"];
const sorted = (of) => [...new Set(of)].map((it) => `${it} for ${CALLED.filter((_, k) => of[k] === it).join(" and ").replace(/.* and .* and .*/, "all three")}`).join(", ");

customElements.define("rnn-verdict", class extends Figure {
  static controls = {
    sentence: choice("sentence", same([
      "it was not great", "this is not a good film", "the acting is not bad", "loved it but it was dull", "worst film i have seen",
      "good but not great", "but its not that bad", "how could i not love it",
    ]), "it was not great"),
    bars: choice("bars", { effect: "gradient · vector", norm: "size of gradient" }, "effect"),
    out: range("word to leave out (0: none)", 0, 6, 1, 0, (_, it) => (it.gone ? `“${it.gone}” is left out` : "none is left out")),
    after: range("unknown words behind", 0, MOST, 1, 0, (n) => (n ? `the verdict comes ${n} words later` : "none")),
  };

  compute({ sentence, bars, out, after }) {
    const { told } = this, known = told.words.split(" ");
    this.networks ??= NAMES.map((name) => network(name, told[name]));
    this.vectors ??= rows(unpack(told.vectors), VECTOR); // the first is that of an unknown word
    const words = sentence.split(" "), said = words.filter((_, t) => t + 1 !== out);
    const inputs = [...said, ...Array(after)].map((it) => this.vectors[known.indexOf(it) + 1]);
    const found = this.networks.map((it) => judge(it, inputs));
    const norms = found.map(({ d }) => d.map((it) => Math.hypot(...it)));
    const effects = found.map(({ d }) => d.map((it, t) => dot([it], inputs[t])[0]));
    return { said, after, gone: words[out - 1], verdicts: found.map(({ y }) => y), norms, effects, shown: bars === "norm" ? norms : effects };
  }

  draw({ said, after, verdicts, norms, shown }) {
    const { wide, width } = this;
    const gap = wide ? 28 : 8, left = wide ? 110 : 74, half = (width - left) / 6 - gap / 2;
    const middle = (k) => left + gap + half + k * (2 * half + gap);
    const top = (t) => TOP + ROW * t, own = said.length, end = top(LONGEST), bottom = end + MOST * TAIL;
    const most = Math.max(...shown.flat().map(Math.abs));
    const edge = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2].find((it) => it >= most) ?? most;
    this.height = bottom + 40;
    const label = (y, word, x = left, more = "") => text(x, y, word, `text-anchor="end" class="small ${more}"`);
    const across = (y) => line([[left, y], [width, y]], 'class="grid"');
    const muted = (k, dx, y, to) => line([[middle(k) - dx, y], [middle(k) + dx, to]], 'class="stroke-muted"');
    const frame = label(33, "verdict") + said.map((_, t) => across(top(t))).join("") + across(end) + across(bottom)
      + NAMES.map((name, k) => text(middle(k), 14, name, 'text-anchor="middle"') + (wide ? label(33, 0, middle(k) - half + 8) + label(33, 1, middle(k) + half) : "")
        + muted(k, half, 46, 46) + muted(k, 0, 41, 51) + muted(k, 0, TOP, bottom)).join("");
    const words = said.map((word, t) => label(top(t) + 15, word)).join("")
      + label(bottom + 17, shown === norms ? "how sensitive the verdict is" : "left: against, right: in favour", width, "quiet");
    const numbers = [label(end + 15, `${after} unknown`), label(bottom + 34, `to the edge: ${edge}`, width, "quiet")];
    const box = (k, v, y, high) => {
      const size = (Math.abs(v) / edge) * half;
      return `<rect x="${(middle(k) - (v > 0 ? 0 : size)).toFixed(1)}" width="${size.toFixed(1)}" y="${y}" height="${high}" class="stroke-x ${v > 0 ? "fill-x" : "fill-sheet"}"/>`;
    };
    // Those behind are many and thin: one line is drawn sooner.
    const comb = (k) => line(shown[k].slice(own).flatMap((v, t) => [0, v, 0].map((at) => [middle(k) + (at / edge) * half, end + (t + 0.5) * TAIL])), 'class="stroke-x"');
    const bars = verdicts.map((y, k) => said.map((_, t) => box(k, shown[k][t], top(t) + 4, ROW - 8)).join("") + comb(k)
      + text(middle(k), 33, round(y), 'text-anchor="middle" class="big"') + circle(middle(k) + (2 * y - 1) * half, 46, 5, 'class="fill-y"'));
    return [frame, words, ...numbers, ...bars];
  }

  says({ said, after, verdicts, shown }) {
    const own = shown.map((it) => it.slice(0, said.length).map(Math.abs));
    const most = own.map((it) => `“${said[it.indexOf(Math.max(...it))]}”`);
    const sum = (bars) => bars.reduce((a, v) => a + Math.abs(v), 0);
    const shares = own.map((it, k) => `${round((100 * sum(it)) / sum(shown[k]), 0)} percent`);
    return `The verdict is ${sorted(verdicts.map((y) => (y > 0.5 ? "praise" : "blame")))}. The longest bar of the sentence is ${sorted(most)}.`
      + (after ? ` Of all bars, the sentence keeps ${sorted(shares)}: the rest falls on what stands behind.` : "");
  }

  table({ said, after, verdicts, shown }) {
    return {
      head: ["word", ...NAMES],
      rows: [["verdict", ...verdicts.map((y) => round(y, 4))],
        ...[...said, ...Array(after).fill("(unknown)")].map((it, t) => [it, ...shown.map((of) => round(of[t], 4))])],
    };
  }
});

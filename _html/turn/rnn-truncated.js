// The window of truncated BPTT: which uses of a weight reach which losses, and what is left out. A
// simple cell of three units has to answer with the input of four steps before.
// Chapter training-through-time.
import { SimpleCell } from "./lib/simple.js";
import { trace } from "./lib/unrolling.js";
import { generator } from "./lib/random.js";
import { Figure, axes, choice, circle, line, range, round, text } from "./figure.js";

const STEPS = 24, UNITS = 3, LAG = 4, SIZE = UNITS * (UNITS + 2), BATCHES = [1, 10, 100];
const norm = (v) => Math.sqrt(v.reduce((sum, a) => sum + a * a, 0));

function network(next) {
  const rows = (n, m) => Array.from({ length: n }, () => Array.from({ length: m }, () => next(-1, 1)));
  return { W_x: rows(UNITS, 1), W_y: rows(UNITS, UNITS), b: new Array(UNITS).fill(0) };
}

// shares[t][k]: what the use of the weights at step k adds to the gradient of the loss at step t.
// (T1) and (T2) for one sequence, added to what is there.
function addShares(shares, w, inputs) {
  const y = trace(SimpleCell(), w, inputs.map((x) => [x])).map(({ h }) => h);
  for (let t = 0; t < STEPS; t++) {
    let d_y = y[t].map((value) => value - (inputs[t - LAG] ?? 0));
    for (let k = t; k >= 0; k--) {
      const d_a = d_y.map((d, unit) => d * (1 - y[k][unit] ** 2));
      const share = shares[t][k];
      let place = 0;
      for (const d of d_a) share[place++] += d * inputs[k];
      for (const d of d_a) for (let unit = 0; unit < UNITS; unit++) share[place++] += k ? d * y[k - 1][unit] : 0;
      for (const d of d_a) share[place++] += d;
      d_y = d_y.map((_, unit) => d_a.reduce((sum, d, row) => sum + d * w.W_y[row][unit], 0));
    }
  }
}

// The sum of the shares of all pairs (t, k) that `counts` says count.
function sum(shares, counts) {
  const total = new Array(SIZE).fill(0);
  shares.forEach((row, t) => row.forEach((share, k) => {
    if (counts(t, k)) for (let n = 0; n < SIZE; n++) total[n] += share[n];
  }));
  return total;
}

customElements.define("rnn-truncated", class extends Figure {
  static controls = {
    window: range("window K, in steps", 1, STEPS, 1, 2, (K, { errors }) => `${round(100 * errors[K - 1], 0)} percent of the gradient is wrong`),
    batch: choice("sequences whose gradients are added up", Object.fromEntries(BATCHES.map((n) => [n, String(n)])), "1"),
  };

  // What does not depend on the window is computed once: for each batch the shares and the errors of
  // all windows.
  build() {
    const next = generator(2), w = network(next);
    this.found = {};
    let shares = Array.from({ length: STEPS }, (_, t) => Array.from({ length: t + 1 }, () => new Array(SIZE).fill(0)));
    let done = 0;
    for (const batch of BATCHES) {
      for (; done < batch; done++) addShares(shares, w, Array.from({ length: STEPS }, () => next(-1, 1)));
      const full = sum(shares, () => true);
      const kept = Array.from({ length: STEPS }, (_, n) => sum(shares, (t, k) => Math.floor(t / (n + 1)) === Math.floor(k / (n + 1))));
      const errors = kept.map((gradient) => norm(gradient.map((value, n) => value - full[n])) / norm(full));
      this.found[batch] = { full, kept, errors, shares };
      shares = shares.map((row) => row.map((share) => [...share]));
    }
    super.build();
  }

  compute({ window: K, batch }) {
    const { full, kept, errors, shares } = this.found[batch];
    const inside = (t, k) => Math.floor(t / K) === Math.floor(k / K);
    const byLag = Array.from({ length: 13 }, (_, lag) => [
      norm(sum(shares, (t, k) => t - k === lag)) / norm(full),
      norm(sum(shares, (t, k) => t - k === lag && inside(t, k))) / norm(full),
    ]);
    return { K, batch, full, kept: kept[K - 1], errors, byLag };
  }

  draw({ K, batch, byLag }) {
    const { wide } = this;
    const side = wide ? Math.min((this.width - 100) * 0.4, 250) : Math.min(this.width - 60, 250);
    const pairs = axes({ left: 40, top: 24, width: side, height: side },
      { x: [0, STEPS], y: [0, STEPS], xTicks: [0, 6, 12, 18, 24], yTicks: [0, 6, 12, 18, 24], xLabel: "a weight is used at step k", yLabel: "loss of step t" });
    const left = wide ? side + 100 : 40, width = this.width - left - 12;
    const top = wide ? 24 : side + 88;
    const most = Math.max(1, ...BATCHES.flatMap((n) => this.found[n].errors));
    const error = axes({ left, top, width, height: wide ? side * 0.44 : 110 },
      { x: [1, STEPS], y: [0, most], xTicks: [1, 6, 12, 18, 24], yTicks: [0, 0.5, 1], xLabel: "window K", yLabel: "error of the gradient, as a share of it" });
    const below = top + (wide ? side * 0.44 : 110) + 66;
    const highest = Math.max(...byLag.map(([all]) => all));
    const lags = axes({ left, top: below, width, height: wide ? 24 + side - below : 90 },
      { x: [-0.5, 12.5], y: [0, highest * 1.05], xTicks: [0, 2, 4, 6, 8, 10, 12], yTicks: [0], xLabel: "lag t − k", yLabel: "size by lag: box all, filled kept" });
    this.height = (wide ? 24 + side : below + 90) + 42;
    const box = (plot, x0, y0, x1, y1, more) => `<rect x="${plot.X(x0)}" y="${plot.Y(y1)}" width="${plot.X(x1) - plot.X(x0)}" height="${Math.max(plot.Y(y0) - plot.Y(y1), 0)}" ${more}/>`;
    const half = (from, to, more) => `<polygon points="${[[from, from], [from, to], [to, to]].map(([x, y]) => `${pairs.X(x)},${pairs.Y(y)}`).join(" ")}" ${more}/>`;
    const windows = Array.from({ length: Math.ceil(STEPS / K) }, (_, n) => half(n * K, Math.min((n + 1) * K, STEPS), 'class="fill-h"')).join("");
    const cuts = Array.from({ length: Math.ceil(STEPS / K) - 1 }, (_, n) => line([[pairs.X((n + 1) * K), pairs.Y((n + 1) * K)], [pairs.X((n + 1) * K), pairs.Y(STEPS)]], 'class="stroke-muted" stroke-dasharray="3 3"')).join("");
    const names = text(pairs.X(13), pairs.Y(5), "filled: kept", 'class="small"') + text(pairs.X(13), pairs.Y(2), "empty: left out", 'class="small"');
    const curves = BATCHES.map((n, which) => error.curve(this.found[n].errors.map((value, k) => [k + 1, value]),
      `class="${String(n) === batch ? "stroke-y" : "stroke-muted"}" ${String(n) === batch ? 'stroke-width="3"' : ""} stroke-dasharray="${["none", "7 3", "2 3"][which]}"`)).join("");
    const bars = byLag.map(([all, kept], lag) => box(lags, lag - 0.35, 0, lag + 0.35, all, 'class="bar"') + box(lags, lag - 0.35, 0, lag + 0.35, kept, 'class="fill-h"')).join("");
    return [pairs.frame + error.frame + half(0, STEPS, 'class="bar"') + names, lags.frame, windows + cuts + curves + circle(error.X(K), error.Y(this.found[batch].errors[K - 1]), 5, 'class="fill-y"') + bars];
  }

  says({ K, batch, errors }) {
    const wrong = (n) => `${round(100 * this.found[n].errors[K - 1], 0)} percent`;
    if (K === STEPS) return "The window holds the whole sequence: nothing is cut, and the gradient is exact.";
    const past = K <= LAG ? ` No path reaches back the ${LAG} steps that the task is about.` : "";
    return `With windows of ${K} the gradient of ${batch === "1" ? "one sequence" : `${batch} sequences`} is off by ${round(100 * errors[K - 1], 0)} percent of its length. For 1, 10 and 100 sequences it is ${wrong(1)}, ${wrong(10)} and ${wrong(100)}: it settles above zero.${past}`;
  }

  table() {
    return { head: ["window", ...BATCHES.map((n) => (n === 1 ? "1 sequence" : `${n} sequences`))], rows: this.found[1].errors.map((_, n) => [n + 1, ...BATCHES.map((batch) => round(this.found[batch].errors[n], 4))]) };
  }
});

// Radius is not norm: the powers of a Jacobian of two units with given eigenvalues and a given angle
// between its eigenvectors, or the product of those of a cell that reads. Chapter short-term-memory.
import { jacobian } from "./lib/gradients.js";
import { SimpleCell } from "./lib/simple.js";
import { generator } from "./lib/random.js";
import { Figure, axes, choice, circle, line, range, round, text } from "./figure.js";

const STEPS = 30, HALF = 15, IDENTITY = [[1, 0], [0, 1]];
const times = (A, B) => A.map((row) => [0, 1].map((k) => row[0] * B[0][k] + row[1] * B[1][k]));

// The largest singular value of a matrix of two rows and columns.
function norm([[a, b], [c, d]]) {
  const squares = a * a + b * b + c * c + d * d, det = a * d - b * c;
  return Math.sqrt((squares + Math.sqrt(Math.max(squares * squares - 4 * det * det, 0))) / 2);
}

customElements.define("rnn-radius", class extends Figure {
  static controls = {
    first: range("first eigenvalue", -1.3, 1.3, 0.01, 0.9),
    second: range("second eigenvalue", -1.3, 1.3, 0.01, 0.6),
    angle: range("angle between the eigenvectors, in degrees", 5, 90, 1, 20, (angle, { J }) => `the norm of one step is ${round(norm(J))}`),
    steps: range("steps k of the ellipse", 0, STEPS, 1, 1, (k, { norms }) => `the longest state has the length ${round(norms[k])}`),
    kind: choice("Jacobian", { same: "the same at every step", driven: "of a cell that reads" }, "same"),
    strength: range("strength of what it reads", 0, 3, 0.05, 1, (_, { kind }) => (kind === "same" ? "not in use" : "")),
  };

  compute({ first, second, angle, steps, kind, strength }) {
    // Eigenvectors (1, 0) and (cos angle, sin angle).
    const slope = Math.cos((angle * Math.PI) / 180) / Math.sin((angle * Math.PI) / 180);
    const J = [[first, (second - first) * slope], [0, second]];
    const next = generator(1), cell = SimpleCell("tanh"), w = { W_x: [[1], [1]], W_y: J, b: [0, 0] };
    let product = IDENTITY, h = [0, 0];
    const products = [product];
    for (let k = 0; k < STEPS; k++) {
      const x = [strength * next(-1, 1)];
      product = times(kind === "same" ? J : jacobian(cell, w, x, [h]), product);
      ({ h } = cell.gates(w, x, [h]));
      products.push(product);
    }
    const norms = products.map(norm), radius = Math.max(Math.abs(first), Math.abs(second));
    return { J, kind, steps, angle, norms, radius, product: products[steps], rate: norms[HALF] && (norms[STEPS] / norms[HALF]) ** (1 / HALF) };
  }

  draw({ kind, steps, angle, norms, radius, product }) {
    const { wide } = this;
    const side = wide ? Math.min(this.width * 0.4, 280) : Math.min(this.width - 50, 280);
    const most = Math.min(Math.max(1.3, norms[steps] * 1.08), 1e4), ticks = [-1, 0, 1].map((sign) => sign * (most > 9 ? 10 ** Math.floor(Math.log10(most)) : Math.floor(most)));
    const plane = axes({ left: 40, top: 24, width: side, height: side }, { x: [-most, most], y: [-most, most], xTicks: ticks, yTicks: ticks, xLabel: "unit 1", yLabel: "unit 2" });
    const left = wide ? side + 104 : 48, top = wide ? 24 : side + 88;
    const plot = axes({ left, top, width: this.width - left - 12, height: wide ? side : 190 },
      { x: [0, STEPS], y: [-4, 2], xTicks: [0, 5, 10, 15, 20, 25, 30], yTicks: [-4, -3, -2, -1, 0, 1, 2], xLabel: "k", yLabel: "norm of k steps, powers of ten", tick: (v) => v });
    this.height = (wide ? side : top + 190 - 24) + 64;
    const round = Array.from({ length: 73 }, (_, k) => [Math.cos((k * Math.PI) / 36), Math.sin((k * Math.PI) / 36)]);
    const at = ([x, y]) => [plane.X(x), plane.Y(y)];
    const ellipse = round.map((v) => product.map((row) => row[0] * v[0] + row[1] * v[1]));
    const turn = (angle * Math.PI) / 180, far = Math.min(most, 1.25);
    const vectors = kind === "same" ? [[far, 0], [far * Math.cos(turn), far * Math.sin(turn)]] : [];
    const arrows = vectors.map((v) => line([at([0, 0]), at(v)], 'class="stroke-c" stroke-width="2" stroke-dasharray="6 3"')).join("");
    const logs = norms.map((value, k) => [k, Math.log10(value)]).filter(([, value]) => value > -4.2 && value < 2.2);
    const straight = Array.from({ length: STEPS + 1 }, (_, k) => [k, k * Math.log10(radius)]).filter(([, value]) => value > -4 && value < 2);
    const here = Math.min(Math.max(Math.log10(norms[steps]), -4), 2);
    const circleOf = line(round.map(at), 'class="stroke-muted" stroke-dasharray="3 3"');
    const names = text(plot.X(STEPS) - 4, plot.Y(1.6), "dashed: radius to the power of k", 'text-anchor="end" class="small"');
    return [plane.frame, plot.frame + names, circleOf + arrows + line(ellipse.map(at), 'class="stroke-h" stroke-width="3"')
      + plot.curve(straight, 'class="stroke-muted" stroke-width="2" stroke-dasharray="6 4"') + plot.curve(logs, 'class="stroke-h" stroke-width="2"')
      + circle(plot.X(steps), plot.Y(here), 5, 'class="fill-h"')];
  }

  says({ kind, norms, radius, rate, J }) {
    if (kind === "driven") {
      const grows = `Over the last ${HALF} steps the norm of the product is multiplied by ${round(rate)} a step`;
      return Math.abs(rate - radius) < 0.015 ? `${grows}, as the radius says.` : `${grows}; the radius would say ${round(radius)}. The slopes of tanh, which change with what is read, count as well.`;
    }
    const highest = Math.max(...norms), hump = norms.indexOf(highest);
    const start = `The radius is ${round(radius)} and the norm of one step ${round(norm(J))}.`;
    if (radius > 1) return `${start} In the long run every further step multiplies the norm by ${round(radius)}: it explodes.`;
    if (highest <= 1) return `${start} No state ever becomes longer.`;
    const end = norms.findLastIndex((value) => value >= 1) + 1;
    return `${start} A state can grow to ${round(highest)} times its length, after ${hump === 1 ? "one step" : `${hump} steps`}. ${end > STEPS ? `After ${STEPS} steps it can still be longer than at first.` : `From lag ${end} on every state is shorter than at first.`}`;
  }

  table({ norms, radius }) {
    return { head: ["k", "norm of k steps", "radius to the power of k"], rows: norms.map((value, k) => [k, round(value, 5), round(radius ** k, 5)]) };
  }
});

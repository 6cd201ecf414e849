// Vectors are arrays of numbers, matrices arrays of rows, weights an object with the names of
// `cell.weights`. The modules of this folder mirror those of `lib`: a cell has `gates`, one step, and
// `back`, one step back as `lib.gradients.backward_step` has it. What they give is compared with
// Python, to 1e-12, whenever the book is tested.

export const each = (f, ...vectors) => vectors[0].map((_, k) => f(...vectors.map((v) => v[k])));
export const add = (...vectors) => each((...values) => values.reduce((a, b) => a + b), ...vectors);
export const mul = (...vectors) => each((...values) => values.reduce((a, b) => a * b), ...vectors);
export const dot = (W, v) => W.map((row) => row.reduce((sum, w, k) => sum + w * v[k], 0));
export const dotT = (W, d) => W[0].map((_, k) => W.reduce((sum, row, n) => sum + row[k] * d[n], 0));
export const outer = (d, x) => d.map((a) => x.map((b) => a * b));

export const logistic = (a) => 1 / (1 + Math.exp(-a));
export const sigmoid = (v) => v.map(logistic);
export const tanh = (v) => v.map(Math.tanh);
export const open = (v) => v.map((a) => a * (1 - a)); // the slope of sigma, from its value
export const steep = (v) => v.map((a) => 1 - a * a); // the slope of tanh, from its value
export const rest = (v) => v.map((a) => 1 - a);

export const activations = {
  identity: { f: (v) => v, slope: (y) => y.map(() => 1) },
  relu: { f: (v) => v.map((a) => Math.max(a, 0)), slope: (y) => y.map((a) => (a > 0 ? 1 : 0)) },
  sigmoid: { f: sigmoid, slope: open },
  tanh: { f: tanh, slope: steep },
};

// W_x x(t) + W_h h(t-1) + b of a layer, and back through it.
export const net = (w, l, x, h, b = w[`b_${l}`]) => add(dot(w[`W_x${l}`], x), dot(w[`W_h${l}`], h), b);
export function layersBack(w, d_a, x, h, d_h_of = d_a) {
  const d_weights = {};
  for (const l in d_a) {
    Object.assign(d_weights, { [`W_x${l}`]: outer(d_a[l], x), [`W_h${l}`]: outer(d_h_of[l], h), [`b_${l}`]: d_a[l] });
  }
  const through = (name, d) => add(...Object.keys(d).map((l) => dotT(w[name + l], d[l])));
  return { d_x: through("W_x", d_a), d_h: through("W_h", d_h_of), d_weights };
}

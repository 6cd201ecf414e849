// The cells of `lib.cells` in JavaScript: one step of each, and one step back, as
// `lib.gradients.backward_step` has it. Vectors are arrays of numbers, matrices arrays of rows, the
// weights an object with the names of `cell.weights`. What they give is compared with Python, to
// 1e-12, whenever the book is tested.

const each = (f, ...vectors) => vectors[0].map((_, k) => f(...vectors.map((v) => v[k])));
const add = (...vectors) => each((...values) => values.reduce((a, b) => a + b), ...vectors);
const mul = (...vectors) => each((...values) => values.reduce((a, b) => a * b), ...vectors);
export const dot = (W, v) => W.map((row) => row.reduce((sum, w, k) => sum + w * v[k], 0));
const dotT = (W, d) => W[0].map((_, k) => W.reduce((sum, row, n) => sum + row[k] * d[n], 0));
const outer = (d, x) => d.map((a) => x.map((b) => a * b));

export const logistic = (a) => 1 / (1 + Math.exp(-a));
const sigmoid = (v) => v.map(logistic);
const tanh = (v) => v.map(Math.tanh);
const open = (v) => v.map((a) => a * (1 - a)); // the slope of sigma, from its value
const steep = (v) => v.map((a) => 1 - a * a); // the slope of tanh, from its value
const rest = (v) => v.map((a) => 1 - a);

export const activations = {
  identity: { f: (v) => v, slope: (y) => y.map(() => 1) },
  relu: { f: (v) => v.map((a) => Math.max(a, 0)), slope: (y) => y.map((a) => (a > 0 ? 1 : 0)) },
  sigmoid: { f: sigmoid, slope: open },
  tanh: { f: tanh, slope: steep },
};

// W_x x(t) + W_h h(t-1) + b of a layer, and back through it.
const net = (w, l, x, h, b = w[`b_${l}`]) => add(dot(w[`W_x${l}`], x), dot(w[`W_h${l}`], h), b);
function layersBack(w, d_a, x, h, d_h_of = d_a) {
  const d_weights = {};
  for (const l in d_a) {
    Object.assign(d_weights, { [`W_x${l}`]: outer(d_a[l], x), [`W_h${l}`]: outer(d_h_of[l], h), [`b_${l}`]: d_a[l] });
  }
  const through = (name, d) => add(...Object.keys(d).map((l) => dotT(w[name + l], d[l])));
  return { d_x: through("W_x", d_a), d_h: through("W_h", d_h_of), d_weights };
}

// Eq. (1). Its activation is `cell.f`.
export const SimpleCell = (f = "tanh") => ({
  states: ["h"],
  size: (w) => w.b.length,
  gates(w, x, [y]) {
    return { h: activations[f].f(add(dot(w.W_x, x), dot(w.W_y, y), w.b)) };
  },
  back(w, x, [y], d_output, [d_y]) {
    const d_a = mul(add(d_output, d_y), activations[f].slope(this.gates(w, x, [y]).h));
    return { d_x: dotT(w.W_x, d_a), d_states: [dotT(w.W_y, d_a)], d_weights: { W_x: outer(d_a, x), W_y: outer(d_a, y), b: d_a } };
  },
});

// Eqs. (2) to (7).
export const LSTMCell = {
  states: ["h", "c"],
  size: (w) => w.b_i.length,
  gates(w, x, [h_before, c_before]) {
    const i = sigmoid(net(w, "i", x, h_before));
    const f = sigmoid(net(w, "f", x, h_before));
    const o = sigmoid(net(w, "o", x, h_before));
    const g = tanh(net(w, "g", x, h_before));
    const c = add(mul(f, c_before), mul(i, g));
    const tanh_c = tanh(c);
    const h = mul(o, tanh_c);
    return { i, f, o, g, c, tanh_c, h };
  },
  back(w, x, [h_before, c_before], d_output, [d_h_after, d_c_after]) {
    const { i, f, o, g, tanh_c } = this.gates(w, x, [h_before, c_before]);
    const d_h = add(d_output, d_h_after);
    const d_c = add(d_c_after, mul(d_h, o, steep(tanh_c)));
    const d_a = { i: mul(d_c, g, open(i)), f: mul(d_c, c_before, open(f)), o: mul(d_h, tanh_c, open(o)), g: mul(d_c, i, steep(g)) };
    const back = layersBack(w, d_a, x, h_before);
    return { d_x: back.d_x, d_states: [back.d_h, mul(d_c, f)], d_weights: back.d_weights };
  },
};

// As the LSTM, but the gates see the cell state too.
export const PeepholeLSTMCell = {
  ...LSTMCell,
  gates(w, x, [h_before, c_before]) {
    const i = sigmoid(add(net(w, "i", x, h_before), mul(w.p_i, c_before)));
    const f = sigmoid(add(net(w, "f", x, h_before), mul(w.p_f, c_before)));
    const g = tanh(net(w, "g", x, h_before));
    const c = add(mul(f, c_before), mul(i, g));
    const o = sigmoid(add(net(w, "o", x, h_before), mul(w.p_o, c)));
    const tanh_c = tanh(c);
    const h = mul(o, tanh_c);
    return { i, f, o, g, c, tanh_c, h };
  },
  back(w, x, [h_before, c_before], d_output, [d_h_after, d_c_after]) {
    const { i, f, o, g, c, tanh_c } = this.gates(w, x, [h_before, c_before]);
    const d_h = add(d_output, d_h_after);
    const d_o = mul(d_h, tanh_c, open(o));
    const d_c = add(d_c_after, mul(d_h, o, steep(tanh_c)), mul(d_o, w.p_o));
    const d_a = { i: mul(d_c, g, open(i)), f: mul(d_c, c_before, open(f)), o: d_o, g: mul(d_c, i, steep(g)) };
    const back = layersBack(w, d_a, x, h_before);
    Object.assign(back.d_weights, { p_i: mul(d_a.i, c_before), p_f: mul(d_a.f, c_before), p_o: mul(d_o, c) });
    return { d_x: back.d_x, d_states: [back.d_h, add(mul(d_c, f), mul(d_a.i, w.p_i), mul(d_a.f, w.p_f))], d_weights: back.d_weights };
  },
};

// Eqs. (8) to (11).
export const GRUCell = {
  states: ["h"],
  size: (w) => w.b_z.length,
  gates(w, x, [h_before]) {
    const z = sigmoid(net(w, "z", x, h_before));
    const r = sigmoid(net(w, "r", x, h_before));
    const g = tanh(net(w, "g", x, mul(r, h_before)));
    const h = add(mul(z, h_before), mul(rest(z), g));
    return { z, r, g, h };
  },
  back(w, x, [h_before], d_output, [d_h_after]) {
    const { z, r, g } = this.gates(w, x, [h_before]);
    const d_h = add(d_output, d_h_after);
    const d_g = mul(d_h, rest(z), steep(g));
    const d_reset = dotT(w.W_hg, d_g);
    const d_a = { z: mul(d_h, each((a, b) => a - b, h_before, g), open(z)), r: mul(d_reset, h_before, open(r)) };
    const back = layersBack(w, d_a, x, h_before);
    Object.assign(back.d_weights, { W_xg: outer(d_g, x), W_hg: outer(d_g, mul(r, h_before)), b_g: d_g });
    return {
      d_x: add(back.d_x, dotT(w.W_xg, d_g)),
      d_states: [add(mul(d_h, z), mul(d_reset, r), back.d_h)],
      d_weights: back.d_weights,
    };
  },
};

// As the GRU, but the reset gate stands outside the product: the form of Keras and PyTorch.
export const ResetAfterGRUCell = {
  states: ["h"],
  size: (w) => w.b_xz.length,
  gates(w, x, [h_before]) {
    const both = (l) => net(w, l, x, h_before, add(w[`b_x${l}`], w[`b_h${l}`]));
    const z = sigmoid(both("z"));
    const r = sigmoid(both("r"));
    const g_h = add(dot(w.W_hg, h_before), w.b_hg);
    const g = tanh(add(dot(w.W_xg, x), w.b_xg, mul(r, g_h)));
    const h = add(mul(z, h_before), mul(rest(z), g));
    return { z, r, g, h };
  },
  back(w, x, [h_before], d_output, [d_h_after]) {
    const { z, r, g } = this.gates(w, x, [h_before]);
    const d_h = add(d_output, d_h_after);
    const d_g = mul(d_h, rest(z), steep(g));
    const d_z = mul(d_h, each((a, b) => a - b, h_before, g), open(z));
    const d_r = mul(d_g, add(dot(w.W_hg, h_before), w.b_hg), open(r));
    const of_h = { z: d_z, r: d_r, g: mul(d_g, r) };
    const back = layersBack(w, { z: d_z, r: d_r, g: d_g }, x, h_before, of_h);
    for (const l in of_h) {
      back.d_weights[`b_x${l}`] = back.d_weights[`b_${l}`];
      back.d_weights[`b_h${l}`] = of_h[l];
      delete back.d_weights[`b_${l}`];
    }
    return { d_x: back.d_x, d_states: [add(mul(d_h, z), back.d_h)], d_weights: back.d_weights };
  },
};

export const zeros = (cell, w) => cell.states.map(() => new Array(cell.size(w)).fill(0));

// The inner values after every step; the states of step t are `cell.states.map((name) => trace[t][name])`.
export function trace(cell, w, inputs, states = zeros(cell, w)) {
  return inputs.map((x) => {
    const values = cell.gates(w, x, states);
    states = cell.states.map((name) => values[name]);
    return values;
  });
}

// (T1) along a sequence: what L changes by per unit of every input and of every state before a step,
// and, summed as (T2) has it, of every weight. `d_outputs` holds dL/dy(t) of every step.
export function bptt(cell, w, inputs, d_outputs, states = zeros(cell, w)) {
  const steps = trace(cell, w, inputs, states);
  const before = (t) => (t ? cell.states.map((name) => steps[t - 1][name]) : states);
  const d_inputs = [], d_before = [], gradient = {};
  let d_states = zeros(cell, w);
  for (let t = inputs.length - 1; t >= 0; t--) {
    const back = cell.back(w, inputs[t], before(t), d_outputs[t], d_states);
    d_states = d_before[t] = back.d_states;
    d_inputs[t] = back.d_x;
    for (const [name, d] of Object.entries(back.d_weights)) {
      const sum = gradient[name];
      gradient[name] = !sum ? d : Array.isArray(d[0]) ? each(add, sum, d) : add(sum, d);
    }
  }
  return { steps, d_inputs, d_before, gradient };
}

// J(t) = ds(t)/ds(t-1), all states in one row: row k says how number k depends on those before.
export function jacobian(cell, w, x, states) {
  const n = cell.size(w), none = new Array(n).fill(0);
  return cell.states.flatMap((_, which) => none.map((_, unit) => {
    const d_states = cell.states.map((_, k) => none.map((_, u) => (k === which && u === unit ? 1 : 0)));
    return cell.back(w, x, states, none, d_states).d_states.flat();
  }));
}

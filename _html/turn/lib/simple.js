import { activations, add, dot, dotT, mul, outer } from "./layers.js";

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

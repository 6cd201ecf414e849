import { add, layersBack, mul, net, open, sigmoid, steep, tanh } from "./layers.js";

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

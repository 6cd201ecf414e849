import { add, dotT, each, layersBack, mul, net, open, outer, rest, sigmoid, steep, tanh } from "./layers.js";

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

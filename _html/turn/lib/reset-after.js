import { add, dot, each, layersBack, mul, net, open, rest, sigmoid, steep, tanh } from "./layers.js";

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

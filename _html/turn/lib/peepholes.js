import { add, layersBack, mul, net, open, sigmoid, steep, tanh } from "./layers.js";
import { LSTMCell } from "./lstm.js";

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

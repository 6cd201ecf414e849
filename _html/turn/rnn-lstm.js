// One step of an LSTM of one unit and one input, eqs. (2) to (7). Chapter lstm.
import { LSTMCell } from "./lib/lstm.js";
import { CellFigure } from "./cell-figure.js";
import { range, round, share } from "./figure.js";

const gate = (letter, verb) => (bias, { named }) => `${verb} ${share(named[letter])}: ${letter}(t) is ${round(named[letter])}`;

customElements.define("rnn-lstm", class extends CellFigure {
  static controls = {
    x: range("input x(t)", -3, 3, 0.05, 0.5),
    h: range("hidden state before, h(t−1)", -1, 1, 0.05, 0.8),
    c: range("cell state before, c(t−1)", -3, 3, 0.05, 1.5),
    b_f: range("bias of the forget gate", -6, 6, 0.1, 0.4, gate("f", "the forget gate keeps")),
    b_i: range("bias of the input gate", -6, 6, 0.1, 0, gate("i", "the input gate lets in")),
    b_o: range("bias of the output gate", -6, 6, 0.1, -0.1, gate("o", "the output gate shows")),
  };

  // The weights are those of the chapter; the biases of the gates are the reader's.
  compute({ x, h, c, ...biases }) {
    const w = { ...this.told.weights };
    for (const [name, value] of Object.entries(biases)) w[name] = [value];
    const found = LSTMCell.gates(w, [x], [[h], [c]]);
    const named = { x, h_before: h, c_before: c };
    for (const [name, [value]] of Object.entries(found)) named[name] = value;
    const shares = Object.fromEntries(["f", "i", "g", "o"].map((l) => [l, { x: w[`W_x${l}`][0][0] * x, h: w[`W_h${l}`][0][0] * h, b: w[`b_${l}`][0] }]));
    return { named, shares, kept: named.f * c, stored: named.i * named.g };
  }

  plan(sheet, { named, shares, kept, stored }, width) {
    const at = (share) => Math.round(width * share);
    const [f, i, g, o] = [0.27, 0.46, 0.64, 0.82].map(at), end = width - 2;
    const road = 46, box = 208, buses = { h: 322, x: 344 };
    // The road of the cell state.
    sheet.wire("c_before", [[2, road], [f - 13, road]], "c", 'stroke-width="3"');
    sheet.wire("c", [[f + 13, road], [g - 13, road]], "c", 'stroke-width="3"');
    sheet.wire("c", [[g + 13, road], [end, road]], "c", 'stroke-width="3"');
    // The buses of state and input, then the layers.
    sheet.wire("h_before", [[2, buses.h], [o, buses.h], [o, buses.h - 4]], "h");
    sheet.wire("x", [[2, buses.x], [o + 18, buses.x], [o + 18, buses.x - 4]], "x");
    for (const [letter, place, words, fill] of [["f", f, "σ", "gate"], ["i", i, "σ", "gate"], ["g", g, "tanh", "layer"], ["o", o, "σ", "gate"]]) {
      sheet.layer(place, box, words, fill, shares[letter], { x: `W_x${letter}`, h: `W_h${letter}`, b: `b_${letter}` }, buses);
    }
    sheet.wire("f", [[f, box], [f, road + 13]]);
    sheet.wire("i", [[i, box], [i, 138], [g - 13, 138]]);
    sheet.wire("g", [[g, box], [g, 151]]);
    sheet.wire("c", [[g, 125], [g, road + 13]], "c");
    sheet.wire("h", [[o, road], [o, 82]], "c");
    sheet.wire("h", [[o, 108], [o, 141]], "c");
    sheet.wire("o", [[o, box], [o, 167]]);
    sheet.wire("h", [[o + 13, 154], [end, 154]], "h");
    sheet.operator(f, road, "×");
    sheet.operator(g, road, "+");
    sheet.operator(g, 138, "×");
    sheet.operator(o, 95, "tanh", 22);
    sheet.operator(o, 154, "×");
    sheet.name(2, road - 24, "c(t−1)", 'text-anchor="start"');
    sheet.name(end, road - 24, "c(t)", 'text-anchor="end"');
    sheet.name(end, 146, "h(t)", 'text-anchor="end"');
    sheet.name(2, buses.h - 24, "h(t−1)", 'text-anchor="start"');
    sheet.name(2, buses.x + 18, "x(t)", 'text-anchor="start"');
    for (const [letter, place] of [["f", f], ["i", i], ["g", g], ["o", o]]) sheet.name(place + 8, box - 8, `${letter}(t)`, 'text-anchor="start"');
    sheet.number(2, road - 8, named.c_before, 'text-anchor="start"');
    sheet.number((f + g) / 2, road - 8, kept);
    sheet.number(end, road - 8, named.c, 'text-anchor="end"');
    sheet.number(f, 130, named.f);
    sheet.number(i, 170, named.i);
    sheet.number(g, 176, named.g);
    sheet.number(g, 92, stored);
    sheet.number(o, 128, named.tanh_c);
    sheet.number(o, 188, named.o);
    sheet.number(end, 172, named.h, 'text-anchor="end"');
    sheet.number(2, buses.h - 8, named.h_before, 'text-anchor="start"');
    sheet.number(34, buses.x + 18, named.x, 'text-anchor="start"');
    return 368;
  }

  says({ named, kept, stored }) {
    return `The forget gate keeps ${share(named.f)} of the old cell state: ${round(kept)}. The input gate adds ${round(stored)}. The unit then holds ${round(named.c)} and shows ${round(named.h)}.`;
  }
});

// One step of a GRU of one unit and one input, eqs. (8) to (11), or with the reset gate behind the
// product. Chapter gru.
import { GRUCell } from "./lib/gru.js";
import { ResetAfterGRUCell } from "./lib/reset-after.js";
import { CellFigure } from "./cell-figure.js";
import { choice, range, round, share } from "./figure.js";

const gate = (letter, verb) => (bias, { named }) => `${verb} ${share(named[letter])}: ${letter}(t) is ${round(named[letter])}`;

customElements.define("rnn-gru", class extends CellFigure {
  static controls = {
    form: choice("reset gate", { before: "before the product, eq. (10)", after: "after the product, as in Keras" }, "before"),
    x: range("input x(t)", -3, 3, 0.05, 0.5),
    h: range("state before, h(t−1)", -1, 1, 0.05, 0.8),
    b_z: range("bias of the update gate", -6, 6, 0.1, 0.5, gate("z", "the update gate keeps")),
    b_r: range("bias of the reset gate", -6, 6, 0.1, 0.3, gate("r", "the reset gate shows the main layer")),
    b_hg: range("bias next to W_hg", -2, 2, 0.05, 0, (value, { form }) => (form === "after" ? "the reset gate multiplies it" : "the reset gate leaves it alone")),
  };

  // The weights are those of the chapter; b_hg is a bias that only one form multiplies with r(t).
  compute({ form, x, h, b_z, b_r, b_hg }) {
    const w = { ...this.told.weights, b_z: [b_z], b_r: [b_r] };
    const b_g = w.b_g[0];
    w.b_g = [b_g + b_hg];
    const both = { ...w, b_xz: [b_z], b_hz: [0], b_xr: [b_r], b_hr: [0], b_xg: [b_g], b_hg: [b_hg] };
    const found = form === "after" ? ResetAfterGRUCell.gates(both, [x], [[h]]) : GRUCell.gates(w, [x], [[h]]);
    const named = { x, h_before: h };
    for (const [name, [value]] of Object.entries(found)) named[name] = value;
    const seen = form === "after" ? named.r * (w.W_hg[0][0] * h + b_hg) : w.W_hg[0][0] * named.r * h;
    const share = (l) => ({ x: w[`W_x${l}`][0][0] * x, h: w[`W_h${l}`][0][0] * h, b: w[`b_${l}`][0] });
    const shares = { z: share("z"), r: share("r"), g: { x: share("g").x, h: seen, b: form === "after" ? b_g : b_g + b_hg } };
    return { form, named, shares, kept: named.z * h, added: (1 - named.z) * named.g };
  }

  plan(sheet, { named, shares, kept, added }, width) {
    const at = (share) => Math.round(width * share);
    const [r, g, z] = [0.22, 0.5, 0.76].map(at), end = width - 2;
    const road = 46, box = 208, buses = { h: 346, x: 368 }, mixed = 322;
    sheet.wire("h_before", [[2, road], [z - 13, road]], "h", 'stroke-width="3"');
    const sum = at(0.89);
    sheet.wire("h", [[z + 13, road], [sum - 13, road]], "h", 'stroke-width="3"');
    sheet.wire("h", [[sum + 13, road], [end, road]], "h", 'stroke-width="3"');
    sheet.wire("h_before", [[2, buses.h], [z, buses.h], [z, buses.h - 4]], "h");
    sheet.wire("x", [[2, buses.x], [z + 18, buses.x], [z + 18, buses.x - 4]], "x");
    const names = (l) => ({ x: `W_x${l}`, h: `W_h${l}`, b: `b_${l}` });
    sheet.layer(r, box, "σ", "gate", shares.r, names("r"), buses);
    sheet.layer(z, box, "σ", "gate", shares.z, names("z"), buses);
    sheet.layer(g, box, "tanh", "layer", shares.g, names("g"), { x: buses.x, h: mixed });
    // What the main layer sees of the state goes through the reset gate.
    const gateAt = Math.round((r + g) / 2);
    sheet.wire("r", [[r, box], [r, 180], [gateAt, 180], [gateAt, mixed - 13]]);
    sheet.wire("h_before", [[gateAt, buses.h], [gateAt, mixed + 13]], "h");
    sheet.wire("W_hg", [[gateAt + 13, mixed], [g - 2, mixed]], "h");
    sheet.operator(gateAt, mixed, "×");
    sheet.wire("g", [[g, box], [g, 130], [sum - 13, 130]]);
    sheet.wire("z", [[z, box], [z, road + 13]]);
    sheet.wire("z", [[z, 170], [sum, 170], [sum, 143]]);
    sheet.wire("h", [[sum, 117], [sum, road + 13]], "h");
    sheet.operator(z, road, "×");
    sheet.operator(sum, road, "+");
    sheet.operator(sum, 130, "×");
    sheet.name(2, road - 24, "h(t−1)", 'text-anchor="start"');
    sheet.name(end, road - 24, "h(t)", 'text-anchor="end"');
    sheet.name(2, buses.x + 18, "x(t)", 'text-anchor="start"');
    sheet.name(2, buses.h - 6, "h(t−1)", 'text-anchor="start"');
    sheet.name(sum - 6, 186, "1 − z(t)", 'text-anchor="middle"');
    for (const [letter, place] of [["r", r], ["g", g], ["z", z]]) sheet.name(place + 8, box - 8, `${letter}(t)`, 'text-anchor="start"');
    sheet.number(2, road - 8, named.h_before, 'text-anchor="start"');
    sheet.number((z + sum) / 2, road - 20, kept);
    sheet.number(end, road - 8, named.h, 'text-anchor="end"');
    sheet.number(gateAt, 250, named.r);
    sheet.number(g, 164, named.g);
    sheet.number(z, 110, named.z);
    sheet.number(sum, 92, added);
    sheet.number(34, buses.x + 18, named.x, 'text-anchor="start"');
    return 392;
  }

  says({ form, named, kept, added }) {
    const reset = form === "after" ? "The reset gate acts on the product and its bias." : "The reset gate acts on the state before the product.";
    return `The update gate keeps ${share(named.z)} of the old state: ${round(kept)}. The candidate adds ${round(added)}, and h(t) is ${round(named.h)}. ${reset}`;
  }
});

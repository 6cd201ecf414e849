// One step of a simple cell of one unit and one input, eq. (1). Chapter perceptron.
import { SimpleCell } from "./lib/simple.js";
import { CellFigure } from "./cell-figure.js";
import { range, round } from "./figure.js";

customElements.define("rnn-simple", class extends CellFigure {
  static controls = {
    x: range("input x(t)", -3, 3, 0.05, 0.5),
    y: range("output before, y(t−1)", -1, 1, 0.05, 0.8),
    W_x: range("weight of the input", -2, 2, 0.05, 1),
    W_y: range("weight of the output before", -2, 2, 0.05, 0.9),
    b: range("bias", -2, 2, 0.05, 0),
  };

  compute({ x, y, W_x, W_y, b }) {
    const found = SimpleCell("tanh").gates({ W_x: [[W_x]], W_y: [[W_y]], b: [b] }, [x], [[y]]);
    return { named: { x, y_before: y, y: found.h[0] }, shares: { x: W_x * x, h: W_y * y, b }, net: W_x * x + W_y * y + b };
  }

  plan(sheet, { named, shares, net }, width) {
    const place = Math.round(width * 0.5), end = width - 2, box = 96, buses = { h: 210, x: 232 };
    sheet.wire("y_before", [[2, buses.h], [place, buses.h], [place, buses.h - 4]], "y");
    sheet.wire("x", [[2, buses.x], [place + 18, buses.x], [place + 18, buses.x - 4]], "x");
    sheet.layer(place, box, "tanh", "layer", shares, { x: "W_x", h: "W_y", b: "b" }, buses);
    sheet.wire("y", [[place, box], [place, 46], [end, 46]], "y", 'stroke-width="3"');
    sheet.name(end, 22, "y(t)", 'text-anchor="end"');
    sheet.name(2, buses.h - 24, "y(t−1)", 'text-anchor="start"');
    sheet.name(2, buses.x + 18, "x(t)", 'text-anchor="start"');
    sheet.number(end, 38, named.y, 'text-anchor="end"');
    sheet.number(2, buses.h - 8, named.y_before, 'text-anchor="start"');
    sheet.number(34, buses.x + 18, named.x, 'text-anchor="start"');
    sheet.name(place + 34, box + 20, `of ${round(net)}`, 'text-anchor="start"');
    return 258;
  }

  says({ named, shares, net }) {
    const most = Math.abs(shares.x) > Math.abs(shares.h) ? "the input" : "the output before";
    return `The unit adds its shares to ${round(net)} and answers ${round(named.y)}. The larger share comes from ${most}.`;
  }
});

// One step of a cell with a number on every wire. A wire carries a symbol of the equations, by which
// it lights up together with them and with the listing (symbols.js).
import { Figure, line, round, text } from "./figure.js";

const HEADS = { up: [[-4, 8], [4, 8]], down: [[-4, -8], [4, -8]], right: [[-8, -4], [-8, 4]], left: [[8, -4], [8, 4]] };
const NAMES = { before: "t−1" };

// "h_before" is h(t−1), "W_xf" is W_xf, "f" is f(t).
export function spoken(symbol) {
  if (/^[Wbp](_|$)/.test(symbol)) return symbol.replace("_", " ");
  const [letter, when] = symbol.split("_");
  return `${letter}(${NAMES[when] ?? "t"})`;
}

// What a cell is drawn on: wires and boxes, which never change, and the numbers.
export class Sheet {
  lines = "";
  numbers = "";

  // A wire along points, with an arrow at its end; `role` is its colour.
  wire(symbol, points, role = "ink", more = "") {
    const [[x0, y0], [x, y]] = points.slice(-2);
    const way = Math.abs(x - x0) > Math.abs(y - y0) ? (x > x0 ? "right" : "left") : y > y0 ? "down" : "up";
    const head = `<polygon class="fill-${role}" points="${[[0, 0], ...HEADS[way]].map(([a, b]) => `${x + a},${y + b}`).join(" ")}"/>`;
    const first = this.lines.includes("data-symbol") ? -1 : 0;
    this.lines += `<g class="wire" data-symbol="${symbol}" tabindex="${first}" role="img" aria-label="${spoken(symbol)}">${line(points, 'class="hit"')}${line(points, `class="stroke-${role}" ${more}`)}${head}</g>`;
  }

  number(x, y, value, more = 'text-anchor="middle"') {
    this.numbers += text(x, y, round(value), `class="small number" ${more}`);
  }

  name(x, y, words, more = 'text-anchor="middle"') {
    this.lines += text(x, y, words, `class="small" ${more}`);
  }

  box(x, y, words, fill) {
    this.lines += `<rect x="${x - 25}" y="${y}" width="50" height="30" class="box fill-${fill}"/>${text(x, y + 20, words, 'text-anchor="middle" class="on-fill"')}`;
  }

  operator(x, y, words, radius = 12) {
    this.lines += `<ellipse cx="${x}" cy="${y}" rx="${radius}" ry="12" class="box fill-sheet"/>${text(x, y + 5, words, 'text-anchor="middle"')}`;
  }

  // A layer under which its three shares come in: bias, state, input. `parts` are their values, `names`
  // their symbols, `buses` the heights of the wires of state and input.
  layer(x, y, words, fill, { b, h, x: share }, names, buses) {
    this.wire(names.x, [[x + 18, buses.x], [x + 18, y + 32]], "x");
    this.wire(names.h, [[x, buses.h], [x, y + 32]], "h");
    this.wire(names.b, [[x - 18, y + 62], [x - 18, y + 32]], "muted");
    this.box(x, y, words, fill);
    this.number(x - 18, y + 74, b);
    this.number(x, y + 92, h);
    this.number(x + 18, y + 110, share);
  }
}

export class CellFigure extends Figure {
  // Symbols in the page that belong to this cell have the same name.
  build() {
    super.build();
    this.svg.dataset.of = this.localName.slice(4);
    this.svg.setAttribute("role", "group");
  }

  draw(values) {
    const sheet = new Sheet();
    this.height = this.plan(sheet, values, this.width);
    return [sheet.lines, sheet.numbers];
  }

  table({ named }) {
    return { head: ["symbol", "value"], rows: Object.entries(named).map(([name, value]) => [spoken(name), round(value, 4)]) };
  }
}

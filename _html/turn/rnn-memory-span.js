// How far each cell remembers, from the committed sweep: task, start, and the rates that were tried.
// Chapter memory-measured.
import { Figure, axes, choice, circle, line, round, text } from "./figure.js";

const ROLES = ["x", "y", "h", "c"], LECTURE = 10;

customElements.define("rnn-memory-span", class extends Figure {
  static controls = {
    task: choice("task", { recall: "recall", adding: "adding", copying: "copying" }, "recall"),
    start: choice("start of the weights", { Keras: "as Keras", PyTorch: "as PyTorch", open: "as Keras, gate wide open" }, "Keras"),
    view: choice("show", {
      cells: "all cells, each at its best rate",
      simple: "the simple cell, by rate",
      LSTM: "the LSTM, by rate",
      GRU: "the GRU, by rate",
      "GRU, reset after": "the GRU with reset after, by rate",
    }, "cells"),
    lag: choice("steps to remember", Object.fromEntries([5, 10, 20, 40, 80, 160].map((n) => [n, String(n)])), "10"),
  };

  // The table holds, for every seed, the place of its longest lag in the list of lags, 0 for none.
  compute({ task, start, view, lag }) {
    const { lags, cells, reported, tuning } = this.told;
    const learned = (digits) => [...digits].map((digit) => (digit === "0" ? 0 : lags[digit - 1]));
    const found = view === "cells"
      ? cells.map((cell) => [cell, reported[task][start][cell]])
      : Object.entries(tuning[task][start][view] ?? {});
    const groups = found.filter(([, digits]) => digits).map(([name, digits]) => {
      const spans = learned(digits).sort((a, b) => a - b), half = spans.length / 2;
      return { name, spans, median: (spans[Math.ceil(half) - 1] + spans[Math.floor(half)]) / 2, reached: spans.filter((span) => span >= lag).length };
    });
    return { task, view, lag: Number(lag), groups, medians: groups.map((it) => it.median), reached: groups.map((it) => it.reached) };
  }

  draw({ groups, lag, view }) {
    const { lags } = this.told, most = lags.at(-1);
    const place = (span) => (span ? Math.log2(span / lags[0]) + 1 : 0);
    const left = 52, plot = axes({ left, top: 26, width: this.width - left - 12, height: 230 },
      { x: [-0.5, Math.max(groups.length, 1) - 0.5], y: [-0.4, lags.length + 0.3], xTicks: [], yTicks: [0, ...lags.map((_, k) => k + 1)], yLabel: "longest lag learned, in steps", tick: (k) => (k ? lags[k - 1] + (lags[k - 1] === most ? "+" : "") : "none") });
    this.height = 316;
    const across = (value, more) => plot.curve([[-0.5, value], [groups.length - 0.5, value]], more);
    const lines = across(place(LECTURE), 'class="stroke-muted" stroke-dasharray="2 4" stroke-width="2"') + text(plot.X(-0.5) + 4, plot.Y(place(LECTURE)) + 15, "the lecture's 10", 'class="small quiet"')
      + across(place(lag), 'class="stroke-ink" stroke-width="2"');
    const short = this.wide ? (name) => name : (name) => name.replace(", reset after", "*");
    const names = groups.map(({ name, spans, reached }, k) => text(plot.X(k), 278, view === "cells" ? short(name) : `rate ${name}`, 'text-anchor="middle" class="small"')
      + text(plot.X(k), 296, `${reached} of ${spans.length}`, 'text-anchor="middle" class="small"')).join("") + text(2, 296, "reach it", 'class="small quiet"');
    const dots = groups.map(({ spans, median }, k) => {
      const same = {};
      return spans.map((span) => {
        const nth = (same[span] = (same[span] ?? -1) + 1), count = spans.filter((it) => it === span).length;
        return circle(plot.X(k + (nth - (count - 1) / 2) * Math.min(0.075, 0.8 / spans.length)), plot.Y(place(span)), 4, `class="fill-${ROLES[k % 4]}" fill-opacity="${span >= lag ? 1 : 0.35}"`);
      }).join("") + line([[plot.X(k - 0.36), plot.Y(place(median))], [plot.X(k + 0.36), plot.Y(place(median))]], `class="stroke-${ROLES[k % 4]}" stroke-width="3"`);
    }).join("");
    return [plot.frame, names, lines + dots];
  }

  says({ task, view, groups, lag }) {
    if (!groups.length) return "A simple cell has no gate to open: choose another start.";
    const most = this.told.lags.at(-1);
    const end = lag === most ? ` No longer lag was tried: ${most} stands for that or more.` : "";
    const spell = (name) => ({ simple: "the simple cell", "GRU, reset after": "the GRU with reset after" })[name] ?? `the ${name}`;
    const named = (some) => some.map(({ name }) => (view === "cells" ? spell(name) : `rate ${name}`)).join(", ").replace(/, ([^,]*)$/, some.length > 1 ? " and $1" : ", $1");
    const [yes, no] = [groups.filter((it) => 2 * it.reached >= it.spans.length), groups.filter((it) => 2 * it.reached < it.spans.length)];
    const limit = view === "cells" ? "" : " Rates were tried with three seeds, up to a lag of 40.";
    if (!yes.length) return `On ${task}, from this start, none of them learns a lag of ${lag} in at least half of its seeds.${limit}`;
    if (!no.length) return `On ${task}, from this start, all of them learn a lag of ${lag} in at least half of their seeds.${end}${limit}`;
    return `On ${task}, from this start, ${named(yes)} ${yes.length > 1 ? "learn" : "learns"} a lag of ${lag} in at least half of the seeds; ${named(no)} ${no.length > 1 ? "do" : "does"} not.${end}${limit}`;
  }

  table({ groups, view, lag }) {
    return { head: [view === "cells" ? "cell" : "rate", "median", "least", "most", `seeds that reach ${lag}`], rows: groups.map(({ name, spans, median, reached }) => [name, round(median, 0), spans[0], spans.at(-1), `${reached} of ${spans.length}`]) };
  }
});

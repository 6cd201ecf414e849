import { add, each } from "./layers.js";
import { trace, zeros } from "./unrolling.js";

// (T1) along a sequence: what L changes by per unit of every input and of every state before a step,
// and, summed as (T2) has it, of every weight. `d_outputs` holds dL/dy(t) of every step.
export function bptt(cell, w, inputs, d_outputs, states = zeros(cell, w)) {
  const steps = trace(cell, w, inputs, states);
  const before = (t) => (t ? cell.states.map((name) => steps[t - 1][name]) : states);
  const d_inputs = [], d_before = [], gradient = {};
  let d_states = zeros(cell, w);
  for (let t = inputs.length - 1; t >= 0; t--) {
    const back = cell.back(w, inputs[t], before(t), d_outputs[t], d_states);
    d_states = d_before[t] = back.d_states;
    d_inputs[t] = back.d_x;
    for (const [name, d] of Object.entries(back.d_weights)) {
      const sum = gradient[name];
      gradient[name] = !sum ? d : Array.isArray(d[0]) ? each(add, sum, d) : add(sum, d);
    }
  }
  return { steps, d_inputs, d_before, gradient };
}

// J(t) = ds(t)/ds(t-1), all states in one row: row k says how number k depends on those before.
export function jacobian(cell, w, x, states) {
  const n = cell.size(w), none = new Array(n).fill(0);
  return cell.states.flatMap((_, which) => none.map((_, unit) => {
    const d_states = cell.states.map((_, k) => none.map((_, u) => (k === which && u === unit ? 1 : 0)));
    return cell.back(w, x, states, none, d_states).d_states.flat();
  }));
}

// One step of a cell after the other.

export const zeros = (cell, w) => cell.states.map(() => new Array(cell.size(w)).fill(0));

// The inner values after every step; the states of step t are `cell.states.map((name) => trace[t][name])`.
export function trace(cell, w, inputs, states = zeros(cell, w)) {
  return inputs.map((x) => {
    const values = cell.gates(w, x, states);
    states = cell.states.map((name) => values[name]);
    return values;
  });
}

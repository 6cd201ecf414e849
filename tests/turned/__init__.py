"""What the figures that one can turn ought to compute, a module each, from `lib`.

STATES    values for the controls, large and small, among them those where something changes
expected  {name: number or array} that the figure's `compute` should give in a state
"""

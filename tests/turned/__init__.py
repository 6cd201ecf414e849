"""What the figures that one can turn ought to compute, a module each, from `lib`.

STATES    values for the controls, large and small, among them those where something changes
expected  {name: number or array} that the figure's `compute` should give in a state
"""


def of_one_unit(layers):
    """Weights of a gated cell with one unit and one input, from {layer: (W_x, W_h, b)}."""
    weights = {}
    for layer, (W_x, W_h, b) in layers.items():
        weights |= {f"W_x{layer}": [[W_x]], f"W_h{layer}": [[W_h]], f"b_{layer}": [b]}
    return weights

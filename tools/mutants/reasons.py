"""Why the tests do not notice what they do not notice.

{(module, what stood there, what stands there now): reason}, as result.json has them.
"""

_SAME_SHAPE = "Both states have this shape."
_ORDER = "A product does not depend on the order, nor does a common type."
_ASSERTS = "`strict` asserts what a line above has made sure of."
_COPY = "A copy has the same numbers."

# These compute the same: nothing could notice them.
EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "lib/cells/compose.py",
        "dtype = np.result_type(W, b)",
        "dtype = np.result_type( b,W)",
    ): _ORDER,
    (
        "lib/conventions/onnx.py",
        "units = cells[0].output_size",
        "units = cells[ -1].output_size",
    ): "The next line refuses directions of two sizes, whichever is compared with the other.",
    (
        "lib/conventions/orders.py",
        "return dict(zip(names, blocks, strict=True))",
        "return dict(zip(names, blocks, strict=False))",
    ): _ASSERTS,
    (
        "lib/data/tasks.py",
        "np.where(store, np.arange(steps), 0), axis=1",
        "np.where(store, np.arange(steps), -1), axis=1",
    ): "Every sequence stores at its first step, so that the latest store is never before it.",
    (
        "lib/data/tasks.py",
        "rows, half = np.arange(sequences), steps // 2",
        "rows, half = np.arange(sequences), steps / 2",
    ): "NumPy's generator rounds the ends of its range down by itself.",
    (
        "lib/gradients/fast.py",
        "np.multiply(Z[t], h, out=H[t + 1])",
        "np.multiply( h,Z[t], out=H[t + 1])",
    ): _ORDER,
    (
        "lib/gradients/fast.py",
        "d_c += np.multiply(p[0], i, out=product)",
        "d_c += np.multiply( i,p[0], out=product)",
    ): _ORDER,
    (
        "lib/gradients/fast.py",
        'names = (("", "", ""),) * 3 # z, r, n; see pack',
        'names = (("", "", ""),) * 4 # z, r, n; see pack',
    ): "This form packs its layers itself and gives their number; nobody asks for their names.",
    (
        "lib/gradients/fast.py",
        "self.G = self.empty(len(X), *H[0].shape)",
        "self.G = self.empty(len(X), *H[ -1].shape)",
    ): _SAME_SHAPE,
    (
        "lib/gradients/fast.py",
        "for d, (W_h, W_x, b) in zip(d_W, names, strict=True):",
        "for d, (W_h, W_x, b) in zip(d_W, names, strict=False):",
    ): _ASSERTS,
    (
        "lib/gradients/through_time.py",
        "inputs = inputs.astype(dtype, copy=False)",
        "inputs = inputs.astype(dtype, copy=True)",
    ): _COPY,
    (
        "lib/training.py",
        'examples["inputs"] = inputs.astype(dtype, copy=False)',
        'examples["inputs"] = inputs.astype(dtype, copy=True)',
    ): _COPY,
}
# These do not, and yet are left.
REASONS: dict[tuple[str, str, str], str] = {
    (
        "lib/gradients/fast.py",
        "_MOST_LEFT = 2**26 # bytes",
        "_MOST_LEFT = 2** 27 # bytes",
    ): "A limit of the memory that is kept from call to call; it changes no result.",
}

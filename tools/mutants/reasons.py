"""Why the tests do not notice what they do not notice.

{(module, what stood there, what stands there now): reason}, as result.json has them.
"""

# These compute the same: nothing could notice them.
EQUIVALENT: dict[tuple[str, str, str], str] = {}
# These do not, and yet are left.
REASONS: dict[tuple[str, str, str], str] = {}

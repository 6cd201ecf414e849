"""What each figure to turn weighs, takes and errs, on the built site.

    python -m benchmarks.bench_turn

Bytes as they are served, with the scripts that figures share and the data in the page; milliseconds
an event, drawing included, the processor six times slower, the slowest control of each: median and
95th percentile; six times the processor time that an event takes without that; the largest relative
difference to the library; what axe finds at 320 px and wide, in both themes; how many controls a
key moves.
"""

import numpy as np

from tests.test_browser import launched, served, set_to
from tests.test_turn import NAMES
from tests.test_turn_browser import OPTIONS, Turned


def measured(tab, name: str) -> tuple:
    """The figures of one figure."""
    figure = Turned(tab, served(), name)
    events = figure.events().values()
    slowest = max(events, key=np.median)
    found = []
    for width in (1280, 320):
        for theme in ("light", "dark"):
            set_to(tab, width, theme)
            found += figure.violations(OPTIONS)
    middle, high = np.median(slowest), np.quantile(slowest, 0.95)
    own = 6 * max(figure.work().values())
    return figure.bytes(), middle, high, own, figure.error(), len(found), figure.move_all()


def main() -> None:
    print("| figure | bytes | ms an event | 95 % | 6 x own | error | axe | controls |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in NAMES:
        context = launched().new_context(viewport={"width": 1280, "height": 900})
        row = "| {} | {:,} | {:.1f} | {:.1f} | {:.1f} | {:.1g} | {} | {} |"
        print(row.format(name, *measured(context.new_page(), name)))
        context.close()


if __name__ == "__main__":
    main()

"""Cut a font to the characters that pages use."""

import logging

from fontTools import subset
from fontTools.ttLib import TTFont

# Every table that is cut is news to it; Jupyter Book prints what is news.
logging.getLogger("fontTools").setLevel(logging.WARNING)

# Forms for scripts, for primes, for dotless letters and for flat accents: what formulas ask for.
FEATURES = ["ssty", "ss04", "dtls", "flac"]


def cut(source, characters, target, change=lambda font: None):
    """Write to `target` a WOFF2 font with these characters of the font in the file `source`.

    Shapes that a character turns into, such as the taller forms of a bracket, stay with it;
    `change` may alter the font before it is written. The same characters give the same bytes.
    Raises ValueError for characters that the font does not have.
    """
    options = subset.Options(
        flavor="woff2", hinting=False, layout_features=FEATURES, notdef_outline=True
    )
    options.name_IDs = [*range(7), 13, 14]  # with the licence
    options.recalc_timestamp = False
    font = subset.load_font(source, options)
    missing = sorted(set(map(ord, characters)) - set(font.getBestCmap()))
    if missing:
        shown = " ".join(f"{chr(code)!r} (U+{code:04X})" for code in missing)
        raise ValueError(f"the font {source.name} lacks {shown}")
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(characters))
    cutter.subset(font)
    change(font)
    target.parent.mkdir(parents=True, exist_ok=True)
    subset.save_font(font, target, options)


def cut_known(source, characters, target):
    """As `cut`, but leave out characters that the font lacks; tell whether it has any."""
    with TTFont(source) as font:
        known = [sign for sign in characters if ord(sign) in font.getBestCmap()]
    if known:
        cut(source, sorted(known), target)
    return bool(known)

"""The settings of the slides: one reveal.js deck a chapter, from what the built book holds."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "_ext")]

project = "Recurrent Neural Networks, Unrolled"
language = "en"
root_doc = "perceptron"
exclude_patterns = ["_static", "_templates"]
nitpicky = True
suppress_warnings = ["myst.footnote"]  # MyST knows only its own, not those of {footcite}
myst_footnote_transition = False

extensions = [
    "myst_parser",
    "sphinx_revealjs",
    "sphinxcontrib.bibtex",
    "about_page",
    "accessible",
    "alt_text",
    "from_book",
    "mathematics",
    "pages",
    "slide_deck",
    "turn",
]
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "dollarmath"]

site_folder = "slides/"
book_doctrees = str(ROOT / "_build" / ".doctrees" / "chapters")
drawn_figures = str(ROOT / "_build" / "slide_figures")
bibtex_bibfiles = ["../chapters/references.bib"]
bibtex_reference_style = "author_year"
templates_path = ["_templates"]

revealjs_html_theme = "revealjs-simple"
revealjs_static_path = ["_static", "../_static"]
revealjs_style_theme = "slides.css"
revealjs_use_section_ids = True
html_favicon = "../_static/favicon.svg"
html_copy_source = False
revealjs_script_conf = {
    "width": 1280,
    "height": 720,
    "margin": 0,
    "center": False,
    "hash": True,
    "slideNumber": "c/t",
    "transition": "none",
    "pdfSeparateFragments": False,
    "pdfMaxPagesPerSlide": 1,
}
# What reveal.js writes into a deck that is printed.
policy_styles = [
    "@page{size:1280px 720px; margin: 0px;}",
    ".reveal section>img, .reveal section>video, .reveal section>iframe"
    "{max-width: 1280px; max-height:720px}",
]
revealjs_script_plugins = [
    {"name": "SpeakerNotes", "src": "notes.js"},
    {"name": "RevealZoom", "src": "revealjs/plugin/zoom/zoom.js"},
]
revealjs_js_files = ["theme.js", "slides.js"]
revealjs_css_files = ["math.css"]
